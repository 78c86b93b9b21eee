//! What is kept of a network as a whole: a coarse look at its voltages, the energy of its waves, the pace of its spikes.

use super::coarse_trace::CoarseTrace;
use super::finished::{Waves, Wiring};
use super::{Conduction, Pace, SpaceTime, Spike, WaveBalance};
use crate::coupling::connections::{Connection, ConnectionValues};
use crate::network::{Delay, Network, Waveguides};

/// Neurons of the coarse look at most: the rows of a picture.
const MOST_NEURONS: usize = 256;
/// Arms of an entry in which the pace of spikes is followed at most: about a second of work.
const MOST_ARMS: f64 = 1e7;

impl SpaceTime {
    /// The neurons looked at, ascending; none where there is but one.
    pub(crate) fn picked(network: &Network) -> Vec<usize> {
        let n = network.n_neurons();
        let rows = n.min(MOST_NEURONS);
        if n < 2 { Vec::new() } else { (0..rows).map(|k| k * n / rows).collect() }
    }

    /// Puts the glimpses together.
    pub(super) fn gather(network: &Network, mut rows: Vec<(usize, CoarseTrace)>) -> Option<Self> {
        rows.sort_by_key(|row| row.0);
        let CoarseTrace { voltages, stride } = &rows.first()?.1;
        let (n_times, stride) = (voltages.len(), *stride);
        Some(Self {
            times: (0..n_times as u64).map(|k| (k * stride) as f64 * network.simulation.step).collect(),
            neurons: rows.iter().map(|row| row.0).collect(),
            voltages: rows.into_iter().flat_map(|row| row.1.voltages).collect(),
        })
    }
}

impl WaveBalance {
    /// What the blocks saw of the waves, all together.
    pub(super) fn gather(network: &Network, wiring: &Wiring) -> Option<Self> {
        let dt = network.simulation.step;
        let Waves { sent, arrived, in_flight } = wiring.waves?;
        (wiring.facts.n_arms > 0).then(|| Self {
            sent: sent * dt,
            arrived: arrived * dt,
            in_flight: in_flight * dt,
            amplified: network.has_amplifiers(),
        })
    }
}

/// The pace of spikes through the arms of each entry whose senders fire; nothing of entries of too many arms.
pub(super) fn conduction(network: &Network, spikes: &[Spike]) -> Vec<Conduction> {
    let followed = |entry: &&Waveguides| entry.pattern.expected_arms(entry.ends()) <= MOST_ARMS;
    if spikes.is_empty() || !network.waveguides.iter().any(|entry| followed(&entry)) {
        return Vec::new();
    }
    let times = Times::new(network.n_neurons(), spikes);
    let of_entry = |entry: &Waveguides| {
        let mut values = ConnectionValues::new(network, entry);
        let (mut passed, mut fired, mut sum, mut delays) = (0, 0, 0.0, 0.0);
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        network.for_each_connection(entry, |Connection { from, to, item }| {
            let Some(&(_, start)) = times.of(from).first() else { return };
            fired += 1;
            let delay = values.delay(item);
            // What fires before the wave can have come fired for another reason.
            let Some(end) = times.after(to, start + delay) else { return };
            passed += 1;
            sum += end - start;
            range = (range.0.min(end - start), range.1.max(end - start));
            delays += delay;
        });
        let n = passed as f64;
        let velocity = match entry.delay {
            Delay::Time(_) => None,
            Delay::Length { velocity, .. } => Some(delays * velocity / sum),
        };
        let pace = (passed > 0).then_some(Pace { mean: sum / n, range, delay: delays / n, velocity });
        (fired > 0).then(|| Conduction { waveguides: entry.name.clone(), passed, fired, pace })
    };
    network.waveguides.iter().filter(followed).filter_map(of_entry).collect()
}

/// Spikes by neuron, each one's ascending.
struct Times {
    spikes: Vec<(usize, f64)>,
    /// Where those of each stretch of neurons begin, and one end beyond the last.
    begins: Vec<usize>,
}

/// Neurons among whose spikes those of one are looked up: a byte a neuron, and spikes that lie in a line or two of cache.
const STRETCH: usize = 8;

impl Times {
    fn new(n_neurons: usize, spikes: &[Spike]) -> Self {
        let mut sorted: Vec<(usize, f64)> = spikes.iter().map(|spike| (spike.neuron, spike.time)).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let firsts = (0..n_neurons + STRETCH).step_by(STRETCH);
        let begins = firsts.map(|first| sorted.partition_point(|spike| spike.0 < first)).collect();
        Self { spikes: sorted, begins }
    }

    fn of(&self, neuron: usize) -> &[(usize, f64)] {
        let stretch = neuron / STRETCH;
        let near = &self.spikes[self.begins[stretch]..self.begins[stretch + 1]];
        let first = near.iter().take_while(|spike| spike.0 < neuron).count();
        let own = near[first..].iter().take_while(|spike| spike.0 == neuron).count();
        &near[first..first + own]
    }

    /// The neuron's first spike after a time.
    fn after(&self, neuron: usize, time: f64) -> Option<f64> {
        let own = self.of(neuron);
        own.get(own.partition_point(|spike| spike.1 <= time)).map(|spike| spike.1)
    }
}
