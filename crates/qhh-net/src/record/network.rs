//! What is kept of a network as a whole: a coarse look at its voltages, the energy of its waves, the pace of its spikes.

use super::{Conduction, SpaceTime, Spike, WaveBalance};
use crate::arms::{Arm, ArmValues};
use crate::engine::{Finished, Wiring};
use crate::network::{Delay, Network};

/// Neurons of the coarse look at most: the rows of a picture.
const MOST_NEURONS: usize = 256;
/// Times of the coarse look at most: its columns.
const MOST_TIMES: u64 = 512;
/// Arms that the pace of spikes is looked for in at most.
const MOST_ARMS: f64 = 2e6;

/// The voltage of one neuron, now and then.
#[derive(Debug, Clone)]
pub(crate) struct Glimpse {
    stride: u64,
    voltages: Vec<f32>,
}

impl Glimpse {
    pub(crate) fn new(network: &Network) -> Self {
        Self { stride: SpaceTime::stride(network), voltages: Vec::new() }
    }

    /// Takes in a window of `n_steps` from step number `first`; `v` is the voltage at the start of a step.
    pub(crate) fn window(&mut self, first: u64, n_steps: usize, v: impl Fn(usize) -> f64) {
        let mut step = first.next_multiple_of(self.stride);
        while step < first + n_steps as u64 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a place in the window; a picture needs no more digits"
            )]
            self.voltages.push(v((step - first) as usize) as f32);
            step += self.stride;
        }
    }

    /// What is kept so far.
    pub(crate) fn kept(&self) -> Vec<f32> {
        self.voltages.clone()
    }

    /// Forgets what came after so many steps.
    pub(super) fn cut(&mut self, steps: u64) {
        self.voltages.truncate(usize::try_from(steps.div_ceil(self.stride)).unwrap_or(usize::MAX));
    }

    /// Goes on from what was kept when `done` steps were made; whether it can be.
    pub(crate) fn restore(&mut self, kept: Vec<f32>, done: u64) -> bool {
        let fits = kept.len() as u64 == done.div_ceil(self.stride);
        self.voltages = kept;
        fits
    }
}

impl SpaceTime {
    /// The neurons looked at, ascending; none where there is but one.
    pub(crate) fn picked(network: &Network) -> Vec<usize> {
        let n = network.n_neurons();
        let rows = n.min(MOST_NEURONS);
        if n < 2 { Vec::new() } else { (0..rows).map(|k| k * n / rows).collect() }
    }

    fn stride(network: &Network) -> u64 {
        network.n_steps().div_ceil(MOST_TIMES).max(1)
    }

    /// Puts the glimpses together.
    pub(super) fn gather(network: &Network, finished: &mut [Finished]) -> Option<Self> {
        let mut rows: Vec<(usize, Glimpse)> =
            finished.iter_mut().flat_map(|f| std::mem::take(&mut f.glimpses)).collect();
        rows.sort_by_key(|row| row.0);
        let Glimpse { voltages, stride } = &rows.first()?.1;
        let (n_times, stride) = (voltages.len(), *stride);
        Some(Self {
            times: (0..n_times as u64).map(|k| (k * stride) as f64 * network.simulation.step).collect(),
            neurons: rows.iter().map(|row| row.0).collect(),
            voltages: rows.into_iter().flat_map(|row| row.1.voltages).collect(),
        })
    }
}

impl WaveBalance {
    /// Adds up what the blocks saw of the waves.
    pub(super) fn gather(network: &Network, finished: &[Finished], wiring: &Wiring) -> Option<Self> {
        let dt = network.simulation.step;
        // Blocks in their order, so that the sum does not depend on threads.
        let sum = |of: fn(&Finished) -> f64| finished.iter().map(of).sum::<f64>() * dt;
        let in_flight = wiring.in_flight?;
        (wiring.scattering.n_arms > 0).then(|| Self {
            sent: sum(|f| f.sent),
            arrived: sum(|f| f.arrived),
            in_flight: in_flight * dt,
            amplified: network.has_amplifiers(),
        })
    }
}

/// The pace of spikes through each entry's arms; nothing for networks of too many arms.
pub(super) fn conduction(network: &Network, spikes: &[Spike]) -> Vec<Conduction> {
    let arms: f64 = network.waveguides.iter().map(|entry| entry.pattern.expected_arms(entry.ends())).sum();
    if arms > MOST_ARMS || spikes.is_empty() {
        return Vec::new();
    }
    let mut by_neuron: Vec<(usize, f64)> = spikes.iter().map(|spike| (spike.neuron, spike.time)).collect();
    by_neuron.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let after = |neuron: usize, time: f64| {
        let next = by_neuron.partition_point(|spike| (spike.0, spike.1) <= (neuron, time));
        by_neuron.get(next).filter(|spike| spike.0 == neuron).map(|spike| spike.1)
    };
    let of_entry = |entry: &crate::network::Waveguides| {
        let mut values = ArmValues::new(network, entry);
        let mut sum = Conduction {
            waveguides: entry.name.clone(),
            passed: 0,
            fired: 0,
            mean: 0.0,
            range: (f64::INFINITY, f64::NEG_INFINITY),
            delay: 0.0,
            velocity: None,
        };
        entry.for_each_arm(network.simulation.seed, |Arm { from, to, item }| {
            let Some(start) = after(from, f64::NEG_INFINITY) else { return };
            sum.fired += 1;
            let delay = values.delay(item);
            // What fires before the wave can have come fired for another reason.
            let Some(end) = after(to, start + delay) else { return };
            sum.passed += 1;
            sum.mean += end - start;
            sum.range = (sum.range.0.min(end - start), sum.range.1.max(end - start));
            sum.delay += delay;
        });
        (sum.passed > 0).then(|| {
            let n = sum.passed as f64;
            let velocity = match entry.delay {
                Delay::Time(_) => None,
                Delay::Length { velocity, .. } => Some(sum.delay * velocity / sum.mean),
            };
            Conduction { mean: sum.mean / n, delay: sum.delay / n, velocity, ..sum }
        })
    };
    network.waveguides.iter().filter_map(of_entry).collect()
}
