//! A program outside of the workspace that depends on the crate by its path: the one that `docs/rust.md` begins with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program, from `use` to the last brace.
fn program() -> String {
    let page = fs::read_to_string(root().join("docs/rust.md")).unwrap();
    let (_, rest) = page.split_once("```rust\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// Its manifest. Nothing is optimized, because packages are built for it that have other features than in the workspace.
fn manifest() -> String {
    format!(
        "[package]\nname = \"outside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nqhh = {{ path = \"{}\" }}\n\n[workspace]\n\n[profile.dev]\ndebug = false\n",
        root().join("crates/qhh").display()
    )
}

/// Builds and runs it, which takes a minute because its packages have other features than in the workspace, where every case
/// is tried. Else it is resolved only, as the lock file has it; the page's tests run the same program inside the workspace.
#[test]
fn a_chain_is_built_run_and_read_in_less_than_25_lines() {
    let program = program();
    let lines = program.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines < 25, "{lines} lines");
    assert!(program.contains("fn main()"));

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), manifest()).unwrap();
    fs::write(folder.path().join("src/main.rs"), program).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    // target/debug/deps/face-..
    let test = std::env::current_exe().unwrap();
    let all = crate::cases::all_are_tried();
    let call: &[&str] =
        if all { &["run", "--offline", "--quiet"] } else { &["tree", "--offline", "--depth", "1"] };
    let done = Command::new(env!("CARGO"))
        .args(call)
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", test.ancestors().nth(3).unwrap())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{}", text(&done.stderr));
    if !all {
        assert!(text(&done.stdout).contains("qhh v"), "{}", text(&done.stdout));
        return;
    }
    // As `networks/chain.yaml`, whose spike takes about 2.5 ms from neuron to neuron.
    let printed = text(&done.stdout);
    let printed: Vec<&str> = printed.lines().collect();
    assert_eq!(printed.len(), 6, "{printed:?}");
    let times: Vec<f64> = printed[..5]
        .iter()
        .zip(0..)
        .map(|(line, k)| {
            let time =
                line.strip_prefix(&format!("relay[{k}] fires at ")).and_then(|rest| rest.strip_suffix(" ms"));
            time.unwrap_or_else(|| panic!("{line}")).parse().unwrap()
        })
        .collect();
    assert!(times.windows(2).all(|pair| (1.5..4.0).contains(&(pair[1] - pair[0]))), "{times:?}");
    let highest = printed[5].strip_prefix("relay[4] peaks at ").and_then(|rest| rest.strip_suffix(" mV"));
    assert!((20.0..50.0).contains(&highest.unwrap().parse().unwrap()), "{printed:?}");
}
