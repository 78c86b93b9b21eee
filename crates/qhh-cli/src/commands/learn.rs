//! `qhh learn`: read a task, run its study, write what came out.

use std::path::PathBuf;
use std::time::Instant;

use qhh::text::counted;
use qhh::{Error, LearningResult, LearningTask};
use qhh_core::units::rounded;
use qhh_lab::learn::scores::Mean;
use qhh_lab::learn::study::{Learner, ScoreKind, Summary};
use qhh_results::number::within;
use qhh_results::short;

use super::run::page;
use crate::args::LearnArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, open, output};

/// Learns.
pub(crate) fn learn(args: &LearnArgs) -> Result<(), Failure> {
    let Some(file) = args.task.as_deref().filter(|_| !args.schema) else {
        let text = format!("{:#}\n", qhh::task_schema());
        return output::print(&text).map_err(Failure::Output);
    };
    let (results, running) = (&args.results, &args.running.running);
    results.tables.format.require().map_err(Error::Folder)?;
    let task = LearningTask::load(file, &args.reading.options())?;
    for warning in task.warnings() {
        output::warn(&format!("{}: {warning}", task.network_file().display()));
    }
    for warning in task.task_warnings() {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    let out = results.out.clone().unwrap_or_else(|| PathBuf::from(task.folder_name()));
    let folder = results.tables.folder(results.force, &args.running.every);
    interrupt::listen();
    let (quiet, begun) = (running.quiet, Instant::now());
    let settings = running.settings();
    let result = task.learn_into(&out, &settings, &folder, args.export, &mut Console::new(quiet))?;
    announce(&result, &out, (quiet, results.tables.report.open), begun)
}

/// Says what came out of what began at `begun`.
pub(super) fn announce(
    result: &LearningResult,
    out: &std::path::Path,
    (quiet, opens): (bool, bool),
    begun: Instant,
) -> Result<(), Failure> {
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let mut rows = headline(&result.summary);
        rows.extend(page(out).map(|row| ("page", row)));
        text += &output::aligned(&rows);
        text += &output::verdict(true, &format!("learned in {}", output::elapsed(begun.elapsed().as_secs_f64())));
    }
    output::print(&text).map_err(Failure::Output)?;
    if opens {
        open::report(out);
    }
    Ok(())
}

/// Scores of all learners, one a line.
fn headline(summary: &Summary) -> Vec<(&str, String)> {
    let shown = |score: Option<Mean>| match score {
        None => "nothing to learn from".to_owned(),
        // Rounding is no error of the mean.
        Some(Mean { mean, error: Some(error) }) if error < 1e-9 * mean.abs() => short(rounded(mean, 4)),
        // As the terminal writes numbers: no space that does not break, and the keyboard's minus.
        Some(Mean { mean, error: Some(error) }) => within(mean, error).replace('\u{a0}', " ").replace('−', "-"),
        Some(Mean { mean, error: None }) => short(rounded(mean, 4)),
    };
    let score = match summary.score {
        ScoreKind::Accuracy => "test accuracy",
        ScoreKind::Capacity => "capacity",
        ScoreKind::Nrmse => "test NRMSE",
    };
    let row = |learner: &Learner| {
        let features = counted(learner.features as u64, "feature");
        let apart = learner.difference.map(|difference| format!(", network minus it {}", shown(Some(difference))));
        format!("{score} {} from {features}{}", shown(learner.test), apart.unwrap_or_default())
    };
    summary.learners.iter().map(|learner| (learner.name.as_ref(), row(learner))).collect()
}
