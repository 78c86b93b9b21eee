//! What a readout was trained on, as CSV tables: features of every row, and beside them what belongs to it.

use std::fmt::Write as _;

use super::write::cell;

/// The tables of one seed, row by row: a row is a symbol of a series, an example otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The seed.
    pub seed: u64,
    /// Names of the features.
    pub columns: Vec<String>,
    /// `[row][feature]`.
    pub features: Vec<Vec<f64>>,
    /// Names of what else belongs to a row.
    pub titles: Vec<String>,
    /// `[row][title]`.
    pub targets: Vec<Vec<String>>,
}

impl Exported {
    /// Names of the files and their texts.
    pub(super) fn files(&self) -> [(String, String); 2] {
        let features = self.features.iter().map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>());
        [
            (format!("features_seed{}.csv", self.seed), table(&self.columns, features)),
            (format!("targets_seed{}.csv", self.seed), table(&self.titles, self.targets.iter().cloned())),
        ]
    }
}

fn table(titles: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",");
    let mut text = format!("row,{}\n", line(titles));
    for (number, row) in rows.enumerate() {
        let _ = writeln!(text, "{number},{}", line(&row));
    }
    text
}
