//! Whole runs of networks built in memory: against references, and against what physics demands.

mod data;
#[path = "../models/mod.rs"]
mod models;
mod invariant;
mod reference;
