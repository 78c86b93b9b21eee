//! What a readout was trained on, as tables.

use qhh_io::learning::Exported;
use qhh_lab::learn::dataset::Targets;
use qhh_lab::learn::study::Export;

/// The tables of one seed.
pub(super) fn tables(export: &Export) -> Exported {
    let rows = 0..export.parts.len();
    let features = rows.clone().map(|row| export.features.row(row).iter().copied().collect());
    let mut titles: Vec<String> = ["part", "fold", "predicted_row"].map(str::to_owned).to_vec();
    let inputs = export.inputs.as_ref();
    titles.extend(inputs.iter().flat_map(|_| &export.channels).map(|channel| format!("input {channel}")));
    titles.push("target".to_owned());
    let targets = rows.map(|row| {
        let fold = export.folds[row].map_or_else(String::new, |fold| fold.to_string());
        let mut cells = vec![export.parts[row].unwrap_or_default().to_owned(), fold];
        cells.push((row + export.horizon).to_string());
        cells.extend(
            inputs.iter().flat_map(|inputs| inputs.row(row).iter().map(f64::to_string).collect::<Vec<_>>()),
        );
        cells.push(match &export.targets {
            Targets::Series(values) => values[(row, 0)].to_string(),
            Targets::Classes { names, of } => names[of[row]].clone(),
        });
        cells
    });
    Exported {
        seed: export.seed,
        columns: export.columns.iter().map(|column| column.name.clone()).collect(),
        features: features.collect(),
        titles,
        targets: targets.collect(),
    }
}
