//! One point of a sweep: its network, its run or its search, its measures.

use std::ops::ControlFlow;
use std::path::PathBuf;

use qhh_core::stop;
use qhh_format::yaml::experiment::{Find, shown};
use qhh_format::yaml::{Attachment, Loaded, Setting, Template};
use qhh_lab::sweep::{Found, Point, SearchError, bisect_within};
use qhh_net::{Checked, Outcome, RunError, RunOptions, Simulation};
use qhh_results::sweep::{Finished, Status, SweepFolder, SweepIntent};
use qhh_results::unfinished::Spent;
use qhh_results::{FinishedRun, ResultsError, WriteOptions};

use super::prepare::{Prepared, one_line};
use crate::Error;
use crate::cost::Stopwatch;

/// Everything that the runs of a sweep share.
pub(super) struct Job<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) template: &'a Template,
    /// Where runs are kept, if they are.
    pub(super) kept: Option<Kept>,
}

/// Where and how runs are kept.
pub(super) struct Kept {
    pub(super) out: PathBuf,
    pub(super) runs: usize,
    pub(super) intent: SweepIntent,
}

/// Why a run has no measures.
enum PointError {
    /// Its values make no network that can run.
    Invalid(String),
    /// The run failed.
    Failed(String),
    /// Not the point's fault: nothing is known of it.
    Ended(Error),
}

/// A run that went well.
struct Run {
    values: Vec<f64>,
    failed_checks: usize,
    holds: bool,
    /// Whether the condition is about a number that the run does not have.
    has_no_number: bool,
    folder: Option<Folder>,
}

/// What a folder of results is made of.
struct Folder {
    run: FinishedRun,
    resolved: serde_json::Value,
    attachments: Vec<Attachment>,
}

impl Job<'_> {
    /// The point's row; an error ends the sweep.
    pub(super) fn run(&self, point: &Point, threads: usize) -> Result<Finished, Error> {
        let settings = self.prepared.settings(point);
        let mut without = Vec::new();
        let answer = match &self.prepared.experiment.find {
            None => self.once(&settings, threads, None).map(|run| (Vec::new(), run)),
            Some(threshold) => match self.search(threshold, &settings, threads, &mut without) {
                Ok((found, run)) => {
                    let Found { holds, fails, runs } = found;
                    let shown = |value| shown(value, &threshold.unit);
                    let searched = [found.threshold(), holds, fails].map(shown);
                    Ok(([searched.as_slice(), &[runs as f64]].concat(), run))
                }
                Err(SearchError::Run { cause, .. }) => Err(cause),
                // A search without ends takes a run that does not go well for an end.
                Err(_) if stop::is_requested() => Err(PointError::Ended(Error::Cancelled)),
                Err(error) => return Ok(no_threshold(point, threshold, &error, &without)),
            },
        };
        let row = |status, values, failed_checks, error| Finished {
            number: point.number,
            status,
            values,
            failed_checks,
            error,
        };
        match answer {
            Ok((mut values, run)) => {
                if let (Some(kept), Some(folder)) = (&self.kept, run.folder) {
                    Self::write(kept, folder, point.number)?;
                }
                values.extend(run.values);
                Ok(row(Status::Done, values, run.failed_checks, String::new()))
            }
            Err(PointError::Invalid(error)) => Ok(row(Status::Invalid, Vec::new(), 0, error)),
            Err(PointError::Failed(error)) => Ok(row(Status::Failed, Vec::new(), 0, error)),
            Err(PointError::Ended(error)) => Err(error),
        }
    }

    /// Halves the interval in which the condition changes; also the last run that fulfils it. `without` gets the values at
    /// which the run has no such number.
    fn search(
        &self,
        threshold: &Find,
        settings: &[Setting],
        threads: usize,
        without: &mut Vec<f64>,
    ) -> Result<(Found, Run), SearchError<PointError>> {
        let mut last = None;
        let at = |value: f64| [settings, &[Setting::searched(&threshold.path, value, &threshold.unit)]].concat();
        // What the network file may not have is no place to search.
        let allowed = |value: f64| {
            self.template.at(&at(value)).and_then(qhh_format::yaml::UncheckedNetwork::check_alone).is_ok()
        };
        let found = bisect_within(threshold.search, allowed, |value| {
            let run = self.once(&at(value), threads, Some(threshold))?;
            let holds = run.holds;
            if run.has_no_number {
                without.push(value);
            }
            if holds {
                last = Some(run);
            }
            Ok(holds)
        })?;
        Ok((found, last.expect("an interval is found where the condition holds at one end")))
    }

    fn once(&self, settings: &[Setting], threads: usize, threshold: Option<&Find>) -> Result<Run, PointError> {
        let invalid = |error| PointError::Invalid(one_line(&error));
        let mut draft = self.template.at(settings).map_err(invalid)?;
        let lacking = self.prepared.require_recording(self.template, draft.network_mut()).map_err(invalid)?;
        let is_there: Vec<bool> = lacking.iter().map(Option::is_none).collect();
        if self.kept.is_none() {
            let network = draft.check_alone().map_err(invalid)?;
            let outcome = Self::simulate(&network, threads)?;
            return Ok(self.measured((&network, &outcome), &is_there, threshold));
        }
        let Loaded { network, yaml, attachments, warnings, resolved, .. } = draft.check().map_err(invalid)?;
        let stopwatch = Stopwatch::start(Spent::default());
        let outcome = Self::simulate(&network, threads)?;
        let run = self.measured((&network, &outcome), &is_there, threshold);
        let cost = stopwatch.cost(&outcome, threads, (0.0, None));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let network = network.into_network();
        let finished = FinishedRun {
            network,
            network_yaml: yaml,
            input: self.template.input().to_owned(),
            warnings: [warnings.as_slice(), &outcome.warnings].concat(),
            outcome,
            cost,
            version,
            verification: None,
            incomplete: None,
            set: settings.iter().map(ToString::to_string).collect(),
        };
        Ok(Run { folder: Some(Folder { run: finished, resolved, attachments }), ..run })
    }

    fn simulate(network: &Checked, threads: usize) -> Result<Outcome, PointError> {
        let options = RunOptions { threads, ..RunOptions::default() };
        Simulation::from_checked(network, options).run(&mut |_| ControlFlow::Continue(())).map_err(|cause| {
            match cause {
                RunError::Stopped { .. } => PointError::Ended(Error::Cancelled),
                cause @ RunError::Threads { .. } => {
                    PointError::Ended(Error::Run { name: network.name.clone(), cause })
                }
                cause => PointError::Failed(cause.to_string()),
            }
        })
    }

    /// What a run is summed up by; no number of a measure that is not there in its network.
    fn measured(
        &self,
        (network, outcome): (&Checked, &Outcome),
        is_there: &[bool],
        threshold: Option<&Find>,
    ) -> Run {
        let condition = threshold.map(|threshold| &threshold.condition);
        let number = condition.map(|condition| condition.measure().of(network, outcome));
        let each = self.prepared.experiment.measures.iter().zip(is_there);
        Run {
            values: each.map(|(of, there)| if *there { of.of(network, outcome) } else { f64::NAN }).collect(),
            failed_checks: outcome.checks.iter().filter(|check| !check.holds()).count(),
            holds: condition.zip(number).is_some_and(|(condition, number)| condition.holds_of(number)),
            has_no_number: number.is_some_and(f64::is_nan),
            folder: None,
        }
    }

    fn write(kept: &Kept, folder: Folder, number: usize) -> Result<(), Error> {
        let out = kept.out.join(SweepFolder::run(number, kept.runs));
        // A sweep that was killed may have left the folder of a run that it had not noted yet.
        let options = WriteOptions {
            format: kept.intent.format,
            page: kept.intent.report.then_some(qhh_report::run_page as fn(&FinishedRun) -> String),
            force: true,
        };
        let Folder { run, resolved, attachments } = folder;
        qhh_results::write(&run, &resolved, &attachments, &options, &out).map_err(|cause| match cause {
            ResultsError::Stopped => Error::Cancelled,
            other => Error::Writing(other),
        })
    }
}

/// The row of a search whose ends agree.
fn no_threshold(point: &Point, threshold: &Find, error: &SearchError<PointError>, without: &[f64]) -> Finished {
    let (condition, unit) = (&threshold.condition, &threshold.unit);
    let ends = |from: f64, to: f64| format!("{from} and {to} {unit}").trim_end().to_owned();
    let (status, error) = match *error {
        SearchError::Everywhere { from, to } => {
            (Status::Everywhere, format!("`{condition}` holds at {} of {} alike", ends(from, to), threshold.path))
        }
        SearchError::Nowhere { from, to } => {
            let message =
                format!("`{condition}` does not hold at {} of {}, at neither", ends(from, to), threshold.path);
            let number = |value: &f64| format!("{value} {unit}").trim_end().to_owned();
            let lacking: Vec<String> =
                [from, to].iter().filter(|value| without.contains(value)).map(number).collect();
            let has_none = format!("`{}` has no value at {}", condition.measure().name(), lacking.join(" and "));
            (Status::Nowhere, if lacking.is_empty() { message } else { format!("{has_none}: {message}") })
        }
        SearchError::Tolerance { tolerance } => {
            (Status::Failed, format!("the tolerance must be above zero, got {tolerance}"))
        }
        _ => (Status::Failed, "the search failed".to_owned()),
    };
    Finished { number: point.number, status, values: Vec::new(), failed_checks: 0, error }
}
