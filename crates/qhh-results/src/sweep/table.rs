//! The table of a sweep: a row for each run, in the order of the design.

use serde::{Deserialize, Serialize};

use super::journal::{Finished, Status};
use crate::tables::{Column, Columns, Values};

/// What was varied, what was measured, and what became of every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepTable {
    /// What was varied.
    pub axes: Vec<AxisColumn>,
    /// What was measured.
    pub measures: Vec<MeasureColumn>,
    /// The runs in order: point by point, each with its repeats.
    pub rows: Vec<SweepRow>,
}

/// One axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AxisColumn {
    /// Path of the varied entry.
    pub path: String,
    /// Unit of its numbers: the network's own, whatever they were typed in; may be empty.
    pub unit: String,
    /// Its values as words, by their place, where they are no numbers.
    pub words: Option<Vec<String>>,
    /// Whether its values lie at even ratios.
    pub logarithmic: bool,
}

/// Name of the measure that counts the runs of a search.
pub const SEARCH_RUNS: &str = "search_runs";

/// One measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureColumn {
    /// Its name.
    pub name: String,
    /// Unit of its numbers; may be empty.
    pub unit: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepRow {
    /// Number of the point.
    pub place: usize,
    /// Number of the repeat.
    pub repeat: usize,
    /// Its seed.
    pub seed: u64,
    /// Value on each axis: its number, or the place of its word.
    pub coordinates: Vec<f64>,
    /// What became of it.
    pub finished: Finished,
    /// Folder of the run within the sweep's, if it was kept.
    pub folder: Option<String>,
}

impl AxisColumn {
    /// A value as text.
    pub fn text(&self, value: f64) -> String {
        match &self.words {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
            Some(words) => words.get(value as usize).cloned().unwrap_or_default(),
            None => format!("{value} {}", self.unit).trim_end().to_owned(),
        }
    }

    /// Name of its column.
    pub fn title(&self) -> String {
        titled(&self.path, &self.unit)
    }

    /// The end of its path, for legends: `axon.delay`.
    pub fn short(&self) -> &str {
        let dot = self.path.rmatch_indices('.').nth(1);
        dot.map_or(self.path.as_str(), |(at, _)| &self.path[at + 1..])
    }
}

impl MeasureColumn {
    /// Name of its column.
    pub fn title(&self) -> String {
        titled(&self.name, &self.unit)
    }
}

fn titled(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

impl SweepTable {
    /// Rows that ended so.
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.finished.status == status).count()
    }

    /// Runs that searches for a threshold made, those without one aside; none of a sweep that searches nothing.
    pub fn search_runs(&self) -> Option<usize> {
        let place = self.measures.iter().position(|measure| measure.name == SEARCH_RUNS)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of runs")]
        let runs = self.rows.iter().filter_map(|row| row.value(place)).sum::<f64>() as usize;
        Some(runs)
    }

    /// The table as columns. A measure is missing where its run has none.
    pub(super) fn columns(&self) -> Columns {
        fn each<T>(rows: &[SweepRow], of: impl Fn(&SweepRow) -> T) -> Vec<T> {
            rows.iter().map(of).collect()
        }
        let rows = &self.rows;
        let count = |name: &str, of: fn(&SweepRow) -> u64| Column::new(name, Values::Count(each(rows, of)));
        let text = |name: &str, of: fn(&SweepRow) -> String| Column::new(name, Values::Text(each(rows, of)));
        let mut columns = vec![count("point", |row| row.place as u64)];
        columns.extend(self.axes.iter().enumerate().map(|(k, axis)| {
            let values = if axis.words.is_some() {
                Values::Text(each(rows, |row| axis.text(row.coordinates[k])))
            } else {
                Values::Number(each(rows, |row| row.coordinates[k]))
            };
            Column::new(axis.title(), values)
        }));
        columns.push(count("repeat", |row| row.repeat as u64));
        columns.push(count("seed", |row| row.seed));
        columns.push(text("status", |row| row.finished.status.name().to_owned()));
        columns.extend(
            self.measures.iter().enumerate().map(|(k, measure)| {
                Column::new(measure.title(), Values::Optional(each(rows, |row| row.value(k))))
            }),
        );
        columns.push(count("failed_checks", |row| row.finished.failed_checks as u64));
        columns.push(text("error", |row| row.finished.error.clone()));
        Columns(columns)
    }
}

impl SweepRow {
    /// The number of a measure, if the run has one.
    pub fn value(&self, measure: usize) -> Option<f64> {
        self.finished.values.get(measure).copied().filter(|value| !value.is_nan())
    }
}
