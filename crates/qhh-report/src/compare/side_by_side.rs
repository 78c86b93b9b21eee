//! A table of figures, a column for each run, with differences from the first.

use minijinja::{Value, context};
use qhh_core::units::{Dimension, UnitSystem};

use super::super::figures::{Group, Subject};
use qhh_results::number::{join, number, symbol, within};

/// A table, a column for each run.
pub(super) struct Table {
    /// Heading.
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) name: String,
    /// One for each run.
    pub(super) cells: Vec<Option<Cell>>,
    /// What a difference is measured in.
    pub(super) unit: Unit,
}

#[derive(Clone, Copy)]
pub(super) enum Unit {
    Of(Dimension),
    Named(&'static str),
}

/// A figure of one run, in the units shown.
pub(super) struct Cell {
    pub(super) value: f64,
    pub(super) error: Option<f64>,
    pub(super) note: &'static str,
}

impl Cell {
    pub(super) fn exact(value: f64) -> Self {
        Self { value, error: None, note: "" }
    }

    pub(super) fn sampled(value: f64, error: f64, note: &'static str) -> Option<Self> {
        value.is_finite().then_some(Self { value, error: Some(error), note })
    }
}

impl Table {
    /// The table for the template, in the units shown: the rows that more than one run has; none without.
    pub(super) fn told(mut self, units: UnitSystem) -> Option<Value> {
        self.rows.retain(|row| row.cells.iter().flatten().count() > 1);
        let rows: Vec<Value> = self.rows.iter().map(|row| row.told(units)).collect();
        (!rows.is_empty()).then(|| context! { title => self.title, lead => self.lead, rows })
    }
}

impl Row {
    /// A row without values yet.
    pub(super) fn new(name: String, runs: usize, unit: Unit) -> Self {
        Self { name, cells: (0..runs).map(|_| None).collect(), unit }
    }

    /// The value of each subject, in the column of its run.
    pub(super) fn of(
        name: String,
        runs: usize,
        group: &Group<'_>,
        unit: Unit,
        cell: impl Fn(&Subject<'_>) -> Option<Cell>,
    ) -> Self {
        let mut row = Self::new(name, runs, unit);
        for subject in &group.subjects {
            row.cells[subject.colour] = cell(subject);
        }
        row
    }

    fn told(&self, units: UnitSystem) -> Value {
        let first = self.cells.first().and_then(Option::as_ref);
        let cells = self.cells.iter().enumerate().map(|(k, cell)| {
            let Some(cell) = cell else { return context! { value => "–" } };
            let shown = cell.error.map_or_else(|| number(cell.value, 4), |error| within(cell.value, error));
            context! {
                value => self.with_unit(units, &shown),
                note => (!cell.note.is_empty()).then_some(cell.note),
                change => first.filter(|_| k > 0).map(|first| self.change(units, first, cell)),
            }
        });
        context! { name => self.name.as_str(), cells => cells.collect::<Vec<Value>>() }
    }

    fn with_unit(&self, units: UnitSystem, shown: &str) -> String {
        match self.unit {
            Unit::Of(dimension) => join(shown, &symbol(units, dimension)),
            Unit::Named(unit) => join(shown, unit),
        }
    }

    /// The difference from the first run; in standard errors too where there are any.
    fn change(&self, units: UnitSystem, first: &Cell, cell: &Cell) -> String {
        let change = cell.value - first.value;
        if change == 0.0 {
            return "same".to_owned();
        }
        let sign = if change > 0.0 { "+" } else { "" };
        let text = format!("{sign}{}", self.with_unit(units, &number(change, 3)));
        let error = first.error.unwrap_or(0.0).hypot(cell.error.unwrap_or(0.0));
        if error > 0.0 { format!("{text}, {}\u{a0}σ", number(change.abs() / error, 2)) } else { text }
    }
}
