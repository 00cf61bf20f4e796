//! Wrong values, and the sentence each gets.

use clap::Parser;

use super::*;

#[derive(Parser, Debug)]
struct Alone {
    #[command(flatten)]
    settings: Settings,
}

/// What is said of a value, without the hint at `--help`.
fn refusal(flag: &str, value: &str) -> String {
    let parsed = Alone::try_parse_from(["waymark".to_owned(), format!("{flag}={value}")]);
    let error = parsed.map(|_| ()).expect_err(&format!("{flag}={value} was taken"));
    assert_eq!(error.exit_code(), 2);
    error.to_string().split("\n\n").next().unwrap_or_default().to_owned()
}

fn settings(arguments: &[&str]) -> Settings {
    Alone::try_parse_from([&["waymark"], arguments].concat()).expect("settings").settings
}

/// `--event-days <EVENT_DAYS>`.
fn name(flag: &str) -> String {
    format!("{flag} <{}>", flag.trim_start_matches('-').replace('-', "_").to_uppercase())
}

#[track_caller]
fn assert_refused(flag: &str, value: &str, why: &str) {
    assert_eq!(refusal(flag, value), format!("error: invalid value '{value}' for '{}': {why}", name(flag)));
}

/// Each with the largest value that is taken; the smallest is 1 unless it is named.
const NUMBERS: &[(&str, u64, u64)] = &[
    ("--event-days", 1, 3650),
    ("--reminder-latest-minutes", 1, 720),
    ("--delivery-days", 1, 3650),
    ("--connections-per-person", 1, 20_000),
    ("--database-connections", 2, 1000),
    ("--database-lifetime-minutes", 1, 10_080),
    ("--database-idle-minutes", 1, 10_080),
    ("--sqlite-readers", 1, 100),
    ("--statement-seconds", 1, 600),
    ("--operation-seconds", 1, 600),
    ("--max-body-bytes", 1024, 1_000_000_000),
    ("--max-document-bytes", 1, 10_000_000),
    ("--max-fields", 1, 1_000_000),
    ("--max-aliases", 0, 1_000_000),
    ("--max-directives", 0, 1_000_000),
    ("--max-fragments", 0, 100_000),
    ("--max-root-fields", 1, 10_000),
    ("--max-depth", 1, 100),
    ("--max-introspection-depth", 0, 20),
    ("--max-list-items", 1, 1_000_000),
    ("--max-errors", 0, 1000),
    ("--max-cost", 1, 1_000_000_000),
    ("--max-answer-bytes", 1, 1_000_000_000),
    ("--operations-per-person", 0, 100_000),
];

const NO_NUMBERS: &[&str] = &[
    " ", "1.5", "1e3", "ten", "1 0", "1_000", "0x10", "1,000", "１０", "∞", "NaN", "null", "true", "1m",
    "10s", " 5", "5 ", "5\n", "--5", "5;",
];

#[test]
fn a_number_is_written_in_digits_and_lies_within_its_limits() {
    for (flag, least, most) in NUMBERS {
        for value in NO_NUMBERS {
            assert_refused(flag, value, "invalid digit found in string");
        }
        let below = [0, least.saturating_sub(1)].into_iter().filter(|below| below < least);
        let above = [most + 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1];
        for value in below.chain(above) {
            assert_refused(flag, &value.to_string(), &format!("{value} is not in {least}..={most}"));
        }
        assert_refused(flag, &u128::MAX.to_string(), "number too large to fit in target type");
        for value in [least, most] {
            settings(&[&format!("{flag}={value}")]);
        }
    }
}

#[test]
fn every_setting_that_is_a_number_is_tried() {
    use clap::CommandFactory;
    let command = Alone::command();
    let defaults_to_number = |arg: &&clap::Arg| {
        arg.get_default_values()
            .iter()
            .any(|value| value.to_str().is_some_and(|it| it.parse::<u64>().is_ok()))
    };
    for arg in command.get_arguments().filter(defaults_to_number) {
        let flag = format!("--{}", arg.get_long().expect("a flag"));
        assert!(NUMBERS.iter().any(|(known, ..)| *known == flag), "{flag} is not tried");
    }
}

#[test]
fn an_address_to_listen_on_is_a_number_of_the_machine_and_a_port() {
    for value in [
        " ",
        "everywhere",
        "localhost:8000",
        "127.0.0.1",
        ":8000",
        "8000",
        "127.0.0.1:",
        "127.0.0.1:99999",
        "127.0.0.1:-1",
        "127.0.0.1:80x",
        "256.0.0.1:80",
        "1.2.3:80",
        "::1:8000x",
        "[::1]",
        "[::1:80",
        "http://127.0.0.1:8000",
        "127.0.0.1:8000/",
        "127.0.0.1 :8000",
        "127.0.0.1:8000\n",
        "*:8000",
        "0x7f.1:80",
        "127.0.0.1:8000,[::1]:8000",
    ] {
        assert_refused("--listen", value, "invalid socket address syntax");
    }
    for value in ["0.0.0.0:80", "[::]:8000", "127.0.0.1:0"] {
        settings(&[&format!("--listen={value}")]);
    }
}

#[test]
fn what_is_on_or_off_or_one_of_two_is_no_other_word() {
    for value in [
        "", " ", "yes", "no", "true", "false", "1", "0", "ON", "Off", "on ", " off", "on,off", "enabled",
        "-", "null", "o", "onn", "'on'", "perhaps",
    ] {
        for flag in ["--playground", "--skip-recorded"] {
            let said = refusal(flag, value);
            let what = if value.is_empty() {
                format!("a value is required for '{}' but none was supplied", name(flag))
            } else {
                format!("invalid value '{value}' for '{}'", name(flag))
            };
            assert_eq!(said, format!("error: {what}\n  [possible values: on, off]"));
        }
    }
    for value in [
        "xml",
        "TEXT",
        "Json",
        "json ",
        " text",
        "text,json",
        "plain",
        "pretty",
        "compact",
        "full",
        "ndjson",
        "logfmt",
        "true",
        "1",
        "0",
        "-",
        "null",
        "j",
        "jsonn",
        "'json'",
    ] {
        let what = format!("error: invalid value '{value}' for '{}'", name("--log-format"));
        assert_eq!(refusal("--log-format", value), format!("{what}\n  [possible values: text, json]"));
    }
}

#[test]
fn a_filter_of_the_log_that_would_log_nothing_is_refused() {
    let why = "a level is error, warn, info, debug, trace or off; one for a part of the server is \
               server::http=debug";
    for value in [
        " ",
        "verbose",
        "all",
        "warning!",
        "quiet",
        "none",
        "true",
        "6",
        "-1",
        "server",
        "server::http",
        "server=loud",
        "server=",
        "=debug",
        " =debug",
        "server=debug=info",
        "info,",
        ",info",
        "info,,debug",
        "info;debug",
        "info debug",
        "server=debug,loud",
        "[span",
        "server=DBG",
    ] {
        assert_refused("--log", value, why);
    }
    for value in ["", "info", "WARN", "off", "server=debug", "info,server::http=trace,sqlx=off", "3"] {
        settings(&[&format!("--log={value}")]);
    }
    assert_eq!(settings(&[]).log.to_string(), LogFilter::DEFAULT);
}

#[test]
fn a_name_that_no_token_can_carry_is_refused() {
    let why = "it must have a letter or digit, no space at its ends and no line break; leave it out to check \
               nothing";
    for flag in ["--jwt-issuer", "--jwt-audience"] {
        for value in [
            " ",
            "  ",
            "\t",
            "\n",
            "clinic\n",
            "\nclinic",
            "clinic ",
            " clinic",
            "clinic\r\n",
            "cli\nnic",
            "cli\tnic",
            "cli\rnic",
            "\u{a0}clinic",
            "clinic\u{2003}",
            "-",
            "--",
            "*",
            ".",
            "\"\"",
            "''",
        ] {
            assert_refused(flag, value, why);
        }
        for value in ["clinic", "https://login.example/realms/a b", "ä"] {
            settings(&[&format!("{flag}={value}")]);
        }
    }
}

#[test]
fn origins_of_no_page_are_refused() {
    let why =
        "an origin has the form https://app.example or http://localhost:3000, without a path; `*` is none";
    for value in [
        "*",
        "https://*.example",
        "app.example",
        "https://",
        "https://a.example/app",
        "https://a.example?x",
        "https://a.example#x",
        "https://u@a.example",
        "ftp://a.example",
        "null",
        "file:///tmp",
        "https//a.example",
        "https:// a.example",
        "://a.example",
        "https://a.example:99999",
        "localhost:3000",
        "https://a.example https://b.example",
        "https://a.example,*",
        "javascript:x",
        "//a.example",
    ] {
        assert_refused("--allowed-origins", value, why);
    }
}

/// The sentence on an address that can't be used. None of them has a part of the secret in it.
fn refused_address(url: &str) -> String {
    let wrong = Config::database(&settings(&[&format!("--database-url={url}")])).expect_err(url);
    let sentence = wrong.to_string();
    assert!(!sentence.contains("SECRET"), "{sentence}");
    sentence
}

#[test]
fn an_address_of_no_database_is_refused_without_a_word_of_the_secret() {
    let scheme = "DATABASE_URL must begin with postgres://, postgresql:// or sqlite:.";
    let form = "DATABASE_URL can't be read. It has the form postgres://user:password@host:port/database; in the \
                user and the password % is written %25, / is %2F, : is %3A, @ is %40, ? is %3F and # is %23.";
    let value = "DATABASE_URL has a parameter whose value can't be used.";
    let pooler = "DATABASE_URL has a parameter pooler, which must be session or transaction.";
    let no_file = "DATABASE_URL names no file. It has the form sqlite://folder/file or, from the root, \
                   sqlite:///folder/file.";
    let unknown = |name: &str| format!("DATABASE_URL has the parameter {name}, which Waymark does not know.");
    for (url, sentence) in [
        (" ", scheme),
        ("mysql://u:SECRET@h/db", scheme),
        ("POSTGRES://u:SECRET@h/db", scheme),
        (" postgres://u:SECRET@h/db", scheme),
        ("\"postgres://u:SECRET@h/db\"", scheme),
        ("postgres:u:SECRET@h/db", scheme),
        ("clinic.sqlite", scheme),
        ("host=h password=SECRET", scheme),
        ("postgres://u:SECRET/PASS@h/db", form),
        ("postgres://u:SECRET#PASS@h/db", form),
        ("postgres://u:SECRET?PASS@h/db", form),
        ("postgres://u:SECRET@h:port/db", form),
        ("postgres://u:SECRET@h:99999/db", form),
        ("postgres://u:SECRET@[oops/db", form),
        ("postgres://u:SECRET@h/db?sslmode", form),
        ("postgres://u:SECRET@h/db#part", form),
        ("postgres://u@h/db?sslmode=SECRET", value),
        ("postgres://u@h/db?port=SECRET", value),
        ("postgres://u@h/db?statement-cache-capacity=SECRET", value),
        ("postgres://u@h/db?pooler=SECRET", pooler),
        ("postgres://u@h/db?pooler=", pooler),
        ("sqlite:", no_file),
        ("sqlite://", no_file),
        ("sqlite://clinic.sqlite?mode=SECRET", value),
    ] {
        assert_eq!(refused_address(url), sentence, "{url:?}");
    }
    for name in ["sslpassword", "SSLMODE", "channel_binding", "connect_timeout", "pgbouncer"] {
        assert_eq!(refused_address(&format!("postgres://u@h/db?{name}=SECRET")), unknown(name));
    }
}

#[test]
fn a_folder_for_the_demo_that_can_not_be_made_is_refused() {
    let file = std::env::current_exe().expect("this file");
    for below in ["", "a", "a/b", ".", "..", "../x/y", "ä", " ", "a b", "a\nb", "-", "*", "~", "$HOME", "%2e"]
    {
        let folder = file.join(below);
        let wrong = Config::database(&Settings { data_dir: folder.clone(), ..settings(&[]) });
        let sentence = wrong.expect_err("a folder below a file").to_string();
        let begin = format!("The data directory {} can't be used: ", folder.display());
        assert!(sentence.starts_with(&begin) && sentence.contains("(os error "), "{sentence}");
    }
}
