//! What a run will take in memory, told from its description before anything is built.

mod fading;
mod modes;
mod samples;

use crate::engine::lines::Lines;
use crate::engine::longest_window;
use crate::network::{Delay, Method, Network, Waveguides};
pub use modes::ModesSize;
pub use samples::SamplesSize;

/// Bytes that a run needs, by what for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Memory {
    /// State and parameters of the neurons.
    pub neurons: f64,
    /// The waveguides: who is joined to whom, how strongly, how late.
    pub waveguides: f64,
    /// Waves under way.
    pub delay_lines: f64,
    /// What is recorded.
    pub samples: f64,
}

impl Memory {
    /// All together.
    pub fn total(self) -> f64 {
        self.neurons + self.waveguides + self.delay_lines + self.samples
    }
}

/// Longest delay, about, of the waveguides that one neuron has of an entry.
fn longest_of_a_row(entry: &Waveguides) -> f64 {
    let (_, most) = entry.delay_range();
    let per_length = match entry.delay {
        Delay::Time(_) => 1.0,
        Delay::Length { velocity, .. } => 1.0 / velocity,
    };
    let mean = per_length * entry.delay.spread().mean();
    // The largest of k even draws: k/(k + 1) of the way, of which 1/2 is the mean.
    let k = (entry.pattern.expected_arms(entry.ends()) / (entry.from.len() as f64).max(1.0)).max(1.0);
    mean + (most - mean) * (k - 1.0) / (k + 1.0)
}

impl Network {
    /// What a run takes in memory, field modes aside, to about a third; patterns that are drawn count as they are expected.
    ///
    /// No neuron or waveguide is looked at by itself. Of a network that fails [`Network::check`] it tells nothing.
    pub fn memory(&self) -> Memory {
        let n_neurons = self.n_neurons() as f64;
        let mut memory = Memory::default();
        for population in &self.populations {
            let ports = population.circuit.ports().count() as f64;
            // State: voltage, three gates, two slopes, each port; place and order of the neuron; its sources.
            let state = 8.0 * (6.0 + ports) + 24.0;
            let own = if population.varied.is_empty() { 0.0 } else { 8.0 * (13.0 + 3.0 * ports) };
            memory.neurons += population.count as f64 * (state + own);
        }
        memory.neurons += self.sources.iter().map(|source| 40.0 * source.targets.len() as f64).sum::<f64>();
        let arms: f64 = self.waveguides.iter().map(|entry| entry.pattern.expected_arms(entry.ends())).sum();
        memory.waveguides = 16.0 * arms + if arms > 0.0 { 64.0 * n_neurons } else { 0.0 };
        if self.simulation.method == Method::Langevin && arms > 0.0 {
            let step = self.simulation.step;
            let ranges = self.waveguides.iter().map(Waveguides::delay_range);
            let (least, most) =
                ranges.fold((f64::INFINITY, 0.0f64), |(least, most), (a, b)| (least.min(a), most.max(b)));
            let rows: usize = self.waveguides.iter().map(|entry| entry.from.len()).sum();
            let longest = self.waveguides.iter().map(|entry| entry.from.len() as f64 * longest_of_a_row(entry));
            let mean = longest.sum::<f64>() / (rows as f64).max(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
            let delay = (least / step).max(1.0) as u64;
            let window = longest_window(self.n_neurons()).min(delay) as f64;
            memory.delay_lines = Lines::bytes(
                (rows as f64).min(n_neurons * 2.0),
                window,
                (mean / step, (most / step - 1e-6).ceil()),
            );
        }
        let n_samples = self.simulation.duration / self.record.every + 1.0;
        let columns = (self.record.neurons.len() * (self.record.observables.len() + 8)) as f64;
        // What a snapshot holds of every neuron, twice while it is put together.
        let ends = if self.record.snapshot { 80.0 * n_neurons } else { 0.0 };
        memory.samples = 8.0 * n_samples * columns + ends;
        memory
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
