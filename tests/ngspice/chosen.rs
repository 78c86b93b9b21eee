//! Chosen networks, their mean field through a whole run.

use std::path::{Path, PathBuf};

use crate::gaps::worst;
use crate::models;
use crate::require::note;
use crate::spice::simulator;
use qhh_core::circuit::{Channels, Circuit, Initial, Inputs};
use qhh_core::port::Port;
use qhh_core::source::{Current, Shape};
use qhh_format::yaml;
use qhh_net::network::{
    Delay, Direction, Drive, Network, Observable, ParameterValues, Pattern, Population, Waveguides,
};

/// Gap in ms allowed for the first two spikes of a neuron and for later ones.
const ALLOWED: [f64; 2] = [0.02, 0.1];
/// Gap allowed between the voltages, as a part of their range.
const ALLOWED_OF_RANGE: f64 = 0.03;

pub fn load(path: &Path) -> Network {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    yaml::load(&path, &[]).unwrap_or_else(|error| panic!("{error}")).network.into_network()
}

/// Spikes of every neuron and the voltage of the first up to its second spike, by the program and by ngspice.
pub fn agrees(mut network: Network) {
    network.quantum = None;
    let simulation = &network.simulation;
    let millisecond = 1.0 / network.rate_units().milliseconds;
    network.record.every = (0.1 * millisecond / simulation.step).round().max(1.0) * simulation.step;
    (network.record.neurons, network.record.observables) = (vec![0], vec![Observable::Voltage]);
    network.record.hysteresis = false;
    let outcome = models::run(&network);
    let course = simulator::course(&network, 1.0).unwrap_or_else(|said| panic!("{said}"));

    let (mut n_spikes, mut gaps) = (0, [0.0f64; 2]);
    // A spike so near the end may be missed by either.
    let end = network.simulation.duration - ALLOWED[1] * millisecond;
    for neuron in 0..network.n_neurons() {
        let ours: Vec<f64> = outcome.spikes.iter().filter(|s| s.neuron == neuron).map(|s| s.time).collect();
        let theirs = course.crossings(neuron, network.simulation.spike_threshold.unwrap_or(0.0));
        let name = network.neuron_name(neuron);
        let before = |times: &[f64]| times.iter().filter(|time| **time < end).count();
        let count = before(&ours).max(before(&theirs));
        assert!(ours.len().min(theirs.len()) >= count, "{name}: spikes at {ours:?}, by ngspice at {theirs:?}");
        for (k, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let (gap, late) = ((ours - theirs).abs() / millisecond, usize::from(k >= 2));
            gaps[late] = gaps[late].max(gap);
            assert!(gap < ALLOWED[late], "spike {k} of {name}: {ours}, by ngspice {theirs}");
        }
        n_spikes += count;
    }

    let second = outcome.spikes.iter().filter(|s| s.neuron == 0).nth(1).map_or(f64::INFINITY, |s| s.time);
    let ours = outcome.traces.get(0, Observable::Voltage).unwrap();
    let pairs = outcome.traces.times.iter().zip(ours).take_while(|(time, _)| **time <= second);
    let gap = pairs.map(|(time, v)| (v - course.at(0, *time)).abs()).fold(0.0, worst);
    let (low, high) =
        course.voltages[0].iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let of_range = if high > low { gap / (high - low) } else { gap };
    let later = if gaps[1] > 0.0 { format!(", later ones by {:.4} ms", gaps[1]) } else { String::new() };
    let (name, first, percent) = (&network.name, gaps[0], 100.0 * of_range);
    note!("{name}: {n_spikes} spikes, off by {first:.4} ms{later}; voltage by {percent:.2} % of its range");
    assert!(of_range < ALLOWED_OF_RANGE, "{} is off by {of_range} of its range", network.neuron_name(0));
}

pub fn a_chain_agrees() {
    agrees(load("networks/chain.yaml".as_ref()));
}

pub fn a_lossy_chain_agrees() {
    agrees(load("networks/lossy_chain.yaml".as_ref()));
}

pub fn a_true_line_agrees() {
    agrees(load("networks/two_way.yaml".as_ref()));
}

pub fn a_ring_agrees() {
    let mut network = load("networks/ring.yaml".as_ref());
    network.simulation.duration = 40.0;
    agrees(network);
}

/// One neuron fires two of different weight, one of which is turned round where they meet; what they fire answers
/// through a lossy two-way waveguide between unequal impedances and a second input port.
pub fn a_diamond_agrees() {
    let drive = models::constant(40.0, 5.0, 7.0);
    let mut network = models::one_neuron(models::relay_circuit(), Initial::Rest, drive, 30.0, 0.01);
    "diamond".clone_into(&mut network.name);
    let inputs = [Port { capacitance: 1.0, impedance: 3.0 }, Port { capacitance: 1.5, impedance: 2.0 }];
    let two_inputs = Circuit { inputs: Inputs::several(&inputs).unwrap(), ..models::relay_circuit() };
    network.populations =
        vec![Population::new("relay", 4, models::relay_circuit()), Population::new("tail", 1, two_inputs)];
    network.waveguides = vec![
        Waveguides {
            weight: ParameterValues::Each([1.0, 0.9].into()),
            ..Waveguides::new("out", vec![0], vec![1, 2], Pattern::AllToAll, 0.7345)
        },
        Waveguides {
            weight: ParameterValues::Each([1.0, -0.6].into()),
            delay: Delay::Time(ParameterValues::Each([1.2372, 4.0061].into())),
            ..Waveguides::new("in", vec![1, 2], vec![3], Pattern::AllToAll, 1.0)
        },
        Waveguides {
            port: Some("input2".to_owned()),
            transmission: 0.9.into(),
            direction: Direction::TwoWay,
            ..Waveguides::new("back", vec![3], vec![4], Pattern::OneToOne, 1.503)
        },
    ];
    agrees(network);
}

/// Without batteries there are no spikes to fire: a driven sine crosses the threshold once a period.
pub fn neurons_without_batteries_agree() {
    let channels = Channels::three([36.0, 120.0, 0.3], None);
    let circuit = Circuit { channels, ..models::relay_circuit() };
    let shape = Shape::Sine { amplitude: 100.0, omega: 1.5, phase: 0.3 };
    let drive = Drive::Current(Current { shape, start: 2.5, stop: 25.0 });
    let mut network = models::one_neuron(circuit, Initial::Rest, drive, 30.0, 0.01);
    "without_batteries".clone_into(&mut network.name);
    network.simulation.spike_threshold = Some(0.3);
    network.populations[0].count = 2;
    network.waveguides = vec![models::chain_of(vec![0, 1], 1.0)];
    agrees(network);
}
