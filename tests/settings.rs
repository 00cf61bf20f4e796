//! Settings are checked once at the start: a wrong one ends the program with a sentence that says what
//! to do, on standard error, and exit code 2; what only the database can tell ends it with 1.

use crate::both;
use crate::support::{Clinic, Database, Ended, Kind, SECRET, Waymark, openssl};

const GOOD_SECRET: &str = "a secret of more than thirty-two bytes";

/// A server for a database that is never reached.
fn serve() -> Waymark {
    Waymark::new(&["serve"]).env("DATABASE_URL", "sqlite::memory:").env("WAYMARK_LISTEN", "127.0.0.1:0")
}

#[track_caller]
fn assert_says(ended: &Ended, code: i32, sentence: &str) {
    let expected =
        Ended { code: Some(code), stdout: String::new(), stderr: format!("waymark: {sentence}\n") };
    assert_eq!(*ended, expected);
}

#[tokio::test]
async fn an_address_of_another_kind_of_database_is_refused() {
    for url in ["mysql://localhost/clinic", "clinic.sqlite", "POSTGRES://localhost/clinic", ""] {
        let ended = serve().env("DATABASE_URL", url).env("WAYMARK_JWT_SECRET", GOOD_SECRET).ends().await;
        assert_says(&ended, 2, "DATABASE_URL must begin with postgres://, postgresql:// or sqlite:.");
    }
    let migrating = Waymark::new(&["migrate", "up", "--database-url", "mysql://x"]).ends().await;
    assert_says(&migrating, 2, "DATABASE_URL must begin with postgres://, postgresql:// or sqlite:.");
}

#[tokio::test]
async fn an_address_that_can_not_be_read_is_refused_without_a_word_of_the_secret() {
    let form = "DATABASE_URL can't be read. It has the form postgres://user:password@host:port/database; in the \
                user and the password % is written %25, / is %2F, : is %3A, @ is %40, ? is %3F and # is %23.";
    let unknown = "DATABASE_URL has the parameter sslpassword, which Waymark does not know.";
    for (url, sentence) in [
        ("postgres://app:SECRET/PASS@127.0.0.1/app", form),
        ("postgres://app:SECRET#PASS@127.0.0.1/app", form),
        ("postgres://app@127.0.0.1/app?sslpassword=SECRET", unknown),
    ] {
        for arguments in [["serve", "--log-format=text"], ["migrate", "status"]] {
            let ended =
                Waymark::new(&arguments).env("DATABASE_URL", url).env("WAYMARK_JWT_SECRET", GOOD_SECRET);
            assert_says(&ended.env("WAYMARK_LOG", "trace").ends().await, 2, sentence);
        }
    }
}

#[tokio::test]
async fn a_port_on_which_nothing_listens_is_said_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("postgres://app:SECRET@{}/app", free.local_addr().expect("its address"));
    drop(free);
    let begun = std::time::Instant::now();
    let ended = serve().env("DATABASE_URL", &url).env("WAYMARK_JWT_SECRET", GOOD_SECRET).ends().await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Connection refused"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("SECRET"), "{}", ended.stderr);
    assert!(begun.elapsed().as_secs() < 5, "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_mistyped_path_does_not_become_an_empty_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("clinci.sqlite");
    let url = format!("sqlite://{}", file.display());
    let sentence = format!(
        "The database can't be used: there is no file {}. `waymark migrate up` makes one.",
        file.display()
    );
    let commands: [&[&str]; 4] =
        [&["serve"], &["token", "--user", "x"], &["migrate", "status"], &["migrate", "verify"]];
    for arguments in commands {
        let ended = Waymark::new(arguments).env("DATABASE_URL", &url).env("WAYMARK_JWT_SECRET", GOOD_SECRET);
        assert_says(&ended.ends().await, 1, &sentence);
        assert!(!file.exists(), "{arguments:?}");
    }
    let up = Waymark::new(&["migrate", "up"]).env("DATABASE_URL", &url).ends().await;
    assert_eq!((up.code, file.exists()), (Some(0), true), "{}", up.stderr);
}

#[tokio::test]
async fn origins_that_never_match_are_refused() {
    for origins in ["*", "app.example", "https://a.example/app", "https://a.example,*"] {
        let ended = serve().env("WAYMARK_JWT_SECRET", GOOD_SECRET).env("WAYMARK_ALLOWED_ORIGINS", origins);
        let ended = ended.ends().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{origins}");
        let sentence = format!("error: invalid value '{origins}' for '--allowed-origins <ALLOWED_ORIGINS>'");
        assert!(ended.stderr.starts_with(&sentence), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_line_end_behind_a_secret_is_no_part_of_it() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let secret = format!("{}\r\n", std::str::from_utf8(SECRET).expect("text"));
    let token =
        Waymark::new(&["token", "--user", &ann.id.to_string()]).env("DATABASE_URL", &clinic.database.url);
    let ended = token.env("WAYMARK_JWT_SECRET", secret).ends().await;
    let bearer = clinic.app.keys.check(ended.stdout.trim_end());
    assert_eq!(bearer.map(|bearer| bearer.user), Ok(ann.id));
}

#[tokio::test]
async fn a_database_of_ones_own_needs_exactly_one_key() {
    let no_key = "A database of your own needs a key to check tokens with: set WAYMARK_JWT_SECRET or \
                  WAYMARK_JWT_PUBLIC_KEY_FILE.";
    assert_says(&serve().ends().await, 2, no_key);
    assert_says(&serve().env("WAYMARK_JWT_SECRET", "").ends().await, 2, no_key);

    let both = serve().env("WAYMARK_JWT_SECRET", GOOD_SECRET).env("WAYMARK_JWT_PUBLIC_KEY_FILE", "key.pem");
    let sentence = "Set WAYMARK_JWT_SECRET or WAYMARK_JWT_PUBLIC_KEY_FILE, not both.";
    assert_says(&both.ends().await, 2, sentence);
}

#[tokio::test]
async fn a_secret_that_could_be_guessed_is_refused() {
    let ended = serve().env("WAYMARK_JWT_SECRET", "x".repeat(31)).ends().await;
    let sentence = "WAYMARK_JWT_SECRET is shorter than 32 bytes, so that it could be guessed.";
    assert_says(&ended, 2, sentence);
}

#[tokio::test]
async fn a_key_for_webhooks_that_could_be_guessed_is_refused_and_none_is_needed() {
    let short = serve().env("WAYMARK_JWT_SECRET", GOOD_SECRET).env("WAYMARK_WEBHOOK_KEY", "x".repeat(31));
    let sentence = "WAYMARK_WEBHOOK_KEY is shorter than 32 bytes, so that it could be guessed.";
    assert_says(&short.ends().await, 2, sentence);
}

#[tokio::test]
async fn networks_that_can_not_be_read_are_refused() {
    for networks in ["*", "localhost", "10.0.0.0/33", "10.0.0.0/8;127.0.0.1"] {
        let ended = serve().env("WAYMARK_JWT_SECRET", GOOD_SECRET).env("WAYMARK_WEBHOOK_ALLOW", networks);
        let ended = ended.ends().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{networks}");
        let sentence = format!("error: invalid value '{networks}' for '--webhook-allow <WEBHOOK_ALLOW>'");
        assert!(ended.stderr.starts_with(&sentence), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_key_file_must_be_there_and_hold_a_public_key() {
    let ended = serve().env("WAYMARK_JWT_PUBLIC_KEY_FILE", "absent.pem").ends().await;
    let sentence = "WAYMARK_JWT_PUBLIC_KEY_FILE can't be read: No such file or directory (os error 2)";
    assert_says(&ended, 2, sentence);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    for content in [b"no key".to_vec(), openssl::rsa().private, openssl::p384().public] {
        std::fs::write(&file, content).expect("a file");
        let ended = serve().env("WAYMARK_JWT_PUBLIC_KEY_FILE", &file).ends().await;
        let sentence = "WAYMARK_JWT_PUBLIC_KEY_FILE: this is no PEM file with the public key of RSA, P-256 \
                        or Ed25519.";
        assert_says(&ended, 2, sentence);
    }
}

/// The tables of wrong values stand beside the settings; here a sample comes from the environment, as it does in
/// earnest.
#[tokio::test]
async fn a_wrong_value_of_the_environment_is_refused() {
    let no_name = ": it must have a letter or digit, no space at its ends and no line break; leave it out to check \
                   nothing";
    let no_filter = ": a level is error, warn, info, debug, trace or off; one for a part of the server is \
                     server::http=debug";
    for (name, value, sentence) in [
        ("WAYMARK_LISTEN", "everywhere", ": invalid socket address syntax"),
        ("WAYMARK_LISTEN", "127.0.0.1:99999", ": invalid socket address syntax"),
        ("WAYMARK_LISTEN", "", ": invalid socket address syntax"),
        ("WAYMARK_JWT_ISSUER", "", no_name),
        ("WAYMARK_JWT_AUDIENCE", "clinic\n", no_name),
        ("WAYMARK_EVENT_DAYS", "0", ": 0 is not in 1..=3650"),
        ("WAYMARK_DATABASE_IDLE_MINUTES", "", ": cannot parse integer from empty string"),
        ("WAYMARK_CONNECTIONS_PER_PERSON", "-1", ": invalid digit found in string"),
        ("WAYMARK_PLAYGROUND", "perhaps", "\n  [possible values: on, off]"),
        ("WAYMARK_LOG_FORMAT", "xml", "\n  [possible values: text, json]"),
        ("WAYMARK_LOG", "verbose", no_filter),
        ("WAYMARK_LOG", "server=loud", no_filter),
    ] {
        let ended = serve().env(name, value).ends().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{name}={value}");
        let flag = name.trim_start_matches("WAYMARK_");
        let long = flag.to_lowercase().replace('_', "-");
        let sentence = format!("error: invalid value '{value}' for '--{long} <{flag}>'{sentence}");
        assert_eq!(ended.stderr, format!("{sentence}\n\nFor more information, try '--help'.\n"));
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_by_its_name_and_not_shown() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe a secret of more than thirty-two bytes");
    for name in [
        "DATABASE_URL",
        "WAYMARK_JWT_SECRET",
        "WAYMARK_JWT_ISSUER",
        "WAYMARK_LISTEN",
        "WAYMARK_LOG",
        "WAYMARK_EVENT_DAYS",
        "WAYMARK_ALLOWED_ORIGINS",
    ] {
        let ended = serve().env(name, bytes).ends().await;
        assert_says(&ended, 2, &format!("{name} is no text in UTF-8."));
    }
}

#[tokio::test]
async fn a_data_directory_that_can_not_be_made_is_refused() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let folder = file.path().join("data");
    let ended = Waymark::new(&[]).env("WAYMARK_DATA_DIR", &folder).ends().await;
    let sentence =
        format!("The data directory {} can't be used: Not a directory (os error 20)", folder.display());
    assert_says(&ended, 2, &sentence);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let ended = serve()
        .env("DATABASE_URL", &clinic.database.url)
        .env("WAYMARK_JWT_SECRET", GOOD_SECRET)
        .env("WAYMARK_LISTEN", &address)
        .ends()
        .await;
    let sentence = format!("{address} can't be listened on: Address already in use (os error 98)");
    assert_says(&ended, 1, &sentence);
}

#[tokio::test]
async fn a_database_without_our_tables_is_left_alone() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = Database::empty(kind).await;
        let serving = serve().env("DATABASE_URL", &database.url).env("WAYMARK_JWT_SECRET", GOOD_SECRET);
        let sentence = "The database lacks Waymark's tables, or the newest of them. Run `waymark migrate \
                        up`; for a database that another tool built, run `waymark migrate adopt` first.";
        assert_says(&serving.ends().await, 1, sentence);
        let db = server::store::open_writer(&database.url).await.expect("the database");
        assert_eq!(migration::verify(&db).await.expect("a report").differences.len(), 6);
    }
}

both! {
    async fn a_token_is_made_for_a_user_by_address_or_id(clinic) {
        let ann = clinic.patient("Ann").await;
        let url = &clinic.database.url;
        let secret = std::str::from_utf8(SECRET).expect("text");
        let token = |user: &str, more: &[&str]| {
            let arguments = [&["token", "--user", user], more].concat();
            Waymark::new(&arguments).env("DATABASE_URL", url).env("WAYMARK_JWT_SECRET", secret).ends()
        };
        let (address, id) = (format!("{}@Clinic.EXAMPLE", ann.id.simple()), ann.id.to_string());
        for user in [&address, &id] {
            let ended = token(user, &["--hours", "1"]).await;
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
            let bearer = clinic.app.keys.check(ended.stdout.strip_suffix('\n').expect("one line"));
            assert_eq!(bearer.map(|bearer| bearer.user), Ok(ann.id));
        }
        for nobody in ["nobody@clinic.example", "00000000-0000-4000-8000-000000000000", "' OR 1=1 --", ""] {
            let ended = token(nobody, &[]).await;
            assert_says(&ended, 1, "Nobody in the database has this e-mail address or id.");
        }
        assert_eq!(token(&id, &["--hours", "0"]).await.code, Some(2));
    }
}

#[tokio::test]
async fn with_a_public_key_there_is_nothing_to_sign_with() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    std::fs::write(&file, openssl::ed25519().public).expect("a file");
    let token = Waymark::new(&["token", "--user", &ann.id.to_string()])
        .env("DATABASE_URL", &clinic.database.url)
        .env("WAYMARK_JWT_PUBLIC_KEY_FILE", &file);
    let sentence = "Only a server with WAYMARK_JWT_SECRET can make tokens; yours are signed elsewhere.";
    assert_says(&token.ends().await, 2, sentence);
}
