//! Variance at the start, as so many frequencies give it.
//!
//! Where waves come back, the response has fringes as narrow as the way round is long, which no neuron's impedance alone
//! tells of. How much twice as many frequencies change the variance is then the error that so many leave.

use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::heisenberg::MODES;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::graph::ModeGraph;
use super::stationary;
use super::task::positions;
use super::{Line, Mean, lanes};

/// What the variance at the start depends on besides frequencies.
pub(super) struct Settled<'a> {
    pub(super) graph: &'a ModeGraph,
    pub(super) mean: &'a Mean,
    pub(super) bath: Bath,
    /// By node.
    pub(super) lines: &'a [Vec<Line>],
    /// Nodes that are recorded.
    pub(super) recorded: &'a [usize],
    pub(super) pool: Option<&'a ThreadPool>,
}

impl Settled<'_> {
    /// Of each recorded node.
    pub(super) fn variances(&self, frequencies: &[Frequency]) -> Vec<f64> {
        let tasks: Vec<(usize, &[Frequency])> = (0..self.graph.nodes.len())
            .flat_map(|origin| frequencies.chunks(MODES).map(move |chunk| (origin, chunk)))
            .collect();
        let one = |&(origin, chunk): &(usize, &[Frequency])| self.of_task(origin, chunk);
        let parts: Vec<Vec<f64>> = match self.pool {
            Some(pool) => pool.install(|| tasks.par_iter().map(one).collect()),
            None => tasks.iter().map(one).collect(),
        };
        let mut sums = vec![0.0; self.recorded.len()];
        // In the order of the tasks, whoever computed them.
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
        sums
    }

    /// Largest relative change of a variance from some frequencies to others.
    pub(super) fn change(before: &[f64], after: &[f64]) -> f64 {
        let pairs = before.iter().zip(after).filter(|(_, after)| **after > 0.0);
        pairs.map(|(before, after)| (before / after - 1.0).abs()).fold(0.0, f64::max)
    }

    fn of_task(&self, origin: usize, chunk: &[Frequency]) -> Vec<f64> {
        let (graph, mean) = (self.graph, self.mean);
        let (reach, lines) = (&graph.nodes[origin].reach, &self.lines[origin]);
        let (_, start) = stationary::begin(graph, mean, origin, lines, lanes(chunk));
        let places = positions(graph.nodes.len(), reach);
        let of_node = |&node: &usize| {
            let Some(place) = places[node] else { return 0.0 };
            let of_line = |(number, line): (usize, &Line)| {
                let square = start.states[place * lines.len() + number].v.norm_sqr();
                let energies = chunk.iter().map(|f| f.weight * self.bath.energy(f.omega));
                line.strength * energies.zip(square.0).map(|(energy, square)| energy * square).sum::<f64>()
            };
            lines.iter().enumerate().map(of_line).sum()
        };
        self.recorded.iter().map(of_node).collect()
    }
}
