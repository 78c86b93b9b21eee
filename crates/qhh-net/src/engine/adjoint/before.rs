//! The time before the run, in which everything stays where it starts.

use qhh_core::integrate::adjoint::Still;
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::state::GroupState;

use crate::engine::neuron_block::NeuronBlock;
use crate::network::Network;

/// A block where it starts.
pub(super) struct Resting {
    pub(super) still: Still,
    /// Gates at the start.
    pub(super) gates: Vec<Lanes>,
}

impl Resting {
    /// From the state at the start of the run. Gates respond to what was before it in the neurons whose place in
    /// `responding` is 1; in all without.
    pub(super) fn new(
        cells: &NeuronBlock<LANES, f64>,
        start: &GroupState,
        responding: Option<Lanes>,
        network: &Network,
    ) -> Self {
        let (n_gates, dt, units) = (cells.group.n_gates(), network.simulation.step, network.rate_units());
        let of_lane: Vec<_> = (0..cells.neurons.len())
            .map(|lane| {
                let before = cells.group.gates(&start.gates, lane);
                cells.group.relaxed(&before, start.v.lane(lane), 0.5 * dt, units)
            })
            .collect();
        let lane = |lane: usize, gate: usize| of_lane[lane.min(of_lane.len() - 1)][gate];
        let gates: Vec<Lanes> = (0..n_gates).map(|gate| Lanes::from_fn(|k| lane(k, gate))).collect();
        let mut state = start.clone();
        for (own, gate) in state.gates.iter_mut().zip(&gates) {
            *own = *gate;
        }
        // What follows the voltage at once has followed the same one.
        state.gates[n_gates..].fill(state.v);
        Self { still: cells.group.still(&state, responding, dt, units), gates }
    }
}
