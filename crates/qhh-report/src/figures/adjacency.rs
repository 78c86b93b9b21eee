//! Who sends to whom, where a network is too large to be drawn neuron by neuron, and how delays, losses and gains are spread.

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::network::Waveguides;

use super::{histogram, neuron_axis};
use crate::chart::picture::level_of_count;
use crate::chart::{
    Arrangement, AxisSpec, ColorMapping, Colour, Figure, Height, Mark, NeuronPart, Panel, Picture, Series,
};
use qhh_results::number::{count, counted, number, symbol};

/// Neurons up to which every waveguide is drawn in the graph, and this picture is left out.
pub(crate) const FEWEST_NEURONS: usize = 60;
/// Waveguides beyond which walking through them would take seconds.
const MOST_ARMS: f64 = 3e6;
/// Cells of the picture along each side, at most, and bars of a distribution.
const CELLS: usize = 240;
const BARS: usize = 40;

/// The picture and the distributions of what differs from waveguide to waveguide; nothing of small networks, and of huge ones.
pub(crate) fn adjacency(network: &Network) -> Figure<'static> {
    let n = network.n_neurons();
    let arms: f64 = network.waveguides.iter().map(Waveguides::expected_arms).sum();
    let mut figure = Figure {
        id: "adjacency".to_owned(),
        title: "Who sends to whom".to_owned(),
        caption: String::new(),
        panels: Vec::new(),
        arrangement: Arrangement::Beside,
    };
    if n <= FEWEST_NEURONS || arms == 0.0 || arms > MOST_ARMS {
        return figure;
    }
    let cells = n.min(CELLS);
    let mut counts = vec![0_u32; cells * cells];
    let (mut delays, mut losses, mut gains) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &network.waveguides {
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |arm| {
            counts[arm.to * cells / n * cells + arm.from * cells / n] += 1;
            delays.push(values.delay(arm.item));
            losses.push(100.0 * (1.0 - values.transmission(arm.item)));
            gains.push(values.gain(arm.item));
        });
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut rows = neuron_axis(network);
    "Receiver".clone_into(&mut rows.label);
    let edge = n as f64 - 0.5;
    let picture = Picture {
        x: (-0.5, edge),
        y: (-edge, 0.5),
        columns: cells,
        levels: counts.into_iter().map(|count| level_of_count(count, most)).collect(),
        ink: ColorMapping::Count { most },
        cells: None,
    };
    figure.panels.push(Panel {
        heading: "Waveguides".to_owned(),
        x: AxisSpec::new("Sender", "").ranging(-0.5, edge),
        y: rows,
        series: vec![Series::new("waveguides", Colour::Of(NeuronPart::Output), Mark::Picture(picture)).unlisted()],
        height: Height::Plane,
    });
    let mut equal = Vec::new();
    for (name, label, unit, values) in [
        ("delay", "Delay", symbol(network.units, Dimension::TIME), &delays),
        ("loss", "Loss of power", "%".to_owned(), &losses),
        ("power gain", "Power gain", String::new(), &gains),
    ] {
        match distribution(values) {
            Some(bars) => figure.panels.push(Panel {
                heading: label.to_owned(),
                x: AxisSpec::new(label, &unit),
                y: AxisSpec::new("Waveguides", "").with_zero().counting(),
                series: vec![Series::new("waveguides", Colour::Of(NeuronPart::Output), bars).unlisted()],
                height: Height::Small,
            }),
            None => equal.push(format!("{name} {}", qhh_results::number::join(&number(values[0], 4), &unit))),
        }
    }
    let block = if cells < n {
        format!(
            " A cell holds about {0} by {0} neurons, {1} waveguides at most.",
            count(n.div_ceil(cells)),
            count(most as usize)
        )
    } else {
        String::new()
    };
    let all = if equal.is_empty() { String::new() } else { format!(" All have the same {}.", equal.join(", ")) };
    figure.caption = format!(
        "The {} of {}: a column for each sender, a row for each receiver, in the order of the file.{block}{all}",
        counted(delays.len(), "waveguide"),
        counted(n, "neuron")
    );
    figure
}

/// Values counted in bars of equal width; none where all are equal but for rounding.
fn distribution(values: &[f64]) -> Option<Mark<'static>> {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if high - low <= 1e-9 * high.abs().max(low.abs()) {
        return None;
    }
    let width = (high - low) / BARS as f64;
    Some(Mark::Bars(histogram::counted(values, low, width, BARS), width))
}
