//! Over how many processes the runs of this thread are spread, and how many of them share the memory of this machine.

use std::cell::Cell;

/// Processes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    /// All of them.
    pub(crate) ranks: usize,
    /// Those on this machine.
    pub(crate) here: usize,
}

/// A run of one process.
pub(crate) const ALONE: Spread = Spread { ranks: 1, here: 1 };

thread_local! {
    static SPREAD: Cell<Spread> = const { Cell::new(ALONE) };
}

/// That of the runs of this thread.
pub(crate) fn spread() -> Spread {
    SPREAD.get()
}

/// From now on.
pub(crate) fn set(spread: Spread) {
    SPREAD.set(spread);
}
