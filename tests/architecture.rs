//! The house as it is drawn: imports point down, rows are reached through one door, and only one place
//! knows which database it speaks to. Sources are read as text.

use std::path::{Path, PathBuf};

/// A source file, without its comments.
struct Source {
    /// Below the folder that was asked for, with slashes.
    path: String,
    code: String,
    lines: usize,
}

/// What the module of a floor may import of ours.
const FLOORS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("event", &[]),
    ("store", &["store"]),
    ("rules", &["rules"]),
    ("wire", &["wire", "rules"]),
    ("access", &["access", "store"]),
    ("history", &["history", "access", "store", "rules"]),
    ("feed", &["feed", "access", "store", "event", "clock"]),
    ("service", &["service", "history", "access", "store", "event", "rules", "clock"]),
    (
        "graphql",
        &["graphql", "service", "feed", "history", "access", "store", "event", "rules", "wire", "clock"],
    ),
    ("http", &["http", "app", "graphql", "feed", "access", "store", "wire", "clock"]),
    ("housekeeping", &["feed", "service", "store", "clock"]),
    ("app", &["http", "graphql", "feed", "access", "store", "clock"]),
    ("demo", &["demo", "rules", "store", "clock"]),
    ("config", &["config", "http", "store"]),
    ("cli", &["cli", "config", "app", "http", "graphql", "housekeeping", "access", "store", "clock", "demo"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    assert!(!sources.is_empty(), "nothing in {folder}");
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    for path in entries {
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(read(root, &path));
        }
    }
}

fn read(root: &Path, path: &PathBuf) -> Source {
    let text = std::fs::read_to_string(path).expect("a text");
    let code =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let path = path.strip_prefix(root).expect("below").components();
    let path: Vec<_> = path.map(|part| part.as_os_str().to_string_lossy()).collect();
    Source { path: path.join("/"), code, lines: text.lines().count() }
}

impl Source {
    /// `graphql` for `graphql/goal.rs`, `cli` for `cli.rs`.
    fn floor(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The modules at the top of the crate that are named, by path or in a list.
    fn imports(&self) -> Vec<String> {
        let named = self.code.split("crate::").skip(1).flat_map(|rest| match rest.strip_prefix('{') {
            None => vec![word(rest)],
            Some(list) => heads(list),
        });
        named.filter(|name| !name.is_empty()).collect()
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The first words of the items of a list, up to its end.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut heads, mut item) = (0, vec![], String::new());
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(word(std::mem::take(&mut item).trim_start())),
            _ => {}
        }
        if depth > 0 || letter != ',' {
            item.push(letter);
        }
    }
    heads.push(word(item.trim_start()));
    heads
}

/// Macros of ours live at the top of the crate under their own names.
fn is_module(name: &str) -> bool {
    FLOORS.iter().any(|(floor, _)| *floor == name)
}

#[test]
fn imports_are_read_out_of_every_form() {
    let code = "use crate::{access, store::{Store, page::Slice}, clock::Clock};\nuse crate::demo;\n\
                fn f() { crate::graphql::sdl() }"
        .to_owned();
    let source = Source { path: "cli/serve.rs".to_owned(), code, lines: 3 };
    assert_eq!(source.floor(), "cli");
    assert_eq!(source.imports(), ["access", "store", "clock", "demo", "graphql"]);
}

#[test]
fn imports_point_down() {
    for source in sources("server/src") {
        let (_, allowed) = FLOORS
            .iter()
            .find(|(floor, _)| *floor == source.floor())
            .unwrap_or_else(|| panic!("{} stands on no floor that is known here", source.path));
        let up: Vec<String> = source
            .imports()
            .into_iter()
            .filter(|name| is_module(name) && !allowed.contains(&name.as_str()))
            .collect();
        assert!(up.is_empty(), "{} imports {up:?}", source.path);
    }
}

#[test]
fn what_is_done_known_and_stored_knows_nothing_of_graphql_or_http() {
    let floors = ["service", "history", "rules", "store", "access"];
    for source in sources("server/src").iter().filter(|it| floors.contains(&it.floor())) {
        for foreign in ["async_graphql", "axum"] {
            assert!(!source.code.contains(foreign), "{} names {foreign}", source.path);
        }
    }
}

#[test]
fn what_is_stored_knows_nothing_of_how_it_is_asked_for() {
    for source in sources("entity/src") {
        for foreign in ["async_graphql", "axum", "server::", "migration::"] {
            assert!(!source.code.contains(foreign), "{} names {foreign}", source.path);
        }
    }
    assert_independent("entity", &["async-graphql", "axum", "server", "migration"]);
}

#[test]
fn the_steps_depend_on_nothing_of_ours() {
    for source in sources("migration/src") {
        for foreign in ["entity::", "server::"] {
            assert!(!source.code.contains(&format!("use {foreign}")), "{} names {foreign}", source.path);
        }
    }
    assert_independent("migration", &["entity", "server"]);
}

fn assert_independent(member: &str, others: &[&str]) {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(member).join("Cargo.toml");
    let text = std::fs::read_to_string(manifest).expect("a manifest");
    let needs = |other: &&&str| {
        let starts = [format!("{other} "), format!("{other}."), format!("{other}=")];
        text.lines().any(|line| starts.iter().any(|start| line.starts_with(start)))
    };
    assert_eq!(others.iter().find(needs), None, "{member} depends on it");
}

/// Besides the policy: the table of answers to repeat, whose rows are a viewer's own by their key.
const OTHER_DOORS: &[(&str, &str)] = &[("service/request.rs", "Entity::find_by_id((user, ")];

#[test]
fn rows_are_reached_through_one_door() {
    for source in sources("server/src").iter().filter(|source| source.floor() != "access") {
        let known =
            |line: &str| OTHER_DOORS.iter().any(|(path, it)| source.path == *path && line.contains(it));
        for line in source.code.lines().filter(|line| !known(line)) {
            for call in ["Entity::find(", "Entity::find_by_id(", "E::find(", "C::find(", "::find_by_id("] {
                assert!(!line.contains(call), "{}: {line}", source.path);
            }
        }
    }
}

#[test]
fn only_the_store_knows_which_database_it_speaks_to() {
    let in_server = sources("server/src").into_iter().filter(|source| source.floor() != "store");
    let in_entity = sources("entity/src").into_iter();
    let in_entity =
        in_entity.filter(|source| !["weekdays.rs", "reminder.rs"].contains(&source.path.as_str()));
    for source in in_server.chain(in_entity) {
        for word in ["DbBackend::", "DatabaseBackend::"] {
            assert!(!source.code.contains(word), "{} names {word}", source.path);
        }
    }
}

#[test]
fn no_file_is_longer_than_a_few_screens() {
    for folder in ["server/src", "entity/src", "migration/src"] {
        let long = sources(folder).into_iter().filter(|source| source.lines > 400);
        let long: Vec<String> = long.map(|it| format!("{}: {} lines", it.path, it.lines)).collect();
        assert_eq!(long, Vec::<String>::new());
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for folder in ["server/src", "entity/src", "migration/src"] {
        for source in sources(folder) {
            assert!(!source.code.contains("allow("), "{} allows a lint", source.path);
            for expected in source.code.split("#[expect(").skip(1) {
                let attribute = expected.split(")]").next().unwrap_or_default();
                assert!(attribute.contains("reason = \""), "{}: {attribute}", source.path);
            }
        }
    }
}

/// A file that no module names is not even compiled, and nobody would miss it.
#[test]
fn every_file_of_tests_is_run() {
    let sources = sources("tests");
    let main = sources.iter().find(|source| source.path == "main.rs").expect("main.rs");
    for file in sources.iter().filter(|source| source.path != "main.rs") {
        let name = file.path.strip_suffix(".rs").filter(|name| !name.contains('/'));
        let run = name.is_none_or(|name| main.code.contains(&format!("mod {name};")));
        assert!(run, "main.rs does not name {}", file.path);
    }
}
