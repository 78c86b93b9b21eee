//! One run: in memory, or into a folder of results that is whole or not there at all; begun, or resumed.

use std::path::Path;
use std::sync::Arc;

use qhh_format::yaml::Loaded;
use qhh_net::Outcome;
use qhh_net::engine::Checkpoint;
use qhh_results::unfinished::{Resumable, RunIntent, Unfinished};
use qhh_results::{Cost, FinishedRun, Incomplete, ResultsError, WriteOptions};

use crate::checkpointer::Checkpointer;
use crate::interval::{CheckpointInterval, Period};
use crate::resources::for_origins;
use crate::simulate::{Simulated, simulate, with_outcome};
use crate::text::threads;
use crate::{Error, FolderSettings, Network, RunObserver, RunResult, RunSettings, ranks, verification};

impl Network {
    /// Runs the network and keeps what comes out in memory.
    ///
    /// # Errors
    /// [`Error::Run`], [`Error::Resources`], or [`Error::Cancelled`].
    ///
    /// # Examples
    /// ```no_run
    /// use qhh::{Network, RunSettings};
    ///
    /// let network = Network::load("chain.yaml")?;
    /// let result = network.run(&RunSettings::default(), &mut ())?;
    /// println!("{} spikes", result.outcome().spikes.len());
    /// # Ok::<(), qhh::Error>(())
    /// ```
    pub fn run(&self, settings: &RunSettings, observer: &mut dyn RunObserver) -> Result<RunResult, Error> {
        settings.within(|| {
            let resources = self.resources();
            let on = threads(settings.threads);
            resources.require_memory(on)?;
            if let Some(announcement) = resources.announcement(on) {
                observer.note(&announcement);
            }
            if let Some(origins) = for_origins(self.net())? {
                observer.note(&origins);
            }
            let loaded = self.loaded();
            ranks::share(loaded, observer)?;
            let simulated = simulate(&loaded.network, self.name(), on, Checkpoint::default(), None, observer)?;
            let (outcome, cost) = match simulated {
                Simulated::Whole(outcome, cost) => (*outcome, cost),
                Simulated::Broken { so_far, cause, .. } => {
                    let (name, cause) = (self.name().to_owned(), with_outcome(cause, so_far));
                    return Err(Error::Run { name, cause });
                }
            };
            let mut run = finished(loaded, outcome, cost, self.values_set());
            if settings.estimate_error {
                run.verification = Some(verification::estimate(&run, settings.tolerance, on, observer)?);
            }
            Ok(RunResult::new(run, Arc::clone(loaded)))
        })
    }

    /// Runs the network and writes its results into the folder `out`, as the command line does; states are kept on the way
    /// in `out.unfinished`.
    ///
    /// # Errors
    /// As [`Network::run`]; [`Error::Folder`] if nothing may be written there, [`Error::Writing`] and
    /// [`Error::KeptWriting`] if that fails in the end, [`Error::Broken`] of a run that broke down, and
    /// [`Error::RunCancelled`] if it can be resumed.
    pub fn run_into(
        &self,
        out: &Path,
        settings: &RunSettings,
        folder: &FolderSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<RunResult, Error> {
        settings.within(|| {
            let _claim = folder.claim(out)?;
            let intent = RunIntent {
                format: folder.format,
                report: folder.report,
                force: folder.force,
                set: self.values_set(),
                verify: settings.estimate_error,
                tolerance: settings.tolerance,
                every: folder.checkpoint_interval.text().to_owned(),
                file: std::path::absolute(self.file()).ok().filter(|file| file.is_file()),
            };
            let interval = &folder.checkpoint_interval;
            let on = threads(settings.threads);
            Job { network: self, out, intent, interval, threads: on, resumed: None }.run(observer)
        })
    }
}

/// One run into a folder.
pub(crate) struct Job<'a> {
    pub(crate) network: &'a Network,
    pub(crate) out: &'a Path,
    pub(crate) intent: RunIntent,
    pub(crate) interval: &'a CheckpointInterval,
    pub(crate) threads: usize,
    /// Of a run that is resumed its folder and its last states.
    pub(crate) resumed: Option<(Unfinished, Resumable)>,
}

impl Job<'_> {
    /// Runs and writes.
    pub(crate) fn run(self, observer: &mut dyn RunObserver) -> Result<RunResult, Error> {
        let Self { network, out, intent, interval, threads, resumed } = self;
        let resources = network.resources();
        resources.require_memory(threads)?;
        resources.require_disk(out)?;
        if let Some(announcement) = resources.announcement(threads) {
            observer.note(&announcement);
        }
        if let Some(origins) = for_origins(network.net())? {
            observer.note(&origins);
        }
        if !matches!(interval.period(), Period::Never)
            && let Some(warning) = resources.states_warning(out)
        {
            observer.warning(&warning);
        }
        let loaded = network.loaded();
        ranks::share(loaded, observer)?;
        let (unfinished, resumable) = resumed.unzip();
        let Resumable { kept, spent, .. } = resumable.unwrap_or_default();
        let mut checkpointer = Checkpointer::new(loaded, out, &intent, interval, unfinished, spent)?;
        let RunIntent { format, report, force, .. } = intent;
        let page = report.then_some(qhh_report::run_page as fn(&FinishedRun) -> String);
        let options = WriteOptions { format, page, force };
        let Loaded { network: checked, attachments, resolved, .. } = &**loaded;
        let simulated = simulate(checked, network.name(), threads, kept, Some(&mut checkpointer), observer)?;
        let mut run = match simulated {
            Simulated::Whole(outcome, cost) => finished(loaded, *outcome, cost, intent.set.clone()),
            Simulated::Broken { until, so_far, cost, cause } => {
                checkpointer.done(observer);
                let mut run = finished(loaded, *so_far, cost, intent.set.clone());
                run.network = checked.until(until);
                run.incomplete = Some(Incomplete { until, reason: cause.to_string() });
                let place = Unfinished::place(out);
                let options = WriteOptions { force: false, ..options };
                qhh_results::write(&run, resolved, attachments, &options, &place).map_err(Error::Writing)?;
                return Err(Error::Broken { name: network.name().to_owned(), cause: Box::new(cause), place });
            }
        };
        if intent.verify {
            run.verification = Some(verification::estimate(&run, intent.tolerance, threads, observer)?);
        }
        qhh_results::write(&run, resolved, attachments, &options, out).map_err(|cause| match cause {
            ResultsError::Stopped => checkpointer.instead_of(Error::Cancelled, observer),
            other => checkpointer.instead_of(Error::Writing(other), observer),
        })?;
        checkpointer.done(observer);
        Ok(RunResult::new(run, Arc::clone(loaded)))
    }
}

fn finished(loaded: &Loaded, outcome: Outcome, cost: Cost, set: Vec<String>) -> FinishedRun {
    FinishedRun {
        network: (*loaded.network).clone(),
        network_yaml: loaded.yaml.clone(),
        input: loaded.input.to_string(),
        warnings: [loaded.warnings.as_slice(), &outcome.warnings].concat(),
        outcome,
        cost,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        verification: None,
        incomplete: None,
        set,
    }
}
