//! How far learning is, and whether to go on.

use std::ops::ControlFlow;

use super::LearnError;
use super::features::Table;

/// Told how much of how much is done; breaks to stop.
pub(crate) type Observer<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

/// Keeps what a reservoir has answered, so that a study that was stopped need not ask again.
///
/// Answers come in one order, whatever the threads: what was kept of a study may be recalled in the same study alone.
pub trait RunCache {
    /// The next answer, if it is known from before.
    fn recall(&mut self) -> Option<Table>;
    /// Keeps an answer that was not.
    fn keep(&mut self, answer: &Table);
}

/// Watches a computation of several parts.
pub struct Watch<'a> {
    /// Worker threads, 0 for one a core; results do not depend on it.
    pub threads: usize,
    observer: &'a mut dyn FnMut(f64) -> ControlFlow<()>,
    /// Part of the whole that is done, and that the part under way makes.
    window: (f64, f64),
    /// Share that was reported last.
    told: f64,
    memory: Option<&'a mut dyn RunCache>,
}

impl<'a> Watch<'a> {
    /// `observer` gets the share that is done, from 0 to 1, and breaks to stop.
    pub fn new(threads: usize, observer: &'a mut dyn FnMut(f64) -> ControlFlow<()>) -> Self {
        Self { threads, observer, window: (0.0, 1.0), told: 0.0, memory: None }
    }

    /// The same with a memory.
    #[must_use]
    pub fn remembering(mut self, memory: &'a mut dyn RunCache) -> Self {
        self.memory = Some(memory);
        self
    }

    /// The next answer of a reservoir, if it is known.
    pub(super) fn recall(&mut self) -> Option<Table> {
        self.memory.as_mut()?.recall()
    }

    /// Keeps one that was not.
    pub(super) fn keep(&mut self, answer: &Table) {
        if let Some(memory) = &mut self.memory {
            memory.keep(answer);
        }
    }

    /// What follows is part `part` of `parts` equal ones.
    pub(crate) fn part(&mut self, part: usize, parts: usize) {
        let share = 1.0 / parts.max(1) as f64;
        self.window = (part as f64 * share, share);
    }

    pub(crate) fn tell(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.told = self.window.0 + self.window.1 * done as f64 / total.max(1) as f64;
        (self.observer)(self.told)
    }

    /// Between two pieces of work that tell nothing.
    ///
    /// # Errors
    /// [`LearnError::Stopped`].
    pub(crate) fn go_on(&mut self) -> Result<(), LearnError> {
        if (self.observer)(self.told).is_break() { Err(LearnError::Stopped) } else { Ok(()) }
    }
}
