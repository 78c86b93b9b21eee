//! Someone else's numbers: origin and tolerances in `tests/data/README.md`.

use qhh_core::circuit::{BathRule, Initial};
use qhh_net::network::Observable;

use crate::data::{Reference, squid_spikes, worst_of_range};
use crate::models;

fn against_paper(network: &qhh_net::Network, reference: &str) {
    let outcome = models::run(network);
    let reference = Reference::load(reference);
    let single = network.populations[0].circuit.sodium().is_none();
    let columns: &[(&str, Observable)] = &[
        ("V", Observable::Voltage),
        ("I", Observable::Current),
        ("g_K", Observable::ConductancePotassium),
        ("n", Observable::GateN),
        ("g_Na", Observable::ConductanceSodium),
        ("m", Observable::GateM),
        ("h", Observable::GateH),
    ];
    for &(name, observable) in &columns[..if single { 4 } else { 7 }] {
        let error = worst_of_range(outcome.traces.get(0, observable).unwrap(), reference.column(name));
        println!("{name}: {error:e}");
        assert!(error < 1e-3, "{name} is off by {error} of its range, allowed 1e-3");
    }
}

#[test]
fn the_papers_neurons_follow_their_reference_at_the_reference_step_and_the_default() {
    for step in [1e-4, 1e-3] {
        for (circuit, baths, reference) in [
            (models::paper_circuit(), BathRule::SharedMode, "paper_three_channel_shared_mode.csv"),
            (models::paper_circuit(), BathRule::Independent, "paper_three_channel_independent.csv"),
            (models::paper_single_circuit(), BathRule::SharedMode, "paper_single_channel.csv"),
        ] {
            println!("{reference} at {step}");
            against_paper(&models::paper(circuit, baths, models::paper_sine(), step), reference);
        }
    }
}

fn squid(current: f64, step: f64) -> Vec<f64> {
    let drive = models::constant(current, 5.0, 95.0);
    let network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 100.0, step);
    models::run(&network).spikes.iter().map(|spike| spike.time).collect()
}

fn worst_gap(spikes: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(spikes.len(), reference.len(), "{spikes:?} against {reference:?}");
    spikes.iter().zip(reference).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn the_squid_axon_fires_with_the_reference_and_converges_at_second_order() {
    for current in ["5.0", "7.0", "10.0", "20.0"] {
        let reference = squid_spikes(current);
        let error = |step| worst_gap(&squid(current.parse().unwrap(), step), &reference);
        println!("{current}: {:?}", [0.04, 0.025, 0.02, 0.01, 0.005].map(error));
        assert!(error(0.01) < 0.01, "at {current} uA the worst gap is {} ms, allowed 0.01 ms", error(0.01));
    }
}
