//! Neurons that are to start at rest and have no stable one, with what the eigenvalue says; sleep that is more than rest;
//! thresholds below it.

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::rest::Rest;
use qhh_core::units::{Dimension, rounded};

use super::Warning;
use crate::network::{Method, Network, Population};

/// Neurons of a population that are looked at one by one, at most, evenly among all: a few hundredths of a second.
const MOST_LOOKED_AT: usize = 2000;

/// Populations of which neurons start at an unstable rest; goes through neurons that differ.
pub(super) fn unstable(network: &Network) -> Vec<Warning> {
    let mut first = 0;
    // Populations are often alike.
    let mut last: Option<(Circuit, Option<Rest>)> = None;
    let mut unstable = |circuit: Circuit| match &last {
        Some((known, rest)) if *known == circuit => rest.clone(),
        _ => {
            let rest = circuit.rest(network.rate_units()).ok().filter(Rest::is_unstable);
            last = Some((circuit, rest.clone()));
            rest
        }
    };
    let of_population = |population: &Population| {
        let from = first;
        first += population.count;
        let differ = !population.varied.is_empty();
        let looked_at = if differ { population.count.min(MOST_LOOKED_AT) } else { 1 };
        let mut found = (0..looked_at).filter_map(|k| {
            let index = k * population.count / looked_at;
            let (circuit, initial) = network.neuron(from + index)?;
            let at_rest = matches!(initial, Initial::Rest | Initial::Given { voltage: None, .. });
            let rest = if at_rest && circuit.has_batteries() { unstable(circuit) } else { None };
            Some((index, rest?))
        });
        let (index, rest) = found.next()?;
        let count = 1 + found.count();
        let who = match (differ, population.count) {
            (_, 1) => String::new(),
            (false, all) => format!("none of its {all} neurons has a stable rest: "),
            (true, all) if all == looked_at => {
                format!(
                    "{count} of its {all} neurons have no stable rest, the first `{}[{index}]`: ",
                    population.name
                )
            }
            (true, _) => {
                let name = &population.name;
                format!(
                    "{count} of {looked_at} neurons looked at have no stable rest, the first `{name}[{index}]`: "
                )
            }
        };
        Some(warning(network, population, &who, &rest))
    };
    network.populations.iter().filter_map(of_population).collect()
}

fn warning(network: &Network, population: &Population, who: &str, rest: &Rest) -> Warning {
    let units = network.units;
    let with_unit = |value: String, dimension: Dimension| {
        let symbol = units.symbol(dimension);
        if symbol.is_empty() { value } else { format!("{value} {symbol}") }
    };
    let rates = units.rate_units();
    // A ten-thousandth of a millivolt.
    let digits = if rates.millivolts > 1.0 { 7 } else { 4 };
    let voltage = |v: f64| with_unit(format!("{v:.digits$}"), Dimension::VOLTAGE);
    let time = units.symbol(Dimension::TIME);
    let per = if time.is_empty() { String::new() } else { format!(" per {time}") };
    let turns = match rest.departure.omega {
        0.0 => "without swinging".to_owned(),
        omega => format!("swinging at {}", with_unit(format!("{omega:.4}"), Dimension::FREQUENCY)),
    };
    Warning {
        path: format!("neurons.{}", population.name),
        finding: format!(
            "{who}rest is unstable: at {}, where no current flows, a small departure grows at the rate {:.4}{per}, {turns}",
            voltage(rest.voltage),
            rest.departure.rate
        ),
        remedy: format!(
            "a run starts a millivolt above, at {}; give `initial: {{voltage: ..}}` to choose the start",
            voltage(rest.start(rates))
        ),
    }
}

/// Tolerance of sleep, in mV, from which it changes what users look at: the default is a hundred thousandth of it.
const DEEP_SLEEP: f64 = 0.1;

/// Sleep so deep that weak waves and slow ways to rest are lost.
pub(super) fn deep_sleep(network: &Network) -> Vec<Warning> {
    let simulation = &network.simulation;
    let millivolts = simulation.sleep * network.rate_units().millivolts;
    if millivolts < DEEP_SLEEP || simulation.method != Method::Langevin {
        return Vec::new();
    }
    let tolerance = network.units.display(simulation.sleep, Dimension::VOLTAGE);
    vec![Warning {
        path: "simulation.sleep".to_owned(),
        finding: format!(
            "neurons within {tolerance} of rest are put to rest, and waves below {tolerance} are lost"
        ),
        remedy: "leave `sleep` out, which allows 1e-6 mV, or write `sleep: off`".to_owned(),
    }]
}

/// A threshold of spikes at or below the voltage at which neurons start: what is above it from the start on never crosses it.
pub(super) fn threshold_at_rest(network: &Network) -> Vec<Warning> {
    let Some(threshold) = network.simulation.spike_threshold else { return Vec::new() };
    let above = |population: &&Population| {
        let spikes = population.circuit.has_batteries() && population.circuit.n_gates() > 0;
        spikes && start_of(network, population).is_some_and(|start| start >= threshold)
    };
    let Some(population) = network.populations.iter().find(above) else { return Vec::new() };
    let start = start_of(network, population).unwrap_or(threshold);
    let show = |value: f64| network.units.display(value, Dimension::VOLTAGE);
    vec![Warning {
        path: "simulation.spike_threshold".to_owned(),
        finding: format!(
            "`{}` starts at {}, not below the threshold, {}, which a spike must cross from below",
            population.name,
            show(rounded(start, 6)),
            show(threshold)
        ),
        remedy: format!("write a threshold between rest and the peak of a spike, such as `{}`", show(0.0)),
    }]
}

/// The voltage at which a population starts.
fn start_of(network: &Network, population: &Population) -> Option<f64> {
    let resolved = population.initial.resolve(&population.circuit, network.rate_units());
    resolved.ok().map(|(voltage, _)| voltage)
}
