//! The `experiment:` block, resolved: many runs of one network. Whether the network has what is measured is not looked at.

use std::collections::BTreeMap;

use qhh_lab::measure::{Condition, Measure};
use qhh_lab::sweep::{Design, Ends, Search, Values};
use serde_yaml::Value;

use super::emit;
use super::number_kind::{self, NumberKind, decibels};

/// Many runs of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What is varied, in the order of the file.
    pub axes: Vec<Axis>,
    /// How points are laid.
    pub design: Design,
    /// Runs of each point; at least 1.
    pub repeats: usize,
    /// What each run is summed up by.
    pub measures: Vec<Measure>,
    /// How the page shows measures, by their names; those without are shown by their names.
    pub shown: BTreeMap<String, Shown>,
    /// A threshold that is searched at each point.
    pub find: Option<Find>,
}

/// How the page shows a measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Title of its figure, in place of its name.
    pub label: Option<String>,
    /// What is to be seen in it, in a sentence.
    pub caption: Option<String>,
}

/// One value that is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its path in the network file.
    pub path: String,
    /// The values it takes.
    pub values: Values<Level>,
    /// Unit of the values: as typed, or the network's own ([`Experiment::in_own_units`]); empty for bare numbers and words.
    pub unit: String,
}

/// Unit of a range of losses that is even in decibels, and so in no other unit.
const DECIBELS: &str = "dB";

/// One value of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// As a network file has it.
    pub(super) value: Value,
    /// Its number, in the axis's unit; none of words and maps, nor of a list typed in several units.
    pub number: Option<f64>,
}

impl Level {
    /// As text, on one line.
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            value => emit::inline(value),
        }
    }
}

/// A threshold along one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Find {
    /// Path of the value.
    pub path: String,
    /// Where to search, and how closely.
    pub search: Search,
    /// Unit of its numbers: as typed, or the network's own ([`Experiment::in_own_units`]).
    pub unit: String,
    /// What holds at one end and not at the other.
    pub condition: Condition,
}

impl Experiment {
    /// Whether it is more than one run.
    pub fn is_many(&self) -> bool {
        !self.axes.is_empty() || self.repeats > 1 || self.find.is_some()
    }

    /// The same experiment with its numbers in the network's own units, whatever they were typed in; `kinds` tells what those
    /// at a path stand for. A range of decibels stays one.
    #[must_use]
    pub fn in_own_units(self, kinds: &BTreeMap<String, NumberKind>) -> Self {
        let axes = self.axes.into_iter().map(|axis| match kinds.get(&axis.path) {
            Some(kind) => axis.in_own_unit(*kind),
            None => axis,
        });
        let find = self.find.map(|find| match kinds.get(&find.path) {
            Some(kind) => find.clone().in_own_unit(*kind).unwrap_or(find),
            None => find,
        });
        Self { axes: axes.collect(), find, ..self }
    }
}

impl Axis {
    /// The first value that is listed a second time, in the network's own units.
    pub fn repeated(&self) -> Option<&Level> {
        let Values::List(levels) = &self.values else { return None };
        levels.iter().enumerate().find(|(place, level)| levels[..*place].contains(level)).map(|(_, level)| level)
    }

    fn in_own_unit(self, kind: NumberKind) -> Self {
        let Self { path, values, unit } = self;
        match values {
            Values::List(levels) => {
                let levels: Vec<Level> = levels.into_iter().map(|level| level.in_own_unit(kind)).collect();
                let all_numbers = levels.iter().all(|level| level.number.is_some());
                let unit = if all_numbers { kind.unit().to_owned() } else { String::new() };
                Self { path, values: Values::List(levels), unit }
            }
            Values::Range { from, to, logarithmic, points } => {
                let ends = own(from, &unit, kind).zip(own(to, &unit, kind));
                let ((from, own_unit), (to, _)) = ends.unwrap_or(((from, unit.clone()), (to, unit)));
                Self { path, values: Values::Range { from, to, logarithmic, points }, unit: own_unit }
            }
        }
    }
}

impl Level {
    /// What a network file has stays the same value; decibels stay what they are, so that no digit changes.
    fn in_own_unit(self, kind: NumberKind) -> Self {
        let (number, in_decibels) = match &self.value {
            Value::Number(number) => (number.as_f64().filter(|number| number.is_finite()), false),
            Value::String(text) => (kind.parse(text).ok(), decibels(text).is_some()),
            _ => (None, false),
        };
        match number {
            None => self,
            Some(_) if in_decibels => Self { number, ..self },
            Some(own) => Self { value: amount(own, kind.unit()), number },
        }
    }
}

impl Find {
    fn in_own_unit(self, kind: NumberKind) -> Option<Self> {
        let of = |number: f64| Some(own(number, &self.unit, kind)?.0);
        let (tolerance, unit) = own(self.search.tolerance, &self.unit, kind)?;
        let ends = match self.search.ends {
            Ends::Between(from, to) => Ends::Between(of(from)?, of(to)?),
            Ends::Around(value) => Ends::Around(of(value)?),
        };
        Some(Self { search: Search { ends, tolerance }, unit, ..self })
    }
}

/// A number of `unit` in the network's own unit, with that; none if it is no such number.
fn own(number: f64, unit: &str, kind: NumberKind) -> Option<(f64, String)> {
    if decibels(unit).is_some() {
        return Some((number, DECIBELS.to_owned()));
    }
    let own = kind.parse(&format!("{number} {unit}")).ok()?;
    Some((own, kind.unit().to_owned()))
}

/// A number of an axis, or a threshold, as tables show it: of decibels, the share of the power that is lost.
pub fn shown(number: f64, unit: &str) -> f64 {
    if unit == DECIBELS { 1.0 - number_kind::transmission(number) } else { number }
}

/// The unit in which [`shown`] gives it.
pub fn shown_unit(unit: &str) -> &str {
    if unit == DECIBELS { "" } else { unit }
}

/// A number of `unit` as a network file has it.
pub(super) fn amount(number: f64, unit: &str) -> Value {
    let whole = number.fract() == 0.0 && number.abs() < 9e15;
    match unit {
        // A count must not have a point.
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        "" if whole => (number as i64).into(),
        "" => number.into(),
        unit => format!("{number} {unit}").into(),
    }
}
