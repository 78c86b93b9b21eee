//! How a neuron's mean field moves in time: [`langevin`] step by step, [`adiabatic`] in closed form.

pub mod adiabatic;
pub mod kernel;
pub mod langevin;
pub mod lanes;
