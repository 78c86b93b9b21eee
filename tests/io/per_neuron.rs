//! Each neuron by its own values: nothing is worked out for the first of several and used for all, and no unrelated
//! part of a network changes the numbers of another.

use qhh_format::yaml::{self, Override};
use qhh_net::RunOptions;
use qhh_net::network::Observable;
use qhh_net::outcome::WaveBalance;

use crate::ran::{Ran, fault};

const AXON: &str = "
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}";

fn peak(ran: &Ran, neuron: &str) -> f64 {
    ran.trace(neuron, Observable::WaveIn).iter().fold(0.0, |peak, wave| f64::max(peak, wave.abs()))
}

fn set(path: &str, value: &str) -> Override {
    Override { path: path.to_owned(), value: value.to_owned() }
}

/// A file of `tests/faults` with values set that have signs of their own in them.
fn changed(path: &str, changes: &[Override]) -> Ran {
    let loaded = yaml::load(&fault(path), changes).unwrap_or_else(|error| panic!("{path}: {error}"));
    Ran::of((*loaded.network).clone(), RunOptions::default())
}

#[test]
fn a_wavepacket_arrives_at_each_line_by_its_own_impedance() {
    let file = "07-wavepacket-into-two-impedances/net.yaml";
    for (impedances, expected) in
        [("[3 kOhm, 12 kOhm]", [11.265, 22.530]), ("[12 kOhm, 3 kOhm]", [22.530, 11.265])]
    {
        let ran = changed(file, &[set("neurons.c.input.impedance", impedances)]);
        for (neuron, expected) in ["c[0]", "c[1]"].into_iter().zip(expected) {
            let peak = peak(&ran, neuron);
            assert!((peak / expected - 1.0).abs() < 1e-3, "{impedances}: {neuron} {peak}, expected {expected}");
        }
    }
}

#[test]
fn a_wavepacket_into_two_populations_does_not_care_which_is_named_first() {
    let network = |first: &str, second: &str| {
        format!(
            "name: two
simulation: {{duration: 10 ms, step: 0.02 ms}}
quantum: {{hbar: 0.7, fluctuations: none}}
neurons:
  a:{AXON}
    input: {{capacitance: 1 uF, impedance: 5 kOhm}}
  b:{AXON}
    input: {{capacitance: 2 uF, impedance: 0.8 kOhm}}
sources:
  s: {{into: [{first}, {second}], wavepacket: {{carrier: 9 rad/ms, envelope: gaussian, centre: 5 ms, width: 0.7 ms}}, state: {{coherent: {{amplitude: 2, phase: 0.4}}}}}}
record: {{of: [a, b], every: 0.02 ms, quantities: [voltage, wave_in]}}
"
        )
    };
    let (one, other) = (Ran::text(&network("a", "b")), Ran::text(&network("b", "a")));
    for neuron in ["a[0]", "b[0]"] {
        assert_eq!(one.voltage(neuron), other.voltage(neuron));
    }
    let ratio = peak(&one, "a[0]") / peak(&one, "b[0]");
    assert!((ratio - (5.0f64 / 0.8).sqrt()).abs() < 1e-9, "{ratio}");
}

fn waves(ran: &Ran) -> WaveBalance {
    ran.outcome.waves.unwrap()
}

/// What was sent and neither arrived nor is under way.
fn lost(waves: &WaveBalance) -> f64 {
    waves.sent - waves.arrived - waves.in_flight
}

#[test]
fn energy_sent_is_that_of_waves_into_waveguides_whoever_shares_a_block() {
    let file = "q07-energy-sent-counts-free-ports/net.yaml";
    let waves = waves(&Ran::fault(file, &[]));
    assert!((waves.sent - 1439.228).abs() < 0.01, "{waves:?}");
    assert!(lost(&waves).abs() < 1e-9 * waves.sent, "{waves:?}");
    // Sixteen share a block: the seventeenth neuron has one to itself.
    for count in [3, 16, 17] {
        let of_many = self::waves(&Ran::fault(file, &[&format!("neurons.a.count={count}")]));
        assert!(lost(&of_many).abs() < 1e-9 * of_many.sent, "{count}: {of_many:?}");
    }
}

#[test]
fn energy_lost_is_what_the_transmission_takes() {
    for (transmission, parts) in [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)] {
        let change = format!("waveguides.w.transmission={transmission}");
        let waves = waves(&Ran::fault("q07-energy-sent-counts-free-ports/sweep.yaml", &[&change]));
        // What is under way is not lost yet.
        let through = waves.sent - waves.in_flight;
        assert!((lost(&waves) / through - parts).abs() < 1e-9, "{transmission}: {waves:?}");
    }
}

#[test]
fn waves_under_way_count_arm_by_arm_with_their_own_delays() {
    // The run ends while the spike is within the longer arms, whole steps and not.
    let text = format!(
        "name: fan
simulation: {{duration: 9 ms, sleep: off}}
neurons:
  a:{AXON}
    output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}
  b:
    count: 3{AXON}
    input: {{capacitance: 1 uF, impedance: 3 kOhm}}
sources: {{k: {{into: a, current: {{shape: pulse, amplitude: 40 uA, start: 2 ms, duration: 1 ms}}}}}}
waveguides:
  w: {{from: a, to: b, pattern: all-to-all, delay: [0.5 ms, 4.00731 ms, 30 ms]}}
record: {{of: a, quantities: [voltage]}}
"
    );
    let waves = waves(&Ran::text(&text));
    assert!(waves.in_flight > 0.3 * waves.sent, "{waves:?}");
    assert!(lost(&waves).abs() < 1e-4 * waves.sent, "{waves:?}, lost {}", lost(&waves));
}

#[test]
fn a_delay_keeps_its_digits_whatever_the_other_delays() {
    let file = "12-delay-resolution/net.yaml";
    let short = Ran::fault(file, &["waveguides.far.delay=1 ms"]);
    for far in ["100 s", "1000 s", "1.7 ms"] {
        let ran = Ran::fault(file, &[&format!("waveguides.far.delay={far}")]);
        for neuron in ["c[0]", "c[1]"] {
            assert_eq!(ran.voltage(neuron), short.voltage(neuron), "{far}: {neuron}");
            assert_eq!(ran.spikes(neuron), short.spikes(neuron), "{far}: {neuron}");
        }
    }
}

#[test]
fn a_delay_is_good_to_a_millionth_of_a_step_and_below() {
    // The wave is a straight line between two samples, so what arrives is linear in the delay within a step.
    let at = |delay: f64| {
        let file = "12-delay-resolution/net.yaml";
        let set = [set("waveguides.w.delay", &format!("{delay} ms"))];
        changed(file, &set).voltage("c[1]").to_vec()
    };
    let (whole, a_little, more) = (at(1.0), at(1.0 + 2e-10), at(1.0 + 4e-10));
    let moved = |to: &[f64]| to.iter().zip(&whole).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let (once, twice) = (moved(&a_little), moved(&more));
    assert!(once > 0.0 && (twice / once - 2.0).abs() < 0.02, "{once}, {twice}");
}

fn energy_defect(ran: &Ran) -> f64 {
    ran.outcome.checks.iter().find(|check| check.name == "energy balance").unwrap().defect
}

#[test]
fn the_energy_of_a_wavepacket_balances() {
    let file = "q14-energy-balance-false-alarm/net.yaml";
    let coarse = energy_defect(&Ran::fault(file, &[]));
    assert!(coarse < 1e-3, "{coarse}");
    // Another carrier, and a packet that is half over when the run ends.
    for changes in [["modes=null", "sources.s.wavepacket.carrier=3"], ["modes=null", "simulation.duration=11"]] {
        let defect = energy_defect(&Ran::fault(file, &changes));
        assert!(defect < 5e-3, "{changes:?}: {defect}");
    }
}
