//! No `unsafe` but in named files: vectors come from a library that is safe to use, and files are read, not mapped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may hold `unsafe`, each with its reason.
const ALLOWED: &[&str] = &[
    // NumPy arrays that share a result's memory: the library has no safe way.
    "crates/qhh-py/src/arrays.rs",
];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file of Rust below a folder.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries.flat_map(each).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// The code of a line: neither the comment behind it nor what stands between quotes.
fn code(line: &str) -> String {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn unsafe_stands_in_the_named_files_alone() {
    let word = ["un", "safe"].concat();
    let holds =
        |line: &str| code(line).split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|part| part == word);
    assert!(holds(&format!("    {word} {{ read() }}")) && holds(&format!("pub {word} fn f() {{}}")));
    assert!(!holds(&format!("{word}_code = 1; // {word}")));

    let mut seen = 0;
    for folder in ["crates", "tests", "benches", "examples", "fuzz/src", "fuzz/fuzz_targets"] {
        for path in sources(&root().join(folder)) {
            seen += 1;
            let text = fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if let Some(line) = text.lines().position(holds).filter(|_| !ALLOWED.contains(&name.as_str())) {
                panic!("{name}:{}: unsafe code, and the file is not among those that may hold it", line + 1);
            }
        }
    }
    assert!(seen > 100, "only {seen} files were found");
}

/// The lint that refuses it stands for all crates.
#[test]
fn every_crate_is_under_the_lints_of_the_workspace() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""));
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let path = entry.unwrap().path().join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", path.display());
    }
}

/// A search by coverage looks at the libraries that the program is made of, and at no newer ones.
#[test]
fn the_search_by_coverage_locks_what_the_program_locks() {
    let packages = |lock: &str| -> BTreeSet<String> {
        let text = fs::read_to_string(root().join(lock)).unwrap();
        let blocks = text.split("[[package]]\n").skip(1);
        blocks.map(|block| block.lines().take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    let (program, search) = (packages("Cargo.lock"), packages("fuzz/Cargo.lock"));
    assert!(search.len() > 50, "only {} packages are locked", search.len());
    let alone = ["qhh-fuzz", "libfuzzer-sys", "arbitrary", "jobserver"];
    let known = |package: &&String| alone.iter().any(|name| package.contains(&format!("\"{name}\"")));
    let other: Vec<_> = search.difference(&program).filter(|package| !known(package)).collect();
    assert!(
        other.is_empty(),
        "fuzz/Cargo.lock has other versions than Cargo.lock: {other:?}; copy Cargo.lock over it and run \
         `cargo +nightly fuzz build`"
    );
}
