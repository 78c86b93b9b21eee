//! Values that may differ from one neuron or waveguide to the next, as typed to numbers of the unit system.
//!
//! Rules stay rules: their values are drawn where the network is compiled, so that a million of them take no room here.

use qhh_core::units::Dimension;
use qhh_net::network::ParameterValues;

use super::table::Table;
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::spread::{self as schema, Rule};
use crate::yaml::wording::counted;

/// What a value must be.
pub(super) type Kind = (Dimension, Bound);

/// Reads a value or rule; what is wrong goes to the list. `entry` names it among the data files.
pub(super) fn read(typed: &schema::Spread, kind: Kind, scope: &Scope<'_>, entry: &str) -> ParameterValues {
    let (dimension, bound) = kind;
    match typed {
        schema::Spread::Same(quantity) => ParameterValues::Same(scope.read(quantity, dimension, bound)),
        schema::Spread::Each(list) => {
            let value = |(index, quantity)| scope.index(index).read(quantity, dimension, bound);
            ParameterValues::Each(list.iter().enumerate().map(value).collect())
        }
        schema::Spread::Rule(Rule::Linear([from, to])) => {
            let scope = scope.key("linear");
            let [from, to] = [(0, from), (1, to)].map(|(k, typed)| scope.index(k).read(typed, dimension, bound));
            ParameterValues::Linear { from, to }
        }
        schema::Spread::Rule(Rule::Uniform([low, high])) => {
            let scope = scope.key("uniform");
            let [low, high] = [(0, low), (1, high)].map(|(k, typed)| scope.index(k).read(typed, dimension, bound));
            ordered(low, high, dimension, &scope);
            ParameterValues::Uniform { low, high }
        }
        schema::Spread::Rule(Rule::Normal(typed)) => normal(typed, kind, &scope.key("normal")),
        schema::Spread::Rule(Rule::File(typed)) => match column(typed, bound, &scope.key("file"), entry) {
            Some(values) => ParameterValues::Each(values.into()),
            None => ParameterValues::Same(f64::NAN),
        },
    }
}

/// A value that stands for all: the only one, the first of several, or the middle of what is drawn.
pub(super) fn base(spread: &ParameterValues) -> f64 {
    match *spread {
        ParameterValues::Same(value) => value,
        ParameterValues::Each(ref values) => values.first().copied().unwrap_or(f64::NAN),
        ParameterValues::Linear { from, .. } => from,
        ParameterValues::Uniform { low, high } => low + (high - low) / 2.0,
        ParameterValues::Normal { mean, low, high, .. } => mean.max(low).min(high),
    }
}

/// Reports a list that has not one value for each of `count` items.
pub(super) fn check_length(spread: &ParameterValues, count: usize, noun: &str, scope: &Scope<'_>) {
    if let Some(listed) = spread.listed().filter(|&listed| listed != count) {
        let message = format!("`{}` has {} for {}", scope.path, counted(listed, "value"), counted(count, noun));
        scope.wrong(message, "give one for each, in their order, or a single one for all");
    }
}

fn ordered(low: f64, high: f64, dimension: Dimension, scope: &Scope<'_>) {
    if low > high {
        let show = |value| scope.units.display(value, dimension);
        scope.wrong(
            format!("in `{}` the lower bound, {}, is above the upper one, {}", scope.path, show(low), show(high)),
            "write the lower bound first",
        );
    }
}

fn normal(typed: &schema::Normal, (dimension, bound): Kind, scope: &Scope<'_>) -> ParameterValues {
    // A mean may lie beyond the bounds, and is the same kind of number.
    let meaning = bound.meaning(dimension);
    let mean = scope.key("mean").read_meaning(&typed.mean, meaning, Bound::Any);
    let deviation = scope.key("deviation").read_meaning(&typed.deviation, meaning, Bound::NotNegative);
    let low = scope.read_or("low", typed.low.as_ref(), (dimension, bound), f64::NEG_INFINITY);
    let high = scope.read_or("high", typed.high.as_ref(), (dimension, bound), f64::INFINITY);
    ordered(low, high, dimension, scope);
    let bound = bound.of_drawn();
    let (least, most) = bound.ends();
    let mut lacking = Vec::new();
    if let (None, Some(least)) = (&typed.low, least) {
        // Above zero and not too near.
        let example = if least == 0.0 && !bound.holds(0.0) { mean.abs() / 10.0 } else { least };
        lacking.push(format!("low: {}", scope.units.display(example, dimension)));
    }
    if let (None, Some(most)) = (&typed.high, most) {
        lacking.push(format!("high: {}", scope.units.display(most, dimension)));
    }
    if !lacking.is_empty() {
        let message = format!("`{}` {}, but a normal distribution reaches every number", scope.path, bound.rule());
        let help = format!("add `{}`, which cuts the distribution off", lacking.join("` and `"));
        scope.problems.at(&scope.path, Highlight::Key, message).help(help);
    }
    ParameterValues::Normal { mean, deviation, low, high }
}

fn column(typed: &schema::Column, bound: Bound, scope: &Scope<'_>, entry: &str) -> Option<Vec<f64>> {
    let path = scope.key("path");
    let (source, file) = path.open(&typed.path)?;
    let numbers = "values are bare numbers in the unit system of the network file";
    let mut table = Table::new(file, &typed.path, numbers, &path)?;
    let field = table.column(&typed.column, &scope.key("column"))?;
    let mut values = Vec::new();
    table.rows(|row| {
        let value = row.number(field)?;
        if !bound.holds(value) {
            row.wrong(field, format!("a value {}, got {value}", bound.rule()), "change it in the file");
            return None;
        }
        values.push(value);
        Some(())
    })?;
    scope.data.keep(entry, source, vec![("column", typed.column.clone())]);
    Some(values)
}
