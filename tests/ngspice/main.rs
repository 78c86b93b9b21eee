//! Networks against ngspice, which solves the same circuits by its own means: chosen ones, random ones and their noise.
//!
//! Any small network file can be compared so, by its path or its path from the root of the repository:
//!
//! ```text
//! NETWORK=networks/chain.yaml cargo test -p qhh-results --test ngspice -- --nocapture given
//! ```
//!
//! The mean field of the langevin method can be told to ngspice. Without it all tests are ignored, or fail with
//! `QHH_REQUIRE_ORACLES=1`. `QHH_DIFFERENTIAL` says how many random networks are compared, as in `tests/differential`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "the deviations are worth reading")]
#![allow(unreachable_pub, reason = "modules of one test binary")]

#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod chosen;
#[path = "../differential/compare.rs"]
#[expect(dead_code, reason = "shared with another test")]
mod compare;
mod drawn;
mod exported;
#[path = "../gaps/mod.rs"]
mod gaps;
#[path = "../differential/generate.rs"]
#[expect(dead_code, reason = "shared with another test")]
mod generate;
#[path = "../models/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod models;
mod noise;
mod random;
#[path = "../differential/reference.rs"]
mod reference;
#[path = "../require/mod.rs"]
mod require;
#[path = "../differential/shrink.rs"]
mod shrink;
#[path = "../spice/mod.rs"]
mod spice;
#[path = "../differential/tally.rs"]
mod tally;
#[path = "../differential/trying.rs"]
mod trying;
#[path = "../differential/units.rs"]
#[expect(dead_code, reason = "shared with another test")]
mod units;

use std::process::ExitCode;

use require::{Need, note, trials};

static NGSPICE: Need = Need {
    missing: "no ngspice",
    remedy: "install `ngspice`",
    is_met: spice::simulator::is_installed,
    can_be_required: true,
};

static NETWORK: Need = Need {
    missing: "no network given",
    remedy: "let the variable `NETWORK` name a network file",
    is_met: || std::env::var_os("NETWORK").is_some(),
    can_be_required: false,
};

/// How the test is called that compares a given network.
const GIVEN: &str = "given";

fn the_given_network_agrees() {
    let network = chosen::load(std::env::var_os("NETWORK").unwrap().as_ref());
    let found = random::compare(&network).unwrap_or_else(|problem| panic!("{problem}"));
    note!("{found}");
    chosen::agrees(network);
}

fn main() -> ExitCode {
    require::run([
        trials![NGSPICE;
            chosen::a_chain_agrees,
            chosen::a_lossy_chain_agrees,
            chosen::a_true_line_agrees,
            chosen::a_ring_agrees,
            chosen::a_diamond_agrees,
            chosen::neurons_without_batteries_agree,
            drawn::random_networks_agree_with_ngspice,
            drawn::exported_netlists_have_the_same_spikes,
            drawn::exported_netlists_know_every_channel,
            drawn::couplings_a_little_off_are_found_by_ngspice,
            noise::hot_lines_are_the_resistors_of_ngspice,
        ],
        trials![NETWORK; the_given_network_agrees],
    ])
}
