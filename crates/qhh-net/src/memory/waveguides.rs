//! What waveguides take: arms while they are laid out and as they are stepped, and waves under way.

use super::Extent;
use crate::engine::delay_lines::DelayLines;
use crate::engine::longest_window;
use crate::network::{Delay, Direction, Method, Network, ParameterValues, Pattern, Waveguides};

/// Bytes of all waveguides of a network.
#[derive(Default)]
pub(super) struct WaveguideBytes {
    /// As they are stepped.
    pub(super) built: f64,
    /// To lay them out, freed afterwards.
    pub(super) building: f64,
    /// Waves under way.
    pub(super) delay_lines: Extent,
}

/// For each neuron, where its arms begin; both ways where waves travel back.
const OF_NEURON: f64 = 64.0;

impl Network {
    pub(super) fn waveguide_bytes(&self) -> WaveguideBytes {
        let mut bytes = WaveguideBytes::default();
        if self.waveguides.iter().map(Waveguides::expected_arms).sum::<f64>() == 0.0 {
            return bytes;
        }
        let (least, most) = self.delays();
        for entry in &self.waveguides {
            let arms = entry.expected_arms();
            let ways = n_ways(entry);
            let of_each = |spread: &ParameterValues| if spread.same().is_some() { 0.0 } else { 8.0 };
            let delay = if least == most { 0.0 } else { 8.0 };
            // Sender, amplitude and delay.
            bytes.built += arms * ways * (12.0 + delay) + described(entry);
            // The two ends each way, and what differs from arm to arm.
            bytes.building += arms * (8.0 * ways + of_each(entry.delay.spread()) + of_each(&entry.weight));
        }
        let ways = self.waveguides.iter().map(n_ways).fold(1.0, f64::max);
        bytes.built += OF_NEURON * ways * self.n_neurons() as f64;
        if self.simulation.method == Method::Langevin {
            bytes.delay_lines = self.delay_line_bytes((least, most), self.n_steps() as f64);
        }
        bytes
    }

    /// Bytes that delay lines of so many steps take more than those of a run, which are no longer than it.
    pub(crate) fn more_delay_line_bytes(&self, steps: f64) -> f64 {
        if self.waveguides.is_empty() {
            return 0.0;
        }
        let of = |steps: f64| self.delay_line_bytes(self.delays(), steps).most;
        (of(steps) - of(self.n_steps() as f64)).max(0.0)
    }

    /// Delay lines of so many steps at most are reserved for every sending port, and filled where something is sent.
    fn delay_line_bytes(&self, (least, most): (f64, f64), steps: f64) -> Extent {
        let step = self.simulation.step;
        let window = self.window(least);
        let longest = (most / step - 1e-6).ceil().min(steps);
        let ports =
            self.populations.iter().map(|population| population.count * population.circuit.ports().count());
        let rows = self.waveguides.iter().map(|entry| match entry.direction {
            Direction::TwoWay => entry.from.len() + entry.to.len(),
            Direction::Isolated => entry.from.len(),
        });
        let rows = rows.sum::<usize>().min(ports.sum());
        let ends = |entry: &Waveguides| entry.from.len() as f64;
        let senders: f64 = self.waveguides.iter().map(ends).sum();
        let each = self.waveguides.iter().map(|entry| ends(entry) * longest_of_a_row(entry));
        let mean = (each.sum::<f64>() / senders.max(1.0) / step).min(longest);
        let most = DelayLines::bytes(rows as f64, window, (mean, longest));
        Extent { driven: most * self.driven_share(), most }
    }

    /// Steps in a window where the shortest delay is this.
    fn window(&self, least: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
        let delay = (least / self.simulation.step).max(1.0) as u64;
        longest_window(self.n_neurons()).min(delay) as f64
    }

    /// Steps that neurons are stepped before others are, and whether delays differ from waveguide to waveguide.
    pub fn strides(&self) -> (f64, bool) {
        let (least, most) = self.delays();
        (self.window(least), least < most)
    }

    /// The shortest and the longest delay.
    fn delays(&self) -> (f64, f64) {
        let ranges = self.waveguides.iter().map(Waveguides::delay_range);
        ranges.fold((f64::INFINITY, 0.0f64), |(a, b), (c, d)| (a.min(c), b.max(d)))
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

fn n_ways(entry: &Waveguides) -> f64 {
    match entry.direction {
        Direction::TwoWay => 2.0,
        Direction::Isolated => 1.0,
    }
}

/// Pairs and lists of numbers in the description, with the room that lists have to grow while they are read.
fn described(entry: &Waveguides) -> f64 {
    let lists = [entry.delay.spread(), &entry.transmission, &entry.weight, &entry.gain];
    let listed: usize = lists.into_iter().filter_map(ParameterValues::listed).sum();
    let pairs = match &entry.pattern {
        Pattern::Pairs(pairs) => pairs.len(),
        _ => 0,
    };
    16.0 * (listed + pairs) as f64
}
