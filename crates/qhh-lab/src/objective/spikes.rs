//! Spikes with slopes: a smooth count, and the distance from target times.

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::engine::adjoint::crossing_slopes;

use super::traces::{Slopes, Traces};

/// How a count of spikes is made smooth.
#[derive(Debug, Clone, Copy)]
pub struct Smoothing;

impl Smoothing {
    /// Width of the threshold: a spike of 40 mV above it counts 0.9997, one that stays 10 mV below 0.12.
    pub const WIDTH: &'static str = "5 mV";
    /// Voltage over which the price of a missing or extra spike rises.
    pub const PULL: &'static str = "10 mV";

    /// [`Self::WIDTH`] in a unit system.
    pub fn width(units: UnitSystem) -> f64 {
        units.parse(Self::WIDTH, Dimension::VOLTAGE).unwrap_or(5.0)
    }

    /// [`Self::PULL`] in a unit system.
    pub fn pull(units: UnitSystem) -> f64 {
        units.parse(Self::PULL, Dimension::VOLTAGE).unwrap_or(10.0)
    }
}

/// Number of spikes of a neuron, smooth: the sum over steps of max(0, s(V after) - s(V before)), with s(V) =
/// 1/(1 + e^{-(V - threshold)/width}). Each rise adds s at its top less s at its foot: nearly 1 of a spike, nearly 0 of a
/// bump far below the threshold, and something between, with a slope, of one that comes near to it. Adds `factor` times
/// its slopes.
pub fn smooth_count(traces: &Traces<'_>, neuron: usize, width: f64, factor: f64, slopes: &mut Slopes) -> f64 {
    let Some((place, voltages)) = traces.of(neuron) else { return 0.0 };
    let passed = |v: f64| 1.0 / (1.0 + (-(v - traces.threshold) / width).exp());
    let slope = |s: f64| s * (1.0 - s) / width;
    let mut count = 0.0;
    for k in 1..voltages.len() {
        let (before, after) = (passed(voltages[k - 1]), passed(voltages[k]));
        if after > before {
            count += after - before;
            slopes.0[place][k] += factor * slope(after);
            slopes.0[place][k - 1] -= factor * slope(before);
        }
    }
    count
}

/// A spike: its time, the step before it with the slopes of the time by the voltages before and after, and the step of its
/// top.
struct Crossing {
    time: f64,
    step: usize,
    by: [f64; 2],
    top: usize,
}

fn crossings(traces: &Traces<'_>, voltages: &[f64]) -> Vec<Crossing> {
    let (step, threshold) = (traces.step, traces.threshold);
    let rises = (1..voltages.len()).filter(|&k| voltages[k - 1] < threshold && voltages[k] >= threshold);
    rises
        .map(|k| {
            let (before, after) = (voltages[k - 1], voltages[k]);
            let by = crossing_slopes(step, threshold, [before, after]);
            let above = (k..voltages.len()).take_while(|&k| voltages[k] >= threshold);
            let top = above.max_by(|a, b| voltages[*a].total_cmp(&voltages[*b])).unwrap_or(k);
            Crossing {
                time: step * ((k - 1) as f64 + (threshold - before) / (after - before)),
                step: k - 1,
                by,
                top,
            }
        })
        .collect()
}

/// Squared distance of the spikes of a neuron from target times. Spikes and targets are paired in order so that the sum is
/// least, where a spike or a target without a partner costs `missing` squared. Such a price has no slope by a time, so it
/// rises with what keeps the spike from coming or going: by ((threshold - V)/width)² with the voltage at a target that has
/// no spike, by ((top - threshold)/width)² with the top of a spike that has no target. Where a spike appears or a pairing
/// changes, the distance may jump.
pub fn distance(
    traces: &Traces<'_>,
    neuron: usize,
    target: &[f64],
    (missing, width): (f64, f64),
    slopes: &mut Slopes,
) -> f64 {
    let Some((place, voltages)) = traces.of(neuron) else { return 0.0 };
    let spikes = crossings(traces, voltages);
    let times: Vec<f64> = spikes.iter().map(|spike| spike.time).collect();
    let slopes = &mut slopes.0[place];
    let price = missing * missing;
    let mut sum = 0.0;
    for pair in paired(&times, target, price) {
        match pair {
            (Some(spike), Some(wanted)) => {
                let (spike, off) = (&spikes[spike], times[spike] - target[wanted]);
                sum += off * off;
                slopes[spike.step] += 2.0 * off * spike.by[0];
                slopes[spike.step + 1] += 2.0 * off * spike.by[1];
            }
            (Some(spike), None) => {
                let top = spikes[spike].top;
                let above = (voltages[top] - traces.threshold) / width;
                sum += price * (1.0 + above * above);
                slopes[top] += 2.0 * price * above / width;
            }
            (None, Some(wanted)) => {
                let (k, part) = traces.around(target[wanted], voltages.len());
                let v = (1.0 - part) * voltages[k] + part * voltages[k + 1];
                let below = ((traces.threshold - v) / width).max(0.0);
                sum += price * (1.0 + below * below);
                slopes[k] -= 2.0 * price * below / width * (1.0 - part);
                slopes[k + 1] -= 2.0 * price * below / width * part;
            }
            (None, None) => {}
        }
    }
    sum
}

/// Pairs of spikes and targets, in order, of the least sum of squares.
fn paired(times: &[f64], target: &[f64], price: f64) -> Vec<(Option<usize>, Option<usize>)> {
    let (n, m) = (times.len(), target.len());
    // The least cost of the first i spikes and j targets.
    let mut cost = vec![vec![0.0; m + 1]; n + 1];
    for i in 0..=n {
        for j in 0..=m {
            cost[i][j] = match (i, j) {
                (0, j) => j as f64 * price,
                (i, 0) => i as f64 * price,
                (i, j) => {
                    let alone = cost[i - 1][j].min(cost[i][j - 1]) + price;
                    alone.min(cost[i - 1][j - 1] + (times[i - 1] - target[j - 1]).powi(2))
                }
            };
        }
    }
    let (mut i, mut j) = (n, m);
    let mut pairs = Vec::new();
    while i > 0 || j > 0 {
        let both = i > 0 && j > 0 && cost[i][j] == cost[i - 1][j - 1] + (times[i - 1] - target[j - 1]).powi(2);
        if both {
            (i, j) = (i - 1, j - 1);
            pairs.push((Some(i), Some(j)));
        } else if i > 0 && (j == 0 || cost[i][j] == cost[i - 1][j] + price) {
            i -= 1;
            pairs.push((Some(i), None));
        } else {
            j -= 1;
            pairs.push((None, Some(j)));
        }
    }
    pairs.reverse();
    pairs
}
