//! Covariances of the voltages at rest where waves come back, exact for passive networks.
//!
//! With everything at one temperature and no amplifiers the fluctuations belong to the dissipation,
//!
//! ```text
//! Cov(V_i, V_j) = (hbar/pi) int_0^{w_c} dw w coth(hbar w/2kT) Re (z_ij + z_ji)/2
//! ```
//!
//! with `z_ij` the voltage of i for a current into j. Echoes make `z` a row of resonances far too sharp to integrate on
//! the real axis. It is analytic above it, where an echo of delay `tau` decays as `e^{-tau Im w}`: the integral goes from
//! 0 to `i s`, on to `i s + w_c`, and down to `w_c`. The vacuum's `w` has no poles; what temperature adds has the first at
//! `2 pi i kT/hbar`, and its path stays below. Ours.

use std::f64::consts::{PI, TAU};

use qhh_core::circuit::MAX_PORTS;
use qhh_core::nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency, sinh_rule};

use super::Mean;
use super::answers::Answers;
use super::graph::{ModeGraph, Node};

/// Ports in a network at most: the waves that arrive at them are solved for densely.
const DENSE: usize = 120;
/// Decay of an echo on the upper path, in powers of e.
const DECAY: f64 = 18.0;
/// Points of each leg; half as many tell the error.
const POINTS: usize = 128;
/// Nearest to the real axis that a resonance is resolved, against the cutoff.
const NEAREST: f64 = 1e-9;

/// Covariances at rest, and their error relative to the variances.
pub(super) struct AtRest {
    /// `[recorded node, recorded node]`.
    pub(super) covariance: DMatrix<f64>,
    pub(super) error: f64,
}

/// Covariances of the recorded nodes at rest with the conductances of the start; none with amplifiers or gates that respond,
/// where fluctuations do not belong to the dissipation, with sense lines of another temperature, without loops, or of networks too
/// large.
pub(super) fn at_rest(graph: &ModeGraph, mean: &Mean, bath: Bath, recorded: &[usize]) -> Option<AtRest> {
    let rest = Rest::new(graph, mean, recorded)?;
    let covariance = rest.covariance(bath, POINTS);
    let coarse = rest.covariance(bath, POINTS / 2);
    let n = recorded.len();
    let relative = |(i, j): (usize, usize)| {
        let size = (covariance[(i, i)] * covariance[(j, j)]).sqrt();
        (covariance[(i, j)] - coarse[(i, j)]).abs() / size
    };
    let error = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(relative).fold(0.0, f64::max);
    error.is_finite().then_some(AtRest { covariance, error })
}

struct Rest<'a> {
    graph: &'a ModeGraph,
    mean: &'a Mean,
    recorded: &'a [usize],
    /// Ports at which something arrives, and the place of each: `[node][slot]`.
    ports: Vec<(usize, usize)>,
    places: Vec<[Option<usize>; MAX_PORTS]>,
    /// Conductance of each node.
    g: Vec<f64>,
}

impl<'a> Rest<'a> {
    fn new(graph: &'a ModeGraph, mean: &'a Mean, recorded: &'a [usize]) -> Option<Self> {
        let amplified = graph.nodes.iter().flat_map(|node| node.noise).any(|noise| noise.amplifier > 1e-12);
        let several = graph.nodes.iter().any(|node| node.circuit.sense_thermal_energy().is_some());
        if amplified || several || mean.responds() || !graph.has_loops() {
            return None;
        }
        let mut ports = Vec::new();
        let mut places = vec![[None; MAX_PORTS]; graph.nodes.len()];
        for (node, of_node) in graph.nodes.iter().enumerate() {
            for slot in (0..MAX_PORTS).filter(|&slot| of_node.arms.iter().any(|arm| arm.slot == slot)) {
                places[node][slot] = Some(ports.len());
                ports.push((node, slot));
            }
        }
        let g = (0..graph.nodes.len()).map(|node| mean.at_start(node)).collect();
        (ports.len() <= DENSE).then_some(Self { graph, mean, recorded, ports, places, g })
    }

    fn covariance(&self, bath: Bath, points: usize) -> DMatrix<f64> {
        let shortest = 2.0 * self.graph.lags.0 * self.mean.dt;
        // Far above every fringe; beyond the cutoff nothing is left to gain.
        let height = (DECAY / shortest).min(100.0 * bath.cutoff);
        let vacuum = self.along(bath, height, points, &|omega| bath.hbar * omega);
        if bath.thermal_energy == 0.0 {
            return vacuum / PI;
        }
        let matsubara = TAU * bath.thermal_energy / bath.hbar;
        let thermal = |omega: Complex64| {
            let x = omega * (bath.hbar / bath.thermal_energy);
            // x/(e^x - 1), of which nothing is left far out.
            let part = if x.re > 700.0 {
                Complex64::ZERO
            } else if x.norm() < 1e-5 {
                1.0 - 0.5 * x
            } else {
                x / (x.exp() - 1.0)
            };
            2.0 * bath.thermal_energy * part
        };
        // What is below a fortieth of e^-40 counts no more.
        let cutoff = bath.cutoff.min(40.0 * bath.thermal_energy / bath.hbar);
        let warm = Bath { cutoff, ..bath };
        (vacuum + self.along(warm, height.min(0.5 * matsubara), points, &thermal)) / PI
    }

    /// `int spectrum(w) Re (z + z^T)/2 dw` from 0 to the cutoff, over a path of the given height.
    fn along(
        &self,
        bath: Bath,
        height: f64,
        points: usize,
        spectrum: &dyn Fn(Complex64) -> Complex64,
    ) -> DMatrix<f64> {
        let n = self.recorded.len();
        let mut sum = DMatrix::zeros(n, n);
        let mut add = |omega: Complex64, weight: Complex64| {
            let z = self.impedances(omega).map(|z| (z * spectrum(omega) * weight).re);
            sum += 0.5 * (&z + z.transpose());
        };
        let near = NEAREST * bath.cutoff;
        let legs = |from: f64, to: f64| sinh_rule(from, (0.0, (to / from).asinh()), points);
        for Frequency { omega, weight, .. } in legs(near, height) {
            add(Complex64::new(0.0, omega), Complex64::new(0.0, weight));
            add(Complex64::new(bath.cutoff, omega), Complex64::new(0.0, -weight));
        }
        for Frequency { omega, weight, .. } in legs(height.min(bath.cutoff), bath.cutoff) {
            add(Complex64::new(omega, height), weight.into());
        }
        sum
    }

    /// `z_ij` of the recorded nodes at a complex frequency.
    fn impedances(&self, omega: Complex64) -> DMatrix<Complex64> {
        let of = |(node, g): (&Node, &f64)| Answers::new(&node.circuit, (*g).into(), omega);
        let answers: Vec<Answers> = self.graph.nodes.iter().zip(&self.g).map(of).collect();
        let n = self.ports.len();
        let mut matrix = DMatrix::<Complex64>::identity(n, n);
        let mut drives = DMatrix::<Complex64>::zeros(n, self.recorded.len());
        for (to, of_node) in self.graph.nodes.iter().enumerate() {
            for arm in &of_node.arms {
                let Some(row) = self.places[to][arm.slot] else { continue };
                let (from, out) = self.graph.rows[arm.row];
                let turned = (Complex64::I * omega * (arm.lag * self.mean.dt)).exp() * arm.amplitude;
                let (part, own) = answers[from].leaving(out);
                for (slot, place) in self.places[from].iter().enumerate() {
                    let Some(column) = *place else { continue };
                    let direct = if slot == out { own } else { Complex64::ZERO };
                    matrix[(row, column)] -= turned * (part * answers[from].voltage(slot) + direct);
                }
                if let Some(driven) = self.recorded.iter().position(|&node| node == from) {
                    drives[(row, driven)] += turned * part / answers[from].whole;
                }
            }
        }
        let arriving = matrix.lu().solve(&drives).unwrap_or_else(|| drives.map(|_| Complex64::from(f64::NAN)));
        DMatrix::from_fn(self.recorded.len(), self.recorded.len(), |i, j| {
            let node = self.recorded[i];
            let own = if i == j { answers[node].whole.inv() } else { Complex64::ZERO };
            let through: Complex64 = (0..MAX_PORTS)
                .filter_map(|slot| Some(answers[node].voltage(slot) * arriving[(self.places[node][slot]?, j)]))
                .sum();
            own + through
        })
    }
}
