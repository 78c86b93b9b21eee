//! How often the neurons of each population fire, over time.

use std::borrow::Cow;

use qhh_core::units::Dimension;

use super::{firsts, own_time_axis, spread};
use crate::chart::{AxisSpec, Colour, Height, Mark, N_COLOURS, Panel, Series};
use qhh_results::FinishedRun;
use qhh_results::number::{counted, quantity};

/// Fewest spikes that a rate is made of.
const FEWEST_SPIKES: usize = 40;
/// Spikes to be had in an interval on average, and how many intervals there are at least and at most.
const SPIKES_IN_INTERVAL: usize = 25;
const FEWEST_INTERVALS: usize = 20;
const MOST_INTERVALS: usize = 200;

/// Spikes per neuron and time, and what is to be said of them; none for a single neuron or a handful of spikes.
pub(super) fn panel(run: &FinishedRun) -> Option<(Panel<'_>, String)> {
    let (network, spikes) = (&run.network, &run.outcome.spikes);
    if network.n_neurons() < 2 || spikes.len() < FEWEST_SPIKES {
        return None;
    }
    let duration = network.simulation.duration;
    let n = (spikes.len() / SPIKES_IN_INTERVAL).clamp(FEWEST_INTERVALS, MOST_INTERVALS);
    let width = duration / n as f64;
    let firsts = firsts(network);
    let mut counts = vec![vec![0u32; n]; network.populations.len()];
    for spike in spikes {
        let population = firsts.partition_point(|&first| first <= spike.neuron) - 1;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times are not negative")]
        let interval = ((spike.time / width).max(0.0) as usize).min(n - 1);
        counts[population][interval] += 1;
    }
    // Spikes are counted in cycles, which have a unit of their own.
    let (unit, per) = match network.units.name() {
        "hodgkin-huxley" => ("Hz", 1e3),
        "si" => ("Hz", 1.0),
        _ => ("", 1.0),
    };
    let times: Vec<f64> = (0..n).map(|k| (k as f64 + 0.5) * width).collect();
    let drawn = spread(&(0..network.populations.len()).collect::<Vec<_>>(), N_COLOURS);
    let series = drawn.iter().map(|&k| {
        let population = &network.populations[k];
        let rate = |&count: &u32| f64::from(count) / (width * population.count.max(1) as f64) * per;
        let values: Vec<f64> = counts[k].iter().map(rate).collect();
        let line = Mark::Line(Cow::Owned(times.clone()), Cow::Owned(values));
        // The spikes above have the legend.
        Series::new(&population.name, Colour::Palette(k), line).unlisted()
    });
    let which = if drawn.len() < network.populations.len() {
        format!(", of {} of {}", drawn.len(), counted(network.populations.len(), "population"))
    } else {
        String::new()
    };
    let caption = format!(
        "below, spikes per neuron and time{which}, counted in intervals of {}",
        quantity(network.units, width, Dimension::TIME, 3)
    );
    let panel = Panel {
        heading: String::new(),
        x: own_time_axis(network),
        y: AxisSpec::new("Rate of a neuron", unit).with_zero(),
        series: series.collect(),
        height: Height::Small,
    };
    Some((panel, caption))
}
