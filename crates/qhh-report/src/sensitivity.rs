//! The page of what a number depends on: what matters most, and in which neurons.

use minijinja::{Value, context};
use qhh_results::number::{count, join, number, printed};
use qhh_results::sensitivity::Sensitivity;
use qhh_results::tables::rows::NeuronSlopeRow;

use super::chart::{Arrangement, AxisSpec, Colour, Figure, Height, Mark, Panel, Series};
use super::render;

/// Entries that are listed.
const MOST_ROWS: usize = 200;
/// Parameters of neurons that are drawn.
const MOST_PARAMETERS: usize = 6;
/// Neurons whose names stand at the axis.
const MOST_NAMES: usize = 8;

/// The page as HTML.
pub(super) fn html(of: &Sensitivity) -> String {
    let tile = |name: &str, value: String, note: String| context! { name, value, note };
    let mut tiles = vec![tile("Value", join(&number(of.value, 6), &printed(&of.unit)), format!("of {}", of.of))];
    if let Some(first) = of.entries.first() {
        let effect = join(&number(first.of_one_percent, 3), &printed(&of.unit));
        tiles.push(tile("Most by", effect, format!("one per cent more of {}", first.entry)));
    }
    tiles.push(tile("Entries", count(of.entries.len()), "numbers of the file that it can depend on".to_owned()));
    let rows = of.entries.iter().take(MOST_ROWS).map(|row| {
        let per_unit = |slope: f64| {
            let own = row.unit.as_str();
            let own = if own.contains(['/', ' ', '*']) { format!("({own})") } else { own.to_owned() };
            let unit = match (of.unit.as_str(), own.as_str()) {
                (one, "") => one.to_owned(),
                ("", per) => format!("1/{per}"),
                (one, per) => format!("{one}/{per}"),
            };
            join(&number(slope, 5), &printed(&unit))
        };
        context! {
            entry => row.entry.as_str(),
            value => row.value.map_or_else(String::new, |value| join(&number(value, 6), &printed(&row.unit))),
            effect => join(&number(row.of_one_percent, 3), &printed(&of.unit)),
            slope => row.slope.map_or_else(String::new, per_unit),
            differences => row.by_differences.map_or_else(String::new, per_unit),
        }
    });
    let caption = of.entries.first().map(|first| {
        let effect = join(&number(first.of_one_percent.abs(), 3), &printed(&of.unit));
        format!("{} matters most: one per cent more or less of it moves {} by {effect}.", first.entry, of.of)
    });
    let figure = by_neuron(of);
    render(
        "sensitivity.html",
        &context! {
            title => format!("{}: {}", of.network, of.of),
            caption,
            description => "What the number depends on, and how much.",
            version => of.version.as_str(),
            tiles,
            finding => (!figure.is_empty()).then(|| Value::from_safe_string(figure.html())),
            rows => rows.collect::<Vec<_>>(),
            checked => of.entries.iter().any(|row| row.by_differences.is_some()),
            rest => of.entries.len().saturating_sub(MOST_ROWS),
            unknown => of.unknown.clone(),
        },
    )
}

/// What one per cent more of a parameter adds, neuron by neuron, for the parameters that matter most.
fn by_neuron(of: &Sensitivity) -> Figure<'static> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for row in &of.neurons {
        match sums.iter_mut().find(|(parameter, _)| *parameter == row.parameter) {
            Some((_, sum)) => *sum += row.of_one_percent.abs(),
            None => sums.push((&row.parameter, row.of_one_percent.abs())),
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    let numbers = numbers(&of.neurons);
    let series = sums.iter().take(MOST_PARAMETERS).enumerate().map(|(k, (parameter, _))| {
        let own = of.neurons.iter().zip(&numbers).filter(|(row, _)| row.parameter == *parameter);
        let points = own.map(|(row, place)| (*place, row.of_one_percent)).collect();
        Series::new(parameter, Colour::Palette(k), Mark::Joined(points))
    });
    let series: Vec<Series<'static>> = series.collect();
    let several = numbers.last().is_some_and(|last| *last > 0.0);
    let panel = Panel {
        heading: String::new(),
        x: named_neurons(&of.neurons, &numbers),
        y: AxisSpec::new("One per cent more adds", &of.unit).with_zero(),
        series,
        height: Height::Tall,
    };
    Figure {
        id: "by-neuron".to_owned(),
        title: "Which neurons".to_owned(),
        caption: "What one per cent more of a parameter of each neuron adds to the number, for the parameters that matter \
                  most."
            .to_owned(),
        panels: if several { vec![panel] } else { Vec::new() },
        arrangement: Arrangement::Stacked,
    }
}

/// An axis on which some neurons have their names.
fn named_neurons(rows: &[NeuronSlopeRow], numbers: &[f64]) -> AxisSpec {
    let mut named: Vec<(f64, String)> =
        numbers.iter().zip(rows).map(|(place, row)| (*place, row.neuron.clone())).collect();
    named.dedup_by(|a, b| a.0 == b.0);
    let stride = named.len().div_ceil(MOST_NAMES).max(1);
    let named = named.into_iter().step_by(stride).collect();
    AxisSpec { named: Some(named), ..AxisSpec::new("Neuron", "") }
}

/// Number of the neuron of each row, counted in the order of the rows.
fn numbers(rows: &[NeuronSlopeRow]) -> Vec<f64> {
    let (mut number, mut last) = (-1.0, "");
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        if row.neuron != last {
            number += 1.0;
            last = &row.neuron;
        }
        places.push(number);
    }
    places
}
