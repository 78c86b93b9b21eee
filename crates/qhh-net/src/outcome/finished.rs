//! What the engine hands over at the end of a run.

use serde::{Deserialize, Serialize};

use super::coarse_trace::CoarseTrace;
use super::invariant::EnergyMeter;
use super::mean_trajectory::{CourseKept, MeanTrajectory};
use super::neuron::{NeuronRecord, Sample};
use super::{Extremes, FinalState, NeuronLoop, Spike};
use crate::coupling::scattering::Facts;
use crate::network::Network;

/// What a block hands over at the end, or several of them.
#[derive(Default)]
pub(crate) struct Finished {
    pub(crate) spikes: Vec<Spike>,
    pub(crate) records: Vec<(usize, NeuronRecord)>,
    pub(crate) glimpses: Vec<(usize, CoarseTrace)>,
    pub(crate) courses: Vec<MeanTrajectory>,
    pub(crate) ends: Vec<FinalState>,
    pub(crate) waves: Waves,
}

/// Energy of waves, over the length of a step: squares over impedances.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Waves {
    /// Of those sent into waveguides, summed over steps.
    pub(crate) sent: f64,
    /// The same of those that arrived.
    pub(crate) arrived: f64,
    /// Of what was under way at the end, summed over arms, each with its part of its splitter's wave.
    pub(crate) in_flight: f64,
}

impl Waves {
    /// Together with those of another block.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            arrived: self.arrived + other.arrived,
            in_flight: self.in_flight + other.in_flight,
        }
    }
}

impl Finished {
    /// Takes in what another block hands over, but for its waves.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.spikes.append(&mut other.spikes);
        self.records.append(&mut other.records);
        self.glimpses.append(&mut other.glimpses);
        self.courses.append(&mut other.courses);
        self.ends.append(&mut other.ends);
    }
}

/// What the blocks of another process hand over, but for their spikes: circuits, which the network tells, are left out.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sent {
    records: Vec<(usize, RecordSent)>,
    glimpses: Vec<(usize, Vec<f32>)>,
    courses: Vec<(usize, CourseKept)>,
    ends: Vec<(usize, f64, Vec<f64>)>,
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
        let Finished { records, glimpses, courses, ends, .. } = finished;
        let record = |(neuron, record): (usize, NeuronRecord)| {
            let NeuronRecord { samples, gates, extremes, loops, energy, .. } = record;
            (neuron, RecordSent { samples, gates, extremes, loops, energy })
        };
        Self {
            records: records.into_iter().map(record).collect(),
            glimpses: glimpses.into_iter().map(|(neuron, of)| (neuron, of.voltages)).collect(),
            courses: courses.into_iter().map(|course| (course.neuron, course.into_kept())).collect(),
            ends: ends.into_iter().map(|end| (end.neuron, end.voltage, end.gates.to_vec())).collect(),
        }
    }
}

impl Sent {
    /// What the blocks handed over; `course` makes the empty course of a neuron.
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
            spikes: Vec::new(),
            records: self.records.into_iter().map(record).collect(),
            glimpses: self.glimpses.into_iter().map(glimpse).collect(),
            courses: self.courses.into_iter().map(|(neuron, kept)| course(neuron).with_kept(kept)).collect(),
            ends: self.ends.into_iter().map(end).collect(),
            waves: Waves::default(),
        }
    }
}

/// What a run leaves besides what its blocks kept.
pub(crate) struct Wiring {
    pub(crate) facts: Facts,
    /// Of all blocks; none if that cannot be told.
    pub(crate) waves: Option<Waves>,
    /// Largest singular value of the scattering matrix, where it is checked.
    pub(crate) growth: Option<f64>,
}
