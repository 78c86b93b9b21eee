//! Second moments from responses: squares with the strength of the fields, added up by where the noise comes from.

use std::f64::consts::PI;
use std::ops::Range;

use nalgebra::{DMatrix, DVector};
use qhh_core::integrate::lanes::Lanes;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::heisenberg::MODES;
use qhh_core::quantum::variance::{AdiabaticVariance, slowest_rate};

use super::dominant;
use super::graph::ModeGraph;
use super::line::{Line, LineOrigin, SourceMode};
use super::modes::{Coefficients, Leaving, ModeMoments};
use super::pairs::{PairSums, Quantities, add_mode};
use super::task::{Seen, Watcher};
use super::{Mean, step_before};
use crate::network::{JointState, Network};
use crate::record::{
    Check, Covariance, CutoffDependence, CutoffRow, Fluctuated, LineVariance, ModeResponse, ModeThrough,
    NeuronVariance, NoiseShare, OutputStates, Spike, SpikeJitter,
};

/// Cutoffs at which the dependence on it is shown, against the network's own.
const CUTOFF_FACTORS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Adds up the squares of one task.
pub(super) struct Noise<'a> {
    /// Recorded nodes in reach.
    nodes: Vec<Option<usize>>,
    n_looks: usize,
    n_lines: usize,
    /// `hbar w dw`, what temperature adds to it, `w dw`, at each frequency.
    vacuum: Lanes<MODES>,
    thermal: Lanes<MODES>,
    bare: Lanes<MODES>,
    strengths: Vec<(f64, f64)>,
    /// Quanta at each frequency.
    photons: Lanes<MODES>,
    coefficients: Coefficients<'a>,
    pairs: PairSums<'a>,
    collected: Collected,
}

/// What a task hands over: `[recorded node in reach][line][look]`.
pub(super) struct Collected {
    reached: Vec<usize>,
    vacuum: Vec<f64>,
    thermal: Vec<f64>,
    /// `[recorded node in reach][look]`: `[phi, V]/i hbar`.
    commutator: Vec<f64>,
    defect: f64,
    modes: ModeMoments,
    /// Quantities that the task reaches, and their covariances.
    pairs: (Vec<usize>, Vec<f64>),
}

impl<'a> Noise<'a> {
    #[expect(clippy::too_many_arguments, reason = "everything a task's moments depend on")]
    pub(super) fn new(
        graph: &ModeGraph,
        mean: &Mean,
        bath: Bath,
        origin: usize,
        lines: &[Line],
        chunk: &[Frequency],
        recorded: &[usize],
        leaving: &'a [Leaving],
        quantities: &'a Quantities,
    ) -> Self {
        let mut nodes = vec![None; graph.nodes.len()];
        let mut reached = Vec::new();
        for &node in &graph.nodes[origin].reach {
            if recorded.binary_search(&graph.nodes[node].neuron).is_ok() {
                nodes[node] = Some(reached.len());
                reached.push(node);
            }
        }
        let weigh = |of: &dyn Fn(f64) -> f64| {
            Lanes::from_fn(|lane| chunk.get(lane).map_or(0.0, |node| node.weight * of(node.omega)))
        };
        let (n_looks, n_lines) = (mean.looks.len(), lines.len());
        let size = reached.len() * n_lines * n_looks;
        Self {
            n_looks,
            n_lines,
            vacuum: weigh(&|omega| bath.vacuum_energy(omega)),
            thermal: weigh(&|omega| bath.excess_energy(omega)),
            bare: weigh(&|omega| omega),
            photons: Lanes::from_fn(|lane| {
                let photons =
                    |node: &Frequency| 0.5 * bath.excess_energy(node.omega) / bath.vacuum_energy(node.omega);
                chunk.get(lane).map_or(0.0, photons)
            }),
            coefficients: Coefficients::new(leaving, super::lanes(chunk), mean.dt, n_lines),
            strengths: lines.iter().map(|line| (line.strength, line.commutator)).collect(),
            pairs: PairSums::new(quantities, &graph.nodes[origin].reach, n_lines, n_looks),
            collected: Collected {
                commutator: vec![0.0; reached.len() * n_looks],
                reached,
                vacuum: vec![0.0; size],
                thermal: vec![0.0; size],
                defect: 0.0,
                modes: ModeMoments::zero(leaving.len()),
                pairs: (Vec::new(), Vec::new()),
            },
            nodes,
        }
    }

    pub(super) fn collect(mut self, defect: f64) -> Collected {
        self.collected.defect = defect;
        self.collected.pairs = (self.pairs.reached, self.pairs.sums);
        for (line, (strength, commutator)) in self.strengths.iter().enumerate() {
            let (destroyed, created) = (0.5 * (strength + commutator), 0.5 * (strength - commutator));
            for lane in 0..MODES {
                let (energy, photons) = (self.vacuum.0[lane], self.photons.0[lane]);
                if energy > 0.0 && !self.coefficients.is_empty() {
                    let coefficients = self.coefficients.at(line, lane);
                    self.collected.modes.add(&coefficients, destroyed * energy, photons);
                    if created > 0.0 {
                        self.collected.modes.add_created(&coefficients, created * energy, photons);
                    }
                }
            }
        }
        self.collected
    }
}

/// Pairs, pairs of pairs: a short chain of dependent additions.
fn sum(lanes: Lanes<MODES>) -> f64 {
    let mut parts = lanes.0;
    let mut n = MODES;
    while n > 1 {
        n /= 2;
        for k in 0..n {
            parts[k] += parts[k + n];
        }
    }
    parts[0]
}

impl<'a> Watcher<'a> for Noise<'a> {
    fn coefficients(&mut self) -> &mut Coefficients<'a> {
        &mut self.coefficients
    }

    fn looks_at(&self, node: usize) -> bool {
        self.nodes[node].is_some()
    }

    fn open(&mut self, looks: Range<usize>) {
        self.pairs.open(looks);
    }

    fn close(&mut self) {
        self.pairs.close(self.vacuum + self.thermal, |line| self.strengths[line].0);
    }

    fn look(&mut self, seen: Seen<'_>) {
        let Seen { node, line, look, state, .. } = seen;
        let Some(place) = self.nodes[node] else { return };
        self.pairs.look(node, line, look, state, &seen.arriving);
        let square = state.v.norm_sqr();
        let (strength, commutator) = self.strengths[line];
        let at = (place * self.n_lines + line) * self.n_looks + look;
        self.collected.vacuum[at] = strength * sum(square * self.vacuum);
        self.collected.thermal[at] = strength * sum(square * self.thermal);
        // phi u* - phi* u = 2 i Im(phi u*).
        let crossed = state.flux.im * state.v.re - state.flux.re * state.v.im;
        self.collected.commutator[place * self.n_looks + look] += 2.0 * commutator * sum(crossed * self.bare);
    }
}

/// Keeps the response to one mode of a source.
pub(super) struct Responses<'a> {
    source: usize,
    nodes: Vec<Option<usize>>,
    n_looks: usize,
    scale: f64,
    values: Vec<Complex64>,
    quantities: &'a Quantities,
    /// `[quantity][look]`.
    of_quantities: Vec<Complex64>,
    coefficients: Coefficients<'a>,
}

impl<'a> Responses<'a> {
    pub(super) fn new(
        graph: &ModeGraph,
        mean: &Mean,
        source: &SourceMode<'_>,
        recorded: &[usize],
        leaving: &'a [Leaving],
        quantities: &'a Quantities,
    ) -> Self {
        let mut n_nodes = 0;
        let mut place = |neuron: usize| {
            recorded.binary_search(&neuron).ok().map(|_| {
                n_nodes += 1;
                n_nodes - 1
            })
        };
        let nodes: Vec<Option<usize>> = graph.nodes.iter().map(|node| place(node.neuron)).collect();
        let n_looks = mean.looks.len();
        Self {
            source: source.source,
            nodes,
            n_looks,
            scale: source.scale,
            values: vec![Complex64::ZERO; n_nodes * n_looks],
            quantities,
            of_quantities: vec![Complex64::ZERO; quantities.list.len() * n_looks],
            coefficients: Coefficients::new(leaving, [source.omega; MODES], mean.dt, 1),
        }
    }

    fn modes(&self) -> Vec<(Complex64, Complex64)> {
        self.coefficients.at(0, 0).into_iter().map(|(mu, nu)| (mu * self.scale, nu * self.scale)).collect()
    }
}

impl<'a> Watcher<'a> for Responses<'a> {
    fn coefficients(&mut self) -> &mut Coefficients<'a> {
        &mut self.coefficients
    }

    fn looks_at(&self, node: usize) -> bool {
        self.nodes[node].is_some()
    }

    fn open(&mut self, _: Range<usize>) {}

    fn close(&mut self) {}

    fn look(&mut self, seen: Seen<'_>) {
        let Seen { node, look, state, .. } = seen;
        if let Some(place) = self.nodes[node] {
            self.values[place * self.n_looks + look] = state.v.get(0) * self.scale;
        }
        for (place, quantity) in self.quantities.list.iter().enumerate().filter(|(_, of)| of.node == node) {
            let value = quantity.value(state, &seen.arriving).get(0) * self.scale;
            self.of_quantities[place * self.n_looks + look] = value;
        }
    }
}

/// What a source's mode comes to.
#[derive(Debug, Clone)]
struct Through {
    source: usize,
    nodes: Vec<Option<usize>>,
    values: Vec<Complex64>,
    of_quantities: Vec<Complex64>,
    modes: Vec<(Complex64, Complex64)>,
}

/// Everything added up.
pub(super) struct Totals<'a> {
    recorded: Vec<usize>,
    lines: &'a [Vec<Line>],
    n_looks: usize,
    /// By recorded node: its own lines.
    own: Vec<Vec<Parts>>,
    /// By recorded node: all other nodes' lines together.
    others: Vec<Parts>,
    commutator: Vec<Vec<f64>>,
    /// By recorded node: every line of every node that reaches it, where a noise budget is kept.
    budget: Option<Vec<Vec<(usize, usize, Parts)>>>,
    /// By source's mode: responses of the recorded nodes, coefficients of outgoing modes.
    responses: Vec<Through>,
    modes: ModeMoments,
    leaving: &'a [Leaving],
    quantities: &'a Quantities,
    /// `[pair of quantities][look]`.
    pairs: Vec<Vec<f64>>,
    defect: f64,
}

/// Vacuum and thermal part at each look.
#[derive(Debug, Clone)]
struct Parts {
    vacuum: Vec<f64>,
    thermal: Vec<f64>,
}

impl Parts {
    fn zero(n: usize) -> Self {
        Self { vacuum: vec![0.0; n], thermal: vec![0.0; n] }
    }

    fn add(&mut self, vacuum: &[f64], thermal: &[f64]) {
        self.vacuum.iter_mut().zip(vacuum).for_each(|(sum, x)| *sum += x);
        self.thermal.iter_mut().zip(thermal).for_each(|(sum, x)| *sum += x);
    }
}

impl<'a> Totals<'a> {
    pub(super) fn new(
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        lines: &'a [Vec<Line>],
        leaving: &'a [Leaving],
        quantities: &'a Quantities,
    ) -> Self {
        let n_looks = mean.looks.len();
        let recorded: Vec<usize> = network.record.neurons.iter().filter_map(|&n| graph.node_of(n)).collect();
        Self {
            n_looks,
            own: recorded.iter().map(|&node| vec![Parts::zero(n_looks); lines[node].len()]).collect(),
            others: vec![Parts::zero(n_looks); recorded.len()],
            commutator: vec![vec![0.0; n_looks]; recorded.len()],
            budget: network.record.noise_budget.then(|| vec![Vec::new(); recorded.len()]),
            responses: Vec::new(),
            modes: ModeMoments::zero(leaving.len()),
            leaving,
            quantities,
            pairs: Quantities::pairs(quantities.list.len()).map(|_| vec![0.0; n_looks]).collect(),
            defect: 0.0,
            recorded,
            lines,
        }
    }

    /// Adds what a task of the node `origin` found.
    pub(super) fn add(&mut self, origin: usize, collected: &Collected) {
        self.defect = self.defect.max(collected.defect);
        self.modes.plus(&collected.modes);
        let (reached, sums) = &collected.pairs;
        for ((i, j), sums) in Quantities::pairs(reached.len()).zip(sums.chunks_exact(self.n_looks)) {
            // Places ascend, and so do those in reach.
            let (i, j) = (reached[i], reached[j]);
            let pair = i * (i + 1) / 2 + j;
            self.pairs[pair].iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
        }
        let (n_looks, n_lines) = (self.n_looks, self.lines[origin].len());
        for (place, node) in collected.reached.iter().enumerate() {
            let Ok(target) = self.recorded.binary_search(node) else { continue };
            for line in 0..n_lines {
                let span = (place * n_lines + line) * n_looks..(place * n_lines + line + 1) * n_looks;
                let (vacuum, thermal) = (&collected.vacuum[span.clone()], &collected.thermal[span]);
                if *node == origin {
                    self.own[target][line].add(vacuum, thermal);
                } else {
                    self.others[target].add(vacuum, thermal);
                }
                if let Some(budget) = &mut self.budget {
                    let shares = &mut budget[target];
                    // Tasks of one neuron follow one another.
                    let known =
                        shares.iter().rev().take(n_lines).position(|share| (share.0, share.1) == (origin, line));
                    let place = known.map_or(shares.len(), |back| shares.len() - 1 - back);
                    if place == shares.len() {
                        shares.push((origin, line, Parts::zero(n_looks)));
                    }
                    shares[place].2.add(vacuum, thermal);
                }
            }
            let commutator = &collected.commutator[place * n_looks..(place + 1) * n_looks];
            self.commutator[target].iter_mut().zip(commutator).for_each(|(sum, x)| *sum += x);
        }
    }

    /// Takes in the response to a source's mode.
    pub(super) fn respond(&mut self, responses: Responses<'_>) {
        let modes = responses.modes();
        let Responses { source, nodes, values, of_quantities, .. } = responses;
        match self.responses.last_mut().filter(|last| last.source == source) {
            // One mode that feeds several neurons.
            Some(last) => {
                last.values.iter_mut().zip(values).for_each(|(sum, u)| *sum += u);
                last.of_quantities.iter_mut().zip(of_quantities).for_each(|(sum, u)| *sum += u);
                last.modes.iter_mut().zip(modes).for_each(|(sum, more)| *sum = (sum.0 + more.0, sum.1 + more.1));
            }
            None => self.responses.push(Through { source, nodes, values, of_quantities, modes }),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "everything a run knows, once")]
    pub(super) fn finish(
        self,
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        bath: Bath,
        sources: &[SourceMode<'_>],
        frequencies: &[Frequency],
        spikes: &[Spike],
    ) -> Fluctuated {
        let stride = usize::try_from(network.steps_per_sample()).unwrap_or(usize::MAX);
        let samples: Vec<usize> =
            (0..mean.looks.len()).filter(|&look| mean.looks[look].is_multiple_of(stride)).collect();
        let at = |values: &[f64]| -> Vec<f64> { samples.iter().map(|&look| values[look]).collect() };
        let mut fluctuated = Fluctuated {
            n_modes: frequencies.len(),
            modes_error: held_error(graph, mean, bath, &self.recorded, frequencies),
            checks: vec![self.commutator_check(graph, mean, bath.cutoff, frequencies.len())],
            ..Fluctuated::default()
        };
        if graph.has_loops {
            fluctuated.checks.push(Check {
                name: "stationary start".into(),
                meaning: "largest change of a wave in a last round through the network's loops before the start, \
                          relative"
                    .into(),
                defect: self.defect,
                expected_below: 1e-9,
            });
        }
        for (target, &node) in self.recorded.iter().enumerate() {
            let neuron = graph.nodes[node].neuron;
            let zero = vec![0.0; samples.len()];
            let mut lines: Vec<LineVariance> = Vec::new();
            for (line, parts) in self.lines[node].iter().zip(&self.own[target]) {
                let (vacuum, thermal) = (at(&parts.vacuum), at(&parts.thermal));
                lines.push(LineVariance { line: line_name(line.of), vacuum, thermal, state: zero.clone() });
            }
            let mut total = self.others[target].clone();
            self.own[target].iter().for_each(|parts| total.add(&parts.vacuum, &parts.thermal));
            if graph.nodes.iter().any(|other| other.reach.contains(&node) && other.neuron != neuron) {
                let (vacuum, thermal) = (at(&self.others[target].vacuum), at(&self.others[target].thermal));
                lines.push(LineVariance {
                    line: "other neurons".to_owned(),
                    vacuum,
                    thermal,
                    state: zero.clone(),
                });
            }
            let mut whole: Vec<f64> = total.vacuum.iter().zip(&total.thermal).map(|(a, b)| a + b).collect();
            let turned = self.turned(mean, sources, node);
            for (source, values) in &turned {
                let moments = source.state.moments();
                let vacuum = |u: &Complex64| if source.in_line { 0.0 } else { u.norm_sqr() };
                let of_vacuum: Vec<f64> = values.iter().map(vacuum).collect();
                let of_state: Vec<f64> = values.iter().map(|&u| moments.variance(u)).collect();
                whole.iter_mut().zip(of_vacuum.iter().zip(&of_state)).for_each(|(sum, (a, b))| *sum += a + b);
                lines.push(LineVariance {
                    line: format!("source {}", source.name),
                    vacuum: at(&of_vacuum),
                    thermal: zero.clone(),
                    state: at(&of_state),
                });
                fluctuated.responses.push(ModeResponse {
                    source: source.name.to_owned(),
                    neuron,
                    values: at_samples(values, &samples),
                });
            }
            for joint in &network.states {
                let of_state = joint_variance(joint, &turned, mean.looks.len());
                whole.iter_mut().zip(&of_state).for_each(|(sum, more)| *sum += more);
                lines.push(LineVariance {
                    line: format!("states {}", joint.name),
                    vacuum: zero.clone(),
                    thermal: zero.clone(),
                    state: at(&of_state),
                });
            }
            if let Some(budget) = &self.budget {
                fluctuated.budget.push((neuron, shares(&budget[target], self.lines, graph, network, &samples)));
            }
            let mut variance =
                NeuronVariance { neuron, lines, cutoff: CutoffDependence { time: 0.0, rows: Vec::new() } };
            variance.cutoff = cutoff_dependence(graph, mean, bath, node, &variance, &samples);
            fluctuated.variances.push(variance);
            fluctuated.jitter.extend(jitter(mean, node, neuron, &whole, spikes));
        }
        fluctuated.covariances = self.covariances(network, mean, sources, &samples);
        if !network.modes.is_empty() {
            let (states, check) = self.output_states(network, graph, mean, sources);
            fluctuated.states = Some(states);
            fluctuated.checks.push(check);
        }
        fluctuated.jitter.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron)));
        fluctuated
    }

    /// Responses of a node to the sources' modes at every look, back from the rotating frame.
    fn turned<'s>(
        &self,
        mean: &Mean,
        sources: &'s [SourceMode<'s>],
        node: usize,
    ) -> Vec<(&'s SourceMode<'s>, Vec<Complex64>)> {
        let of = |through: &Through| {
            let source = sources.iter().find(|source| source.source == through.source)?;
            let place = through.nodes[node]?;
            let values = &through.values[place * self.n_looks..(place + 1) * self.n_looks];
            let turn = |step: usize| Complex64::from_polar(1.0, -source.omega * step as f64 * mean.dt);
            Some((source, values.iter().zip(&mean.looks).map(|(u, &step)| u * turn(step)).collect()))
        };
        self.responses.iter().filter_map(of).collect()
    }

    /// Covariances of the recorded quantities, sources' states included.
    fn covariances(
        &self,
        network: &Network,
        mean: &Mean,
        sources: &[SourceMode<'_>],
        samples: &[usize],
    ) -> Vec<Covariance> {
        let mut sums = self.pairs.clone();
        let n_looks = self.n_looks;
        let mut turned: Vec<(&SourceMode<'_>, Vec<Complex64>)> = Vec::new();
        for through in &self.responses {
            let Some(source) = sources.iter().find(|source| source.source == through.source) else { continue };
            let turn = |step: usize| Complex64::from_polar(1.0, -source.omega * step as f64 * mean.dt);
            let turns = mean.looks.iter().map(|&step| turn(step)).cycle();
            turned.push((source, through.of_quantities.iter().zip(turns).map(|(u, turn)| u * turn).collect()));
        }
        let of_states =
            |n: Complex64, m: Complex64| move |a: Complex64, b: Complex64| 2.0 * (n * a.conj() * b + m * a * b).re;
        for (source, values) in &turned {
            let of = source.state.moments();
            // The vacuum of a line's mode is counted with the line.
            let vacuum = if source.in_line { 0.0 } else { 0.5 };
            add_mode(&mut sums, (values, values), n_looks, of_states((of.n + vacuum).into(), of.m));
        }
        for joint in &network.states {
            let (n, m) = joint.state.moments();
            let of = |place: &usize| turned.iter().find(|(source, _)| source.place == *place);
            let values: Vec<_> = joint.sources.iter().map(of).collect();
            for (s, of_s) in values.iter().enumerate() {
                for (t, of_t) in values.iter().enumerate() {
                    let (Some((_, of_s)), Some((_, of_t))) = (of_s, of_t) else { continue };
                    add_mode(&mut sums, (of_s, of_t), n_looks, of_states(n[(s, t)], m[(s, t)]));
                }
            }
        }
        let of = |place: usize| {
            let quantity = self.quantities.list[place];
            (quantity.neuron, quantity.observable)
        };
        let pairs = Quantities::pairs(self.quantities.list.len()).zip(&sums);
        let at = |sum: &[f64]| samples.iter().map(|&look| sum[look]).collect();
        pairs.map(|((i, j), sum)| Covariance { a: of(j), b: of(i), values: at(sum) }).collect()
    }

    /// Mean and covariance of the outgoing modes, and what each source's mode looks like in them.
    fn output_states(
        &self,
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        sources: &[SourceMode<'_>],
    ) -> (OutputStates, Check) {
        let mut moments = self.modes.clone();
        let mut heads: Vec<(&SourceMode<'_>, &Through)> = Vec::new();
        for through in &self.responses {
            heads.extend(sources.iter().find(|s| s.source == through.source).map(|source| (source, through)));
        }
        for (source, through) in &heads {
            let of = source.state.moments();
            let one = |value: Complex64| DMatrix::from_element(1, 1, value);
            moments.add_states(&[through.modes.as_slice()], &one(of.n.into()), &one(of.m));
            if !source.in_line {
                moments.add(&through.modes, 1.0, 0.0);
            }
        }
        for joint in &network.states {
            let of = |place: &usize| heads.iter().find(|(source, _)| source.place == *place);
            let through: Vec<&[(Complex64, Complex64)]> =
                joint.sources.iter().filter_map(of).map(|(_, through)| through.modes.as_slice()).collect();
            let (n, m) = joint.state.moments();
            if through.len() == joint.sources.len() {
                moments.add_states(&through, &n, &m);
            }
        }
        let means: Vec<Complex64> = self
            .leaving
            .iter()
            .map(|mode| {
                let (node, slot) = graph.rows[mode.row];
                mode.amplitude(mean.courses[node].leaving(slot), mean.dt)
            })
            .collect();
        let (combined, modes) = dominant::combine(network, &moments);
        let combine = |values: Vec<Complex64>| (&combined * DVector::from_vec(values)).iter().copied().collect();
        let through = heads.iter().map(|(source, through)| {
            let (mu, nu): (Vec<_>, Vec<_>) = through.modes.iter().copied().unzip();
            let (mu, nu): (Vec<_>, Vec<_>) = (combine(mu), combine(nu));
            ModeThrough {
                source: source.name.to_owned(),
                neuron: graph.nodes[source.line.origin].neuron,
                state: source.state.clone(),
                coefficients: mu.into_iter().zip(nu).collect(),
            }
        });
        let states = OutputStates {
            modes,
            means: combine(means),
            n: combined.conjugate() * &moments.n * combined.transpose(),
            m: &combined * &moments.m * combined.transpose(),
            commutator: &combined * &moments.commutator * combined.adjoint(),
            through: through.collect(),
        };
        let check = Check {
            name: "commutators [b, b*] = 1 of the outgoing modes".into(),
            meaning: "largest defect for any mode of a wave that leaves a port".into(),
            defect: states.defect(),
            expected_below: 1e-2,
        };
        (states, check)
    }

    /// `[phi, V] = i hbar/C` from the coefficients below the cutoff, with what is above it from the impedance of the
    /// instant.
    fn commutator_check(&self, graph: &ModeGraph, mean: &Mean, cutoff: f64, n_modes: usize) -> Check {
        let mut defect = 0.0f64;
        for (target, &node) in self.recorded.iter().enumerate() {
            let circuit = &graph.nodes[node].circuit;
            let unit = Bath { hbar: 1.0, thermal_energy: 0.0, cutoff };
            let nodes = exact_nodes(graph, mean, unit, node);
            for (look, &step) in mean.looks.iter().enumerate() {
                let g = mean.at_step(node, step);
                let below: f64 = nodes.iter().map(|f| f.weight * circuit.impedance(g, f.omega).re).sum();
                let above = 1.0 - 2.0 / PI * below * circuit.capacitance;
                let whole = self.commutator[target][look] * circuit.capacitance + above;
                defect = defect.max((whole - 1.0).abs());
            }
        }
        Check {
            name: "commutator [phi, V] = i hbar/C from the modes".into(),
            meaning:
                "largest relative defect at any sample, during spikes too; what is above the cutoff is taken \
                      from the impedance of the instant. The flux remembers all that was, so this takes many more \
                      frequencies than the variance, and the more the longer the run"
                    .into(),
            defect,
            // 15 % of 48 frequencies through the spike of a working neuron.
            expected_below: 0.3 * (48.0 / n_modes as f64).min(1.0),
        }
    }
}

/// Largest relative error of the variance with the conductances of any sample held, that the frequencies leave.
pub(super) fn held_error(
    graph: &ModeGraph,
    mean: &Mean,
    bath: Bath,
    recorded: &[usize],
    frequencies: &[Frequency],
) -> f64 {
    let mut error = 0.0f64;
    for &node in recorded {
        let circuit = &graph.nodes[node].circuit;
        let nodes = exact_nodes(graph, mean, bath, node);
        for &step in &mean.looks {
            let g = mean.at_step(node, step);
            let of = |nodes: &[Frequency]| -> f64 {
                let energy = |omega: f64| bath.vacuum_energy(omega) + bath.excess_energy(omega);
                nodes.iter().map(|f| f.weight * energy(f.omega) * circuit.impedance(g, f.omega).re).sum()
            };
            let exact = of(&nodes);
            if exact > 0.0 {
                error = error.max((of(frequencies) / exact - 1.0).abs());
            }
        }
    }
    error
}

/// Frequencies that integrate a node's impedance to rounding at the conductances of any sample.
fn exact_nodes(graph: &ModeGraph, mean: &Mean, bath: Bath, node: usize) -> Vec<Frequency> {
    let least = mean.looks.iter().map(|&step| mean.at_step(node, step)).fold(f64::INFINITY, f64::min);
    bath.nodes(slowest_rate(&graph.nodes[node].circuit, least))
}

fn at_samples(values: &[Complex64], samples: &[usize]) -> Vec<Complex64> {
    samples.iter().map(|&look| values[look]).collect()
}

/// What a joint state of several sources adds to a variance, `2 Re sum (N_st u_s* u_t + M_st u_s u_t)`.
fn joint_variance(joint: &JointState, turned: &[(&SourceMode<'_>, Vec<Complex64>)], n_looks: usize) -> Vec<f64> {
    let (n, m) = joint.state.moments();
    let of = |place: &usize| turned.iter().find(|(source, _)| source.place == *place).map(|(_, values)| values);
    let responses: Vec<Option<&Vec<Complex64>>> = joint.sources.iter().map(of).collect();
    let mut variance = vec![0.0; n_looks];
    for (s, of_s) in responses.iter().enumerate() {
        for (t, of_t) in responses.iter().enumerate() {
            let (Some(of_s), Some(of_t)) = (of_s, of_t) else { continue };
            for (look, sum) in variance.iter_mut().enumerate() {
                let (a, b) = (of_s[look], of_t[look]);
                *sum += 2.0 * (n[(s, t)] * a.conj() * b + m[(s, t)] * a * b).re;
            }
        }
    }
    variance
}

/// Name of a line in files.
fn line_name(of: LineOrigin) -> String {
    match of {
        LineOrigin::Potassium => "potassium".to_owned(),
        LineOrigin::Sodium => "sodium".to_owned(),
        LineOrigin::Chloride => "chloride".to_owned(),
        LineOrigin::Channels => "channels".to_owned(),
        LineOrigin::Port(role, _) => role.name().to_owned(),
        LineOrigin::Splitter(role) => format!("{} splitter", role.name()),
        LineOrigin::Source => "source".to_owned(),
    }
}

/// A noise budget: each line of each neuron, what enters at a port apart by origin.
fn shares(
    budget: &[(usize, usize, Parts)],
    lines: &[Vec<Line>],
    graph: &ModeGraph,
    network: &Network,
    samples: &[usize],
) -> Vec<NoiseShare> {
    let mut list = Vec::new();
    for (origin, line, parts) in budget {
        let neuron = graph.nodes[*origin].neuron;
        let of = lines[*origin][*line].of;
        let mut push = |what: String, part: f64| {
            let values = samples.iter().map(|&look| part * (parts.vacuum[look] + parts.thermal[look])).collect();
            list.push(NoiseShare { neuron, origin: format!("{} {what}", network.neuron_name(neuron)), values });
        };
        match of {
            LineOrigin::Port(role, noise) => {
                let each = [
                    ("", noise.open),
                    (" loss", noise.loss),
                    (" splitter", noise.splitter),
                    (" amplifier", noise.amplifier),
                ];
                for (what, part) in each.into_iter().filter(|(_, part)| *part > 1e-12) {
                    push(format!("{}{what}", role.name()), part / noise.total());
                }
            }
            of => push(line_name(of), 1.0),
        }
    }
    list
}

/// Parts at several cutoffs, at the largest variance: those of the modes, moved by what the adiabatic variance makes of
/// the difference.
fn cutoff_dependence(
    graph: &ModeGraph,
    mean: &Mean,
    bath: Bath,
    node: usize,
    variance: &NeuronVariance,
    samples: &[usize],
) -> CutoffDependence {
    let largest = variance.largest();
    let step = mean.looks[samples[largest]];
    let g = mean.courses[node].conductances((step + 1).min(mean.n_steps));
    let of = |part: fn(&LineVariance) -> &Vec<f64>| -> f64 {
        variance.lines.iter().map(|line| part(line)[largest]).sum()
    };
    let adiabatic = |factor: f64| {
        let bath = Bath { cutoff: bath.cutoff * factor, ..bath };
        let circuit = &graph.nodes[node].circuit;
        let shares =
            AdiabaticVariance::new(circuit, mean.baths, bath, mean.baths.effective_conductance(g)).shares(g);
        shares.iter().fold((0.0, 0.0), |sum, share| (sum.0 + share.vacuum, sum.1 + share.thermal))
    };
    let here = adiabatic(1.0);
    let (vacuum, thermal, state) = (of(|l| &l.vacuum), of(|l| &l.thermal), of(|l| &l.state));
    let row = |factor: f64| {
        let there = adiabatic(factor);
        CutoffRow {
            cutoff: bath.cutoff * factor,
            vacuum: vacuum + there.0 - here.0,
            thermal: thermal + there.1 - here.1,
            state,
        }
    };
    CutoffDependence { time: step as f64 * mean.dt, rows: CUTOFF_FACTORS.map(row).to_vec() }
}

/// Jitter of a neuron's spikes from linear response: standard deviation of V over its slope, at the crossing.
fn jitter(mean: &Mean, node: usize, neuron: usize, variance: &[f64], spikes: &[Spike]) -> Vec<SpikeJitter> {
    let of_spike = |spike: &Spike| {
        let step = step_before(spike.time, mean.dt, mean.n_steps);
        let look = mean.looks.binary_search(&step).ok()?;
        let part = (spike.time / mean.dt - step as f64).clamp(0.0, 1.0);
        let at_crossing = variance[look] + part * (variance[look + 1] - variance[look]);
        let v = &mean.courses[node].voltages;
        let slope = (v[step + 1] - v[step]) / mean.dt;
        Some(SpikeJitter { neuron, time: spike.time, deviation: at_crossing.max(0.0).sqrt() / slope })
    };
    spikes.iter().filter(|spike| spike.neuron == neuron).filter_map(of_spike).collect()
}
