//! Keeps the state of a run now and then, so that `qhh resume` can go on with it.

use std::path::Path;
use std::time::{Duration, Instant};

use qhh_io::results::unfinished::{Intent, RunIntent, Spent, Unfinished};
use qhh_io::results::{ResultsError, short};
use qhh_io::yaml::Loaded;
use qhh_net::engine::{Progress, Stage, State};

use crate::every::{Every, Period};
use crate::failure::Failure;
use crate::output;

/// When the next state is due.
#[derive(Debug)]
enum Due {
    Never,
    Clock(Duration, Instant),
    /// Of simulated time, and time of the last state; later stages, which know no time, by tenths of their work.
    Simulated(f64, f64),
}

/// Keeps the states of one run.
pub(crate) struct Keeper<'a> {
    loaded: &'a Loaded,
    out: &'a Path,
    intent: &'a RunIntent,
    /// Made with the first state, unless states were asked for.
    unfinished: Option<Unfinished>,
    due: Due,
    /// Whether a state is kept.
    has_state: bool,
    tenths: (Stage, u64),
    spent: Spent,
}

impl<'a> Keeper<'a> {
    /// Of a run whose results are to be at `out`; it has a folder already if it is gone on with.
    pub(crate) fn new(
        loaded: &'a Loaded,
        out: &'a Path,
        intent: &'a RunIntent,
        every: &Every,
        unfinished: Option<Unfinished>,
        spent: Spent,
    ) -> Result<Self, Failure> {
        let due = match every.period() {
            Period::Never => Due::Never,
            Period::Clock(period) => Due::Clock(*period, Instant::now()),
            Period::Simulated(_) => Due::Simulated(every.simulated(loaded.network.units)?, 0.0),
        };
        let (has_state, tenths) = (unfinished.is_some(), (Stage::MeanField, 0));
        let mut keeper = Self { loaded, out, intent, unfinished, due, has_state, tenths, spent };
        if every.is_asked_for() {
            keeper.begin().map_err(Failure::Request)?;
        }
        Ok(keeper)
    }

    /// What the run has cost before it was gone on with.
    pub(crate) fn spent(&self) -> Spent {
        self.spent
    }

    fn begin(&mut self) -> Result<&Unfinished, ResultsError> {
        if self.unfinished.is_none() {
            let Loaded { network, yaml, attachments, .. } = self.loaded;
            let fingerprint = self.loaded.fingerprint().map_err(|cause| ResultsError::CannotRead {
                path: attachments.first().map_or_else(Default::default, |file| file.source.clone()),
                cause,
            })?;
            let names = (network.name.as_str(), fingerprint.as_str());
            let begun =
                Unfinished::begin(self.out, names, Some((yaml, attachments)), Intent::Run(self.intent.clone()))?;
            self.unfinished = Some(begun);
        }
        Ok(self.unfinished.as_ref().expect("it was begun"))
    }

    /// Whether to keep the state now. Where states are kept, the last of each stage is, and that of a run that is
    /// stopped.
    pub(crate) fn is_due(&mut self, progress: Progress, stopped: bool) -> bool {
        if self.unfinished.is_some() && (stopped || progress.done == progress.total) {
            return true;
        }
        match &mut self.due {
            Due::Never => false,
            Due::Clock(period, last) => last.elapsed() >= *period,
            Due::Simulated(period, last) if progress.stage == Stage::MeanField => {
                // A period that is a whole number of steps must not wait for the next one by rounding.
                progress.time - *last >= *period * (1.0 - 1e-9)
            }
            Due::Simulated(..) => {
                let tenths = (progress.stage, 10 * progress.done / progress.total.max(1));
                std::mem::replace(&mut self.tenths, tenths) != tenths
            }
        }
    }

    /// Keeps a state. A run does not end because that fails: the one before it stands.
    pub(crate) fn keep(&mut self, state: &State<'_>, spent: Spent) {
        match &mut self.due {
            Due::Never => {}
            Due::Clock(_, last) => *last = Instant::now(),
            Due::Simulated(_, last) => *last = state.progress.time,
        }
        let kept = self.begin().and_then(|unfinished| unfinished.keep(state, spent));
        match kept {
            Ok(()) => self.has_state = true,
            Err(cause) => output::warn(&format!(
                "{}: the state at t = {} cannot be kept: {cause}",
                self.loaded.network.name,
                short(state.progress.time)
            )),
        }
    }

    /// The failure of a run, and what of it is kept. A folder without a state is of no use.
    pub(crate) fn instead_of(&mut self, failure: Failure) -> Failure {
        let out = self.out.to_owned();
        match (self.has_state, failure) {
            (true, Failure::Interrupted) => Failure::RunInterrupted { out },
            (true, Failure::Writing(cause)) => Failure::KeptWriting { cause, out },
            (true, failure) => failure,
            (false, failure) => {
                self.done();
                failure
            }
        }
    }

    /// States are needed no more.
    pub(crate) fn done(&mut self) {
        if let Some(unfinished) = self.unfinished.take()
            && let Err(cause) = unfinished.remove()
        {
            output::warn(&format!("states of the run are left over: {cause}"));
        }
    }
}
