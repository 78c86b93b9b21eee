//! Names of the folder's files.

use super::fill::{SPACE_TIME, TRACES};
use crate::tables::format::FORMATS;
use crate::tables::rows::TABLES;

/// States of the modes of outgoing waves.
pub(super) const STATES: &str = "states.json";
pub(crate) const SUMMARY: &str = "summary.json";
pub(crate) const DERIVATIVES: &str = "sensitivity.json";
/// Finished runs of a sweep.
pub(crate) const JOURNAL: &str = "points.journal";
pub(crate) const NETWORK: &str = "network.yaml";
/// The network file as its author wrote it.
pub(crate) const INPUT: &str = "input.yaml";
/// Checksums of all the others.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";
/// Name of the page to look at.
pub const REPORT: &str = "report.html";

/// Whether this program writes a file of this name; a file beside a network may have none of them.
pub(super) fn is_reserved(name: &str) -> bool {
    let tables = || TABLES.iter().map(|table| table.name).chain([TRACES, SPACE_TIME]);
    [STATES, SUMMARY, NETWORK, INPUT, REPORT, CHECKSUMS].contains(&name)
        || FORMATS.iter().any(|format| tables().any(|table| format.file(table) == name))
}

/// Lines that open a resolved network.
pub(super) fn network_header(version: &str) -> String {
    format!(
        "# The network as qhh {version} ran it, every default spelled out. `qhh run {NETWORK}` gives the same \
         numbers again.\n"
    )
}

/// A resolved network without the lines that open it.
pub(super) fn without_header<'a>(network: &'a str, version: &str) -> &'a str {
    network.strip_prefix(network_header(version).as_str()).unwrap_or(network)
}
