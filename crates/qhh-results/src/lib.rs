//! What runs, sweeps and learning leave: folders with tables, summaries and states, written and read back.
//!
//! The folder of a run:
//!
//! | file | holds |
//! | --- | --- |
//! | tables, as `NAME.csv` or in another format | those of [`crate::tables::rows`] that the run has rows for, and two |
//! | `traces` | `t` and one column for each `neuron.quantity` |
//! | `space_time` | `t` and the voltage of each of some neurons, for a picture; only with several neurons |
//! | `states.json` | states of the modes of outgoing waves |
//! | `summary.json` | what ran, what came out, what it cost: [`Summary`] |
//! | `network.yaml` | the resolved network, and beside it the files it refers to |
//! | `report.html` | the page to look at |
//! | `SHA256SUMS` | the checksum of each of these |
//!
//! Numbers are in the network's unit system and in the shortest form that reads back to the same bits.
//! [`write()`] fills a temporary sibling and renames it at the end, so a folder that exists is whole. What the numbers
//! mean is others' business: [`qhh_net::outcome`] for the quantities, the page's maker for pictures.
//!
//! # Examples
//! Numbers as pages and terminals show them; files keep every digit:
//! ```
//! use qhh_results::number::{number, within};
//!
//! assert_eq!(number(-65.0, 4), "−65");
//! assert_eq!(within(0.343_023_9, 0.012_235), "0.343\u{a0}±\u{a0}0.012");
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

mod checksums;
pub mod dry_run;
mod error;
mod files;
mod fill;
pub mod fitting;
mod folder;
mod folder_lock;
pub mod learning;
pub mod number;
mod read;
pub mod sensitivity;
mod states;
mod summary;
pub mod sweep;
pub mod tables;
pub mod unfinished;
pub mod verification;
mod verify;
mod write;

use qhh_net::{Network, Outcome, Warning};

pub use crate::tables::Format;

pub use error::ResultsError;
pub use files::REPORT;
pub use fill::tables as run_tables;
pub use folder::{check_no_file, is_whole, keep_aside, write_folder, write_text, write_whole};
pub use folder_lock::FolderLock;
pub use number::short;
pub use read::{Opened, open, read};
pub use states::{
    InputSummary, ModeSummary, MomentsSummary, PairSummary, StatesSummary, ThroughSummary, TogetherSummary,
    WignerSummary,
};
pub use summary::{
    ApproximationSummary, CheckSummary, ConductionSummary, CutoffPart, CutoffSummary, HysteresisSummary,
    JitterSummary, LinePart, MOST_LISTED, NeuronSpikes, NeuronVoltage, OriginPart, OriginSummary, OutcomeSummary,
    Peak, PopulationSpikes, SpaceTimeSummary, SpikesSummary, Summary, VarianceSummary, WavesSummary,
};
pub use verification::Verification;
pub use verify::{Verdict, verify};
pub use write::{WriteOptions, write};

/// What a run cost.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cost {
    /// Seconds on the clock.
    pub wall_seconds: f64,
    /// Those of them that went by before the first step: laying out neurons and waveguides.
    pub build_seconds: f64,
    /// Those in which the mean field was stepped; the rest is of fluctuations and of putting results together. None of runs in
    /// a sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_field_seconds: Option<f64>,
    /// Seconds of processor time, all threads together.
    pub cpu_seconds: f64,
    /// Steps of one neuron per wall second after that.
    pub neuron_steps_per_second: f64,
    /// Largest resident memory of the process in bytes; 0 where the system does not tell.
    pub peak_memory_bytes: u64,
    /// Worker threads, of each process.
    pub threads: usize,
    /// What several processes exchanged; none of a run on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranks: Option<RanksCost>,
}

/// What the processes of a run exchanged, window by window.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RanksCost {
    /// Processes.
    pub ranks: usize,
    /// Bytes of waves that one sent to another, all together.
    pub exchanged_bytes: u64,
    /// What these are if every port sends something in every window, as `qhh check --ranks` predicts.
    #[serde(default)]
    pub expected_bytes: u64,
    /// Seconds that a process waited for waves, of the one that waited longest: for messages, and for those with more to
    /// do.
    pub exchange_seconds: f64,
    /// Largest resident memory of any of them in bytes; 0 where the system does not tell.
    pub peak_memory_bytes: u64,
}

impl RanksCost {
    /// Takes in what another process exchanged.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            ranks: self.ranks,
            exchanged_bytes: self.exchanged_bytes + other.exchanged_bytes,
            expected_bytes: self.expected_bytes + other.expected_bytes,
            exchange_seconds: self.exchange_seconds.max(other.exchange_seconds),
            peak_memory_bytes: self.peak_memory_bytes.max(other.peak_memory_bytes),
        }
    }
}

/// A finished run, fresh from the engine or read back from its folder.
#[derive(Debug, Clone)]
pub struct FinishedRun {
    /// The network that ran.
    pub network: Network,
    /// It as text, every default spelled out.
    pub network_yaml: String,
    /// The file that it was read from, as its author wrote it; empty where there was none.
    pub input: String,
    /// What can run but is hardly meant of it and its data files.
    pub warnings: Vec<Warning>,
    /// Values that were put in place of its file's own, each `PATH = VALUE`.
    pub set: Vec<String>,
    /// What came out.
    pub outcome: Outcome,
    /// What it cost.
    pub cost: Cost,
    /// Version of the program that ran it.
    pub version: String,
    /// Errors of its figures, where they were estimated.
    pub verification: Option<Verification>,
    /// Where and why it ended before its time; the network and the outcome are then those until there
    /// ([`Network::until`]).
    pub incomplete: Option<Incomplete>,
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Incomplete {
    /// Time until which its results go.
    pub until: f64,
    /// What happened then, in a sentence.
    pub reason: String,
}
