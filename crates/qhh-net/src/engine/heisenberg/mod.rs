//! Fluctuations by field modes: the response of every recorded neuron to every line whose noise reaches it.
//!
//! The mean trajectory is made first and kept (conductances, voltages); then each line at each frequency goes its own
//! way through the network ([`task`]), from the stationary start ([`stationary`]). Second moments are sums of squares
//! with the strength of the fields ([`qhh_core::quantum::bath`]). Cost and memory grow with lines, frequencies and
//! what they reach, never exponentially.

mod accumulate;
pub(crate) mod answers;
pub(crate) mod backwards;
mod collected;
mod contour;
mod dominant;
pub(crate) mod elimination;
mod errors;
pub(crate) mod gates;
pub(crate) mod graph;
mod initial_variance;
mod line;
mod loops;
mod modes;
mod moments;
mod packets;
mod pairs;
mod rings;
mod stationary;
mod stationary_until;
mod sums;
mod task;
mod unitarity;
mod wave_budget;

use std::sync::Arc;

use qhh_core::circuit::BathRule;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency, Resonance};
use qhh_core::quantum::heisenberg::{MODES, Wave};
use qhh_core::quantum::variance::slowest_rate;
use qhh_core::source::Packet;
use qhh_core::stop::{self, Stopped};
use qhh_core::time_grid::TimeGrid;

use super::state::{self, Observer, StateMismatch, StateReader};
use super::workers::Workers;
use super::{Progress, RunError, Stage};
use crate::network::{Feedback, Network, Quantum};
use crate::outcome::{Fluctuated, MeanTrajectory, Spike};
use crate::tasks::in_order;
use accumulate::{Noise, Responses};
use backwards::Arrivals;
use collected::Collected;
use gates::{GateCourse, StartGates};
use graph::ModeGraph;
pub(crate) use initial_variance::most_with_echoes;
use initial_variance::{Chosen, Settled};
use line::{LineDrive, NoiseLine, SourceMode};
use loops::Loops;
use modes::OutgoingMode;
use moments::Totals;
use pairs::Quantities;
use rings::Buffers;
use stationary::Start;
use sums::Sums;
pub(crate) use task::CUT;
use task::Task;

/// Tasks whose results wait to be added up, for each thread.
const BATCH: usize = 8;

/// What `of` half a step before the end of a step is in the middle of each of `n` steps, and its change from the middle
/// before.
fn with_changes(first: usize, n: usize, of: impl Fn(usize) -> f64) -> impl Iterator<Item = (f64, f64)> {
    let mut before = of(first);
    (first..first + n).map(move |step| {
        let middle = of(step + 1);
        (middle, middle - std::mem::replace(&mut before, middle))
    })
}

/// The mean trajectory, as responses see it.
#[derive(Clone)]
pub(crate) struct Mean {
    pub(crate) dt: f64,
    pub(crate) n_steps: usize,
    pub(crate) baths: BathRule,
    /// Steps at which responses are looked at, ascending.
    pub(crate) looks: Vec<usize>,
    /// By node.
    pub(crate) courses: Arc<[MeanTrajectory]>,
    /// By node, where gates respond to fluctuations; none where they follow the mean.
    pub(crate) gates: Arc<[GateCourse]>,
}

impl Mean {
    /// Conductance of the channels together half a step after step `half - 1`.
    fn together(&self, node: usize, half: usize) -> f64 {
        self.courses[node].together(self.baths, half)
    }

    /// At the middle of each of `n` steps, and its change from the middle before.
    pub(crate) fn conductances(&self, node: usize, first: usize, n: usize) -> impl Iterator<Item = (f64, f64)> {
        with_changes(first, n, move |half| self.together(node, half))
    }

    /// At the start of the run.
    pub(crate) fn at_start(&self, node: usize) -> f64 {
        0.5 * (self.together(node, 0) + self.together(node, 1))
    }

    /// Admittance of the channels at the start, at real frequencies, for `e^{-iwt}`.
    pub(crate) fn admittances(&self, node: usize, omega: &[f64; MODES]) -> Wave {
        Wave::from_fn(|lane| self.admittance(node, omega[lane].into()))
    }

    /// The same at a complex frequency.
    pub(crate) fn admittance(&self, node: usize, omega: Complex64) -> Complex64 {
        let g = Complex64::from(self.at_start(node));
        let start = self.gates.get(node).and_then(|gates| gates.start.as_ref());
        start.map_or(g, |start| g + start.admittance(omega))
    }

    /// What responding gates alone add to that, for `e^{-iwt}`.
    pub(crate) fn gate_admittances(&self, node: usize, omega: &[f64; MODES]) -> Wave {
        let start = self.gates.get(node).and_then(|gates| gates.start.as_ref());
        Wave::from_fn(|lane| start.map_or(Complex64::ZERO, |start| start.admittance(omega[lane].into())))
    }

    /// Whether the lines are all that fluctuates: gates that respond measure the voltage.
    pub(crate) fn is_complete(&self) -> bool {
        !self.responds() || !self.courses.iter().any(|course| course.circuit().has_unmeasured_gates())
    }

    /// Whether gates respond to fluctuations.
    pub(crate) fn responds(&self) -> bool {
        !self.gates.is_empty()
    }

    /// At the start of a step, for comparison with the adiabatic variance.
    pub(crate) fn at_step(&self, node: usize, step: usize) -> f64 {
        0.5 * (self.together(node, step) + self.together(node, (step + 1).min(self.n_steps)))
    }
}

/// Neurons whose mean trajectory a run must keep: the recorded ones and all whose noise reaches them.
pub(crate) fn watched(network: &Network) -> Vec<usize> {
    ModeGraph::new(network, &wanted(network)).nodes.iter().map(|node| node.neuron).collect()
}

/// Recorded neurons and those whose outgoing modes are looked at, ascending.
pub(crate) fn wanted(network: &Network) -> Vec<usize> {
    let mut wanted = network.record.neurons.clone();
    wanted.extend(network.modes.iter().map(|mode| mode.neuron));
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// Whether what reaches the recorded neurons and outgoing modes can come back to where it left.
pub(crate) fn has_loops(network: &Network) -> bool {
    ModeGraph::new(network, &wanted(network)).has_loops()
}

/// The modes of outgoing waves, ready to be picked up.
fn leaving(network: &Network, quantum: &Quantum, graph: &mut ModeGraph, mean: &Mean) -> Vec<OutgoingMode> {
    let of = |(place, packet): (usize, Packet)| {
        let mode = &network.modes[place];
        let node = graph.node_of(mode.neuron).expect("its neuron is wanted");
        let (slot, (_, port)) = graph.nodes[node]
            .circuit
            .ports()
            .enumerate()
            .find(|(_, (role, _))| *role == mode.port)
            .expect("a checked network looks at ports it has");
        let row = graph.keep(node, slot);
        OutgoingMode::new(row, &packet, quantum.hbar, port.impedance, mean.dt, mean.n_steps)
    };
    dominant::packets(network).into_iter().map(of).collect()
}

/// The kept courses and where they are looked at.
fn mean(network: &Network, courses: Vec<MeanTrajectory>, spikes: &[Spike], feedback: Feedback) -> Mean {
    let n_steps = usize::try_from(network.n_steps()).expect("a course fits in memory");
    let (baths, dt, units) = (network.simulation.baths, network.simulation.step, network.rate_units());
    let gates = match feedback {
        Feedback::Mean => Arc::default(),
        Feedback::Full => courses.iter().map(|course| GateCourse::new(course, baths, dt, units)).collect(),
    };
    Mean { dt, n_steps, baths, gates, looks: looks(network, spikes, n_steps), courses: courses.into() }
}

/// Computes the fluctuations of the recorded neurons beside the kept courses (by neuron, ascending), which all ranks have;
/// rank 0 gets them.
///
/// # Errors
/// [`RunError::Stopped`] by the observer.
#[expect(clippy::too_many_lines, reason = "the stages of a run, one after the other")]
pub(crate) fn run(
    network: &Network,
    quantum: &Quantum,
    courses: Vec<MeanTrajectory>,
    spikes: &[Spike],
    workers: Workers<'_>,
    kept: Option<&[u8]>,
    observer: &mut dyn Observer,
) -> Result<Fluctuated, RunError> {
    let pool = workers.pool;
    let mut graph = ModeGraph::new(network, &wanted(network));
    let mean = mean(network, courses, spikes, quantum.feedback);
    let bath = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
    let leaving = leaving(network, quantum, &mut graph, &mean);
    let packets: Vec<Packet> = network.modes.iter().flat_map(|mode| mode.envelope.packets()).collect();
    let lines: Vec<Vec<NoiseLine>> =
        (0..graph.nodes.len()).map(|node| line::of_node(&graph, &mean, node)).collect();
    let recorded = graph.recorded(network);
    let quantities = Quantities::new(network, &graph);
    let waves = Quantities::in_budget(network, &graph);
    let rest = contour::at_rest(&graph, &mean, bath, &recorded);
    let loops = Loops::new(&graph);
    let settled = Settled {
        network,
        graph: &graph,
        mean: &mean,
        loops: &loops,
        bath,
        lines: &lines,
        recorded: &recorded,
        quantities: &quantities,
        waves: &waves,
        rest: rest.as_ref(),
        pool,
    };
    let mut chosen = workers.broadcast(|| settled.choose(quantum.modes, &packets));
    let frequencies = &chosen.frequencies;
    let still = stationary_until::until(&graph, &mean);
    let chunks: Vec<(&[Frequency], Start<'_>)> =
        frequencies.chunks(MODES).map(|chunk| (chunk, Start::new(&graph, &mean, &loops, lanes(chunk)))).collect();
    // What nothing moves stays as it starts: only what is recorded need be known of it.
    let rests = leaving.is_empty() && still.iter().all(|&until| until >= mean.n_steps);
    let backwards = rests && backwards::has_room(&graph, &recorded, chunks.len());
    let arrivals: Vec<Arrivals> =
        chunks.iter().filter(|_| backwards).map(|(_, start)| Arrivals::new(start, &recorded)).collect();
    let tasks: Vec<(usize, usize)> =
        (0..graph.nodes.len()).flat_map(|node| (0..chunks.len()).map(move |chunk| (node, chunk))).collect();
    let mut totals = Totals::new(network, &graph, &mean, &lines, &leaving, (&quantities, &waves));
    let buffers = Buffers::default();
    let one = |&(origin, chunk): &(usize, usize)| {
        let arrivals = arrivals.get(chunk);
        let (chunk, start) = &chunks[chunk];
        let lines = &lines[origin];
        let recorded = &network.record.neurons;
        let mut noise =
            Noise::new(&graph, &mean, bath, origin, lines, chunk, recorded, &leaving, (&quantities, &waves));
        if let Some(arrivals) = arrivals {
            let defect = arrivals.show(start, (origin, lines), mean.looks.len(), &mut noise);
            return noise.collect(defect);
        }
        let task = Task {
            graph: &graph,
            mean: &mean,
            still: &still,
            start,
            origin,
            lines,
            flux: true,
            buffers: &buffers,
        };
        let defect = task.run(&mut noise);
        noise.collect(defect)
    };
    let total = tasks.len() as u64;
    let restored = workers.broadcast(|| kept.map_or(Some(0), |bytes| restore(bytes, total, &mut totals).ok()));
    let Some(mut done) = restored else { return Err(RunError::StateMismatch) };
    let left = usize::try_from(done).map_or(&[][..], |done| &tasks[done..]);
    let mut tell = |done: u64, sums: &Sums| {
        let progress = Progress { stage: Stage::Modes, done, total, time: network.simulation.duration };
        state::tell(observer, progress, &|sink| {
            sink.put(&(done, total))?;
            sink.put(sums)
        })
    };
    let followed = stop::unless_stopped(|| {
        workers.in_order(left, BATCH, one, |task, collected: Collected| {
            totals.sums.add(task.0, &collected);
            done += 1;
            tell(done, &totals.sums)
        })
    });
    followed.unwrap_or_else(|Stopped| {
        let told = tell(done, &totals.sums);
        workers.leave();
        state::stopped(told, network.simulation.duration)
    })?;
    if !workers.leads() {
        return Ok(Fluctuated::default());
    }
    let sources = line::sources(network, bath, &graph, &mean);
    let of_source = |source: &SourceMode<'_>| {
        let lines = std::slice::from_ref(&source.line);
        let recorded = &network.record.neurons;
        let mut responses = Responses::new(&graph, &mean, source, recorded, &leaving, (&quantities, &waves));
        let task = Task {
            graph: &graph,
            mean: &mean,
            // A source's mode is not always on.
            still: &[],
            start: &Start::new(&graph, &mean, &loops, [source.omega; MODES]),
            origin: source.line.origin,
            lines,
            flux: false,
            buffers: &buffers,
        };
        task.run(&mut responses);
        responses
    };
    in_order(pool, &sources, BATCH * workers.threads(), of_source, |_, responses| {
        totals.respond(responses);
        Ok::<_, RunError>(())
    })?;
    chosen.error = chosen.error.max(totals.sums.missed());
    // Dissipation tells the fluctuations of what rests. Of what moves it tells the start alone, and so the error there.
    let exact = rest.as_ref().filter(|_| recorded.iter().all(|&node| still[node] >= mean.n_steps));
    if let Some(rest) = exact {
        totals.sums.correct(&rest.covariance, |quantity| quantities.voltage_among(quantity, &recorded));
        if settled.only_voltages() {
            chosen.error = rest.error;
        }
    }
    let Chosen { frequencies, error } = &chosen;
    let mut fluctuated = totals.finish(network, &graph, &mean, bath, &sources, (frequencies, *error), spikes);
    fluctuated.exact_rest = exact.is_some();
    fluctuated.checks.push(unitarity::check((&graph, &loops), &mean, &lines, frequencies));
    Ok(fluctuated)
}

/// Reads the sums of a run's first tasks. Number of tasks.
fn restore(bytes: &[u8], total: u64, totals: &mut Totals<'_>) -> Result<u64, StateMismatch> {
    let mut pieces = StateReader::new(bytes);
    let done = pieces.tasks(total)?;
    totals.sums = pieces.take(|sums| totals.sums.fits(sums))?;
    pieces.end()?;
    Ok(done)
}

/// Samples, and the steps on both sides of each spike of a recorded neuron.
pub(crate) fn looks(network: &Network, spikes: &[Spike], n_steps: usize) -> Vec<usize> {
    let stride = usize::try_from(network.steps_per_sample()).unwrap_or(usize::MAX);
    let mut looks: Vec<usize> = (0..=n_steps).step_by(stride).collect();
    let recorded = |spike: &&Spike| network.record.neurons.binary_search(&spike.neuron).is_ok();
    for spike in spikes.iter().filter(recorded) {
        let step = step_of(spike.time, network.simulation.step, n_steps);
        looks.extend([step, step + 1]);
    }
    looks.sort_unstable();
    looks.dedup();
    looks
}

/// The step in which a spike lies: after its start, up to its end.
fn step_of(time: f64, dt: f64, n_steps: usize) -> usize {
    let step = TimeGrid::new(dt).step_until(time);
    usize::try_from(step).unwrap_or(usize::MAX).min(n_steps.saturating_sub(1))
}

/// Where the mean crosses the threshold between two looks.
pub(crate) struct Crossing {
    /// Place of the look before; the next is a step later.
    look: usize,
    part: f64,
    /// Of the voltage.
    slope: f64,
}

impl Crossing {
    /// Of a spike on a course, if both steps beside it are looked at.
    pub(crate) fn new(course: &MeanTrajectory, looks: &[usize], dt: f64, time: f64) -> Option<Self> {
        let step = step_of(time, dt, course.voltages().len() - 1);
        let look = looks.binary_search(&step).ok()?;
        looks.get(look + 1).filter(|&&next| next == step + 1)?;
        let part = (time / dt - step as f64).clamp(0.0, 1.0);
        Some(Self { look, part, slope: (course.voltages()[step + 1] - course.voltages()[step]) / dt })
    }

    /// A quantity known at looks, there.
    pub(crate) fn between(&self, of: impl Fn(usize) -> f64) -> f64 {
        let before = of(self.look);
        before + self.part * (of(self.look + 1) - before)
    }

    /// Standard deviation of the spike's time by linear response, for a variance of the voltage there.
    pub(crate) fn jitter(&self, variance: f64) -> f64 {
        variance.max(0.0).sqrt() / self.slope
    }
}

/// Frequencies and weights common to every line; `span` is the longest difference of delays that is to be resolved.
fn frequencies(
    graph: &ModeGraph,
    mean: &Mean,
    bath: Bath,
    modes: usize,
    span: f64,
    packets: &[Packet],
) -> Vec<Frequency> {
    let slowest = |node: usize| {
        stop::check();
        let least = (0..=mean.n_steps).map(|half| mean.together(node, half)).fold(f64::INFINITY, f64::min);
        let circuit = &graph.nodes[node].circuit;
        let rate = slowest_rate(circuit, least).min(bath.of_line(circuit.sense_thermal_energy()).matsubara());
        let Some(gates) = mean.gates.get(node) else { return rate };
        let start = gates.start.as_ref().map_or(f64::INFINITY, StartGates::scale);
        rate.min(gates.slowest).min(start)
    };
    let slowest = (0..graph.nodes.len()).map(slowest).fold(f64::INFINITY, f64::min);
    let mut resonances: Vec<Resonance> = Vec::new();
    for of in mean.gates.iter().filter_map(|gates| gates.start.as_ref()?.resonance()) {
        if !resonances.iter().any(|known| is_near(*known, of)) {
            resonances.push(of);
        }
    }
    let bands: Vec<_> = packets.iter().map(|packet| (packet.carrier, packet.bandwidth())).collect();
    // Two modes are compared across the difference of their centres, and of the ways on which noise reaches them.
    let centres = packets.iter().map(|packet| packet.centre);
    let (first, last) = (centres.clone().fold(f64::INFINITY, f64::min), centres.fold(f64::NEG_INFINITY, f64::max));
    let apart = (last - first).max(0.0) + graph.longest_way() * mean.dt;
    bath.nodes_with_bands((slowest, &resonances), modes, span, (&bands, apart))
}

/// Whether frequencies that resolve one resonance resolve another.
fn is_near(known: Resonance, other: Resonance) -> bool {
    (known.omega - other.omega).abs() < 0.5 * known.rate.min(other.rate)
        && (0.5..2.0).contains(&(known.rate / other.rate))
}

/// One frequency a lane; free lanes repeat the last, to be given no weight.
fn lanes(chunk: &[Frequency]) -> [f64; MODES] {
    std::array::from_fn(|lane| chunk[lane.min(chunk.len() - 1)].omega)
}
