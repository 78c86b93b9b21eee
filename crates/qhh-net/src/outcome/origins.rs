//! The variance of single numbers of a run by where and when its noise was emitted.

use serde::{Deserialize, Serialize};

use super::{Approximation, Check, NeuronVariance, SpikeJitter};
use crate::network::{Drive, Figure, Network, Quantum};

/// Part by which the two ways of computing a variance may differ: both err by the step, at second order.
const STEP_ERROR: f64 = 0.05;

/// What one noise line of one neuron brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LineShare {
    /// Number of the neuron.
    pub neuron: u32,
    /// Place of the line's name in [`Origins::lines`].
    pub line: u32,
    /// Its part of the variance.
    pub variance: f64,
}

/// The variance of a number by where its noise comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origins {
    /// The number.
    pub figure: Figure,
    /// Its value in the mean field; none if the run has no such number, and nothing else is known then.
    pub value: Option<f64>,
    /// All together, in the square of the number's unit.
    pub variance: f64,
    /// Names of lines.
    pub lines: Vec<String>,
    /// Every line of every neuron whose noise reaches the number, by neuron.
    pub shares: Vec<LineShare>,
    /// Times at which the stretches of [`Origins::emitted`] begin, and the last ends; the first, before the run, aside.
    pub times: Vec<f64>,
    /// Of the neurons that bring most, by number: their parts by when the noise was emitted, before the run and in each
    /// stretch. That of a stretch is the variance with all noise from its start on, less that with all from its end on.
    pub emitted: Vec<(u32, Vec<f64>)>,
    /// What answers before those that were gone through would add up to, against the sum of all: about the error, relative, of
    /// what warm noise from before the run brings.
    pub left: f64,
    /// Error, relative: of the correlations at long distances, of the polynomials that stand for smooth answers, and of where answers
    /// are cut off.
    pub error: f64,
}

impl Origins {
    /// Of a number that the run does not have.
    pub fn missing(figure: Figure) -> Self {
        Self {
            figure,
            value: None,
            variance: 0.0,
            lines: Vec::new(),
            shares: Vec::new(),
            times: Vec::new(),
            emitted: Vec::new(),
            left: 0.0,
            error: 0.0,
        }
    }

    /// Name of a share's line.
    pub fn line(&self, share: &LineShare) -> &str {
        self.lines.get(share.line as usize).map_or("", String::as_str)
    }

    /// What is approximated.
    pub(crate) fn approximation(all: &[Self], network: &Network) -> Option<Approximation> {
        let known = || all.iter().filter(|origins| origins.value.is_some());
        known().next()?;
        let worst = |of: fn(&Self) -> f64| known().map(of).fold(0.0, f64::max);
        let start = if worst(|origins| origins.left) > 0.01 {
            format!(
                " What was before the run has not died out where steps before it ended: of warm noise about {:.0e} of the \
                 whole is missing.",
                worst(|origins| origins.left)
            )
        } else {
            String::new()
        };
        let sources = if network.sources.iter().any(|source| source.drive.state().is_some()) {
            " It is that of the noise of lines: what the states of sources add is no part of it."
        } else {
            ""
        };
        Some(Approximation {
            name: "record: budget_of".to_owned(),
            statement: format!(
                "Every frequency up to the cutoff counts; the step's error is of second order. Neurons do not sleep in \
                 the run that is gone through backwards.{sources}{start}"
            ),
        })
    }

    /// Whether field modes have the same variance, where they have one.
    pub(crate) fn check(
        all: &[Self],
        network: &Network,
        times: &[f64],
        (variances, jitter): (&[NeuronVariance], &[SpikeJitter]),
    ) -> Option<Check> {
        let warm = |quantum: &Quantum| quantum.thermal_energy > 0.0;
        let packets = network.sources.iter().any(|source| matches!(source.drive, Drive::Packet(_)));
        if packets && network.quantum.as_ref().is_some_and(warm) {
            return None;
        }
        let stated = network.sources.iter().any(|source| source.drive.state().is_some());
        let by_modes = |origins: &Self| match origins.figure {
            Figure::Voltage { neuron, time } => {
                let near = |t: &f64| (t - time).abs() <= 1e-6 * network.simulation.step;
                let sample = times.iter().position(near)?;
                let of = variances.iter().find(|of| of.neuron == neuron)?;
                let lines = of
                    .lines
                    .iter()
                    .filter(|line| !["source ", "states "].iter().any(|of| line.line.starts_with(of)));
                Some(lines.map(|line| line.vacuum[sample] + line.thermal[sample]).sum::<f64>())
            }
            Figure::Spike { neuron, .. } => {
                let near = |of: &&SpikeJitter| {
                    of.neuron == neuron
                        && origins.value.is_some_and(|time| (of.time - time).abs() <= network.simulation.step)
                };
                jitter.iter().filter(|_| !stated).find(near).map(|of| of.deviation * of.deviation)
            }
        };
        let defect = all.iter().filter(|origins| origins.value.is_some()).filter_map(|origins| {
            let known = by_modes(origins).filter(|known| *known > 0.0)?;
            Some((origins.variance / known - 1.0).abs())
        });
        Some(Check {
            name: "origins of noise agree with field modes".into(),
            meaning: "largest difference between a variance from one run backwards and that of field modes, relative; both have \
                      the step's error"
                .into(),
            defect: defect.reduce(f64::max)?,
            expected_below: STEP_ERROR,
        })
    }
}
