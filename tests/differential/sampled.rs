//! Samples of the fields against field modes, over random networks at rest: delays on and off the grid, differing
//! impedances, temperatures, splitters, combiners, losses, amplifiers, loops.
//!
//! With gates of the mean both are the same moments, so that the distances of variances in their standard errors have
//! squares of mean 1.

use qhh_net::Network;
use qhh_net::network::{Direction, Feedback, Fluctuations};

use crate::fluctuations::{run, with_quantum};
use crate::generate::{self, STEP};

/// Samples of each network, networks, and figures at least.
const SAMPLES: usize = 1200;
const NETWORKS: usize = 30;
const FIGURES: usize = 150;
/// Figures of a network lie so far apart, in ms.
const APART: f64 = 1.0;

/// Distances of variances in standard errors.
fn distances(number: usize) -> Vec<f64> {
    let mut network: Network = generate::fluctuating(number);
    // Echoes between ends that reflect all but a little take longer to build up than samples run before.
    if network.waveguides.iter().any(|entry| entry.direction == Direction::TwoWay) {
        return Vec::new();
    }
    network.simulation.duration = 3.0 * APART;
    network.record.every = APART;
    // A step answers noise below half its own rate as well as the circuit does.
    network = with_quantum(network, |quantum| quantum.cutoff = quantum.cutoff.min(1.0 / STEP));
    let exact = run(&network);
    let sampled = run(&with_quantum(network, |quantum| {
        (quantum.fluctuations, quantum.samples, quantum.feedback) =
            (Fluctuations::Wigner, SAMPLES, Feedback::Mean);
    }));
    let ensemble = sampled.ensemble.unwrap();
    let of_neuron = |(modes, own): (&qhh_net::record::NeuronVariance, &qhh_net::record::EnsembleNeuron)| {
        (0..modes.n_samples())
            .map(|k| (own.variance[k] - modes.total(k)) / own.variance_error[k])
            .collect::<Vec<f64>>()
    };
    exact.variances.iter().zip(&ensemble.neurons).flat_map(of_neuron).collect()
}

#[test]
fn samples_of_random_networks_agree_with_field_modes() {
    let all: Vec<(usize, Vec<f64>)> = (0..NETWORKS).map(|number| (number, distances(number))).collect();
    for (number, distances) in &all {
        if let Some(worst) = distances.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())) {
            let mean = distances.iter().sum::<f64>() / distances.len() as f64;
            println!("network {number}: {} figures, mean {mean:.2}, worst {worst:.2}", distances.len());
        }
    }
    let figures: Vec<f64> = all.into_iter().flat_map(|(_, distances)| distances).collect();
    let n = figures.len() as f64;
    assert!(figures.len() >= FIGURES, "{n} figures only");
    let (mean, square) =
        (figures.iter().sum::<f64>() / n, figures.iter().map(|distance| distance * distance).sum::<f64>() / n);
    println!("{n} figures: mean {mean:.3}, chi-square {square:.3} of each");
    // Figures of one network belong together somewhat: as if there were half as many.
    assert!((square - 1.0).abs() < 4.0 * (4.0 / n).sqrt(), "chi-square {square} of each");
    assert!(mean.abs() < 4.0 * (2.0 / n).sqrt(), "mean {mean} standard errors");
    let worst = figures.iter().fold(0.0f64, |worst, distance| worst.max(distance.abs()));
    assert!(worst < 5.0, "worst {worst} standard errors");
}
