//! The HTML report: its structure, and how a browser sees it.

#[path = "../browser/mod.rs"]
mod browser;
mod examples;
mod graph;
mod looks;
#[path = "../models/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests of other crates")]
mod models;
mod modes;
mod outgoing;
#[path = "../require/mod.rs"]
mod require;
mod runs;
mod sampled;
mod structure;
mod tips;
mod wired;
