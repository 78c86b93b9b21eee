//! Someone else's numbers: origin and tolerances in `tests/data/README.md`.

use qhh_core::circuit::{BathRule, Initial};
use qhh_net::network::Observable;

use crate::data::{Reference, squid_spikes, worst_of_range};
use crate::gaps::largest_gap;
use crate::models;

fn against_paper(network: &qhh_net::Network, reference: &str) {
    let outcome = models::run(network);
    let reference = Reference::load(reference);
    let single = network.populations[0].circuit.channels.len() == 1;
    let columns: &[(&str, Observable)] = &[
        ("V", Observable::Voltage),
        ("I", Observable::Current),
        ("g_K", Observable::G_K),
        ("n", Observable::N),
        ("g_Na", Observable::G_NA),
        ("m", Observable::M),
        ("h", Observable::H),
    ];
    for &(name, observable) in &columns[..if single { 4 } else { 7 }] {
        let error = worst_of_range(outcome.traces.get(0, observable).unwrap(), reference.column(name));
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
    largest_gap(spikes, reference)
}

#[test]
fn the_squid_axon_fires_with_the_reference() {
    for current in ["5.0", "7.0", "10.0", "20.0"] {
        let reference = squid_spikes(current);
        let error = |step| worst_gap(&squid(current.parse().unwrap(), step), &reference);
        assert!(error(0.01) < 0.01, "at {current} uA the worst gap is {} ms, allowed 0.01 ms", error(0.01));
    }
}

/// Against the reference where its five digits tell the errors apart.
#[test]
fn spike_times_converge_at_second_order() {
    for current in ["7.0", "10.0", "20.0"] {
        let reference = squid_spikes(current);
        let error = |step| worst_gap(&squid(current.parse().unwrap(), step), &reference);
        let order = (error(0.02) / error(0.01)).log2();
        assert!((1.9..2.1).contains(&order), "observed order {order} at {current} uA");
    }
}

#[test]
fn the_whole_course_of_the_squid_axon_follows_the_reference() {
    let drive = models::constant(10.0, 5.0, 95.0);
    let network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 100.0, 0.01);
    let outcome = models::run(&network);
    let reference = Reference::load("squid_step_10uA.csv");
    for (name, observable) in
        [("V", Observable::Voltage), ("n", Observable::N), ("m", Observable::M), ("h", Observable::H)]
    {
        let error = worst_of_range(outcome.traces.get(0, observable).unwrap(), reference.column(name));
        // A spike 0.003 ms late is off by this much on its upstroke.
        assert!(error < 0.015, "{name} is off by {error} of its range");
    }
}

fn relay(step: f64) -> qhh_net::Network {
    let drive = models::constant(40.0, 5.0, 7.0);
    models::one_neuron(models::relay_circuit(), Initial::Rest, drive, 40.0, step)
}

#[test]
fn a_neuron_with_ports_follows_the_first_of_the_reference_chain() {
    let outcome = models::run(&relay(0.01));
    let reference = Reference::load("passive_chain.csv");
    for (name, observable) in [("V0", Observable::Voltage), ("B0", Observable::WaveOut)] {
        let error = worst_of_range(outcome.traces.get(0, observable).unwrap(), reference.column(name));
        assert!(error < 2e-3, "{name} is off by {error} of its range");
    }
    assert_eq!(outcome.spikes.len(), 1);
    assert!((outcome.spikes[0].time - 5.9513).abs() < 0.01, "spike at {}", outcome.spikes[0].time);
}

#[test]
fn the_adiabatic_variance_follows_the_reference() {
    let network = models::with_variance(relay(0.01), 1.0, 0.0, 200.0);
    let outcome = models::run(&network);
    let reference = Reference::load("spike_variance.csv");
    let n = reference.column("var0_adiabatic").len();
    let values = &outcome.traces.get(0, Observable::Variance).unwrap()[..n];
    let error = worst_of_range(values, reference.column("var0_adiabatic"));
    assert!(error < 0.01, "the variance is off by {error} of its range, allowed 1 %");
}
