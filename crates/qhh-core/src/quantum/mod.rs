//! Quantum states and noise: of the lines of one neuron ([`bath`], [`variance`]), of one mode ([`state`],
//! [`cumulants`], [`characteristic`], [`wigner`]), of several ([`gaussian`]), and of one seen through a circuit
//! ([`linear_map`]).

pub mod bath;
pub mod characteristic;
pub mod cumulants;
mod error;
pub mod gaussian;
pub mod linear_map;
pub mod state;
pub mod variance;
pub mod wigner;

pub use cumulants::Cumulants;
pub use error::QuantumError;
pub use gaussian::Gaussian;
pub use state::{Moments, Parity, State};
