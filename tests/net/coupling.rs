//! Neurons joined by waveguides: references, and what the order of a file and the shape of a run must not change.

use qhh_net::network::{Direction, Observable};

use crate::data::{Reference, neuron_spikes, worst_of_range};
use crate::models;

fn spikes_of(outcome: &qhh_net::Outcome, neuron: usize) -> Vec<f64> {
    outcome.spikes.iter().filter(|spike| spike.neuron == neuron).map(|spike| spike.time).collect()
}

#[test]
fn a_spike_crosses_the_passive_chain_with_the_reference() {
    let reference = neuron_spikes("passive_chain_spikes.json");
    for sleep in [0.0, 1e-6] {
        let mut network = models::passive_chain(6, 40.0, 0.01);
        network.simulation.sleep = sleep;
        let outcome = models::run(&network);
        for (neuron, expected) in reference.iter().enumerate() {
            let spikes = spikes_of(&outcome, neuron);
            assert_eq!(spikes.len(), expected.len(), "neuron {neuron}: {spikes:?}");
            let gap = (spikes[0] - expected[0]).abs();
            assert!(gap < 0.01, "neuron {neuron} is off by {gap} ms, allowed 0.01 ms");
        }
        let table = Reference::load("passive_chain.csv");
        for neuron in 0..6 {
            for (name, observable) in [("V", Observable::Voltage), ("B", Observable::WaveOut)] {
                let values = outcome.traces.get(neuron, observable).unwrap();
                let error = worst_of_range(values, table.column(&format!("{name}{neuron}")));
                assert!(error < 0.02, "{name}{neuron} is off by {error} of its range");
            }
        }
        for check in &outcome.checks {
            assert!(check.holds(), "{}: defect {}", check.name, check.defect);
        }
    }
}

#[test]
fn a_two_way_pair_echoes_with_the_reference() {
    let mut network = models::passive_chain(2, 40.0, 0.01);
    network.waveguides[0].direction = Direction::TwoWay;
    let outcome = models::run(&network);
    for (neuron, expected) in neuron_spikes("two_way_pair_spikes.json").iter().enumerate() {
        let spikes = spikes_of(&outcome, neuron);
        assert_eq!(spikes.len(), expected.len(), "neuron {neuron}: {spikes:?}");
        for (k, (time, expected)) in spikes.iter().zip(expected).enumerate() {
            let allowed = if k < 2 { 0.02 } else { 0.1 };
            assert!((time - expected).abs() < allowed, "spike {k} of neuron {neuron}: {time} and {expected}");
        }
    }
    let table = Reference::load("two_way_pair.csv");
    for (name, neuron, observable) in
        [("V0", 0, Observable::Voltage), ("B_out0", 0, Observable::WaveOut), ("B_in1", 1, Observable::WaveBack)]
    {
        let values = outcome.traces.get(neuron, observable).unwrap();
        let n = 200; // the first two spikes
        let error = worst_of_range(&values[..n], &table.column(name)[..n]);
        assert!(error < 0.03, "{name} is off by {error} of its range");
    }
}
