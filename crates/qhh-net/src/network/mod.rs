//! The resolved network: every default explicit, every value in one unit system. Plain data, no text, no files.
//!
//! Neurons are numbered through, population after population in the order given; [`Network::locate`] and
//! [`Network::neuron_name`] go from that number to population, index and name.

mod arms;
mod chance;
pub mod fed;
mod figure;
mod modes;
mod neurons;
mod observable;
mod parameter;
mod pattern;
mod population;
mod quantum;
pub mod random;
mod record;
mod source;
mod stepping;
mod truncated;
mod values;
mod waveguides;

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::gates::RateUnits;
use qhh_core::units::{Dimension, UnitSystem};

pub(crate) use arms::{Part, Side};
pub use figure::Figure;
pub use modes::{OutputEnvelope, OutputMode, Search};
pub use neurons::{Neurons, Places};
pub use observable::Observable;
pub use parameter::{Parameter, PortPlace, StartValue};
pub use pattern::{Ends, Pattern, PatternError};
pub(crate) use population::PopulationFinder;
pub use population::{Population, Variation};
pub use quantum::{Feedback, Fluctuations, Quantum};
pub use record::Record;
pub use source::{Drive, JointState, PacketSource, Source};
pub use stepping::{Method, Precision, TimeStepping};
pub use values::ParameterValues;
pub use waveguides::{Delay, Direction, Waveguides};

/// A network ready to be compiled and run.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Name; also the default name of the results' folder.
    pub name: String,
    /// What the network shows, in the user's words; may be empty.
    pub description: String,
    /// What is to be seen on the page of its run, in a sentence; may be empty.
    pub caption: String,
    /// Unit system of every value below.
    pub units: UnitSystem,
    /// Time stepping.
    pub simulation: TimeStepping,
    /// Quantum fluctuations; none for the mean field alone.
    pub quantum: Option<Quantum>,
    /// Populations in the order of the file.
    pub populations: Vec<Population>,
    /// Sources in the order of the file.
    pub sources: Vec<Source>,
    /// Waveguides between neurons, entry by entry in the order of the file.
    pub waveguides: Vec<Waveguides>,
    /// States that the modes of several sources are in together; each of those sources is in vacuum by itself.
    pub states: Vec<JointState>,
    /// Modes of outgoing waves that are looked at.
    pub modes: Vec<OutputMode>,
    /// What is kept.
    pub record: Record,
}

impl Network {
    /// Populations alone, in `hodgkin-huxley` units: no sources, waveguides or fluctuations; the voltage of the first
    /// neuron is recorded at every step.
    pub fn new(name: &str, simulation: TimeStepping, populations: Vec<Population>) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            caption: String::new(),
            units: UnitSystem::HodgkinHuxley,
            simulation,
            quantum: None,
            populations,
            sources: Vec::new(),
            waveguides: Vec::new(),
            states: Vec::new(),
            modes: Vec::new(),
            record: Record::new(simulation.step, vec![0], vec![Observable::Voltage]),
        }
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.populations.iter().map(|population| population.count).sum()
    }

    /// Population and index within it of a neuron; `None` beyond the last.
    pub fn locate(&self, neuron: usize) -> Option<(&Population, usize)> {
        self.place_of(neuron).map(|(place, index)| (&self.populations[place], index))
    }

    /// Place of its population in the order of the file, and index within it, of a neuron; `None` beyond the last.
    pub fn place_of(&self, neuron: usize) -> Option<(usize, usize)> {
        let mut first = 0;
        self.populations.iter().enumerate().find_map(|(place, population)| {
            let index = neuron.checked_sub(first).filter(|&index| index < population.count);
            first += population.count;
            index.map(|index| (place, index))
        })
    }

    /// Number of the first neuron of a population; `None` if there is no such population.
    pub fn first_of(&self, population: &str) -> Option<usize> {
        let position = self.populations.iter().position(|p| p.name == population)?;
        Some(self.populations[..position].iter().map(|p| p.count).sum())
    }

    /// Name of a neuron, `relay[3]`.
    pub fn neuron_name(&self, neuron: usize) -> String {
        self.locate(neuron).map_or_else(|| format!("?[{neuron}]"), |(p, index)| format!("{}[{index}]", p.name))
    }

    /// A number as the network file names it: `relay[7].spikes[0]`, `relay[9].voltage at 12 ms`.
    pub fn figure_name(&self, figure: Figure) -> String {
        let neuron = self.neuron_name(figure.neuron());
        match figure {
            Figure::Voltage { time, .. } => {
                format!("{neuron}.voltage at {}", self.units.display(time, Dimension::TIME))
            }
            Figure::Spike { number, .. } => format!("{neuron}.spikes[{number}]"),
        }
    }

    /// Voltage whose upward crossing is a spike of a neuron; none if it has no spikes ([`Population::spike_threshold`]).
    pub fn spike_threshold(&self, neuron: usize) -> Option<f64> {
        self.locate(neuron).and_then(|(population, _)| population.spike_threshold(&self.simulation))
    }

    /// Whether any neuron has a spike threshold.
    pub fn has_spikes(&self) -> bool {
        self.populations.iter().any(|population| population.spike_threshold(&self.simulation).is_some())
    }

    /// Circuit and start of a neuron, everything varied in place; `None` beyond the last.
    pub fn neuron(&self, neuron: usize) -> Option<(Circuit, Initial)> {
        let (population, index) = self.locate(neuron)?;
        let (mut circuit, mut initial) = (population.circuit.clone(), population.initial.clone());
        population.vary(self.simulation.seed_of_structure(), index, &mut circuit, &mut initial);
        if circuit.sense.is_some() {
            // Where it rests nowhere, the check says so.
            circuit = circuit.clone().referred(self.rate_units()).unwrap_or(circuit);
        }
        Some((circuit, initial))
    }

    /// Whether any neuron has a port.
    pub fn has_ports(&self) -> bool {
        self.populations.iter().any(|population| population.circuit.ports().next().is_some())
    }

    /// Whether any waveguide asks for an amplifier.
    pub fn has_amplifiers(&self) -> bool {
        self.waveguides.iter().any(|entry| entry.gain.range().1 > 1.0)
    }

    /// Whether gates respond to fluctuations without the noise of a measurement that tells them of the voltage, so that
    /// commutators are not kept.
    pub fn lacks_noise_of_measurement(&self) -> bool {
        let unmeasured = |population: &Population| population.circuit.has_unmeasured_gates();
        self.quantum.is_some_and(Quantum::gates_respond) && self.populations.iter().any(unmeasured)
    }

    /// Whether there are gates and fluctuations leave them where the mean field takes them.
    pub fn gates_are_held(&self) -> bool {
        let has_gates = self.populations.iter().any(|population| population.circuit.n_gates() > 0);
        has_gates && self.quantum.is_some_and(|quantum| !quantum.gates_respond())
    }

    /// Whether gates respond beside field modes.
    pub(crate) fn has_responding_modes(&self) -> bool {
        let modes = |quantum: Quantum| quantum.fluctuations == Fluctuations::Heisenberg;
        self.quantum.is_some_and(|quantum| modes(quantum) && quantum.gates_respond())
    }

    /// How the rate functions of the gates read this network's volts and seconds.
    pub fn rate_units(&self) -> RateUnits {
        self.units.rate_units()
    }

    /// The largest of 1, 2 and 5 times a power of ten that is not above a time, with its unit: a step to suggest.
    pub(crate) fn step_up_to(&self, most: f64) -> String {
        let exponent = most.log10().floor();
        let head = most / 10f64.powf(exponent);
        let round = [5.0, 2.0].into_iter().find(|&round| head >= round * (1.0 - 1e-9)).unwrap_or(1.0);
        let step = round * 10f64.powf(exponent);
        self.units.display(format!("{step:.0e}").parse().unwrap_or(step), Dimension::TIME)
    }

    /// Number of time steps of the run: the whole steps that fit into the duration, give or take rounding.
    pub fn n_steps(&self) -> u64 {
        self.grid().whole_steps(self.simulation.duration)
    }

    /// Number of time steps between two samples.
    pub fn steps_per_sample(&self) -> u64 {
        self.grid().whole_steps(self.record.every).max(1)
    }
}
