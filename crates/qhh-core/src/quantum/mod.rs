//! Quantum states and noise: of the lines of one neuron ([`bath`], [`variance`]), of one mode ([`crate::state`],
//! [`cumulants`], [`characteristic`], [`wigner`]), of several ([`gaussian`]), of one seen through a circuit
//! ([`linear_map`]); and the response of a neuron to field modes ([`heisenberg`]).

pub mod bath;
pub mod characteristic;
pub mod cumulants;
mod error;
pub mod gaussian;
pub mod heisenberg;
pub mod linear_map;
pub mod sampled;
pub mod variance;
pub mod wigner;

pub use crate::state::{Moments, Parity, State};
pub use cumulants::Cumulants;
pub use error::QuantumError;
pub use gaussian::Gaussian;
