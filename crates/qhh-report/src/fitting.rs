//! The page of a fit: the course of the objective, the values before and after, the voltages before and after.

use std::borrow::Cow;

use minijinja::{Value, context};
use qhh_results::fitting::{FitStep, FitTrace, Fitted};
use qhh_results::number::{clock, count, join, number, printed};

use super::chart::{Arrangement, AxisSpec, Colour, Figure, Height, Mark, Panel, Series};
use super::render;

/// Values that are listed.
const MOST_ROWS: usize = 200;

/// The page as HTML.
pub(super) fn html(fit: &Fitted) -> String {
    let tile = |name: &str, value: String, note: String| context! { name, value, note };
    let pair = |[before, after]: [f64; 2]| (number(after, 4), format!("{} before", number(before, 4)));
    let mut tiles = Vec::new();
    let mut of = |name: &str, pair: (String, String)| tiles.push(tile(name, pair.0, pair.1));
    of("Objective", pair(fit.objective));
    if let Some(held_out) = fit.validation {
        of("Held out", pair(held_out));
    }
    let share = |[before, after]: [f64; 2]| {
        (format!("{} %", number(100.0 * after, 3)), format!("{} % before", number(100.0 * before, 3)))
    };
    if let Some(accuracy) = fit.accuracy {
        of("Accuracy", share(accuracy));
    }
    if let Some(accuracy) = fit.validation_accuracy {
        of("Accuracy held out", share(accuracy));
    }
    of("Iterations", (count(fit.iterations), format!("the best is number {}", fit.best_iteration)));
    of("Took", (clock(fit.seconds), format!("for {} evaluations", count(fit.evaluations))));
    let rows = fit.parameters.iter().take(MOST_ROWS).map(|of| {
        context! {
            path => of.path.as_str(),
            before => join(&number(of.before, 6), &printed(&of.unit)),
            after => join(&number(of.after, 6), &printed(&of.unit)),
            bounds => of.bounds.map_or_else(String::new, |[low, high]| {
                format!("{} to {}", number(low, 6), join(&number(high, 6), &printed(&of.unit)))
            }),
        }
    });
    let figures: Vec<Figure<'_>> = vec![traces(fit), values(fit)];
    let figures: Vec<String> = figures.iter().map(Figure::html).filter(|html| !html.is_empty()).collect();
    let figures: Vec<Value> = figures.into_iter().map(Value::from_safe_string).collect();
    let sections = if figures.is_empty() {
        Vec::new()
    } else {
        vec![context! { title => "Before and after", lead => "", figures }]
    };
    render(
        "fit.html",
        &context! {
            title => fit.name.as_str(),
            description => fit.description.as_str(),
            version => fit.version.as_str(),
            tiles,
            finding => Value::from_safe_string(course(fit).html()),
            sections,
            rows => rows.collect::<Vec<_>>(),
            rest => fit.parameters.len().saturating_sub(MOST_ROWS),
            ended => fit.ended.as_str(),
        },
    )
}

/// The objective after each iteration.
fn course(fit: &Fitted) -> Figure<'static> {
    let line = |name: &str, k: usize, of: &dyn Fn(&FitStep) -> Option<f64>| {
        let points: Vec<(f64, f64)> =
            fit.history.iter().filter_map(|step| Some((step.iteration as f64, of(step)?))).collect();
        (!points.is_empty()).then(|| Series::new(name, Colour::Palette(k), Mark::Joined(points)))
    };
    let series = [line("trained on", 0, &|step| Some(step.train)), line("held out", 1, &|step| step.validation)];
    let series: Vec<Series<'static>> = series.into_iter().flatten().collect();
    let mut y = AxisSpec::new("Objective", "");
    y.logarithmic = true;
    let panel = Panel {
        heading: String::new(),
        x: AxisSpec::new("Iteration", "").counting(),
        y,
        series,
        height: Height::Tall,
    };
    Figure {
        id: "course".to_owned(),
        title: "The objective".to_owned(),
        caption: "After each iteration; the values of the lowest are those of fitted.yaml.".to_owned(),
        panels: vec![panel],
        arrangement: Arrangement::Stacked,
    }
}

/// Voltages of the first example.
fn traces(fit: &Fitted) -> Figure<'_> {
    let panel = |trace: &FitTrace| {
        let times = || Cow::Owned(trace.times.clone());
        let mut series = vec![
            Series::line("before", Colour::Palette(1), times(), Cow::Owned(trace.before.clone())),
            Series::line("after", Colour::Palette(0), times(), Cow::Owned(trace.after.clone())),
        ];
        if !trace.target.is_empty() {
            series.push(Series::new("target", Colour::Ink, Mark::Outline(trace.target.clone())));
        }
        if !trace.spikes.is_empty() {
            let top = trace.after.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let dots = trace.spikes.iter().map(|time| (*time, top)).collect();
            series.push(Series::new("target spikes", Colour::Ink, Mark::Dots(dots)));
        }
        let duration = trace.times.last().copied().unwrap_or_default();
        Panel {
            heading: trace.neuron.clone(),
            x: AxisSpec::time(&fit.units[0], duration),
            y: AxisSpec::new("Voltage", &fit.units[1]),
            series,
            height: Height::Normal,
        }
    };
    Figure {
        id: "voltages".to_owned(),
        title: "Voltages".to_owned(),
        caption: "Of the first example, with the values at the start and with the best ones.".to_owned(),
        panels: fit.traces.iter().map(panel).collect(),
        arrangement: Arrangement::Stacked,
    }
}

/// Each value within its bounds, iteration by iteration.
fn values(fit: &Fitted) -> Figure<'static> {
    let bounded = fit.parameters.iter().enumerate().filter_map(|(k, of)| Some((k, of, of.bounds?)));
    let series = bounded.take(8).map(|(k, of, [low, high])| {
        let part = |step: &FitStep| (step.iteration as f64, (step.values[k] - low) / (high - low));
        let points = fit.history.iter().map(part).collect();
        Series::new(&of.path, Colour::Palette(k), Mark::Joined(points))
    });
    let series: Vec<Series<'static>> = series.collect();
    let panel = Panel {
        heading: String::new(),
        x: AxisSpec::new("Iteration", "").counting(),
        y: AxisSpec::new("Part of the way between its bounds", "").ranging(0.0, 1.0),
        series,
        height: Height::Normal,
    };
    Figure {
        id: "values".to_owned(),
        title: "Values".to_owned(),
        caption: "Those of the first bounded ones, as parts of the way from their lower to their upper bound."
            .to_owned(),
        panels: if panel.series.is_empty() { Vec::new() } else { vec![panel] },
        arrangement: Arrangement::Stacked,
    }
}
