//! A study into its folder: whole, or not at all.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::Exported;
use super::model::MODEL;
use crate::checksums;
use crate::files::{NETWORK, REPORT, SUMMARY};
use crate::folder::{StagingFolder, copy_attachment, write_file, write_input};
use crate::tables::{Column, Columns, TableFolder, Values};
use crate::{ResultsError, WriteOptions};
use qhh_format::hash::sha256;
use qhh_format::yaml::Loaded;
use qhh_lab::learn::features;
use qhh_lab::learn::scores::Mean;
use qhh_lab::learn::study::{Predicted, Summary};

/// A finished study.
#[derive(Debug, Clone)]
pub struct Learned<'a> {
    /// Name of the task.
    pub name: String,
    /// What it shows; may be empty.
    pub description: String,
    /// What was learned and how, in words: topic and sentence.
    pub facts: Vec<(&'static str, String)>,
    /// Seeds it was done with.
    pub seeds: Vec<u64>,
    /// The network.
    pub network: &'a Loaded,
    /// The task as it was typed.
    pub task: String,
    /// Scores and looks.
    pub summary: Summary,
    /// Features of the network.
    pub columns: Vec<features::Column>,
    /// Truth and prediction of the first seed.
    pub predictions: Vec<Predicted>,
    /// Text of the model's file; none where there is none.
    pub model: Option<String>,
    /// What was learned from, seed by seed, if it is to be written.
    pub exports: Vec<Exported>,
    /// Version of the program.
    pub version: String,
    /// Seconds it took.
    pub seconds: f64,
}

/// Name of the table of scores.
pub(super) const SCORES: &str = "scores";
/// Name of the table of predictions.
const PREDICTIONS: &str = "predictions";
pub(super) const TASK: &str = "task.yaml";

/// Writes the folder of a study at `out`.
///
/// # Errors
/// [`ResultsError`]; `out` is then as it was before.
pub fn write<'a>(
    learned: &Learned<'a>,
    options: &WriteOptions<Learned<'a>>,
    out: &Path,
) -> Result<(), ResultsError> {
    let draft = StagingFolder::new(out, options.force)?;
    let folder = draft.path();
    let put = |name: &str, text: &str| write_file(&folder.join(name), text.as_bytes());
    put(NETWORK, &(header(&learned.version) + &learned.network.yaml))?;
    write_input(folder, &learned.network.input)?;
    for attachment in &learned.network.attachments {
        copy_attachment(folder, attachment)?;
    }
    put(TASK, &learned.task)?;
    put(SUMMARY, &summary(learned)?)?;
    let tables = TableFolder::Files { path: folder, format: options.format };
    tables.write_whole(SCORES, &scores(&learned.summary))?;
    if !learned.predictions.is_empty() {
        tables.write_whole(PREDICTIONS, &predictions(learned))?;
    }
    if let Some(model) = &learned.model {
        put(MODEL, model)?;
    }
    learned.exports.iter().try_for_each(|export| export.write(&tables))?;
    if let Some(page) = options.page {
        put(REPORT, &page(learned))?;
    }
    checksums::write(folder)?;
    draft.publish()
}

/// Line that opens the network's file.
pub(super) fn header(version: &str) -> String {
    format!(
        "# The network as qhh {version} learned with it, with the seed of the model and every default spelled out; \
         duration and record are the task's.\n"
    )
}

fn summary(learned: &Learned<'_>) -> Result<String, ResultsError> {
    let cause = |cause| ResultsError::Summary { cause };
    let found = serde_json::to_value(&learned.summary).map_err(cause)?;
    let columns = serde_json::to_value(&learned.columns).map_err(cause)?;
    let settings: Json = learned.facts.iter().map(|(topic, text)| ((*topic).to_owned(), json!(text))).collect();
    let whole = json!({
        "name": learned.name,
        "version": learned.version,
        "network_sha256": sha256(&learned.network.yaml),
        "seeds": learned.seeds,
        "description": learned.description,
        "settings": settings,
        "seconds": learned.seconds,
        "findings": found,
        "features": columns,
    });
    Ok(serde_json::to_string_pretty(&whole).map_err(cause)? + "\n")
}

/// The scores as a table.
pub(super) fn scores(summary: &Summary) -> Columns {
    let (mut learners, mut features, mut named) = (Vec::new(), Vec::new(), Vec::new());
    let (mut means, mut errors) = (Vec::new(), Vec::new());
    for learner in &summary.learners {
        let parts = [
            ("train", learner.train),
            ("validation", learner.validation),
            ("test", learner.test),
            ("network minus this", learner.difference),
        ];
        for (part, score) in parts {
            let Some(Mean { mean, error }) = score else { continue };
            learners.push(learner.name.to_string());
            features.push(learner.features as u64);
            named.push(part.to_owned());
            means.push(mean);
            errors.push(error);
        }
    }
    Columns(vec![
        Column::new("learner", Values::Text(learners)),
        Column::new("features", Values::Count(features)),
        Column::new("part", Values::Text(named)),
        Column::new(summary.score.name(), Values::Number(means)),
        Column::new("error", Values::Optional(errors)),
    ])
}

fn predictions(learned: &Learned<'_>) -> Columns {
    let rows = &learned.predictions;
    let named = |of: fn(&Predicted) -> f64| match learned.summary.classes.as_slice() {
        [] => Values::Number(rows.iter().map(of).collect()),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number of a class")]
        classes => {
            let name = |row| classes.get(of(row) as usize).cloned().unwrap_or_default();
            Values::Text(rows.iter().map(name).collect())
        }
    };
    Columns(vec![
        Column::new("row", Values::Count(rows.iter().map(|row| row.row as u64).collect())),
        Column::new("part", Values::Text(rows.iter().map(|row| row.part.to_owned()).collect())),
        Column::new("truth", named(|row| row.truth)),
        Column::new("prediction", named(|row| row.prediction)),
    ])
}
