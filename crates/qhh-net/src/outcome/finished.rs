//! What the engine hands over at the end of a run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::coarse_trace::CoarseTrace;
use super::invariant::EnergyMeter;
use super::mean_trajectory::{CourseKept, MeanTrajectory};
use super::neuron::{NeuronRecord, Sample};
use super::{Extremes, FinalState, NeuronLoop, Spike};
use crate::coupling::layout::Layout;
use crate::coupling::scattering::Scattering;
use crate::network::Network;

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
    /// Sum over arms of the squares of what was under way at the end, each arm with its part of its splitter's wave,
    /// over impedances.
    pub(crate) in_flight: f64,
}

/// What a block of another process hands over: circuits, which the network tells, are left out.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sent {
    spikes: Vec<Spike>,
    records: Vec<(usize, RecordSent)>,
    glimpses: Vec<(usize, Vec<f32>)>,
    courses: Vec<(usize, CourseKept)>,
    ends: Vec<(usize, f64, Vec<f64>)>,
    left: f64,
    arrived: f64,
    in_flight: f64,
}

/// A [`NeuronRecord`] without its circuit.
#[derive(Serialize, Deserialize)]
struct RecordSent {
    samples: Vec<Sample>,
    gates: Vec<f64>,
    extremes: Extremes,
    loops: Vec<NeuronLoop>,
    energy: Option<EnergyMeter>,
}

impl From<Finished> for Sent {
    fn from(finished: Finished) -> Self {
        let Finished { spikes, records, glimpses, courses, ends, sent, arrived, in_flight } = finished;
        let record = |(neuron, record): (usize, NeuronRecord)| {
            let NeuronRecord { samples, gates, extremes, loops, energy, .. } = record;
            (neuron, RecordSent { samples, gates, extremes, loops, energy })
        };
        Self {
            spikes,
            records: records.into_iter().map(record).collect(),
            glimpses: glimpses.into_iter().map(|(neuron, of)| (neuron, of.voltages)).collect(),
            courses: courses.into_iter().map(|course| (course.neuron, course.into_kept())).collect(),
            ends: ends.into_iter().map(|end| (end.neuron, end.voltage, end.gates.to_vec())).collect(),
            left: sent,
            arrived,
            in_flight,
        }
    }
}

impl Sent {
    /// What the block handed over; `course` makes the empty course of a neuron.
    pub(crate) fn received(self, network: &Network, course: impl Fn(usize) -> MeanTrajectory) -> Finished {
        let record = |(neuron, record): (usize, RecordSent)| {
            let (circuit, _) = network.neuron(neuron).expect("processes have neurons there are");
            let RecordSent { samples, gates, extremes, loops, energy } = record;
            (neuron, NeuronRecord { circuit, samples, gates, extremes, loops, energy })
        };
        let end = |(neuron, voltage, gates): (usize, f64, Vec<f64>)| FinalState {
            neuron,
            voltage,
            gates: gates.into_iter().collect(),
        };
        let glimpse = |(neuron, voltages)| (neuron, CoarseTrace::of(network, voltages));
        Finished {
            spikes: self.spikes,
            records: self.records.into_iter().map(record).collect(),
            glimpses: self.glimpses.into_iter().map(glimpse).collect(),
            courses: self.courses.into_iter().map(|(neuron, kept)| course(neuron).with_kept(kept)).collect(),
            ends: self.ends.into_iter().map(end).collect(),
            sent: self.left,
            arrived: self.arrived,
            in_flight: self.in_flight,
        }
    }
}

/// What a run leaves besides what its blocks kept.
pub(crate) struct Wiring {
    pub(crate) layout: Arc<Layout>,
    pub(crate) scattering: Arc<Scattering>,
    /// Sum over blocks of [`Finished::in_flight`]; none if that cannot be told.
    pub(crate) in_flight: Option<f64>,
}
