//! What a run was to find beside the mean field, in a line each: spread of spike times, outgoing modes, budgets.

use qhh::RunResult;
use qhh_core::units::Dimension;
use qhh_lab::measure::Measure;
use qhh_net::network::OutputMode;
use qhh_results::number::side_of_vacuum;
use qhh_results::{OutcomeSummary, short};

/// Modes, pairs and budgets that have a line, at most.
const MOST: usize = 4;
/// Noise lines of a budget that are named.
const NAMED: usize = 3;

/// Rows beside those of the mean field.
pub(super) fn rows(result: &RunResult, outcome: &OutcomeSummary) -> Vec<(&'static str, String)> {
    let units = result.net().units;
    let with_unit = |value: f64, unit: &str| format!("{} {unit}", short(value)).trim_end().to_owned();
    let mut rows = Vec::new();
    if let Some(most) = outcome.jitter.iter().max_by(|a, b| a.largest.total_cmp(&b.largest)) {
        let least = outcome.jitter.iter().map(|of| of.smallest).fold(f64::INFINITY, f64::min);
        let time = units.symbol(Dimension::TIME);
        let range = if least < most.largest {
            format!("{} to {}", short(least), with_unit(most.largest, time))
        } else {
            with_unit(least, time)
        };
        rows.push(("jitter", format!("{range}, the largest of {}", most.neuron)));
    }
    let names: Vec<String> = result.net().modes.iter().flat_map(OutputMode::names).collect();
    let measured = |name: &str| {
        let measure = Measure::parse(name, units).ok()?;
        let value = measure.of(result.net(), result.outcome());
        value.is_finite().then(|| (value, measure.unit(units)))
    };
    for name in names.iter().take(MOST) {
        let photons =
            measured(&format!("{name}.photons")).map(|(n, unit)| format!("{} photons", with_unit(n, &unit)));
        let squeezing = measured(&format!("{name}.squeezing")).map(|(db, unit)| {
            let size = with_unit(db.abs(), &unit);
            format!("{size} {} the vacuum in the quietest quadrature", side_of_vacuum(db))
        });
        let parts: Vec<String> = photons.into_iter().chain(squeezing).collect();
        if !parts.is_empty() {
            rows.push(("mode", format!("{name}: {}", parts.join(", "))));
        }
    }
    let pairs = names.iter().enumerate().flat_map(|(k, one)| names[k + 1..].iter().map(move |other| (one, other)));
    for (one, other) in pairs.take(MOST) {
        if let Some((value, unit)) = measured(&format!("{one}+{other}.negativity")) {
            let negativity = with_unit(value, &unit);
            rows.push(("entanglement", format!("{one} with {other}: log negativity {negativity}")));
        } else if result.outcome().states.is_some() {
            let why = "no joint state, as their modes are not independent";
            rows.push(("entanglement", format!("{one} with {other}: {why}")));
        }
    }
    let budgets = outcome.origins.iter().zip(&result.net().record.budget_of);
    for (of, figure) in budgets.filter(|(of, _)| of.value.is_some()).take(MOST) {
        let largest = of.largest.iter().take(NAMED);
        let shares = largest.map(|part| format!("{} {} {:.0} %", part.neuron, part.line, 100.0 * part.share));
        let shares: Vec<String> = shares.collect();
        let deviation = with_unit(of.deviation, units.symbol(figure.dimension()));
        rows.push(("budget", format!("{}, deviation {deviation}: {}", of.figure, shares.join(", "))));
    }
    rows
}

/// Numbers whose budget was to be found and which the run does not have.
pub(super) fn missing(outcome: &OutcomeSummary) -> impl Iterator<Item = String> {
    let missing = outcome.origins.iter().filter(|of| of.value.is_none());
    missing.map(|of| format!("note: {} does not happen: no budget", of.figure))
}
