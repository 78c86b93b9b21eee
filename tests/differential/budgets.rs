//! Noise budgets worked out backwards against those of field modes.

use std::ops::ControlFlow;

use qhh_net::engine::adjoint::{Budget, Figure, Tape};
use qhh_net::network::{Feedback, Observable};
use qhh_net::{Network, Outcome, RunOptions, run_with};

use crate::{as_file, generate, n_networks};

/// What is compared: a neuron's voltage at a sample.
#[derive(Debug, Clone, Copy)]
struct At {
    neuron: usize,
    sample: usize,
}

fn backwards(network: &Network, figure: &Figure, threads: usize) -> Budget {
    let checked = network.clone().checked().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let options = RunOptions { threads, ..RunOptions::default() };
    let mut go_on = |_| ControlFlow::Continue(());
    let mut tape = Tape::record(&checked, &[figure.neuron], options, &mut go_on).unwrap();
    tape.budget(figure, &network.quantum.unwrap(), &mut go_on).unwrap()
}

fn forwards(network: &Network) -> Outcome {
    let mut network = network.clone();
    network.record.noise_budget = true;
    network.record.covariance = false;
    network.modes.clear();
    run_with(&network, RunOptions { threads: 2, longest_window: 0 }, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// By line, forwards and backwards.
fn pairs(network: &Network, outcome: &Outcome, budget: &Budget, at: At) -> Vec<(String, f64, f64)> {
    let of = outcome.budget.iter().find(|of| of.neuron == at.neuron && of.observable == Observable::Voltage).unwrap();
    let mut pairs: Vec<(String, f64, f64)> =
        of.shares.iter().map(|share| (share.origin.clone(), share.values[at.sample], 0.0)).collect();
    for share in &budget.shares {
        let name =
            format!("{} {}", network.neuron_name(share.neuron as usize), budget.names[share.line as usize]);
        match pairs.iter_mut().find(|pair| pair.0 == name) {
            Some(pair) => pair.2 += share.variance,
            None => pairs.push((name, 0.0, share.variance)),
        }
    }
    pairs
}

/// The largest difference of a line, against the whole variance.
fn worst(pairs: &[(String, f64, f64)]) -> f64 {
    let whole: f64 = pairs.iter().map(|pair| pair.1).sum();
    pairs.iter().map(|pair| (pair.1 - pair.2).abs() / whole).fold(0.0, f64::max)
}

#[test]
fn explore() {
    for number in 0..n_networks().div_ceil(5) {
        let Some((network, _)) = as_file(&generate::driven(number)) else { continue };
        for feedback in [Feedback::Mean, Feedback::Full] {
            let mut errors = Vec::new();
            let mut text = String::new();
            for level in 0..3 {
                let mut network = network.clone();
                network.simulation.step /= f64::from(1 << level);
                let quantum = network.quantum.as_mut().unwrap();
                (quantum.feedback, quantum.modes) = (feedback, None);
                let outcome = forwards(&network);
                let n_samples = outcome.variances[0].n_samples();
                let at = At { neuron: number % network.n_neurons(), sample: 2 * n_samples / 3 };
                let every = (network.record.every / network.simulation.step).round() as usize;
                let figure = Figure { neuron: at.neuron, slopes: vec![(at.sample * every, 1.0)] };
                let budget = backwards(&network, &figure, 1);
                let pairs = pairs(&network, &outcome, &budget, at);
                let whole: f64 = pairs.iter().map(|pair| pair.1).sum();
                errors.push((worst(&pairs), budget.variance / whole - 1.0));
                if level == 2 {
                    text = format!("left {:.1e} error {:.1e} frequencies {:?}\n", budget.left, budget.error, outcome.frequencies);
                    for pair in &pairs {
                        if (pair.1 - pair.2).abs() > 1e-4 * whole {
                            text += &format!("    {}: {:.6} {:.6}\n", pair.0, pair.1, pair.2);
                        }
                    }
                }
            }
            println!("{number} {feedback:?} {} neurons {} arms: {errors:?} {text}", network.n_neurons(), network.waveguides.len());
        }
    }
}
