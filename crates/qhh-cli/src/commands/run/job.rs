//! One run, from a sound network to a folder of results; begun, or gone on with.

use std::path::Path;

use qhh_format::yaml::Loaded;
use qhh_net::engine::Kept;
use qhh_net::{Checked, Outcome, RunError, RunOptions, Simulation};
use qhh_results::unfinished::{Resumable, RunIntent, Spent, Unfinished};
use qhh_results::{Cost, FinishedRun, Incomplete, OutcomeSummary, ResultsError, WriteOptions, short};

use super::headline::headline;
use crate::commands::aligned;
use crate::commands::verified::{judge, told, verified};
use crate::cost::Stopwatch;
use crate::every::{Every, Period};
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::progress::Reporter;
use crate::room::Room;
use crate::watcher::Watcher;
use crate::{open, output};

/// How a run is made; the results do not depend on it.
#[derive(Clone, Copy)]
pub(in crate::commands) struct Manner {
    pub(in crate::commands) threads: usize,
    pub(in crate::commands) quiet: bool,
    pub(in crate::commands) open: bool,
}

/// One run.
pub(in crate::commands) struct Job<'a> {
    pub(in crate::commands) loaded: Loaded,
    pub(in crate::commands) out: &'a Path,
    pub(in crate::commands) intent: RunIntent,
    pub(in crate::commands) every: &'a Every,
    pub(in crate::commands) manner: Manner,
    /// Its folder, and what it goes on from.
    pub(in crate::commands) gone_on_from: Option<(Unfinished, Resumable)>,
}

impl Job<'_> {
    /// Runs, writes, says what came out, after a line between if something was `printed` before.
    pub(in crate::commands) fn run(self, printed: bool) -> Result<(), Failure> {
        let Self { loaded, out, intent, every, manner, gone_on_from } = self;
        let (threads, quiet) = (manner.threads, manner.quiet);
        let room = Room::of(&loaded.network);
        room.fluctuations(threads)?;
        room.disk(out)?;
        if let Some(announcement) = room.announcement(threads).filter(|_| !quiet) {
            output::note(&announcement);
        }
        if !matches!(every.period(), Period::Never)
            && let Some(warning) = room.states_warning(out)
        {
            output::warn(&warning);
        }
        let (unfinished, resumable) = gone_on_from.unzip();
        let Resumable { kept, spent, .. } = resumable.unwrap_or_default();
        let mut keeper = Keeper::new(&loaded, out, &intent, every, unfinished, spent)?;
        let Loaded { network, yaml, attachments, resolved, .. } = &loaded;
        let RunIntent { format, report, force, .. } = intent;
        let page = report.then_some(qhh_report::run_page as fn(&FinishedRun) -> String);
        let options = WriteOptions { format, page, force };
        let finished = |network, outcome, cost, incomplete| FinishedRun {
            network,
            network_yaml: yaml.clone(),
            outcome,
            cost,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            verification: None,
            incomplete,
            set: intent.set.clone(),
        };
        let mut run = match simulate(network, &network.name, manner, kept, Some(&mut keeper))? {
            Ran::Whole(outcome, cost) => finished((**network).clone(), *outcome, cost, None),
            Ran::Broken { until, so_far, cost, cause } => {
                keeper.done();
                let incomplete = Incomplete { until, reason: cause.to_string() };
                let run = finished(network.until(until), *so_far, cost, Some(incomplete));
                let place = Unfinished::place(out);
                let options = WriteOptions { force: false, ..options };
                qhh_results::write(&run, resolved, attachments, &options, &place).map_err(Failure::Writing)?;
                return Err(Failure::Broken { name: network.name.clone(), cause: Box::new(cause), place });
            }
        };
        if intent.verify {
            run.verification = Some(verified(&run, intent.tolerance, threads, |network, what, threads| {
                let name = format!("{}, {what}", network.name);
                match simulate(network, &name, Manner { threads, ..manner }, Kept::default(), None)? {
                    Ran::Whole(outcome, _) => Ok(*outcome),
                    Ran::Broken { cause, .. } => Err(Failure::Run { name, cause }),
                }
            })?);
        }
        let written = qhh_results::write(&run, resolved, attachments, &options, out);
        written.map_err(|cause| match cause {
            ResultsError::Stopped => keeper.instead_of(Failure::Interrupted),
            other => keeper.instead_of(Failure::Writing(other)),
        })?;
        keeper.done();
        announce(&run, out, manner, printed)?;
        run.verification.as_ref().map_or(Ok(()), |verification| judge(&run.network.name, verification))
    }
}

/// How a run ended that was not stopped.
enum Ran {
    Whole(Box<Outcome>, Cost),
    /// It broke down, but came somewhere before.
    Broken {
        until: f64,
        so_far: Box<Outcome>,
        cost: Cost,
        cause: RunError,
    },
}

fn simulate(
    network: &Checked,
    name: &str,
    manner: Manner,
    kept: Kept,
    keeper: Option<&mut Keeper<'_>>,
) -> Result<Ran, Failure> {
    let spent = keeper.as_ref().map_or_else(Spent::default, |keeper| keeper.spent());
    let stopwatch = Stopwatch::start(spent);
    let reporter = Reporter::new(name, manner.quiet);
    let mut watcher = Watcher::new(reporter, &stopwatch, keeper);
    let options = RunOptions { threads: manner.threads, ..RunOptions::default() };
    let outcome = Simulation::of(network, options).resume(kept, &mut watcher);
    let (built, keeper) = watcher.finish();
    let cost = |outcome: &Outcome| stopwatch.cost(outcome, manner.threads, built);
    match outcome {
        Ok(outcome) => {
            let cost = cost(&outcome);
            Ok(Ran::Whole(Box::new(outcome), cost))
        }
        Err(RunError::Stopped { .. }) => {
            Err(keeper.map_or(Failure::Interrupted, |keeper| keeper.instead_of(Failure::Interrupted)))
        }
        Err(RunError::NotFinite { neuron, from, time, likely, so_far: Some(so_far) }) => {
            let cost = cost(&so_far);
            let cause = RunError::NotFinite { neuron, from, time, likely, so_far: None };
            Ok(Ran::Broken { until: from, so_far, cost, cause })
        }
        Err(cause) => Err(Failure::Run { name: network.name.clone(), cause }),
    }
}

/// Says what came out, and warns of checks that do not hold.
fn announce(run: &FinishedRun, out: &Path, manner: Manner, printed: bool) -> Result<(), Failure> {
    for check in run.outcome.checks.iter().filter(|check| !check.holds()) {
        output::warn(&format!(
            "{}: {}: the defect is {}, expected below {} ({})",
            run.network.name,
            check.name,
            short(check.defect),
            short(check.expected_below),
            check.meaning
        ));
    }
    let mut text = format!("{}\n", out.display());
    if !manner.quiet {
        text += &aligned(&headline(&run.network, &OutcomeSummary::new(&run.network, &run.outcome)));
        text += &run.verification.as_ref().map_or_else(String::new, told);
        if printed {
            text.insert(0, '\n');
        }
    }
    output::print(&text).map_err(Failure::Output)?;
    if manner.open {
        open::report(out);
    }
    Ok(())
}
