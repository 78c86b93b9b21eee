//! Whose noise moves single numbers of the run, and when it was emitted: one run backwards each.

use minijinja::{Value, context};
use qhh_core::units::Dimension;
use qhh_net::outcome::Origins;

use super::chart::picture::level_of_value;
use super::chart::{AxisSpec, Cells, ColorMapping, Colour, Colours, Figure, Height, Mark, Panel, Picture, Series};
use super::figures::label;
use super::figures::traces::figure;
use qhh_results::FinishedRun;
use qhh_results::number::{counted, number, quantity, symbol};

/// Numbers listed, and those whose map is drawn.
const MOST_FIGURES: usize = 40;
const MOST_MAPS: usize = 6;
/// Lines named of each; the rest are added up.
const MOST_LINES: usize = 8;
/// Part of the largest contribution below which a time at the start of a map is left out.
const VISIBLE: f64 = 2e-3;
/// Neurons on a map: those that bring most.
const MOST_NEURONS: usize = 40;

/// The section; none where no number's noise is recorded.
pub(super) fn section(run: &FinishedRun) -> Option<Value> {
    let all = &run.outcome.origins;
    let rows: Vec<Value> = all.iter().take(MOST_FIGURES).map(|origins| row(run, origins)).collect();
    let maps = all.iter().filter(|origins| origins.value.is_some()).take(MOST_MAPS).enumerate();
    let maps: Vec<Value> = maps
        .map(|(place, origins)| map(run, origins, place).html())
        .filter(|html| !html.is_empty())
        .map(Value::from_safe_string)
        .collect();
    (!rows.is_empty()).then(|| {
        let few = (rows.len() < all.len()).then(|| format!("The first {} of {}.", rows.len(), all.len()));
        context! { rows, maps, few }
    })
}

/// A part of the whole, as a page writes it.
fn share(part: f64, whole: f64) -> String {
    format!("{}\u{a0}%", number(100.0 * part / whole, 2))
}

fn row(run: &FinishedRun, origins: &Origins) -> Value {
    let (network, units) = (&run.network, run.network.units);
    let name = network.figure_name(origins.figure);
    let dimension = origins.figure.dimension();
    let Some(value) = origins.value else {
        return context! { name, missing => "The run has no such number." };
    };
    let mut parts: Vec<(String, f64)> = origins
        .shares
        .iter()
        .map(|share| {
            (format!("{} {}", label(network, share.neuron as usize), origins.line(share)), share.variance)
        })
        .collect();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let mut lines: Vec<Value> = parts
        .iter()
        .take(MOST_LINES)
        .map(|(name, part)| context! { name => name.replace(' ', "\u{a0}"), share => share(*part, origins.variance) })
        .collect();
    let rest = parts.get(MOST_LINES..).unwrap_or_default();
    if !rest.is_empty() {
        let together = rest.iter().map(|(_, part)| part).sum();
        lines.push(context! {
            name => format!("{}\u{a0}others", rest.len()),
            share => share(together, origins.variance),
        });
    }
    let mut neurons: Vec<u32> = origins.shares.iter().map(|share| share.neuron).collect();
    neurons.dedup();
    context! {
        name,
        value => quantity(units, value, dimension, 6),
        deviation => quantity(units, origins.variance.max(0.0).sqrt(), dimension, 4),
        reach => counted(neurons.len(), "neuron"),
        lines,
    }
}

/// Where in the network and when the noise was emitted: a row for each neuron, a column for each stretch of time.
fn map<'a>(run: &FinishedRun, origins: &Origins, place: usize) -> Figure<'a> {
    let network = &run.network;
    let mut neurons: Vec<&(u32, Vec<f64>)> = origins.emitted.iter().collect();
    let size = |of: &(u32, Vec<f64>)| of.1.iter().map(|part| part.abs()).sum::<f64>();
    neurons.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let all = neurons.len();
    neurons.truncate(MOST_NEURONS);
    neurons.sort_by_key(|of| of.0);
    let name = network.figure_name(origins.figure);
    let title = format!("Origin of the noise of {name}");
    let nothing = || figure("origin", &title, String::new(), Vec::new());
    let Some(&last) = origins.times.last() else { return nothing() };
    let per_cent = |value: f64| 100.0 * value / origins.variance;
    let parts = neurons.iter().flat_map(|(_, parts)| parts.iter().map(|part| per_cent(*part).abs()));
    let most = parts.fold(0.0f64, f64::max);
    if neurons.iter().any(|(_, parts)| parts.len() != origins.times.len()) || most == 0.0 {
        return nothing();
    }
    // What is too small to be seen goes with what was before.
    let visible =
        |column: &usize| neurons.iter().any(|(_, parts)| per_cent(parts[*column]).abs() > VISIBLE * most);
    let begin = (1..origins.times.len()).find(visible).unwrap_or(1) - 1;
    let times = &origins.times[begin..];
    let columns = times.len();
    let stretch = (last - times[0]) / (columns - 1).max(1) as f64;
    let merged = |parts: &Vec<f64>| {
        let (before, after) = parts.split_at(begin + 1);
        std::iter::once(before.iter().sum()).chain(after.to_vec()).map(per_cent).collect::<Vec<f64>>()
    };
    let values: Vec<f64> = neurons.iter().flat_map(|(_, parts)| merged(parts)).collect();
    let time = |t: f64| quantity(network.units, t, Dimension::TIME, 4);
    let before = std::iter::once(format!("before {}", time(times[0])));
    let stretches = times.windows(2).map(|ends| format!("{} to {}", time(ends[0]), time(ends[1])));
    let rows: Vec<String> = neurons.iter().map(|(neuron, _)| label(network, *neuron as usize)).collect();
    let n = rows.len();
    let short = n <= 16 && rows.iter().all(|name| name.chars().count() <= 14);
    let every = if short { 1 } else { n.div_ceil(8) };
    let ticks = rows.iter().enumerate().step_by(every).map(|(k, name)| (-(k as f64), name.clone()));
    let mut y = AxisSpec::new("Neuron", "").ranging(0.5 - n as f64, 0.5);
    (y.named, y.rows) = (Some(ticks.collect()), true);
    let picture = Picture {
        x: (times[0] - stretch, last),
        y: (0.5 - n as f64, 0.5),
        columns,
        levels: values.iter().map(|value| level_of_value(*value, -most, most)).collect(),
        ink: ColorMapping::Scale {
            axis: AxisSpec::new("Part of the variance", "%").ranging(-most, most),
            colours: Colours::Signed,
            gaps: false,
        },
        cells: Some(Cells { columns: before.chain(stretches).collect(), rows, values }),
    };
    let panel = Panel {
        heading: String::new(),
        x: AxisSpec::new("Emitted at", &symbol(network.units, Dimension::TIME)).ranging(times[0] - stretch, last),
        y,
        series: vec![Series::new("part", Colour::Ink, Mark::Picture(picture)).unlisted()],
        height: if n > 12 { Height::Tall } else { Height::Normal },
    };
    let which = if n < all { format!("the {n} of {all} neurons that bring most") } else { counted(n, "neuron") };
    let caption = format!(
        "When the noise of {which} was emitted that {name} feels: each column is what the noise of that time contributes to \
         the variance, added from the latest backwards, and below zero where it cancels some of the later noise. The first \
         column is everything before."
    );
    figure(&format!("origin-{place}"), &title, caption, vec![panel])
}
