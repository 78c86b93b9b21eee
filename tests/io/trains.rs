//! Pulse trains and steps of a file, from the network file to what a neuron is fed.

use std::path::Path;

use qhh_format::yaml;
use qhh_net::RunOptions;
use qhh_net::network::Observable;

use crate::ran::Ran;

/// A small resistor-capacitor node, its time constant far below a step: its voltage in mV is the current in uA.
const RESISTOR: &str = "membrane: {capacitance: 0.000001 uF}, channels: {potassium: {conductance: 0 mS}, sodium: {conductance: 0 mS}, \
                        chloride: {conductance: 1 mS}}";

fn fed(units: &str, count: usize, duration: &str, current: &str, options: RunOptions) -> Ran {
    let text = format!(
        "name: fed\nunits: {units}\nsimulation: {{duration: {duration}, step: 0.01 ms, seed: 5}}\nneurons:\n  r: {{count: {count}, \
         {RESISTOR}}}\nsources:\n  train: {{into: r, current: {{{current}}}}}\nrecord: {{of: r, every: 0.01 ms, quantities: [voltage, \
         current]}}\n"
    );
    Ran::text_with(&text, options)
}

/// Starts of what is on, by sample.
fn onsets(samples: &[f64]) -> Vec<usize> {
    (0..samples.len()).filter(|&k| samples[k] != 0.0 && (k == 0 || samples[k - 1] == 0.0)).collect()
}

#[test]
fn regular_pulses_come_when_they_are_due() {
    let current = "shape: pulse, amplitude: 3 uA, start: 0.37 ms, duration: 0.21 ms, period: 1.13 ms";
    for units in ["hodgkin-huxley", "si"] {
        let ran = fed(units, 1, "10 ms", &format!("{current}, count: 5"), RunOptions::default());
        let due: Vec<usize> = (0..5).map(|k| 37 + 113 * k).collect();
        assert_eq!(onsets(ran.current("r[0]")), due, "{units}");
        let on = ran.current("r[0]").iter().filter(|i| **i != 0.0).count();
        assert_eq!(on, 5 * 21, "{units}: samples in which a pulse is on");
        let endless = fed(units, 1, "10 ms", current, RunOptions::default());
        assert_eq!(onsets(endless.current("r[0]")).len(), 9, "{units}");
    }
}

#[test]
fn listed_pulses_come_at_their_times_those_before_the_run_and_overlapping_ones_included() {
    let current =
        "shape: pulse, amplitude: 3 uA, times: [-0.1 ms, 1.13 ms, 4 ms, 4.1 ms, 20 ms], duration: 0.21 ms";
    for units in ["hodgkin-huxley", "si"] {
        let ran = fed(units, 1, "10 ms", current, RunOptions::default());
        let scale = if units == "si" { 1e6 } else { 1.0 };
        let on: Vec<(usize, f64)> =
            ran.current("r[0]").iter().map(|i| scale * i).enumerate().filter(|i| i.1 != 0.0).collect();
        let mut due: Vec<usize> = (0..11).chain(113..134).chain(400..431).collect();
        due.retain(|k| on.iter().any(|(at, _)| at == k));
        assert_eq!(on.iter().map(|(at, _)| *at).collect::<Vec<_>>(), due, "{units}");
        assert_eq!(on.len(), 11 + 21 + 31, "{units}");
        // From 4.1 to 4.21 ms there are two.
        assert!(
            on.iter().all(|(at, i)| (i - if (410..421).contains(at) { 6.0 } else { 3.0 }).abs() < 1e-9),
            "{on:?}"
        );
    }
}

/// As a train of that period, random numbers included.
#[test]
fn listed_pulses_at_regular_times_are_a_regular_train() {
    for jitter in ["0 ms", "0.7 ms"] {
        let of = |times: &str| {
            let current = format!("shape: pulse, amplitude: 1 uA, duration: 0.1 ms, {times}, jitter: {jitter}");
            fed("hodgkin-huxley", 3, "60 ms", &current, RunOptions::default())
        };
        let listed: Vec<String> = (0..11).map(|k| format!("{} ms", 5 + 5 * k)).collect();
        let listed = of(&format!("times: [{}]", listed.join(", ")));
        let regular = of("start: 5 ms, period: 5 ms, count: 11");
        for k in 0..3 {
            let name = format!("r[{k}]");
            assert!(!onsets(listed.current(&name)).is_empty());
            assert_eq!(listed.current(&name), regular.current(&name), "{name}, {jitter}");
        }
    }
}

#[test]
fn jitter_moves_each_pulse_of_each_neuron_by_its_own() {
    let current = "shape: pulse, amplitude: 1 uA, start: 5 ms, duration: 0.1 ms, period: 5 ms, jitter: 0.4 ms";
    let moved = |shared: bool| {
        let ran =
            fed("hodgkin-huxley", 12, "400 ms", &format!("{current}, shared: {shared}"), RunOptions::default());
        let of = |k: usize| -> Vec<f64> {
            let starts = onsets(ran.current(&format!("r[{k}]")));
            assert!(starts.len() >= 79, "{} pulses", starts.len());
            starts.iter().take(79).enumerate().map(|(k, at)| 0.01 * *at as f64 - 5.0 * (k + 1) as f64).collect()
        };
        (0..12).map(of).collect::<Vec<_>>()
    };
    let own = moved(false);
    let all: Vec<f64> = own.concat();
    let n = all.len() as f64;
    // A sample shows a pulse up to one step late, half of one on average.
    let mean = all.iter().sum::<f64>() / n - 0.005;
    let deviation = (all.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!(mean.abs() < 4.0 * 0.4 / n.sqrt() && (deviation - 0.4).abs() < 4.0 * 0.4 / (2.0 * n).sqrt());
    assert!(own[1..].iter().all(|other| *other != own[0]), "neurons differ");
    let shared = moved(true);
    assert!(shared[1..].iter().all(|other| *other == shared[0]), "neurons agree");
}

#[test]
fn poisson_pulses_differ_by_neuron_and_not_by_threads_or_company() {
    let current = "shape: poisson, rate: 400 Hz, amplitude: 2 uA, duration: 0.15 ms, dead_time: 0.5 ms";
    let on = |threads| RunOptions { threads, ..RunOptions::default() };
    let many = fed("hodgkin-huxley", 70, "200 ms", current, on(1));
    let again = fed("hodgkin-huxley", 70, "200 ms", current, on(2));
    let few = fed("si", 3, "200 ms", current, on(1));
    let mut pulses = 0;
    for k in 0..70 {
        let name = format!("r[{k}]");
        assert_eq!(many.current(&name), again.current(&name));
        assert!(k == 0 || many.current(&name) != many.current("r[0]"));
        pulses += onsets(many.current(&name)).len();
    }
    for k in 0..3 {
        let name = format!("r[{k}]");
        // Amperes there, microamperes here.
        let same = few.current(&name).iter().zip(many.current(&name)).all(|(si, hh)| (1e6 * si - hh).abs() < 1e-9);
        assert!(same, "{name} in other units and company");
    }
    // 0.4 per ms over 200 ms and 70 neurons; the dead time makes them more even than chance: 0.8 of a root.
    let expected = 0.4 * 200.0 * 70.0;
    assert!(
        (pulses as f64 - expected).abs() < 4.0 * 0.8 * expected.sqrt(),
        "{pulses} pulses, expected {expected}"
    );
}

/// What flows into the node is the charge of the pulses, whatever their form.
#[test]
fn pulses_of_every_form_carry_their_charge() {
    for (form, charge) in
        [("duration: 0.3 ms", 0.3), ("decay: 0.3 ms", 0.3), ("peak_after: 0.3 ms", 0.3 * 1_f64.exp())]
    {
        let text = format!(
            "name: fed\nsimulation: {{duration: 60 ms, step: 0.01 ms, seed: 9, sleep: off}}\nneurons:\n  r: {{membrane: \
             {{capacitance: 1 uF}}, channels: {{potassium: {{conductance: 0 mS}}, sodium: {{conductance: 0 mS}}, chloride: \
             {{conductance: 0 mS}}}}}}\nsources:\n  train: {{into: r, current: {{shape: poisson, rate: 0.3 1/ms, amplitude: 2 uA, {form}, \
             stop: 40 ms}}}}\nrecord: {{of: r, every: 0.01 ms, quantities: [voltage, current]}}\n"
        );
        let ran = Ran::text(&text);
        let voltage = ran.voltage("r[0]");
        let sum: f64 = ran.current("r[0]").iter().sum::<f64>() * 0.01;
        let gained = voltage[voltage.len() - 1];
        // By the samples to the first order of the step, at the jumps.
        assert!((gained - sum).abs() < 0.02 * gained, "{form}: {gained}, {sum}");
        let pulses = gained / (2.0 * charge);
        assert!((4.0..22.0).contains(&pulses), "{form}: {pulses} pulses where 12 are expected");
    }
}

/// The resolved file gives the same network back.
#[test]
fn trains_are_written_as_they_are_read() {
    for (units, current) in [
        (
            "hodgkin-huxley",
            "shape: pulse, amplitude: 3 uA, start: 1 ms, duration: 0.2 ms, period: 1.1 ms, count: 7, jitter: 0.3 ms",
        ),
        ("si", "shape: pulse, amplitude: 3 uA, start: 1 ms, duration: 0.2 ms, period: 1.1 ms, shared: true"),
        ("si", "shape: pulse, amplitude: 3 uA, duration: 0.2 ms, times: [1 ms, 1.7 ms, 5 ms], jitter: 0.1 ms"),
        (
            "hodgkin-huxley",
            "shape: pulse, amplitude: [1 uA, 2 uA, 3 uA], duration: 0.2 ms, times: [-1, 4], shared: true",
        ),
        (
            "si",
            "shape: poisson, rate: 37 Hz, amplitude: 2 uA, decay: 0.7 ms, dead_time: 3 ms, start: 2 ms, stop: 8 ms",
        ),
        (
            "hodgkin-huxley",
            "shape: poisson, rate: 0.21 1/ms, amplitude: [1 uA, 2 uA, 3 uA], peak_after: 0.7 ms, shared: true",
        ),
    ] {
        let text = format!(
            "name: fed\nunits: {units}\nsimulation: {{duration: 10 ms, step: 0.01 ms}}\nneurons:\n  r: {{count: 3, {RESISTOR}}}\nsources:\n\
             \x20 train: {{into: r, current: {{{current}}}}}\n"
        );
        let load = |text: &str| {
            yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap_or_else(|error| panic!("{error}"))
        };
        let loaded = load(&text);
        assert_eq!(load(&loaded.yaml).network, loaded.network, "{}", loaded.yaml);
    }
}

#[test]
fn rows_of_one_time_are_a_jump_and_held_rows_are_steps() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jump.csv"), "# made elsewhere\nt;i\n1;0\n2;4\n2;1\n3;1\n").unwrap();
    std::fs::write(folder.path().join("held.csv"), "t,i\n0.5,1\n1.25,-2\n2,5\n").unwrap();
    let text = "t,i\n0.5,1 # on\n1.25,1# at once, the other way\n1.25,-2\n# last\n2,5,# for good\n";
    std::fs::write(folder.path().join("commented.csv"), text).unwrap();
    let run = |file: &str, more: &str| {
        let text = format!(
            "name: fed\nsimulation: {{duration: 4 ms, step: 0.01 ms}}\nneurons:\n  r: {{{RESISTOR}}}\nsources:\n  file: {{into: r, current: \
             {{shape: file, path: {file}, column: i{more}}}}}\nrecord: {{of: r, every: 0.01 ms, quantities: [voltage, current]}}\n"
        );
        let path = folder.path().join("net.yaml");
        std::fs::write(&path, text).unwrap();
        let loaded = yaml::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        Ran::of((*loaded.network).clone(), RunOptions::default())
    };
    let jump = run("jump.csv", "");
    let at = |ran: &Ran, k: usize| ran.trace("r[0]", Observable::Current)[k];
    assert!((at(&jump, 150) - 2.0).abs() < 1e-12 && (at(&jump, 199) - 3.96).abs() < 1e-12);
    assert_eq!([at(&jump, 200), at(&jump, 250), at(&jump, 300), at(&jump, 99)], [1.0, 1.0, 0.0, 0.0]);
    // The voltage, held at the end of the step before the jump, has seen nothing of it.
    assert!((jump.voltage("r[0]")[200] - 4.0).abs() < 0.05, "{}", jump.voltage("r[0]")[200]);
    let held = run("held.csv", ", interpolate: previous");
    let found = [49, 50, 124, 125, 199, 200, 300, 400].map(|k| at(&held, k));
    assert_eq!(found, [0.0, 1.0, 1.0, -2.0, -2.0, 5.0, 5.0, 5.0]);
    let commented = run("commented.csv", ", interpolate: previous");
    assert_eq!([49, 50, 124, 125, 199, 200, 300, 400].map(|k| at(&commented, k)), found);
    let stopped = run("held.csv", ", interpolate: previous, stop: 3 ms");
    assert_eq!([299, 300].map(|k| at(&stopped, k)), [5.0, 0.0]);
}
