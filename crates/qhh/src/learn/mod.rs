//! Training readouts of a network's features, measuring them against baselines, and predicting with them.

mod export;
mod facts;
mod predict;
mod reservoir;
mod warnings;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use qhh_core::stop;
use qhh_format::task::{self, Layout, Task};
use qhh_lab::learn::features::Column;
use qhh_lab::learn::model::Model as Trained;
use qhh_lab::learn::study::{Findings, Predicted, Study, Summary};
use qhh_lab::learn::{LearnError, RunCache, Watch};
use qhh_net::Warning;
use qhh_net::engine::{Progress, Stage};
use qhh_results::WriteOptions;
use qhh_results::learning::{Learned, model};
use qhh_results::unfinished::{Intent, LearnIntent, Spent, Unfinished, fingerprint};
use serde::{Deserialize, Serialize};

pub use predict::{Model, Prediction};
pub use reservoir::Reservoir;

use crate::cost::Stopwatch;
use crate::network::folder_name;
use crate::response_cache::ResponseCache;
use crate::tasks::{self, Origin};
use crate::text::{counted, threads};
use crate::{CheckpointInterval, Error, FolderSettings, LoadOptions, RunObserver, RunSettings, resources};

/// What a model's file holds.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// How its inputs stand in a file.
    layout: Layout,
    /// The model.
    model: Trained,
}

/// What a network is to learn: a task file, checked.
#[derive(Debug, Clone)]
pub struct LearningTask {
    task: Task,
    origin: Origin,
    /// Of the task itself.
    warnings: Vec<Warning>,
}

/// What a study came to: scores of the network and its baselines, and the trained model of the first seed.
#[derive(Debug, Clone, Serialize)]
pub struct LearningResult {
    /// Name of the task.
    pub name: String,
    /// Seeds it was done with.
    pub seeds: Vec<u64>,
    /// Scores, and what features are good for.
    pub summary: Summary,
    /// Features of the network.
    pub features: Vec<Column>,
    /// Truth and prediction of the first seed.
    pub predictions: Vec<Predicted>,
    /// Text of the model's file; none where nothing could be learned.
    pub model: Option<String>,
    /// The report: an HTML page, complete in itself; empty where none was written into the folder.
    #[serde(skip)]
    pub report: String,
}

impl LearningTask {
    /// Reads a task file; its network and data are files beside it.
    ///
    /// # Errors
    /// [`Error::Network`] with every mistake and its place; [`Error::Resources`] if there is no memory for the network.
    pub fn load(file: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, Error> {
        let file = file.as_ref();
        Self::checked(task::load(file, &options.reading())?, Origin::file(file, options))
    }

    /// A task from the text of its file. `name` stands for the file in messages; network and data are files beside it.
    ///
    /// # Errors
    /// As [`LearningTask::load`].
    pub fn from_text(name: impl AsRef<Path>, text: &str, options: &LoadOptions) -> Result<Self, Error> {
        let name = name.as_ref();
        Self::checked(task::load_text(name, text, &options.reading())?, Origin::text(name, options))
    }

    fn checked(task: Task, origin: Origin) -> Result<Self, Error> {
        resources::for_run(&task.network.network)?;
        let warnings = warnings::of(&task);
        Ok(Self { task, origin, warnings })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.task.study.name
    }

    /// Folder of the results unless another is given.
    pub fn folder_name(&self) -> String {
        folder_name(&self.task.study.name)
    }

    /// Where its network was read.
    pub fn network_file(&self) -> &Path {
        &self.task.network_file
    }

    /// What is learned and how: topic and sentence.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        facts::facts(&self.task)
    }

    /// What its network says that can run but is hardly meant.
    pub fn warnings(&self) -> &[Warning] {
        &self.task.network.warnings
    }

    /// What of the task itself can be learned but is hardly meant; paths are those of its file.
    pub fn task_warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Learns, and keeps what comes out in memory.
    ///
    /// # Errors
    /// [`Error::Network`] of a task that its network cannot learn, with the place; [`Error::Learn`], [`Error::Resources`] or
    /// [`Error::Cancelled`].
    pub fn learn(&self, settings: &RunSettings, observer: &mut dyn RunObserver) -> Result<LearningResult, Error> {
        settings.within(|| {
            let stopwatch = Stopwatch::start(Spent::default());
            let study = &self.task.study;
            resources::for_learning(study, threads(settings.threads))?;
            let findings = watched(self.name(), settings.threads, observer, None, |watch| study.run(watch));
            let findings = findings.map_err(|error| placed(&self.task, error))?;
            let learned = learned(
                self,
                &self.origin.intent(&self.task.text, &FolderSettings::default(), false),
                findings,
                stopwatch.seconds(),
            )?;
            let report = qhh_report::learned_page(&learned);
            Ok(LearningResult::new(learned, report))
        })
    }

    /// Learns, and writes what comes out into the folder `out`, as the command line does; what the network has responded
    /// is kept on the way in `out.unfinished`. With `export` the tables that were learned from are written as well.
    ///
    /// # Errors
    /// As [`LearningTask::learn`]; [`Error::Folder`], [`Error::Writing`], [`Error::KeptWriting`], and
    /// [`Error::RunCancelled`] if it can be resumed.
    pub fn learn_into(
        &self,
        out: &Path,
        settings: &RunSettings,
        folder: &FolderSettings,
        export: bool,
        observer: &mut dyn RunObserver,
    ) -> Result<LearningResult, Error> {
        settings.within(|| {
            let _claim = folder.claim(out)?;
            let intent = self.origin.intent(&self.task.text, folder, export);
            let interval = &folder.checkpoint_interval;
            Job { task: self, out, intent, interval, threads: settings.threads }.go_on(None, observer)
        })
    }
}

/// Goes on with learning that was stopped; the caller has claimed `out`.
pub(crate) fn resume(
    unfinished: Unfinished,
    intent: LearnIntent,
    out: &Path,
    (settings, interval): (&RunSettings, Option<&CheckpointInterval>),
    observer: &mut dyn RunObserver,
) -> Result<LearningResult, Error> {
    let options = tasks::options(&intent);
    let task = match &intent.text {
        Some(text) => LearningTask::from_text(&intent.task, text, &options)?,
        None => LearningTask::load(&intent.task, &options)?,
    };
    for warning in task.warnings() {
        observer.warning(&format!("{}: {warning}", task.network_file().display()));
    }
    let interval = &CheckpointInterval::again(interval, &intent.every, unfinished.path())?;
    Job { task: &task, out, intent, interval, threads: settings.threads }.go_on(Some(unfinished), observer)
}

/// What is learned, and what becomes of it.
struct Job<'a> {
    task: &'a LearningTask,
    out: &'a Path,
    intent: LearnIntent,
    interval: &'a CheckpointInterval,
    threads: usize,
}

impl Job<'_> {
    fn go_on(
        self,
        unfinished: Option<Unfinished>,
        observer: &mut dyn RunObserver,
    ) -> Result<LearningResult, Error> {
        let Self { task, out, intent, interval, threads: asked } = self;
        let stopwatch = Stopwatch::start(Spent::default());
        let name = task.name();
        let study = Study { export: intent.export, ..task.task.study.clone() };
        resources::for_learning(&study, threads(asked))?;
        // All that the findings depend on, data and network included, stands in the study.
        let fingerprint = fingerprint(&study);
        let mut cache =
            ResponseCache::new(out, (name, &fingerprint), Intent::Learn(intent.clone()), interval, unfinished)?;
        if cache.known() > 0 {
            let known = counted(cache.known(), "answer");
            observer.note(&format!("{name}: goes on after {known} of the network"));
        }
        let findings = watched(name, asked, observer, Some(&mut cache), |watch| study.run(watch));
        let findings = match findings {
            Err(Error::Cancelled) => return Err(cache.stopped(observer)),
            findings => findings.map_err(|error| placed(&task.task, error))?,
        };
        let LearnIntent { format, report, force, .. } = intent;
        let page = report.then_some(qhh_report::learned_page as fn(&Learned<'_>) -> String);
        let options = WriteOptions { format, page, force };
        let written = stop::unless_stopped(|| {
            let learned = learned(task, &intent, findings, stopwatch.seconds())?;
            let written = qhh_results::learning::write(&learned, &options, out);
            // The page is in the folder, if it is anywhere.
            Ok::<_, Error>((LearningResult::new(learned, String::new()), written))
        });
        let Ok(written) = written else { return Err(cache.stopped(observer)) };
        let (result, written) = written?;
        if let Err(cause) = written {
            return Err(cache.instead_of_results(cause, observer));
        }
        cache.done(observer);
        let report = fs::read_to_string(out.join(qhh_results::REPORT)).unwrap_or_default();
        Ok(LearningResult { report, ..result })
    }
}

/// An error with its place in the file of the task, where it can be mended there.
fn placed(task: &Task, error: Error) -> Error {
    let Error::Learn { cause, .. } = &error else { return error };
    let Some(entry) = cause.entry() else { return error };
    task.mistake(&[entry], &cause.to_string(), cause.remedy().unwrap_or_default()).into()
}

/// Does something long with progress, and a memory if there is one, until it is done or cancelled.
fn watched<T>(
    name: &str,
    threads: usize,
    observer: &mut dyn RunObserver,
    memory: Option<&mut dyn RunCache>,
    work: impl FnOnce(&mut Watch<'_>) -> Result<T, LearnError>,
) -> Result<T, Error> {
    /// A share as a count, for the progress.
    const TOTAL: u64 = 1_000_000;
    observer.begin(name);
    let mut watching = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let done = (share * TOTAL as f64) as u64;
        let flow = observer.progress(Progress { stage: Stage::MeanField, done, total: TOTAL, time: 0.0 });
        if stop::is_requested() { ControlFlow::Break(()) } else { flow }
    };
    let mut watch = Watch::new(threads, &mut watching);
    if let Some(memory) = memory {
        watch = watch.remembering(memory);
    }
    let result = stop::unless_stopped(|| work(&mut watch)).unwrap_or(Err(LearnError::Stopped));
    observer.end();
    result.map_err(|cause| match cause {
        LearnError::Stopped => Error::Cancelled,
        cause => Error::Learn { name: name.to_owned(), cause },
    })
}

impl LearningResult {
    fn new(learned: Learned<'_>, report: String) -> Self {
        let Learned { name, seeds, summary, columns, predictions, model, .. } = learned;
        Self { name, seeds, summary, features: columns, predictions, model, report }
    }
}

fn learned<'a>(
    LearningTask { task, warnings, .. }: &'a LearningTask,
    intent: &LearnIntent,
    findings: Findings,
    seconds: f64,
) -> Result<Learned<'a>, Error> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let Findings { summary, predictions, columns, exports, model } = findings;
    let text = match model {
        None => None,
        Some(trained) => {
            let hash = task.network.fingerprint().map_err(|_| Error::Usage {
                message: "a file that the network refers to has gone while it was learning".to_owned(),
                remedy: "leave the network's data files where they are",
            })?;
            let saved = Saved { layout: task.layout.clone(), model: trained };
            Some(model::text(&saved, &hash, &version).map_err(Error::Model)?)
        }
    };
    let typed = task.text.to_string();
    let text_of_task =
        intent.set.iter().rev().fold(typed, |text, (path, value)| format!("# --set {path}={value}\n{text}"));
    let warnings = warnings.iter().map(|warning| ("warning", warning.to_string()));
    Ok(Learned {
        name: task.study.name.clone(),
        description: task.description.clone(),
        facts: facts::facts(task).into_iter().chain(warnings).collect(),
        seeds: task.study.seeds.clone(),
        network: &task.network,
        task: text_of_task,
        columns,
        predictions,
        summary,
        model: text,
        exports: exports.iter().map(export::tables).collect(),
        version,
        seconds,
    })
}
