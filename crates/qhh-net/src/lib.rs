//! Networks of quantized Hodgkin-Huxley neurons: populations, the engine, what a run keeps.
//!
//! Data flows one way: [`network::Network`] (resolved, plain data) -> compiled arrays -> [`engine`] -> [`record`].
//! This crate knows no YAML, paths, formats or wall clock.

pub mod check;
mod compile;
pub mod engine;
pub mod invariant;
pub mod network;
pub mod record;

pub use engine::{Progress, RunError, run};
pub use network::Network;
pub use record::Outcome;
