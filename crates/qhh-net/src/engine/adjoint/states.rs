//! States of one block at several times, one after the other in one piece of memory.

use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::state::GroupState;

use crate::engine::neuron_block::NeuronBlock;

/// What a block needs to go through windows again, at the start of each of several.
#[derive(Default)]
pub(super) struct States {
    lanes: Vec<Lanes>,
    /// The waves that had arrived last.
    carried: Vec<f64>,
    number: usize,
}

impl States {
    /// Room for so many states of a block.
    pub(super) fn with_room(number: usize, of: &NeuronBlock<LANES, f64>) -> Self {
        let lanes = Vec::with_capacity(number * of.state.n_lanes());
        Self { lanes, carried: Vec::with_capacity(number * of.waves.carried.len()), number: 0 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.number
    }

    pub(super) fn clear(&mut self) {
        self.lanes.clear();
        self.carried.clear();
        self.number = 0;
    }

    /// Adds the state of the block.
    pub(super) fn push(&mut self, block: &NeuronBlock<LANES, f64>) {
        block.state.append_to(&mut self.lanes);
        self.carried.extend_from_slice(&block.waves.carried);
        self.number += 1;
    }

    /// Reads a state of the group of `state` into it.
    pub(super) fn read(&self, number: usize, state: &mut GroupState) {
        let n_lanes = state.n_lanes();
        state.read_from(&self.lanes[number * n_lanes..][..n_lanes]);
    }

    /// Puts the block back to a state.
    pub(super) fn restore(&self, number: usize, block: &mut NeuronBlock<LANES, f64>) {
        self.read(number, &mut block.state);
        let n_carried = block.waves.carried.len();
        block.waves.carried.copy_from_slice(&self.carried[number * n_carried..][..n_carried]);
    }
}
