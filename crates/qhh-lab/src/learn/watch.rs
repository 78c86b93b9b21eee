//! How far learning is, and whether to go on.

use std::ops::ControlFlow;

use super::LearnError;

/// Told how much of how much is done; breaks to stop.
pub(crate) type Observer<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

/// Watches a computation of several parts.
pub struct Watch<'a> {
    /// Worker threads, 0 for one a core; results do not depend on it.
    pub threads: usize,
    observer: &'a mut dyn FnMut(f64) -> ControlFlow<()>,
    /// Part of the whole that is done, and that the part under way makes.
    window: (f64, f64),
    /// Share that was told last.
    told: f64,
}

impl<'a> Watch<'a> {
    /// `observer` is told the share that is done, from 0 to 1, and breaks to stop.
    pub fn new(threads: usize, observer: &'a mut dyn FnMut(f64) -> ControlFlow<()>) -> Self {
        Self { threads, observer, window: (0.0, 1.0), told: 0.0 }
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
