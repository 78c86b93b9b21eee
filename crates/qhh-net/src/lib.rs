//! Networks of quantized Hodgkin-Huxley neurons: populations, the engine, what a run keeps.
//!
//! Rooms in the order that data goes through them: [`network`] (the resolved description, plain data), `coupling` (who is
//! joined to whom, where each neuron is stepped), [`validate`] (what a network must obey), [`outcome`] (recorders and
//! what a run hands over), [`engine`], and `memory` (what a run will take). This crate knows no YAML, paths, formats or
//! wall clock.

pub mod coupling;
pub mod engine;
mod memory;
pub mod network;
pub mod outcome;
mod recheck;
pub mod tasks;
pub mod validate;

pub use coupling::{Link, PortAt, links};
pub use engine::{Progress, RunError, RunOptions, Simulation, run, run_with};
pub use memory::{Extent, Memory, ModesSize, SamplesSize};
pub use network::{Network, Neurons, Places};
pub use outcome::Outcome;
pub use validate::{Checked, Warning};
