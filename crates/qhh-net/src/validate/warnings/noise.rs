//! Noise whose size or whose highest frequency is hardly meant.
//!
//! At rest a membrane of the conductance `G` and the capacitance `C` is shaken by heat by `sqrt(kT/C)`, and by the vacuum by
//! at most `sqrt(hbar G ln(1 + (w_c C/G)^2)/(2 pi C^2))`, with `w_c` the cutoff. Circuits without batteries are those of the
//! papers' figures, whose numbers stand for no cell: they are not judged.

use std::f64::consts::TAU;

use qhh_core::units::{Dimension, number, rounded, rounded_down, rounded_up};

use super::Warning;
use crate::network::{Fluctuations, Network, Parameter, Population, Quantum};

/// Deviation of the voltage by heat that is taken without a warning, in mV: a tenth of a spike.
const LARGEST_HEAT: f64 = 10.0;
/// Deviation of the voltage by the vacuum that is taken without a warning, in mV: the height of a spike.
const LARGEST_VACUUM: f64 = 100.0;
/// Deviation of the voltage by the vacuum that is proposed, in mV.
const FEW: f64 = 3.0;
/// Deviation of the voltage by all noise below which there might as well be none, in mV: that at which neurons fall asleep.
const LEAST_NOISE: f64 = 1e-6;

/// Populations with batteries, where there are fluctuations.
fn judged(network: &Network) -> Option<(Quantum, impl Iterator<Item = &Population>)> {
    let quantum = network.quantum.filter(|quantum| quantum.fluctuations != Fluctuations::None)?;
    Some((quantum, network.populations.iter().filter(|population| population.circuit.has_batteries())))
}

fn capacitance(population: &Population) -> f64 {
    population.values(Parameter::Capacitance, population.circuit.capacitance).0
}

/// Conductance with every channel open, and that at the start.
fn conductances(network: &Network, population: &Population) -> Option<(f64, f64)> {
    let circuit = &population.circuit;
    let open = circuit.channels.iter().map(|channel| channel.conductance).sum();
    let (_, gates) = population.initial.resolve(circuit, network.rate_units()).ok()?;
    Some((open, circuit.conductances(&gates).total()))
}

/// Heat that shakes a voltage by as much as a spike is high.
pub(super) fn too_hot(network: &Network) -> Vec<Warning> {
    let Some((quantum, populations)) = judged(network) else { return Vec::new() };
    let millivolts = network.rate_units().millivolts;
    let mut warnings = Vec::new();
    let mut look = |path: String, energy: f64, population: &Population| {
        let deviation = (energy / capacitance(population)).sqrt() * millivolts;
        if deviation > LARGEST_HEAT {
            let show = |value: f64| network.units.display(rounded(value, 4), Dimension::ENERGY);
            warnings.push(Warning {
                path,
                finding: format!(
                    "k_B T = {} shakes the voltage of `{}` by {} mV",
                    show(energy),
                    population.name,
                    number(rounded(deviation, 3))
                ),
                remedy: {
                    // The deviation goes with the root of the temperature, and with one over the voltage of `scale`.
                    let factor = deviation / LARGEST_HEAT;
                    let most = network.units.display(rounded_down(energy / (factor * factor), 3), Dimension::ENERGY);
                    format!(
                        "make it `{most}` or less (a bare number is an energy); with `scale`, {} times fewer kelvin, or a \
                         `voltage` {} times larger",
                        rounded_up(factor * factor, 2),
                        rounded_up(factor, 2)
                    )
                },
            });
        }
    };
    let (mut hottest, mut sensed) = (None::<&Population>, Vec::new());
    for population in populations {
        if hottest.is_none_or(|other| capacitance(population) < capacitance(other)) {
            hottest = Some(population);
        }
        if let Some(energy) = population.circuit.sense.and_then(|sense| sense.thermal_energy) {
            sensed.push((format!("neurons.{}.sense.temperature", population.name), energy, population));
        }
    }
    if let Some(population) = hottest {
        look("quantum.temperature".to_owned(), quantum.thermal_energy, population);
    }
    for (path, energy, population) in sensed {
        look(path, energy, population);
    }
    warnings
}

/// Variance of the voltage of a membrane by the vacuum at most, with every channel open.
fn of_vacuum(network: &Network, quantum: Quantum, population: &Population) -> Option<f64> {
    let (c, (open, _)) = (capacitance(population), conductances(network, population)?);
    let turn = quantum.cutoff * c / open;
    Some(quantum.hbar * open * (turn * turn).ln_1p() / (TAU * c * c))
}

/// An `hbar` of which the vacuum shakes a voltage by as much as a spike is high: that of other units.
pub(super) fn too_large(network: &Network) -> Vec<Warning> {
    let Some((quantum, populations)) = judged(network) else { return Vec::new() };
    let millivolts = network.rate_units().millivolts;
    let deviation = |population| Some((of_vacuum(network, quantum, population)?.sqrt() * millivolts, population));
    let most = populations.filter_map(deviation).max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((deviation, population)) = most.filter(|(deviation, _)| *deviation > LARGEST_VACUUM) else {
        return Vec::new();
    };
    // The variance goes with hbar.
    let usual = rounded(quantum.hbar * (FEW / deviation).powi(2), 1);
    let symbol = network.units.symbol(Dimension::ACTION);
    let show = |value: f64| {
        let number = if (1e-3..1e6).contains(&value) { value.to_string() } else { format!("{value:e}") };
        format!("{number} {symbol}").trim_end().to_owned()
    };
    vec![Warning {
        path: "quantum".to_owned(),
        finding: format!(
            "hbar = {} shakes the voltage of `{}` by up to {} mV",
            show(quantum.hbar),
            population.name,
            number(rounded(deviation, 3))
        ),
        remedy: format!(
            "`hbar` is a number of the model, in its units: here `{}` makes up to {FEW} mV",
            show(usual)
        ),
    }]
}

/// An `hbar` with which there might as well be no fluctuations: that of the laboratory in a model of uF, mV and ms.
pub(super) fn too_small(network: &Network) -> Vec<Warning> {
    let Some((quantum, populations)) = judged(network) else { return Vec::new() };
    let millivolts = network.rate_units().millivolts;
    let deviation = |population: &Population| {
        let vacuum = of_vacuum(network, quantum, population)?;
        Some((vacuum + quantum.thermal_energy / capacitance(population)).sqrt() * millivolts)
    };
    let most = populations.filter_map(deviation).fold(f64::NEG_INFINITY, f64::max);
    if quantum.hbar <= 0.0 || !(0.0..LEAST_NOISE).contains(&most) {
        return Vec::new();
    }
    vec![Warning {
        path: "quantum".to_owned(),
        finding: format!(
            "hbar = {:e} {} makes fluctuations of {most:.0e} mV at most",
            rounded(quantum.hbar, 3),
            network.units.symbol(Dimension::ACTION)
        ),
        remedy: "`hbar` is a number of the model, such as `0.5`; a laboratory circuit makes it by `scale: {capacitance: 1 \
                 pF, voltage: 1 uV, time: 1 ns}` with its values, where bare numbers are F, V and s"
            .to_owned(),
    }]
}

/// A cutoff below the rate at which a membrane at rest follows its noise.
pub(super) fn cut_off(network: &Network) -> Vec<Warning> {
    let Some((quantum, populations)) = judged(network) else { return Vec::new() };
    let rates = populations.filter_map(|population| {
        let (open, start) = conductances(network, population)?;
        let c = capacitance(population);
        (start / c > quantum.cutoff).then_some((open / c, population))
    });
    let Some((fastest, population)) = rates.max_by(|a, b| a.0.total_cmp(&b.0)) else { return Vec::new() };
    let show = |value: f64| network.units.display(rounded(value, 3), Dimension::FREQUENCY);
    vec![Warning {
        path: "quantum.cutoff".to_owned(),
        finding: format!(
            "{} is below the membrane's rates, which are up to {} in `{}`: most of the noise is left out",
            show(quantum.cutoff),
            show(fastest),
            population.name
        ),
        remedy: format!("write `{}` or more", show(fastest)),
    }]
}

/// Fewest samples that are taken without a warning: they give a variance to a third of itself.
const FEWEST_SAMPLES: usize = 20;

/// So few samples that their moments are as uncertain as they are large.
pub(super) fn few_samples(network: &Network) -> Vec<Warning> {
    let sampled = network.quantum.filter(|quantum| quantum.fluctuations == Fluctuations::Wigner);
    let few = sampled.filter(|quantum| quantum.samples < FEWEST_SAMPLES).map(|quantum| Warning {
        path: "quantum.samples".to_owned(),
        finding: format!(
            "{} samples give a variance to about {:.0} % of itself",
            quantum.samples,
            100.0 * (2.0 / quantum.samples as f64).sqrt()
        ),
        remedy: "write `samples: 1000`, which give it to 4.5 %".to_owned(),
    });
    few.into_iter().collect()
}
