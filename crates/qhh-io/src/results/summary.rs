//! `summary.json`: what ran, what came out and what it cost, typed.
//!
//! All but [`Summary::cost`] is the same, byte for byte, whatever the number of threads.

use std::fmt::Write as _;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::record::{CutoffDependence, CutoffRow, NeuronLoop, NeuronVariance, Outcome};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Cost, FinishedRun, ResultsError};

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
    /// Every resolved setting.
    pub network: Value,
    /// What came out.
    pub outcome: OutcomeSummary,
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
    /// Areas of the memristors' loops, where recorded.
    pub hysteresis: Vec<HysteresisSummary>,
    /// What must hold, and whether it does.
    pub checks: Vec<CheckSummary>,
    /// What was approximated.
    pub approximations: Vec<ApproximationSummary>,
}

/// Spikes of a run, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpikesSummary {
    /// All together.
    pub total: usize,
    /// Neuron of the first spike.
    pub first_neuron: Option<String>,
    /// Its time.
    pub first_time: Option<f64>,
    /// Population by population.
    pub populations: Vec<PopulationSpikes>,
    /// Neuron by neuron, the first [`MOST_LISTED`] of the network; `spikes.csv` has them all.
    pub neurons: Vec<NeuronSpikes>,
}

/// Neurons whose spikes the summary lists one by one, at most.
pub const MOST_LISTED: usize = 1000;

/// Spikes of one population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationSpikes {
    /// Its name.
    pub population: String,
    /// How many its neurons fired together.
    pub count: usize,
    /// How many of its neurons fired at all.
    pub neurons_fired: usize,
}

/// Spikes of one neuron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeuronSpikes {
    /// Its name.
    pub neuron: String,
    /// How many.
    pub count: usize,
    /// Time of the first.
    pub first_time: Option<f64>,
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

/// A variance at its largest, and its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Name of the neuron.
    pub neuron: String,
    /// When, among the sampled times.
    pub time: f64,
    /// The variance: its three parts together.
    pub variance: f64,
    /// Every line and source mode in vacuum.
    pub vacuum: f64,
    /// What temperature adds.
    pub thermal: f64,
    /// What the sources' states add; negative where they squeeze.
    pub state: f64,
    /// `vacuum/variance`; above 1 where states squeeze, null where there is no variance.
    pub vacuum_share: Option<f64>,
}

/// One neuron's largest variance, by line and by cutoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VarianceSummary {
    /// When and how much.
    #[serde(flatten)]
    pub peak: Peak,
    /// What each line contributes then.
    pub lines: Vec<LinePart>,
    /// How it depends on the cutoff.
    pub cutoff: CutoffSummary,
}

/// One line's part of a variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinePart {
    /// `potassium`, `output`, `source NAME` ..
    pub line: String,
    /// With the line in vacuum.
    pub vacuum: f64,
    /// What temperature adds.
    pub thermal: f64,
    /// What the source's state adds.
    pub state: f64,
}

/// How a variance depends on the cutoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutoffSummary {
    /// The table in a sentence.
    pub statement: String,
    /// Time of the table.
    pub time: f64,
    /// One row for each cutoff, ascending; the middle one is the network's own.
    pub rows: Vec<CutoffPart>,
}

/// Parts of a variance at one cutoff.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CutoffPart {
    /// Cutoff (angular frequency).
    pub cutoff: f64,
    /// Every line and source mode in vacuum.
    pub vacuum: f64,
    /// What temperature adds.
    pub thermal: f64,
    /// What the sources' states add.
    pub state: f64,
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
            network: resolved,
            outcome: OutcomeSummary::new(network, &run.outcome),
            cost: run.cost,
        }
    }

    /// As the text of a file.
    pub(super) fn to_json(&self) -> Result<String, ResultsError> {
        let mut text = serde_json::to_string_pretty(self).map_err(|cause| ResultsError::Summary { cause })?;
        text.push('\n');
        Ok(text)
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
            largest_variance: largest(&variances),
            variances,
            hysteresis: outcome.loops.iter().map(|one| HysteresisSummary::new(network, one)).collect(),
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

impl SpikesSummary {
    fn new(network: &Network, outcome: &Outcome) -> Self {
        let mut counts = vec![(0, None); network.n_neurons()];
        for spike in &outcome.spikes {
            let (count, first) = &mut counts[spike.neuron];
            *count += 1;
            first.get_or_insert(spike.time);
        }
        let mut rest = counts.as_slice();
        let populations = network.populations.iter().map(|population| {
            let (own, others) = rest.split_at(population.count);
            rest = others;
            PopulationSpikes {
                population: population.name.clone(),
                count: own.iter().map(|(count, _)| count).sum(),
                neurons_fired: own.iter().filter(|(count, _)| *count > 0).count(),
            }
        });
        let populations = populations.collect();
        let listed = counts.iter().take(MOST_LISTED).enumerate();
        let first = outcome.spikes.first();
        Self {
            total: outcome.spikes.len(),
            first_neuron: first.map(|spike| network.neuron_name(spike.neuron)),
            first_time: first.map(|spike| spike.time),
            populations,
            neurons: listed
                .map(|(neuron, &(count, first_time))| NeuronSpikes {
                    neuron: network.neuron_name(neuron),
                    count,
                    first_time,
                })
                .collect(),
        }
    }
}

impl VarianceSummary {
    /// `None` if nothing was sampled.
    fn new(network: &Network, variance: &NeuronVariance, times: &[f64]) -> Option<Self> {
        let at = |row: usize| {
            variance.lines.iter().fold([0.0; 3], |[vacuum, thermal, state], line| {
                [vacuum + line.vacuum[row], thermal + line.thermal[row], state + line.state[row]]
            })
        };
        let row = variance.largest();
        let time = *times.get(row)?;
        let [vacuum, thermal, state] = at(row);
        let whole = variance.total(row);
        let lines = variance.lines.iter().map(|line| LinePart {
            line: line.line.clone(),
            vacuum: line.vacuum[row],
            thermal: line.thermal[row],
            state: line.state[row],
        });
        Some(Self {
            peak: Peak {
                neuron: network.neuron_name(variance.neuron),
                time,
                variance: whole,
                vacuum,
                thermal,
                state,
                vacuum_share: (whole > 0.0).then(|| vacuum / whole),
            },
            lines: lines.collect(),
            cutoff: CutoffSummary::new(&variance.cutoff, network.units),
        })
    }
}

fn largest(variances: &[VarianceSummary]) -> Option<Peak> {
    let peaks = variances.iter().map(|variance| &variance.peak);
    peaks.reduce(|best, peak| if peak.variance > best.variance { peak } else { best }).cloned()
}

impl CutoffSummary {
    fn new(dependence: &CutoffDependence, units: UnitSystem) -> Self {
        let part = |row: &CutoffRow| CutoffPart {
            cutoff: row.cutoff,
            vacuum: row.vacuum,
            thermal: row.thermal,
            state: row.state,
        };
        Self {
            statement: cutoff_statement(dependence, units),
            time: dependence.time,
            rows: dependence.rows.iter().map(part).collect(),
        }
    }
}

/// The table in a sentence: how much smaller or larger the variance would be with the lowest and highest cutoff.
fn cutoff_statement(dependence: &CutoffDependence, units: UnitSystem) -> String {
    let total = |row: &CutoffRow| row.vacuum + row.thermal + row.state;
    let with_unit = |value: f64, dimension| with_unit(value, units.symbol(dimension));
    let rows = &dependence.rows;
    let (Some(own), Some(low), Some(high)) = (rows.get(rows.len() / 2), rows.first(), rows.last()) else {
        return "The variance was computed at one cutoff only.".to_owned();
    };
    let other = |row: &CutoffRow| {
        let ratio = total(row) / total(own);
        let change = if (0.5..2.0).contains(&ratio) {
            format!(" ({:+.1} %)", 100.0 * (ratio - 1.0))
        } else if ratio.is_finite() {
            format!(" ({} times that)", short(ratio))
        } else {
            String::new()
        };
        format!(
            "{} with {}{change}",
            with_unit(total(row), Dimension::VOLTAGE_SQUARED),
            with_unit(row.cutoff, Dimension::FREQUENCY)
        )
    };
    format!(
        "The variance depends on the cutoff, which is a choice of the model. At t = {} it is {} with the cutoff at \
         {}; it would be {} and {}.",
        with_unit(dependence.time, Dimension::TIME),
        with_unit(total(own), Dimension::VOLTAGE_SQUARED),
        with_unit(own.cutoff, Dimension::FREQUENCY),
        other(low),
        other(high),
    )
}

fn with_unit(value: f64, symbol: &str) -> String {
    let number = short(value);
    if symbol.is_empty() { number } else { format!("{number} {symbol}") }
}

/// A number to four digits, for reading: `5.951`, `-65`, `1.2e-7`.
pub fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    if (1e-3..1e6).contains(&rounded.abs()) { format!("{rounded}") } else { format!("{rounded:e}") }
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

fn sha256(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
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
    fn numbers_for_reading_have_four_digits() {
        let texts = [5.951_34, -65.0, 0.0, 1.234_56e-7, 123_456.0, f64::NAN].map(short);
        assert_eq!(texts, ["5.951", "-65", "0", "1.235e-7", "123500", "NaN"]);
    }

    #[test]
    fn the_cutoff_is_spelled_out() {
        let row = |cutoff, vacuum| CutoffRow { cutoff, vacuum, thermal: 0.0, state: 0.0 };
        let dependence =
            CutoffDependence { time: 7.0, rows: vec![row(100.0, 0.8), row(200.0, 1.0), row(400.0, 1.25)] };
        let statement = cutoff_statement(&dependence, UnitSystem::HodgkinHuxley);
        assert!(statement.contains("it is 1 mV² with the cutoff at 200 rad/ms"), "{statement}");
        assert!(statement.contains("0.8 mV² with 100 rad/ms (-20.0 %)"), "{statement}");
        assert!(statement.contains("1.25 mV² with 400 rad/ms (+25.0 %)"), "{statement}");
        let nothing = CutoffDependence { time: 0.0, rows: vec![row(1.0, 0.0)] };
        assert!(!cutoff_statement(&nothing, UnitSystem::Raw).contains("NaN"));
    }

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
