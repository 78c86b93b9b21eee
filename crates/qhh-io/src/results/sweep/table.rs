//! The table of a sweep: a row for each run, in the order of the design.

use std::path::Path;

use super::journal::{Finished, Status};
use crate::results::table::TableWriter;
use crate::results::{Format, ResultsError};

/// What was varied, what was measured, and what became of every run.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepTable {
    /// What was varied.
    pub axes: Vec<AxisColumn>,
    /// What was measured.
    pub measures: Vec<MeasureColumn>,
    /// The runs in order: point by point, each with its repeats.
    pub rows: Vec<SweepRow>,
}

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisColumn {
    /// Path of the varied entry.
    pub path: String,
    /// Unit of its numbers, as typed; may be empty.
    pub unit: String,
    /// Its values as words, by their place, where they are no numbers.
    pub words: Option<Vec<String>>,
    /// Whether its values lie at even ratios.
    pub logarithmic: bool,
}

/// Name of the measure that counts the runs of a search.
pub const SEARCH_RUNS: &str = "search_runs";

/// One measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureColumn {
    /// Its name.
    pub name: String,
    /// Unit of its numbers; may be empty.
    pub unit: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
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

    /// Titles of the columns that hold numbers in every row, and how to read them.
    fn header(&self) -> Vec<String> {
        let axes = self.axes.iter().map(AxisColumn::title);
        let measures = self.measures.iter().map(MeasureColumn::title);
        let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut header = fixed(&["point"]);
        header.extend(axes);
        header.extend(fixed(&["repeat", "seed", "status"]));
        header.extend(measures);
        header.extend(fixed(&["failed_checks", "error"]));
        header
    }

    /// Writes the table as a file that is not there yet.
    pub(super) fn write(&self, path: &Path, format: Format) -> Result<(), ResultsError> {
        match format {
            Format::Csv => self.write_csv(path),
            Format::Parquet => self.write_parquet(path),
        }
    }

    fn write_csv(&self, path: &Path) -> Result<(), ResultsError> {
        let mut table = TableWriter::create(path.to_owned(), self.header(), None)?;
        for row in &self.rows {
            table.text(&row.place.to_string())?;
            for (axis, &value) in self.axes.iter().zip(&row.coordinates) {
                match axis.words {
                    Some(_) => table.text(&axis.text(value))?,
                    None => table.number(value)?,
                }
            }
            table.text(&row.repeat.to_string())?;
            table.text(&row.seed.to_string())?;
            table.text(row.finished.status.name())?;
            for place in 0..self.measures.len() {
                match row.value(place) {
                    Some(value) if value.is_finite() => table.number(value)?,
                    Some(infinite) => table.text(&infinite.to_string())?,
                    None => table.text("")?,
                }
            }
            table.text(&row.finished.failed_checks.to_string())?;
            table.text(&row.finished.error)?;
            table.end_row()?;
        }
        table.finish()
    }

    /// Numbers alone: a status by its place in [`Status::ALL`], a word by its place in the axis, no errors.
    #[cfg(feature = "parquet")]
    fn write_parquet(&self, path: &Path) -> Result<(), ResultsError> {
        let mut names = self.header();
        names.pop();
        let of = |number: &dyn Fn(&SweepRow) -> f64| self.rows.iter().map(number).collect::<Vec<f64>>();
        let status = |row: &SweepRow| Status::ALL.iter().position(|one| *one == row.finished.status);
        let mut columns = vec![of(&|row| row.place as f64)];
        columns.extend((0..self.axes.len()).map(|axis| of(&|row| row.coordinates[axis])));
        columns.push(of(&|row| row.repeat as f64));
        columns.push(of(&|row| row.seed as f64));
        columns.push(of(&|row| status(row).unwrap_or_default() as f64));
        columns.extend((0..self.measures.len()).map(|place| of(&|row| row.value(place).unwrap_or(f64::NAN))));
        columns.push(of(&|row| row.finished.failed_checks as f64));
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        crate::results::parquet::write(path, &names, &columns, false, None)
    }

    #[cfg(not(feature = "parquet"))]
    #[expect(clippy::unused_self, reason = "the other build needs it")]
    fn write_parquet(&self, _: &Path) -> Result<(), ResultsError> {
        Err(ResultsError::NoParquet)
    }
}

impl SweepRow {
    /// The number of a measure, if the run has one.
    pub fn value(&self, measure: usize) -> Option<f64> {
        self.finished.values.get(measure).copied().filter(|value| !value.is_nan())
    }
}
