//! A private PostgreSQL cluster for this run of the tests: made on first use in a temporary folder,
//! reached by a socket in it, and gone with the process that runs the tests, however that ends.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub struct Cluster {
    folder: PathBuf,
    /// Restarts the cluster for each line of its standard input, and ends it when that closes, which
    /// the kernel sees to.
    keeper: Child,
}

/// Losing everything at a power cut is fine here, and much faster.
const SETTINGS: &str = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off \
                        -c full_page_writes=off -c max_connections=400 -c shared_buffers=128MB";

impl Cluster {
    pub fn running() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/{database}")
    }

    /// Where its socket is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of its own, for a test that restarts it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("waymark-postgres-").tempdir().expect("a folder").keep();
        let binaries = binaries();
        let mut commands = Vec::new();
        if is_root() {
            commands.push(format!("chown postgres {}", folder.display()));
        }
        let user = if is_root() { "setpriv --reuid=postgres --regid=postgres --init-groups " } else { "" };
        let data = folder.join("data");
        commands.push(format!(
            "{user}{}/initdb -D {} -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null",
            binaries.display(),
            data.display()
        ));
        shell(&commands.join(" && "));
        let keep = format!(
            "run() {{ {user}{}/postgres -D {} -k {} {SETTINGS} >>{}/log 2>&1 & server=$!; }}; run; \
             while read -r _; do kill -INT $server; wait $server; run; done; \
             kill -QUIT $server; wait $server; rm -rf {}",
            binaries.display(),
            data.display(),
            folder.display(),
            folder.display(),
            folder.display()
        );
        let keeper = Command::new("sh").args(["-c", &keep]).stdin(Stdio::piped()).spawn().expect("a shell");
        let cluster = Self { folder, keeper };
        cluster.wait(&binaries);
        cluster
    }

    /// Cuts all connections, stops, and starts again. Comes back before that is done.
    pub fn restart(&mut self) {
        let input = self.keeper.stdin.as_mut().expect("its input");
        input.write_all(b"\n").expect("to be heard");
    }

    fn wait(&self, binaries: &Path) {
        let started = Instant::now();
        let ready = || {
            let mut command = Command::new(binaries.join("pg_isready"));
            command.args(["-q", "-h"]).arg(&self.folder).status().is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(started.elapsed() < Duration::from_secs(30), "PostgreSQL did not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn shell(command: &str) {
    let status = Command::new("sh").args(["-c", command]).status().expect("a shell");
    assert!(status.success(), "failed: {command}");
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.trim_ascii() == b"0"
}

/// Where PostgreSQL's programs are: on the path, or where Debian puts them.
pub fn binaries() -> PathBuf {
    let known = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = known.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    found.expect("PostgreSQL's programs initdb and postgres; tests/run installs them")
}
