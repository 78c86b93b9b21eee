//! The time before the run, in which everything stays where it starts.

use qhh_core::integrate::lanes::Lanes;
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::Course;

use crate::engine::neuron_block::NeuronBlock;
use crate::network::Network;

/// A block where it starts.
pub(super) struct Resting {
    pub(super) state: GroupState,
    /// Gates at the start.
    pub(super) gates: Vec<Lanes>,
    /// 1 where gates respond to what was before the run, else 0; none where all do.
    pub(super) responding: Option<Lanes>,
}

impl Resting {
    /// From the state at the start of the run.
    pub(super) fn new(
        cells: &NeuronBlock<{ qhh_core::integrate::lanes::LANES }, f64>,
        start: &GroupState,
        responding: Option<Lanes>,
        network: &Network,
    ) -> Self {
        let (n_gates, half) = (cells.group.n_gates(), 0.5 * network.simulation.step);
        let of_lane: Vec<_> = (0..cells.neurons.len())
            .map(|lane| {
                let before = cells.group.gates(&start.gates, lane);
                cells.group.relaxed(&before, start.v.lane(lane), half, network.rate_units())
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
        Self { state, gates, responding }
    }

    /// The course of some steps.
    pub(super) fn course(&self, n_steps: usize, course: &mut Course) {
        let fill = |of: &mut Vec<Lanes>, n: usize, value: Lanes| {
            of.clear();
            of.resize(n, value);
        };
        fill(&mut course.v, n_steps + 1, self.state.v);
        fill(&mut course.staged, n_steps, self.state.v);
        let measured = self.state.record.map_or(0, |_| n_steps + 1);
        fill(&mut course.records, measured, self.state.record.unwrap_or_default());
        for (course, u) in course.u.iter_mut().zip(&self.state.u) {
            fill(course, n_steps + 1, *u);
        }
        course.gates.clear();
        for _ in 0..=n_steps {
            course.gates.extend_from_slice(&self.gates);
        }
        course.detailed = true;
    }
}
