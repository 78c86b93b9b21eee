//! The program beside others we did not write, and what needs rights that a machine may not give: quantum states against
//! QuTiP's density matrices and The Walrus' covariances, published neurons against Brian2, tables in pandas and polars, pages in a browser, full disks.
//!
//! ```text
//! python3 -m venv .venv-oracles && .venv-oracles/bin/pip install numpy scipy qutip thewalrus brian2 pandas polars pyarrow 'numpy<2.4'
//! cargo test -p qhh-cli --test oracles -- --nocapture
//! ```
//!
//! `QHH_PYTHON` names another Python. A test whose program is missing is ignored, or fails with `QHH_REQUIRE_ORACLES=1`.

#![allow(unreachable_pub, reason = "modules of one test binary")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod brian;
#[path = "../browser/mod.rs"]
mod browser;
#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
#[path = "../cli/every_table.rs"]
mod every_table;
mod experiments;
#[cfg(unix)]
mod followed;
#[path = "../gaps/mod.rs"]
mod gaps;
mod gaussian;
mod looks;
#[path = "../models/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod models;
mod neuron;
mod numbers;
mod pages;
#[path = "../cli/place.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod place;
mod python;
#[path = "../require/mod.rs"]
mod require;
#[cfg(unix)]
#[path = "../browser/session.rs"]
mod session;
mod states;
mod system;
mod tables;
mod tips;
#[path = "../cli/watch.rs"]
#[allow(dead_code, unused_imports, reason = "its tests run there")]
mod watch;

// The runs of `tests/report`, of which pages are made here.
#[path = "../report/examples.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod examples;
#[path = "../report/graph.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod graph;
#[path = "../report/modes.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod modes;
#[path = "../report/outgoing.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod outgoing;
#[path = "../report/runs.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod runs;
#[path = "../report/sampled.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod sampled;
#[path = "../report/structure.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod structure;
#[path = "../report/wired.rs"]
#[allow(dead_code, unused_imports, reason = "their tests run there")]
mod wired;

use std::process::ExitCode;

use browser::CHROMIUM;
use python::{BRIAN, QUTIP, SCIPY, TABLES, WALRUS};
use require::trials;

fn main() -> ExitCode {
    require::run([
        trials![WALRUS; gaussian::gaussian_figures_are_those_of_the_walrus],
        trials![BRIAN; brian::published_neurons_fire_when_brian_says],
        trials![QUTIP;
            states::modes_through_linear_maps_are_those_of_qutip,
            neuron::a_whole_neuron_with_frozen_conductances_is_that_of_qutip,
        ],
        trials![SCIPY;
            experiments::the_price_of_memory_is_that_of_scipy,
            experiments::noise_on_the_way_to_the_bifurcation_is_that_of_scipy,
            experiments::a_packet_goes_through_a_neuron_as_scipy_says,
        ],
        trials![TABLES;
            tables::pandas_and_polars_read_every_table_of_every_format,
            tables::the_first_lines_of_the_documents_read_the_tables,
        ],
        trials![CHROMIUM;
            looks::every_page_is_sound_in_a_browser,
            looks::a_broken_page_is_found_out,
            pages::the_pages_of_the_shipped_networks_are_sound_in_a_browser,
            pages::tips_of_a_map_are_rows_of_the_table,
            tips::tips_of_a_thinned_trace_are_rows_of_the_table,
        ],
        #[cfg(unix)]
        trials![CHROMIUM; followed::an_open_page_follows_in_a_browser],
        #[cfg(unix)]
        trials![system::MOUNT;
            system::a_full_disk_keeps_a_short_run_that_went_well,
            system::a_full_disk_beside_an_earlier_run_leaves_that_run_as_it_was,
            system::a_full_disk_keeps_the_state_of_a_run_that_went_well,
            system::a_full_disk_keeps_what_was_learned,
            system::a_run_outlives_states_that_cannot_be_kept,
        ],
        #[cfg(unix)]
        trials![system::NO_RIGHTS; system::lost_permission_is_told_before_the_run],
    ])
}
