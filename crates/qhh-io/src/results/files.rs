//! Names of the folder's files, and the columns of its tables.

pub(super) const SPIKES: &str = "spikes.csv";
pub(super) const TRACES_CSV: &str = "traces.csv";
pub(super) const TRACES_PARQUET: &str = "traces.parquet";
pub(super) const VARIANCE: &str = "variance.csv";
pub(super) const HYSTERESIS: &str = "hysteresis.csv";
pub(super) const LOOPS: &str = "loops.csv";
pub(super) const SPACE_TIME: &str = "space_time.csv";
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const NETWORK: &str = "network.yaml";
/// Name of the page to look at.
pub const REPORT: &str = "report.html";
/// Every name this program writes; a file beside a network may have none of them.
pub(super) const RESERVED: [&str; 10] =
    [SPIKES, TRACES_CSV, TRACES_PARQUET, VARIANCE, HYSTERESIS, LOOPS, SPACE_TIME, SUMMARY, NETWORK, REPORT];

pub(super) const SPIKE_COLUMNS: &[&str] = &["neuron", "time"];
pub(super) const VARIANCE_COLUMNS: &[&str] = &["t", "neuron", "line", "vacuum", "thermal", "state"];
pub(super) const HYSTERESIS_COLUMNS: &[&str] =
    &["neuron", "channel", "frequency", "period", "start", "area", "peak_voltage", "peak_current"];
pub(super) const LOOP_COLUMNS: &[&str] = &["neuron", "channel", "t", "voltage", "current"];

/// Lines that open a resolved network; [`super::read()`] takes them off again.
pub(super) fn network_header(version: &str) -> String {
    format!(
        "# The network as qhh {version} ran it, every default spelled out. `qhh run {NETWORK}` gives the same \
         numbers again.\n"
    )
}
