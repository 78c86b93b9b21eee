//! How a neuron's mean field moves in time: [`langevin`] step by step, [`adiabatic`] in closed form;
//! [`adjoint`] goes through the steps backwards.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

pub mod adiabatic;
pub mod adjoint;
mod few;
pub mod group;
pub mod kernel;
pub mod lanes;
pub mod langevin;
mod mechanism;
mod narrow;
pub mod sleep;
pub mod state;
pub mod tables;
pub(crate) mod vectors;
pub mod window;
