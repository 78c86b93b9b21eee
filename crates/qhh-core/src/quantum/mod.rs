//! Quantum states and noise of one neuron: [`state`], [`bath`], [`variance`], [`heisenberg`].

pub mod bath;
pub mod heisenberg;
pub mod state;
pub mod variance;

pub use state::{Moments, Parity, State};
