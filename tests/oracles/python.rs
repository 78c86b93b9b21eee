//! Runs the scripts beside this file with a Python that has what they need.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::require;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `QHH_PYTHON`, the environment `.ci/run` makes, or the system's Python.
fn python() -> PathBuf {
    if let Some(given) = std::env::var_os("QHH_PYTHON") {
        return given.into();
    }
    let made = root().join(".venv-oracles/bin/python");
    if made.exists() { made } else { "python3".into() }
}

/// What the script answers to the question; where Python lacks the package, the test fails or is skipped
/// ([`require::oracle`]).
pub(crate) fn ask(script: &str, package: &str, question: &Value) -> Option<Vec<Value>> {
    let python = python();
    let import = format!("import {package}");
    let has = Command::new(&python).args(["-W", "ignore", "-c", &import]).output();
    let has = has.is_ok_and(|done| done.status.success()).then_some(());
    let missing = format!("{} cannot import {package}", python.display());
    require::oracle(has, &missing, "install it, or name another Python in `QHH_PYTHON`")?;
    let mut run = Command::new(&python)
        .args(["-W", "ignore"])
        .arg(root().join("tests/oracles").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The script reads all of it before it writes: no pipe fills up. One that fails before tells why below.
    let told = run.stdin.take().unwrap().write_all(question.to_string().as_bytes());
    let done = run.wait_with_output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    told.unwrap();
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    let answers = answer.as_array().unwrap().clone();
    assert_eq!(answers.len(), question.as_array().map_or(1, Vec::len), "{script} answers every question");
    Some(answers)
}
