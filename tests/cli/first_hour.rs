//! The first hour of a new user: tasks in an empty folder, with the commands of the documents and what
//! they answer. The eighth, reading the tables in Python, is in `tests/oracles/tables.rs`.

use std::io::Write;
use std::process::Stdio;

use crate::place::{Ended, Place};

/// Runs a command line in the place; it must end so and print these words, in this order, on both streams together.
fn task(place: &Place, line: &str, code: i32, words: &[&str]) {
    let args: Vec<&str> = line.split(' ').collect();
    assert_eq!(args[0], "qhh");
    answers(line, &place.qhh(&args[1..]), code, words);
}

fn answers(line: &str, ended: &Ended, code: i32, words: &[&str]) {
    let text = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(code), "{line}: {text}");
    let mut rest = text.as_str();
    for word in words {
        let at =
            rest.find(word).unwrap_or_else(|| panic!("{line}: `{word}` is missing, or before its turn: {text}"));
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn one_writes_checks_and_runs_a_network() {
    let place = Place::with(&[]);
    task(&place, "qhh new chain", 0, &["chain.yaml\n"]);
    task(&place, "qhh check chain.yaml", 0, &["6 neurons in 1 population", "5 waveguides in 1 entry", "memory"]);
    task(&place, "qhh run chain.yaml", 0, &["chain\n", "spikes          6, the first at", "peak voltage"]);
    assert!(place.read("chain/report.html").contains("<svg"));
}

#[test]
fn two_changes_a_value_and_lays_both_runs_side_by_side() {
    let place = Place::with(&[]);
    task(&place, "qhh new chain", 0, &[]);
    task(&place, "qhh run chain.yaml", 0, &["6, the first at"]);
    // Below a transmission of a quarter the spike dies out.
    let lossy = "qhh run chain.yaml --set waveguides.axon.transmission=0.25 --out lossy";
    task(&place, lossy, 0, &["lossy\n", "spikes"]);
    assert!(place.read("lossy/spikes.csv").lines().count() < place.read("chain/spikes.csv").lines().count());
    task(&place, "qhh compare chain lossy", 0, &["compare.html"]);
}

#[test]
fn three_runs_a_file_again_and_keeps_the_earlier_results() {
    let place = Place::with(&[]);
    task(&place, "qhh new chain", 0, &[]);
    task(&place, "qhh run chain.yaml", 0, &[]);
    task(
        &place,
        "qhh run chain.yaml --seed 2",
        0,
        &["chain\n", "the results of the earlier run are now in chain.1"],
    );
    task(&place, "qhh verify chain chain.1", 0, &["chain", "chain.1"]);
}

#[test]
fn four_gets_the_line_and_a_remedy_for_every_mistake() {
    let place = Place::with(&[]);
    task(&place, "qhh new chain", 0, &[]);
    let text = place.read("chain.yaml");
    let broken = text
        .replace("capacitance: 1 uF}\n    channels", "capacitance: 1 uF/cm2}\n    channels")
        .replace("pattern: chain ", "pattern: fixed-fan-in ")
        .replace("duration: 40 ms", "duration: 40 sec");
    std::fs::write(place.path("broken.yaml"), broken).unwrap();
    let words = [
        "unknown unit `sec`",
        "help: units here: `s`, `ms`",
        "broken.yaml",
        "unknown unit `cm2`",
        "multiply by the membrane's area",
        "cannot be `fixed-fan-in`",
        "write `{fixed-fan-in: {k: ",
    ];
    task(&place, "qhh run broken.yaml", 2, &words[..2]);
    let ended = place.qhh(&["check", "broken.yaml"]);
    for word in words {
        assert!(ended.stderr.contains(word), "`{word}` is missing: {}", ended.stderr);
    }
    assert_eq!(place.names("."), ["broken.yaml", "chain.yaml"]);
}

#[test]
fn five_sweeps_a_value() {
    let place = Place::with(&[]);
    task(&place, "qhh new sweep", 0, &["sweep.yaml\n"]);
    task(&place, "qhh check sweep.yaml", 0, &["13 runs by `qhh sweep`"]);
    task(&place, "qhh sweep sweep.yaml --set simulation.duration=30", 0, &["sweep-sweep\n"]);
    let table = place.read("sweep-sweep/results.csv");
    let spikes = |row: &str| row.split(',').nth(5).unwrap().parse::<f64>().unwrap();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 13, "{table}");
    assert!(spikes(rows[0]) < spikes(rows[12]), "{table}");
}

#[test]
fn six_pipes_a_network_through() {
    let place = Place::with(&[]);
    let ring = place.done(&["new", "ring", "--out", "-"]);
    let line = ["run", "-", "--set", "simulation.duration=30 ms"];
    let mut child =
        place.command(&line).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(ring.as_bytes()).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    answers("qhh run -", &ended, 0, &["ring\n", "spikes"]);
    assert_eq!(place.names("."), ["ring"]);
}

#[test]
fn seven_trains_a_readout() {
    let place = Place::with(&[]);
    task(&place, "qhh new learning", 0, &["learning.yaml\n", "learning-network.yaml\n"]);
    task(&place, "qhh run learning.yaml", 2, &["this is a learning task, not a network", "qhh learn"]);
    let short = "qhh learn learning.yaml --set task.narma.steps=300 --set seeds=1";
    task(&place, short, 0, &["learning\n", "network", "test NRMSE"]);
}
