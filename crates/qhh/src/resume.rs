//! Resuming what was stopped.

use std::fs;
use std::path::{Path, PathBuf};

use qhh_core::units::Dimension;
use qhh_results::sweep::SweepFolder;
use qhh_results::unfinished::{Intent, Resumable, Unfinished};
use qhh_results::{FolderLock, ResultsError, short};

use crate::run::Job;
use crate::text::threads;
use crate::{
    CheckpointInterval, Error, FitResult, LearningResult, Network, RunObserver, RunResult, RunSettings,
    SweepResult,
};
use crate::{fit, learn, sweep};

/// What came of resuming.
#[derive(Debug)]
#[non_exhaustive]
pub enum Resumed {
    /// The results are there: nothing was left to do.
    Whole {
        /// Their folder.
        out: PathBuf,
    },
    /// A run was resumed and came to its end.
    Run {
        /// The folder of its results.
        out: PathBuf,
        /// Its results.
        result: Box<RunResult>,
    },
    /// Learning was resumed and came to its end.
    Learning {
        /// The folder of its results.
        out: PathBuf,
        /// Its results.
        result: Box<LearningResult>,
    },
    /// A fit was resumed and came to its end.
    Fit {
        /// The folder of its results.
        out: PathBuf,
        /// Its results.
        result: Box<FitResult>,
    },
    /// A sweep was resumed and came to its end.
    Sweep(Box<SweepResult>),
}

/// Resumes the run, the learning or the fit whose results were to go to a folder, `NAME` or `NAME.unfinished`, or the sweep in it. All
/// but threads, token and interval is as when it was started. The numbers are those of one that was not stopped, to the bit.
///
/// `interval` is how often states are kept from now on; none for as often as before.
///
/// # Errors
/// [`Error::Folder`] if nothing unfinished is there, or it is another version's; others as of [`Network::run_into`].
pub fn resume(
    folder: &Path,
    settings: &RunSettings,
    interval: Option<&CheckpointInterval>,
    observer: &mut dyn RunObserver,
) -> Result<Resumed, Error> {
    settings.within(|| {
        if SweepFolder::is_at(folder) {
            let (sweep, written) = sweep::reopen(folder)?;
            for warning in sweep.warnings() {
                observer.warning(&warning);
            }
            let result = sweep.run_into(folder, settings, &written, observer)?;
            return Ok(Resumed::Sweep(Box::new(result)));
        }
        let out = Unfinished::results(folder);
        if !Unfinished::place(&out).exists() {
            if qhh_results::is_whole(&out) {
                return Ok(Resumed::Whole { out });
            }
            return Err(Error::Folder(ResultsError::NothingUnfinished { path: folder.to_owned() }));
        }
        // Results that are there already are replaced only if the run was started with `force`, and at its end.
        let _claim = FolderLock::new(&out, true).map_err(Error::Folder)?;
        let Some(unfinished) = Unfinished::open(&out).map_err(Error::Folder)? else {
            let path = Unfinished::place(&out);
            return Err(Error::Folder(ResultsError::BrokenDown { path }));
        };
        let force = match unfinished.intent() {
            Intent::Run(run) => run.force,
            Intent::Learn(learn) | Intent::Fit(learn) => learn.force,
        };
        if qhh_results::is_whole(&out) && !force {
            // It ended between the results' appearance and the removal of its states.
            unfinished.remove().map_err(Error::Writing)?;
            return Ok(Resumed::Whole { out });
        }
        let intent = match unfinished.intent().clone() {
            Intent::Run(intent) => intent,
            Intent::Fit(intent) => {
                let result = fit::resume(unfinished, intent, &out, (settings, interval), observer)?;
                return Ok(Resumed::Fit { out, result: Box::new(result) });
            }
            Intent::Learn(intent) => {
                let result = learn::resume(unfinished, intent, &out, (settings, interval), observer)?;
                return Ok(Resumed::Learning { out, result: Box::new(result) });
            }
        };
        let network = Network::load(unfinished.network())?.typed(unfinished.input().map_err(Error::Folder)?);
        for warning in network.warnings() {
            observer.warning(&format!("{}: {warning}", network.file().display()));
        }
        if let Some(file) = intent.file.as_deref()
            && fs::read_to_string(file).is_ok_and(|text| plain(&text) != plain(&network.loaded().input))
        {
            let file = file.display();
            observer.warning(&format!(
                "{file} has changed since: the run goes on with the network that it began with"
            ));
        }
        let fingerprint = network.loaded().fingerprint().map_err(|cause| {
            Error::Folder(ResultsError::CannotRead { path: unfinished.path().to_owned(), cause })
        })?;
        let resumable = unfinished.resumable(&fingerprint).map_err(Error::Folder)?;
        announce(&network, &resumable, observer);
        let interval = &CheckpointInterval::again(interval, &intent.every, unfinished.path())?;
        let (threads, resumed) = (threads(settings.threads), Some((unfinished, resumable)));
        let result = Job { network: &network, out: &out, intent, interval, threads, resumed }.run(observer)?;
        Ok(Resumed::Run { out, result: Box::new(result) })
    })
}

/// A text without what some editors put before it.
fn plain(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Notes where a run continues.
fn announce(network: &Network, resumable: &Resumable, observer: &mut dyn RunObserver) {
    for warning in &resumable.told {
        observer.warning(warning);
    }
    let name = network.name();
    observer.note(&match resumable.reached {
        None => format!("{name}: no state was kept yet; it begins anew"),
        Some(_) if resumable.kept.fluctuations.is_some() && resumable.kept.mean_field.is_none() => {
            format!("{name}: the mean field is run again; its fluctuations go on")
        }
        Some(_) if resumable.kept.fluctuations.is_some() => {
            format!("{name}: the mean field is through; its fluctuations go on")
        }
        Some((done, total, time)) => {
            let share = 100.0 * done as f64 / total.max(1) as f64;
            let unit = network.net().units.symbol(Dimension::TIME);
            let time = format!("{} {unit}", short(time));
            let time = time.trim_end();
            format!("{name}: goes on from t = {time} ({share:.0} %)")
        }
    });
}
