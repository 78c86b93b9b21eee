//! Samples that are kept whole: what the record of a measurement tells of the voltage.

use std::f64::consts::PI;

use qhh_core::circuit::Initial;
use qhh_core::gates::RateUnits;
use qhh_core::nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::sense::Sense;
use qhh_net::network::{Feedback, Network, Observable};

use crate::models::{self, constant, one_neuron, relay_circuit, run};

/// A cold detector on a warm neuron, so that the record tells something.
const SENSE: (f64, f64) = (3.0, 0.1);
const KT: f64 = 0.2;
const CUTOFF: f64 = 100.0;
const HBAR: f64 = 0.01;

fn network(samples: usize, kept: usize) -> Network {
    let mut circuit = relay_circuit();
    let (impedance, response_time) = SENSE;
    circuit.sense = Some(Sense { impedance, response_time, reference: None, thermal_energy: Some(0.0) });
    let mut network = one_neuron(circuit, Initial::Rest, constant(0.0, 0.0, 1.0), 10.0, 0.01);
    network.record.observables = vec![Observable::Voltage, Observable::Measured];
    network.record.every = 0.1;
    network.record.trajectories = kept;
    models::with_samples(network, (HBAR, KT, CUTOFF), samples, Feedback::Mean)
}

/// Responses at rest of voltage and record to each line, by the circuit's own equations for `e^{-iwt}`, with the square
/// root of the line's strength and energy.
fn responses(omega: f64, g: f64) -> Vec<[Complex64; 2]> {
    let (z_m, tau) = SENSE;
    let turn = Complex64::new(0.0, -omega);
    let ports = [(0.3, 3.0), (1.0, 3.0)].map(|(c, z)| (turn * c / (1.0 + turn * c * z), z));
    let z = 1.0 / (g + 1.0 / z_m + turn + ports[0].0 + ports[1].0);
    let detector = 1.0 / (1.0 + turn * tau);
    let line =
        |v: Complex64, beside: f64, strength: f64| [v, (v + beside) * detector].map(|u| u * strength.sqrt());
    let cold = HBAR * omega;
    let warm = cold / (cold / (2.0 * KT)).tanh();
    let wave = |z: f64| z / (4.0 * PI);
    vec![
        line(z * g.sqrt(), 0.0, warm / PI),
        line(2.0 * z * ports[0].0, 0.0, warm * wave(ports[0].1)),
        line(2.0 * z * ports[1].0, 0.0, warm * wave(ports[1].1)),
        line(2.0 * z / z_m, -1.0, cold * wave(z_m)),
        line(Complex64::ZERO, 1.0, cold * wave(z_m)),
    ]
}

/// Covariance of `a` at a time and `b` so much earlier, 0 the voltage and 1 the record.
fn covariance(g: f64, (a, b): (usize, usize), earlier: f64) -> f64 {
    let n: i32 = 20_000;
    let step = CUTOFF / f64::from(n);
    let at = |k: i32| {
        let omega = (f64::from(k) + 0.5) * step;
        let back = Complex64::from_polar(1.0, -omega * earlier);
        let sum: f64 = responses(omega, g).iter().map(|u| (u[a] * u[b].conj() * back).re).sum();
        sum * step
    };
    (0..n).map(at).sum()
}

/// With gates of the mean voltage and record are jointly Gaussian: given the record at several times, each sample's voltage
/// lies about the conditional mean with the conditional variance, of covariances in closed form.
#[test]
fn voltages_given_the_record_are_those_of_gaussian_conditioning() {
    let samples = 3000;
    let network = network(samples, samples);
    let outcome = run(&network);
    let trajectories = &outcome.ensemble.as_ref().unwrap().trajectories;
    assert_eq!(trajectories.len(), samples);
    let circuit = relay_circuit();
    let rest = circuit.rest(RateUnits { millivolts: 1.0, milliseconds: 1.0 }).unwrap();
    let g = circuit.conductances(&rest.gates).total();
    // The voltage, with the record from 2.4 ms before to 0.4 ms after it: filtered and smoothed.
    let (at, read) = (24, [0, 12, 18, 22, 24, 25, 28]);
    let lag = |a: usize, b: usize| 0.1 * (a as f64 - b as f64);
    let n = read.len();
    let of_record = DMatrix::from_fn(n, n, |i, j| covariance(g, (1, 1), lag(read[i], read[j])));
    let across = DVector::from_fn(n, |i, _| covariance(g, (0, 1), lag(at, read[i])));
    let weights = of_record.clone().cholesky().unwrap().solve(&across);
    let whole = covariance(g, (0, 0), 0.0);
    let left = whole - across.dot(&weights);
    println!("variance {whole:.3e}, given the record {left:.3e}");
    assert!(left < 0.8 * whole, "the record tells something");
    let (mut squares, mut crossed, mut unconditional) = (0.0, DVector::zeros(n), 0.0);
    for (k, one) in trajectories.iter().enumerate() {
        assert_eq!((one.neuron, one.sample, one.voltage.len(), one.measured.len()), (0, k, 101, 101));
        // Three times, far enough apart.
        for from in [0, 36, 72] {
            let off = one.voltage[from + at] - rest.voltage;
            let record = DVector::from_fn(n, |i, _| one.measured[from + read[i]] - rest.voltage);
            let residual = off - weights.dot(&record);
            squares += residual * residual / left;
            unconditional += off * off / whole;
            crossed += record * residual;
        }
    }
    let count = 3.0 * samples as f64;
    let chi = (squares - count) / (2.0 * count).sqrt();
    println!("chi-square {squares:.0} of {count}, {chi:.2} deviations; unconditional {unconditional:.0}");
    assert!(chi.abs() < 4.0, "{squares} of {count}");
    assert!(((unconditional - count) / (2.0 * count).sqrt()).abs() < 4.0, "{unconditional} of {count}");
    // What is left has nothing to do with the record.
    for (k, sum) in crossed.iter().enumerate() {
        let expected = (count * left * of_record[(k, k)]).sqrt();
        assert!(sum.abs() < 4.0 * expected, "record {k}: {sum} of {expected}");
    }
}

/// Those that are kept are the first, the same whatever else is kept and on any number of threads.
#[test]
fn trajectories_do_not_depend_on_how_many_are_kept() {
    let of = |kept: usize| run(&network(40, kept)).ensemble.unwrap();
    let (few, many) = (of(5), of(40));
    assert_eq!((few.trajectories.len(), many.trajectories.len()), (5, 40));
    assert_eq!(few.trajectories[..], many.trajectories[..5]);
    assert_eq!(few.neurons, many.neurons);
    // Moments are those of the trajectories.
    let mean: f64 = many.trajectories.iter().map(|of| of.voltage[50]).sum::<f64>() / 40.0;
    assert!((mean - many.neurons[0].mean[50]).abs() < 1e-9);
    let mistakes = network(40, 41).check();
    assert!(mistakes.iter().any(|mistake| mistake.message.contains("there are 40 samples")), "{mistakes:?}");
}
