//! Many runs: points of a design, measures, thresholds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../models/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "others use the rest")]
mod models;
mod sweep;
