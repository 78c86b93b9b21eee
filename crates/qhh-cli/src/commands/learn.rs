//! `qhh learn`: read a task, run its study, write what came out.

mod answers;
mod export;
mod study;
mod words;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use qhh_core::stop;
use qhh_format::task::{self, Layout, Task};
use qhh_format::yaml::{Override, Reach, Reading};
use qhh_lab::learn::model::Model;
use qhh_lab::learn::study::Findings;
use qhh_lab::learn::{LearnError, Memory, Watch};
use qhh_net::engine::{Progress, Stage};
use qhh_results::learning::{Feature, Learned, Predicted, Summary, model};
use qhh_results::unfinished::{LearnIntent, Spent, Unfinished, fingerprint};
use qhh_results::{Claim, WriteOptions};
use serde::{Deserialize, Serialize};

use answers::Answers;
pub(super) use study::rows;

use super::{aligned, counted, folder_name, threads};
use crate::args::{LearnArgs, ResumeArgs, RunningArgs};
use crate::cost::Stopwatch;
use crate::every::Every;
use crate::failure::Failure;
use crate::progress::Reporter;
use crate::{interrupt, open, output, room};

/// What a model's file holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    /// How its inputs stand in a file.
    pub(super) layout: Layout,
    /// The model.
    pub(super) model: Model,
}

/// Learns.
pub(crate) fn learn(args: &LearnArgs) -> Result<(), Failure> {
    let Some(file) = args.task.as_deref().filter(|_| !args.schema) else {
        let text = format!("{:#}\n", task::schema());
        return output::print(&text).map_err(Failure::Output);
    };
    args.format.require().map_err(Failure::Request)?;
    let task = load(file, &args.set, args.allow_outside)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(folder_name(&task.name)));
    let _claim = Claim::new(&out, args.force).map_err(Failure::Request)?;
    Unfinished::none_at(&out, args.force).map_err(Failure::Request)?;
    let intent = LearnIntent {
        task: std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
        set: args.set.iter().map(|set| (set.path.clone(), set.value.clone())).collect(),
        allow_outside: args.allow_outside,
        report: args.report.is_wanted(),
        force: args.force,
        format: args.format,
        every: args.every.text().to_owned(),
        export: args.export,
    };
    Asked { task, out: &out, intent, every: &args.every, open: args.report.open, running: &args.running }
        .go_on(None)
}

/// Goes on with learning that was stopped.
pub(super) fn resume(
    unfinished: Unfinished,
    intent: LearnIntent,
    out: &Path,
    args: &ResumeArgs,
) -> Result<(), Failure> {
    let set: Vec<Override> =
        intent.set.iter().map(|(path, value)| Override { path: path.clone(), value: value.clone() }).collect();
    let task = load(&intent.task, &set, intent.allow_outside)?;
    let every = Every::again(args.every.as_ref(), &intent.every, unfinished.path())?;
    Asked { task, out, intent, every: &every, open: args.open, running: &args.running }.go_on(Some(unfinished))
}

fn load(file: &Path, set: &[Override], allow_outside: bool) -> Result<Task, Failure> {
    let reading = Reading { overrides: set.to_vec(), reach: Reach::of(allow_outside) };
    let task = task::load(file, &reading).map_err(|error| Failure::Load(Box::new(error)))?;
    for warning in task.network.network.warnings() {
        output::warn(&format!("{}: {warning}", task.network_file.display()));
    }
    room::memory(&task.network.network)?;
    Ok(task)
}

/// What is learned, and what becomes of it.
struct Asked<'a> {
    task: Task,
    out: &'a Path,
    intent: LearnIntent,
    every: &'a Every,
    open: bool,
    running: &'a RunningArgs,
}

impl Asked<'_> {
    fn go_on(self, unfinished: Option<Unfinished>) -> Result<(), Failure> {
        let Self { task, out, intent, every, open, running } = self;
        interrupt::listen();
        let stopwatch = Stopwatch::start(Spent::default());
        let study = study::of(&task, intent.export);
        room::learning(&study, threads(running.threads))?;
        // All that the findings depend on, data and network included, stands in the study.
        let fingerprint = fingerprint(&study);
        let mut answers = Answers::new(out, (&task.name, &fingerprint), &intent, every, unfinished)?;
        if answers.known() > 0 && !running.quiet {
            let known = counted(answers.known(), "answer");
            output::note(&format!("{}: goes on after {known} of the network", task.name));
        }
        let manner = (running.threads, running.quiet);
        let findings = watched(&task.name, manner, Some(&mut answers), |watch| study.run(watch));
        let findings = match findings {
            Err(Failure::Interrupted) => return Err(answers.stopped()),
            findings => findings?,
        };
        let LearnIntent { format, report, force, .. } = intent;
        let page = report.then_some(qhh_report::learned_page as fn(&Learned<'_>) -> String);
        let options = WriteOptions { format, page, force };
        let written = stop::unless_stopped(|| {
            let learned = learned(&task, &intent, &findings, stopwatch.seconds())?;
            let written = qhh_results::learning::write(&learned, &options, out);
            Ok::<_, Failure>((learned.summary, written))
        });
        let Ok(written) = written else { return Err(answers.stopped()) };
        let (summary, written) = written?;
        if let Err(cause) = written {
            return Err(answers.instead_of_results(cause));
        }
        answers.done();
        let mut text = format!("{}\n", out.display());
        if !running.quiet {
            text += &aligned(&words::headline(&summary));
        }
        output::print(&text).map_err(Failure::Output)?;
        if open {
            open::report(out);
        }
        Ok(())
    }
}

/// Does something long with progress, and a memory if there is one, until it is done or Ctrl-C.
pub(super) fn watched<T>(
    name: &str,
    (threads, quiet): (usize, bool),
    memory: Option<&mut dyn Memory>,
    work: impl FnOnce(&mut Watch<'_>) -> Result<T, LearnError>,
) -> Result<T, Failure> {
    /// A share as a count, for the progress.
    const TOTAL: u64 = 1_000_000;
    let mut reporter = Reporter::new(name, quiet);
    let mut observer = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let done = (share * TOTAL as f64) as u64;
        reporter.update(Progress { stage: Stage::MeanField, done, total: TOTAL, time: 0.0 });
        if stop::is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut watch = Watch::new(threads, &mut observer);
    if let Some(memory) = memory {
        watch = watch.remembering(memory);
    }
    let result = stop::unless_stopped(|| work(&mut watch)).unwrap_or(Err(LearnError::Stopped));
    reporter.finish();
    result.map_err(|cause| match cause {
        LearnError::Stopped => Failure::Interrupted,
        cause => Failure::Learn { name: name.to_owned(), cause },
    })
}

fn learned<'a>(
    task: &'a Task,
    intent: &LearnIntent,
    findings: &Findings,
    seconds: f64,
) -> Result<Learned<'a>, Failure> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let text = match &findings.model {
        None => None,
        Some(trained) => {
            let hash = task.network.fingerprint().map_err(|_| Failure::Usage {
                message: "a file that the network refers to has gone while it was learning".to_owned(),
                help: "leave the network's data files where they are",
            })?;
            let saved = Saved { layout: task.goal.layout(), model: trained.clone() };
            Some(model::text(&saved, &hash, &version).map_err(Failure::Model)?)
        }
    };
    let summary: Summary = words::converted(findings);
    let columns = findings
        .columns
        .iter()
        .map(|column| Feature { name: column.name.clone(), family: words::converted(&column.family) });
    let predictions = findings.predictions.iter().map(|row| Predicted {
        row: row.row,
        part: row.part,
        truth: row.truth,
        prediction: row.prediction,
    });
    let typed = fs::read_to_string(&intent.task).unwrap_or_default();
    let text_of_task =
        intent.set.iter().rev().fold(typed, |text, (path, value)| format!("# --set {path}={value}\n{text}"));
    Ok(Learned {
        name: task.name.clone(),
        description: task.description.clone(),
        facts: words::facts(task),
        seeds: task.seeds.clone(),
        network: &task.network,
        task: text_of_task,
        columns: columns.collect(),
        predictions: predictions.collect(),
        summary,
        model: text,
        exports: findings.exports.iter().map(export::tables).collect(),
        version,
        seconds,
    })
}
