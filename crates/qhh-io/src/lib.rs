//! Files, both ways: YAML networks in; tables, summary and report out. This crate cannot step a network.

pub mod graph;
mod hash;
pub mod learning;
pub mod report;
pub mod results;
mod rows;
pub mod tables;
pub mod task;
pub mod yaml;
