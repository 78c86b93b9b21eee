//! Fluctuations: mode-steps of field modes and neuron-steps of sampled fields, the mean trajectory and sums included.
//!
//! One thread unless the name says otherwise.

#![allow(unreachable_pub, reason = "shared with the tests")]

#[path = "../tests/models/mod.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod models;

use divan::{Bencher, black_box, counter::ItemsCount};
use models::published::{published, traub_miles};
use qhh_core::sense::Sense;
use qhh_net::network::Feedback;
use qhh_net::{Network, RunOptions, Simulation};

fn main() {
    divan::main();
}

const DURATION: f64 = 40.0;
const STEP: f64 = 0.01;
const STEPS: usize = 4000;
const MODES: usize = 96;
const SAMPLES: usize = 256;

/// A chain whose last neuron alone is recorded.
fn chain(neurons: usize) -> Network {
    let mut network = models::passive_chain(neurons, DURATION, STEP);
    network.record.neurons = vec![neurons - 1];
    network
}

/// Lines times the neurons they reach, in a chain: three channels and the free output of each, and the first one's
/// input.
fn reached(neurons: usize) -> usize {
    reached_of(neurons, 3)
}

/// The same for another number of channels.
fn reached_of(neurons: usize, channels: usize) -> usize {
    (channels + 1) * neurons * (neurons + 1) / 2 + neurons
}

/// The same neurons with channels whose gates go by tables: the papers' in an order that is not the papers', or others of
/// four gates; and their number.
fn with_other_channels(mut network: Network, name: &str) -> (Network, usize) {
    let channels = &mut network.populations[0].circuit.channels;
    *channels = match name {
        "squid" => channels.iter().rev().cloned().collect(),
        _ => traub_miles(Some(published("m-current", 0.07))).channels,
    };
    let n = channels.len();
    (network, n)
}

fn run(bencher: Bencher<'_, '_>, network: &Network, items: usize, threads: usize) {
    let options = RunOptions { threads, ..RunOptions::default() };
    let built = || Simulation::new(black_box(network), options).expect("it is sound");
    bencher.counter(ItemsCount::new(items)).with_inputs(built).bench_local_values(|simulation| {
        simulation.run(&mut |_| std::ops::ControlFlow::Continue(())).expect("it runs")
    });
}

/// One step of one neuron's node and two ports in response to one mode.
#[divan::bench(args = [1, 3, 12], sample_count = 5, sample_size = 1)]
fn mode_steps(bencher: Bencher<'_, '_>, neurons: usize) {
    let network = models::with_modes(chain(neurons), 0.5, 0.0, 200.0, MODES);
    run(bencher, &network, reached(neurons) * MODES * STEPS, 1);
}

/// The same with the three gates of each neuron responding.
#[divan::bench(args = [1, 12], sample_count = 5, sample_size = 1)]
fn responding_mode_steps(bencher: Bencher, neurons: usize) {
    let mut network = models::with_modes(chain(neurons), 0.5, 0.0, 200.0, MODES);
    network.quantum.as_mut().expect("it has modes").feedback = Feedback::Full;
    run(bencher, &network, reached(neurons) * MODES * STEPS, 1);
}

/// The same with gates that follow the record of a sense line: two more lines, and one more variable.
#[divan::bench(args = [1, 12], sample_count = 5, sample_size = 1)]
fn measured_mode_steps(bencher: Bencher, neurons: usize) {
    let mut network = chain(neurons);
    let sense = Sense { impedance: 30.0, response_time: 0.1, reference: None, thermal_energy: None };
    network.populations[0].circuit.sense = Some(sense);
    let mut network = models::with_modes(network, 0.5, 0.0, 200.0, MODES);
    network.quantum.as_mut().expect("it has modes").feedback = Feedback::Full;
    let lines = reached(neurons) + 2 * neurons * (neurons + 1) / 2;
    run(bencher, &network, lines * MODES * STEPS, 1);
}

/// Gates that respond, of channels other than the papers', in chains of twelve.
#[divan::bench(args = ["squid", "traub-miles with m-current"], sample_count = 5, sample_size = 1)]
fn responding_mode_steps_any(bencher: Bencher, name: &str) {
    let (network, channels) = with_other_channels(chain(12), name);
    let mut network = models::with_modes(network, 0.5, 0.0, 200.0, MODES);
    network.quantum.as_mut().expect("it has modes").feedback = Feedback::Full;
    run(bencher, &network, reached_of(12, channels) * MODES * STEPS, 1);
}

/// Gates that are held, on two threads.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn mode_steps_two_threads(bencher: Bencher<'_, '_>) {
    let network = models::with_modes(chain(12), 0.5, 0.0, 200.0, MODES);
    run(bencher, &network, reached(12) * MODES * STEPS, 2);
}

/// A whole run: the covariance of three outgoing modes of a linear chain behind a squeezed packet, to a millionth.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn three_linear_modes(bencher: Bencher<'_, '_>) {
    run(bencher, &models::three_linear_modes(0.01, 48), 1, 1);
}

/// One step of one neuron in one sample, the noise of all its lines included.
#[divan::bench(args = [1, 3, 12], sample_count = 5, sample_size = 1)]
fn sample_steps(bencher: Bencher<'_, '_>, neurons: usize) {
    let network = models::with_samples(chain(neurons), (0.5, 0.0, 200.0), SAMPLES, Feedback::Full);
    run(bencher, &network, neurons * SAMPLES * STEPS, 1);
}

/// The same of channels other than the papers', in chains of twelve.
#[divan::bench(args = ["squid", "traub-miles with m-current"], sample_count = 5, sample_size = 1)]
fn sample_steps_any(bencher: Bencher<'_, '_>, name: &str) {
    let (network, _) = with_other_channels(chain(12), name);
    let network = models::with_samples(network, (0.5, 0.0, 200.0), SAMPLES, Feedback::Full);
    run(bencher, &network, 12 * SAMPLES * STEPS, 1);
}

/// The papers' through a run of several blocks of noise, that before it aside.
#[divan::bench(args = [1, 3], sample_count = 3, sample_size = 1)]
fn long_sample_steps(bencher: Bencher<'_, '_>, neurons: usize) {
    let mut network = models::with_samples(chain(neurons), (0.5, 0.0, 200.0), SAMPLES, Feedback::Full);
    network.simulation.duration = 15.0 * DURATION;
    network.record.every = 1.0;
    run(bencher, &network, neurons * SAMPLES * 15 * STEPS, 1);
}

/// A short run on two threads.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn sample_steps_two_threads(bencher: Bencher<'_, '_>) {
    let network = models::with_samples(chain(12), (0.5, 0.0, 200.0), SAMPLES, Feedback::Full);
    run(bencher, &network, 12 * SAMPLES * STEPS, 2);
}
