//! Sleep: a group of neurons at rest, at which nothing arrives, costs next to nothing.
//!
//! At every eighth step a group whose neurons are all within the tolerance of their rest points is put on them; while
//! no current and no wave arrives it stays there to the bit, and its waves are none. So each time a neuron falls
//! asleep its voltage moves by at most the tolerance, and its later waves are cut by at most twice that. Only a stable
//! rest point is slept at: at an unstable one the smallest push would have grown.
//!
//! Ours.

use nalgebra::DMatrix;

use super::kernel::GateState;
use super::lanes::{Float, Lanes};
use super::langevin::GroupState;
use crate::circuit::{BathRule, Circuit};
use crate::gates::{Gates, RateUnits, rates};

/// Steps between two looks whether a group may sleep.
const LOOK_EVERY: u64 = 8;
/// Voltage that a whole gate is worth, in mV: what opening it by a small part does to the resting voltage, upwards.
const GATE_WORTH: f64 = 100.0;

/// Rest points of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rest<const N: usize, T> {
    state: GroupState<N, T>,
    tolerance: f64,
    gate_tolerance: f64,
}

/// Whether a group is looked at before this step.
#[inline(always)]
pub(super) fn is_due(step: u64) -> bool {
    step.is_multiple_of(LOOK_EVERY)
}

impl<const N: usize, T: Float> Rest<N, T> {
    /// Rest in `state`, within `tolerance` of the voltage.
    pub(super) fn new(state: GroupState<N, T>, tolerance: f64, units: RateUnits) -> Self {
        Self { state, tolerance, gate_tolerance: tolerance * units.millivolts / GATE_WORTH }
    }

    /// Whether all neurons are at rest within the tolerance.
    #[inline(always)]
    pub(super) fn is_near(&self, v: Lanes<N, T>, u: &[Lanes<N, T>], gates: &GateState<Lanes<N, T>>) -> bool {
        let rest = &self.state;
        v.is_near(rest.v, self.tolerance)
            && u.iter().zip(&rest.u).all(|(u, rest)| u.is_near(*rest, self.tolerance))
            && gates.n.is_near(rest.gates.n, self.gate_tolerance)
            && gates.m.is_near(rest.gates.m, self.gate_tolerance)
            && gates.h.is_near(rest.gates.h, self.gate_tolerance)
    }

    /// Puts a group to sleep.
    #[inline(always)]
    pub(super) fn settle(&self, state: &mut GroupState<N, T>, u: &mut [Lanes<N, T>]) {
        state.settle(&self.state);
        for (u, rest) in u.iter_mut().zip(&self.state.u) {
            *u = *rest;
        }
    }
}

/// Whether small departures from the rest point die out, the lines of the ports in vacuum.
///
/// The eigenvalues of the linearised circuit, all below zero.
pub fn is_stable(circuit: &Circuit, baths: BathRule, rest: (f64, Gates), units: RateUnits) -> bool {
    let n_ports = circuit.ports().count();
    let start: Vec<f64> =
        [rest.0, rest.1.n, rest.1.m, rest.1.h].into_iter().chain(std::iter::repeat_n(rest.0, n_ports)).collect();
    let slopes = |x: &[f64]| -> Vec<f64> {
        let (v, gates) = (x[0], Gates { n: x[1], m: x[2], h: x[3] });
        let g = circuit.conductances(gates);
        let channels = match baths {
            BathRule::Independent => circuit.channel_current(g, v),
            BathRule::SharedMode => baths.effective_conductance(g) * v,
        };
        let currents: Vec<f64> =
            circuit.ports().zip(&x[4..]).map(|((_, port), u)| port.current(v, *u, 0.0)).collect();
        let rates = rates(v * units.millivolts);
        let gate = |k: usize| {
            let slope = rates[k].opening * (1.0 - x[1 + k]) - rates[k].closing * x[1 + k];
            slope * units.milliseconds
        };
        let node = -(channels + currents.iter().sum::<f64>()) / circuit.capacitance;
        let capacitors = circuit.ports().zip(&currents).map(|((_, port), current)| current / port.capacitance);
        [node, gate(0), gate(1), gate(2)].into_iter().chain(capacitors).collect()
    };
    let size = start.len();
    let scale = |k: usize| if (1..4).contains(&k) { 1e-6 } else { 1e-4 / units.millivolts };
    let column = |k: usize| {
        let moved = |sign: f64| {
            let mut x = start.clone();
            x[k] += sign * scale(k);
            slopes(&x)
        };
        let (above, below) = (moved(1.0), moved(-1.0));
        above.into_iter().zip(below).map(move |(a, b)| (a - b) / (2.0 * scale(k))).collect::<Vec<_>>()
    };
    let columns: Vec<f64> = (0..size).flat_map(column).collect();
    let eigenvalues = DMatrix::from_vec(size, size, columns).complex_eigenvalues();
    eigenvalues.iter().all(|value| value.re < 0.0)
}
