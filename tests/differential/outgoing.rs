//! Modes of outgoing waves far apart from each other, against the dense system of all voltages and waves.
//!
//! ```text
//! b_j = sum over noise int dw f_j(w)* S_jl(w) a_l(w),    S_jl = B_jl/sqrt(Z_j/4 pi)
//! [b_j, b_k*] = sum int f_j* f_k S_jl S_kl*,    <b_j* b_k> = sum int f_j f_k* S_jl* S_kl n(w)
//! ```
//!
//! with `B_jl` what leaves the port of the mode in answer to a source of noise, and `f_j` the spectrum of its envelope.

use std::f64::consts::PI;
use std::path::Path;

use nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::source::Packet;
use qhh_format::yaml;
use qhh_net::Network;
use qhh_net::network::OutputEnvelope;

use crate::dense::{Dense, thermal};
use crate::fluctuations::run;

/// Two ways of very different length from the first to the last, loss, a splitter, a combiner, unlike ports.
const NETWORK: &str = "
name: apart
simulation: {duration: 34 ms, step: 0.05 ms}
quantum: {hbar: 0.6, temperature: 1.3 uF mV^2, cutoff: 70 rad/ms, fluctuations: heisenberg}
neurons:
  first: &cell
    membrane: {capacitance: 0.6 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: 2.4 kOhm}
    input: {capacitance: 0.8 uF, impedance: 3.5 kOhm}
  middle:
    membrane: {capacitance: 0.5 uF}
    channels:
      potassium: {conductance: 30 mS, reversal: -77 mV}
      sodium: {conductance: 110 mS, reversal: 50 mV}
      chloride: {conductance: 0.4 mS, reversal: -54.387 mV}
    output: {capacitance: 0.5 uF, impedance: 1.7 kOhm}
    input: {capacitance: 1.2 uF, impedance: 2.9 kOhm}
  last: *cell
waveguides:
  short: {from: first, to: middle, pattern: one-to-one, delay: 1.23 ms, transmission: 0.9}
  on: {from: middle, to: last, pattern: one-to-one, delay: 0.8 ms, transmission: 0.85}
  long: {from: first, to: last, pattern: one-to-one, delay: 17.31 ms, transmission: 0.95}
modes:
  sent: {of: first, carrier: 5 rad/ms, envelope: gaussian, centre: 7 ms, width: 0.62 ms}
  soon: {of: last, carrier: 5 rad/ms, envelope: gaussian, centre: 9.3 ms, width: 0.62 ms}
  late: {of: last, carrier: 5.2 rad/ms, envelope: gaussian, centre: 24.5 ms, width: 0.55 ms}
  back: {of: last, port: input, carrier: 4.9 rad/ms, envelope: gaussian, centre: 24.4 ms, width: 0.6 ms}
  again: {of: first, carrier: 5 rad/ms, envelope: gaussian, centre: 24.36 ms, width: 0.62 ms}
record: {quantities: [voltage]}
";

/// Commutators `[b_j, b_k*]` and quanta `<b_j* b_k>`.
fn exact(network: &Network, modes: &[(usize, usize, Packet)]) -> [DMatrix<Complex64>; 2] {
    let (dense, quantum) = (Dense::new(network), network.quantum.unwrap());
    let n = modes.len();
    let mut sums = [DMatrix::zeros(n, n), DMatrix::zeros(n, n)];
    // Nine deviations to both sides of 5 rad/ms, and some eighty points to a fringe of 18 ms.
    let dw = 0.004;
    for k in 1..3200 {
        let omega = dw * f64::from(k);
        let lines = dense.noise(omega);
        let answers = dense.matrix(omega).lu().solve(&DMatrix::from_columns(&lines)).unwrap();
        let of_mode = |&(neuron, slot, packet): &(usize, usize, Packet)| -> DVector<Complex64> {
            let (off, port) = (omega - packet.carrier, (neuron, slot));
            let size = (2.0 * packet.width.powi(2) / PI).powf(0.25) * (-(packet.width * off).powi(2)).exp();
            let spectrum = Complex64::from_polar(size, -off * packet.centre);
            let unit = (dense.impedance(port) / (4.0 * PI)).sqrt();
            let (v, u, a) = (dense.voltage(neuron), dense.capacitor(port), dense.wave(port));
            let left = answers.row(v) - answers.row(u) - answers.row(a);
            left.transpose() * (spectrum / unit)
        };
        let mu: Vec<DVector<Complex64>> = modes.iter().map(of_mode).collect();
        let quanta = 0.5 * (thermal(&quantum, omega) - 1.0);
        for (i, one) in mu.iter().enumerate() {
            for (j, other) in mu.iter().enumerate() {
                let product = one.dotc(other) * dw;
                sums[0][(i, j)] += product.conj();
                sums[1][(i, j)] += product * quanta;
            }
        }
    }
    sums
}

#[test]
fn modes_far_apart_are_those_of_the_dense_system() {
    let network = yaml::load_text(Path::new("apart.yaml"), NETWORK, &[]).unwrap().network.into_network();
    let place = |mode: &qhh_net::network::OutputMode| {
        let OutputEnvelope::Packet(packet) = mode.envelope else { panic!("no search") };
        let (circuit, _) = network.neuron(mode.neuron).unwrap();
        let slot = circuit.ports().position(|(role, _)| role == mode.port).unwrap();
        (mode.neuron, slot, packet)
    };
    let modes: Vec<_> = network.modes.iter().map(place).collect();
    let [commutators, quanta] = exact(&network, &modes);
    let states = run(&network).states.unwrap();
    let mut seen = 0;
    for (j, one) in network.modes.iter().enumerate() {
        for (k, other) in network.modes.iter().enumerate() {
            let (names, size) = ((&one.name, &other.name), (quanta[(j, j)] * quanta[(k, k)]).sqrt());
            let (ours, truth) = (states.commutator[(j, k)], commutators[(j, k)]);
            assert!((ours - truth).norm() < 1e-6, "[b, b*] of {names:?}: {ours}, not {truth}");
            let (ours, truth) = (states.n[(j, k)], quanta[(j, k)]);
            // A few millionths of the quanta are below a hundredth of the carrier, where the program's spectra begin.
            assert!((ours - truth).norm() < 1e-5 * size.norm(), "quanta of {names:?}: {ours}, not {truth}");
            seen += usize::from(j < k && commutators[(j, k)].norm() > 1e-3);
        }
    }
    assert!(seen >= 4, "{seen} pairs share anything");
}
