//! Second moments of the voltages through a run: the sum over the plain [responses](crate::response).
//!
//! ```text
//! <V_i V_j> = sum over noise and w  weight hbar w coth(hbar w/2kT) Re(V_i V_j*)
//!           + sum over modes of sources  (2 n + 1) Re(V_i V_j*) + 2 Re(m V_i V_j)
//! ```
//!
//! Noise was always there: it begins with the answer of [`crate::dense`]. Modes of sources begin with nothing; the 1 is
//! that of a current's mode, a wavepacket's vacuum is its line's. Of the line's thermal quanta it takes the place: with `U`
//! the response to the line's mode and `W` that to the mode with its spectrum weighted by the thermal quanta,
//! `<V_i V_j>` has `2 n_th Re(U_i U_j*) - 2 Re(U_i W_j* + W_i U_j*)` more.
//!
//! The frequencies are those that the engine is said to take, worked out anew: Gauss and Legendre in `s`, `w = a sinh s`.

use std::f64::consts::{PI, TAU};

use nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::source::Packet;
use qhh_net::Network;
use qhh_net::network::{Drive, Quantum};

use crate::dense::{Dense, thermal};
use crate::reference;
use crate::response::{Forcing, Mean, Run, Start};

/// Second moments of the voltages, and below them, in a row of their own, what each neuron's channels contribute to its
/// variance, at samples `every` apart: as of the dense system, through a run.
pub fn moments(network: &Network, mean: &Mean, every: f64) -> Vec<DMatrix<f64>> {
    let (dense, quantum) = (Dense::new(network), network.quantum.unwrap());
    let n = network.n_neurons();
    let n_samples = 1 + reference::rounded(network.simulation.duration / every);
    let mut sums = vec![DMatrix::zeros(n + 1, n); n_samples];
    let own: Vec<(usize, usize)> =
        (0..n).flat_map(|neuron| (0..mean.baths[neuron][0].len()).map(move |bath| (neuron, bath))).collect();
    for (omega, weight) in frequencies(network, mean, &quantum) {
        let noise = dense.noise(omega);
        let matrix = DMatrix::from_columns(&noise);
        let start = dense.matrix(omega).lu().solve(&matrix).expect("it is not singular");
        let waves = |line: &DVector<Complex64>| Forcing::Waves(line.iter().copied().collect());
        let forcings: Vec<Forcing<'_>> = noise
            .iter()
            .enumerate()
            .map(|(k, line)| own.get(k).map_or_else(|| waves(line), |&(neuron, bath)| Forcing::Bath(neuron, bath)))
            .collect();
        let weight = weight * quantum.hbar * omega * thermal(&quantum, omega);
        let run = Run { dense: &dense, mean, omega, forcings };
        run.through(Start::Stationary(start), every, n_samples, |sample, voltages| {
            for (k, v) in voltages.column_iter().enumerate() {
                for i in 0..n {
                    for j in 0..n {
                        sums[sample][(i, j)] += weight * (v[i] * v[j].conj()).re;
                    }
                }
                if let Some(&(neuron, _)) = own.get(k) {
                    sums[sample][(n, neuron)] += weight * v[neuron].norm_sqr();
                }
            }
        });
    }
    for source in modes(network, &quantum) {
        let Mode { omega, forcings, n: photons, m } = source;
        let run = Run { dense: &dense, mean, omega, forcings };
        run.through(Start::Nothing, every, n_samples, |sample, voltages| {
            for i in 0..n {
                for j in 0..n {
                    let sum = &mut sums[sample][(i, j)];
                    *sum += 2.0 * (m * voltages[(i, 0)] * voltages[(j, 0)]).re;
                    for (s, t, photons) in &photons {
                        *sum += photons * (voltages[(i, *s)] * voltages[(j, *t)].conj()).re;
                    }
                }
            }
        });
    }
    sums
}

/// Frequencies and weights: `w = a sinh s`, `a` the slowest rate of any neuron at its lowest conductance, or of the
/// temperature's if that is lower.
fn frequencies(network: &Network, mean: &Mean, quantum: &Quantum) -> Vec<(f64, f64)> {
    let slowest = |neuron: usize| {
        let (circuit, _) = network.neuron(neuron).unwrap();
        let lowest = mean.baths[neuron].iter().map(|g| g.iter().sum::<f64>()).fold(f64::INFINITY, f64::min);
        let ports = circuit.ports().map(|(_, port)| port.capacitance * (port.impedance + 1.0 / lowest));
        1.0 / (circuit.capacitance / lowest + ports.sum::<f64>())
    };
    let mut a = (0..network.n_neurons()).map(slowest).fold(f64::INFINITY, f64::min);
    if quantum.thermal_energy > 0.0 {
        a = a.min(TAU * quantum.thermal_energy / quantum.hbar);
    }
    let span = (quantum.cutoff / a).asinh();
    let of = |(x, weight): (f64, f64)| {
        let s = 0.5 * span * (1.0 + x);
        (a * s.sinh(), 0.5 * span * weight * a * s.cosh())
    };
    gauss_legendre(quantum.modes.expect("their number is given")).into_iter().map(of).collect()
}

/// Nodes and weights on [-1, 1]: eigenvalues of the recurrence of the Legendre polynomials (Golub and Welsch).
fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let beside = |k: f64| k / (4.0 * k * k - 1.0).sqrt();
    let recurrence = DMatrix::from_fn(n, n, |i, j| if i.abs_diff(j) == 1 { beside(i.max(j) as f64) } else { 0.0 });
    let eigen = recurrence.symmetric_eigen();
    (0..n).map(|k| (eigen.eigenvalues[k], 2.0 * eigen.eigenvectors[(0, k)].powi(2))).collect()
}

/// The mode of a source: what its `a` drives, and what it adds to `<V_i V_j>`.
struct Mode<'a> {
    omega: f64,
    forcings: Vec<Forcing<'a>>,
    /// Of `Re(V_i V_j*)` of a pair of forcings.
    n: Vec<(usize, usize, f64)>,
    /// Of the first.
    m: Complex64,
}

fn modes<'a>(network: &'a Network, quantum: &Quantum) -> Vec<Mode<'a>> {
    let mut modes = Vec::new();
    for source in &network.sources {
        let fed = (0..network.n_neurons()).filter_map(|neuron| {
            let mut into = network.sources_into(neuron);
            into.find(|fed| std::ptr::eq(fed.source, source)).map(|fed| (neuron, fed.factor))
        });
        match &source.drive {
            Drive::Current(_) => {}
            Drive::Mode(mode) => {
                let moments = mode.state.moments();
                let forcing = Forcing::Current { drive: &source.drive, into: fed.collect() };
                let n = vec![(0, 0, 2.0 * moments.n + 1.0)];
                modes.push(Mode { omega: mode.omega, forcings: vec![forcing], n, m: moments.m });
            }
            // Each neuron has a packet of its own.
            Drive::Packet(packet) => modes.extend(fed.map(|(neuron, _)| {
                let (circuit, _) = network.neuron(neuron).unwrap();
                let slot = usize::from(circuit.output.is_some()) + packet.input;
                let impedance = circuit.ports().nth(slot).unwrap().1.impedance;
                let omega = packet.packet.carrier;
                let size = (quantum.hbar * omega * impedance / 2.0).sqrt();
                let moments = packet.state.moments();
                let at = (neuron, slot);
                let mut forcings = vec![Forcing::Packet { drive: &source.drive, at, size }];
                let mut n = vec![(0, 0, 2.0 * moments.n)];
                if quantum.thermal_energy > 0.0 {
                    // In place of the line's thermal quanta.
                    let lines = spectrum(quantum, &packet.packet);
                    let of = |weight: &dyn Fn(&Line) -> f64| {
                        let each = |line: &Line| (line.omega, size * weight(line) * line.amplitude);
                        Forcing::Spectrum { at, lines: lines.iter().map(each).collect() }
                    };
                    let wave = |line: &Line| (line.omega / omega).sqrt();
                    forcings.extend([of(&wave), of(&|line| wave(line) * line.quanta)]);
                    let quanta = lines.iter().map(|line| line.square * line.quanta).sum::<f64>();
                    n.extend([(1, 1, 2.0 * quanta), (1, 2, -2.0), (2, 1, -2.0)]);
                }
                Mode { omega, forcings, n, m: moments.m }
            })),
        }
    }
    modes
}

/// A frequency of a packet's spectrum.
struct Line {
    omega: f64,
    /// `xi(w) dw` in the envelope, and `|xi(w)|^2 dw`.
    amplitude: Complex64,
    square: f64,
    /// Of the line that it arrives on.
    quanta: f64,
}

/// The spectrum of a packet by Simpson's rule in the logarithm of frequency, from a hundredth of the carrier on.
fn spectrum(quantum: &Quantum, packet: &Packet) -> Vec<Line> {
    const PANELS: u32 = 1200;
    let (carrier, width) = (packet.carrier, packet.width);
    let reach = 5.0 / width;
    let (low, high) = ((carrier - reach).max(0.01 * carrier), (carrier + reach).min(quantum.cutoff));
    let step = (high / low).ln() / f64::from(PANELS);
    let of = |k: u32| {
        let omega = low * (f64::from(k) * step).exp();
        let part = match k {
            0 | PANELS => 1.0,
            _ if k % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let weight = part / 3.0 * step * omega;
        // |xi(w)|^2 is normal, of deviation 1/(2 width).
        let square = width * (2.0 / PI).sqrt() * (-2.0 * (width * (omega - carrier)).powi(2)).exp();
        let amplitude = Complex64::from_polar(weight * (square / TAU).sqrt(), (omega - carrier) * packet.centre);
        Line { omega, amplitude, square: weight * square, quanta: 0.5 * (thermal(quantum, omega) - 1.0) }
    };
    if high > low { (0..=PANELS).map(of).collect() } else { Vec::new() }
}
