//! What a readout was trained on, for whoever wants to do it again by other means.

use nalgebra::DMatrix;

use super::seed_data::SeedData;
use super::{ScoreKind, Study};
use crate::learn::dataset::{Sequence, Targets};
use crate::learn::features::{Column, Table};
use crate::learn::readout::Method;
use crate::learn::ridge::folds_of;

/// Features, targets and folds of one seed, row by row: a row is a symbol of a series, an example otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The seed.
    pub seed: u64,
    /// The network's features.
    pub columns: Vec<Column>,
    /// Exact values of these, `[row][feature]`.
    pub features: DMatrix<f64>,
    /// Names of the inputs.
    pub channels: Vec<String>,
    /// Inputs of a series, `[row][channel]`; none of examples, which have sequences of them.
    pub inputs: Option<Sequence>,
    /// What is to be predicted.
    pub targets: Targets,
    /// Rows from that of the features to that which is predicted.
    pub horizon: usize,
    /// `train`, `validation` or `test` of each row; none of rows that belong to no part.
    pub parts: Vec<Option<&'static str>>,
    /// Number of the cross-validation's fold in which each training row is held back.
    pub folds: Vec<Option<usize>>,
}

impl Export {
    pub(super) fn of(study: &Study, drawn: &SeedData, table: &Table) -> Self {
        let SeedData { seed, data, parts, .. } = drawn;
        let n_rows = data.n_rows();
        let (mut of_row, mut folds) = (vec![None; n_rows], vec![None; n_rows]);
        // Capacities are measured on all rows.
        if study.score() != ScoreKind::Capacity {
            let named = [("train", &parts.train), ("validation", &parts.validation), ("test", &parts.test)];
            for (name, rows) in named {
                for &row in rows {
                    of_row[row] = Some(name);
                }
            }
            let (Method::Ridge { folds: count, .. } | Method::Logistic { folds: count, .. }) = &study.method;
            for (fold, (_, held)) in folds_of(parts.train.len(), *count).into_iter().enumerate() {
                for place in held {
                    folds[parts.train[place]] = Some(fold);
                }
            }
        }
        let of_series = matches!(data.targets, Targets::Series(_));
        Self {
            seed: *seed,
            columns: table.columns.clone(),
            features: table.values.clone(),
            channels: data.channels.clone(),
            inputs: of_series.then(|| data.sequences[0].clone()),
            targets: data.targets.clone(),
            horizon: data.horizon,
            parts: of_row,
            folds,
        }
    }
}
