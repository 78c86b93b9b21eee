//! Many runs: points of a design, measures, thresholds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "sweep/mod.rs"]
mod sweep;
