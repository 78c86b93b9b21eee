//! Variance at the start, as so many frequencies give it.
//!
//! Where waves come back, the response has fringes as narrow as the way round is long, which no neuron's impedance alone
//! tells of. How much twice as many frequencies change the variance is then the error that so many leave.

use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::heisenberg::MODES;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::graph::ModeGraph;
use super::loops::Loops;
use super::stationary::Start;
use super::task::positions;
use super::{Line, Mean, lanes};

/// What the variance at the start depends on besides frequencies.
pub(super) struct Settled<'a> {
    pub(super) graph: &'a ModeGraph,
    pub(super) mean: &'a Mean,
    pub(super) loops: &'a Loops,
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
        let chunks: Vec<(&[Frequency], Start<'_>)> = frequencies
            .chunks(MODES)
            .map(|chunk| (chunk, Start::new(self.graph, self.mean, self.loops, lanes(chunk))))
            .collect();
        let n_chunks = chunks.len();
        let n_tasks = self.graph.nodes.len() * n_chunks;
        // Chunk by chunk: what one has factored is not kept while the others are computed.
        let one = |task: usize| self.of_task(task / n_chunks, &chunks[task % n_chunks]);
        let parts: Vec<Vec<f64>> = match self.pool {
            Some(pool) => pool.install(|| (0..n_tasks).into_par_iter().map(one).collect()),
            None => (0..n_tasks).map(one).collect(),
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

    fn of_task(&self, origin: usize, (chunk, start): &(&[Frequency], Start<'_>)) -> Vec<f64> {
        let graph = self.graph;
        let (reach, lines) = (&graph.nodes[origin].reach, &self.lines[origin]);
        let begun = start.begin(origin, lines);
        let places = positions(graph.nodes.len(), reach);
        let of_node = |&node: &usize| {
            let Some(place) = places[node] else { return 0.0 };
            let of_line = |(number, line): (usize, &Line)| {
                let square = begun.states[place * lines.len() + number].v.norm_sqr();
                let energies = chunk.iter().map(|f| f.weight * self.bath.energy(f.omega));
                line.strength * energies.zip(square.0).map(|(energy, square)| energy * square).sum::<f64>()
            };
            lines.iter().enumerate().map(of_line).sum()
        };
        self.recorded.iter().map(of_node).collect()
    }
}
