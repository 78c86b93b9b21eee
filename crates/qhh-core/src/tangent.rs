//! Gates linearised about a trajectory: what a small change of the voltage does to them, and they to the current.
//!
//! ```text
//! C dU/dt = .. - G U - sum_x (dI/dx) X_x
//! dX/dt   = a_x U - r_x X,    a_x = alpha_x' (1 - x) - beta_x' x,    r_x = alpha_x + beta_x
//! ```
//!
//! with `'` the derivative with respect to the voltage. Over a step at a held voltage a gate relaxes exactly, to
//! `s + (x - s) e^{-r dt}` with `s = alpha/r`; [`Relaxing`] is the derivative of that, so that what is made of it is the
//! tangent of the scheme of [`crate::integrate::langevin`] itself and not another approximation of the same equations.
//!
//! Lists run over the gates of a circuit, in its order. Ours.

use num_complex::Complex64;

use crate::circuit::{BathRule, Circuit};
use crate::gates::{RateUnits, Rates};
use crate::gating::Gate;
use crate::quantum::heisenberg::Relaxing;

/// One gate at a voltage: its answer to a small change of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answering {
    /// `a_x`: how fast a change of the voltage moves it, in inverse voltage and time.
    pub drive: f64,
    /// `r_x`: how fast it forgets.
    pub rate: f64,
}

impl Answering {
    /// The gate for a voltage of size 1 at a complex frequency, for `e^{-iwt}`.
    pub fn response(&self, omega: Complex64) -> Complex64 {
        if self.rate.is_finite() { self.drive / (self.rate - Complex64::I * omega) } else { self.drive.into() }
    }
}

impl Circuit {
    /// How each gate answers to a change of the voltage at `v`. One that follows the voltage at once has an infinite rate,
    /// and as its drive the slope of its value.
    pub fn answering(&self, v: f64, gates: &[f64], units: RateUnits) -> Vec<Answering> {
        let (millivolts, in_time) = (v * units.millivolts, units.milliseconds);
        let of = |((_, gate), x): ((usize, &Gate), &f64)| match (
            gate.rates(millivolts),
            gate.rate_slopes(millivolts),
        ) {
            (Some(at), Some(slope)) => Answering {
                drive: (slope.opening * (1.0 - x) - slope.closing * x) * in_time * units.millivolts,
                rate: (at.opening + at.closing) * in_time,
            },
            _ => Answering { drive: gate.steady_slope(millivolts) * units.millivolts, rate: f64::INFINITY },
        };
        self.gates().zip(gates).map(of).collect()
    }

    /// Appends the derivative of each gate's relaxation over `dt` at the held voltage `v`; `gates` before it.
    pub fn relaxing(&self, v: f64, gates: &[f64], dt: f64, units: RateUnits, out: &mut Vec<Relaxing>) {
        let (millivolts, in_time) = (v * units.millivolts, units.milliseconds);
        let scaled = |rates: Rates, by: f64| Rates { opening: rates.opening * by, closing: rates.closing * by };
        out.extend(self.gates().zip(gates).map(|((_, gate), x)| {
            let (Some(at), Some(slope)) = (gate.rates(millivolts), gate.rate_slopes(millivolts)) else {
                return Relaxing { left: 0.0, drive: gate.steady_slope(millivolts) * units.millivolts };
            };
            let (at, slope) = (scaled(at, in_time), scaled(slope, in_time * units.millivolts));
            let (rate, change) = (at.opening + at.closing, slope.opening + slope.closing);
            let steady = at.opening / rate;
            let of_steady = (slope.opening - steady * change) / rate;
            let left = (-rate * dt).exp();
            let gone = -(-rate * dt).exp_m1();
            Relaxing { left, drive: of_steady * gone - (x - steady) * change * dt * left }
        }));
    }

    /// Appends how much each gate changes the conductance of the channels together under a bath rule.
    pub fn conductance_slopes(&self, baths: BathRule, gates: &[f64], out: &mut Vec<f64>) {
        let g = self.conductances(gates);
        let root = g.total().sqrt();
        let roots = g.iter().fold(0.0, |sum, g| sum + g.sqrt());
        // Of the conductance together for that of one channel.
        let weight = |g: f64| match baths {
            BathRule::SharedMode if g > 0.0 => 0.5 * (roots / root + root / g.sqrt()),
            BathRule::SharedMode => 0.0,
            BathRule::Independent => 1.0,
        };
        for ((channel, x), g) in self.opened(gates).zip(g.iter()) {
            let conductance = channel.conductance * weight(*g);
            out.extend((0..x.len()).map(|which| conductance * channel.gating.open_slope(x, which)));
        }
    }

    /// Reversal potential of the channel that each gate belongs to.
    pub fn gate_reversals(&self) -> Vec<f64> {
        self.gates().map(|(channel, _)| self.channels[channel].reversal.unwrap_or(0.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Channels, Inputs};
    use crate::gates::Gates;

    const UNITS: RateUnits = RateUnits { millivolts: 1e3, milliseconds: 1e3 };

    fn circuit(sodium: f64) -> Circuit {
        Circuit {
            capacitance: 1.0,
            channels: Channels::three([36.0, sodium, 0.3], None),
            output: None,
            inputs: Inputs::NONE,
            sense: None,
        }
    }

    /// Against differences of the step itself, in volts and seconds; -55 and -40 mV are the removable singularities.
    #[test]
    fn a_gates_relaxation_has_the_slope_of_its_differences() {
        let gates = Gates::from([0.41, 0.23, 0.37]);
        let circuit = circuit(120.0);
        for v in [-0.09, -0.065, -0.055, -0.0551, -0.040_000_3, -0.04, -0.031, 0.0, 0.04] {
            for dt in [1e-6, 3e-5, 2e-3] {
                let mut slopes = Vec::new();
                circuit.relaxing(v, &gates, dt, UNITS, &mut slopes);
                let step = 1e-6;
                let at = |v: f64| circuit.relaxed(&gates, v, dt, UNITS);
                let (above, below, here) = (at(v + step), at(v - step), at(v));
                for (gate, slope) in slopes.iter().enumerate() {
                    let difference = (above[gate] - below[gate]) / (2.0 * step);
                    let off = (slope.drive - difference).abs() / (difference.abs() + 1e-3);
                    assert!(off < 3e-6, "gate {gate} at {v} V, {dt} s: {} and {difference}", slope.drive);
                    let moved = gates.iter().map(|x| x + 0.1).collect();
                    let left = (circuit.relaxed(&moved, v, dt, UNITS)[gate] - here[gate]) / 0.1;
                    assert!((slope.left - left).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn conductances_have_the_slopes_of_their_differences_under_both_rules() {
        let gates = Gates::from([0.41, 0.23, 0.37]);
        for baths in [BathRule::Independent, BathRule::SharedMode] {
            let circuit = circuit(120.0);
            let mut slopes = Vec::new();
            circuit.conductance_slopes(baths, &gates, &mut slopes);
            let together = |x: &[f64]| baths.effective_conductance(&circuit.conductances(x));
            for gate in 0..3 {
                let at = |by: f64| {
                    let mut x = gates.clone();
                    x[gate] += by;
                    together(&x)
                };
                let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slopes[gate] / difference - 1.0).abs() < 1e-7, "{baths:?} {gate}: {slopes:?}");
            }
        }
    }
}
