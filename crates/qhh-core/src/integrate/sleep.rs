//! Sleep: a group of neurons at rest, at which nothing arrives, costs next to nothing.
//!
//! At every eighth step a group whose neurons are all within the tolerance of their rest points, and into which no current
//! and no wave goes, is put on them; while none does it stays there to the bit, and its waves are none. So each time a neuron falls
//! asleep its voltage moves by at most the tolerance, and its later waves are cut by at most twice that. Only a stable
//! rest point is slept at: at an unstable one the smallest push would have grown.
//!
//! Ours.

use super::lanes::{Float, Lanes};
use super::state::GroupState;
use crate::gates::RateUnits;

/// Steps between two looks whether a group may sleep.
const LOOK_EVERY: u64 = 8;
/// Voltage that a whole gate is worth, in mV: what opening it by a small part does to the resting voltage, upwards.
const GATE_WORTH: f64 = 100.0;

/// Rest points of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rest<const N: usize, T> {
    state: GroupState<N, T>,
    tolerance: f64,
    pub(super) gate_tolerance: f64,
}

/// Whether a group is looked at before this step.
#[inline(always)]
pub(super) fn is_due(step: u64) -> bool {
    step.is_multiple_of(LOOK_EVERY)
}

/// Steps until a group is looked at again.
pub(super) fn until_due(step: u64) -> usize {
    usize::try_from(LOOK_EVERY - step % LOOK_EVERY).unwrap_or(1)
}

impl<const N: usize, T: Float> Rest<N, T> {
    /// Rest in `state`, within `tolerance` of the voltage.
    pub(super) fn new(mut state: GroupState<N, T>, tolerance: f64, units: RateUnits) -> Self {
        state.asleep = true;
        Self { state, tolerance, gate_tolerance: tolerance * units.millivolts / GATE_WORTH }
    }

    /// Whether the circuits of all neurons are at rest within the tolerance.
    #[inline(always)]
    pub(super) fn is_near(&self, v: Lanes<N, T>, u: &[Lanes<N, T>]) -> bool {
        let rest = &self.state;
        v.is_near(rest.v, self.tolerance)
            && u.iter().zip(&rest.u).all(|(u, rest)| u.is_near(*rest, self.tolerance))
    }

    /// The state of a group that sleeps.
    #[inline(always)]
    pub(super) fn state(&self) -> &GroupState<N, T> {
        &self.state
    }
}
