//! The house as it is drawn: imports point down, rows are reached through one door, and only one place
//! knows which database it speaks to. Sources are read as text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A source file, without its comments.
struct Source {
    /// Below the folder that was asked for, with slashes.
    path: String,
    code: String,
    lines: usize,
}

/// The floors, lowest first: a module imports only of floors below its own, and of its own.
const FLOORS: &[&[&str]] = &[
    &["panics"],
    &["clock"],
    &["event"],
    &["rules"],
    &["store"],
    &["wire"],
    &["agenda"],
    &["access"],
    &["history"],
    &["feed"],
    &["outbound"],
    &["service"],
    &["scheduler"],
    &["graphql"],
    // What a server is made of is also the state of its routes.
    &["http", "app"],
    &["demo"],
    &["config"],
    &["cli"],
    &["main"],
    &["lib"],
];

/// Modules that may import each other in a circle.
const CIRCLES: &[(&str, &[&str])] = &[
    // The graph leads from each noun to each other, and a figure is shown of a goal.
    (
        "graphql",
        &[
            "aim",
            "assessment",
            "figure",
            "goal",
            "interpretation",
            "milestone",
            "person",
            "progress",
            "reminder",
            "session",
            "snapshot",
            "tracking",
        ],
    ),
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

    /// `goal` for `graphql/goal.rs`, `input` for all below `graphql/input`; nothing for a `mod.rs` or tests.
    fn module(&self) -> Option<String> {
        let second = self.path.split('/').nth(1)?;
        let name = second.strip_suffix(".rs").unwrap_or(second);
        (!["mod", "tests"].contains(&name)).then(|| name.to_owned())
    }

    /// What is named by a path that leads to this floor.
    fn siblings(&self) -> Vec<String> {
        let deep = self.path.split('/').count() - 2;
        let up = if self.path.ends_with("/mod.rs") { deep } else { deep + 1 };
        let here = format!("crate::{}::", self.floor());
        after(&self.code, &here).into_iter().chain(after_supers(&self.code, up)).collect()
    }

    /// The modules at the top of the crate that are named, by path or in a list.
    fn imports(&self) -> Vec<String> {
        after(&self.code, "crate::")
    }
}

/// The words after each place where a path begins so, alone or in a list.
fn after(code: &str, prefix: &str) -> Vec<String> {
    let named = code.split(prefix).skip(1).flat_map(|rest| match rest.strip_prefix('{') {
        None => vec![word(rest)],
        Some(list) => heads(list),
    });
    named.filter(|name| !name.is_empty()).collect()
}

/// The words after `super::` as often as that, and not more often.
fn after_supers(code: &str, times: usize) -> Vec<String> {
    let named = after(code, &"super::".repeat(times));
    named.into_iter().filter(|name| name != "super").collect()
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

fn height(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Macros of ours live at the top of the crate under their own names.
fn is_module(name: &str) -> bool {
    height(name).is_some()
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
        let own = height(source.floor());
        assert!(own.is_some(), "{} stands on no floor that is known here", source.path);
        let imports = source.imports().into_iter().filter(|name| is_module(name));
        let up: Vec<String> = imports.filter(|name| height(name) > own).collect();
        assert!(up.is_empty(), "{} imports {up:?}", source.path);
    }
}

/// Which modules of a floor each module of it names.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The imports inside of each floor that has more than one module, without what stands in its `mod.rs`.
fn inside_floors(sources: &[Source]) -> BTreeMap<String, Imports> {
    let mut floors: BTreeMap<String, Imports> = BTreeMap::new();
    for source in sources {
        let Some(module) = source.module() else { continue };
        let imports = floors.entry(source.floor().to_owned()).or_default().entry(module).or_default();
        imports.extend(source.siblings());
    }
    for imports in floors.values_mut() {
        let known: BTreeSet<String> = imports.keys().cloned().collect();
        for (own, named) in imports.iter_mut() {
            named.retain(|name| name != own && known.contains(name));
        }
    }
    floors
}

/// All that a module names, directly or by way of others.
fn reached<'a>(imports: &'a Imports, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        let new = imports[module].iter().filter(|name| reached.insert(name.as_str()));
        open.extend(new.map(String::as_str).collect::<Vec<_>>());
    }
    reached
}

/// Pairs of modules that reach each other and may not.
fn circles(floor: &str, imports: &Imports) -> Vec<String> {
    let may = |one: &str, other: &str| {
        let both =
            |(of, names): &(&str, &[&str])| *of == floor && names.contains(&one) && names.contains(&other);
        CIRCLES.iter().any(both)
    };
    let mut found = Vec::new();
    for one in imports.keys() {
        for other in reached(imports, one).into_iter().filter(|other| one.as_str() < *other) {
            if reached(imports, other).contains(one.as_str()) && !may(one, other) {
                found.push(format!("{floor}: {one} and {other}"));
            }
        }
    }
    found
}

#[test]
fn a_circle_is_found() {
    let source = |path: &str, code: &str| Source { path: path.to_owned(), code: code.to_owned(), lines: 1 };
    let sources = [
        source("feed/hub.rs", "use super::news;"),
        source("feed/news/one.rs", "use crate::feed::{hub::Hub, reader};"),
        source("feed/reader.rs", ""),
    ];
    assert_eq!(circles("feed", &inside_floors(&sources)["feed"]), ["feed: hub and news"]);
}

#[test]
fn no_floor_has_a_circle_inside() {
    let floors = inside_floors(&sources("server/src"));
    let circles: Vec<String> = floors.iter().flat_map(|(floor, imports)| circles(floor, imports)).collect();
    assert_eq!(circles, Vec::<String>::new());
}

/// A database that has taken a step never takes it again: whoever needs another table adds a step.
const RELEASED: &[(&str, &str)] = &[
    ("m01_created.rs", "a4d53dc149660f1bec35b1e82da1587d03c075af0f739f745e4f6678dae8081d"),
    ("m02_neighbours.rs", "824bd3c95d370aa5f358507f2947d2ec1f729fa270f4ea494764a71654c8dedc"),
    ("m03_treatment_goals.rs", "48838d7d4349c32e8386d2cd463f80251dd1edf9210286df2893fd379233bbc4"),
    ("m04_goal_tracking_config.rs", "bc8006b74cc9db9fea84522a417cc0966f2789ce558181f8127a1e99b2626339"),
    ("m05_progress_entries.rs", "972f28389afbada7db1bfd39fbddee8a54baee93d75879d09890b8f61a5cbcf9"),
    ("m06_assessment_scores.rs", "7a31e41fad21c8c7b03fa24ad9675007617cdcd71600f0d2f645dfd32ecab24c"),
    ("m07_progress_milestones.rs", "050e91ba8cb42969a29c59d540809497c5986ed8b743a193bb9816422deac9f3"),
    ("m08_goal_reminders.rs", "5da86c2f9008bece2a659329e79c3213ccbd24865f61b1727290887f2fb755bb"),
    ("m09_settings.rs", "444c3c26a7c88be7502b4367a2181c2ba26ebdfe6b6e5b2fc7725e20f137c5c7"),
    ("m10_events.rs", "8484a3deb99e9402e6943a8b6243a2b28ec46dbb64412762bd88e4fceafee426"),
    ("m11_requests.rs", "401687536f448d824c23e77e9a6083a72d8008b0c79f90f4bf771f8b0f03e0d8"),
    ("m12_pauses.rs", "b993c422a2279f77826545dcb71d5d163455adbd1f2257a2867fa1739420c563"),
    ("m13_closings.rs", "8a737fdef01a38b6ef98b40be9f5f31889c542b1197ff6de465dcd7cfe72d85b"),
    ("m14_aims.rs", "ab49317f3582e46ccf97972058e568d64bb209b3c200fda98fbe4df3980785aa"),
    ("m15_weeks.rs", "04cf2d5b0da1974173404502385f415525f5e63b0f163cd884a48ff9b6b480ad"),
    ("m16_transfers.rs", "177ae7cab8b5c9c662f69c66d7e366cfa0f53a8b959e68f42e1e8ff9d6bb8cd2"),
    ("m17_agenda.rs", "d96dd46d362f9b5efb513e52b097c75791e55d12a3cec8c6e18d2a8eedb1ceb6"),
    ("m18_reminder_deliveries.rs", "3445102b96bc5ce12d33668d9e5798e33947a34d13a3e5fd2683a862a6cd7a33"),
    ("m19_webhooks.rs", "da26f5f983ad9263c7627047f4f2eb9efae0e334818060ac2a01c292666b363a"),
];

#[test]
fn released_steps_are_never_changed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migration/src");
    let is_step = |source: &Source| {
        source.path.starts_with('m') && source.path[1..].starts_with(|digit: char| digit.is_ascii_digit())
    };
    let steps: BTreeSet<String> =
        sources("migration/src").into_iter().filter(is_step).map(|it| it.path).collect();
    assert_eq!(steps, RELEASED.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, hash) in RELEASED {
        let digest = Sha256::digest(std::fs::read(root.join(name)).expect("a step"));
        let found = digest.iter().fold(String::new(), |found, byte| found + &format!("{byte:02x}"));
        assert_eq!(found, *hash, "{name} was changed after its release");
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
        // What reads the rows that are there reads them as they are served.
        let reads = ["rows.rs", "notes.rs"].iter().any(|name| source.path.ends_with(name));
        for foreign in if reads { &["server::"][..] } else { &["entity::", "server::"] } {
            assert!(!source.code.contains(&format!("use {foreign}")), "{} names {foreign}", source.path);
        }
    }
    assert_independent("migration", &["server"]);
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

/// What the server does by itself, without a viewer: nothing else may read rows past the policy.
const BY_ITSELF: &[&str] = &[
    "access.rs",
    "access/system.rs",
    "history/mod.rs",
    "history/scheduled.rs",
    "scheduler/plan.rs",
    "scheduler/sweep.rs",
    "scheduler/webhooks/message.rs",
    "scheduler/webhooks/mod.rs",
    "service/reminding.rs",
];

#[test]
fn only_what_the_server_does_by_itself_reads_rows_without_a_viewer() {
    for source in sources("server/src").iter().filter(|source| !BY_ITSELF.contains(&source.path.as_str())) {
        for door in ["worked_on", "Scheduled::"] {
            assert!(!source.code.contains(door), "{} names {door}", source.path);
        }
    }
}

/// Besides the policy: the table of answers to repeat, whose rows are a viewer's own by their key.
const OTHER_DOORS: &[(&str, &str)] = &[
    ("service/request.rs", "Entity::find_by_id((user, "),
    ("service/closing.rs", "closing::Entity::find().filter(closing::Column::MilestoneId.is_in("),
];

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
