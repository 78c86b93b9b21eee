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

    /// Lanes that [`GroupState::append_to`] appends.
    pub fn n_lanes(&self) -> usize {
        3 + self.u.len() + self.gates.len() + usize::from(self.record.is_some())
    }

    /// Appends the state of a group that does not sleep.
    pub fn append_to(&self, lanes: &mut Vec<Lanes<N, T>>) {
        lanes.extend([self.v, self.slope_base.0, self.slope_base.1]);
        lanes.extend_from_slice(&self.u);
        lanes.extend_from_slice(&self.gates);
        lanes.extend(self.record);
    }

    /// Takes over what [`GroupState::append_to`] appended for the same group.
    ///
    /// # Panics
    /// If there are not as many lanes.
    pub fn read_from(&mut self, lanes: &[Lanes<N, T>]) {
        let ([v, g, battery], rest) =
            lanes.split_first_chunk().expect("at least a voltage and what follows from gates");
        (self.v, self.slope_base, self.asleep) = (*v, (*g, *battery), false);
        let (u, rest) = rest.split_at(self.u.len());
        self.u.copy_from_slice(u);
        let (gates, record) = rest.split_at(self.gates.len());
        self.gates.copy_from_slice(gates);
        self.record = record.first().copied();
    }

    /// Whether this could be a state of the group that `other` is one of.
    pub fn fits(&self, other: &Self) -> bool {
        self.u.len() == other.u.len()
            && self.gates.len() == other.gates.len()
            && self.record.is_some() == other.record.is_some()
    }
}
