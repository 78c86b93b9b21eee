//! What physics demands of a run, as defects: functions and meters that return how far it fails to hold.
//!
//! Tolerances are set where the checks are listed ([`crate::record`]).

use qhh_core::channel::Conductances;
use qhh_core::circuit::{BathRule, Circuit};
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::variance::Share;
use serde::{Deserialize, Serialize};

use crate::record::Detail;

/// Follows the energy of one neuron:
/// `d/dt (C V^2/2 + sum C_p u_p^2/2) = I V - sum g (V - E) V + sum (A_p^2 - B_p^2)/Z_p`.
///
/// Integrated with the trapezoidal rule beside the run, so that the defect shrinks with the square of the step.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct EnergyMeter {
    start: Option<f64>,
    stored: f64,
    last: Option<Instant>,
    /// Energy that came in, less that which left.
    balance: f64,
    /// Energy that came in or left, signs aside.
    turnover: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Instant {
    v: f64,
    /// Power lost in the channels, batteries counted as gain.
    lost: f64,
    /// Power that leaves through the ports, less that which arrives.
    radiated: f64,
}

impl EnergyMeter {
    /// Takes in the state at the end of a step whose mean injected current was `current`; `None` at the very start.
    pub(crate) fn point(
        &mut self,
        circuit: &Circuit,
        baths: BathRule,
        dt: f64,
        v: f64,
        state: &Detail,
        current: Option<f64>,
    ) {
        let g = circuit.conductances(state.gates);
        let lost = match baths {
            BathRule::Independent => circuit.channel_current(g, v) * v,
            BathRule::SharedMode => baths.effective_conductance(g) * v * v,
        };
        let ports = || circuit.ports().map(|(_, port)| port).zip(state.ports);
        let radiated = ports()
            .zip(state.arriving)
            .map(|((port, u), a)| (port.outgoing(v, u, a).powi(2) - a * a) / port.impedance)
            .sum();
        self.stored =
            0.5 * circuit.capacitance * v * v + ports().map(|(p, u)| 0.5 * p.capacitance * u * u).sum::<f64>();
        self.start.get_or_insert(self.stored);
        let now = Instant { v, lost, radiated };
        if let (Some(before), Some(current)) = (self.last, current) {
            let injected = current * 0.5 * (before.v + v) * dt;
            let lost = 0.5 * (before.lost + lost) * dt;
            let radiated = 0.5 * (before.radiated + radiated) * dt;
            self.balance += injected - lost - radiated;
            self.turnover += injected.abs() + lost.abs() + radiated.abs();
        }
        self.last = Some(now);
    }

    /// Energy unaccounted for, against all that came in or left, or a ten-thousandth of what is stored if that is more.
    pub fn defect(&self) -> f64 {
        let gained = self.stored - self.start.unwrap_or(self.stored);
        // A neuron left alone exchanges no more than rounding, and what falling asleep moves it by (1e-6 mV, 1e-8 of
        // what is stored): nothing to compare with.
        let exchanged = self.turnover.max(1e-4 * self.stored);
        if exchanged == 0.0 { 0.0 } else { (gained - self.balance).abs() / exchanged }
    }
}

/// How far the lines' shares fail to add up to `(hbar/pi) int w coth Re z dw`, relative.
///
/// The integral is made anew from the impedance itself, on its own grid.
pub fn shares_defect(circuit: &Circuit, rule: BathRule, bath: Bath, g: Conductances, shares: &[Share]) -> f64 {
    let g_eff = rule.effective_conductance(g);
    let slowest =
        0.3 * g_eff.max(1e-12) / circuit.ports().fold(circuit.capacitance, |c, (_, p)| c + p.capacitance);
    let whole: f64 = bath
        .nodes(slowest)
        .iter()
        .map(|node| {
            let energy = bath.energy(node.omega);
            node.weight * energy * circuit.impedance(g_eff, node.omega).re / std::f64::consts::PI
        })
        .sum();
    let sum: f64 = shares.iter().map(|share| share.vacuum + share.thermal).sum();
    if whole == 0.0 { sum.abs() } else { (sum / whole - 1.0).abs() }
}
