//! Objectives: numbers that are made of the voltages of a run, each with its slope by every one of them, so that one run
//! backwards ([`Tape::backwards`]) gives their derivatives by everything in the network. Ours.
//!
//! | objective | value |
//! | --- | --- |
//! | a [`Measure`] that has a slope | a voltage at a time, its mean, an extreme, the time of a spike |
//! | [`Objective::Span`] | mean of voltages over a span of time |
//! | [`Objective::SmoothSpikes`] | number of spikes, made smooth ([`spikes::smooth_count`]) |
//! | [`Objective::Trace`] | mean squared distance of a voltage from a target |
//! | [`Objective::SpikeTimes`] | squared distance of spikes from target times ([`spikes::distance`]) |
//! | [`Objective::CrossEntropy`] | cross-entropy of a readout of some neurons ([`readout::cross_entropy`]) |
//!
//! All but measures are sums over the steps of the run, whatever is recorded.

pub mod readout;
pub mod spikes;
pub mod traces;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::engine::adjoint::Tape;

use self::readout::Reading;
use self::spikes::Smoothing;
use self::traces::{Slopes, Traces};
use crate::measure::{Measure, MeasureError};

/// A number to be made of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Objective {
    /// A number by the name of its measure.
    Measure(Measure),
    /// Mean of the voltages of some neurons over the steps from one time to another, both included.
    Span {
        /// The neurons, ascending.
        neurons: Vec<usize>,
        /// First and last time, in the network's unit.
        span: (f64, f64),
    },
    /// Number of spikes of some neurons, smooth.
    SmoothSpikes {
        /// The neurons, ascending.
        neurons: Vec<usize>,
        /// Voltage over which a spike begins to count.
        width: f64,
    },
    /// Mean over some times of the squared difference between the voltage of a neuron and a target, on the straight line
    /// between two steps.
    Trace {
        /// The neuron.
        neuron: usize,
        /// Times and targets, in the network's units.
        target: Vec<(f64, f64)>,
    },
    /// Sum of the squared differences of the spikes of a neuron from target times, each missing or extra spike at a price.
    SpikeTimes {
        /// The neuron.
        neuron: usize,
        /// Target times, ascending.
        target: Vec<f64>,
        /// A missing or extra spike costs as much as a spike that is off by this time.
        missing: f64,
        /// Voltage over which the price of a missing or extra spike rises.
        width: f64,
    },
    /// Cross-entropy of classes, each read from neurons of its own.
    CrossEntropy {
        /// Neurons of each class.
        classes: Vec<Vec<usize>>,
        /// The right class.
        label: usize,
        /// What is read of them.
        reading: Reading,
        /// Factor on readings before they are compared.
        gain: f64,
    },
}

/// An objective in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The number.
    pub value: f64,
    /// Its slopes by the voltages at the start and after each step, for each neuron that the tape watches.
    pub slopes: Vec<Vec<f64>>,
    /// Of classes, whether the right one was read.
    pub correct: Option<bool>,
}

impl Objective {
    /// The objective of a name: `SUBJECT.smooth_spikes`, `SUBJECT.voltage.mean(FROM, TO)`, or that of a measure.
    ///
    /// # Errors
    /// [`MeasureError`] as of measures.
    pub fn parse(text: &str, network: &Network) -> Result<Self, MeasureError> {
        let neurons = |subject: &str| {
            let name =
                if subject.is_empty() { "voltage.last".to_owned() } else { format!("{subject}.voltage.last") };
            Measure::parse(&name, network.units)?.watched(network)
        };
        let text = text.trim();
        if let Some(subject) = text.strip_suffix("smooth_spikes") {
            let neurons = neurons(subject.strip_suffix('.').unwrap_or(subject))?;
            return Ok(Self::SmoothSpikes { neurons, width: Smoothing::width(network.units) });
        }
        let span =
            text.split_once("voltage.mean(").and_then(|(subject, rest)| Some((subject, rest.strip_suffix(')')?)));
        let Some((subject, (from, to))) = span.and_then(|(subject, rest)| Some((subject, rest.split_once(',')?)))
        else {
            return Measure::parse(text, network.units).map(Self::Measure);
        };
        let time = |part: &str| {
            network
                .units
                .parse(part.trim(), Dimension::TIME)
                .map_err(|cause| MeasureError::Time { text: text.to_owned(), cause: cause.to_string() })
        };
        let span = (time(from)?, time(to)?);
        let whole = network.simulation.step * network.n_steps() as f64;
        if !(0.0 <= span.0 && span.0 <= span.1 && span.1 <= whole * (1.0 + 1e-12)) {
            let lack = "the span must lie within the run, its first time not after its last".to_owned();
            return Err(MeasureError::Lacking { measure: text.to_owned(), lack });
        }
        Ok(Self::Span { neurons: neurons(subject.strip_suffix('.').unwrap_or(subject))?, span })
    }

    /// Its one name, if it is a measure.
    pub fn name(&self) -> Option<&str> {
        if let Self::Measure(measure) = self { Some(measure.name()) } else { None }
    }

    /// Symbol of the unit of its number; empty for counts and the like.
    pub fn unit(&self, units: UnitSystem) -> String {
        let squared = |of: Dimension| {
            let symbol = units.symbol(of);
            if symbol.is_empty() { String::new() } else { format!("{symbol}²") }
        };
        match self {
            Self::Measure(measure) => measure.unit(units),
            Self::Span { .. } => units.symbol(Dimension::VOLTAGE).to_owned(),
            Self::Trace { .. } => squared(Dimension::VOLTAGE),
            Self::SpikeTimes { .. } => squared(Dimension::TIME),
            Self::SmoothSpikes { .. } | Self::CrossEntropy { .. } => String::new(),
        }
    }

    /// Neurons whose voltages it is made of, ascending.
    ///
    /// # Errors
    /// [`MeasureError`] of a measure that has no slope, or that the network does not have.
    pub fn watched(&self, network: &Network) -> Result<Vec<usize>, MeasureError> {
        Ok(match self {
            Self::Measure(measure) => return measure.watched(network),
            Self::Span { neurons, .. } | Self::SmoothSpikes { neurons, .. } => neurons.clone(),
            Self::Trace { neuron, .. } | Self::SpikeTimes { neuron, .. } => vec![*neuron],
            Self::CrossEntropy { classes, .. } => {
                let mut neurons: Vec<usize> = classes.iter().flatten().copied().collect();
                neurons.sort_unstable();
                neurons.dedup();
                neurons
            }
        })
    }

    /// The number in a run that is on tape, with its slopes.
    ///
    /// # Errors
    /// [`MeasureError::Lacking`] where the run has no such number: a spike that does not happen.
    pub fn scored(&self, network: &Network, tape: &Tape) -> Result<Scored, MeasureError> {
        if let Self::Measure(measure) = self {
            let sloped = measure.sloped(network, tape)?;
            return Ok(Scored { value: sloped.value, slopes: sloped.slopes, correct: None });
        }
        let voltages = tape.watched().iter().map(|neuron| tape.voltages(*neuron)).collect();
        let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
        Ok(self.of(&Traces { step: network.simulation.step, threshold, neurons: tape.watched(), voltages }))
    }

    /// The number made of voltages; nothing of a measure.
    fn of(&self, traces: &Traces<'_>) -> Scored {
        let mut slopes = Slopes::level(traces);
        let mut correct = None;
        let value = match self {
            Self::Measure(_) => 0.0,
            Self::Span { neurons, span } => traces::mean(traces, neurons, *span, &mut slopes),
            Self::SmoothSpikes { neurons, width } => {
                let count = |neuron: &usize| spikes::smooth_count(traces, *neuron, *width, 1.0, &mut slopes);
                neurons.iter().map(count).sum()
            }
            Self::Trace { neuron, target } => traces::distance(traces, *neuron, target, &mut slopes),
            Self::SpikeTimes { neuron, target, missing, width } => {
                spikes::distance(traces, *neuron, target, (*missing, *width), &mut slopes)
            }
            Self::CrossEntropy { classes, label, reading, gain } => {
                let (loss, right) =
                    readout::cross_entropy(traces, classes, *label, (*reading, *gain), &mut slopes);
                correct = Some(right);
                loss
            }
        };
        Scored { value, slopes: slopes.0, correct }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 0.1;

    /// Two neurons with two spikes each, and what happens between, off every grid.
    fn voltages() -> Vec<Vec<f64>> {
        let spike = |t: f64, at: f64| 100.0 * (-(t - at).powi(2) / 0.7).exp();
        let of = |shift: f64| {
            let times = (0..=200_u32).map(|k| f64::from(k) * STEP);
            times
                .map(|t| -65.0 + spike(t, 4.03 + shift) + spike(t, 12.57 - shift) + 2.0 * (1.3 * t + shift).sin())
                .collect()
        };
        vec![of(0.0), of(0.41)]
    }

    fn scored(objective: &Objective, voltages: &[Vec<f64>]) -> Scored {
        let voltages = voltages.iter().map(Vec::as_slice).collect();
        objective.of(&Traces { step: STEP, threshold: 0.0, neurons: &[3, 5], voltages })
    }

    /// The slopes against central differences along a direction that shakes every voltage otherwise.
    #[track_caller]
    fn slopes_are_those_of_differences(objective: &Objective) {
        let voltages = voltages();
        let direction = |neuron: usize, k: usize| (0.7 + 2.3 * k as f64 + 11.0 * neuron as f64).sin();
        let at = |by: f64| {
            let shaken = voltages.iter().enumerate().map(|(neuron, of)| {
                of.iter().enumerate().map(|(k, v)| v + by * direction(neuron, k)).collect::<Vec<f64>>()
            });
            scored(objective, &shaken.collect::<Vec<_>>()).value
        };
        let of = scored(objective, &voltages);
        let along = of.slopes.iter().enumerate().flat_map(|(neuron, slopes)| {
            slopes.iter().enumerate().map(move |(k, slope)| slope * direction(neuron, k))
        });
        let along: f64 = along.sum();
        let by = 1e-4;
        let differences = (at(by) - at(-by)) / (2.0 * by);
        assert!(differences.abs() > 1e-9, "nothing to compare: {differences}");
        let apart = (along - differences).abs() / differences.abs();
        assert!(apart < 1e-6, "{objective:?}: {along} by slopes, {differences} by differences");
    }

    #[test]
    fn slopes_of_every_objective_are_those_of_differences() {
        slopes_are_those_of_differences(&Objective::Span { neurons: vec![3, 5], span: (3.0, 7.0) });
        slopes_are_those_of_differences(&Objective::SmoothSpikes { neurons: vec![3, 5], width: 5.0 });
        let target = (0..30).map(|k| (0.13 + 0.61 * f64::from(k), -60.0 + f64::from(k))).collect();
        slopes_are_those_of_differences(&Objective::Trace { neuron: 5, target });
        for reading in [Reading::Spikes { width: 5.0 }, Reading::Peak { width: 5.0 }] {
            for label in [0, 1] {
                let classes = vec![vec![3], vec![5]];
                slopes_are_those_of_differences(&Objective::CrossEntropy { classes, label, reading, gain: 0.3 });
            }
        }
    }

    #[test]
    fn slopes_of_spike_times_are_those_of_differences_with_missing_and_extra_spikes() {
        for target in [vec![4.0, 12.0], vec![3.5], vec![4.0, 8.05, 12.0], vec![8.05], vec![]] {
            let objective = Objective::SpikeTimes { neuron: 3, target, missing: 2.0, width: 10.0 };
            slopes_are_those_of_differences(&objective);
        }
    }

    #[test]
    fn a_smooth_count_is_near_the_number_of_spikes() {
        let count = scored(&Objective::SmoothSpikes { neurons: vec![3, 5], width: 5.0 }, &voltages()).value;
        assert!((3.98..=4.0).contains(&count), "{count}");
    }

    #[test]
    fn missing_and_extra_spikes_have_their_price() {
        let at = |target: Vec<f64>| {
            scored(&Objective::SpikeTimes { neuron: 3, target, missing: 2.0, width: 1e9 }, &voltages()).value
        };
        let both = at(vec![4.0, 12.0]);
        assert!((both - at(vec![4.0, 8.0, 12.0]) + 4.0).abs() < 1e-6, "a missing one costs 2²");
        assert!((at(vec![]) - 8.0).abs() < 1e-6, "two too many cost 2·2²");
        // One that is off by more than both prices is one missing and one extra.
        assert!((at(vec![4.0, 18.0]) - at(vec![4.0]) - 4.0).abs() < 1e-6);
    }

    #[test]
    fn the_class_that_is_read_most_is_the_one_that_is_right() {
        let (mut quiet, voltages) = (voltages(), voltages());
        quiet[1].iter_mut().for_each(|v| *v = -65.0);
        let of = |label| Objective::CrossEntropy {
            classes: vec![vec![3], vec![5]],
            label,
            reading: Reading::Spikes { width: 5.0 },
            gain: 1.0,
        };
        assert_eq!(scored(&of(0), &quiet).correct, Some(true));
        assert_eq!(scored(&of(1), &quiet).correct, Some(false));
        // Two spikes against none: ln(1 + e^-2).
        let loss = scored(&of(0), &quiet).value;
        assert!((loss - (-2.0_f64).exp().ln_1p()).abs() < 2e-3, "{loss}");
        assert!((scored(&of(0), &voltages).value - 2.0_f64.ln()).abs() < 5e-3);
    }
}
