//! How many cases the tests try: a few by default, so that all tests together take minutes, and every one with
//! `QHH_ALL_CASES=1`, as `.ci/run` sets it.
//!
//! All numbers of cases that cost time stand here. The few are the same ones each time, and reach
//! every assertion; what is asserted of shares of the cases is asserted of the few as well.

/// Numbers of cases of one test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cases {
    few: usize,
    all: usize,
}

impl Cases {
    /// How many of them are tried.
    pub(crate) fn number(self) -> usize {
        if all_are_tried() { self.all } else { self.few }
    }

    /// What all of them must come to at least, for as many as are tried.
    pub(crate) fn at_least(self, all: usize) -> usize {
        all * self.number() / self.all
    }

    /// [`number`](Self::number) as proptest takes it.
    pub(crate) fn random(self) -> u32 {
        u32::try_from(self.number()).expect("a few hundred")
    }
}

/// Whether every case is tried.
pub(crate) fn all_are_tried() -> bool {
    std::env::var_os("QHH_ALL_CASES").is_some_and(|value| !value.is_empty() && value != "0")
}

const fn cases(few: usize, all: usize) -> Cases {
    Cases { few, all }
}

/// States whose volume of negativity is known, of `tests/data/negativity.json`.
pub(crate) const NEGATIVITIES: Cases = cases(24, 240);
/// Random states behind random maps of one mode.
pub(crate) const MAPS: Cases = cases(16, 48);

/// Random networks beside the plain solvers, unless `QHH_DIFFERENTIAL` says how many.
pub(crate) const DIFFERENTIAL: Cases = cases(12, 50);
/// Random networks whose errors of frequencies at the start are known.
pub(crate) const BOUNDS_AT_REST: Cases = cases(24, 90);
/// The same through runs.
pub(crate) const BOUNDS_THROUGH_RUNS: Cases = cases(20, 114);
/// Random networks, of which those with waves that come back have their errors compared with the dense solver.
pub(crate) const BOUNDS_WITH_ECHOES: Cases = cases(20, 470);
/// Random networks whose couplings are a little off, found in fluctuations.
pub(crate) const COUPLINGS_OFF: Cases = cases(1, 6);

/// Random channels, circuits, states and patterns of whole runs.
pub(crate) const CHANNELS: Cases = cases(6, 12);
pub(crate) const CIRCUITS: Cases = cases(12, 24);
pub(crate) const STATES: Cases = cases(6, 12);
pub(crate) const PATTERNS: Cases = cases(6, 12);

/// Random networks that are written and read back, and descriptions that are joined.
pub(crate) const ROUND_TRIPS: Cases = cases(300, 300);
pub(crate) const JOINED: Cases = cases(200, 200);

/// Pages of all kinds of runs that a browser looks at.
pub(crate) const PAGES: Cases = cases(2, 28);

/// Networks whose memory is announced and then taken, besides one neuron.
pub(crate) const MEMORIES: Cases = cases(5, 14);
/// Speakers with a thousand trained waveguides each.
pub(crate) const SPEAKERS: Cases = cases(20, 100);

/// Moments at which a program is stopped: while it learns, and in each of four kinds of runs that a page follows.
pub(crate) const STOPS_OF_LEARNING: Cases = cases(2, 4);
pub(crate) const STOPS_OF_WATCHING: Cases = cases(2, 4);
/// Runs killed, unless `QHH_SOAK_KILLS` says how many: at least one of every kind.
pub(crate) const KILLS: Cases = cases(5, 10);
