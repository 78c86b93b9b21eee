//! Runs of networks: neuron-steps and waveguide-steps per second, the time of building aside.
//!
//! One thread unless the name says otherwise.

#![allow(unreachable_pub, reason = "shared with the tests")]

#[path = "../tests/models/mod.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod models;

use divan::{Bencher, black_box, counter::ItemsCount};
use qhh_core::circuit::Initial;
use qhh_core::source::{Current, Shape};
use qhh_net::engine::adjoint::Tape;
use qhh_net::network::fed::draws_of;
use qhh_net::network::{Drive, Fluctuations, Precision, Quantum, Waveguides};
use qhh_net::network::{Figure, ParameterValues, Pattern};
use qhh_net::{Network, RunOptions, Simulation};

fn main() {
    divan::main();
}

/// Unconnected neurons without ports, currents spread from 6.3 to 20 uA.
fn pool(neurons: usize, steps: usize) -> Network {
    let duration = 0.025 * steps as f64;
    let drive = models::constant(1.0, 0.0, f64::INFINITY);
    let mut network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, duration, 0.025);
    network.populations[0].count = neurons;
    network.sources[0].targets = (0..neurons).into();
    network.sources[0].scale = Some(ParameterValues::Linear { from: 6.3, to: 20.0 });
    network.record.neurons.clear();
    network
}

/// The same with a noise of its own for each neuron, a value every `held` steps.
fn noisy_pool(neurons: usize, held: usize) -> Network {
    let mut network = pool(neurons, STEPS);
    let draws = draws_of(1, "noise", false);
    let shape = Shape::Noise { mean: 10.0, deviation: 3.0, interval: 0.025 * held as f64, draws };
    network.sources[0].drive = Drive::Current(Current { shape, start: 0.0, stop: f64::INFINITY });
    network.sources[0].scale = None;
    network
}

/// Neurons with both ports, each joined to the next, all driven.
fn chain(neurons: usize, steps: usize) -> Network {
    let mut network = pool(neurons, steps);
    network.populations[0].circuit = models::relay_circuit();
    network.populations[0].inputs = vec!["input".to_owned()];
    network.waveguides = vec![models::chain_of((0..neurons).collect(), 1.0)];
    network
}

/// Neurons with both ports, each with arms from `fan_in` others.
fn random(neurons: usize, fan_in: usize, steps: usize) -> Network {
    let mut network = chain(neurons, steps);
    network.waveguides =
        vec![Waveguides::new("web", 0..neurons, 0..neurons, Pattern::FixedFanIn { k: fan_in }, 1.0)];
    network
}

fn run(bencher: Bencher<'_, '_>, network: &Network, items: usize, threads: usize) {
    let options = RunOptions { threads, ..RunOptions::default() };
    let built = || Simulation::new(black_box(network), options).expect("it is sound");
    bencher.counter(ItemsCount::new(items)).with_inputs(built).bench_local_values(|simulation| {
        simulation.run(&mut |_| std::ops::ControlFlow::Continue(())).expect("it runs")
    });
}

const STEPS: usize = 2000;

#[divan::bench(args = [10_000], sample_count = 5, sample_size = 1)]
fn pool_neuron_steps(bencher: Bencher<'_, '_>, neurons: usize) {
    run(bencher, &pool(neurons, STEPS), neurons * STEPS, 1);
}

/// 10 000 neurons with a noise each, by the steps a value is held; compare `pool_neuron_steps`.
#[divan::bench(args = [1, 4, 10])]
fn noisy_pool_neuron_steps(bencher: Bencher<'_, '_>, held: usize) {
    run(bencher, &noisy_pool(10_000, held), 10_000 * STEPS, 1);
}

#[divan::bench(args = [10_000], sample_count = 5, sample_size = 1)]
fn pool_neuron_steps_f32(bencher: Bencher<'_, '_>, neurons: usize) {
    let mut network = pool(neurons, STEPS);
    network.simulation.precision = Precision::F32;
    run(bencher, &network, neurons * STEPS, 1);
}

#[divan::bench(args = [10_000], sample_count = 5, sample_size = 1)]
fn pool_neuron_steps_two_threads(bencher: Bencher<'_, '_>, neurons: usize) {
    run(bencher, &pool(neurons, STEPS), neurons * STEPS, 2);
}

#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn chain_neuron_steps(bencher: Bencher<'_, '_>, neurons: usize) {
    // Long enough that the first touch of the delay lines and the checks at the end do not count.
    let steps = (20_000_000 / neurons).max(800);
    run(bencher, &chain(neurons, steps), neurons * steps, 1);
}

#[divan::bench(args = [10_000], sample_count = 3, sample_size = 1)]
fn chain_neuron_steps_two_threads(bencher: Bencher<'_, '_>, neurons: usize) {
    run(bencher, &chain(neurons, STEPS), neurons * STEPS, 2);
}

#[divan::bench(args = [100], sample_count = 3, sample_size = 1)]
fn fan_in_waveguide_steps(bencher: Bencher<'_, '_>, fan_in: usize) {
    let (neurons, steps) = (10_000, 4000);
    run(bencher, &random(neurons, fan_in, steps), neurons * steps * fan_in, 1);
}

/// The same with a delay of its own for each arm.
#[divan::bench(args = [100], sample_count = 3, sample_size = 1)]
fn fan_in_waveguide_steps_spread_delays(bencher: Bencher<'_, '_>, fan_in: usize) {
    let (neurons, steps) = (10_000, 4000);
    let mut network = random(neurons, fan_in, steps);
    network.waveguides[0].delay = qhh_net::network::Delay::Time(ParameterValues::Uniform { low: 1.0, high: 2.0 });
    run(bencher, &network, neurons * steps * fan_in, 1);
}

/// Neurons at rest, asleep or stepped all the same.
#[divan::bench(args = [true, false], sample_count = 3, sample_size = 1)]
fn silent_chain_neuron_steps(bencher: Bencher<'_, '_>, sleep: bool) {
    let (neurons, steps) = (10_000, STEPS);
    let mut network = chain(neurons, steps);
    network.sources.clear();
    network.simulation.sleep = if sleep { 1e-6 } else { 0.0 };
    run(bencher, &network, neurons * steps, 1);
}

/// A run on tape, and the derivative by everything of the sum of all voltages at its end, backwards; compare
/// `chain_neuron_steps` and `random_neuron_steps`.
fn backwards(bencher: Bencher<'_, '_>, network: Network, items: usize) {
    let network = network.checked().expect("it is sound");
    let watched: Vec<usize> = (0..network.n_neurons()).collect();
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    let go_on = &mut |_: qhh_net::Progress| std::ops::ControlFlow::Continue(());
    bencher.counter(ItemsCount::new(items)).bench_local(|| {
        let mut tape = Tape::record(black_box(&network), &watched, options, go_on).expect("it runs");
        let mut slopes: Vec<Vec<f64>> = watched.iter().map(|of| vec![0.0; tape.voltages(*of).len()]).collect();
        slopes.iter_mut().filter_map(|of| of.last_mut()).for_each(|last| *last = 1.0);
        tape.backwards(&slopes, true, go_on).expect("it runs")
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn pool_backwards(bencher: Bencher<'_, '_>) {
    backwards(bencher, pool(1000, STEPS), 1000 * STEPS);
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn chain_backwards(bencher: Bencher<'_, '_>) {
    backwards(bencher, chain(1000, STEPS), 1000 * STEPS);
}

/// Ten waveguides into each neuron.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn random_backwards(bencher: Bencher<'_, '_>) {
    backwards(bencher, random(1000, 10, STEPS), 1000 * STEPS);
}

/// The variance of the voltage of one neuron at the end, split over all noise lines of a random network with ten waveguides into
/// each neuron: a run on tape and one backwards. Compare `random_forwards`, the run alone. `QHH_NEURONS` sets the size.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn random_budget(bencher: Bencher<'_, '_>) {
    let (neurons, steps) = (sized(), BUDGET_STEPS);
    let mut network = noisy(neurons, steps);
    let time = network.simulation.duration;
    network.record.budget_of = vec![Figure::Voltage { neuron: neurons - 1, time }];
    let network = network.checked().expect("it is sound");
    let quantum = network.quantum.expect("it has noise");
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    let go_on = &mut |_: qhh_net::Progress| std::ops::ControlFlow::Continue(());
    bencher.counter(ItemsCount::new(neurons * steps)).bench_local(|| {
        let network = black_box(&network);
        let mut tape = Tape::record_rounded(network, &[neurons - 1], options, go_on).expect("it runs");
        tape.origins(network.record.budget_of[0], &quantum, go_on).expect("it runs")
    });
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn random_forwards(bencher: Bencher<'_, '_>) {
    let (neurons, steps) = (sized(), BUDGET_STEPS);
    run(bencher, &noisy(neurons, steps), neurons * steps, 1);
}

const BUDGET_STEPS: usize = 1200;

fn sized() -> usize {
    std::env::var("QHH_NEURONS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000)
}

/// Ten waveguides into each neuron, delays from 1 to 2 ms, and vacuum.
fn noisy(neurons: usize, steps: usize) -> Network {
    let mut network = random(neurons, 10, steps);
    network.simulation.step = 0.01;
    network.simulation.duration = 0.01 * steps as f64;
    network.record.every = 0.1;
    network.waveguides[0].delay = qhh_net::network::Delay::Time(ParameterValues::Uniform { low: 1.0, high: 2.0 });
    network.quantum = Some(Quantum { fluctuations: Fluctuations::None, cutoff: 200.0, ..Quantum::new(0.5) });
    network
}

/// The runs that these go through, forwards alone.
#[divan::bench(args = ["pool", "chain", "random"], sample_count = 5, sample_size = 1)]
fn forwards(bencher: Bencher<'_, '_>, which: &str) {
    let network = match which {
        "pool" => pool(1000, STEPS),
        "chain" => chain(1000, STEPS),
        _ => random(1000, 10, STEPS),
    };
    run(bencher, &network, 1000 * STEPS, 1);
}
