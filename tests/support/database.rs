//! A database of one's own, copied from a migrated template.

use std::sync::atomic::{AtomicU32, Ordering};

use migration::up;
use sea_orm::ConnectionTrait;
use tokio::sync::OnceCell;

use super::postgres::Cluster;
use super::proxy::Proxy;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// An address, and what must live as long as it is used.
pub struct Database {
    pub kind: Kind,
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    /// Migrated, without a row.
    pub async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let (folder, url) = sqlite_folder();
                std::fs::copy(sqlite_template().await, folder.path().join("test.sqlite")).expect("a copy");
                Self { kind, url, _folder: Some(folder) }
            }
            Kind::Postgres => Self::in_cluster("TEMPLATE", postgres_template().await).await,
        }
    }

    /// Without a table.
    pub async fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let (folder, url) = sqlite_folder();
                std::fs::File::create(folder.path().join("test.sqlite")).expect("an empty file");
                Self { kind, url, _folder: Some(folder) }
            }
            Kind::Postgres => Self::in_cluster("TEMPLATE", "template0").await,
        }
    }

    /// Migrated, in a cluster of the test's own.
    pub async fn alone_in(cluster: &Cluster) -> Self {
        let url = cluster.url("postgres");
        migrate(&url).await;
        Self { kind: Kind::Postgres, url, _folder: None }
    }

    /// Migrated, on PostgreSQL, in a locale that knows the letters of ASCII only.
    pub async fn of_ascii() -> Self {
        let database = Self::in_cluster("LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE", "template0").await;
        migrate(&database.url).await;
        database
    }

    /// Migrated, on PostgreSQL, in an encoding of 256 characters.
    pub async fn of_latin1() -> Self {
        let how = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE";
        let database = Self::in_cluster(how, "template0").await;
        migrate(&database.url).await;
        database
    }

    /// The file, on SQLite.
    pub fn file(&self) -> &std::path::Path {
        std::path::Path::new(self.url.strip_prefix("sqlite://").expect("a file"))
    }

    /// Migrated, on PostgreSQL, behind a network that can fail.
    pub async fn behind_proxy() -> (Self, Proxy) {
        let database = Self::migrated(Kind::Postgres).await;
        let cluster = Cluster::running();
        let proxy = Proxy::before(cluster.folder()).await;
        let (_, name) = database.url.rsplit_once('/').expect("a name");
        let url = proxy.url(name);
        (Self { url, ..database }, proxy)
    }

    async fn in_cluster(how: &str, template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        administer(&format!("CREATE DATABASE {name} {how} {template}")).await;
        Self { kind: Kind::Postgres, url: Cluster::running().url(&name), _folder: None }
    }
}

fn sqlite_folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::Builder::new().prefix("waymark-sqlite-").tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
    (folder, url)
}

async fn administer(statement: &str) {
    let db = sea_orm::Database::connect(Cluster::running().url("postgres")).await.expect("the cluster");
    db.execute_unprepared(statement).await.expect(statement);
    db.close().await.expect("closing");
}

async fn postgres_template() -> &'static str {
    static TEMPLATE: OnceCell<&'static str> = OnceCell::const_new();
    let make = || async {
        administer("CREATE DATABASE migrated TEMPLATE template0").await;
        migrate(&Cluster::running().url("migrated")).await;
        "migrated"
    };
    TEMPLATE.get_or_init(make).await
}

async fn sqlite_template() -> &'static std::path::Path {
    static TEMPLATE: OnceCell<(tempfile::TempDir, std::path::PathBuf)> = OnceCell::const_new();
    let make = || async {
        let (folder, url) = sqlite_folder();
        migrate(&url).await;
        let file = folder.path().join("test.sqlite");
        (folder, file)
    };
    &TEMPLATE.get_or_init(make).await.1
}

async fn migrate(url: &str) {
    let db = server::store::open_writer(url).await.expect("a database");
    up(&db).await.expect("migrations");
    db.close().await.expect("closing");
}
