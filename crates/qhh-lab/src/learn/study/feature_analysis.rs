//! What the network's features are good for: learning curves, and groups of features alone and left out.

use super::seed_data::SeedData;
use super::{CurvePoint, Importance, Study};
use crate::learn::dataset::Targets;
use crate::learn::features::{Column, Family, Table};
use crate::learn::readout::Readout;
use crate::learn::scores::{self, Mean};
use crate::learn::{LearnError, Watch};

/// Shares of the training rows of a learning curve.
const SHARES: [f64; 5] = [0.1, 0.2, 0.4, 0.7, 1.0];

/// Looks at every seed, put together.
#[derive(Default)]
pub(super) struct FeatureAnalysis {
    /// For each of the shares, where seeds could be trained on it: scores on those rows and on the validation part.
    curve: [(Vec<f64>, Vec<f64>); SHARES.len()],
    /// Training rows of the last seed.
    rows: usize,
    groups: Vec<Group>,
}

/// Rows that are a share of all, at least two.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn rows_of(share: f64, all: usize) -> usize {
    ((share * all as f64).round() as usize).max(2)
}

struct Group {
    name: String,
    family: Family,
    columns: usize,
    alone: Vec<f64>,
    without: Vec<f64>,
}

impl FeatureAnalysis {
    /// Takes in one seed, with the strength that was chosen for it.
    pub(super) fn take(
        &mut self,
        study: &Study,
        drawn: &SeedData,
        table: &Table,
        strength: f64,
        watch: &mut Watch<'_>,
    ) -> Result<(), LearnError> {
        let method = study.method.with(strength);
        let (targets, parts) = (&drawn.data.targets, &drawn.parts);
        for (share, (train, validation)) in SHARES.into_iter().zip(&mut self.curve) {
            let rows = rows_of(share, parts.train.len());
            let few = &parts.train[..rows.min(parts.train.len())];
            // A few rows may lack a class, or all be alike.
            let Ok(readout) = method.fit(&table.values, targets, few) else { continue };
            train.push(readout.score(&table.values, targets, few));
            validation.push(readout.score(&table.values, targets, &parts.validation));
        }
        self.rows = parts.train.len();
        for (name, family, inside) in groups(&table.columns) {
            watch.go_on()?;
            let outside: Vec<usize> = (0..table.columns.len()).filter(|k| !inside.contains(k)).collect();
            let score = |columns: &[usize]| -> Result<Option<f64>, LearnError> {
                if columns.is_empty() {
                    return Ok(None);
                }
                let values = table.values.select_columns(columns);
                match study.method.fit(&values, targets, &parts.train) {
                    Err(LearnError::NoFeatures) => Ok(None),
                    readout => Ok(Some(readout?.score(&values, targets, &parts.validation))),
                }
            };
            let (alone, without) = (score(&inside)?, score(&outside)?);
            let at = self.groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
                let columns = inside.len();
                self.groups.push(Group { name, family, columns, alone: Vec::new(), without: Vec::new() });
                self.groups.len() - 1
            });
            self.groups[at].alone.extend(alone);
            self.groups[at].without.extend(without);
        }
        Ok(())
    }

    pub(super) fn curve(&self) -> Vec<CurvePoint> {
        let of = |(share, (train, validation)): (f64, &(Vec<f64>, Vec<f64>))| CurvePoint {
            rows: rows_of(share, self.rows),
            train: Mean::of(train),
            validation: Mean::of(validation),
        };
        SHARES.into_iter().zip(&self.curve).filter(|(_, (train, _))| !train.is_empty()).map(of).collect()
    }

    pub(super) fn importances(&self) -> Vec<Importance> {
        let mean = |values: &[f64]| (!values.is_empty()).then(|| Mean::of(values));
        let of = |group: &Group| Importance {
            group: group.name.clone(),
            family: group.family,
            columns: group.columns,
            alone: mean(&group.alone),
            without: mean(&group.without),
        };
        self.groups.iter().map(of).collect()
    }
}

/// Groups of columns: each quantity, and everything of either family where both are there.
fn groups(columns: &[Column]) -> Vec<(String, Family, Vec<usize>)> {
    let mut found: Vec<(String, Family, Vec<usize>)> = Vec::new();
    let mut families: Vec<(String, Family, Vec<usize>)> = Vec::new();
    let put = |into: &mut Vec<(String, Family, Vec<usize>)>, name: &str, family, k| match into
        .iter_mut()
        .find(|group| group.0 == name)
    {
        Some(group) => group.2.push(k),
        None => into.push((name.to_owned(), family, vec![k])),
    };
    for (k, column) in columns.iter().enumerate() {
        put(&mut found, &column.quantity, column.family, k);
        let all = match column.family {
            Family::MeanField => "all mean field",
            Family::Quantum => "all quantum",
        };
        put(&mut families, all, column.family, k);
    }
    if families.len() > 1 && found.len() > 2 {
        found.extend(families);
    }
    if found.len() > 1 { found } else { Vec::new() }
}

/// Adds a seed's test part to the counts of a confusion matrix.
pub(super) fn confuse(counts: &mut Vec<Vec<usize>>, drawn: &SeedData, readout: &Readout, table: &Table) {
    let Targets::Classes { names, of } = &drawn.data.targets else { return };
    let rows = &drawn.parts.test;
    let truth: Vec<usize> = rows.iter().map(|&row| of[row]).collect();
    let found = scores::largest(&readout.predict(&table.values.select_rows(rows)));
    let more = scores::confusion(&truth, &found, names.len());
    if counts.is_empty() {
        *counts = more;
    } else {
        counts.iter_mut().flatten().zip(more.into_iter().flatten()).for_each(|(count, more)| *count += more);
    }
}
