//! Keeps the state of a run now and then, so that it can be resumed.

use std::path::Path;
use std::time::{Duration, Instant};

use qhh_core::stop;
use qhh_format::yaml::Loaded;
use qhh_net::engine::{Progress, Stage, State};
use qhh_results::unfinished::{Intent, RunIntent, Spent, Unfinished};
use qhh_results::{ResultsError, short};

use crate::interval::{CheckpointInterval, Period};
use crate::{Error, RunObserver};

/// A run of this length is not to be lost: the last state of each of its stages is kept.
const LONG: Duration = Duration::from_secs(30);

/// When the next state is due.
#[derive(Debug)]
enum Due {
    Never,
    Clock(Duration, Instant),
    /// Of simulated time, and time of the last state; later stages, which know no time, by tenths of their work.
    Simulated(f64, f64),
}

/// Keeps the states of one run.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Checkpointer<'a> {
    loaded: &'a Loaded,
    out: &'a Path,
    intent: &'a RunIntent,
    /// Made with the first state, or at the start where an interval was given.
    unfinished: Option<Unfinished>,
    due: Due,
    /// Whether a state is kept.
    has_state: bool,
    /// Whether a step was made, so that there is something to lose.
    has_begun: bool,
    /// Whether a state could not be kept: said once.
    has_warned: bool,
    start: Instant,
    tenths: (Stage, u64),
    spent: Spent,
    /// Whether the observer ends the run now.
    pub(crate) stops: bool,
}

impl<'a> Checkpointer<'a> {
    /// For a run whose results go to `out`; a run that is resumed has its folder already.
    pub(crate) fn new(
        loaded: &'a Loaded,
        out: &'a Path,
        intent: &'a RunIntent,
        interval: &CheckpointInterval,
        unfinished: Option<Unfinished>,
        spent: Spent,
    ) -> Result<Self, Error> {
        let due = match interval.period() {
            Period::Never => Due::Never,
            Period::Clock(period) => Due::Clock(*period, Instant::now()),
            Period::Simulated(_) => Due::Simulated(interval.simulated(loaded.network.units)?, 0.0),
        };
        let has_begun = unfinished.is_some();
        let mut checkpointer = Self {
            loaded,
            out,
            intent,
            unfinished,
            due,
            has_state: has_begun,
            has_begun,
            has_warned: false,
            start: Instant::now(),
            tenths: (Stage::MeanField, 0),
            spent,
            stops: false,
        };
        if interval.starts_at_once() {
            checkpointer.begin().map_err(Error::Folder)?;
        }
        Ok(checkpointer)
    }

    /// What the run cost before it was resumed.
    pub(crate) fn spent(&self) -> Spent {
        self.spent
    }

    fn begin(&mut self) -> Result<&Unfinished, ResultsError> {
        if self.unfinished.is_none() {
            let Loaded { network, attachments, .. } = self.loaded;
            let fingerprint = self.loaded.fingerprint().map_err(|cause| ResultsError::CannotRead {
                path: attachments.first().map_or_else(Default::default, |file| file.source.clone()),
                cause,
            })?;
            let names = (network.name.as_str(), fingerprint.as_str());
            let begun = Unfinished::begin(self.out, names, Some(self.loaded), Intent::Run(self.intent.clone()))?;
            self.unfinished = Some(begun);
        }
        Ok(self.unfinished.as_ref().expect("it was begun"))
    }

    /// Whether to keep the state now. That of a run that is stopped is kept, and the last of each stage where states are
    /// kept already, or once the run has taken long.
    pub(crate) fn is_due(&mut self, progress: Progress) -> bool {
        self.has_begun |= progress.done > 0;
        if matches!(self.due, Due::Never) {
            return false;
        }
        let is_long = || self.unfinished.is_some() || self.start.elapsed() >= LONG;
        if self.stops || stop::is_requested() || (progress.done == progress.total && is_long()) {
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

    /// Keeps a state. A run does not end because that fails: the one before it stands. It is said once, however often it
    /// happens.
    pub(crate) fn keep(&mut self, state: &State<'_>, spent: Spent, observer: &mut dyn RunObserver) {
        match &mut self.due {
            Due::Never => {}
            Due::Clock(_, last) => *last = Instant::now(),
            Due::Simulated(_, last) => *last = state.progress.time,
        }
        let kept = self.begin().and_then(|unfinished| unfinished.keep(state, spent));
        match kept {
            Ok(()) => self.has_state = true,
            Err(_) if self.has_warned => {}
            Err(cause) => {
                self.has_warned = true;
                observer.warning(&format!(
                    "{}: the state at t = {} cannot be kept, and the run goes on: {cause}",
                    self.loaded.network.name,
                    short(state.progress.time)
                ));
            }
        }
    }

    /// The failure of a run, and what of it is kept: its last state; without one what it takes to begin it anew.
    pub(crate) fn instead_of(&mut self, error: Error, observer: &mut dyn RunObserver) -> Error {
        let keeps = self.has_state || (self.has_begun && !matches!(self.due, Due::Never) && self.begin().is_ok());
        let (out, has_state) = (self.out.to_owned(), self.has_state);
        match error {
            Error::Cancelled if keeps => Error::RunCancelled { out, has_state },
            Error::Writing(cause) if keeps => Error::KeptWriting { cause, out, has_state },
            error => {
                if !keeps {
                    self.done(observer);
                }
                error
            }
        }
    }

    /// States are needed no more.
    pub(crate) fn done(&mut self, observer: &mut dyn RunObserver) {
        if let Some(unfinished) = self.unfinished.take()
            && let Err(cause) = unfinished.remove()
        {
            observer.warning(&format!("states of the run are left over: {cause}"));
        }
    }
}
