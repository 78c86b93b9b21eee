//! Where the variances of single numbers come from, summed up.

use qhh_net::Network;
use qhh_net::outcome::{Origins, Outcome};
use serde::{Deserialize, Serialize};

/// Lines that are listed of each number.
const MOST_LISTED: usize = 10;

/// The variance of one number of a run and what brings most of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OriginSummary {
    /// The number, as the file names it.
    pub figure: String,
    /// Its value in the mean field; null if the run has no such number.
    pub value: Option<f64>,
    /// Its variance, the noise of all lines together.
    pub variance: f64,
    /// Root of it.
    pub deviation: f64,
    /// Number of neurons whose noise reaches it.
    pub neurons: usize,
    /// Number of their lines.
    pub lines: usize,
    /// Part of the variance that was emitted before the run, of the neurons listed by time.
    pub before: f64,
    /// Lines that bring most.
    pub largest: Vec<OriginPart>,
    /// What answers before those that were gone through would add up to, against the sum of all.
    pub left: f64,
    /// Error, relative: of the noise's correlations at long distances, of the polynomials that stand for smooth answers, and of where answers
    /// are cut off.
    pub error: f64,
}

/// What one line brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OriginPart {
    /// Name of its neuron.
    pub neuron: String,
    /// The line.
    pub line: String,
    /// Its part of the variance.
    pub variance: f64,
    /// The same as a part of the whole.
    pub share: f64,
}

impl OriginSummary {
    /// One for each number, in the order of the file.
    pub(super) fn of(network: &Network, outcome: &Outcome) -> Vec<Self> {
        outcome.origins.iter().map(|origins| Self::new(network, origins)).collect()
    }

    fn new(network: &Network, origins: &Origins) -> Self {
        let mut ranked: Vec<_> = origins.shares.iter().collect();
        ranked.sort_by(|a, b| b.variance.abs().total_cmp(&a.variance.abs()));
        let part = |variance: f64| if origins.variance == 0.0 { 0.0 } else { variance / origins.variance };
        let largest = ranked.into_iter().take(MOST_LISTED).map(|share| OriginPart {
            neuron: network.neuron_name(share.neuron as usize),
            line: origins.line(share).to_owned(),
            variance: share.variance,
            share: part(share.variance),
        });
        let mut neurons: Vec<u32> = origins.shares.iter().map(|share| share.neuron).collect();
        neurons.dedup();
        let before = origins.emitted.iter().filter_map(|(_, parts)| parts.first()).sum::<f64>();
        Self {
            figure: network.figure_name(origins.figure),
            value: origins.value,
            variance: origins.variance,
            deviation: origins.variance.max(0.0).sqrt(),
            neurons: neurons.len(),
            lines: origins.shares.len(),
            before: part(before),
            largest: largest.collect(),
            left: if origins.left.is_finite() { origins.left } else { 1.0 },
            error: origins.error,
        }
    }
}
