//! What changes along a run of a group of neurons.

use serde::{Deserialize, Serialize};

use super::lanes::{Float, LANES, Lanes};

/// Everything that changes along a run; all a checkpoint of a group needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Float")]
pub struct GroupState<const N: usize = LANES, T = f64> {
    /// Node voltage, at a whole step.
    pub v: Lanes<N, T>,
    /// Port capacitors, at a whole step.
    pub u: Box<[Lanes<N, T>]>,
    /// Gates, half a step earlier, in the circuit's order; then the voltages one and two steps earlier, if some gate follows
    /// the voltage at once.
    pub gates: Box<[Lanes<N, T>]>,
    /// Record of the voltage that the gates follow, at a whole step, if they measure it.
    pub record: Option<Lanes<N, T>>,
    /// Conductance of the channels and current of the batteries, half a step earlier.
    pub(super) slope_base: (Lanes<N, T>, Lanes<N, T>),
    /// Whether it sleeps: it is at rest to the bit, and stays there while nothing arrives.
    pub asleep: bool,
}

impl<const N: usize, T: Float> GroupState<N, T> {
    /// Whether the state of one lane is made of finite numbers.
    pub fn is_finite(&self, lane: usize) -> bool {
        let gates: f64 = self.gates.iter().map(|gate| gate.lane(lane)).sum();
        let record = self.record.map_or(0.0, |record| record.lane(lane));
        (record + self.v.lane(lane) + self.u.iter().map(|u| u.lane(lane)).sum::<f64>() + gates).is_finite()
    }

    /// Takes over a state of the same group, without room of its own.
    pub fn copy_from(&mut self, other: &Self) {
        let Self { v, u, gates, record, slope_base, asleep } = other;
        u.iter().zip(&mut self.u).for_each(|(from, to)| *to = *from);
        gates.iter().zip(&mut self.gates).for_each(|(from, to)| *to = *from);
        (self.v, self.record, self.slope_base, self.asleep) = (*v, *record, *slope_base, *asleep);
    }

    /// Whether this could be a state of the group that `other` is one of.
    pub fn fits(&self, other: &Self) -> bool {
        self.u.len() == other.u.len()
            && self.gates.len() == other.gates.len()
            && self.record.is_some() == other.record.is_some()
    }
}
