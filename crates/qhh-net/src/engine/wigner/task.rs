//! Sixteen samples of the whole network, from long before the run to its end.

#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]
#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use pulp::{Simd, WithSimd};
use qhh_core::channel::Conductances;
use qhh_core::circuit::{BathRule, Circuit, MAX_PORTS};
use qhh_core::gates::Gates;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::{Course, DriveLanes, Window};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::sampled::NoiseSynthesizer;
use qhh_core::source::Segment;
use qhh_core::stop;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::Plan;
use super::delay::{Delay, add_product};
use super::fields::{Field, Fields};
use super::noise::Noise;
use super::statistics::{Counted, Kept, Sums};
use crate::network::Feedback;

type Row = Lanes<LANES>;

/// Steps in a window at most.
const LONGEST_WINDOW: usize = 64;

/// From the random numbers of one block of a noise to those of the next.
const APART: u64 = 0x9e37_79b9_7f4a_7c15;

/// Part of the way from the threshold to where a neuron began that it must fall before another spike counts.
const FALL: f64 = 0.5;

/// What a source's mode adds in each sample.
pub(super) struct Injected {
    pub(super) node: usize,
    /// Port of a packet, none for a current.
    pub(super) slot: Option<usize>,
    /// At each step of the run and at its end: what a real and an imaginary amplitude of 1 add; for a current over the
    /// step, its mean and its change.
    pub(super) waves: Vec<[f64; 2]>,
    pub(super) currents: Vec<[Segment; 2]>,
    pub(super) amplitudes: [Complex64; LANES],
}

/// Samples side by side.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan<'a>,
    /// Number of the first sample.
    first: usize,
}

/// Memory that a thread's tasks use one after the other.
pub(super) struct Scratch {
    painter: NoiseSynthesizer,
    noises: Vec<Noise>,
    /// One noise, sample after sample.
    painted: Vec<f32>,
    buffers: Buffers,
}

impl Scratch {
    /// For the samples of a plan.
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        let Fields { list, blocks, into } = plan.fields;
        // What a splitter sends is seen after the delay of each arm.
        let mut histories = vec![0; list.len()];
        for (into, delays) in into.iter().zip(plan.delays) {
            for split in &into.split {
                let delay = &delays[split.arm];
                let history = &mut histories[split.field];
                *history = (delay.whole + delay.order()).max(*history);
            }
        }
        Self {
            painter: NoiseSynthesizer::new(blocks.length),
            noises: histories.into_iter().map(|history| Noise::new(blocks, history)).collect(),
            painted: vec![0.0; LANES * blocks.length],
            buffers: Buffers::default(),
        }
    }
}

impl<'a> Task<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, first: usize) -> Self {
        Self { plan, first }
    }

    /// The random numbers of a line or source in a sample: the stream of its name, each sample at a place of its own. Each
    /// further block of a noise has a stream of its own.
    pub(super) fn stream(&self, stream: u64, lane: usize) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.plan.network.simulation.seed);
        random.set_stream(stream);
        random.set_word_pos(((self.first + lane) as u128) << 32);
        random
    }

    pub(super) fn run(&self, scratch: &mut Scratch) -> (Sums, Vec<Counted>, Vec<Kept>) {
        let plan = self.plan;
        let (graph, network) = (plan.graph, plan.network);
        let (dt, units) = (network.simulation.step, network.rate_units());
        let Scratch { painter, noises, painted, buffers } = scratch;
        let injected = self.injected(painter, painted);
        let baths = network.simulation.baths;
        let group = |circuit: &Circuit| Group::new(std::slice::from_ref(circuit), baths, dt, units);
        let groups: Vec<Group> = graph.nodes.iter().map(|node| group(&node.circuit)).collect();
        let begin = |node: usize| {
            let (circuit, initial) = network.neuron(graph.nodes[node].neuron).expect("a neuron of the network");
            initial.resolve(&circuit, units).expect("a checked network starts somewhere")
        };
        let starts: Vec<(f64, Gates)> = (0..graph.nodes.len()).map(begin).collect();
        let mut states: Vec<GroupState> = groups
            .iter()
            .zip(&starts)
            .map(|(group, start)| group.state(std::slice::from_ref(start), dt, units))
            .collect();
        let window = plan.delays.iter().flatten().fold(LONGEST_WINDOW, |least, delay| least.min(delay.whole));
        let history = |delay: &Delay| vec![Row::default(); delay.order()];
        let mut histories: Vec<Vec<Vec<Row>>> =
            plan.delays.iter().map(|of_node| of_node.iter().map(history).collect()).collect();
        // As far back as each row's longest delay reaches, and the window itself.
        let mut lengths = vec![0; graph.rows.len()];
        for (of_node, delays) in graph.nodes.iter().zip(plan.delays) {
            for (arm, delay) in of_node.arms.iter().zip(delays) {
                lengths[arm.row] = lengths[arm.row].max(delay.whole + delay.order());
            }
        }
        let ring = |longest: usize| vec![Row::default(); (longest + 2 * window + 2).next_power_of_two()];
        let mut rings: Vec<Vec<Row>> = lengths.into_iter().map(ring).collect();
        let mut sums = Sums::zero(plan.recorded.len(), plan.looks.len());
        let mut counted = Vec::new();
        let whole = network.record.trajectories.saturating_sub(self.first).min(LANES);
        let mut kept = self.nothing_kept(whole);
        let mut armed = vec![[true; LANES]; plan.recorded.len()];
        let total = plan.before + plan.n_steps;
        let hop = plan.fields.blocks.hop;
        let mut at = 0;
        while at < total {
            if at.is_multiple_of(hop) {
                for (field, noise) in noises.iter_mut().enumerate() {
                    self.paint(field, at / hop, painter, painted);
                    noise.fill(&plan.fields.blocks, at / hop, painted);
                }
            }
            let end = if at < plan.before { plan.before } else { total };
            let n = window.min(end - at).min(hop - at % hop);
            for node in 0..graph.nodes.len() {
                stop::check();
                self.gather(node, at, n, noises, &injected, &rings, &mut histories[node], buffers);
                self.drive(node, at, n, &starts[node], &injected, buffers);
                let course = &mut buffers.course;
                course.measured = whole > 0;
                course.emitting = std::array::from_fn(|slot| graph.nodes[node].rows[slot].is_some());
                let of_node = &plan.fields.into[node].channels;
                let noise: Vec<_> = of_node.iter().map(|&field| &noises[field].from(at, 0)[..=n]).collect();
                let of_sense = &plan.fields.into[node].sensed;
                let sensed = |which: usize| -> &[[f32; LANES]] {
                    of_sense.get(which).map_or(&[], |&field| &noises[field].from(at, 0)[..=n])
                };
                let window = Window {
                    dt,
                    first: 0,
                    units,
                    drive: &buffers.drive,
                    arriving: std::array::from_fn(|slot| buffers.arriving[slot].as_slice()),
                    noise: &noise,
                    given: &buffers.given,
                    sensed: [sensed(0), sensed(1)],
                    drift: if at < plan.before { &plan.drifts[node] } else { &[] },
                    threshold: network.simulation.spike_threshold.unwrap_or(0.0),
                    course,
                };
                groups[node].advance_sampled(&mut states[node], n, window);
                self.send(node, at, &buffers.course, &mut rings);
                if at >= plan.before
                    && let Ok(place) = plan.recorded.binary_search(&node)
                {
                    let own = &mut kept[place * whole..][..whole];
                    self.look((place, node), at - plan.before, n, &buffers.course, (&mut sums, own));
                    let first = at - plan.before;
                    if let Some(threshold) = network.spike_threshold(graph.nodes[node].neuron) {
                        self.count(
                            (place, starts[node].0, threshold),
                            first,
                            n,
                            &buffers.course,
                            &mut armed[place],
                            &mut counted,
                        );
                    }
                }
            }
            at += n;
        }
        (sums, counted, kept)
    }

    /// What is kept of the first `whole` samples before they begin, recorded node by recorded node.
    fn nothing_kept(&self, whole: usize) -> Vec<Kept> {
        let of = |place: usize| {
            let of = move |lane: usize| Kept {
                sample: self.first + lane,
                place,
                voltage: Vec::new(),
                measured: Vec::new(),
            };
            (0..whole).map(of)
        };
        (0..self.plan.recorded.len()).flat_map(of).collect()
    }

    /// Puts what left a node from step `at` on into the rings of its rows.
    fn send(&self, node: usize, at: usize, course: &Course, rings: &mut [Vec<Row>]) {
        for (slot, row) in self.plan.graph.nodes[node].rows.iter().enumerate() {
            let Some(row) = *row else { continue };
            let ring = &mut rings[row];
            let end = ring.len() - 1;
            for (k, wave) in course.leaving[slot].iter().enumerate() {
                ring[(at + 1 + k) & end] = *wave;
            }
        }
    }

    /// A block of a noise, sample after sample.
    pub(super) fn paint(&self, field: usize, block: usize, painter: &mut NoiseSynthesizer, painted: &mut [f32]) {
        let Fields { list, blocks, .. } = self.plan.fields;
        let Field { stream, colour, .. } = &list[field];
        let stream = stream.wrapping_add((block as u64).wrapping_mul(APART));
        for (lane, sample) in painted.chunks_exact_mut(blocks.length).enumerate() {
            stop::check();
            painter.paint(colour, &mut self.stream(stream, lane), sample);
        }
    }

    /// What arrives at each port of a node, and the noise of its channels: at the start of each step and after the last.
    #[expect(clippy::too_many_arguments, reason = "the parts of one window, borrowed apart")]
    fn gather(
        &self,
        node: usize,
        at: usize,
        n: usize,
        noises: &[Noise],
        injected: &[Injected],
        rings: &[Vec<Row>],
        histories: &mut [Vec<Row>],
        buffers: &mut Buffers,
    ) {
        let (plan, graph) = (self.plan, self.plan.graph);
        buffers.arriving.iter_mut().for_each(Vec::clear);
        let of_node = &graph.nodes[node];
        for arriving in buffers.arriving.iter_mut().take(of_node.circuit.ports().count()) {
            arriving.resize(n + 1, Row::default());
        }
        let into = &plan.fields.into[node];
        for &(slot, field) in &into.ports {
            add_noise(&mut buffers.arriving[slot], noises[field].from(at, 0), 1.0);
        }
        for (place, (arm, delay)) in of_node.arms.iter().zip(&plan.delays[node]).enumerate() {
            let ring = &rings[arm.row];
            let oldest = delay.whole + delay.order();
            let split = into.split.iter().filter(|split| split.arm == place);
            let Buffers { arriving, sent, outputs, .. } = &mut *buffers;
            let sums = &mut arriving[arm.slot];
            if delay.order() == 0 {
                add_ring(sums, ring, at.wrapping_sub(oldest), arm.amplitude);
                split.for_each(|split| {
                    add_noise(sums, noises[split.field].from(at, oldest), arm.amplitude * split.factor);
                });
            } else {
                sent.clear();
                sent.resize(n + 1 + delay.order(), Row::default());
                add_ring(sent, ring, at.wrapping_sub(oldest), 1.0);
                split.for_each(|split| add_noise(sent, noises[split.field].from(at, oldest), split.factor));
                delay.filter(sent, arm.amplitude, &mut histories[place], outputs, sums);
            }
        }
        for source in injected.iter().filter(|source| source.node == node && at >= plan.before) {
            let Some(slot) = source.slot else { continue };
            let first = at - plan.before;
            for (sum, [re, im]) in buffers.arriving[slot].iter_mut().zip(&source.waves[first..=first + n]) {
                for lane in 0..LANES {
                    sum.0[lane] += source.amplitudes[lane].re * re + source.amplitudes[lane].im * im;
                }
            }
        }
    }

    /// The current into a node in each step, and the conductances it is given.
    fn drive(
        &self,
        node: usize,
        at: usize,
        n: usize,
        start: &(f64, Gates),
        injected: &[Injected],
        buffers: &mut Buffers,
    ) {
        let plan = self.plan;
        let Buffers { drive, given, .. } = buffers;
        drive.clear();
        given.clear();
        let course = &plan.courses[node];
        if at < plan.before {
            // Held where the run begins: the conductances, on average where gates respond, and by a current the voltage.
            let (a, b) = (course.conductances(0), course.conductances(1));
            let responds = !plan.drifts[node].is_empty();
            let of = |(a, b): (&f64, &f64)| if responds { *a } else { 0.5 * (a + b) };
            let g: Conductances = a.iter().zip(b.iter()).map(of).collect();
            let circuit = &plan.graph.nodes[node].circuit;
            let gated = circuit.channels.iter().zip(g.iter()).filter(|(channel, _)| channel.is_gated());
            if !responds {
                given.extend(gated.map(|(_, g)| g));
            }
            let hold = match plan.network.simulation.baths {
                BathRule::Independent => circuit.channel_current(&g, start.0),
                BathRule::SharedMode => BathRule::SharedMode.effective_conductance(&g) * start.0,
            };
            let hold = hold + circuit.sense_current(start.0);
            drive.push(DriveLanes { mean: Row::splat(hold), slope: Row::default() });
            return;
        }
        let first = at - plan.before;
        match &plan.currents[node][..] {
            [] => drive.resize(n, DriveLanes::default()),
            currents => {
                let lanes = |segment: &Segment| DriveLanes {
                    mean: Row::splat(segment.mean),
                    slope: Row::splat(segment.slope),
                };
                drive.extend(currents[first..first + n].iter().map(lanes));
            }
        }
        for source in injected.iter().filter(|source| source.node == node && source.slot.is_none()) {
            for (step, [re, im]) in drive.iter_mut().zip(&source.currents[first..]) {
                for lane in 0..LANES {
                    step.add(lane, *re, source.amplitudes[lane].re);
                    step.add(lane, *im, source.amplitudes[lane].im);
                }
            }
        }
        if plan.quantum.feedback == Feedback::Mean {
            given.extend((first..first + n).flat_map(|step| course.open(step + 1)));
        }
    }

    /// Takes in the voltages of a recorded node in a window.
    fn look(
        &self,
        (place, node): (usize, usize),
        first: usize,
        n: usize,
        course: &Course,
        (sums, kept): (&mut Sums, &mut [Kept]),
    ) {
        let plan = self.plan;
        let lanes = LANES.min(plan.quantum.samples - self.first);
        let mean = plan.courses[node].voltages();
        // The end of a window is the start of the next, except for the last.
        let last = first + n == plan.n_steps;
        let from = plan.looks.partition_point(|&look| look < first);
        for (look, &step) in plan.looks.iter().enumerate().skip(from) {
            if step >= first + n + usize::from(last) {
                break;
            }
            for lane in 0..lanes {
                sums.take(place, look, course.v[step - first].0[lane] - mean[step]);
            }
            if step.is_multiple_of(plan.stride) {
                for (lane, kept) in kept.iter_mut().enumerate() {
                    kept.voltage.push(course.v[step - first].0[lane]);
                    kept.measured.extend(course.records.get(step - first).map(|record| record.0[lane]));
                }
            }
        }
    }

    /// Counts spikes in a window: upward crossings of the threshold, the next one only after the voltage has fallen back a
    /// part [`FALL`] of the way to where it began. Noise may cross a threshold several times on one slope.
    fn count(
        &self,
        (place, start, threshold): (usize, f64, f64),
        first: usize,
        n: usize,
        course: &Course,
        armed: &mut [bool; LANES],
        counted: &mut Vec<Counted>,
    ) {
        let dt = self.plan.network.simulation.step;
        let low = threshold - FALL * (threshold - start).abs();
        for k in 0..n {
            for lane in 0..LANES.min(self.plan.quantum.samples - self.first) {
                let (before, after) = (course.v[k].0[lane], course.v[k + 1].0[lane]);
                armed[lane] |= before < low;
                if before < threshold && after >= threshold && armed[lane] {
                    armed[lane] = false;
                    let part = (threshold - before) / (after - before);
                    let time = ((first + k) as f64 + part) * dt;
                    counted.push(Counted { sample: self.first + lane, place, time });
                }
            }
        }
    }
}

/// Working memory.
#[derive(Default)]
struct Buffers {
    arriving: [Vec<Row>; MAX_PORTS],
    /// What was sent through an arm, and what came out of it.
    sent: Vec<Row>,
    outputs: Vec<Row>,
    drive: Vec<DriveLanes>,
    given: Vec<f64>,
    course: Course,
}

/// Adds rows of a ring, whose length is a power of two, from the given time on.
fn add_ring(sums: &mut [Row], ring: &[Row], from: usize, factor: f64) {
    let start = from & (ring.len() - 1);
    let (before, after) = sums.split_at_mut(sums.len().min(ring.len() - start));
    for (sums, rows) in [(before, &ring[start..]), (after, ring)] {
        pulp::Arch::new().dispatch(AddRows { sums, rows, factor });
    }
}

/// Adds rows of a noise.
fn add_noise(sums: &mut [Row], rows: &[[f32; LANES]], factor: f64) {
    pulp::Arch::new().dispatch(AddNoise { sums, rows, factor });
}

/// `sums += factor * rows`; a type of its own so that it is compiled for the machine's vectors.
struct AddRows<'a> {
    sums: &'a mut [Row],
    rows: &'a [Row],
    factor: f64,
}

impl WithSimd for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (sum, row) in self.sums.iter_mut().zip(self.rows) {
            add_product(simd, sum, &row.0, self.factor);
        }
    }
}

/// The same of a noise.
struct AddNoise<'a> {
    sums: &'a mut [Row],
    rows: &'a [[f32; LANES]],
    factor: f64,
}

impl WithSimd for AddNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (sum, row) in self.sums.iter_mut().zip(self.rows) {
            add_product(simd, sum, &Row::of_singles(row).0, self.factor);
        }
    }
}
