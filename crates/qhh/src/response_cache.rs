//! What a network has responded while it learns or is fitted, kept now and then so that both can be resumed.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use qhh_lab::learn::RunCache;
use qhh_lab::learn::features::Table;
use qhh_results::ResultsError;
use qhh_results::unfinished::{Intent, Journal, Unfinished};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::interval::{CheckpointInterval, Period};
use crate::{Error, RunObserver};

/// The responses of one study.
pub(crate) struct ResponseCache<'a> {
    out: &'a Path,
    name: &'a str,
    fingerprint: &'a str,
    intent: Intent,
    /// From before.
    known: VecDeque<Vec<u8>>,
    /// Not on the disk yet.
    fresh: Vec<Vec<u8>>,
    folder: Option<(Unfinished, Journal)>,
    /// Time between two writings; none for never.
    period: Option<Duration>,
    last: Instant,
    /// Why they could not be kept: a warning, given once.
    warning: Option<String>,
    has_warned: bool,
}

impl<'a> ResponseCache<'a> {
    /// Of the study of this name and fingerprint, whose results are to be at `out`; it has a folder already if it is gone
    /// on with.
    pub(crate) fn new(
        out: &'a Path,
        (name, fingerprint): (&'a str, &'a str),
        intent: Intent,
        interval: &CheckpointInterval,
        unfinished: Option<Unfinished>,
    ) -> Result<Self, Error> {
        let period = match interval.period() {
            Period::Never => None,
            Period::Clock(period) => Some(*period),
            Period::Simulated(_) => {
                let message = format!("`checkpoint-every` {}: learning has no simulated time", interval.text());
                return Err(Error::Usage { message, remedy: "give a time on the clock, such as 5min" });
            }
        };
        let (fresh, last) = (Vec::new(), Instant::now());
        let known = VecDeque::new();
        let mut cache = Self {
            out,
            name,
            fingerprint,
            intent,
            known,
            fresh,
            folder: None,
            period,
            last,
            warning: None,
            has_warned: false,
        };
        if let Some(unfinished) = unfinished {
            unfinished.of(fingerprint).map_err(Error::Folder)?;
            let (journal, known) = unfinished.answers().map_err(Error::Folder)?;
            cache.known = known.into();
            cache.folder = Some((unfinished, journal));
        } else if interval.starts_at_once() {
            cache.begin().map_err(Error::Folder)?;
        }
        Ok(cache)
    }

    /// Number of answers that are known from before.
    pub(crate) fn known(&self) -> usize {
        self.known.len()
    }

    fn begin(&mut self) -> Result<&mut Journal, ResultsError> {
        if self.folder.is_none() {
            let names = (self.name, self.fingerprint);
            let unfinished = Unfinished::begin(self.out, names, None, self.intent.clone())?;
            let (journal, _) = unfinished.answers()?;
            self.folder = Some((unfinished, journal));
        }
        Ok(&mut self.folder.as_mut().expect("it was begun").1)
    }

    /// Writes what is not on the disk yet, and whether that was done; if not, the next time writes it.
    fn write(&mut self) -> bool {
        self.last = Instant::now();
        let fresh = std::mem::take(&mut self.fresh);
        let written = self.begin().and_then(|journal| journal.append(&fresh));
        if let Err(cause) = &written {
            if !std::mem::replace(&mut self.has_warned, true) {
                self.warning = Some(format!("{}: what was answered cannot be kept: {cause}", self.name));
            }
            self.fresh = fresh;
        }
        written.is_ok()
    }

    /// Gives the warning that was not given yet.
    fn warn(&mut self, observer: &mut dyn RunObserver) {
        if let Some(warning) = self.warning.take() {
            observer.warning(&warning);
        }
    }

    /// What learning ends with whose results cannot be written: with all answers kept, if they can be.
    pub(crate) fn instead_of_results(mut self, cause: ResultsError, observer: &mut dyn RunObserver) -> Error {
        let before = self.folder.is_some();
        let written = self.period.is_some() && self.write();
        if before || written {
            self.warn(observer);
            return Error::KeptWriting { cause, out: self.out.to_owned(), has_state: true };
        }
        // Without answers it is of no use.
        self.done(observer);
        Error::Writing(cause)
    }

    /// What learning that was stopped ends with.
    pub(crate) fn stopped(mut self, observer: &mut dyn RunObserver) -> Error {
        // Without answers there is nothing to resume.
        let is_worth_it = self.period.is_some() && !self.fresh.is_empty();
        if self.folder.is_none() && !(is_worth_it && self.write()) {
            self.done(observer);
            return Error::Cancelled;
        }
        self.write();
        self.warn(observer);
        Error::RunCancelled { out: self.out.to_owned(), has_state: true }
    }

    /// The results are there, and answers are needed no more.
    pub(crate) fn done(mut self, observer: &mut dyn RunObserver) {
        self.warn(observer);
        if let Some((unfinished, _)) = self.folder
            && let Err(cause) = unfinished.remove()
        {
            observer.warning(&format!("answers of the network are left over: {cause}"));
        }
    }

    /// The next response of those known from before.
    pub(crate) fn recall<T: DeserializeOwned>(&mut self) -> Option<T> {
        let bytes = self.known.pop_front()?;
        // Checksums held; what cannot be read all the same is computed again, and all that came after it.
        let answer = postcard::from_bytes(&bytes).ok();
        if answer.is_none() {
            self.known.clear();
        }
        answer
    }

    /// Keeps a response.
    pub(crate) fn keep(&mut self, answer: &impl Serialize) {
        let Some(period) = self.period else { return };
        if let Ok(bytes) = postcard::to_stdvec(answer) {
            self.fresh.push(bytes);
        }
        if self.last.elapsed() >= period {
            self.write();
        }
    }
}

impl RunCache for ResponseCache<'_> {
    fn recall(&mut self) -> Option<Table> {
        ResponseCache::recall(self)
    }

    fn keep(&mut self, answer: &Table) {
        ResponseCache::keep(self, answer);
    }
}
