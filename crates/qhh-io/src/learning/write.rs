//! A study into its folder: whole, or not at all.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::model::MODEL;
use super::summary::{Mean, Predicted, Summary};
use super::{Column, Exported, page};
use crate::hash::sha256;
use crate::results::ResultsError;
use crate::results::checksums;
use crate::results::files::{NETWORK, REPORT, SUMMARY};
use crate::results::folder::Draft;
use crate::results::write::{copy_attachment, write_file};
use crate::yaml::Loaded;

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
    pub columns: Vec<Column>,
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

pub(super) const SCORES: &str = "scores.csv";
const PREDICTIONS: &str = "predictions.csv";
pub(super) const TASK: &str = "task.yaml";

/// Writes the folder of a study at `out`; with `force` it may replace results that stand there.
///
/// # Errors
/// [`ResultsError`]; `out` is then as it was before.
pub fn write(learned: &Learned<'_>, report: bool, force: bool, out: &Path) -> Result<(), ResultsError> {
    let draft = Draft::new(out, force)?;
    let folder = draft.path();
    let put = |name: &str, text: &str| write_file(&folder.join(name), text.as_bytes());
    put(NETWORK, &(header(&learned.version) + &learned.network.yaml))?;
    for attachment in &learned.network.attachments {
        copy_attachment(folder, attachment)?;
    }
    put(TASK, &learned.task)?;
    put(SUMMARY, &summary(learned)?)?;
    put(SCORES, &scores(&learned.summary))?;
    if !learned.predictions.is_empty() {
        put(PREDICTIONS, &predicted(learned))?;
    }
    if let Some(model) = &learned.model {
        put(MODEL, model)?;
    }
    for (name, text) in learned.exports.iter().flat_map(Exported::files) {
        put(&name, &text)?;
    }
    if report {
        put(REPORT, &page::html(learned))?;
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

pub(super) fn scores(summary: &Summary) -> String {
    let mut text = format!("learner,features,part,{},error\n", summary.score);
    for learner in &summary.learners {
        let parts = [
            ("train", learner.train),
            ("validation", learner.validation),
            ("test", learner.test),
            ("network minus this", learner.difference),
        ];
        for (part, score) in parts {
            let Some(Mean { mean, error }) = score else { continue };
            let error = error.map_or_else(String::new, |error| error.to_string());
            let _ = writeln!(text, "{},{},{part},{mean},{error}", learner.name, learner.features);
        }
    }
    text
}

fn predicted(learned: &Learned<'_>) -> String {
    let mut text = "row,part,truth,prediction\n".to_owned();
    for Predicted { row, part, truth, prediction } in &learned.predictions {
        let name = |value: f64| named(&learned.summary.classes, value);
        let _ = writeln!(text, "{row},{part},{},{}", name(*truth), name(*prediction));
    }
    text
}

/// The name of a class by its number; any number where there are no classes.
fn named(classes: &[String], value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number of a class")]
    let class = classes.get(value as usize);
    class.map_or_else(|| value.to_string(), |name| cell(name))
}

/// A text as a cell of a CSV table.
pub(super) fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The table of what a model said: `row` and `prediction`.
pub fn predictions_csv(rows: impl Iterator<Item = (usize, String)>) -> String {
    rows.fold("row,prediction\n".to_owned(), |text, (row, prediction)| {
        text + &format!("{row},{}\n", cell(&prediction))
    })
}
