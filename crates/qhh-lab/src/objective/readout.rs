//! Classes read from neurons, and their cross-entropy.

use super::spikes::smooth_count;
use super::traces::{Slopes, Traces};

/// What is read of the neurons of a class; summed over them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// The smooth number of spikes, with a threshold of this width.
    Spikes {
        /// The width, a voltage.
        width: f64,
    },
    /// The smooth top of the voltage above the threshold: width * ln mean e^{(V - threshold)/width} over the steps.
    Peak {
        /// The width, a voltage.
        width: f64,
    },
}

impl Reading {
    /// The reading of a neuron; adds `factor` times its slopes.
    fn of(self, traces: &Traces<'_>, neuron: usize, factor: f64, slopes: &mut Slopes) -> f64 {
        match self {
            Self::Spikes { width } => smooth_count(traces, neuron, width, factor, slopes),
            Self::Peak { width } => {
                let Some((place, voltages)) = traces.of(neuron) else { return 0.0 };
                let most = voltages.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let each: Vec<f64> = voltages.iter().map(|v| ((v - most) / width).exp()).collect();
                let sum: f64 = each.iter().sum();
                for (slope, weight) in slopes.0[place].iter_mut().zip(&each) {
                    *slope += factor * weight / sum;
                }
                most - traces.threshold + width * (sum / each.len() as f64).ln()
            }
        }
    }
}

/// Cross-entropy of the classes, ln sum e^{z} - z of the right one, where z is `gain` times the reading of a class; and
/// whether the right class has the largest reading. Adds its slopes.
pub fn cross_entropy(
    traces: &Traces<'_>,
    classes: &[Vec<usize>],
    label: usize,
    (reading, gain): (Reading, f64),
    slopes: &mut Slopes,
) -> (f64, bool) {
    let mut unused = Slopes::level(traces);
    let read = |neurons: &Vec<usize>, unused: &mut Slopes| -> f64 {
        neurons.iter().map(|neuron| reading.of(traces, *neuron, 0.0, unused)).sum()
    };
    let scores: Vec<f64> = classes.iter().map(|neurons| gain * read(neurons, &mut unused)).collect();
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
    for (class, neurons) in classes.iter().enumerate() {
        let share = (scores[class] - most).exp() / sum;
        let factor = gain * (share - if class == label { 1.0 } else { 0.0 });
        for neuron in neurons {
            reading.of(traces, *neuron, factor, slopes);
        }
    }
    let right = scores.get(label).copied().unwrap_or(f64::NEG_INFINITY);
    let others = scores.iter().enumerate().filter(|(class, _)| *class != label);
    (most + sum.ln() - right, others.into_iter().all(|(_, score)| *score < right))
}
