//! What a run takes in memory, estimated from the network's description before anything is built.

mod activity;
mod fading;
mod modes;
mod samples;
mod waveguides;

use qhh_core::source::{Current, Shape};

use crate::network::{Drive, Fluctuations, Network};
use crate::outcome::Spike;
pub use activity::Extent;
pub use modes::ModesSize;
pub use samples::SamplesSize;

/// Bytes that a run needs, by what for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Memory {
    /// The program itself, with what a run of one neuron takes.
    pub program: f64,
    /// The description of the network: populations, entries and data, as text, values and summary.
    pub description: f64,
    /// State and parameters of the neurons.
    pub neurons: f64,
    /// The waveguides: who is joined to whom, how strongly, how late.
    pub waveguides: f64,
    /// Working memory to lay out the waveguides, freed before the run starts.
    pub building: f64,
    /// Waves under way.
    pub delay_lines: Extent,
    /// Recorded samples.
    pub samples: f64,
    /// Spikes, [`Network::expected_spikes`] of them.
    pub spikes: Extent,
}

/// The program with its page, for a network of one neuron: 14 MB when shipped, 21 MB in a build with every format for
/// tests.
const PROGRAM: f64 = 17e6;
/// A population from text to page, without the tables of its neurons (measured with 16 000 populations).
const POPULATION: f64 = 11e3;
/// A source or an entry of waveguides, likewise.
const ENTRY: f64 = 4e3;
/// A spike: in its block, in the list of all and in a copy to sort it, each list with room to grow.
const SPIKE: f64 = 80.0;
/// A point of sampled data: 16 bytes, in the list as read, with its room to grow, and in that of the run.
const POINT: f64 = 48.0;

impl Memory {
    /// The peak of a run of the program: while only driven neurons are active, and if all are.
    pub fn total(self) -> Extent {
        self.passing().map(|passing| self.program + self.description + self.built() + self.building.max(passing))
    }

    /// Spikes on one of several processes, which has this part of the neurons; the first puts those of all into one list.
    pub fn spikes_of(self, part: f64, is_first: bool) -> Extent {
        let all = if is_first { size_of::<Spike>() as f64 / SPIKE } else { 0.0 };
        self.spikes.map(|bytes| bytes * (part + all))
    }

    /// What each of several runs in one program takes by itself, all neurons active.
    pub fn of_run(self) -> f64 {
        self.built() + self.passing().most
    }

    /// What lasts as long as the run.
    fn built(self) -> f64 {
        self.neurons + self.waveguides
    }

    /// What fills while the run goes on.
    fn passing(self) -> Extent {
        let Self { delay_lines, spikes, .. } = self;
        Extent {
            driven: delay_lines.driven + spikes.driven + self.samples,
            most: delay_lines.most + spikes.most + self.samples,
        }
    }
}

impl Network {
    /// What a run takes in memory, field modes and samples of fields aside, to about 30 %. Patterns that are drawn count
    /// the arms expected of them.
    ///
    /// No neuron or waveguide is looked at by itself. Of a network that fails [`Network::check`] it means nothing.
    pub fn memory(&self) -> Memory {
        let waveguides = self.waveguide_bytes();
        Memory {
            program: PROGRAM,
            description: self.description_bytes(),
            neurons: self.neuron_bytes(),
            waveguides: waveguides.built,
            building: waveguides.building,
            delay_lines: waveguides.delay_lines,
            samples: self.sample_bytes(),
            spikes: self.expected_spikes().map(|spikes| SPIKE * spikes),
        }
    }

    fn description_bytes(&self) -> f64 {
        let entries = self.sources.len() + self.waveguides.len() + self.modes.len() + self.states.len();
        let points = self.sources.iter().map(|source| match &source.drive {
            Drive::Current(Current { shape: Shape::Samples { points }, .. }) => points.len(),
            _ => 0,
        });
        // The first population is in the program's share.
        POPULATION * (self.populations.len() as f64 - 1.0).max(0.0)
            + ENTRY * entries as f64
            + POINT * points.sum::<usize>() as f64
    }

    fn neuron_bytes(&self) -> f64 {
        let populations = self.populations.iter().map(|population| {
            let ports = population.circuit.ports().count() as f64;
            // Voltage, gates, two slopes, each port; place and order of the neuron, its part of its block.
            let gates = population.circuit.n_gates().max(3) as f64;
            let state = 8.0 * (3.0 + gates + ports) + 40.0;
            let channels = population.circuit.channels.len().max(3) as f64;
            let own = if population.varied.is_empty() { 0.0 } else { 8.0 * (7.0 + 2.0 * channels + 3.0 * ports) };
            population.count as f64 * (state + own)
        });
        let fed: usize = self.sources.iter().map(|source| source.targets.len()).sum();
        populations.sum::<f64>() + 40.0 * fed as f64
    }

    fn sample_bytes(&self) -> f64 {
        let n_samples = self.simulation.duration / self.record.every + 1.0;
        let columns = (self.record.neurons.len() * (self.record.observables.len() + 8)) as f64;
        // What a snapshot holds of every neuron, twice while it is put together.
        let ends = if self.record.snapshot { 112.0 * self.n_neurons() as f64 } else { 0.0 };
        8.0 * n_samples * columns + ends + self.adiabatic_variance_bytes(n_samples)
    }

    /// Variances by `fluctuations: adiabatic`, line by line, twice while they are put together.
    fn adiabatic_variance_bytes(&self, n_samples: f64) -> f64 {
        if self.quantum.is_none_or(|quantum| quantum.fluctuations != Fluctuations::Adiabatic) {
            return 0.0;
        }
        let modes = self.sources.iter().filter(|source| !matches!(source.drive, Drive::Current(_))).count();
        let lines = |neuron: &usize| {
            let ports = self.locate(*neuron).map_or(0, |(population, _)| population.circuit.ports().count());
            let channels = self.locate(*neuron).map_or(3, |(population, _)| population.circuit.channels.len());
            (channels.max(3) + ports + modes) as f64
        };
        2.0 * 24.0 * n_samples * self.record.neurons.iter().map(lines).sum::<f64>()
    }

    /// What following field modes takes, to about a third; none where the network follows none.
    ///
    /// The network must have passed [`Network::check`].
    pub fn modes_size(&self) -> Option<ModesSize> {
        modes::size(self)
    }

    /// What sampling the fields takes, to about a third; none where the network samples none.
    ///
    /// The network must have passed [`Network::check`].
    pub fn samples_size(&self) -> Option<SamplesSize> {
        samples::size(self)
    }
}
