//! Every spike of a run, neuron under neuron: strokes while they can be told apart, counts in cells beyond. Below, the
//! rates.

use std::ops::Range;

use qhh_net::outcome::Spike;

use super::traces::figure;
use super::{neuron_axis, own_time_axis, rates};
use crate::chart::picture::level_of_count;
use crate::chart::{ColorMapping, Colour, Figure, Height, Mark, Panel, Picture, Series};
use qhh_results::FinishedRun;
use qhh_results::number::{count, counted};

/// Most spikes drawn as strokes.
const MOST_STROKES: usize = 6000;
/// Cells of a picture, beside and above one another.
const COLUMNS: usize = 400;
const ROWS: usize = 240;

/// The spikes of a run of several neurons; nothing without any.
pub(crate) fn raster(run: &FinishedRun) -> Figure<'_> {
    let (network, spikes) = (&run.network, &run.outcome.spikes);
    let n = network.n_neurons();
    let counts = spikes.len() > MOST_STROKES;
    let told = format!("The {} of {}", counted(spikes.len(), "spike"), counted(n, "neuron"));
    if n < 2 || spikes.is_empty() {
        return figure("raster", "Spikes", told, Vec::new());
    }
    let mut series = Vec::new();
    let mut first = 0;
    for (k, population) in network.populations.iter().enumerate() {
        let range = first..first + population.count;
        first = range.end;
        let mark = if counts { cells(run, range) } else { strokes(spikes, &range) };
        let one = Series::new(&population.name, Colour::Palette(k), mark);
        series.push(if network.populations.len() == 1 { one.unlisted() } else { one });
    }
    let most = series.iter().filter_map(|one| match &one.mark {
        Mark::Picture(Picture { ink: ColorMapping::Count { most }, .. }) => Some(*most),
        _ => None,
    });
    let mut caption = match most.max() {
        None => format!("{told}, each a stroke at its time in its neuron's row"),
        Some(most) => format!(
            "{told}, counted in cells of time and neighbouring neurons: the denser, the more, up to {} in a cell",
            count(most as usize)
        ),
    };
    let height = if n > 40 { Height::Tall } else { Height::Normal };
    let panel =
        Panel { heading: String::new(), x: own_time_axis(network), y: neuron_axis(network), series, height };
    let mut panels = vec![panel];
    if let Some((rates, told)) = rates::panel(run) {
        caption = format!("{caption}; {told}");
        panels.push(rates);
    }
    figure("raster", "Spikes", caption + ".", panels)
}

/// A stroke for each spike of a range of neurons.
fn strokes(spikes: &[Spike], neurons: &Range<usize>) -> Mark<'static> {
    let own = spikes.iter().filter(|spike| neurons.contains(&spike.neuron));
    Mark::Strokes(own.map(|spike| (spike.time, -(spike.neuron as f64) - 0.35)).collect(), 0.7)
}

/// Spikes of a range of neurons, counted in cells.
fn cells(run: &FinishedRun, neurons: Range<usize>) -> Mark<'static> {
    let duration = run.network.simulation.duration;
    let share = neurons.len() as f64 / run.network.n_neurons() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the rows of the picture")]
    let rows = ((ROWS as f64 * share).ceil() as usize).clamp(1, neurons.len().max(1));
    let mut counts = vec![0u32; COLUMNS * rows];
    for spike in run.outcome.spikes.iter().filter(|spike| neurons.contains(&spike.neuron)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times are not negative")]
        let column = ((spike.time / duration * COLUMNS as f64).max(0.0) as usize).min(COLUMNS - 1);
        counts[(spike.neuron - neurons.start) * rows / neurons.len() * COLUMNS + column] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    Mark::Picture(Picture {
        x: (0.0, duration),
        y: (0.5 - neurons.end as f64, 0.5 - neurons.start as f64),
        columns: COLUMNS,
        levels: counts.into_iter().map(|count| level_of_count(count, most)).collect(),
        ink: ColorMapping::Count { most },
        cells: None,
    })
}
