//! Samples of the fields against field modes, over random networks left alone or with squeezed sources: delays on and
//! off the grid, differing impedances, temperatures, splitters, combiners, losses, amplifiers, loops, lines of two ways.
//!
//! With gates of the mean both have the same moments, and all voltages are Gaussian. The distance of a variance of `n`
//! samples from the exact one, in units of `sqrt(2/(n - 1))` of it, then has mean 0 and square 1. Figures of one network
//! belong together, those of two do not: the errors of the two means over networks come from how much networks differ,
//! so that no number of independent figures has to be assumed.

use qhh_net::Network;
use qhh_net::network::{Delay, Direction, Drive, Feedback, Fluctuations, ParameterValues};
use qhh_net::outcome::{EnsembleNeuron, NeuronVariance};

use crate::fluctuations::{run, stated, with_quantum};
use crate::generate::{self, STEP};

/// Samples of each network, networks, and figures at least.
const SAMPLES: usize = 960;
const NETWORKS: usize = 44;
const FIGURES: usize = 500;
/// Figures of a network lie so far apart, in ms, over such a time.
const APART: f64 = 1.6;
const DURATION: f64 = 12.8;
/// Steps of a sample at most, and error that field modes may state, of a variance.
const LONGEST: f64 = 8000.0;
const SURE: f64 = 3e-3;
/// Standard errors beyond which a mean over networks is off: once in 4000 times with so many networks.
const OFF: f64 = 4.0;

/// The variances of one network: as sampled, and exact.
struct Compared {
    network: Network,
    figures: Vec<(f64, f64)>,
}

/// None of a network whose field modes are not sure to a part of an error, or whose echoes make samples long.
fn compared(number: usize) -> Option<Compared> {
    let mut network = generate::sampled(number);
    network.simulation.duration = DURATION;
    network.record.every = APART;
    // A step answers noise below half its own rate as well as the circuit does.
    network = with_quantum(network, |quantum| quantum.cutoff = quantum.cutoff.min(0.5 / STEP));
    let samples = with_quantum(network.clone(), |quantum| {
        (quantum.fluctuations, quantum.samples, quantum.feedback) =
            (Fluctuations::Wigner, SAMPLES, Feedback::Mean);
    });
    let steps = samples.samples_size().unwrap().sample_steps / (SAMPLES * network.n_neurons()) as f64;
    if steps > LONGEST {
        return None;
    }
    let exact = run(&network);
    if stated(&exact) > SURE {
        return None;
    }
    let sampled = run(&samples);
    let ensemble = sampled.ensemble.unwrap();
    let of_neuron = |(modes, own): (&NeuronVariance, &EnsembleNeuron)| -> Vec<(f64, f64)> {
        (0..modes.n_samples()).map(|k| (own.variance[k], modes.total(k))).collect()
    };
    let figures = exact.variances.iter().zip(&ensemble.neurons).flat_map(of_neuron).collect();
    Some(Compared { network, figures })
}

/// Mean over networks, and its distance from an expected value in standard errors.
fn mean(values: &[f64], expected: f64) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (mean - expected) / (square / n).sqrt())
}

/// Distances and their squares, by network, if the exact variances were so many times what they are.
fn distances<'a>(all: impl Iterator<Item = &'a Compared>, times: f64) -> (Vec<f64>, Vec<f64>) {
    let of = |compared: &Compared| {
        let error = (2.0 / (SAMPLES as f64 - 1.0)).sqrt();
        let each = compared.figures.iter().map(|(own, exact)| (own / (exact * times) - 1.0) / error);
        let (sum, squares) = each.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        let n = compared.figures.len() as f64;
        (sum / n, squares / n)
    };
    all.map(of).unzip()
}

/// Whether variances that are so many times the exact ones are told from them: mean distance and chi-square, in standard
/// errors.
fn told<'a>(all: impl Iterator<Item = &'a Compared>, times: f64) -> [(f64, f64); 2] {
    let (plain, squares) = distances(all, times);
    [mean(&plain, 0.0), mean(&squares, 1.0)]
}

type Kind = (&'static str, fn(&Network) -> bool);

/// Kinds of networks, each of which must be among those compared often enough.
const KINDS: [Kind; 7] = [
    ("cold", |network| network.quantum.unwrap().thermal_energy == 0.0),
    ("warm", |network| network.quantum.unwrap().thermal_energy > 0.0),
    ("two ways", |network| network.waveguides.iter().any(|entry| entry.direction == Direction::TwoWay)),
    ("amplified", Network::has_amplifiers),
    ("squeezed", |network| network.sources.iter().any(|source| !matches!(source.drive, Drive::Current(_)))),
    ("between steps", |network| delays(network).iter().any(|steps| (steps - steps.round()).abs() > 1e-3)),
    ("whole steps", |network| delays(network).iter().any(|steps| (steps - steps.round()).abs() < 1e-6)),
];

/// Delays in steps.
fn delays(network: &Network) -> Vec<f64> {
    let of = |delay: &Delay| match delay {
        Delay::Time(ParameterValues::Same(time)) => vec![*time],
        Delay::Time(ParameterValues::Each(times)) => times.to_vec(),
        Delay::Length { length: ParameterValues::Same(length), velocity } => vec![length / velocity],
        _ => Vec::new(),
    };
    network.waveguides.iter().flat_map(|entry| of(&entry.delay)).map(|t| t / network.simulation.step).collect()
}

#[test]
fn samples_of_random_networks_agree_with_field_modes() {
    let all: Vec<Compared> = (0..).filter_map(compared).take(NETWORKS).collect();
    let n_figures: usize = all.iter().map(|compared| compared.figures.len()).sum();
    assert!(n_figures >= FIGURES, "{n_figures} figures only");
    let error = (2.0 / (SAMPLES as f64 - 1.0)).sqrt();
    let figures = all.iter().flat_map(|compared| &compared.figures);
    let worst = figures.map(|(own, exact)| ((own / exact - 1.0) / error).abs()).fold(0.0, f64::max);
    let [plain, square] = told(all.iter(), 1.0);
    println!(
        "{n_figures} figures of {} networks: mean {:.3} ({:.1} standard errors), chi-square {:.3} of each ({:.1}), \
         worst {worst:.2}",
        all.len(),
        plain.0,
        plain.1,
        square.0,
        square.1
    );
    for (kind, is) in KINDS {
        let of = || all.iter().filter(|compared| is(&compared.network));
        let [plain, square] = told(of(), 1.0);
        println!(
            "{kind}: {} networks, mean {:.1}, chi-square {:.1} standard errors",
            of().count(),
            plain.1,
            square.1
        );
        assert!(of().count() >= 5, "{kind}: {} networks only", of().count());
        // Fewer networks know their own spread less well.
        assert!(plain.1.abs() < OFF + 1.0 && square.1 < OFF + 1.0, "{kind}: {plain:?}, {square:?}");
    }
    assert!(plain.1.abs() < OFF, "mean {plain:?}");
    assert!(square.1.abs() < OFF, "chi-square {square:?}");
    assert!(worst < 5.0, "worst {worst} standard errors");
    // The same with exact variances 3 % off, or one way in half of the networks and the other way in the others.
    for times in [0.97, 1.03] {
        let [plain, _] = told(all.iter(), times);
        assert!(plain.1.abs() > OFF, "{times} times the variance is not told: {plain:?}");
    }
    let halves = [(0, 0.97), (1, 1.03)].map(|(odd, times)| {
        let half = all.iter().enumerate().filter(|(k, _)| k % 2 == odd).map(|(_, compared)| compared);
        distances(half, times).1
    });
    let square = mean(&halves.concat(), 1.0);
    println!("with variances 3 % off either way: chi-square {:.3} ({:.1} standard errors)", square.0, square.1);
    assert!(square.1 > OFF, "variances off by 3 % either way are not told: {square:?}");
}
