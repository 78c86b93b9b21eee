//! What populations must obey.

use qhh_core::circuit::{BathRule, Circuit, Initial, PortRole};
use qhh_core::sense::Sense;

use super::Mistakes;
use crate::network::{Method, Network, Parameter, Population, PortPlace};

/// Neurons, and ports, that a network can have: they are numbered in 32 bits.
const MOST: usize = u32::MAX as usize;

impl Network {
    /// That neurons and ports can be numbered.
    pub(super) fn check_counts(&self, mistakes: &mut Mistakes) {
        let ports = |population: &Population| population.count.saturating_mul(population.circuit.ports().count());
        let all =
            |of: &dyn Fn(&Population) -> usize| self.populations.iter().map(of).fold(0, usize::saturating_add);
        for (what, count) in [("neurons", all(&|population| population.count)), ("ports", all(&ports))] {
            if count > MOST {
                let message = format!("{count} {what} are more than a network can have, {MOST}: lower a `count`");
                mistakes.add("neurons", message);
                return;
            }
        }
    }

    pub(super) fn check_population(&self, population: &Population, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("neurons.{}{rest}", population.name);
        let circuit = &population.circuit;
        let before = mistakes.0.len();
        mistakes.positive(&path(".membrane.capacitance"), "the membrane capacitance", circuit.capacitance);
        for channel in circuit.channels.iter() {
            let name = channel.name;
            let place = path(&format!(".channels.{name}.conductance"));
            mistakes.not_negative(&place, &format!("the {name} conductance"), channel.conductance);
        }
        for (role, port) in circuit.ports() {
            let (name, place) = match role {
                PortRole::Output => ("output", PortPlace::Output),
                PortRole::Input(k) => ("input", PortPlace::Input(k)),
            };
            let of = |parameter: Parameter| path(&format!(".{}", population.path_of(parameter)));
            let (capacitance, impedance) = (Parameter::PortCapacitance(place), Parameter::PortImpedance(place));
            mistakes.positive(&of(capacitance), &format!("the {name} port's capacitance"), port.capacitance);
            mistakes.positive(&of(impedance), &format!("the {name} port's impedance"), port.impedance);
        }
        if let Initial::Given { gates, .. } = &population.initial {
            for (place, gate) in gates.iter().enumerate() {
                let name = population.gate_name(place);
                if gate.is_some_and(|x| !(0.0..=1.0).contains(&x)) {
                    mistakes
                        .add(&path(&format!(".initial.{name}")), format!("the gate {name} lies between 0 and 1"));
                }
            }
        }
        if let Some(sense) = circuit.sense {
            self.check_sense(population, sense, mistakes);
        }
        if circuit.has_batteries() {
            if self.simulation.method == Method::Adiabatic {
                mistakes.add(
                    &path(".channels"),
                    "the adiabatic method knows no reversal potentials: drop `reversal`, or choose `method: langevin`",
                );
            } else if self.simulation.baths == BathRule::SharedMode {
                mistakes.add(
                    &path(".channels"),
                    "shared-mode baths make the channels one conductance to ground, which no reversal potential fits: \
                     drop `reversal`, or choose `baths: independent`",
                );
            }
        }
        if mistakes.0.len() == before {
            self.check_varied(population, mistakes);
        }
        if mistakes.0.len() == before {
            if let Err(error) = circuit.check() {
                mistakes.add(&path(""), error.to_string());
            } else if let Err(error) = population.initial.resolve(circuit, self.rate_units()) {
                mistakes.add(&path(".initial"), error.to_string());
            } else if self.simulation.method == Method::Adiabatic && !self.adiabatic_conducts(population) {
                mistakes.add(
                    &path(".channels"),
                    "no channel conducts at the start, so the stationary response does not exist: \
                     raise a conductance, or choose `method: langevin`",
                );
            }
        }
    }

    /// Every value of what differs from neuron to neuron, and that each neuron has a rest point where it needs one.
    pub(super) fn check_varied(&self, population: &Population, mistakes: &mut Mistakes) {
        for variation in &population.varied {
            let path = format!("neurons.{}.{}", population.name, population.path_of(variation.parameter));
            if let Some(count) = variation.values.listed().filter(|&count| count != population.count) {
                mistakes.add(
                    &path,
                    format!("{count} values are listed for {} neurons: give one for each", population.count),
                );
                return;
            }
            if !variation.values.is_finite() {
                mistakes.add(&path, "every value must be a finite number");
                return;
            }
        }
        if population.varied.is_empty() {
            return;
        }
        let (first, units) = (self.first_of(&population.name).unwrap_or(0), self.rate_units());
        for neuron in first..first + population.count {
            let Some((circuit, initial)) = self.neuron(neuron) else { return };
            let gates: &[Option<f64>] = match &initial {
                Initial::Given { gates, .. } => gates,
                Initial::Rest => &[],
            };
            let problem = match circuit.check() {
                Err(error) => Some(error.to_string()),
                Ok(()) if gates.iter().flatten().any(|x| !(0.0..=1.0).contains(x)) => {
                    Some("a gate lies between 0 and 1".to_owned())
                }
                Ok(()) => initial.resolve(&circuit, units).err().map(|error| error.to_string()),
            };
            if let Some(problem) = problem {
                let name = self.neuron_name(neuron);
                mistakes.add(&format!("neurons.{}", population.name), format!("`{name}`: {problem}"));
                return;
            }
        }
    }

    /// A sense line is a quantum measurement of a voltage that moves.
    pub(super) fn check_sense(&self, population: &Population, sense: Sense, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("neurons.{}.sense{rest}", population.name);
        if !mistakes.positive(&path(".impedance"), "the impedance of the sense line", sense.impedance)
            | !mistakes.positive(
                &path(".response_time"),
                "the response time of the sense line",
                sense.response_time,
            )
        {
            return;
        }
        let energy = sense.thermal_energy.unwrap_or(0.0);
        mistakes.not_negative(&path(".temperature"), "the temperature of the sense line", energy);
        if self.quantum.is_none() {
            let message = "a sense line needs a `quantum` block, because its noise scales with hbar: add `quantum: {hbar: 0.5}`";
            mistakes.add(&path(""), message);
        }
        if self.simulation.method == Method::Adiabatic {
            mistakes
                .add(&path(""), "the adiabatic method knows no record of the voltage: choose `method: langevin`");
        }
        let step = self.simulation.step;
        if sense.response_time < step {
            let message = format!(
                "the response time, {}, is below the step, {}: choose a smaller step or a slower detector",
                self.time(sense.response_time),
                self.time(step)
            );
            mistakes.add(&path(".response_time"), message);
        }
        let alone = Circuit { sense: None, ..population.circuit.clone() };
        let is_unstable = alone.rest(self.rate_units()).is_ok_and(|rest| rest.is_unstable());
        if sense.reference.is_none() && is_unstable {
            let message = "the neuron has no stable rest that the line could be referred to: give a `reference`";
            mistakes.add(&path(""), message);
        }
    }

    pub(super) fn adiabatic_conducts(&self, population: &Population) -> bool {
        let start = population.initial.resolve(&population.circuit, self.rate_units());
        start.is_ok_and(|(_, gates)| population.circuit.conductances(&gates).total() > 0.0)
    }
}
