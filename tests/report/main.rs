//! The structure of the HTML report; how a browser sees it is seen in `tests/oracles`.

#[expect(dead_code, reason = "some are pages of tests/oracles alone")]
mod examples;
mod graph;
#[path = "../models/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests of other crates")]
mod models;
mod modes;
mod outgoing;
mod runs;
mod sampled;
mod structure;
mod wired;
