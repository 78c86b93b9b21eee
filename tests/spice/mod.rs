//! Networks told to ngspice, which solves the same circuits by its own means. Shared by tests.

pub mod guides;
pub mod netlist;
pub mod simulator;
mod sources;
