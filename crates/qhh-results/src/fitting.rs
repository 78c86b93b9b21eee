//! What a fit leaves: the folder that `qhh fit` writes.
//!
//! | file | holds |
//! | --- | --- |
//! | `fitted.yaml` | the network with the best values found, as a network file; beside it the files it refers to |
//! | `history` | the objective and the values after each iteration |
//! | `fit_traces` | voltages of the first example before and after |
//! | `summary.json` | what was fitted and what came of it: [`Fitted`] |
//! | `network.yaml`, `task.yaml` | the network as it was, the fit as it was typed |

use std::path::Path;

use qhh_format::yaml::Attachment;
use serde::Serialize;

use crate::files::{NETWORK, REPORT, SUMMARY, network_header};
use crate::folder::{Mark, StagingFolder, copy_attachment, write_file, write_input};
use crate::tables::{Column, Columns, TableFolder, Values};
use crate::{ResultsError, WriteOptions, checksums};

/// Name of the file by which the folder is known.
pub(crate) const FITTED: &str = "fitted.yaml";
const TASK: &str = "task.yaml";

/// A finished fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fitted {
    /// Version of the program.
    pub version: String,
    /// Name of the fit.
    pub name: String,
    /// What it shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Seed.
    pub seed: u64,
    /// Number of examples trained on, and held out.
    pub examples: [usize; 2],
    /// What was trained.
    pub parameters: Vec<FittedParameter>,
    /// The objective before and after.
    pub objective: [f64; 2],
    /// The same of the examples held out, if there are any.
    pub validation: Option<[f64; 2]>,
    /// Part of the examples that are classified rightly, before and after; of classes alone.
    pub accuracy: Option<[f64; 2]>,
    /// The same of the examples held out.
    pub validation_accuracy: Option<[f64; 2]>,
    /// Iteration that was the best.
    pub best_iteration: usize,
    /// Iterations made.
    pub iterations: usize,
    /// Evaluations of the objective, with slopes or without.
    pub evaluations: usize,
    /// Why it ended.
    pub ended: String,
    /// After each iteration.
    #[serde(skip)]
    pub history: Vec<FitStep>,
    /// Voltages before and after.
    #[serde(skip)]
    pub traces: Vec<FitTrace>,
    /// Units of times and voltages.
    #[serde(skip)]
    pub units: [String; 2],
    /// Seconds it took.
    #[serde(skip)]
    pub seconds: f64,
}

/// A trained number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedParameter {
    /// Its path in the network file.
    pub path: String,
    /// Its unit there.
    pub unit: String,
    /// Its bounds.
    pub bounds: Option<[f64; 2]>,
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
}

/// An iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct FitStep {
    /// Its number, from 0 for the start.
    pub iteration: u64,
    /// Evaluations until then.
    pub evaluations: u64,
    /// The objective.
    pub train: f64,
    /// That of the examples held out.
    pub validation: Option<f64>,
    /// Part of the examples that are classified rightly.
    pub accuracy: Option<f64>,
    /// That of those held out.
    pub validation_accuracy: Option<f64>,
    /// The trained numbers.
    pub values: Vec<f64>,
}

/// Voltages of a neuron in the first example.
#[derive(Debug, Clone, PartialEq)]
pub struct FitTrace {
    /// The neuron.
    pub neuron: String,
    /// Times.
    pub times: Vec<f64>,
    /// Voltages before.
    pub before: Vec<f64>,
    /// Voltages after.
    pub after: Vec<f64>,
    /// Target voltages at times.
    pub target: Vec<(f64, f64)>,
    /// Target times of spikes.
    pub spikes: Vec<f64>,
}

/// Texts and files that go into the folder beside what is in [`Fitted`].
#[derive(Debug, Clone, Copy)]
pub struct FitFiles<'a> {
    /// The resolved network before.
    pub network: &'a str,
    /// The network file as it was typed.
    pub input: &'a str,
    /// The resolved network after.
    pub fitted: &'a str,
    /// The fit as it was typed.
    pub task: &'a str,
    /// Files the network refers to.
    pub attachments: &'a [Attachment],
}

/// By which files the folder of a fit is known that another may replace.
pub(crate) fn replaceable(force: bool) -> Option<Mark> {
    force.then_some(&[SUMMARY, FITTED])
}

impl Fitted {
    /// Writes the folder at `out`: whole, or not at all.
    ///
    /// # Errors
    /// [`ResultsError`]; `out` is then as it was before.
    pub fn write(
        &self,
        files: FitFiles<'_>,
        options: &WriteOptions<Self>,
        out: &Path,
    ) -> Result<(), ResultsError> {
        options.format.require()?;
        let draft = StagingFolder::replacing(out, replaceable(options.force))?;
        let folder = draft.path();
        let tables = TableFolder::Files { path: folder, format: options.format };
        self.tables().iter().try_for_each(|(name, columns)| tables.write_whole(name, columns))?;
        let mut summary = serde_json::to_string_pretty(self).map_err(|cause| ResultsError::Summary { cause })?;
        summary.push('\n');
        let put = |name: &str, text: &str| write_file(&folder.join(name), text.as_bytes());
        put(SUMMARY, &summary)?;
        put(NETWORK, &(network_header(&self.version) + files.network))?;
        write_input(folder, files.input)?;
        put(FITTED, &format!("# The network with the values that `qhh fit` found.\n{}", files.fitted))?;
        put(TASK, files.task)?;
        for attachment in files.attachments {
            copy_attachment(folder, attachment)?;
        }
        if let Some(page) = options.page {
            put(REPORT, &page(self))?;
        }
        checksums::write(folder)?;
        draft.publish()
    }

    /// The tables of the folder by name.
    pub fn tables(&self) -> Vec<(String, Columns)> {
        let mut tables = vec![("history".to_owned(), self.history())];
        if !self.traces.is_empty() {
            tables.push(("fit_traces".to_owned(), self.traces()));
        }
        tables
    }

    fn history(&self) -> Columns {
        let of =
            |value: &dyn Fn(&FitStep) -> Option<f64>| Values::Optional(self.history.iter().map(value).collect());
        let count = |value: &dyn Fn(&FitStep) -> u64| Values::Count(self.history.iter().map(value).collect());
        let mut columns = vec![
            Column::new("iteration", count(&|step| step.iteration)),
            Column::new("evaluations", count(&|step| step.evaluations)),
            Column::new("train", Values::Number(self.history.iter().map(|step| step.train).collect())),
        ];
        if self.validation.is_some() {
            columns.push(Column::new("validation", of(&|step| step.validation)));
        }
        if self.accuracy.is_some() {
            columns.push(Column::new("accuracy", of(&|step| step.accuracy)));
        }
        if self.validation_accuracy.is_some() {
            columns.push(Column::new("validation_accuracy", of(&|step| step.validation_accuracy)));
        }
        for (k, parameter) in self.parameters.iter().enumerate() {
            let values = self.history.iter().map(|step| step.values[k]).collect();
            columns.push(Column::new(parameter.path.as_str(), Values::Number(values)));
        }
        Columns(columns)
    }

    fn traces(&self) -> Columns {
        let mut columns = Vec::new();
        for (k, trace) in self.traces.iter().enumerate() {
            if k == 0 {
                columns.push(Column::new("t", Values::Number(trace.times.clone())));
            }
            columns.push(Column::new(format!("{}.before", trace.neuron), Values::Number(trace.before.clone())));
            columns.push(Column::new(format!("{}.after", trace.neuron), Values::Number(trace.after.clone())));
        }
        Columns(columns)
    }
}
