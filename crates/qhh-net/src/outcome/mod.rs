//! What a run keeps and hands over: numbers by neuron, in the network's units. No formats, no files.

pub(crate) mod checks;
mod coarse_trace;
mod doubts;
mod ensemble;
mod finished;
mod fluctuated;
mod gather;
mod higher_moments;
pub mod invariant;
mod mean_trajectory;
mod mode_analysis;
mod network;
mod neuron;
mod origins;
mod phase_space;
mod rates;
mod states;
mod truncate;
mod variance;

use std::borrow::Cow;

use qhh_core::gates::Gates;
use qhh_core::hysteresis::Hysteresis;
use serde::{Deserialize, Serialize};

pub(crate) use coarse_trace::CoarseTrace;
pub use ensemble::{Ensemble, EnsembleNeuron, SpikeCount, TimeHistogram, Trajectory};
pub(crate) use finished::{Finished, Sent, Waves, Wiring};
pub(crate) use fluctuated::Fluctuated;
pub use fluctuated::{Covariance, ModeResponse, NoiseBudget, NoiseShare, SpikeJitter};
pub(crate) use mean_trajectory::{CourseKept, MeanTrajectory};
pub(crate) use neuron::{NeuronKept, NeuronRecorder, NeuronWindow};
pub use states::{FieldMoments, ModeThrough, OutputStates, StateMode};
pub(crate) use states::{add_own_state, add_states};

pub use higher_moments::HigherMoments;
pub use mode_analysis::{InputAnalysis, ModeAnalysis};
pub use origins::{LineShare, Origins};
pub use phase_space::SourceState;
pub use rates::FiringRate;

use crate::Warning;
use crate::network::Observable;

/// Everything a finished run hands over.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Spikes in time order, then by neuron.
    pub spikes: Vec<Spike>,
    /// Sampled quantities.
    pub traces: Traces,
    /// Range of the voltage of each recorded neuron, over every step.
    pub extremes: Vec<Extremes>,
    /// Variance of the voltage by line, for each recorded neuron; empty without fluctuations.
    pub variances: Vec<NeuronVariance>,
    /// Jitter of the spikes of recorded neurons, in time order; empty without field modes.
    pub jitter: Vec<SpikeJitter>,
    /// Variance of the voltage by where the noise comes from, for each recorded neuron; empty unless recorded.
    pub budget: Vec<NoiseBudget>,
    /// Variances of single numbers by where and when the noise was emitted; empty unless recorded.
    pub origins: Vec<Origins>,
    /// Covariances of every pair of recorded voltages and waves; empty unless recorded.
    pub covariances: Vec<Covariance>,
    /// Responses of recorded neurons to the sources' modes; empty without field modes.
    pub responses: Vec<ModeResponse>,
    /// States of the modes of outgoing waves; none unless the network looks at some.
    pub states: Option<OutputStates>,
    /// What samples of the fields came to; none without.
    pub ensemble: Option<Ensemble>,
    /// Frequencies at which every line was followed; none without field modes.
    pub frequencies: Option<usize>,
    /// I-V loops of the memristors; empty unless recorded.
    pub loops: Vec<NeuronLoop>,
    /// Voltage over neurons and time, coarsely, for a picture; none for a single neuron or where it was not kept.
    pub space_time: Option<SpaceTime>,
    /// Energy of the waves; none without waveguides.
    pub waves: Option<WaveBalance>,
    /// State of every neuron at the end, by number; empty unless recorded.
    pub ends: Vec<FinalState>,
    /// How fast spikes pass, one for each entry of waveguides through which any did.
    pub conduction: Vec<Conduction>,
    /// What must hold, and by how much it fails to.
    pub checks: Vec<Check>,
    /// What was approximated, and by how much it errs.
    pub approximations: Vec<Approximation>,
    /// What cannot be trusted though every check holds; empty of a run that was read, which has it among all its warnings.
    pub warnings: Vec<Warning>,
    /// Number of time steps made.
    pub n_steps: u64,
    /// Number of neurons stepped.
    pub n_neurons: usize,
}

/// One spike: an upward crossing of the threshold by the mean voltage, linearly interpolated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spike {
    /// Number of the neuron.
    pub neuron: usize,
    /// Time of the crossing.
    pub time: f64,
}

/// Where a neuron is at the end of a run: what another can start from.
///
/// Not with it are the charges of its ports' capacitors and the waves under way.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalState {
    /// Number of the neuron.
    pub neuron: usize,
    /// Its voltage.
    pub voltage: f64,
    /// Its gates.
    pub gates: Gates,
}

/// Samples on a common time grid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traces {
    /// Times of the samples.
    pub times: Vec<f64>,
    /// One column for each recorded neuron and quantity, neuron by neuron.
    pub columns: Vec<Trace>,
}

/// One sampled quantity of one neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Number of the neuron.
    pub neuron: usize,
    /// The quantity.
    pub observable: Observable,
    /// Its values at [`Traces::times`].
    pub values: Vec<f64>,
}

impl Traces {
    /// The samples of one quantity of one neuron, if recorded.
    pub fn get(&self, neuron: usize, observable: Observable) -> Option<&[f64]> {
        let wanted = |trace: &&Trace| trace.neuron == neuron && trace.observable == observable;
        self.columns.iter().find(wanted).map(|trace| trace.values.as_slice())
    }
}

/// Range of a neuron's mean voltage over every step of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Extremes {
    /// Number of the neuron.
    pub neuron: usize,
    /// Highest voltage and when.
    pub highest: (f64, f64),
    /// Lowest voltage and when.
    pub lowest: (f64, f64),
}

impl Extremes {
    /// Largest size of the voltage.
    pub(crate) fn farthest(&self) -> f64 {
        self.highest.0.abs().max(self.lowest.0.abs())
    }
}

/// Variance of one neuron's voltage, line by line.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronVariance {
    /// Number of the neuron.
    pub neuron: usize,
    /// Its lines: channels, ports and sources. Their sum is the whole variance.
    pub lines: Vec<LineVariance>,
    /// How the parts depend on the cutoff, at the time of the largest variance.
    pub cutoff: CutoffDependence,
}

impl NeuronVariance {
    /// Number of samples.
    pub fn n_samples(&self) -> usize {
        self.lines.first().map_or(0, |line| line.vacuum.len())
    }

    /// The sample at which the whole variance is largest; the first of equals.
    pub fn largest(&self) -> usize {
        (0..self.n_samples()).fold(0, |best, k| if self.total(k) > self.total(best) { k } else { best })
    }

    /// The whole variance at a sample, all lines and parts together.
    pub fn total(&self, sample: usize) -> f64 {
        self.lines.iter().map(|line| line.vacuum[sample] + line.thermal[sample] + line.state[sample]).sum()
    }
}

/// The name under which a [`LineVariance`] has what all other neurons bring in together.
pub const OTHER_NEURONS: &str = "other neurons";

/// What one line contributes to the variance at [`Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct LineVariance {
    /// The channel's name, `channels` (shared mode), `output`, `input`, `source NAME`, or [`OTHER_NEURONS`].
    pub line: String,
    /// With the line in vacuum.
    pub vacuum: Vec<f64>,
    /// What temperature adds.
    pub thermal: Vec<f64>,
    /// What the source's state adds to its vacuum.
    pub state: Vec<f64>,
}

/// Parts of a variance at several cutoffs.
#[derive(Debug, Clone, PartialEq)]
pub struct CutoffDependence {
    /// Time of the largest variance.
    pub time: f64,
    /// One row for each cutoff, ascending; the middle one is the network's own.
    pub rows: Vec<CutoffRow>,
}

/// Parts of a variance at one cutoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutoffRow {
    /// Cutoff (angular frequency).
    pub cutoff: f64,
    /// Every line and source mode in vacuum.
    pub vacuum: f64,
    /// What temperature adds.
    pub thermal: f64,
    /// What the sources' states add; they do not depend on the cutoff.
    pub state: f64,
}

/// I-V loop of one memristor of one neuron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeuronLoop {
    /// Number of the neuron.
    pub neuron: usize,
    /// The channel's name.
    pub channel: Cow<'static, str>,
    /// Loop and areas.
    pub hysteresis: Hysteresis,
}

/// Voltage of neurons picked evenly, at times picked evenly: what a picture can show.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTime {
    /// Times, ascending.
    pub times: Vec<f64>,
    /// Numbers of the neurons, ascending: all of a small network, evenly picked ones of a large one.
    pub neurons: Vec<usize>,
    /// Voltages, `[neuron][time]`.
    pub voltages: Vec<f32>,
}

/// Where the energy of the waves went, all in the network's unit of energy, over the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WaveBalance {
    /// Sent into waveguides by ports.
    pub sent: f64,
    /// Arrived at ports through waveguides.
    pub arrived: f64,
    /// Under way when the run ended, as it was sent.
    pub in_flight: f64,
    /// Whether amplifiers may have added to it.
    pub amplified: bool,
}

/// How fast spikes pass through the waveguides of one entry of which a sender fired: from a sender's first spike to the
/// receiver's first one after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Conduction {
    /// Name of the entry.
    pub waveguides: String,
    /// Arms both of whose ends fired, the receiver after the sender.
    pub passed: usize,
    /// Arms whose sender fired.
    pub fired: usize,
    /// Of the arms that were passed; none if no arm was.
    pub pace: Option<Pace>,
}

/// Times and velocity of the spikes that passed through the arms of an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Mean time from spike to spike.
    pub mean: f64,
    /// Shortest and longest.
    pub range: (f64, f64),
    /// Mean delay of those arms.
    pub delay: f64,
    /// Mean length over mean time from spike to spike, where lengths are given.
    pub velocity: Option<f64>,
}

/// Why commutators are not kept where gates respond.
pub(crate) const UNMEASURED: &str = "gates respond and nothing measures the voltage for them (no `sense`): this is the size \
                                     of the noise that such a measurement would bring and that is missing, no mistake of \
                                     the run";

/// One thing that must hold, with its defect.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What must hold, in a few words.
    pub name: Cow<'static, str>,
    /// What is measured, in a sentence a user understands.
    pub meaning: Cow<'static, str>,
    /// How far it fails to hold; 0 is perfect, dimensionless.
    pub defect: f64,
    /// Largest defect expected of a healthy run at this step and method.
    pub expected_below: f64,
}

impl Check {
    /// Whether the defect is as small as it should be.
    pub fn holds(&self) -> bool {
        self.defect <= self.expected_below
    }

    /// The same as a size that is stated, whatever it is, for a reason that is added to its meaning.
    pub(crate) fn stated(self, reason: &str) -> Self {
        let meaning = format!("{}; {reason}", self.meaning).into();
        Self { meaning, expected_below: f64::INFINITY, ..self }
    }
}

/// One approximation the run made.
#[derive(Debug, Clone, PartialEq)]
pub struct Approximation {
    /// Its name, as the network file's key and value: `method: adiabatic`.
    pub name: String,
    /// What it leaves out and how large its error is in this run, in a sentence.
    pub statement: String,
}
