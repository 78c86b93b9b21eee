//! What a readout was trained on, as tables: features of every row, and beside them what belongs to it.

use crate::ResultsError;
use crate::tables::{Columns, TableFolder};

/// The tables of one seed, row by row: a row is a symbol of a series, an example otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The seed.
    pub seed: u64,
    /// Number of the row, then the features.
    pub features: Columns,
    /// Number of the row, then what else belongs to it: part, fold, inputs, target.
    pub targets: Columns,
}

impl Exported {
    pub(super) fn write(&self, tables: &TableFolder<'_>) -> Result<(), ResultsError> {
        tables.write_whole(&format!("features_seed{}", self.seed), &self.features)?;
        tables.write_whole(&format!("targets_seed{}", self.seed), &self.targets)
    }
}
