//! Names of the folder's files, and the columns of its tables.

pub(super) const SPIKES: &str = "spikes.csv";
pub(super) const TRACES_CSV: &str = "traces.csv";
pub(super) const TRACES_PARQUET: &str = "traces.parquet";
pub(super) const VARIANCE: &str = "variance.csv";
pub(super) const HYSTERESIS: &str = "hysteresis.csv";
pub(super) const LOOPS: &str = "loops.csv";
pub(super) const SPACE_TIME: &str = "space_time.csv";
/// Spread of the times of spikes.
pub(super) const JITTER: &str = "jitter.csv";
/// Variance by where its noise comes from.
pub(super) const BUDGET: &str = "noise_budget.csv";
/// Covariances of recorded voltages and waves.
pub(super) const COVARIANCE: &str = "covariance.csv";
/// Moments of voltages behind sources that are not Gaussian.
pub(super) const MOMENTS: &str = "moments.csv";
/// Moments over samples of the fields.
pub(super) const ENSEMBLE: &str = "ensemble.csv";
/// What became of each spike of the mean field in the samples.
pub(super) const FIRING: &str = "firing.csv";
/// When each spike of the mean field happens in the samples, counted.
pub(super) const SPIKE_TIMES: &str = "spike_times.csv";
/// Spikes that noise made and erased.
pub(super) const NOISE_SPIKES: &str = "noise_spikes.csv";
/// States of the modes of outgoing waves.
pub(super) const STATES: &str = "states.json";
/// Responses to the modes of sources.
pub(super) const RESPONSES: &str = "responses.csv";
pub(crate) const SUMMARY: &str = "summary.json";
pub(crate) const NETWORK: &str = "network.yaml";
/// Checksums of all the others.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";
/// Name of the page to look at.
pub const REPORT: &str = "report.html";
/// Every name this program writes; a file beside a network may have none of them.
pub(super) const RESERVED: [&str; 21] = [
    SPIKES,
    TRACES_CSV,
    TRACES_PARQUET,
    VARIANCE,
    HYSTERESIS,
    LOOPS,
    SPACE_TIME,
    JITTER,
    BUDGET,
    COVARIANCE,
    RESPONSES,
    STATES,
    MOMENTS,
    ENSEMBLE,
    FIRING,
    SPIKE_TIMES,
    NOISE_SPIKES,
    SUMMARY,
    NETWORK,
    REPORT,
    CHECKSUMS,
];

pub(super) const SPIKE_COLUMNS: &[&str] = &["neuron", "time"];
/// Of a population of single-channel neurons the first three.
pub(super) const SNAPSHOT_COLUMNS: &[&str] = &["neuron", "voltage", "n", "m", "h"];
pub(super) const VARIANCE_COLUMNS: &[&str] = &["t", "neuron", "line", "vacuum", "thermal", "state"];
pub(super) const HYSTERESIS_COLUMNS: &[&str] =
    &["neuron", "channel", "frequency", "period", "start", "area", "peak_voltage", "peak_current"];
pub(super) const ENSEMBLE_COLUMNS: &[&str] =
    &["t", "neuron", "mean", "mean_error", "variance", "variance_error", "skewness", "kurtosis"];
pub(super) const FIRING_COLUMNS: &[&str] = &[
    "neuron",
    "time",
    "probability",
    "probability_error",
    "mean_time",
    "mean_time_error",
    "jitter",
    "jitter_error",
    "linear_jitter",
    "linear_jitter_error",
];
pub(super) const SPIKE_TIMES_COLUMNS: &[&str] = &["neuron", "time", "from", "to", "samples"];
pub(super) const NOISE_SPIKES_COLUMNS: &[&str] = &["neuron", "spikes", "made", "erased"];
pub(super) const JITTER_COLUMNS: &[&str] = &["neuron", "time", "jitter"];
pub(super) const BUDGET_COLUMNS: &[&str] = &["t", "neuron", "quantity", "of", "origin", "variance"];
pub(super) const COVARIANCE_COLUMNS: &[&str] = &["t", "a", "b", "covariance"];
pub(super) const RESPONSE_COLUMNS: &[&str] = &["t", "neuron", "source", "re_u", "im_u"];
pub(super) const MOMENTS_COLUMNS: &[&str] = &["t", "neuron", "variance", "skewness", "kurtosis"];
pub(super) const LOOP_COLUMNS: &[&str] = &["neuron", "channel", "t", "voltage", "current"];

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
