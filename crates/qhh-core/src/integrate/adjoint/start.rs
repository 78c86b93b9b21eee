//! From the state of a group at the start of a run to what it was started from: voltage, gates, and where a neuron rests.

use super::opened;
use super::{Sensitivity, Slopes};
use crate::circuit::{BathRule, Circuit};
use crate::gates::{Gates, RateUnits};
use crate::integrate::group::Group;
use crate::integrate::lanes::{LANES, Lanes};

/// Derivatives of a number by what one neuron starts from ([`crate::circuit::Initial::resolve`]).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StartSlopes {
    /// By the voltage, the gates staying what they are.
    pub voltage: f64,
    /// By each gate.
    pub gates: Vec<f64>,
}

impl Group {
    /// From the sensitivity to [`Group::state`] of `start` to that to `start` itself; the parameters' part is added to
    /// `slopes`.
    pub fn started(
        &self,
        sensitivity: &Sensitivity,
        slopes: &mut Slopes,
        start: &[(f64, Gates)],
        dt: f64,
        units: RateUnits,
    ) -> Vec<StartSlopes> {
        let n_gates = self.n_gates();
        let state = self.state(start, dt, units);
        let mut gates = sensitivity.gates.clone();
        let powers = opened::powers(self);
        opened::back(self, &powers, &state.gates[..n_gates], sensitivity.base, &mut gates, Some(slopes));
        let [before, earlier] = sensitivity.followed;
        // The capacitors start at the node's voltage, and so does the record.
        let v: Lanes = sensitivity.u.iter().fold(sensitivity.v + before + earlier, |sum, u| sum + *u);
        let v = if self.sense.is_some() { v + sensitivity.record } else { v };
        let mut relaxing = Vec::new();
        let of = |(lane, (held, begun)): (usize, &(f64, Gates))| {
            relaxing.clear();
            self.gating.relaxing(*held, begun, -0.5 * dt, units, &mut relaxing);
            let bars = gates.iter().map(|bar| bar.0[lane]);
            let voltage = relaxing.iter().zip(bars.clone()).fold(v.0[lane], |sum, (of, bar)| sum + of.drive * bar);
            StartSlopes { voltage, gates: relaxing.iter().zip(bars).map(|(of, bar)| of.left * bar).collect() }
        };
        start.iter().enumerate().take(LANES).map(of).collect()
    }
}

/// Derivatives of the voltage at which a circuit rests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RestSlopes {
    /// By the conductance of each channel, every gate open.
    pub conductance: Vec<f64>,
    /// By the reversal potential of each channel.
    pub reversal: Vec<f64>,
    /// By impedance and reference of the sense line, if its reference is given.
    pub sense: [f64; 2],
}

impl Circuit {
    /// Derivative of each gate's steady state by the voltage.
    pub fn steady_slopes(&self, v: f64, units: RateUnits) -> Vec<f64> {
        self.gates().map(|(_, gate)| gate.steady_slope(v * units.millivolts) * units.millivolts).collect()
    }

    /// How the resting voltage `v` moves with the parameters: by the implicit function where the static current
    /// `sum_i g_i (V - E_i) + (V - V_0)/Z` is 0. Of a sense line whose reference is not given, whatever it is.
    pub fn rest_slopes(&self, v: f64, units: RateUnits) -> RestSlopes {
        let gates = self.steady(v, units);
        let g = self.conductances(&gates);
        let mut currents = Vec::new();
        self.conductance_slopes(BathRule::Independent, &gates, &mut currents);
        let moved = currents.iter().zip(self.gate_reversals()).zip(self.steady_slopes(v, units));
        let own = moved.fold(g.total(), |sum, ((slope, reversal), steady)| sum + slope * (v - reversal) * steady);
        let given = self.sense.and_then(|sense| Some((1.0 / sense.impedance, sense.reference?)));
        let slope = own + given.map_or(0.0, |(conductance, _)| conductance);
        let channels = || self.opened(&gates).zip(g.iter());
        RestSlopes {
            conductance: channels()
                .map(|((channel, x), _)| -channel.gating.open(x) * (v - channel.reversal.unwrap_or(0.0)) / slope)
                .collect(),
            reversal: g.iter().map(|g| g / slope).collect(),
            sense: given.map_or([0.0; 2], |(conductance, reference)| {
                [conductance * conductance * (v - reference) / slope, conductance / slope]
            }),
        }
    }
}
