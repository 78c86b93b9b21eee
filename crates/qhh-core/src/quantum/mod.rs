//! Quantum states and noise: of the lines of one neuron ([`bath`], [`variance`]), of one mode ([`state`],
//! [`cumulants`], [`characteristic`]) and of several ([`gaussian`]).

pub mod bath;
pub mod characteristic;
pub mod cumulants;
mod error;
pub mod gaussian;
pub mod state;
pub mod variance;

pub use cumulants::Cumulants;
pub use error::QuantumError;
pub use gaussian::Gaussian;
pub use state::{Moments, Parity, State};
