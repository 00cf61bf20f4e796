//! Key pairs for tests, made when they are asked for: no private key is kept in the repository.

use std::io::Write;
use std::process::{Command, Stdio};

/// Two PEM files.
pub struct Pair {
    pub private: Vec<u8>,
    pub public: Vec<u8>,
}

pub fn rsa() -> Pair {
    pair(&["RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
}

/// Too short to be safe.
pub fn short_rsa() -> Pair {
    pair(&["RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
}

pub fn p256() -> Pair {
    pair(&["EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
}

pub fn p384() -> Pair {
    pair(&["EC", "-pkeyopt", "ec_paramgen_curve:P-384"])
}

pub fn ed25519() -> Pair {
    pair(&["ED25519"])
}

fn pair(algorithm: &[&str]) -> Pair {
    let private = openssl(&[&["genpkey", "-quiet", "-algorithm"], algorithm].concat(), &[]);
    let public = openssl(&["pkey", "-pubout"], &private);
    Pair { private, public }
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("openssl; tests/run installs it");
    child.stdin.take().expect("its input").write_all(input).expect("to be read");
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
