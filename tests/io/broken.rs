//! Every file of tests/broken is refused with file, line, column, the line itself and what to do.

use std::fs;
use std::path::{Path, PathBuf};

use qhh_format::yaml;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/broken")
}

/// The message, with the file named as a user within its folder would.
fn message(path: &Path) -> String {
    let error = yaml::load(path, &[]).err().unwrap_or_else(|| panic!("{} was taken", path.display()));
    assert!(!error.problems.is_empty());
    for problem in &error.problems {
        if let Some(place) = &problem.place {
            assert!(error.text.get(place.span.clone()).is_some(), "{problem:?}");
        }
    }
    error.to_string().replace(&format!("{}/", folder().display()), "")
}

#[test]
fn every_broken_file_is_refused_with_a_place_and_a_remedy() {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() >= 30, "{} files", files.len());
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(name, message(&path));
    }
}

/// The table of messages in the documents: each row's message and remedy are what the file that it links to gets, whose
/// whole text is a snapshot.
#[test]
fn the_table_of_messages_says_what_files_get() {
    let page = fs::read_to_string(folder().join("../../docs/messages.md")).unwrap();
    let mut rows = 0;
    for row in page.lines().filter(|line| line.contains("](../tests/broken/")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [mistake, told, remedy] = cells.as_slice() else { panic!("three cells: {row}") };
        let name = mistake.split("../tests/broken/").nth(1).and_then(|rest| rest.split(')').next()).unwrap();
        let message = message(&folder().join(name));
        for said in [told, remedy].into_iter().filter(|said| !said.is_empty()) {
            assert!(message.contains(*said), "{name}: the page says `{said}`, the program\n{message}");
        }
        rows += 1;
    }
    assert!(rows >= 90, "{rows} messages");
}
