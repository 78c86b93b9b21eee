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
        "channels",
        "watch",
        "check",
        "dry-run",
        "graph",
        "new",
        "verify",
        "compare",
        "learn",
        "fit",
        "sensitivity",
        "predict",
        "schema",
        "completions",
        "man",
    ];
    for command in commands {
        insta::assert_snapshot!(format!("qhh-{command}"), place.done(&[command, "--help"]));
    }
}

/// In an empty folder, line by line.
#[test]
fn the_example_of_compare_works_as_printed() {
    let place = Place::with(&[]);
    let help = place.done(&["compare", "--help"]);
    let example = help.split("Example:\n").nth(1).unwrap();
    let lines: Vec<&str> = example.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 4, "{help}");
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "qhh");
        place.done(&words[1..]);
    }
    assert!(
        place.read("compare.html").contains("<title>squid-axon · fine</title>"),
        "runs are named by their folders"
    );
    let page = place.read("fine/report.html");
    assert!(page.contains("simulation.step = 0.005, in place of the file"), "the page marks what was set");
    assert!(!place.read("squid-axon/report.html").contains("in place of the file"));
    assert_eq!(place.summary("fine")["set"][0], "simulation.step = 0.005");
}

#[test]
fn the_version_is_told() {
    assert_eq!(Place::with(&[]).done(&["--version"]), format!("qhh {}\n", env!("CARGO_PKG_VERSION")));
}
