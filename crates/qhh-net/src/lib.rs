//! Networks of quantized Hodgkin-Huxley neurons: populations, the engine, what a run keeps.
//!
//! Data flows one way: [`network::Network`] (resolved, plain data) -> compiled arrays -> [`engine`] -> [`record`].
//! This crate knows no YAML, paths, formats or wall clock.

pub mod arms;
pub mod check;
mod checked;
mod coupling;
pub mod engine;
pub mod fed;
pub mod figure;
pub mod invariant;
mod layout;
mod memory;
pub mod network;
mod neurons;
pub mod parameter;
pub mod pattern;
pub mod random;
mod recheck;
pub mod record;
mod scattering;
pub mod spread;
mod strong;
pub mod tasks;
pub mod topology;
mod truncated;
pub mod warnings;

pub use checked::Checked;
pub use engine::{Progress, RunError, RunOptions, Simulation, run, run_with};
pub use memory::{Extent, Memory, ModesSize, SamplesSize};
pub use network::Network;
pub use neurons::{Neurons, Places};
pub use record::Outcome;
pub use scattering::{Link, PortAt, links};
pub use warnings::Warning;
