//! Times on the grid of steps: what is on in which step, whatever the step, the units and the number of the step.

use std::fmt::Write as _;
use std::path::Path;

use qhh_format::yaml;
use qhh_net::network::Observable;

use crate::ran::{Ran, fault, refusal};

const AXON: &str = "membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 36 mS, reversal: -77 mV}, \
                    sodium: {conductance: 120 mS, reversal: 50 mV}, chloride: {conductance: 0.3 mS, reversal: -54.387 mV}}";

/// Onsets at each of these steps.
const ONSETS: std::ops::Range<usize> = 1..60;

/// Writes a source that goes on at a time.
type Writer<'a> = &'a dyn Fn(&str) -> String;

/// A resistor for each onset, with a source that goes on there; `source` writes the source, its start filled in.
fn onsets(units: &str, step: &str, method: &str, source: Writer<'_>) -> Ran {
    let (ms, s) = if units == "raw" { ("", "") } else { (" ms", " mS") };
    let f = if units == "raw" { "" } else { " uF" };
    let time = |k: usize| format!("{:.4}{ms}", k as f64 * step.parse::<f64>().unwrap());
    let mut text = format!(
        "name: onsets\nunits: {units}\nsimulation: {{duration: {}, step: {step}{ms}, sleep: off, method: {method}}}\n\
         neurons:\n  r: {{count: {}, membrane: {{capacitance: 0.01{f}}}, channels: {{potassium: {{conductance: 0{s}}}, \
         sodium: {{conductance: 0{s}}}, chloride: {{conductance: 1{s}}}}}}}\n\
         record: {{of: r, every: {step}{ms}, quantities: [voltage, current]}}\nsources:\n",
        time(ONSETS.end + 5),
        ONSETS.len(),
    );
    for (place, k) in ONSETS.enumerate() {
        writeln!(text, "  s{k}: {{into: \"r[{place}]\", {}}}", source(&time(k))).unwrap();
    }
    Ran::text(&text)
}

/// Nothing moves before an onset on the grid, and what is on moves something in the very next step.
#[test]
fn every_onset_on_the_grid_moves_nothing_before_it() {
    for units in ["hodgkin-huxley", "si", "raw"] {
        let a = if units == "raw" { "" } else { " uA" };
        let ms = if units == "raw" { "" } else { " ms" };
        let rad = if units == "raw" { "" } else { " rad/ms" };
        for step in ["0.001", "0.01", "0.02", "0.025", "0.03", "0.07", "0.1"] {
            let constant = |start: &str| format!("current: {{shape: constant, amplitude: 1{a}, start: {start}}}");
            let pulse = |start: &str| {
                format!("current: {{shape: pulse, amplitude: 1{a}, start: {start}, duration: 0.3{ms}}}")
            };
            let sine = |start: &str| {
                format!("current: {{shape: sine, amplitude: 1{a}, frequency: 2{rad}, phase: 1, start: {start}}}")
            };
            let ramp = |start: &str| {
                format!("current: {{shape: ramp, from: 1{a}, to: 2{a}, start: {start}, stop: 9{ms}}}")
            };
            let noise = |start: &str| {
                format!(
                    "current: {{shape: noise, amplitude: 1{a}, mean: 9{a}, interval: {step}{ms}, start: {start}}}"
                )
            };
            let mode = |start: &str| {
                format!(
                    "state: {{coherent: {{amplitude: 2}}}}, \
                     current: {{shape: mode, zero_point: 1{a}, frequency: 0.1{rad}, start: {start}}}"
                )
            };
            let langevin: [(&str, Writer<'_>); 6] = [
                ("constant", &constant),
                ("pulse", &pulse),
                ("sine", &sine),
                ("ramp", &ramp),
                ("noise", &noise),
                ("mode", &mode),
            ];
            let adiabatic = &langevin[..3];
            for (method, sources) in [("langevin", &langevin[..]), ("adiabatic", adiabatic)] {
                for (shape, source) in sources {
                    let ran = onsets(units, step, method, source);
                    for (place, k) in ONSETS.enumerate() {
                        let name = format!("r[{place}]");
                        let (v, i) = (ran.voltage(&name), ran.current(&name));
                        let case = format!("{shape}, {method}, {units}, step {step}, onset at step {k}");
                        // The stationary response has no memory: it is there at the onset itself.
                        let still = if method == "langevin" { k + 1 } else { k };
                        assert!(v[..still].iter().all(|v| *v == 0.0), "{case}: {:?}", &v[..=still]);
                        assert!(i[..k].iter().all(|i| *i == 0.0) && i[k] != 0.0, "{case}: {:?}", &i[..=k]);
                        assert!(v[still] != 0.0, "{case}");
                    }
                }
            }
        }
    }
}

/// tests/faults/01: no current flows before its onset, and both neurons fire equally late after it.
#[test]
fn no_spike_comes_before_the_onset() {
    let ran = Ran::fault("01-spike-before-onset/net.yaml", &[]);
    assert_eq!((ran.voltage("late[0]")[5], ran.voltage("early[0]")[6]), (0.0, 0.0));
    let (late, early) = (ran.spikes("late[0]")[0], ran.spikes("early[0]")[0]);
    assert!((late - 0.054).abs() < 2e-4 && (early - 0.064).abs() < 2e-4, "{late} {early}");
    assert!((late - 0.05 - (early - 0.06)).abs() < 1e-12);
}

/// tests/faults/02, and pulses at many more steps: the same course, so many steps later.
#[test]
fn a_shift_by_whole_steps_shifts_the_course() {
    let ran = Ran::fault("02-shift-on-the-grid/net.yaml", &[]);
    let (first, second) = (ran.voltage("a[0]"), ran.voltage("a[1]"));
    assert_eq!(second[6], second[0]);
    same_course(&first[50..], &second[6..]);

    for (step, units) in [("0.01", "hodgkin-huxley"), ("0.03", "hodgkin-huxley"), ("0.01", "si"), ("0.07", "si")] {
        let time = |k: u32| f64::from(k) * step.parse::<f64>().unwrap();
        let onsets: Vec<u32> = (0..40).map(|k| k + k * k / 3).collect();
        let mut text = format!(
            "name: shift\nunits: {units}\nsimulation: {{duration: {:.4} ms, step: {step} ms, sleep: off}}\n\
             neurons:\n  a: {{count: 40, {AXON}}}\nrecord: {{of: a, every: {step} ms, quantities: [voltage]}}\nsources:\n",
            time(700)
        );
        for (neuron, onset) in onsets.iter().enumerate() {
            let start = time(*onset);
            writeln!(
                text,
                "  p{neuron}: {{into: \"a[{neuron}]\", current: {{shape: pulse, amplitude: 40 uA, start: {start:.4} ms, \
                 duration: {:.4} ms}}}}\n  q{neuron}: {{into: \"a[{neuron}]\", current: {{shape: ramp, from: 3 uA, to: 9 uA, \
                 start: {:.4} ms, stop: {:.4} ms}}}}",
                time(70),
                time(onset + 90),
                time(onset + 120)
            )
            .unwrap();
        }
        let ran = Ran::text(&text);
        let volts = if units == "si" { 1e-3 } else { 1.0 };
        let base = ran.voltage("a[0]");
        for (neuron, &onset) in onsets.iter().enumerate() {
            let course = &ran.voltage(&format!("a[{neuron}]"))[onset as usize..];
            // Before its pulse a neuron rests, to rounding: the unit of the last place of -65 mV is 1.4e-14 mV.
            for (k, (x, y)) in base.iter().zip(course).enumerate() {
                assert!(
                    (x - y).abs() < 1e-11 * volts,
                    "{units}, step {step}, onset {onset}: {x} {y} {k} steps later"
                );
            }
        }
    }
}

fn same_course(first: &[f64], second: &[f64]) {
    for (k, (x, y)) in first.iter().zip(second).enumerate() {
        assert!((x - y).abs() < 1e-12, "{x} and {y} mV after {k} steps");
    }
}

/// tests/faults/03, and other shapes, steps and seeds: a unit that is written out means the same in either system.
#[test]
fn a_network_in_si_gives_the_same_numbers() {
    let noise = |set: &str| {
        ["shared=true", "shared=false"].map(|shared| {
            let set = [set, "seed=7"];
            let set: Vec<String> =
                vec![set[0].into(), format!("simulation.{}", set[1]), format!("sources.p.current.{shared}")];
            let set: Vec<&str> = set.iter().map(String::as_str).collect();
            Ran::fault("03-units-change-the-numbers/net.yaml", &set)
        })
    };
    for (hh, si) in noise("units=hodgkin-huxley").iter().zip(&noise("units=si")) {
        agree(hh, si, "c[0]");
    }
    for step in ["0.01", "0.03", "0.1"] {
        let text = |units: &str| {
            format!(
                "name: units\nunits: {units}\nsimulation: {{duration: 30 ms, step: {step} ms, seed: 3}}\nneurons:\n  c: {{{AXON}}}\n\
                 sources:\n  a: {{into: c, current: {{shape: noise, amplitude: 4 uA, mean: 3 uA, interval: 0.3 ms, start: 0.9 ms, stop: 20.1 ms}}}}\n\
                 \x20 b: {{into: c, current: {{shape: sine, amplitude: 3 uA, frequency: 70 Hz, start: 2.1 ms}}}}\n\
                 \x20 d: {{into: c, current: {{shape: pulse, amplitude: 7 uA, start: 3.3 ms, duration: 6.6 ms}}}}\n\
                 \x20 e: {{into: c, current: {{shape: ramp, to: 5 uA, start: 6.3 ms, stop: 12.3 ms}}}}\n\
                 record: {{of: c, every: {step} ms, quantities: [voltage, current]}}\n"
            )
        };
        agree(&Ran::text(&text("hodgkin-huxley")), &Ran::text(&text("si")), "c[0]");
    }
}

/// Every number of two runs to 1e-10 of itself, or of the scale of its kind where it passes through 0.
fn agree(hh: &Ran, si: &Ran, neuron: &str) {
    for (observable, unit) in [(Observable::Voltage, 1e3), (Observable::Current, 1e6)] {
        let (a, b) = (hh.trace(neuron, observable), si.trace(neuron, observable));
        assert_eq!(a.len(), b.len());
        let scale = a.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (k, (x, y)) in a.iter().zip(b).enumerate() {
            assert!((x - unit * y).abs() < 1e-10 * scale, "{observable:?} at sample {k}: {x} and {}", unit * y);
        }
    }
    let (a, b) = (hh.spikes(neuron), si.spikes(neuron));
    assert!(!a.is_empty() && a.len() == b.len(), "{a:?} {b:?}");
    for (x, y) in a.iter().zip(&b) {
        assert!((x - 1e3 * y).abs() < 1e-10 * x, "spikes at {x} and {}", 1e3 * y);
    }
}

/// tests/faults/05, and every frequency from 20 to 400 Hz whose periods end with the run.
#[test]
fn n_periods_give_n_rows() {
    let rows = |ran: &Ran, neuron: usize| {
        let own = ran.outcome.loops.iter().find(|of| of.neuron == neuron).unwrap();
        own.hysteresis.periods.len()
    };
    assert_eq!(rows(&Ran::fault("05-last-period-lost/net.yaml", &[]), 0), 33);
    for units in ["hodgkin-huxley", "si"] {
        let n = 38;
        let mut text = format!(
            "name: loops\nunits: {units}\nsimulation: {{duration: 100 ms, step: 0.02 ms}}\nneurons:\n  c: {{count: {n}, \
             circuit: single-channel, membrane: {{capacitance: 1 uF}}, channels: {{potassium: {{conductance: 36 mS}}}}, \
             initial: {{n: 0.4}}}}\nrecord: {{every: 10 ms, of: c, quantities: [voltage, hysteresis]}}\nsources:\n"
        );
        for neuron in 0..n {
            writeln!(
                text,
                "  s{neuron}: {{into: \"c[{neuron}]\", current: {{shape: sine, amplitude: 5 uA, frequency: {} Hz}}}}",
                10 * (neuron + 2)
            )
            .unwrap();
        }
        let ran = Ran::text(&text);
        for neuron in 0..n {
            assert_eq!(rows(&ran, neuron), neuron + 2, "{} Hz, {units}", 10 * (neuron + 2));
        }
        let last = &ran.outcome.loops[0].hysteresis.periods[1];
        let ms = if units == "si" { 1e3 } else { 1.0 };
        assert!((last.start * ms - 50.0).abs() < 1e-9, "the second period of 20 Hz begins at {}", last.start);
    }
}

/// tests/faults/14: a drive of more than a period a step makes no loop; one of exactly a step does.
#[test]
fn a_drive_of_more_than_a_period_a_step_is_refused() {
    let refused = refusal("14-more-than-a-period-a-step/net.yaml");
    assert!(refused.contains("is shorter than a step") && refused.contains("hysteresis"), "{refused}");
    let set = ["sources.s.current.frequency=20 kHz"];
    let ran = Ran::fault("14-more-than-a-period-a-step/net.yaml", &set);
    assert_eq!(ran.outcome.loops[0].hysteresis.periods.len(), 100);
    // Nor is it recorded by default.
    let text = std::fs::read_to_string(fault("14-more-than-a-period-a-step/net.yaml")).unwrap();
    let by_default = |frequency: &str| {
        let text = text.replace("30 kHz", frequency);
        let text = &text[..text.find("record:").unwrap()];
        yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap().network.record.hysteresis
    };
    assert_eq!(["30 kHz", "20 kHz"].map(by_default), [false, true]);
}

/// tests/faults/06, and pulses from every step of a hundred: on for as many samples as they are long.
#[test]
fn an_adiabatic_pulse_is_on_for_its_duration() {
    let ran = Ran::fault("06-adiabatic-pulse-too-long/net.yaml", &[]);
    assert_eq!((ran.voltage("c[0]")[104], ran.voltage("c[1]")[105]), (0.0, 0.0));
    assert!(ran.voltage("c[0]")[103] != 0.0 && ran.voltage("c[1]")[104] != 0.0);
    for step in ["0.001", "0.003", "0.01", "0.07"] {
        let ran = onsets("raw", step, "adiabatic", &|start| {
            format!(
                "current: {{shape: pulse, amplitude: 1, start: {start}, duration: {:.4}}}",
                4.0 * step.parse::<f64>().unwrap()
            )
        });
        for (place, k) in ONSETS.enumerate() {
            let on: Vec<usize> = ran
                .voltage(&format!("r[{place}]"))
                .iter()
                .enumerate()
                .filter(|v| *v.1 != 0.0)
                .map(|v| v.0)
                .collect();
            assert_eq!(on, (k..k + 4).collect::<Vec<_>>(), "step {step}");
        }
    }
}

/// tests/faults/16: samples that begin and end away from 0 jump there.
#[test]
fn a_file_is_off_before_its_first_and_from_its_last_sample_on() {
    let ran = Ran::fault("16-ends-of-a-file/net.yaml", &[]);
    let v = ran.voltage("c[0]");
    assert_eq!(v[16], 0.0);
    assert!(ran.spikes("c[0]").iter().all(|time| *time > 0.125));
    assert!((v[32] - 1.0).abs() < 5e-3 && v[33].abs() < 5e-3, "{} {}", v[32], v[33]);
    assert_eq!((ran.current("c[0]")[16], ran.current("c[0]")[32]), (1.0, 0.0));
}

/// The same with ends at every tenth of a millisecond, which no binary number is, and a step that divides it.
#[test]
fn ends_of_files_lie_on_the_grid() {
    let folder = tempfile::tempdir().unwrap();
    for units in ["hodgkin-huxley", "si"] {
        let (ms, ua) = if units == "si" { ("e-3", "e-6") } else { ("", "") };
        for k in 1..30_usize {
            let (from, to) = (k as f64 / 10.0, (k + 3) as f64 / 10.0);
            let file = format!("t,x\n{from:.1}{ms},2{ua}\n{to:.1}{ms},3{ua}\n");
            std::fs::write(folder.path().join("i.csv"), file).unwrap();
            let text = format!(
                "name: ends\nunits: {units}\nsimulation: {{duration: 4 ms, step: 0.05 ms, sleep: off}}\nneurons:\n  r: {{membrane: \
                 {{capacitance: 0.000001 uF}}, channels: {{potassium: {{conductance: 0 mS}}, sodium: {{conductance: 0 mS}}, \
                 chloride: {{conductance: 1 mS}}}}}}\nsources:\n  s: {{into: r, current: {{shape: file, path: i.csv, column: x}}}}\n\
                 record: {{of: r, every: 0.05 ms, quantities: [voltage, current]}}\n"
            );
            let loaded = yaml::load_text(&folder.path().join("net.yaml"), &text, &[]).unwrap();
            let ran = Ran::of((*loaded.network).clone(), qhh_net::RunOptions::default());
            let (v, i, unit) =
                (ran.voltage("r[0]"), ran.current("r[0]"), if units == "si" { 1e3_f64 } else { 1.0 });
            assert!(v[..=2 * k].iter().all(|v| *v == 0.0), "{units}, from {from}: {:?}", &v[..=2 * k]);
            assert!(
                (i[2 * k] * unit.powi(2) - 2.0).abs() < 1e-12 && i[2 * k + 6] == 0.0,
                "{units}, from {from} ms"
            );
            // The method follows a jump to half a percent of it.
            assert!(v[2 * k + 7].abs() * unit < 0.02, "{units}, to {to}: {}", v[2 * k + 7] * unit);
        }
    }
}
