//! Memory as `check` announces it, against the peak of a run: networks that are driven throughout, and at rest.

use std::fmt::Write;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::cases::{MEMORIES, SPEAKERS};
use crate::place::Place;

const CELL: &str = "
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}";
const PORTS: &str = "
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}";

/// A network of one population at rest.
fn resting(simulation: &str, count: usize, ports: &str, rest: &str) -> String {
    format!("name: net\nsimulation: {{{simulation}}}\nneurons:\n  c:\n    count: {count}{CELL}{ports}\n{rest}\n")
}

/// A network of one population that a current keeps firing.
fn driven(simulation: &str, count: usize, ports: &str, rest: &str) -> String {
    let source = "sources: {s: {into: c, current: {shape: constant, amplitude: 20 uA}}}";
    resting(simulation, count, ports, &format!("{source}\n{rest}"))
}

/// Peak of the memory of a call in bytes, its writing included; none where the system does not tell.
fn peak(place: &Place, call: &[&str]) -> Option<f64> {
    let mut child = place.command(call).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        peak = line.and_then(|kilobytes| kilobytes.parse::<f64>().ok()).map(|k| k * 1024.0).or(peak);
        sleep(Duration::from_millis(1));
    }
    assert!(child.wait().unwrap().success(), "{call:?}");
    peak
}

/// Bytes of a size such as `5.6 MB`.
fn bytes(text: &str) -> f64 {
    let (number, unit) = text.split_once(' ').unwrap();
    let factor = match unit {
        "GB" => 1e9,
        "MB" => 1e6,
        "kB" => 1e3,
        _ => 1.0,
    };
    number.parse::<f64>().unwrap() * factor
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn the_memory_announced_is_what_a_run_takes() {
    let quiet = "record: {of: \"c[0]\", every: 0.1 ms, quantities: [voltage]}";
    let mut pairs = "from,to,delay,transmission,weight\n".to_owned();
    for k in 0..300_000_u64 {
        let (from, to) = (k * 7919 % 5000, (k * 104_729 + 1 + k % 17) % 5000);
        if from != to {
            let _ = writeln!(
                pairs,
                "{from},{to},{},0.9,{}",
                0.3 + 0.001 * (k % 700) as f64,
                0.5 + 0.001 * (k % 999) as f64
            );
        }
    }
    let mut many = format!("name: net\nsimulation: {{duration: 1 ms}}\nneurons:\n  p0: &cell{CELL}\n");
    for k in 1..3000 {
        let _ = writeln!(many, "  p{k}: *cell");
    }
    many.push_str("record: {of: p0, quantities: [voltage]}\n");
    let line = |pattern: &str, more: &str| {
        format!("waveguides: {{w: {{from: c, to: c, pattern: {pattern}, {more}}}}}\n{quiet}")
    };
    let listed: Vec<String> =
        (0..60_000).map(|k| format!("[{}, {}]", k * 7 % 1000, 1000 + k * 13 % 997)).collect();
    let listed = listed.join(", ");
    let networks = [
        (
            "recorded",
            driven("duration: 10 ms", 2000, "", "record: {of: c, every: 0.05 ms, quantities: [voltage, n, m, h]}"),
        ),
        ("firing", driven("duration: 150 ms, step: 0.05 ms", 6000, "", quiet)),
        (
            "two-way",
            driven(
                "duration: 4 ms",
                20_000,
                PORTS,
                &line("chain", "delay: 1 ms, direction: two-way").replace("to: c, ", ""),
            ),
        ),
        (
            "drawn",
            driven(
                "duration: 3 ms",
                3000,
                PORTS,
                &line(
                    "{random: {probability: 0.1}}",
                    "delay: {uniform: [0.5 ms, 1 ms]}, weight: {uniform: [0.5, 1]}",
                ),
            ),
        ),
        ("file", driven("duration: 3 ms", 5000, PORTS, &line("{file: {path: pairs.csv}}", "gain: 1"))),
        ("many", many),
        (
            "chain at rest",
            resting("duration: 3 ms", 40_000, PORTS, &line("chain", "delay: 1 ms").replace("to: c, ", "")),
        ),
        (
            "grid at rest",
            resting(
                "duration: 2 ms",
                40_000,
                PORTS,
                &line("{grid: {width: 200, neighbours: 4}}", "delay: 1 ms").replace("to: c, ", ""),
            ),
        ),
        (
            "long delay at rest",
            resting("duration: 60 ms", 5000, PORTS, &line("chain", "delay: 50 ms").replace("to: c, ", "")),
        ),
        (
            "modes",
            driven("duration: 4 ms", 300, PORTS, &line("chain", "delay: 0.5 ms").replace("to: c, ", ""))
                + "quantum: {hbar: 1, fluctuations: heisenberg, modes: 16}\n",
        ),
        (
            "samples",
            driven("duration: 40 ms", 60, PORTS, &line("chain", "delay: 0.5 ms").replace("to: c, ", ""))
                + "quantum: {hbar: 1, fluctuations: wigner, samples: 32}\n",
        ),
        (
            "single precision",
            driven(
                "duration: 3 ms, precision: f32",
                60_000,
                PORTS,
                &line("{grid: {width: 300, neighbours: 8}}", "delay: 0.7 ms").replace("to: c, ", ""),
            ),
        ),
        (
            "fan-in",
            driven(
                "duration: 3 ms",
                20_000,
                PORTS,
                &line("{fixed-fan-in: {k: 20}}", "delay: 1.003 ms, loss: 3 dB"),
            ),
        ),
        ("listed", driven("duration: 2 ms", 2000, PORTS, &line(&format!("{{pairs: [{listed}]}}"), "delay: 1 ms"))),
    ];
    let (mut good, mut sizes) = (true, String::new());
    // The program itself is larger in a test's build than in that which is shipped: what a run of one neuron takes more
    // here than announced is not the other networks' fault.
    let mut larger = 0.0;
    let one = ("one", driven("duration: 3 ms", 1, "", quiet));
    let every = networks.len() / MEMORIES.number();
    for (name, text) in std::iter::once(one).chain(networks.into_iter().step_by(every)) {
        let place = Place::with(&[]);
        fs::write(place.path("pairs.csv"), &pairs).unwrap();
        fs::write(place.path("net.yaml"), text).unwrap();
        let told = place.done(&["check", "net.yaml"]);
        let announced = told.lines().find_map(|line| line.trim().strip_prefix("memory")).unwrap();
        let about = announced.trim().strip_prefix("about ").unwrap().split(',').next().unwrap();
        let announced = bytes(about);
        let Some(peak) = peak(&place, &["run", "net.yaml", "--out", "out"]) else { return };
        let peak = peak - larger;
        if name == "one" {
            larger = peak - announced;
        }
        // The program's own memory is that of a release build.
        good &= (peak / announced - 1.0).abs() < 0.3 || name == "one" && cfg!(debug_assertions);
        let _ = writeln!(sizes, "{name}: announced {:.1} MB, took {:.1} MB", announced / 1e6, peak / 1e6);
    }
    assert!(good, "not within 30 %:\n{sizes}");
}

#[test]
fn a_summary_of_very_many_populations_is_cut_and_says_so() {
    let place = Place::with(&[]);
    let mut text = format!("name: many\nsimulation: {{duration: 0.1 ms}}\nneurons:\n  p0: &cell{CELL}\n");
    for k in 1..1200 {
        let _ = writeln!(text, "  p{k}: *cell");
    }
    fs::write(place.path("many.yaml"), text).unwrap();
    place.done(&["run", "many.yaml"]);
    let summary = place.summary("many");
    let neurons = summary["network"]["neurons"].as_object().unwrap();
    assert_eq!(neurons.len(), 1001);
    assert_eq!(neurons["..."], "and 200 more: network.yaml has all");
    assert!(place.read("many/network.yaml").contains("\n  p1199:\n"));
    place.done(&["verify", "many"]);
}

/// A transmission of its own for each of a hundred thousand waveguides, trained by one run backwards an iteration.
#[test]
fn a_hundred_thousand_trained_numbers_take_less_than_two_gibibytes() {
    let speakers = SPEAKERS.number();
    // Of fewer, fewer: the program itself takes next to nothing.
    let most = 2.0 * (1u64 << 30) as f64 * (1000 * speakers) as f64 / 1e5;
    let place = Place::with(&[]);
    let network = format!(
        "name: many_network\nsimulation: {{duration: 6 ms, step: 0.025 ms, sleep: off}}\nneurons:\n  \
         speaker:\n    count: {speakers}{CELL}{PORTS}\n  listener:\n    count: 1000{CELL}{PORTS}\n\
         sources: {{s: {{into: speaker, current: {{shape: constant, amplitude: 20 uA}}}}}}\n\
         waveguides: {{w: {{from: speaker, to: listener, pattern: all-to-all, delay: {{uniform: [0.5 ms, 2 ms]}}, \
         transmission: 0.8}}}}\nrecord: {{of: \"listener[0]\", quantities: [voltage]}}\n"
    );
    let fit = "name: many\nnetwork: many_network.yaml\nparameters:\n  \
               - {path: waveguides.w.transmission, each: true, bounds: [0.1, 0.99]}\nobjective:\n  \
               - measure: {of: \"listener.voltage.mean(2 ms, 6 ms)\", aim: -60}\n\
               optimizer: {lbfgs: {iterations: 2}}\n";
    fs::write(place.path("many_network.yaml"), network).unwrap();
    fs::write(place.path("many.yaml"), fit).unwrap();
    let Some(peak) = peak(&place, &["fit", "many.yaml"]) else { return };
    assert!(peak < most, "{:.2} GiB", peak / f64::from(1 << 30));
    let summary = place.summary("many");
    assert_eq!(summary["parameters"].as_array().map(Vec::len), Some(1000 * speakers));
    let [before, after] = [0, 1].map(|which| summary["objective"][which].as_f64().unwrap());
    assert!(after < 0.99 * before, "{before} before, {after} after");
}
