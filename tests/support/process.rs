//! The real binary, as a person runs it: with arguments and an environment, and nothing inherited.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// Far more than anything here takes, even on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A call of `waymark`, in a folder of its own.
pub struct Waymark {
    command: Command,
    folder: tempfile::TempDir,
}

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A server that listens.
pub struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: JoinHandle<String>,
    /// Without a slash at the end.
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Waymark {
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("waymark-run-").tempdir().expect("a folder");
        let mut command = Command::new(binary());
        command.args(arguments).env_clear().current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Self { command, folder }
    }

    /// Without root's privilege to write what may not be written.
    pub fn bound_by_rights(arguments: &[&str]) -> Self {
        let waymark = Self::new(arguments);
        if !std::process::Command::new("setpriv")
            .arg("--version")
            .output()
            .is_ok_and(|it| it.status.success())
        {
            return waymark;
        }
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-dac_override"]).arg(binary()).args(arguments);
        command.env_clear().current_dir(waymark.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Self { command, ..waymark }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Instead of keeping what it logs.
    pub fn logs_to(mut self, file: std::fs::File) -> Self {
        self.command.stderr(file);
        self
    }

    /// Waits until it ends by itself.
    pub async fn ends(mut self) -> Ended {
        let output = tokio::time::timeout(DEADLINE, self.command.output());
        let Output { status, stdout, stderr } = output.await.expect("an end in time").expect("the binary");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Starts it as a server on a free port, and waits until it listens.
    pub async fn listens(mut self) -> Server {
        let mut child = self.command.env("WAYMARK_LISTEN", "127.0.0.1:0").spawn().expect("the binary");
        let stderr = child.stderr.take();
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            if let Some(mut stderr) = stderr {
                stderr.read_to_string(&mut text).await.expect("UTF-8");
            }
            text
        });
        let lines = BufReader::new(child.stdout.take().expect("its standard output")).lines();
        let mut server = Server { child, lines, stderr, address: String::new(), _folder: self.folder };
        server.address = match server.line().await {
            Some(line) => {
                let address =
                    line.strip_prefix("Waymark listens on ").and_then(|it| it.strip_suffix("/graphql"));
                address.unwrap_or_else(|| panic!("instead of its address: {line}")).to_owned()
            }
            None => panic!("it ended: {:?}", server.ended().await),
        };
        server
    }
}

impl Server {
    /// The next line that it prints; `None` at the end.
    pub async fn line(&mut self) -> Option<String> {
        tokio::time::timeout(DEADLINE, self.lines.next_line()).await.expect("a line in time").expect("UTF-8")
    }

    /// As Ctrl-C (`INT`) or a service manager (`TERM`) does.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("a running process").to_string();
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status().await;
        assert!(status.is_ok_and(|status| status.success()));
    }

    /// Waits for its end; what it printed is what has not been read by [`line`](Self::line).
    pub async fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        while let Some(line) = self.line().await {
            stdout.extend([&line, "\n"]);
        }
        let status = tokio::time::timeout(DEADLINE, self.child.wait()).await.expect("an end in time");
        let code = status.expect("its status").code();
        Ended { code, stdout, stderr: self.stderr.await.expect("its standard error") }
    }

    pub async fn stops(self) -> Ended {
        self.signal("TERM").await;
        self.ended().await
    }

    /// The JSON answer to an operation.
    pub async fn asks(&self, token: &str, query: &str) -> serde_json::Value {
        self.posts(token, &serde_json::json!({ "query": query })).await
    }

    pub async fn posts(&self, token: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = reqwest::Client::new().post(format!("{}/graphql", self.address));
        let answer = request.bearer_auth(token).json(body).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }
}

/// Built beside the tests: `cargo build` comes before them in `tests/run`.
fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of this test");
    let target = tests.parent().and_then(std::path::Path::parent).expect("target/debug");
    let binary = target.join("waymark");
    assert!(binary.exists(), "no {}: run `cargo build` first, as tests/run does", binary.display());
    binary
}
