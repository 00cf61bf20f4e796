//! The address of a database. It holds a password, so no message shows any part of it.

use std::str::FromStr;

use sea_orm::sqlx::ConnectOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use url::{ParseError, Url};

use super::session::Pooler;

/// Where the database is, and how to log in.
#[derive(Clone)]
pub enum Address {
    Postgres(Box<PgConnectOptions>, Pooler),
    Sqlite(Box<SqliteConnectOptions>),
}

/// An address that can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAddress {
    #[error("DATABASE_URL must begin with postgres://, postgresql:// or sqlite:.")]
    Scheme,
    #[error(
        "DATABASE_URL can't be read. It has the form postgres://user:password@host:port/database; in the user \
         and the password % is written %25, / is %2F, : is %3A, @ is %40, ? is %3F and # is %23."
    )]
    Form,
    #[error(
        "DATABASE_URL names no file. It has the form sqlite://folder/file or, from the root, sqlite:///folder/file."
    )]
    NoFile,
    #[error("DATABASE_URL has the parameter {0}, which Waymark does not know.")]
    Parameter(String),
    #[error("DATABASE_URL has a parameter whose value can't be used.")]
    Value,
    #[error("DATABASE_URL has a parameter pooler, which must be session or transaction.")]
    Pooler,
}

const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "pooler",
];

impl FromStr for Address {
    type Err = WrongAddress;

    fn from_str(text: &str) -> Result<Self, WrongAddress> {
        if text.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(text).map_err(|_| WrongAddress::Value)?;
            if options.get_filename().as_os_str().is_empty() {
                return Err(WrongAddress::NoFile);
            }
            return Ok(Self::Sqlite(Box::new(options)));
        }
        if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return postgres(text);
        }
        Err(WrongAddress::Scheme)
    }
}

fn postgres(text: &str) -> Result<Address, WrongAddress> {
    let url = match Url::parse(text) {
        // Without a host a parameter names the folder of the socket, or it is this machine.
        Err(ParseError::EmptyHost) => Url::parse(&text.replacen("@/", "@localhost/", 1)),
        url => url,
    };
    let mut url = url.map_err(|_| WrongAddress::Form)?;
    // What follows a character of the password that was not escaped.
    if url.path().contains('@') || url.fragment().is_some() {
        return Err(WrongAddress::Form);
    }
    check_parameters(url.query().unwrap_or_default())?;
    let pooler = take_pooler(&mut url)?;
    let options = PgConnectOptions::from_url(&url).map_err(|_| WrongAddress::Value)?;
    let ip6 = url.host_str().and_then(|host| host.strip_prefix('[')?.strip_suffix(']'));
    let options = match ip6 {
        Some(host) => options.host(host),
        None => options,
    };
    Ok(Address::Postgres(Box::new(options), pooler))
}

/// The one parameter that is ours, and not the driver's.
fn take_pooler(url: &mut Url) -> Result<Pooler, WrongAddress> {
    let (mut pooler, mut others) = (Pooler::default(), Vec::new());
    for parameter in url.query().unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.strip_prefix("pooler=") {
            Some("session") => pooler = Pooler::Session,
            Some("transaction") => pooler = Pooler::Transaction,
            Some(_) => return Err(WrongAddress::Pooler),
            None => others.push(parameter.to_owned()),
        }
    }
    url.set_query(Some(others.join("&").as_str()).filter(|query| !query.is_empty()));
    Ok(pooler)
}

/// The driver would log those that it does not know, with their values.
fn check_parameters(query: &str) -> Result<(), WrongAddress> {
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, _) = parameter.split_once('=').ok_or(WrongAddress::Form)?;
        let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-[].".contains(letter));
        if !plain {
            return Err(WrongAddress::Form);
        }
        if !PARAMETERS.contains(&name) && !name.starts_with("options[") {
            return Err(WrongAddress::Parameter(name.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(text: &str) -> Result<PgConnectOptions, WrongAddress> {
        match text.parse()? {
            Address::Postgres(options, _) => Ok(*options),
            Address::Sqlite(_) => panic!("{text} is PostgreSQL"),
        }
    }

    #[test]
    fn what_psql_takes_is_taken() {
        let of = |text: &str| postgres(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(of("postgres://u:p@[::1]:5433/db").get_host(), "::1");
        let socket = of("postgres://u:p@/db?host=/run/postgresql");
        assert_eq!(socket.get_socket().and_then(|path| path.to_str()), Some("/run/postgresql"));
        assert_eq!((socket.get_database(), socket.get_username()), (Some("db"), "u"));
        let escaped = of("postgresql://a%40b:p%2Fq@db.example:6000/name?sslmode=require");
        assert_eq!(
            (escaped.get_host(), escaped.get_port(), escaped.get_username()),
            ("db.example", 6000, "a@b")
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_any_part_of_the_secret() {
        for text in [
            "postgres://app:SECRET/PASS@127.0.0.1/app",
            "postgres://app:12/PASS@127.0.0.1/app",
            "postgres://app:12?PASS@127.0.0.1/app",
            "postgres://app:12#PASS@127.0.0.1/app",
            "postgres://app:SEC RET@[oops/app",
            "postgres://app:x@127.0.0.1/app?PASS",
        ] {
            let error = postgres(text).expect_err(text);
            assert_eq!(error, WrongAddress::Form, "{text}");
        }
        let unknown = postgres("postgres://u@h/db?sslpassword=SECRET").expect_err("unknown");
        assert_eq!(unknown, WrongAddress::Parameter("sslpassword".to_owned()));
        assert_eq!(postgres("postgres://u@h/db?sslmode=SECRET").expect_err("value"), WrongAddress::Value);
        assert_eq!(postgres("postgres://u@h/db?pooler=SECRET").expect_err("value"), WrongAddress::Pooler);
        assert_eq!(postgres("mysql://u:SECRET@h/db").expect_err("scheme"), WrongAddress::Scheme);
    }

    #[test]
    fn a_pooler_is_named_in_the_address_and_hidden_from_the_driver() {
        let of = |text: &str| match text.parse() {
            Ok(Address::Postgres(options, pooler)) => (options.get_port(), pooler),
            other => panic!("{text}: {:?}", other.err()),
        };
        assert_eq!(of("postgres://u@h/db?port=6000"), (6000, Pooler::Session));
        assert_eq!(of("postgres://u@h/db?pooler=session&port=6000"), (6000, Pooler::Session));
        assert_eq!(of("postgres://u@h/db?port=6000&pooler=transaction"), (6000, Pooler::Transaction));
    }
}
