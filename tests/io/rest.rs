//! Neurons without a stable rest: told, never put to sleep, and the same at any step.

use std::path::Path;

use qhh_format::yaml;

use crate::ran::{Ran, fault};

const PACEMAKER: &str = "08-rest-that-is-not-stable/net.yaml";

fn warnings(set: &[&str]) -> Vec<String> {
    let set: Vec<yaml::Override> = set.iter().map(|set| yaml::Override::parse(set).unwrap()).collect();
    of(&yaml::load(&fault(PACEMAKER), &set).unwrap())
}

/// The warnings of unstable rest.
fn of(loaded: &yaml::Loaded) -> Vec<String> {
    let all = loaded.network.warnings().into_iter().map(|warning| warning.to_string());
    all.filter(|warning| warning.contains("rest is unstable")).collect()
}

#[test]
fn a_neuron_without_a_stable_rest_is_warned_of_with_what_its_eigenvalue_says() {
    let told = warnings(&[]);
    assert_eq!(told.len(), 1, "{told:?}");
    for part in [
        "neurons.c: rest is unstable: at -59.3297 mV",
        "grows at the rate 0.",
        " per ms, swinging at 0.",
        "rad/ms",
        "at -58.3297 mV",
        "`initial: {voltage: ..}`",
    ] {
        assert!(told[0].contains(part), "{part}: {}", told[0]);
    }
    // The remedy is one, and a neuron with a stable rest is left alone.
    assert_eq!(warnings(&["neurons.c.initial={voltage: -59.3287 mV}"]), [""; 0]);
    assert_eq!(warnings(&["neurons.c.channels.potassium.conductance=36 mS"]), [""; 0]);
    // Gates alone leave the voltage to rest.
    assert_eq!(warnings(&["neurons.c.initial={n: 0.4}"]).len(), 1);
}

#[test]
fn a_pacemaker_fires_the_same_at_any_step_asleep_or_not() {
    for potassium in ["14 mS", "10 mS"] {
        let spikes = |step: &str, sleep: &str| {
            let potassium = format!("neurons.c.channels.potassium.conductance={potassium}");
            let step = format!("simulation.step={step}");
            let sleep = format!("simulation.sleep={sleep}");
            Ran::fault(PACEMAKER, &[&potassium, &step, &sleep, "simulation.duration=120 ms"]).spikes("c[0]")
        };
        let fine = spikes("0.005 ms", "off");
        assert!(fine.len() > 3, "{potassium}: {fine:?}");
        for (step, sleep) in
            [("0.01 ms", "off"), ("0.01 ms", "1e-6 mV"), ("0.02 ms", "off"), ("0.02 ms", "0.01 mV")]
        {
            let spikes = spikes(step, sleep);
            assert_eq!(spikes.len(), fine.len(), "{potassium}, {step}, {sleep}");
            let gap = spikes.iter().zip(&fine).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(gap < 0.2, "{potassium}, {step}, {sleep}: {gap} ms apart");
        }
    }
}

#[test]
fn of_neurons_that_differ_as_many_are_counted_as_have_no_stable_rest() {
    let text = "
name: drawn
simulation: {duration: 1 ms}
neurons:
  quiet:
    membrane: {capacitance: 1 uF}
    channels: &channels
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
  mixed:
    count: 5
    membrane: {capacitance: 1 uF}
    channels:
      <<: *channels
      potassium: {conductance: [36 mS, 14 mS, 30 mS, 10 mS, 15 mS], reversal: -77 mV}
  all:
    count: 2
    membrane: {capacitance: 1 uF}
    channels:
      <<: *channels
      potassium: {conductance: 14 mS, reversal: -77 mV}
    inputs:
      near: {capacitance: 0.01 uF, impedance: 3 kOhm}
      far: {capacitance: 0.01 uF, impedance: 5 kOhm}
  loaded:
    membrane: {capacitance: 1 uF}
    channels:
      <<: *channels
      potassium: {conductance: 14 mS, reversal: -77 mV}
    inputs:
      near: {capacitance: 5 uF, impedance: 0.3 kOhm}
      far: {capacitance: 5 uF, impedance: 0.3 kOhm}
";
    let warnings = of(&yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap());
    let [mixed, all] = warnings.as_slice() else { panic!("{warnings:?}") };
    let of_some =
        "neurons.mixed: 3 of its 5 neurons have no stable rest, the first `mixed[1]`: rest is unstable: at";
    assert!(mixed.starts_with(of_some), "{mixed}");
    assert!(
        all.starts_with("neurons.all: none of its 2 neurons has a stable rest: rest is unstable: at"),
        "{all}"
    );
}
