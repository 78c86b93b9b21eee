//! Sweeps and what they measure.

mod measure;
mod plan;
mod threshold;
mod workers;
