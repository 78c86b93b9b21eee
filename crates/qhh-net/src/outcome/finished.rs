//! What the engine hands over at the end of a run.

use std::sync::Arc;

use super::coarse_trace::CoarseTrace;
use super::mean_trajectory::MeanTrajectory;
use super::neuron::NeuronRecord;
use super::{FinalState, Spike};
use crate::coupling::layout::Layout;
use crate::coupling::scattering::Scattering;

/// What a block hands over at the end.
pub(crate) struct Finished {
    pub(crate) spikes: Vec<Spike>,
    pub(crate) records: Vec<(usize, NeuronRecord)>,
    pub(crate) glimpses: Vec<(usize, CoarseTrace)>,
    pub(crate) courses: Vec<MeanTrajectory>,
    pub(crate) ends: Vec<FinalState>,
    /// Squares of the waves sent into waveguides, over impedances, summed over steps.
    pub(crate) sent: f64,
    /// The same of those that arrived.
    pub(crate) arrived: f64,
}

/// What a run leaves besides what its blocks kept.
pub(crate) struct Wiring {
    pub(crate) layout: Arc<Layout>,
    pub(crate) scattering: Arc<Scattering>,
    /// Sum over arms of the squares of what was under way at the end, each arm with its part of its splitter's wave,
    /// over impedances; none if that cannot be told.
    pub(crate) in_flight: Option<f64>,
}
