//! Simulate networks of quantized Hodgkin-Huxley neurons: what the command line `qhh` does, as a library.
//!
//! ```
//! use qhh::{Network, RunSettings};
//!
//! let network = Network::builder("axon")
//!     .set("simulation.duration", "30 ms")
//!     .set("neurons.axon.membrane.capacitance", "1 uF")
//!     .set("neurons.axon.channels.potassium", "{conductance: 36 mS, reversal: -77 mV}")
//!     .set("neurons.axon.channels.sodium", "{conductance: 120 mS, reversal: 50 mV}")
//!     .set("neurons.axon.channels.chloride", "{conductance: 0.3 mS, reversal: -54.387 mV}")
//!     .set("sources.step", "{into: axon, current: {shape: constant, amplitude: 10 uA, start: 5 ms}}")
//!     .build()?;
//! let result = network.run(&RunSettings::default(), &mut ())?;
//! assert_eq!(result.outcome().spikes.len(), 2);
//! # Ok::<(), qhh::Error>(())
//! ```
//!
//! [`Network`] is a network that can run: from a file, a text, a document, or built entry by entry by the names of a
//! network file. [`Network::run`] gives a [`RunResult`], [`Network::run_into`] writes the command line's folder as well and
//! keeps states for resuming it. A [`RunObserver`] watches, a [`CancelToken`] ends work from another thread within a few
//! tenths of a second, and every failure is an [`Error`] with its place and remedy.
//!
//! [`Fit`] trains values of a network itself. [`Sweep`] runs one network many times, [`LearningTask`] trains readouts of its features, [`Model`] predicts
//! with them, [`Reservoir`] hands the features to readouts trained elsewhere; [`Network::sensitivity`] says what a number of
//! a run depends on, [`Network::record`] keeps a run for numbers that a program makes of its voltages;
//! [`resume()`], [`verify()`], [`compare()`] and [`Graph`] are the commands of those names.
//!
//! Names of items, fields and of what is in [`RunResult::tables`] and its serialized form are meant to stay as they are,
//! but for what the crates below bring along ([`RunResult::outcome`], [`Network::net`]). Before version 1.0 a change is
//! said in the changelog.
//!
//! Public types own their data, and none has a lifetime but views of a result. [`Network`], [`RunResult`], [`Error`] and
//! [`CancelToken`] can be sent to other threads and shared between them.
//!
//! The crates below it are there for what it does not cover: [`qhh_core`] is one neuron, [`qhh_net`] networks and their
//! engine, [`qhh_format`] files, [`qhh_results`] what runs leave, [`qhh_report`] pages, [`qhh_lab`] many runs and learning.
#![doc = ""]
#![doc = include_str!("../doc/flow.svg")]

mod checkpointer;
mod cost;
mod error;
mod fit;
mod graph;
mod interval;
mod learn;
mod network;
mod observe;
pub mod ranks;
mod recording;
mod resources;
mod response_cache;
mod result;
mod resume;
mod run;
mod sensitivity;
mod settings;
mod simulate;
mod spread;
mod stepping;
mod sweep;
mod tasks;
pub mod text;
mod verification;

pub use qhh_core::stop::CancelToken;
pub use qhh_format::export::Export;
pub use qhh_format::yaml::{Addition, NumberEntry, Override, OverrideError};
pub use qhh_net::{Extent, Warning};
pub use qhh_results::sweep::Shard;
pub use qhh_results::{Format, Summary, Verdict, Verification};
/// A value of [`NetworkBuilder::set`] and [`Network::set`] in place: `json!({"conductance": "36 mS"})`.
pub use serde_json::json;
pub use {qhh_core, qhh_format, qhh_lab, qhh_net, qhh_report, qhh_results};

pub use error::{Error, ErrorKind, Mistake};
pub use fit::{Fit, FitResult};
pub use graph::Graph;
pub use interval::CheckpointInterval;
pub use learn::{LearningResult, LearningTask, Model, Prediction, Reservoir};
pub use network::{LoadOptions, Network, NetworkBuilder, Purpose, Value, fit_schema, network_schema, task_schema};
pub use observe::{Progress, RunObserver, Stage};
pub use recording::Recording;
pub use resources::{FluctuationEstimate, ResourceEstimate};
pub use result::{RunResult, Trace};
pub use resume::{Resumed, resume};
pub use sensitivity::Sensitivity;
pub use settings::{FolderSettings, RunSettings};
pub use sweep::{Experiment, Sweep, SweepResult, SweepSettings};

/// Verifies a folder of results: the checksums of its files, what they say of one another, and, of a run, the physics of
/// what its tables hold. Damage is no error but part of the verdict.
///
/// # Errors
/// [`Error::Folder`] if there is no folder of results.
pub fn verify(folder: impl AsRef<std::path::Path>) -> Result<Verdict, Error> {
    qhh_results::verify(folder.as_ref()).map_err(Error::Folder)
}

/// One page, complete in itself, that overlays several runs, each under the name of its folder, or of its network where it
/// was not read from one; in the units of the first, from which differences are.
pub fn compare<'a>(results: impl IntoIterator<Item = &'a RunResult>) -> String {
    let compared =
        |result: &'a RunResult| qhh_report::Compared { run: result.finished(), folder: result.folder() };
    qhh_report::compare_page(results.into_iter().map(compared))
}

/// The page about using the crates from Rust, compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/rust.md")]
struct RustPage;
