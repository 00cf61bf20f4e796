//! The scripts in `tests/node`, which ask what only JavaScript can: each prints one JSON document.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

/// Runs a script against an address.
pub async fn run(script: &str, url: &str, token: Option<&str>) -> Value {
    run_with(script, &[&[url], token.as_slice()].concat()).await
}

/// Runs a script with arguments of its own.
pub async fn run_with(script: &str, arguments: &[&str]) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    assert!(folder.join("node_modules").exists(), "run `npm ci` in tests/node first, as tests/run does");
    let mut command = Command::new("node");
    command.current_dir(folder).arg(script).args(arguments).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(2), command.output());
    let output = output.await.expect("an end in time").expect("Node.js; tests/run installs it");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
