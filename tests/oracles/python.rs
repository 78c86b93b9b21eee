//! Runs the scripts beside this file with a Python that has what they need.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::require::Need;

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

/// Packages of Python, by the tests that compare with them. Brian2 is loaded: with a NumPy that is too new for it, it is there
/// and cannot be.
pub(crate) static BRIAN: Need = package("no Brian2 for Python", || runs("import brian2"));
pub(crate) static QUTIP: Need = package("no QuTiP for Python", || has(&["numpy", "scipy", "qutip"]));
pub(crate) static SCIPY: Need = package("no SciPy for Python", || has(&["numpy", "scipy"]));
pub(crate) static WALRUS: Need = package("no The Walrus for Python", || has(&["numpy", "thewalrus"]));
pub(crate) static TABLES: Need =
    package("no pandas, polars and PyArrow for Python", || has(&["pandas", "polars", "pyarrow"]));

const fn package(missing: &'static str, is_met: fn() -> bool) -> Need {
    Need { missing, remedy: "install it, or name another Python in `QHH_PYTHON`", is_met, can_be_required: true }
}

/// Whether Python finds all of these packages, without loading them.
fn has(packages: &[&str]) -> bool {
    let wanted: Vec<String> = packages.iter().map(|package| format!("find_spec('{package}')")).collect();
    runs(&format!("from importlib.util import find_spec; assert all([{}])", wanted.join(", ")))
}

fn runs(script: &str) -> bool {
    Command::new(python()).args(["-W", "ignore", "-c", script]).output().is_ok_and(|done| done.status.success())
}

/// What the script answers to the question.
pub(crate) fn ask(script: &str, question: &Value) -> Vec<Value> {
    let mut run = Command::new(python())
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
    answers
}
