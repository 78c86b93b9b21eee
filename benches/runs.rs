//! Whole runs, from a network in memory to its outcome.
//!
//! `paper_three_channel` is the papers' own case: 100 000 steps of the three-channel neuron under the adiabatic
//! method, spikes, samples and checks included.

#![allow(unreachable_pub, reason = "shared with the tests")]

#[path = "../tests/models/mod.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod models;

use divan::{Bencher, black_box, counter::ItemsCount};
use qhh_core::circuit::{BathRule, Initial};

fn main() {
    divan::main();
}

#[divan::bench(args = [100_000])]
fn paper_three_channel(bencher: Bencher<'_, '_>, steps: u32) {
    let step = 10.0 / f64::from(steps);
    let network = models::paper(models::paper_circuit(), BathRule::SharedMode, models::paper_sine(), step);
    bencher.counter(ItemsCount::new(steps)).bench_local(|| models::run(black_box(&network)));
}

/// The same with the variance of every line at 1 001 samples.
#[divan::bench(args = [100_000])]
fn paper_three_channel_with_variance(bencher: Bencher<'_, '_>, steps: u32) {
    let step = 10.0 / f64::from(steps);
    let drive = models::paper_mode(models::paper_coherent());
    let network = models::paper(models::paper_circuit(), BathRule::SharedMode, drive, step);
    let network = models::with_variance(network, 1.0, 0.0, 200.0);
    bencher.counter(ItemsCount::new(steps)).bench_local(|| models::run(black_box(&network)));
}

#[divan::bench(args = [10_000])]
fn squid_axon(bencher: Bencher<'_, '_>, steps: u32) {
    let step = 100.0 / f64::from(steps);
    let drive = models::constant(10.0, 5.0, 95.0);
    let network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 100.0, step);
    bencher.counter(ItemsCount::new(steps)).bench_local(|| models::run(black_box(&network)));
}

/// Unconnected neurons, none recorded, on one thread.
#[divan::bench(args = [1_000, 10_000])]
fn pool(bencher: Bencher<'_, '_>, neurons: usize) {
    let drive = models::constant(10.0, 0.0, 10.0);
    let mut network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 10.0, 0.025);
    network.populations[0].count = neurons;
    network.sources[0].targets = (0..neurons).into();
    network.record.neurons.clear();
    let steps = usize::try_from(network.n_steps()).unwrap_or(usize::MAX);
    bencher.counter(ItemsCount::new(neurons * steps)).bench_local(|| models::run(black_box(&network)));
}
