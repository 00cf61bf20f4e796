//! A `PgBouncer` before the cluster of this run, that ends with the process that runs the tests.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::{Database, eventually, postgres::Cluster, postgres::is_root};

pub struct PgBouncer {
    port: u16,
    /// Ends it when its standard input closes, which the kernel sees to.
    _keeper: Child,
}

impl PgBouncer {
    /// In mode `transaction` or `session`. It has few sessions, which its clients take turns with, and is not
    /// told to take anything that it does not take by itself.
    pub async fn start(mode: &str) -> Self {
        let folder =
            tempfile::Builder::new().prefix("waymark-pgbouncer-").tempdir().expect("a folder").keep();
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("its address").port();
        let sessions = if mode == "transaction" { 4 } else { 60 };
        let settings = format!(
            "[databases]\n* = host={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {sessions}\n\
             max_client_conn = 300\n",
            Cluster::running().folder().display(),
        );
        let file = folder.join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("a file");
        drop(free);
        let user = if is_root() { "setpriv --reuid=postgres --regid=postgres --init-groups " } else { "" };
        let keep = format!(
            "chmod 755 {folder}; {user}{program} -q {file} 2>{folder}/log & bouncer=$!; read -r _; \
             kill -INT $bouncer; wait $bouncer; rm -rf {folder}",
            folder = folder.display(),
            program = program().display(),
            file = file.display(),
        );
        let keeper = Command::new("sh").args(["-c", &keep]).stdin(Stdio::piped()).spawn().expect("a shell");
        eventually("PgBouncer listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        Self { port, _keeper: keeper }
    }

    /// The address of a database of the cluster behind it.
    pub fn url(&self, database: &Database) -> String {
        let (_, name) = database.url.rsplit_once('/').expect("a name");
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut known = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = known.find(|folder| folder.join("pgbouncer").exists());
    found.expect("the program pgbouncer; tests/run installs it").join("pgbouncer")
}
