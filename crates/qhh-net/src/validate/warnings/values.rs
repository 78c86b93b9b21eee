//! Values that are meant to differ and cannot.

use qhh_core::units::Dimension;

use super::Warning;
use crate::network::{Delay, Network, ParameterValues};

impl Warning {
    /// Even spacing between two ends, as they are shown, where there is a single item.
    pub fn linear_for_one(path: String, noun: &str, [from, to]: &[String; 2]) -> Self {
        Self {
            path,
            finding: format!("`linear` gives a single {noun} its first value, {from}, and {to} to none"),
            remedy: format!("write `{from}`, or have more than one"),
        }
    }
}

/// Even spacing from one value to another where there is one item alone, which has the first.
pub(super) fn linear_for_one(network: &Network) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut look = |path: String, values: &ParameterValues, (count, noun): (f64, &str), dimension: Dimension| {
        let ParameterValues::Linear { from, to } = *values else { return };
        if count > 1.0 || from == to {
            return;
        }
        let ends = [from, to].map(|value| network.units.display(value, dimension));
        warnings.push(Warning::linear_for_one(path, noun, &ends));
    };
    for population in &network.populations {
        for variation in &population.varied {
            let parameter = variation.parameter;
            let path = format!("neurons.{}.{}", population.name, population.path_of(parameter));
            look(path, &variation.values, (population.count as f64, "neuron"), parameter.dimension());
        }
    }
    for source in &network.sources {
        if let Some(scale) = &source.scale {
            let path = format!("sources.{}.{}.amplitude", source.name, source.drive.entry());
            look(path, scale, (source.targets.len() as f64, "neuron fed"), Dimension::CURRENT);
        }
    }
    for entry in &network.waveguides {
        let (key, delay, dimension) = match &entry.delay {
            Delay::Time(delay) => ("delay", delay, Dimension::TIME),
            Delay::Length { length, .. } => ("length", length, Dimension::LENGTH),
        };
        let number = Dimension::NUMBER;
        let arms = (entry.pattern.expected_arms(entry.ends()), "waveguide");
        for (key, values, dimension) in [
            (key, delay, dimension),
            ("transmission", &entry.transmission, number),
            ("weight", &entry.weight, number),
            ("gain", &entry.gain, number),
        ] {
            look(format!("waveguides.{}.{key}", entry.name), values, arms, dimension);
        }
    }
    warnings
}
