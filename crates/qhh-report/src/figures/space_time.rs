//! The voltage of all neurons over time, as a picture.

use qhh_core::units::Dimension;
use qhh_net::outcome::SpaceTime;

use super::traces::figure;
use super::{neuron_axis, own_time_axis};
use crate::chart::picture::level_of_value;
use crate::chart::{AxisSpec, ColorMapping, Colour, Colours, Figure, Height, Mark, Panel, Picture, Series};
use qhh_results::FinishedRun;
use qhh_results::number::{count, counted, symbol};

/// Cells of the picture, beside and above one another, at most.
const MOST_COLUMNS: usize = 800;
const MOST_ROWS: usize = 400;
/// Changes of the voltage that count as none, against its size: the values are kept in single precision.
const STILL: f64 = 1e-6;

/// The picture; nothing where it was not kept.
pub(crate) fn space_time(run: &FinishedRun) -> Figure<'_> {
    let network = &run.network;
    let n = network.n_neurons();
    let kept = run.outcome.space_time.as_ref().filter(|kept| n > 1 && kept.times.len() > 1);
    let Some((kept, picture)) = kept.and_then(|kept| Some((kept, picture(run, kept)?))) else {
        return figure("space-time", "Voltage in space and time", String::new(), Vec::new());
    };
    let which = if kept.neurons.len() < n {
        format!("{} of {}, evenly chosen", count(kept.neurons.len()), counted(n, "neuron"))
    } else {
        counted(n, "neuron")
    };
    let caption = format!("Voltage of {which}, a row each in the order of the file.");
    let panel = Panel {
        heading: String::new(),
        x: own_time_axis(network),
        y: neuron_axis(network),
        series: vec![Series::new("voltage", Colour::Ink, Mark::Picture(picture)).unlisted()],
        height: if n > 12 { Height::Tall } else { Height::Normal },
    };
    figure("space-time", "Voltage in space and time", caption, vec![panel])
}

/// Cells from the first to the last time and neuron kept, each reaching half way to the next.
fn picture(run: &FinishedRun, kept: &SpaceTime) -> Option<Picture> {
    let (n_times, n_neurons) = (kept.times.len(), kept.neurons.len());
    let finite = || kept.voltages.iter().copied().filter(|voltage| voltage.is_finite()).map(f64::from);
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    // A voltage that never changes makes no picture, nor does rounding noise around it.
    let moves = high - low > STILL * low.abs().max(high.abs());
    if !moves || kept.voltages.len() != n_times * n_neurons {
        return None;
    }
    let pick = |place: usize, shown: usize, n: usize| (2 * place + 1) * n / (2 * shown);
    let (columns, rows) = (n_times.min(MOST_COLUMNS), n_neurons.min(MOST_ROWS));
    let level = |row: usize, column: usize| {
        let (neuron, time) = (pick(row, rows, n_neurons), pick(column, columns, n_times));
        level_of_value(f64::from(kept.voltages[neuron * n_times + time]), low, high)
    };
    let levels = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let half = (kept.times[n_times - 1] - kept.times[0]) / (n_times - 1) as f64 / 2.0;
    let voltage = AxisSpec::new("Voltage", &symbol(run.network.units, Dimension::VOLTAGE));
    Some(Picture {
        x: (kept.times[0] - half, kept.times[n_times - 1] + half),
        y: (0.5 - run.network.n_neurons() as f64, 0.5),
        columns,
        levels: levels.map(|(row, column)| level(row, column)).collect(),
        ink: ColorMapping::Scale { axis: voltage.ranging(low, high), colours: Colours::Ascending, gaps: false },
        cells: None,
    })
}
