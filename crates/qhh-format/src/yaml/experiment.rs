//! The `experiment:` block, resolved: many runs of one network. Plain data; how points are laid and runs measured is
//! not known here.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::emit;

/// Many runs of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What is varied, in the order of the file.
    pub axes: Vec<Axis>,
    /// How points are laid.
    pub design: Design,
    /// Runs of each point; at least 1.
    pub repeats: usize,
    /// Names of what each run is summed up by.
    pub measures: Vec<String>,
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
    pub values: Values,
    /// Unit of the values, as typed; empty for bare numbers and words.
    pub unit: String,
}

/// Values of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// These.
    List(Vec<Level>),
    /// From the first to the last.
    Range {
        /// First, in the axis's unit.
        from: f64,
        /// Last.
        to: f64,
        /// Whether ratios are even in place of distances.
        logarithmic: bool,
        /// How many; 0 where the design draws them.
        points: usize,
    },
}

/// One value of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// As a network file has it.
    pub(super) value: Value,
    /// Its number, in the axis's unit; none of a list whose values are words or maps, or differ in unit.
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

/// How points are laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// Every value with every other.
    Grid,
    /// Side by side.
    Zip,
    /// So many, drawn evenly.
    Random(usize),
    /// So many of a Sobol sequence.
    Sobol(usize),
}

/// A threshold along one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Find {
    /// Path of the value.
    pub path: String,
    /// Where to search.
    pub ends: Ends,
    /// Unit of the ends, as typed.
    pub unit: String,
    /// What holds at one end and not at the other.
    pub condition: String,
    /// Width of the interval that is good enough.
    pub tolerance: f64,
}

/// Where a threshold is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ends {
    /// Between two values.
    Between(f64, f64),
    /// Around the file's own value, halving and doubling it.
    Around(f64),
}

impl Experiment {
    /// Whether it is more than one run.
    pub fn is_many(&self) -> bool {
        !self.axes.is_empty() || self.repeats > 1 || self.find.is_some()
    }
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
