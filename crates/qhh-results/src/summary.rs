//! `summary.json`: what ran, what came out and what it cost, typed.
//!
//! All but [`Summary::cost`] is the same, byte for byte, whatever the number of threads.

mod modes;
mod origins;
mod spikes;
mod variance;
mod waves;

use qhh_net::outcome::{NeuronLoop, Outcome};
use qhh_net::{Network, Warning};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::files::SUMMARY;
use super::{Cost, FinishedRun, Incomplete, ResultsError, Verification};
pub use modes::JitterSummary;
pub use origins::{OriginPart, OriginSummary};
use qhh_format::hash::sha256;
pub use spikes::{MOST_LISTED, NeuronSpikes, PopulationSpikes, SpikesSummary};
pub use variance::{CutoffPart, CutoffSummary, LinePart, Peak, VarianceSummary};
pub use waves::{ConductionSummary, SpaceTimeSummary, WavesSummary};

/// The whole summary. Numbers are in the network's units; a number that is none (a check that broke down) is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// `qhh`.
    pub program: String,
    /// Its version.
    pub version: String,
    /// Name of the network.
    pub name: String,
    /// What it shows, in the user's words.
    pub description: String,
    /// Unit system of every number.
    pub units: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// SHA-256 of the resolved network's text, without its header: equal for equal settings.
    pub network_sha256: String,
    /// Where and why the run ended before its time; left out of whole ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Incomplete>,
    /// What the network says that is hardly meant, each with its remedy; left out where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Values that `--set` put in place of the file's own; left out where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Every resolved setting.
    pub network: Value,
    /// What came out.
    pub outcome: OutcomeSummary,
    /// Errors of its figures, with `--estimate-error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What it cost.
    pub cost: Cost,
}

/// What came out of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeSummary {
    /// Number of neurons stepped.
    pub n_neurons: usize,
    /// Number of time steps made.
    pub n_steps: u64,
    /// Spikes, counted.
    pub spikes: SpikesSummary,
    /// Range of the voltage of each recorded neuron, over every step.
    pub voltages: Vec<NeuronVoltage>,
    /// The largest variance of any recorded neuron; null without fluctuations.
    pub largest_variance: Option<Peak>,
    /// The largest variance of each recorded neuron.
    pub variances: Vec<VarianceSummary>,
    /// Frequencies of every line that field modes were followed at; null without them.
    #[serde(default)]
    pub frequencies: Option<usize>,
    /// Spread of the times of each recorded neuron's spikes; empty without field modes.
    #[serde(default)]
    pub jitter: Vec<JitterSummary>,
    /// Variances of single numbers by their origin, where recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginSummary>,
    /// Areas of the memristors' loops, where recorded.
    pub hysteresis: Vec<HysteresisSummary>,
    /// What `space_time.csv` holds; null where there is none.
    pub space_time: Option<SpaceTimeSummary>,
    /// Energy of the waves; null without waveguides.
    pub waves: Option<WavesSummary>,
    /// How fast spikes pass, by entry of waveguides.
    #[serde(default)]
    pub conduction: Vec<ConductionSummary>,
    /// What must hold, and whether it does.
    pub checks: Vec<CheckSummary>,
    /// What was approximated.
    pub approximations: Vec<ApproximationSummary>,
}

/// Range of one neuron's mean voltage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeuronVoltage {
    /// Its name.
    pub neuron: String,
    /// Highest voltage.
    pub highest: f64,
    /// When.
    pub highest_time: f64,
    /// Lowest voltage.
    pub lowest: f64,
    /// When.
    pub lowest_time: f64,
}

/// One memristor's loops, summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HysteresisSummary {
    /// Name of the neuron.
    pub neuron: String,
    /// `potassium` or `sodium`.
    pub channel: String,
    /// Angular frequency of the drive.
    pub frequency: f64,
    /// Number of whole periods.
    pub periods: usize,
    /// Area of the first.
    pub first_area: Option<f64>,
    /// Area of the last.
    pub last_area: Option<f64>,
    /// Largest area of any.
    pub largest_area: Option<f64>,
}

/// One check of the physics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSummary {
    /// What must hold.
    pub name: String,
    /// What is measured.
    pub meaning: String,
    /// How far it fails to hold; null if that could not be computed.
    #[serde(deserialize_with = "null_is_nan")]
    pub defect: f64,
    /// Largest defect of a healthy run; null where any is accepted.
    #[serde(deserialize_with = "null_is_infinite")]
    pub expected_below: f64,
    /// Whether the defect is as small as it should be.
    pub holds: bool,
}

/// One approximation of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApproximationSummary {
    /// Its name.
    pub name: String,
    /// What it leaves out, and its error in this run.
    pub statement: String,
}

impl Summary {
    /// Sums up a run; `resolved` is its network as JSON.
    pub fn new(run: &FinishedRun, resolved: Value) -> Self {
        let network = &run.network;
        Self {
            program: "qhh".to_owned(),
            version: run.version.clone(),
            name: network.name.clone(),
            description: network.description.clone(),
            units: network.units.name().to_owned(),
            seed: network.simulation.seed,
            network_sha256: sha256(&run.network_yaml),
            incomplete: run.incomplete.clone(),
            warnings: run.warnings.clone(),
            set: run.set.clone(),
            network: cut(resolved),
            outcome: OutcomeSummary::new(network, &run.outcome),
            verification: run.verification.clone(),
            cost: run.cost,
        }
    }

    /// As the text of a file.
    pub(super) fn to_json(&self) -> Result<String, ResultsError> {
        let mut text = serde_json::to_string_pretty(self).map_err(|cause| ResultsError::Summary { cause })?;
        text.push('\n');
        // JSON has no infinities: they would be null, and the folder could not be read any more.
        match serde_json::from_str::<Self>(&text) {
            Ok(_) => Ok(text),
            Err(cause) => Err(ResultsError::NoNumber { file: SUMMARY, problem: cause.to_string() }),
        }
    }
}

/// Entries of a map or list of the network that a summary has at most.
const MOST_ENTRIES: usize = 1000;

/// A network whose long maps and lists end with a line that says how many entries `network.yaml` has beyond.
fn cut(value: Value) -> Value {
    let more = |count: usize| Value::from(format!("and {} more: network.yaml has all", count - MOST_ENTRIES));
    match value {
        Value::Object(map) => {
            let count = map.len();
            let mut kept: serde_json::Map<_, _> =
                map.into_iter().take(MOST_ENTRIES).map(|(key, value)| (key, cut(value))).collect();
            if count > MOST_ENTRIES {
                kept.insert("...".to_owned(), more(count));
            }
            kept.into()
        }
        Value::Array(list) => {
            let count = list.len();
            let mut kept: Vec<_> = list.into_iter().take(MOST_ENTRIES).map(cut).collect();
            if count > MOST_ENTRIES {
                kept.push(more(count));
            }
            kept.into()
        }
        other => other,
    }
}

impl OutcomeSummary {
    /// Sums up what came out of a run of `network`.
    pub fn new(network: &Network, outcome: &Outcome) -> Self {
        let times = &outcome.traces.times;
        let variances: Vec<_> =
            outcome.variances.iter().filter_map(|v| VarianceSummary::new(network, v, times)).collect();
        let voltages = outcome.extremes.iter().map(|extremes| NeuronVoltage {
            neuron: network.neuron_name(extremes.neuron),
            highest: extremes.highest.0,
            highest_time: extremes.highest.1,
            lowest: extremes.lowest.0,
            lowest_time: extremes.lowest.1,
        });
        let checks = outcome.checks.iter().map(|check| CheckSummary {
            name: check.name.to_string(),
            meaning: check.meaning.to_string(),
            defect: check.defect,
            expected_below: check.expected_below,
            holds: check.holds(),
        });
        let approximations = outcome.approximations.iter().map(|approximation| ApproximationSummary {
            name: approximation.name.clone(),
            statement: approximation.statement.clone(),
        });
        Self {
            n_neurons: outcome.n_neurons,
            n_steps: outcome.n_steps,
            spikes: SpikesSummary::new(network, outcome),
            voltages: voltages.collect(),
            largest_variance: variance::largest(&variances),
            variances,
            frequencies: outcome.frequencies,
            jitter: JitterSummary::of(network, outcome),
            origins: OriginSummary::of(network, outcome),
            hysteresis: outcome.loops.iter().map(|one| HysteresisSummary::new(network, one)).collect(),
            space_time: outcome.space_time.as_ref().map(SpaceTimeSummary::new),
            waves: outcome.waves.as_ref().map(WavesSummary::new),
            conduction: outcome.conduction.iter().map(ConductionSummary::new).collect(),
            checks: checks.collect(),
            approximations: approximations.collect(),
        }
    }

    /// Neuron with the highest voltage; the first of equals.
    pub fn highest_voltage(&self) -> Option<&NeuronVoltage> {
        self.voltages.iter().reduce(|best, v| if v.highest > best.highest { v } else { best })
    }

    /// Neuron with the lowest voltage; the first of equals.
    pub fn lowest_voltage(&self) -> Option<&NeuronVoltage> {
        self.voltages.iter().reduce(|best, v| if v.lowest < best.lowest { v } else { best })
    }
}

impl HysteresisSummary {
    fn new(network: &Network, one: &NeuronLoop) -> Self {
        let areas: Vec<f64> = one.hysteresis.periods.iter().map(|period| period.area).collect();
        Self {
            neuron: network.neuron_name(one.neuron),
            channel: one.channel.to_string(),
            frequency: one.hysteresis.omega,
            periods: areas.len(),
            first_area: areas.first().copied(),
            last_area: areas.last().copied(),
            largest_area: areas.iter().copied().reduce(f64::max),
        }
    }
}

fn null_is_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn null_is_infinite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_that_is_no_number_survives_as_null() {
        let check = CheckSummary {
            name: "a".into(),
            meaning: "b".into(),
            defect: f64::NAN,
            expected_below: f64::INFINITY,
            holds: false,
        };
        let text = serde_json::to_string(&check).unwrap();
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        let back: CheckSummary = serde_json::from_str(&text).unwrap();
        assert!(back.defect.is_nan() && back.expected_below == f64::INFINITY);
    }
}
