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
//! Lists run over the gates of a circuit, in the order n, m, h. Ours.

use crate::circuit::{BathRule, Circuit};
use crate::gates::{Gates, RateUnits, Rates, rates};
use crate::integrate::lanes::Float;

/// One gate at a voltage: its answer to a small change of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answering {
    /// `a_x`: how fast a change of the voltage moves it, in inverse voltage and time.
    pub drive: f64,
    /// `r_x`: how fast it forgets.
    pub rate: f64,
}

/// The derivative of one gate's relaxation over a step at a held voltage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relaxing {
    /// Part of a deviation that is left at the end, `e^{-r dt}`.
    pub left: f64,
    /// Deviation at the end for a unit of the voltage held.
    pub drive: f64,
}

/// `d/dx` of `x/(1 - e^-x)`.
fn linoid_slope(x: f64) -> f64 {
    if x.abs() < 0.1 {
        let x2 = x * x;
        return 0.5 + x * (1.0 / 6.0 + x2 * (-1.0 / 180.0 + x2 * (1.0 / 5040.0 - x2 / 151_200.0)));
    }
    let rest = -(-x).exp_m1();
    (rest - x * (-x).exp()) / (rest * rest)
}

/// Derivatives of the rates of n, m and h at `millivolts`, in 1/(mV ms); none where the rates themselves end.
fn rate_slopes(millivolts: f64) -> [Rates; 3] {
    let (lowest, highest) = <f64 as Float>::SATURATED;
    if !(lowest..=highest).contains(&millivolts) {
        return [Rates { opening: 0.0, closing: 0.0 }; 3];
    }
    let v = millivolts;
    let [n, m, h] = rates(v);
    // The logistic function's own derivative.
    let logistic = h.closing * (1.0 - h.closing) / 10.0;
    [
        Rates { opening: 0.01 * linoid_slope((v + 55.0) / 10.0), closing: -n.closing / 80.0 },
        Rates { opening: 0.1 * linoid_slope((v + 40.0) / 10.0), closing: -m.closing / 18.0 },
        Rates { opening: -h.opening / 20.0, closing: logistic },
    ]
}

/// Rates and their derivatives of the gates that a circuit has, in the units of its voltage and time, with their values.
fn of_gates(
    circuit: &Circuit,
    v: f64,
    gates: Gates,
    units: RateUnits,
) -> impl Iterator<Item = (Rates, Rates, f64)> {
    let millivolts = v * units.millivolts;
    let in_time = units.milliseconds;
    let scaled = |rates: Rates, by: f64| Rates { opening: rates.opening * by, closing: rates.closing * by };
    let each = rates(millivolts).into_iter().zip(rate_slopes(millivolts)).zip([gates.n, gates.m, gates.h]);
    each.take(circuit.n_gates())
        .map(move |((at, slope), x)| (scaled(at, in_time), scaled(slope, in_time * units.millivolts), x))
}

impl Circuit {
    /// Number of gates.
    pub fn n_gates(&self) -> usize {
        if self.sodium().is_some() { 3 } else { 1 }
    }

    /// How each gate answers to a change of the voltage at `v`.
    pub fn answering(&self, v: f64, gates: Gates, units: RateUnits) -> Vec<Answering> {
        of_gates(self, v, gates, units)
            .map(|(at, slope, x)| Answering {
                drive: slope.opening * (1.0 - x) - slope.closing * x,
                rate: at.opening + at.closing,
            })
            .collect()
    }

    /// Appends the derivative of each gate's relaxation over `dt` at the held voltage `v`; `gates` before it.
    pub fn relaxing(&self, v: f64, gates: Gates, dt: f64, units: RateUnits, out: &mut Vec<Relaxing>) {
        out.extend(of_gates(self, v, gates, units).map(|(at, slope, x)| {
            let (rate, change) = (at.opening + at.closing, slope.opening + slope.closing);
            let steady = at.opening / rate;
            let of_steady = (slope.opening - steady * change) / rate;
            let left = (-rate * dt).exp();
            let gone = -(-rate * dt).exp_m1();
            Relaxing { left, drive: of_steady * gone - (x - steady) * change * dt * left }
        }));
    }

    /// Appends how much each gate changes the conductance of the channels together under a bath rule.
    pub fn conductance_slopes(&self, baths: BathRule, gates: Gates, out: &mut Vec<f64>) {
        let Gates { n, m, h } = gates;
        let g = self.conductances(gates);
        let root = g.total().sqrt();
        let roots = g.potassium.sqrt() + g.sodium.sqrt() + g.chloride.sqrt();
        // Of the conductance together for that of one channel.
        let weight = |g: f64| match baths {
            BathRule::SharedMode if g > 0.0 => 0.5 * (roots / root + root / g.sqrt()),
            BathRule::SharedMode => 0.0,
            BathRule::Independent => 1.0,
        };
        out.push(4.0 * self.potassium().conductance * n.powi(3) * weight(g.potassium));
        if let Some(sodium) = self.sodium() {
            let sodium = sodium.conductance * weight(g.sodium);
            out.extend([3.0 * sodium * m * m * h, sodium * m.powi(3)]);
        }
    }

    /// Reversal potential of the channel that each gate belongs to.
    pub fn gate_reversals(&self) -> Vec<f64> {
        let [potassium, sodium, _] = self.channel_list();
        let reversal = |channel: Option<crate::channel::Channel>| channel.and_then(|c| c.reversal).unwrap_or(0.0);
        let each = [reversal(potassium), reversal(sodium), reversal(sodium)];
        each[..self.n_gates()].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::circuit::{Channels, Inputs};

    const UNITS: RateUnits = RateUnits { millivolts: 1e3, milliseconds: 1e3 };

    fn circuit(sodium: f64) -> Circuit {
        let channel = |conductance| Channel { conductance, reversal: None };
        Circuit {
            capacitance: 1.0,
            channels: Channels::Three {
                potassium: channel(36.0),
                sodium: channel(sodium),
                chloride: channel(0.3),
            },
            output: None,
            inputs: Inputs::NONE,
        }
    }

    fn list(gates: Gates) -> [f64; 3] {
        [gates.n, gates.m, gates.h]
    }

    /// Against differences of the step itself, in volts and seconds; -55 and -40 mV are the removable singularities.
    #[test]
    fn a_gates_relaxation_has_the_slope_of_its_differences() {
        let gates = Gates { n: 0.41, m: 0.23, h: 0.37 };
        let circuit = circuit(120.0);
        for v in [-0.09, -0.065, -0.055, -0.0551, -0.0400003, -0.04, -0.031, 0.0, 0.04] {
            for dt in [1e-6, 3e-5, 2e-3] {
                let mut slopes = Vec::new();
                circuit.relaxing(v, gates, dt, UNITS, &mut slopes);
                let step = 1e-6;
                let at = |v: f64| list(gates.relaxed(v, dt, UNITS));
                let (above, below, here) = (at(v + step), at(v - step), at(v));
                for (gate, slope) in slopes.iter().enumerate() {
                    let difference = (above[gate] - below[gate]) / (2.0 * step);
                    let off = (slope.drive - difference).abs() / (difference.abs() + 1e-3);
                    assert!(off < 3e-6, "gate {gate} at {v} V, {dt} s: {} and {difference}", slope.drive);
                    let moved = Gates { n: gates.n + 0.1, m: gates.m + 0.1, h: gates.h + 0.1 };
                    let left = (list(moved.relaxed(v, dt, UNITS))[gate] - here[gate]) / 0.1;
                    assert!((slope.left - left).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn conductances_have_the_slopes_of_their_differences_under_both_rules() {
        let gates = Gates { n: 0.41, m: 0.23, h: 0.37 };
        for baths in [BathRule::Independent, BathRule::SharedMode] {
            let circuit = circuit(120.0);
            let mut slopes = Vec::new();
            circuit.conductance_slopes(baths, gates, &mut slopes);
            let together = |x: [f64; 3]| {
                baths.effective_conductance(circuit.conductances(Gates { n: x[0], m: x[1], h: x[2] }))
            };
            for gate in 0..3 {
                let at = |by: f64| {
                    let mut x = list(gates);
                    x[gate] += by;
                    together(x)
                };
                let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slopes[gate] / difference - 1.0).abs() < 1e-7, "{baths:?} {gate}: {slopes:?}");
            }
        }
    }
}
