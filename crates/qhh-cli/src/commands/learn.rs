//! `qhh learn`: read a task, run its study, write what came out.

mod study;
mod words;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use qhh_io::learning::{self, Column, Learned, Predicted, Summary, model};
use qhh_io::results::unfinished::Spent;
use qhh_io::results::{self, Claim};
use qhh_io::task::{self, Layout, Task};
use qhh_lab::learn::model::Model;
use qhh_lab::learn::study::Findings;
use qhh_lab::learn::{LearnError, Watch};
use qhh_net::engine::{Progress, Stage};
use serde::{Deserialize, Serialize};

pub(super) use study::rows;

use super::aligned;
use super::folder_name;
use crate::args::LearnArgs;
use crate::cost::Stopwatch;
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
    let stop = interrupt::listen();
    let stopwatch = Stopwatch::start(Spent::default());
    let task = task::load(file, &args.set).map_err(|error| Failure::Load(Box::new(error)))?;
    for warning in &task.network.warnings {
        output::warn(&format!("{}: {warning}", task.network_file.display()));
    }
    room::memory(&task.network.network)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(folder_name(&task.name)));
    let _claim = Claim::new(&out, args.force).map_err(Failure::Request)?;
    let study = study::of(&task);
    let findings = watched(&task.name, args.running.threads, args.running.quiet, stop, |watch| study.run(watch))?;
    let learned = learned(&task, file, args, &findings, stopwatch.seconds())?;
    learning::write(&learned, !args.no_report, args.force, &out).map_err(Failure::Writing)?;
    let mut text = format!("{}\n", out.display());
    if !args.running.quiet {
        text += &aligned(&words::headline(&learned.summary));
    }
    output::print(&text).map_err(Failure::Output)?;
    let page = out.join(results::REPORT);
    if args.open
        && let Err(cause) = open::open(&page)
    {
        output::warn(&format!("cannot open {}: {cause}", page.display()));
    }
    Ok(())
}

/// Does something long with progress, until it is done or Ctrl-C.
pub(super) fn watched<T>(
    name: &str,
    threads: usize,
    quiet: bool,
    stop: &AtomicBool,
    work: impl FnOnce(&mut Watch<'_>) -> Result<T, LearnError>,
) -> Result<T, Failure> {
    /// A share as a count, for the progress.
    const TOTAL: u64 = 1_000_000;
    let mut reporter = Reporter::new(name, quiet);
    let mut observer = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let done = (share * TOTAL as f64) as u64;
        reporter.update(Progress { stage: Stage::MeanField, done, total: TOTAL, time: 0.0 });
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let result = work(&mut Watch::new(threads, &mut observer));
    reporter.finish();
    result.map_err(|cause| match cause {
        LearnError::Stopped => Failure::Interrupted,
        cause => Failure::Learn { name: name.to_owned(), cause },
    })
}

fn learned<'a>(
    task: &'a Task,
    file: &Path,
    args: &LearnArgs,
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
        .map(|column| Column { name: column.name.clone(), family: words::converted(&column.family) });
    let predictions = findings.predictions.iter().map(|row| Predicted {
        row: row.row,
        part: row.part,
        truth: row.truth,
        prediction: row.prediction,
    });
    let typed = fs::read_to_string(file).unwrap_or_default();
    let text_of_task =
        args.set.iter().rev().fold(typed, |text, set| format!("# --set {}={}\n{text}", set.path, set.value));
    Ok(Learned {
        name: task.name.clone(),
        description: task.description.clone(),
        facts: words::facts(task),
        network: &task.network,
        task: text_of_task,
        columns: columns.collect(),
        predictions: predictions.collect(),
        summary,
        model: text,
        version,
        seconds,
    })
}
