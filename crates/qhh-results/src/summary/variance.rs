//! The largest variances, by line and by cutoff.

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::network::Fluctuations;
use qhh_net::outcome::{CutoffDependence, CutoffRow, NeuronVariance};
use serde::{Deserialize, Serialize};

use crate::number::short;

/// A variance at its largest, and its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Name of the neuron.
    pub neuron: String,
    /// When, among the sampled times.
    pub time: f64,
    /// The variance: its three parts together, which are null from samples, as these know the whole alone.
    pub variance: f64,
    /// Every line and source mode in vacuum.
    pub vacuum: Option<f64>,
    /// What temperature adds.
    pub thermal: Option<f64>,
    /// What the sources' states add; negative where they squeeze.
    pub state: Option<f64>,
    /// `vacuum/variance`; above 1 where states squeeze, null where there is no variance, or from samples.
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
    pub vacuum: Option<f64>,
    /// What temperature adds.
    pub thermal: Option<f64>,
    /// What the source's state adds.
    pub state: Option<f64>,
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

impl VarianceSummary {
    /// `None` if nothing was sampled.
    pub(super) fn new(network: &Network, variance: &NeuronVariance, times: &[f64]) -> Option<Self> {
        let at = |row: usize| {
            variance.lines.iter().fold([0.0; 3], |[vacuum, thermal, state], line| {
                [vacuum + line.vacuum[row], thermal + line.thermal[row], state + line.state[row]]
            })
        };
        let row = variance.largest();
        let time = *times.get(row)?;
        let [vacuum, thermal, state] = at(row);
        let whole = variance.total(row);
        let apart = network.quantum.is_none_or(|quantum| quantum.fluctuations != Fluctuations::Wigner);
        let part = |value: f64| apart.then_some(value);
        let lines = variance.lines.iter().map(|line| LinePart {
            line: line.line.clone(),
            vacuum: part(line.vacuum[row]),
            thermal: part(line.thermal[row]),
            state: part(line.state[row]),
        });
        Some(Self {
            peak: Peak {
                neuron: network.neuron_name(variance.neuron),
                time,
                variance: whole,
                vacuum: part(vacuum),
                thermal: part(thermal),
                state: part(state),
                vacuum_share: (apart && whole > 0.0).then(|| vacuum / whole),
            },
            lines: lines.collect(),
            cutoff: CutoffSummary::new(&variance.cutoff, network.units),
        })
    }
}

pub(super) fn largest(variances: &[VarianceSummary]) -> Option<Peak> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
