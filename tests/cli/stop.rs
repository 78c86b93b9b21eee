//! Ctrl-C, and a polite request to end.

#![cfg(unix)]

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::place::Place;

/// Starts something long, sends it a signal after a while and gives its exit code and how long it took to end.
fn stopped_by(place: &Place, call: &[&str], signal: &str) -> (Option<i32>, Duration) {
    let mut child = place
        .command(&[call, &["--out", "deep/er", "--threads", "2"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(800));
    assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
    let start = Instant::now();
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), start.elapsed());
        }
        sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the run did not end");
}

/// One second is the promise; a busy machine gets three.
const SOON: Duration = Duration::from_secs(3);

#[test]
fn a_signal_ends_a_run_soon_and_keeps_its_state() {
    for signal in ["-INT", "-TERM"] {
        let place = Place::with(&["endless.yaml"]);
        let (code, took) = stopped_by(&place, &["run", "endless.yaml"], signal);
        assert_eq!(code, Some(130), "{signal}");
        assert!(took < SOON, "{signal}: it took {took:?}");
        assert_eq!(place.names("deep"), ["er.unfinished"], "{signal}");
        let kept = place.names("deep/er.unfinished");
        assert!(kept.contains(&"mean-field.checkpoint".to_owned()), "{signal}: {kept:?}");
    }
}

#[test]
fn a_run_that_is_to_keep_nothing_leaves_nothing_when_stopped() {
    let place = Place::with(&["endless.yaml"]);
    let (code, took) = stopped_by(&place, &["run", "endless.yaml", "--checkpoint-every", "never"], "-INT");
    assert_eq!(code, Some(130));
    assert!(took < SOON, "it took {took:?}");
    assert_eq!(place.names("."), ["endless.yaml"]);
}

/// Stopped before its first state was due, and gone on with: as if nothing had been.
#[test]
fn a_run_stopped_early_goes_on_to_the_same_results() {
    let place = Place::with(&["endless.yaml"]);
    let call = ["run", "endless.yaml", "--no-report", "--set", "simulation.duration=800000 ms"];
    let (code, _) = stopped_by(&place, &call, "-INT");
    assert_eq!(code, Some(130));
    place.done(&["resume", "deep/er", "--quiet"]);
    assert_eq!(place.names("deep"), ["er"]);
    place.done(&[&call[..], &["--out", "whole", "--quiet"]].concat());
    for file in ["traces.csv", "spikes.csv"] {
        assert_eq!(place.read(&format!("deep/er/{file}")), place.read(&format!("whole/{file}")), "{file}");
    }
}

/// A network of equal neurons, and what is asked of it.
fn network(place: &Place, name: &str, count: usize, waveguides: &str, rest: &str) {
    let text = format!(
        "name: {name}
neurons:
  relay:
    count: {count}
    membrane: {{capacitance: 1 uF}}
    channels:
      potassium: {{conductance: 36 mS, reversal: -77 mV}}
      sodium: {{conductance: 120 mS, reversal: 50 mV}}
      chloride: {{conductance: 0.3 mS, reversal: -54.387 mV}}
    output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}
    input: {{capacitance: 1 uF, impedance: 3 kOhm}}
waveguides:
  axon: {{from: relay, {waveguides}}}
{rest}"
    );
    std::fs::write(place.path(&format!("{name}.yaml")), text).unwrap();
}

/// Whatever is being done when the signal comes: it ends, and what can be gone on with is kept.
fn stops_in(name: &str, count: usize, waveguides: &str, rest: &str, left: &[&str]) {
    let place = Place::with(&[]);
    network(&place, name, count, waveguides, rest);
    let file = format!("{name}.yaml");
    let (code, took) = stopped_by(&place, &["run", &file], "-INT");
    assert_eq!(code, Some(130));
    assert!(took < SOON, "it took {took:?}");
    let names = if place.path("deep").is_dir() { place.names("deep") } else { Vec::new() };
    assert_eq!(names, left);
}

/// Minutes of solving for waves that come back, at 512 and 1024 frequencies.
#[test]
fn a_signal_ends_the_start_of_field_modes_soon() {
    stops_in(
        "grid",
        900,
        "pattern: {grid: {width: 30}}, delay: 1 ms, transmission: 0.8",
        "simulation: {duration: 2 ms, step: 0.02 ms}
quantum: {hbar: 1, fluctuations: heisenberg, modes: 512}
record: {every: 1 ms, of: \"relay[0]\", quantities: [voltage, variance]}
",
        &["er.unfinished"],
    );
}

/// A sample's noises are a million steps long each.
#[test]
fn a_signal_ends_the_noise_of_samples_soon() {
    stops_in(
        "samples",
        2,
        "pattern: chain, delay: 1 ms, transmission: 0.8",
        "simulation: {duration: 4000 ms, step: 0.01 ms}
quantum: {hbar: 1, fluctuations: wigner, samples: 160}
record: {every: 10 ms, of: \"relay[1]\", quantities: [voltage, variance]}
",
        &["er.unfinished"],
    );
}

/// Nothing was begun that could be kept.
#[test]
fn a_signal_ends_the_building_of_many_waveguides_soon() {
    stops_in(
        "crowd",
        6000,
        "to: relay, pattern: {random: {probability: 0.5}}, delay: {uniform: [1 ms, 3 ms]}, transmission: 1e-6",
        "simulation: {duration: 100 ms, step: 0.01 ms}
record: {every: 10 ms, of: \"relay[1]\", quantities: [voltage]}
",
        &[],
    );
}

#[test]
fn a_signal_ends_learning_soon_and_leaves_nothing_behind() {
    let place = crate::learn::place();
    let before = place.names(".");
    let call = ["learn", "small.yaml", "--set", "task.narma.steps=3000000"];
    let (code, took) = stopped_by(&place, &call, "-INT");
    assert_eq!(code, Some(130));
    assert!(took < SOON, "it took {took:?}");
    assert_eq!(place.names("."), before);
}
