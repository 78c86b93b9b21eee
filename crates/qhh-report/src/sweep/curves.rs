//! A measure against what was varied: curves of a grid, dots of points laid freely.

use std::borrow::Cow;

use super::points::Point;
use crate::chart::{AxisSpec, Colour, Fill, Height, Mark, N_COLOURS, Panel, Series};
use qhh_format::yaml::experiment::Experiment;
use qhh_lab::sweep::Design;
use qhh_results::number::printed;
use qhh_results::sweep::{AxisColumn, SweepTable};

/// Largest over smallest of values above zero from which on their axis is logarithmic.
const SPAN: f64 = 50.0;
/// Panels of one measure at most: each has as many curves as there are colours.
const MOST_PANELS: usize = 6;

/// What is seen.
pub(super) fn caption(experiment: &Experiment, table: &SweepTable, points: &[Point]) -> String {
    let repeated = experiment.repeats > 1;
    let over = if repeated { "Mean over repeats; the band is its standard error." } else { "" };
    let others = match (curved(experiment), table.axes.as_slice()) {
        (_, []) => "Every run, in the order of the repeats.".to_owned(),
        (false, _) => format!("A dot for each point; the other axes vary too. {over}"),
        (true, [_]) => over.to_owned(),
        (true, [first, rest @ ..]) if experiment.design == Design::Zip => {
            let rest: Vec<&str> = rest.iter().map(|axis| axis.path.as_str()).collect();
            format!("Against {}; with it go {}. {over}", first.path, rest.join(", "))
        }
        (true, axes) => {
            let other = &axes[1 - along(points)];
            match left_out(points) {
                0 => over.to_owned(),
                n => format!("{n} of the values of {} have no curve here; the table has all. {over}", other.path),
            }
        }
    };
    others.trim().to_owned()
}

/// Whether points that follow one another belong to one curve.
pub(super) fn curved(experiment: &Experiment) -> bool {
    match experiment.design {
        Design::Grid => experiment.axes.len() <= 2,
        Design::Zip => true,
        Design::Random(_) | Design::Sobol(_) => false,
    }
}

/// The panels of one measure.
pub(super) fn panels<'a>(
    experiment: &Experiment,
    table: &'a SweepTable,
    points: &[Point],
    place: usize,
) -> Vec<Panel<'a>> {
    let measure = &table.measures[place];
    let means = || points.iter().map(|point| point.measures[place].mean()).filter(|mean| mean.is_finite());
    let (low, high) = (means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max));
    let y = || {
        let mut y = AxisSpec::new(super::sought(experiment, measure).unwrap_or(&measure.name), &measure.unit);
        // Small values would lie flat on the ground.
        y.logarithmic = low > 0.0 && high > SPAN * low;
        y.with_counts(means())
    };
    let panel = |heading: &str, x: AxisSpec, series: Vec<Series<'a>>, height| Panel {
        heading: heading.to_owned(),
        x,
        y: y(),
        series,
        height,
    };
    let x = |axis: &AxisColumn, along: usize| {
        spec(axis).with_counts(points.iter().map(|point| point.coordinates[along]))
    };
    match (table.axes.as_slice(), curved(experiment)) {
        ([], _) => {
            let runs = table.rows.iter().filter_map(|row| Some((row.repeat as f64, row.value(place)?)));
            let dots = Series::new("run", Colour::Palette(0), Mark::Dots(runs.collect())).unlisted();
            vec![panel("", AxisSpec::new("Repeat", "").counting(), vec![dots], Height::Tall)]
        }
        ([axis], true) => vec![panel("", x(axis, 0), curve("", 0, axis, points.iter(), 0, place), Height::Tall)],
        ([axis, ..], true) if experiment.design == Design::Zip => {
            vec![panel("", x(axis, 0), curve("", 0, axis, points.iter(), 0, place), Height::Tall)]
        }
        ([first, second], true) => {
            let along = along(points);
            let (axis, other) = if along == 0 { (first, second) } else { (second, first) };
            let values = distinct(points, 1 - along);
            let drawn = super::super::figures::spread(&values, MOST_PANELS * N_COLOURS);
            // As many curves in each panel, no two of one colour.
            let curves = drawn.len().div_ceil(drawn.len().div_ceil(N_COLOURS).max(1)).max(1);
            let of_panel = |values: &[f64]| {
                let series = values.iter().enumerate().flat_map(|(colour, &value)| {
                    let of = points.iter().filter(|point| point.coordinates[1 - along] == value);
                    curve(
                        &format!("{} = {}", other.short(), printed(&other.text(value))),
                        colour,
                        axis,
                        of,
                        along,
                        place,
                    )
                });
                let heading = match values {
                    [first, .., last] if values.len() < drawn.len() => {
                        format!(
                            "{} from {} to {}",
                            other.short(),
                            printed(&other.text(*first)),
                            printed(&other.text(*last))
                        )
                    }
                    [only] if values.len() < drawn.len() => {
                        format!("{} = {}", other.short(), printed(&other.text(*only)))
                    }
                    _ => String::new(),
                };
                panel(&heading, x(axis, along), series.collect(), Height::Tall)
            };
            drawn.chunks(curves).map(of_panel).collect()
        }
        (axes, _) => {
            let dots = axes.iter().enumerate().map(|(along, axis)| {
                let at = points
                    .iter()
                    .map(|point| (standing(axis, point.coordinates[along]), point.measures[place].mean()));
                let at = at.filter(|(_, y)| y.is_finite()).collect();
                let dots = Series::new("point", Colour::Palette(0), Mark::Dots(at)).unlisted();
                panel("", x(axis, along), vec![dots], Height::Normal)
            });
            dots.collect()
        }
    }
}

/// Which of two axes is drawn along: the one of more values. The other is in colours.
pub(super) fn along(points: &[Point]) -> usize {
    usize::from(distinct(points, 0).len() < distinct(points, 1).len())
}

/// Values of the axis in colours that are too many to be drawn.
fn left_out(points: &[Point]) -> usize {
    distinct(points, 1 - along(points)).len().saturating_sub(MOST_PANELS * N_COLOURS)
}

/// Where a value of an axis stands in a chart: words stand in the middle of their places.
fn standing(axis: &AxisColumn, value: f64) -> f64 {
    if axis.words.is_some() { value + 0.5 } else { value }
}

/// An axis of the chart.
pub(super) fn spec(axis: &AxisColumn) -> AxisSpec {
    let mut spec = AxisSpec::new(axis.short(), &axis.unit);
    spec.logarithmic = axis.logarithmic;
    if let Some(words) = &axis.words {
        spec.named =
            Some(words.iter().enumerate().map(|(place, word)| (place as f64 + 0.5, word.clone())).collect());
        spec = spec.ranging(0.0, words.len() as f64);
    }
    spec
}

/// The values that points have on one axis, ascending.
pub(super) fn distinct(points: &[Point], axis: usize) -> Vec<f64> {
    let mut values: Vec<f64> = points.iter().map(|point| point.coordinates[axis]).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// Means along an axis, with a band of their standard errors where runs were repeated.
fn curve<'a, 'p>(
    name: &str,
    colour: usize,
    axis: &AxisColumn,
    points: impl Iterator<Item = &'p Point>,
    along: usize,
    place: usize,
) -> Vec<Series<'a>> {
    let mut drawn: Vec<&Point> = points.filter(|point| point.measures[place].mean().is_finite()).collect();
    drawn.sort_by(|a, b| a.coordinates[along].total_cmp(&b.coordinates[along]));
    let number = |point: &&Point| {
        let spread = &point.measures[place];
        (standing(axis, point.coordinates[along]), spread.mean(), spread.error())
    };
    let of: Vec<(f64, f64, f64)> = drawn.iter().map(number).collect();
    let colour = Colour::Palette(colour);
    let mut series = Vec::new();
    let banded: Vec<&(f64, f64, f64)> = of.iter().filter(|(.., error)| error.is_finite()).collect();
    if banded.len() > 1 && axis.words.is_none() {
        let column =
            |value: fn(&(f64, f64, f64)) -> f64| -> Cow<'a, [f64]> { banded.iter().map(|p| value(p)).collect() };
        let band = Mark::Band(column(|p| p.0), column(|p| p.1 - p.2), column(|p| p.1 + p.2), Fill::Faint);
        series.push(Series::new("standard error", colour, band).unlisted());
    }
    let unnamed = if drawn.iter().any(|point| point.runs > 1) { "mean" } else { "value" };
    let means = of.iter().map(|p| (p.0, p.1)).collect();
    let mark = if axis.words.is_some() { Mark::Dots(means) } else { Mark::Joined(means) };
    let mut line = Series::new(if name.is_empty() { unnamed } else { name }, colour, mark);
    line.links = drawn.iter().filter_map(|point| point.page.clone()).collect();
    if line.links.len() < drawn.len() {
        line.links.clear();
    }
    series.push(if name.is_empty() { line.unlisted() } else { line });
    series
}
