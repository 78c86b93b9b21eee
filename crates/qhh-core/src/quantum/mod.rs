//! Quantum states and noise of one neuron: [`state`], [`bath`], [`variance`].

pub mod bath;
pub mod state;
pub mod variance;

pub use state::{Moments, Parity, State};
