//! The resolved file of any network gives that network again, to the last bit.

use std::path::Path;

use proptest::prelude::*;
use qhh_format::yaml;

use crate::fixtures::{CHANNELS, FULL, JOINED, LEAST};

fn gives_itself_back(text: &str) {
    let first =
        yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let second = yaml::load_text(Path::new("network.yaml"), &first.yaml, &[])
        .unwrap_or_else(|error| panic!("{error}\n{}", first.yaml));
    assert_eq!(first.network, second.network, "{}", first.yaml);
    assert_eq!(first.yaml, second.yaml);
    assert_eq!(first.resolved, second.resolved);
    assert_eq!(second.network.warnings(), first.network.warnings());
}

fn is_refused_as_senseless(text: &str) -> bool {
    let loaded = yaml::load_text(Path::new("net.yaml"), text, &[]);
    loaded.is_err_and(|error| error.problems.iter().all(|problem| problem.message.contains("mean nothing")))
}

#[test]
fn the_fixtures_give_themselves_back() {
    gives_itself_back(LEAST);
    gives_itself_back(FULL);
    gives_itself_back(JOINED);
    gives_itself_back(CHANNELS);
}

/// The papers' channels under other names are no `circuit`.
#[test]
fn renamed_channels_give_themselves_back() {
    let text = "
name: renamed
simulation: {duration: 5 ms}
neurons:
  cell:
    membrane: {capacitance: 1 uF}
    channels:
      kalium: {gating: potassium, conductance: 36 mS, reversal: -77 mV}
      natrium: {gating: sodium, conductance: 120 mS, reversal: 50 mV}
      leak: {conductance: 0.3 mS, reversal: -54.4 mV}
";
    gives_itself_back(text);
}

#[test]
fn channels_are_spelled_out_with_their_formulas() {
    let loaded = yaml::load_text(Path::new("net.yaml"), CHANNELS, &[]).unwrap();
    insta::assert_snapshot!(loaded.yaml);
}

#[test]
fn the_resolved_file_spells_everything_out() {
    let loaded = yaml::load_text(Path::new("net.yaml"), FULL, &[]).unwrap();
    insta::assert_snapshot!(loaded.yaml);
}

#[test]
fn waveguides_and_what_is_varied_are_spelled_out() {
    let loaded = yaml::load_text(Path::new("net.yaml"), JOINED, &[]).unwrap();
    insta::assert_snapshot!(loaded.yaml);
}

/// A positive number over many decades, with all its digits.
fn positive() -> impl Strategy<Value = f64> {
    (1.0..10.0, -12..12).prop_map(|(mantissa, exponent): (f64, i32)| mantissa * 10f64.powi(exponent))
}

fn any_sign() -> impl Strategy<Value = f64> {
    (positive(), any::<bool>()).prop_map(|(value, negative)| if negative { -value } else { value })
}

fn state() -> impl Strategy<Value = String> {
    let amplitude =
        || (any_sign(), -4.0..4.0).prop_map(|(a, p): (f64, f64)| format!("amplitude: {a:?}, phase: {p:?}"));
    prop_oneof![
        Just("vacuum".to_owned()),
        amplitude().prop_map(|a| format!("{{coherent: {{{a}}}}}")),
        (any_sign(), any_sign()).prop_map(|(x, y)| format!("{{coherent: {{real: {x:?}, imaginary: {y:?}}}}}")),
        (0.0..3.0, amplitude())
            .prop_map(|(r, a): (f64, _)| format!("{{squeezed: {{r: {r:?}, phase: 1, displacement: {{{a}}}}}}}")),
        positive().prop_map(|n| format!("{{thermal: {{photons: {n:?}}}}}")),
        any::<u32>().prop_map(|n| format!("{{fock: {{n: {n}}}}}")),
        amplitude().prop_map(|a| format!("{{cat: {{{a}, parity: odd}}}}")),
        amplitude().prop_map(|a| format!("{{superposition: [{{n: 0, amplitude: 1}}, {{n: 3, {a}}}]}}")),
    ]
}

fn current() -> impl Strategy<Value = String> {
    let span = || {
        (positive(), positive()).prop_map(|(start, length)| {
            let stop = start + length.max(start);
            format!("start: {start:?}, stop: {stop:?}")
        })
    };
    prop_oneof![
        (any_sign(), span())
            .prop_map(|(a, span)| format!("current: {{shape: constant, amplitude: {a:?}, {span}}}")),
        (any_sign(), positive(), positive()).prop_map(|(a, start, duration)| format!(
            "current: {{shape: pulse, amplitude: {a:?}, start: {start:?}, duration: {:?}}}",
            duration.max(start)
        )),
        (any_sign(), positive(), any_sign()).prop_map(|(a, w, phase)| format!(
            "current: {{shape: sine, amplitude: {a:?}, frequency: {w:?}, phase: {phase:?}}}"
        )),
        (any_sign(), any_sign(), span())
            .prop_map(|(a, b, span)| format!("current: {{shape: ramp, from: {a:?}, to: {b:?}, {span}}}")),
        (positive(), positive(), any::<bool>()).prop_map(|(a, dt, shared)| format!(
            "current: {{shape: noise, amplitude: {a:?}, interval: {dt:?}, shared: {shared}}}"
        )),
        (positive(), positive(), positive(), state()).prop_map(|(zero_point, w, width, state)| format!(
            "current: {{shape: mode, zero_point: {zero_point:?}, frequency: {w:?}, \
             envelope: {{gaussian: {{centre: 1, width: {width:?}}}}}}}, state: {state}"
        )),
    ]
}

fn network() -> impl Strategy<Value = String> {
    let units = prop_oneof![Just("hodgkin-huxley"), Just("si"), Just("raw")];
    let words = prop_oneof![Just("no".to_owned()), Just("12:30".to_owned()), ".{0,20}"];
    let values = prop::collection::vec(positive(), 9);
    let sources = prop::collection::vec(current(), 0..4);
    let packet = (positive(), state(), any::<bool>());
    (units, words, values, sources, packet, 1..40usize, any::<u64>(), 0..4u8).prop_map(
        |(units, words, v, sources, (carrier, state, two), count, seed, quantum)| {
            let words = serde_json::to_string(&words.replace(char::is_control, " ")).unwrap();
            let step = v[0];
            let duration = step * (1.0 + v[1].min(1e6));
            let near = "near: {capacitance: 1, impedance: 3}";
            let inputs = if two { format!("{{{near}, far: {{capacitance: 2, impedance: 5}}}}") } else { format!("{{{near}}}") };
            let mut text = format!(
                "name: \"no\"\ndescription: {words}\nunits: {units}\n\
                 simulation: {{duration: {duration:?}, step: {step:?}, seed: {seed}}}\n\
                 neurons:\n  \"on\":\n    count: {count}\n    membrane: {{capacitance: {:?}}}\n    channels:\n      \
                 potassium: {{conductance: {:?}, reversal: {:?}}}\n      sodium: {{conductance: {:?}}}\n      \
                 chloride: {{conductance: {:?}}}\n    initial: {{voltage: {:?}, m: 0.25}}\n    output: {{capacitance: {:?}, impedance: {:?}}}\n    inputs: {inputs}\n  \
                 b: {{circuit: single-channel, membrane: {{capacitance: 1}}, channels: {{potassium: {{conductance: 1}}}}}}\n",
                v[2], v[3], -v[4], v[5], v[6], -v[4], v[7], v[8]
            );
            if quantum > 0 {
                let kind = ["none", "adiabatic", "heisenberg, modes: 32"][usize::from(quantum) - 1];
                text.extend([format!("quantum: {{hbar: {:?}, temperature: {:?}, fluctuations: {kind}}}\n", v[3], v[4])]);
            }
            if quantum == 3 {
                text += "record: {quantities: [voltage, noise_budget]}\n";
            }
            if !sources.is_empty() || quantum > 0 {
                text += "sources:\n";
            }
            if quantum > 0 {
                let (port, width) = (if two { ", port: far" } else { "" }, 3.0 / carrier);
                text.extend([format!(
                    "  packet: {{into: \"on\"{port}, wavepacket: {{carrier: {carrier:?}, envelope: gaussian, centre: 1, \
                     width: {width:?}}}, state: {state}}}\n"
                )]);
            }
            for (k, source) in sources.iter().enumerate() {
                text.extend([format!("  s{k}: {{into: [\"on[{}..{}]\", b], {source}}}\n", k.min(count - 1), count - 1)]);
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases::ROUND_TRIPS.random(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the numbers, names and states, reading what was written changes no bit.
    #[test]
    fn any_network_gives_itself_back(text in network()) {
        // Values over many decades take some neurons to voltages that are refused.
        if !is_refused_as_senseless(&text) {
            gives_itself_back(&text);
        }
    }

    /// No text whatever makes the reader panic.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z\\[\\]{}:,\\-&*<|>'\"#!% \n\t\u{0}0-9é]{0,200}") {
        if let Err(error) = yaml::load_text(Path::new("x.yaml"), &text, &[]) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    /// A good file with a stretch of it overwritten is read or refused, with places inside the text.
    #[test]
    fn a_damaged_file_is_read_or_refused(at in 0..FULL.len(), patch in "[a-z\\[\\]{}:,\\-&* \n0-9é]{0,12}") {
        let at = (0..=at).rev().find(|&k| FULL.is_char_boundary(k)).unwrap();
        let end = (at + patch.len()..=FULL.len()).find(|&k| FULL.is_char_boundary(k)).unwrap_or(FULL.len());
        let text = format!("{}{patch}{}", &FULL[..at], &FULL[end.max(at)..]);
        if let Err(error) = yaml::load_text(Path::new("x.yaml"), &text, &[]) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
