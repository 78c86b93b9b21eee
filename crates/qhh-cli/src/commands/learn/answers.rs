//! What a network has answered while it learns, kept now and then for `qhh resume`.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use qhh_lab::learn::Memory;
use qhh_lab::learn::features::Table;
use qhh_results::ResultsError;
use qhh_results::unfinished::{Intent, Journal, LearnIntent, Unfinished};

use crate::every::{Every, Period};
use crate::failure::Failure;
use crate::output;

/// The answers of one study.
pub(super) struct Answers<'a> {
    out: &'a Path,
    name: &'a str,
    fingerprint: &'a str,
    intent: &'a LearnIntent,
    /// From before.
    known: VecDeque<Vec<u8>>,
    /// Not on the disk yet.
    fresh: Vec<Vec<u8>>,
    folder: Option<(Unfinished, Journal)>,
    /// Time between two writings; none for never.
    period: Option<Duration>,
    last: Instant,
    /// Whether it was said that answers cannot be kept.
    has_warned: bool,
}

impl<'a> Answers<'a> {
    /// Of the study of this name and fingerprint, whose results are to be at `out`; it has a folder already if it is gone
    /// on with.
    pub(super) fn new(
        out: &'a Path,
        (name, fingerprint): (&'a str, &'a str),
        intent: &'a LearnIntent,
        every: &Every,
        unfinished: Option<Unfinished>,
    ) -> Result<Self, Failure> {
        let period = match every.period() {
            Period::Never => None,
            Period::Clock(period) => Some(*period),
            Period::Simulated(_) => {
                let message = format!("--checkpoint-every {}: learning has no simulated time", every.text());
                return Err(Failure::Usage { message, help: "give a time on the clock, such as 5min" });
            }
        };
        let (fresh, last) = (Vec::new(), Instant::now());
        let known = VecDeque::new();
        let mut answers =
            Self { out, name, fingerprint, intent, known, fresh, folder: None, period, last, has_warned: false };
        if let Some(unfinished) = unfinished {
            unfinished.of(fingerprint).map_err(Failure::Request)?;
            let (journal, known) = unfinished.answers().map_err(Failure::Request)?;
            answers.known = known.into();
            answers.folder = Some((unfinished, journal));
        } else if every.is_asked_for() {
            answers.begin().map_err(Failure::Request)?;
        }
        Ok(answers)
    }

    /// Number of answers that are known from before.
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }

    fn begin(&mut self) -> Result<&mut Journal, ResultsError> {
        if self.folder.is_none() {
            let names = (self.name, self.fingerprint);
            let unfinished = Unfinished::begin(self.out, names, None, Intent::Learn(self.intent.clone()))?;
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
                output::warn(&format!("{}: what was answered cannot be kept: {cause}", self.name));
            }
            self.fresh = fresh;
        }
        written.is_ok()
    }

    /// What learning ends with whose results cannot be written: with all answers kept, if they can be.
    pub(super) fn instead_of_results(mut self, cause: ResultsError) -> Failure {
        let before = self.folder.is_some();
        let written = self.period.is_some() && self.write();
        if before || written {
            return Failure::KeptWriting { cause, out: self.out.to_owned(), has_state: true };
        }
        // Without answers it is of no use.
        self.done();
        Failure::Writing(cause)
    }

    /// What learning that was stopped ends with.
    pub(super) fn stopped(mut self) -> Failure {
        // Without answers there is nothing to go on with.
        let is_worth_it = self.period.is_some() && !self.fresh.is_empty();
        if self.folder.is_none() && !(is_worth_it && self.write()) {
            self.done();
            return Failure::Interrupted;
        }
        self.write();
        Failure::RunInterrupted { out: self.out.to_owned(), has_state: true }
    }

    /// The results are there, and answers are needed no more.
    pub(super) fn done(self) {
        if let Some((unfinished, _)) = self.folder
            && let Err(cause) = unfinished.remove()
        {
            output::warn(&format!("answers of the network are left over: {cause}"));
        }
    }
}

impl Memory for Answers<'_> {
    fn recall(&mut self) -> Option<Table> {
        let bytes = self.known.pop_front()?;
        // Checksums held; what cannot be read all the same is asked for again, and all that came after it.
        let answer = postcard::from_bytes(&bytes).ok();
        if answer.is_none() {
            self.known.clear();
        }
        answer
    }

    fn keep(&mut self, answer: &Table) {
        let Some(period) = self.period else { return };
        if let Ok(bytes) = postcard::to_stdvec(answer) {
            self.fresh.push(bytes);
        }
        if self.last.elapsed() >= period {
            self.write();
        }
    }
}
