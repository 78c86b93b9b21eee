//! Runs that were stopped, gone on with; and runs that broke down.

#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::place::{Ended, Place};

/// Begins a run, waits until it has kept a state, and interrupts it.
fn interrupted(place: &Place, call: &[&str]) -> Ended {
    let child = place.command(call).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !place.path("axon.unfinished/mean-field.previous").exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "no state is kept");
        sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    child.wait_with_output().unwrap().into()
}

const LONG: [&str; 7] =
    ["run", "axon.yaml", "--set", "simulation.duration=10 s", "--no-report", "--checkpoint-every", "t=100ms"];

fn stopped() -> Place {
    let place = Place::with(&["axon.yaml"]);
    let ended = interrupted(&place, &LONG);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let told = "interrupted: its state is kept; `qhh resume axon` goes on";
    assert!(ended.stderr.ends_with(&format!("{told}\n")), "{}", ended.stderr);
    assert_eq!(place.names("."), ["axon.unfinished", "axon.yaml"]);
    place
}

/// Everything of the results but what the run cost.
fn results(place: &Place) -> (String, String, serde_json::Value) {
    let mut summary = place.summary("axon");
    summary.as_object_mut().unwrap().remove("cost");
    (place.read("axon/traces.csv"), place.read("axon/spikes.csv"), summary)
}

#[test]
fn a_run_that_was_interrupted_goes_on_and_leaves_the_same() {
    let place = stopped();
    let again = place.qhh(&["run", "axon.yaml"]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("axon.unfinished holds a run that is not finished"), "{}", again.stderr);
    // By the name of its folder as well as by that of its results.
    let ended = place.qhh(&["resume", "axon.unfinished", "--threads", "3"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("axon: goes on from t = "), "{}", ended.stderr);
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
    let resumed = results(&place);
    assert_eq!(place.read("axon/input.yaml"), place.read("axon.yaml"));
    place.done(&["run", "axon.yaml", "--set", "simulation.duration=10 s", "--no-report", "--force"]);
    assert_eq!(resumed, results(&place));
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "axon is whole: nothing is left to do\n"));
}

/// What was begun goes on, and it is said that the file is another by now.
#[test]
fn a_file_that_has_changed_since_is_named() {
    let place = stopped();
    let before = place.read("axon.yaml");
    std::fs::write(place.path("axon.yaml"), format!("{before}# a comment more\n")).unwrap();
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("axon.yaml has changed since: the run goes on with the network"),
        "{}",
        ended.stderr
    );
    assert_eq!(place.read("axon/input.yaml"), before);
}

#[test]
fn a_damaged_state_gives_way_to_the_one_before_with_a_word() {
    let place = stopped();
    let newest = place.path("axon.unfinished/mean-field.checkpoint");
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&newest, &bytes).unwrap();
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = "warning: axon.unfinished/mean-field.checkpoint cannot be used: its checksum does not fit; the state \
                before it is taken\naxon: goes on from t = ";
    assert!(ended.stderr.starts_with(told), "{}", ended.stderr);
    let resumed = results(&place);
    place.done(&["run", "axon.yaml", "--set", "simulation.duration=10 s", "--no-report", "--force"]);
    assert_eq!(resumed, results(&place));
}

#[test]
fn a_run_without_a_state_that_can_be_used_begins_anew_with_a_word() {
    let place = stopped();
    for name in ["checkpoint", "previous"] {
        fs::write(place.path(&format!("axon.unfinished/mean-field.{name}")), "no state").unwrap();
    }
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("it begins anew"), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("it is no checkpoint of this format").count(), 2, "{}", ended.stderr);
}

#[test]
fn states_of_another_network_or_version_are_refused() {
    let place = stopped();
    let network = place.read("axon.unfinished/network.yaml");
    fs::write(place.path("axon.unfinished/network.yaml"), network.replace("120 mS", "121 mS")).unwrap();
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("holds states of another network"), "{}", ended.stderr);
    fs::write(place.path("axon.unfinished/network.yaml"), network).unwrap();
    let manifest = place.read("axon.unfinished/unfinished.json");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let other = manifest.replace(&version, "\"version\": \"9.9.9\"");
    assert_ne!(manifest, other);
    fs::write(place.path("axon.unfinished/unfinished.json"), other).unwrap();
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("axon.unfinished is of qhh 9.9.9, and this is qhh"), "{}", ended.stderr);
    // Nothing was lost by that.
    fs::write(place.path("axon.unfinished/unfinished.json"), manifest).unwrap();
    place.done(&["resume", "axon", "--quiet"]);
}

#[test]
fn force_drops_an_unfinished_run_and_only_that() {
    let place = stopped();
    place.done(&["run", "axon.yaml", "--force"]);
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
    fs::create_dir(place.path("axon.unfinished")).unwrap();
    fs::write(place.path("axon.unfinished/thesis.tex"), "years of work").unwrap();
    assert_eq!(place.qhh(&["run", "axon.yaml", "--force"]).code, Some(2));
    assert_eq!(place.read("axon.unfinished/thesis.tex"), "years of work");
}

#[test]
fn a_second_run_into_one_folder_is_refused_at_once() {
    let place = Place::with(&["endless.yaml"]);
    let call = ["run", "endless.yaml", "--out", "here"];
    let mut first = place.command(&call).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !place.path(".here.lock").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "no lock");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(50));
    for force in [&[][..], &["--force"]] {
        let start = Instant::now();
        let ended = place.qhh(&[&call, force].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("error: another run is at work on here\n"), "{}", ended.stderr);
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    // However the first one ends, the place is free then.
    first.kill().unwrap();
    first.wait().unwrap();
    let place_is_free = place.command(&call).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut second = place_is_free.unwrap();
    sleep(Duration::from_millis(600));
    assert!(second.try_wait().unwrap().is_none(), "refused");
    second.kill().unwrap();
    second.wait().unwrap();
}

#[test]
fn sweeps_go_on_by_the_name_of_their_folder() {
    let place = Place::with(&["sweep.yaml"]);
    place.done(&["sweep", "sweep.yaml", "--out", "whole", "--no-report"]);
    let mut child = place
        .command(&["sweep", "sweep.yaml", "--out", "cut", "--no-report", "--threads", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let lines = || fs::read_to_string(place.path("cut/points.journal")).map_or(0, |text| text.lines().count());
    while lines() < 2 {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing is finished");
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = place.qhh(&["resume", "cut"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("are finished already"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    assert_eq!(place.read("cut/results.csv"), place.read("whole/results.csv"));
    assert!(!place.path("cut/report.html").exists());
}

#[test]
fn nothing_to_go_on_with_is_told() {
    let place = Place::with(&["axon.yaml"]);
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!("nothing_to_resume", ended.stderr);
    let ended = place.qhh(&["run", "axon.yaml", "--checkpoint-every", "5 parsecs"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!("checkpoint_every", ended.stderr);
    let ended = place.qhh(&["run", "axon.yaml", "--checkpoint-every", "t=5mV"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!("checkpoint_every_volt", ended.stderr);
}

#[test]
fn a_run_that_breaks_down_leaves_what_came_before_and_says_so() {
    let place = Place::with(&["axon.yaml"]);
    // A wave that comes back a million times as high after every millisecond.
    let ports =
        "output: {capacitance: 1 uF, impedance: 3 kOhm}\n    input: {capacitance: 1 uF, impedance: 3 kOhm}\n";
    let echo = "waveguides:\n  echo: {from: axon, to: axon, pattern: {pairs: [[0, 0]]}, allow_self: true, delay: 1 ms, gain: 1e12}\n";
    let text = place.read("axon.yaml");
    let text = text
        .replace("    membrane:", &format!("    {ports}    membrane:"))
        .replace("record:", &format!("{echo}record:"));
    fs::write(place.path("axon.yaml"), text).unwrap();
    let ended = place.qhh(&["run", "axon.yaml", "--set", "simulation.duration=200 ms"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("what came before is in axon.unfinished, marked incomplete"),
        "{}",
        ended.stderr
    );
    assert_eq!(place.names("."), ["axon.unfinished", "axon.yaml"]);
    let summary = place.summary("axon.unfinished");
    let until = summary["incomplete"]["until"].as_f64().unwrap();
    assert!(until > 5.0 && until < 150.0, "{until}");
    let traces = place.read("axon.unfinished/traces.csv");
    let last: f64 = traces.lines().last().unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(last <= until && last > until - 0.2, "the last sample is at {last}");
    for file in place.names("axon.unfinished") {
        let text = place.read(&format!("axon.unfinished/{file}"));
        // The library that draws may say what it likes.
        let text = text.split("/* Apache ECharts").next().unwrap().to_lowercase();
        assert!(!text.contains("nan,") && !text.contains(",inf"), "{file}");
    }
    assert!(place.read("axon.unfinished/report.html").contains("Incomplete: the results end at"));
    let verdict = place.qhh(&["verify", "axon.unfinished"]);
    assert_eq!(verdict.code, Some(3), "{}", verdict.stdout);
    assert!(verdict.stdout.contains("the run is incomplete"), "{}", verdict.stdout);
    let ended = place.qhh(&["resume", "axon"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("it would again"), "{}", ended.stderr);
}
