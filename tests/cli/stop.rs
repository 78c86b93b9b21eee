//! Ctrl-C, and a polite request to end.

#![cfg(unix)]

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cases::STOPS_OF_LEARNING;
use crate::place::Place;

/// Starts something long, sends it a signal after a while and gives its exit code and how long it took to end.
fn stopped_by(place: &Place, call: &[&str], signal: &str) -> (Option<i32>, Duration) {
    stopped_when(place, call, signal, &after(0.8))
}

/// Whether so many seconds have passed since this was called.
fn after(seconds: f64) -> impl Fn() -> bool {
    let start = Instant::now();
    move || start.elapsed() >= Duration::from_secs_f64(seconds)
}

/// [`stopped_by`], with the signal as soon as `ready`.
fn stopped_when(place: &Place, call: &[&str], signal: &str, ready: &dyn Fn() -> bool) -> (Option<i32>, Duration) {
    let mut child = place
        .command(&[call, &["--out", "deep/er", "--threads", "2"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !ready() {
        assert!(child.try_wait().unwrap().is_none(), "the program ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(120), "its stage never came");
        sleep(Duration::from_millis(2));
    }
    assert!(child.try_wait().unwrap().is_none(), "the program ended by itself");
    let (start, worked) = (Instant::now(), processor_time(child.id()));
    let mut took = Duration::ZERO;
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    while start.elapsed() < Duration::from_secs(60) {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), took);
        }
        // Others may have the processor, which is not the program's fault.
        let worked = processor_time(child.id()).zip(worked).map(|(now, then)| now.saturating_sub(then));
        took = worked.unwrap_or_else(|| start.elapsed());
        sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the program did not end");
}

/// Processor time of a process so far; none where the system does not tell.
fn processor_time(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name in brackets, the state is the first field; time in user and system mode the 12th and 13th.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let hundredths = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * hundredths))
}

/// One second is the promise; a slow build gets three.
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
    let call = ["run", "endless.yaml", "--no-report", "--set", "simulation.duration=100000 ms"];
    // Once it has begun: its lock is there.
    let (begun, soon) = (|| place.path("deep/.er.lock").exists(), after(0.3));
    let (code, _) = stopped_when(&place, &call, "-INT", &|| begun() && soon());
    assert_eq!(code, Some(130));
    assert!(place.names("deep/er.unfinished").contains(&"mean-field.checkpoint".to_owned()));
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

/// Before the network is run, its data are drawn and encoded step by step.
#[test]
fn a_signal_ends_learning_soon_and_leaves_nothing_behind() {
    for seconds in [0.2, 2.0, 0.8, 4.0].into_iter().take(STOPS_OF_LEARNING.number()) {
        let place = crate::learn::place();
        let before = place.names(".");
        let call = ["learn", "small.yaml", "--set", "task.narma.steps=3000000"];
        let (code, took) = stopped_when(&place, &call, "-INT", &after(seconds));
        assert_eq!(code, Some(130), "after {seconds} s");
        assert!(took < SOON, "after {seconds} s it took {took:?}");
        assert_eq!(place.names("."), before, "after {seconds} s");
    }
}

/// Neurons that fire, many of them recorded: a row of the table has 12 000 numbers.
fn recorded(place: &Place) {
    let text = "name: wide
simulation: {duration: 30 ms, step: 0.05 ms}
neurons:
  cell:
    count: 2000
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
sources: {drive: {into: cell, current: {shape: constant, amplitude: 20 uA}}}
record: {of: cell, every: 0.05 ms, quantities: [voltage, n, m, h, g_K, g_Na]}
";
    std::fs::write(place.path("wide.yaml"), text).unwrap();
}

/// Whether a file of the results that are being written is there.
fn is_written(place: &Place, file: &str) -> bool {
    let entries = std::fs::read_dir(place.path("deep")).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().join(file).exists())
}

/// The run is through, so its state is kept and `qhh resume` has only to write.
#[test]
fn a_signal_ends_the_writing_of_results_soon_and_keeps_the_state() {
    for file in ["traces.csv", "summary.json"] {
        let place = Place::with(&[]);
        recorded(&place);
        let (code, took) = stopped_when(&place, &["run", "wide.yaml"], "-INT", &|| is_written(&place, file));
        assert_eq!(code, Some(130), "{file}");
        assert!(took < SOON, "{file}: it took {took:?}");
        assert_eq!(place.names("deep"), ["er.unfinished"], "{file}");
    }
}

/// Rows that were finished stay, and the sweep goes on from them.
#[test]
fn a_signal_ends_a_sweep_soon_and_it_goes_on_where_it_was() {
    let place = Place::with(&["sweep.yaml"]);
    let length = "simulation.duration=20000 ms";
    let lines =
        || std::fs::read_to_string(place.path("deep/er/points.journal")).map_or(0, |text| text.lines().count());
    let call = ["sweep", "sweep.yaml", "--set", length];
    let (code, took) = stopped_when(&place, &call, "-INT", &|| lines() >= 2);
    assert_eq!(code, Some(130));
    assert!(took < SOON, "it took {took:?}");
    assert!(lines() >= 2 && !place.path("deep/er/results.csv").exists());
}

/// A list of connections is read before anything is begun.
#[test]
fn a_signal_ends_the_reading_of_a_long_file_soon() {
    let place = Place::with(&[]);
    let mut rows = String::new();
    for k in 0..3_000_000_u64 {
        let _ = writeln!(rows, "{},{}", k % 1000, 1000 + k * 7919 % 997);
    }
    std::fs::write(place.path("pairs.csv"), format!("from,to\n{rows}")).unwrap();
    network(
        &place,
        "listed",
        2000,
        "to: relay, pattern: {file: {path: pairs.csv}}, delay: 1 ms",
        "simulation: {duration: 10 ms}\nrecord: {of: \"relay[1]\", quantities: [voltage]}\n",
    );
    let (code, took) = stopped_when(&place, &["run", "listed.yaml"], "-INT", &after(0.3));
    assert_eq!(code, Some(130));
    assert!(took < SOON, "it took {took:?}");
    assert!(!place.path("deep").exists());
}
