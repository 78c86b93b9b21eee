//! The manual, word for word.

use crate::place::Place;

#[test]
fn the_manual_of_every_command_reads_as_agreed() {
    let place = Place::with(&[]);
    insta::assert_snapshot!("qhh", place.done(&["--help"]));
    let commands = [
        "run",
        "resume",
        "sweep",
        "check",
        "graph",
        "new",
        "verify",
        "compare",
        "learn",
        "predict",
        "schema",
        "completions",
    ];
    for command in commands {
        insta::assert_snapshot!(format!("qhh-{command}"), place.done(&[command, "--help"]));
    }
}

#[test]
fn the_version_is_told() {
    assert_eq!(Place::with(&[]).done(&["--version"]), format!("qhh {}\n", env!("CARGO_PKG_VERSION")));
}
