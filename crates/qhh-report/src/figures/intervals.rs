//! How regularly neurons fire: the intervals between their successive spikes.

use std::borrow::Cow;
use std::collections::HashMap;

use qhh_core::units::Dimension;

use super::traces::figure;
use super::{firsts, histogram, spread};
use crate::chart::{AxisSpec, Colour, Figure, Height, Mark, N_COLOURS, Panel, Series};
use qhh_results::FinishedRun;
use qhh_results::number::{counted, number, quantity, symbol};

/// Fewest intervals that are drawn, and how many bars they are counted in.
const FEWEST: usize = 20;
const BARS: usize = 40;

/// The distribution of the intervals, by population; nothing where there are few, or all are equal to a step.
pub(crate) fn intervals(run: &FinishedRun) -> Figure<'_> {
    let network = &run.network;
    let nothing = || figure("intervals", "Intervals between spikes", String::new(), Vec::new());
    let all = by_population(run);
    let (n, low, high) = all.iter().flatten().fold((0, f64::INFINITY, 0.0_f64), |(n, low, high), &interval| {
        (n + 1, low.min(interval), high.max(interval))
    });
    if n < FEWEST || high - low < 2.0 * network.simulation.step {
        return nothing();
    }
    // Half a bar is left at both ends.
    let width = (high - low) / (BARS - 1) as f64;
    let present: Vec<usize> = (0..all.len()).filter(|&k| !all[k].is_empty()).collect();
    let drawn = spread(&present, N_COLOURS);
    let series = drawn.iter().map(|&k| {
        let (name, colour) = (&network.populations[k].name, Colour::Palette(k));
        let bars = histogram::counted(&all[k], low - 0.5 * width, width, BARS);
        if drawn.len() == 1 {
            return Series::new(name, colour, Mark::Bars(bars, width)).unlisted();
        }
        // Bars of several would hide one another.
        let (x, y): (Vec<f64>, Vec<f64>) = bars.into_iter().unzip();
        Series::line(name, colour, Cow::Owned(x), Cow::Owned(y))
    });
    let told: Vec<String> = drawn
        .iter()
        .map(|&k| {
            let (mean, variation) = summed_up(&all[k]);
            let of = if drawn.len() > 1 { format!("{}: ", network.populations[k].name) } else { String::new() };
            let (mean, variation) = (quantity(network.units, mean, Dimension::TIME, 3), number(variation, 2));
            format!("{of}{}, mean {mean}, coefficient of variation {variation}", counted(all[k].len(), "interval"))
        })
        .collect();
    let caption = format!(
        "Times between successive spikes of one neuron, counted in steps of {}. {}. A clock has a coefficient of \
         variation of 0, a Poisson process 1.",
        quantity(network.units, width, Dimension::TIME, 2),
        told.join("; ")
    );
    let panel = Panel {
        heading: String::new(),
        x: AxisSpec::new("Interval", &symbol(network.units, Dimension::TIME)),
        y: AxisSpec::new("Intervals", "").with_zero().counting(),
        series: series.collect(),
        height: Height::Small,
    };
    figure("intervals", "Intervals between spikes", caption, vec![panel])
}

/// Intervals between successive spikes of each neuron: `[population][interval]`.
fn by_population(run: &FinishedRun) -> Vec<Vec<f64>> {
    let network = &run.network;
    let mut last: HashMap<usize, f64> = HashMap::new();
    let mut all = vec![Vec::new(); network.populations.len()];
    let firsts = firsts(network);
    for spike in &run.outcome.spikes {
        if let Some(before) = last.insert(spike.neuron, spike.time) {
            all[firsts.partition_point(|&first| first <= spike.neuron) - 1].push(spike.time - before);
        }
    }
    all
}

/// Mean, and standard deviation over it.
fn summed_up(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt() / mean)
}
