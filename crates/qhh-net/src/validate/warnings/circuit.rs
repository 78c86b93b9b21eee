//! Circuits with values a thousand times what a cell has, as a unit without its prefix gives.
//!
//! Conductances and capacitances are judged by the membrane's time constants, of circuits with batteries alone: the
//! papers' neurons have none and are given in bare numbers.

use qhh_core::channel::Channel;
use qhh_core::units::{Dimension, UnitSystem, rounded};

use super::Warning;
use super::step::rounded_time;
use crate::network::{Network, Parameter, Population, StartValue};

/// Largest potential of a cell that is taken without a warning, in mV; the reversal potentials of cells lie within 150 mV.
const LARGEST_POTENTIAL: f64 = 300.0;
/// Shortest membrane time constant with a gated channel wholly open, in ms; that of the squid axon is 0.008 ms.
const SHORTEST_GATED: f64 = 1e-3;
/// Shortest membrane time constant with the leak alone, in ms; that of the squid axon is 3.3 ms.
const SHORTEST_LEAK: f64 = 1e-2;
/// Longest membrane time constant with every channel open, in ms.
const LONGEST: f64 = 1e3;
/// The same where some of them are gated, in ms; that of the squid axon is 0.006 ms.
const LONGEST_GATED: f64 = 5.0;

/// Potentials far outside those of cells: reversals, starting voltages, the spike threshold.
pub(super) fn potentials(network: &Network) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut look = |path: String, what: &str, value: f64| {
        if value.abs() * network.rate_units().millivolts > LARGEST_POTENTIAL {
            let show = |value: f64| network.units.display(value, Dimension::VOLTAGE);
            warnings.push(Warning {
                path,
                finding: format!(
                    "{what} of {} lies far outside those of cells, which are within 150 mV",
                    show(value)
                ),
                remedy: format!("write `{}` if that is meant", show(rounded(value / 1e3, 12))),
            });
        }
    };
    for population in &network.populations {
        let path = |parameter: Parameter| format!("neurons.{}.{}", population.name, population.path_of(parameter));
        for (place, channel) in population.circuit.channels.iter().enumerate() {
            if let Some(reversal) = channel.reversal {
                let parameter = Parameter::Reversal(place);
                let farthest = population.farthest(parameter, reversal);
                look(path(parameter), "a reversal potential", farthest);
            }
        }
        if let qhh_core::circuit::Initial::Given { voltage: Some(voltage), .. } = population.initial {
            let parameter = Parameter::Initial(StartValue::Voltage);
            look(path(parameter), "a voltage at the start", population.farthest(parameter, voltage));
        }
    }
    if let Some(threshold) = network.simulation.spike_threshold {
        look("simulation.spike_threshold".to_owned(), "a threshold", threshold);
    }
    warnings
}

/// Size of potentials, in mV, below which all of a population are taken for volts whose unit was forgotten.
const SMALLEST_POTENTIALS: f64 = 1.0;

/// Potentials that all lie within a millivolt of zero, as bare volts do.
pub(super) fn volts(network: &Network) -> Vec<Warning> {
    // The numbers of `raw` have no unit that could be forgotten.
    if network.units == UnitSystem::Raw {
        return Vec::new();
    }
    let show = |value: f64| network.units.display(value, Dimension::VOLTAGE);
    let small = |values: &[f64]| {
        let far = values.iter().map(|value| value.abs()).fold(0.0, f64::max) * network.rate_units().millivolts;
        far > 0.0 && far < SMALLEST_POTENTIALS
    };
    let of = |population: &Population| {
        let path = |parameter: Parameter| format!("neurons.{}.{}", population.name, population.path_of(parameter));
        let warning = |path: String, what: &str, value: f64| Warning {
            path,
            finding: format!(
                "{what} within {} of zero, as bare volts do",
                show(1.0 / network.rate_units().millivolts)
            ),
            remedy: format!("write a unit, such as `{}`", show(rounded(value * 1e3, 6))),
        };
        let channels = population.circuit.channels.iter().enumerate();
        let reversals: Vec<(Parameter, f64)> = channels
            .filter_map(|(place, channel)| {
                let parameter = Parameter::Reversal(place);
                Some((parameter, population.farthest(parameter, channel.reversal?)))
            })
            .collect();
        let values: Vec<f64> = reversals.iter().map(|(_, value)| *value).collect();
        let first = reversals.iter().find(|(_, value)| *value != 0.0);
        let of_reversals = first
            .filter(|_| values.len() > 1 && small(&values))
            .map(|(parameter, value)| warning(path(*parameter), "all reversal potentials lie", *value));
        let start = Parameter::Initial(StartValue::Voltage);
        let listed = population.varied.iter().find(|variation| variation.parameter == start);
        let of_start = listed.and_then(|variation| {
            let (low, high) = variation.values.range();
            let far = if low.abs() > high.abs() { low } else { high };
            (population.circuit.has_batteries() && small(&[low, high]))
                .then(|| warning(path(start), "all voltages at the start lie", far))
        });
        of_reversals.into_iter().chain(of_start)
    };
    network.populations.iter().flat_map(of).collect()
}

/// Reversal potentials of potassium above zero, and of sodium below: in every cell there is more potassium within, and more
/// sodium without.
pub(super) fn signs(network: &Network) -> Vec<Warning> {
    let of = |population: &Population, place: usize, channel: &Channel| {
        let parameter = Parameter::Reversal(place);
        let (low, high) = population.values(parameter, channel.reversal?);
        let (value, is, lies) = match channel.name.text() {
            "potassium" if low > 0.0 => (low, "above", "below"),
            "sodium" if high < 0.0 => (high, "below", "above"),
            _ => return None,
        };
        let show = |value: f64| network.units.display(value, Dimension::VOLTAGE);
        let name = channel.name.text();
        Some(Warning {
            path: format!("neurons.{}.{}", population.name, population.path_of(parameter)),
            finding: format!("{name} reverses at {}, {is} zero: in every cell it does so {lies}", show(value)),
            remedy: format!("write `{}` if that is meant", show(-value)),
        })
    };
    let all = network.populations.iter().flat_map(|population| {
        let channels = population.circuit.channels.iter().enumerate();
        channels.filter_map(move |(place, channel)| of(population, place, channel))
    });
    all.collect()
}

/// Channels without a reversal potential among others that have one.
pub(super) fn without_reversal(network: &Network) -> Vec<Warning> {
    let of = |population: &Population, place: usize, channel: &Channel| {
        let conducts = population.values(Parameter::Conductance(place), channel.conductance).1 > 0.0;
        (channel.reversal.is_none() && conducts).then(|| {
            let zero = network.units.display(0.0, Dimension::VOLTAGE);
            let name = channel.name.text();
            Warning {
                path: format!("neurons.{}.channels.{name}", population.name),
                finding: format!(
                    "`{name}` has no `reversal`, which is then {zero}, while other channels have one"
                ),
                remedy: format!("add its `reversal`, or write `reversal: {zero}` if that is meant"),
            }
        })
    };
    let batteries = network.populations.iter().filter(|population| population.circuit.has_batteries());
    let all = batteries.flat_map(|population| {
        let channels = population.circuit.channels.iter().enumerate();
        channels.filter_map(move |(place, channel)| of(population, place, channel))
    });
    all.collect()
}

/// Conductances with which the membrane would follow within a millionth of a second.
pub(super) fn conductances(network: &Network) -> Vec<Warning> {
    let of = |population: &Population, place: usize, channel: &Channel| {
        let parameter = Parameter::Conductance(place);
        let conductance = population.values(parameter, channel.conductance).1;
        let capacitance = population.values(Parameter::Capacitance, population.circuit.capacitance).1;
        let constant = capacitance / conductance;
        let shortest = if channel.is_gated() { SHORTEST_GATED } else { SHORTEST_LEAK };
        (constant * network.rate_units().milliseconds < shortest).then(|| {
            let show = |value: f64, dimension| network.units.display(value, dimension);
            Warning {
                path: format!("neurons.{}.{}", population.name, population.path_of(parameter)),
                finding: format!(
                    "{} gives the membrane of {} a time constant of {}, far below any cell's",
                    show(conductance, Dimension::CONDUCTANCE),
                    show(capacitance, Dimension::CAPACITANCE),
                    rounded_time(network, constant)
                ),
                remedy: if looks_like_si(network, population) {
                    "these look like F, S and V: add `units: si` at the top of the file".to_owned()
                } else {
                    format!(
                        "write `{}` if that is meant, or check the capacitance",
                        show(rounded(conductance / 1e3, 12), Dimension::CONDUCTANCE)
                    )
                },
            }
        })
    };
    let batteries = network.populations.iter().filter(|population| population.circuit.has_batteries());
    let all = batteries.flat_map(|population| {
        let channels = population.circuit.channels.iter().enumerate();
        channels.filter_map(move |(place, channel)| of(population, place, channel))
    });
    all.collect()
}

/// Whether the numbers of a circuit in uF, mV and ms are those of one in F and V: a capacitance and potentials of cells, a
/// millionth and a thousandth too small.
fn looks_like_si(network: &Network, population: &Population) -> bool {
    const MOST: (f64, f64) = (1e-3, 0.3);
    let circuit = &population.circuit;
    let mut reversals = circuit.channels.iter().filter_map(|channel| channel.reversal);
    network.units == UnitSystem::HodgkinHuxley
        && circuit.capacitance < MOST.0
        && reversals.all(|reversal| reversal.abs() < MOST.1)
}

/// Capacitances that nothing charges within a second, or gated channels within the time of several spikes.
pub(super) fn capacitances(network: &Network) -> Vec<Warning> {
    let of = |population: &Population| {
        let conductance = |(place, channel): (usize, &Channel)| {
            population.values(Parameter::Conductance(place), channel.conductance).1
        };
        let open: f64 = population.circuit.channels.iter().enumerate().map(conductance).sum();
        let capacitance = population.values(Parameter::Capacitance, population.circuit.capacitance).0;
        let constant = capacitance / open;
        let gated = population.circuit.channels.iter().any(Channel::is_gated);
        let milliseconds = constant * network.rate_units().milliseconds;
        let slow = open > 0.0 && milliseconds > if gated { LONGEST_GATED } else { LONGEST };
        slow.then(|| Warning {
            path: format!("neurons.{}.{}", population.name, population.path_of(Parameter::Capacitance)),
            finding: format!(
                "{} is charged in {} even with every channel open{}",
                network.units.display(capacitance, Dimension::CAPACITANCE),
                rounded_time(network, constant),
                if milliseconds > LONGEST { ", so nothing spikes" } else { ", far more slowly than a cell" }
            ),
            remedy: "check the units of the capacitance and of the conductances".to_owned(),
        })
    };
    let batteries = network.populations.iter().filter(|population| population.circuit.has_batteries());
    batteries.filter_map(of).collect()
}

impl Population {
    /// Least and greatest value of a parameter in the population, `base` where it does not vary. A normal distribution
    /// without bounds counts within three standard deviations.
    pub(super) fn values(&self, parameter: Parameter, base: f64) -> (f64, f64) {
        self.varied.iter().find(|variation| variation.parameter == parameter).map_or((base, base), |variation| {
            let (low, high) = variation.values.range();
            match variation.values {
                crate::network::ParameterValues::Normal { mean, deviation, .. } => {
                    (low.max(mean - 3.0 * deviation), high.min(mean + 3.0 * deviation))
                }
                _ => (low, high),
            }
        })
    }

    /// The value of a parameter that lies farthest from zero.
    fn farthest(&self, parameter: Parameter, base: f64) -> f64 {
        let (low, high) = self.values(parameter, base);
        if low.abs() > high.abs() { low } else { high }
    }
}
