//! The manual, word for word.

use std::process::Stdio;

use crate::place::{Ended, Place};

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

/// In an empty folder with the files that the manual names, one after the other.
#[test]
fn the_examples_of_sweep_work_as_printed() {
    let place = Place::with(&[]);
    for template in ["sweep", "chain"] {
        place.done(&["new", template]);
    }
    place.done(&["man", "pages"]);
    let page = place.read("pages/qhh-sweep.1").replace("\\-", "-");
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("  qhh sweep ")).collect();
    assert_eq!(lines.len(), 8, "{page}");
    for line in lines {
        let words = words(line.trim());
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        place.done(&args);
    }
}

/// The words of a command line, those between quotes together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// Where neither a terminal nor a variable says how wide it is.
#[test]
fn help_that_is_piped_has_eighty_columns() {
    let place = Place::with(&[]);
    let mut command = place.command(&["run", "--help"]);
    let help: Ended = command.env_remove("COLUMNS").stdin(Stdio::null()).output().unwrap().into();
    let help = help.stdout;
    let widest = help.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((70..=80).contains(&widest), "{widest}");
}

#[test]
fn the_version_is_told() {
    assert_eq!(Place::with(&[]).done(&["--version"]), format!("qhh {}\n", env!("CARGO_PKG_VERSION")));
}
