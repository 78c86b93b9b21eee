//! Second moments at the start, as so many frequencies give them, and how many frequencies a run takes.
//!
//! What reaches two neurons, or one neuron by two ways, has phases that turn against each other: their moments have
//! fringes in frequency, `e^{i w tau}` with `tau` the difference of the delays, which no neuron's impedance alone tells
//! of. They take `w_c tau/2` frequencies beside those of the impedance. Where waves come back, `tau` has no end, and the
//! frequencies are doubled until nothing changes.

use std::convert::Infallible;

use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::heisenberg::MODES;
use qhh_core::source::Packet;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use super::accumulate::Noise;
use super::backwards::{self, Arrivals};
use super::collected::Collected;
use super::contour::AtRest;
use super::graph::ModeGraph;
use super::loops::Loops;
use super::pairs::Quantities;
use super::rings::Buffers;
use super::stationary::Start;
use super::sums::Sums;
use super::task::Task;
use super::{BATCH, Mean, NoiseLine, errors, frequencies, lanes};
use crate::network::Network;
use crate::tasks::in_order;

/// Relative error of a moment that is small enough.
const ENOUGH: f64 = 1e-6;
/// Frequencies at least and at most, those of fringes apart, where the network leaves their number open.
const LEAST: usize = 48;
/// The same where gates respond to a record of the voltage: what the record's noise and the gates bring is larger than what
/// is left of it in commutators, up to a thousandfold in variances through a spike.
const LEAST_MEASURED: usize = 256;
const MOST: usize = 512;
/// Frequencies at most, those of fringes included.
const MOST_WITH_FRINGES: usize = 4096;
/// Times that the change by more frequencies is stated where these may not be enough themselves.
const CAUTION: f64 = 3.0;

/// The most frequencies that `n` may become by doubling until echoes are resolved.
pub(crate) fn most_with_echoes(n: usize) -> usize {
    let mut most = n;
    while 2 * most <= MOST {
        most *= 2;
    }
    most
}

/// What the moments at the start depend on besides frequencies.
pub(super) struct Settled<'a> {
    pub(super) network: &'a Network,
    pub(super) graph: &'a ModeGraph,
    pub(super) mean: &'a Mean,
    pub(super) loops: &'a Loops,
    pub(super) bath: Bath,
    /// By node.
    pub(super) lines: &'a [Vec<NoiseLine>],
    /// Nodes that are recorded.
    pub(super) recorded: &'a [usize],
    pub(super) quantities: &'a Quantities,
    pub(super) waves: &'a Quantities,
    /// The voltages' covariances where they are known exactly.
    pub(super) rest: Option<&'a AtRest>,
    pub(super) pool: Option<&'a ThreadPool>,
}

/// Frequencies of every line, and what they leave.
#[derive(Serialize, Deserialize)]
pub(super) struct Chosen {
    pub(super) frequencies: Vec<Frequency>,
    /// Relative error of variances, and of covariances and parts of noise budgets against the variances.
    pub(super) error: f64,
}

impl Settled<'_> {
    /// So many frequencies, or as many as bring every moment that is recorded to within [`ENOUGH`]: with the conductances
    /// of any sample held, and through the network at the start.
    pub(super) fn choose(&self, asked: Option<usize>, packets: &[Packet]) -> Chosen {
        let Self { graph, mean, bath, recorded, .. } = *self;
        let span = graph.span(recorded, !self.quantities.list.is_empty()) * mean.dt;
        let of = |n: usize, span: f64| frequencies(graph, mean, bath, n, span, packets);
        let held = |frequencies: &[Frequency]| errors::held_error(graph, mean, bath, recorded, frequencies);
        // As many as the impedances take and the fringes of the delays.
        let enough = || {
            let fringes = bath.fringes(span).min(MOST_WITH_FRINGES);
            let measured = mean.responds() && graph.nodes.iter().any(|node| node.circuit.sense.is_some());
            let mut n = if measured { LEAST_MEASURED } else { LEAST };
            let mut chosen = of(n + fringes, span);
            while n < MOST && held(&chosen) >= ENOUGH {
                n += MODES;
                chosen = of(n + fringes, span);
            }
            (n + fringes, chosen)
        };
        let (n, chosen) = match asked {
            Some(n) => (n, of(n, 0.0)),
            None => enough(),
        };
        let error = held(&chosen);
        if graph.has_loops() {
            return self.with_echoes(asked.is_some(), n, Chosen { frequencies: chosen, error }, &|n| of(n, span));
        }
        if span == 0.0 && self.waves.list.is_empty() {
            return Chosen { frequencies: chosen, error };
        }
        // Against frequencies that resolve the fringes for certain.
        let finer = if asked.is_some() { enough().0.max(n) } else { n };
        let finer = of(2 * finer, span);
        let fringes = self.sums(&chosen).distance(&self.sums(&finer));
        Chosen { frequencies: chosen, error: error.max(CAUTION * fringes) }
    }

    /// Where waves come back: twice as many frequencies until no moment changes.
    fn with_echoes(
        &self,
        fixed: bool,
        mut n: usize,
        mut chosen: Chosen,
        of: &dyn Fn(usize) -> Vec<Frequency>,
    ) -> Chosen {
        let held = |frequencies: &[Frequency]| {
            errors::held_error(self.graph, self.mean, self.bath, self.recorded, frequencies)
        };
        let known = self.rest.filter(|_| self.only_voltages());
        let mut now = self.sums(&chosen.frequencies);
        loop {
            let twice = of(2 * n);
            let then = if known.is_some() { None } else { Some(self.sums(&twice)) };
            let echoes = match (known, &then) {
                (Some(rest), _) => now.distance_from(&rest.covariance),
                (None, then) => then.as_ref().map_or(0.0, |then| now.distance(then)),
            };
            if fixed || 2 * n > MOST || echoes < ENOUGH {
                let estimate = then.map_or(echoes, |then| {
                    // Neither need resolve the sharpest resonance: a third set of frequencies has its say.
                    let thrice = self.sums(&of(3 * n + 1));
                    CAUTION * echoes.max(now.distance(&thrice)).max(then.distance(&thrice))
                });
                chosen.error = chosen.error.max(estimate);
                return chosen;
            }
            chosen = Chosen { error: held(&twice), frequencies: twice };
            now = then.unwrap_or_else(|| self.sums(&chosen.frequencies));
            n *= 2;
        }
    }

    /// Whether nothing but moments of voltages is recorded, and no parts of them.
    pub(super) fn only_voltages(&self) -> bool {
        self.quantities.only_voltages() && !self.network.record.noise_budget
    }

    /// Moments at the start.
    pub(super) fn sums(&self, frequencies: &[Frequency]) -> Sums {
        let Self { network, graph, mean, bath, lines, .. } = *self;
        let start = Mean { n_steps: 0, looks: vec![0], ..mean.clone() };
        let n_lines = lines.iter().map(Vec::len).collect();
        let budget = network.record.noise_budget;
        let mut sums = Sums::zero(
            (self.recorded.to_vec(), n_lines, 1),
            (0, self.quantities.list.len(), budget, self.waves.list.len()),
        );
        let threads = self.pool.map_or(1, ThreadPool::current_num_threads);
        let origins: Vec<usize> = (0..graph.nodes.len()).collect();
        let buffers = Buffers::default();
        let backwards = backwards::has_room(graph, self.recorded, 1);
        // Frequency by frequency: what all origins share is made once and dropped before the next.
        for chunk in frequencies.chunks(MODES) {
            let columns = || Start::of_all(graph, &start, self.loops, lanes(chunk));
            let rows = || Start::new(graph, &start, self.loops, lanes(chunk));
            let begin = &if backwards { rows() } else { columns() };
            let arrivals = &backwards.then(|| Arrivals::new(begin, self.recorded));
            let one = |&origin: &usize| -> Collected {
                let lines = &lines[origin];
                let quantities = (self.quantities, self.waves);
                let recorded = &network.record.neurons;
                let mut noise = Noise::new(graph, &start, bath, origin, lines, chunk, recorded, &[], quantities);
                let mean = &start;
                let defect = if let Some(arrivals) = arrivals {
                    arrivals.show(begin, (origin, lines), 1, &mut noise)
                } else {
                    let (still, flux, buffers) = (&[], false, &buffers);
                    Task { graph, mean, still, start: begin, origin, lines, flux, buffers }.run(&mut noise)
                };
                noise.collect(defect)
            };
            let added = in_order(self.pool, &origins, BATCH * threads, one, |origin, collected| {
                sums.add(*origin, &collected);
                Ok::<_, Infallible>(())
            });
            let Ok(()) = added;
        }
        sums
    }
}
