//! What splitting a variance by its origin takes, from the description alone.

use super::smooth::GROUP;
use super::{MOST_RUNS, MOST_STEPS, STRETCHES};
use crate::network::{Direction, Network, Waveguides};

/// Bytes of a waveguide while what enters at ports is added up.
const LINK: f64 = 112.0;
/// Bytes of a neuron besides its lines: its parts by time, what is carried, what enters at ports.
const NEURON: f64 = 8.0 * (STRETCHES as f64 + 1.0) + 400.0;

impl super::Origins {
    /// Bytes that the variances of the numbers a network records take besides going backwards, if all neurons reach them;
    /// one number at a time, and what is kept of all.
    pub fn bytes(network: &Network) -> f64 {
        let steps = network.n_steps() as f64;
        let longest = steps * (1.0 + MOST_RUNS as f64) + MOST_STEPS as f64;
        // Rates from a group's length to the longest time, one for each factor of 2: real ones and turning ones.
        let states = 3.0 * ((8.0 / 0.3 * longest / GROUP as f64).log2() + 1.0);
        // As if no answer were smooth over a group.
        let line = 8.0 * (GROUP as f64 + states + 3.0);
        let both_ways = network.waveguides.iter().any(|entry| entry.direction == Direction::TwoWay);
        let mut bytes = 0.0;
        for population in &network.populations {
            let of = &population.circuit;
            let sensed = if of.sense.is_some() { 2.0 } else { 0.0 };
            // What enters at each port, and what the outputs of splitters share.
            let ports = of.ports().count() as f64;
            let split = if both_ways { ports } else { ports.min(1.0) };
            let lines = of.channels.len() as f64 + ports + split + sensed;
            let shares = 16.0 * lines * network.record.budget_of.len() as f64;
            bytes += population.count as f64 * (lines * line + NEURON + shares);
        }
        let arms: f64 = network.waveguides.iter().map(Waveguides::expected_arms).sum();
        // Links are let go before there are lines.
        bytes.max(LINK * arms) + network.more_delay_line_bytes(longest)
    }
}
