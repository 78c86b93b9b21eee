//! What a readout was trained on, as tables.

use nalgebra::DMatrix;
use qhh_lab::learn::dataset::Targets;
use qhh_lab::learn::study::Export;
use qhh_results::learning::Exported;
use qhh_results::tables::{Column, Columns, Values};

/// The tables of one seed.
pub(super) fn tables(export: &Export) -> Exported {
    let n_rows = export.parts.len();
    let rows = || Column::new("row", Values::Count((0..n_rows as u64).collect()));
    let features = columns_of(&export.features, export.columns.iter().map(|column| column.name.clone()));
    let parts = export.parts.iter().map(|part| part.unwrap_or_default().to_owned());
    let folds = export.folds.iter().map(|fold| fold.map(|fold| fold as f64));
    let predicted = (0..n_rows).map(|row| (row + export.horizon) as u64);
    let mut targets = vec![
        rows(),
        Column::new("part", Values::Text(parts.collect())),
        Column::new("fold", Values::Optional(folds.collect())),
        Column::new("predicted_row", Values::Count(predicted.collect())),
    ];
    let channels = export.channels.iter().map(|channel| format!("input {channel}"));
    targets.extend(export.inputs.iter().flat_map(|inputs| columns_of(inputs, channels.clone())));
    let target = match &export.targets {
        Targets::Series(values) => Values::Number(values.column(0).iter().copied().collect()),
        Targets::Classes { names, of } => Values::Text(of.iter().map(|&class| names[class].clone()).collect()),
    };
    targets.push(Column::new("target", target));
    Exported {
        seed: export.seed,
        features: Columns(std::iter::once(rows()).chain(features).collect()),
        targets: Columns(targets),
    }
}

fn columns_of(matrix: &DMatrix<f64>, names: impl Iterator<Item = String>) -> Vec<Column> {
    let columns = names.zip(matrix.column_iter());
    columns.map(|(name, values)| Column::new(name, Values::Number(values.iter().copied().collect()))).collect()
}
