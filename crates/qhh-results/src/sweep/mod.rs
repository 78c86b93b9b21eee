//! The folder of a sweep: what is finished is kept as it comes, so that a stopped sweep goes on where it was.
//!
//! | file | holds |
//! | --- | --- |
//! | `manifest.json` | which experiment this is, by the hash of its file ([`Manifest`]) |
//! | `experiment.yaml` | the network file with its experiment, options of the command line in place |
//! | `input.yaml` | the network file as its author wrote it |
//! | `points.journal` | a line for each finished run, with its checksum ([`Finished`]) |
//! | `results.csv`, or in another format | the table, a row for each run in the order of the design; once all are finished |
//! | `report.html` | the page to look at |
//! | `runs` | a results' folder for each run, where they are kept |
//! | `SHA256SUMS` | the checksum of each of these, once all runs are finished |
//!
//! The folder appears with its manifest or not at all; what is finished by then, the journal tells. The table is made
//! from the journal in the order of the design, so it has the same bytes however often the sweep was stopped.

mod folder;
mod journal;
mod shard;
mod table;
mod verify;

pub use folder::{Manifest, SweepFolder, SweepIntent};
pub use journal::{Finished, Status};
pub use shard::{Shard, ShardError};
pub use table::{AxisColumn, MeasureColumn, SEARCH_RUNS, SweepRow, SweepTable};
pub use verify::OpenRuns;
pub(super) use verify::faults;

/// Name of the table, once it is whole.
const RESULTS: &str = "results";
