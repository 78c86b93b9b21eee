//! Fluctuations by samples: every field a random process, every sample through the whole network (truncated Wigner).
//!
//! Sixteen samples of a neuron go side by side where the mean field has sixteen neurons; they start long before the
//! run, held on average where it starts, so that their fields have been there for ever, and their gates have responded to
//! them where departures from the start die out. Exact where gates follow
//! the mean; the semiclassical approximation where each sample's follow its own voltage.

pub(crate) mod before;
mod delay;
mod fields;
mod injected;
pub(crate) mod noise;
mod statistics;
mod task;

use std::sync::Mutex;

use qhh_core::circuit::Papers;
use qhh_core::gates::Gates;
use qhh_core::integrate::kernel::GateState;
use qhh_core::integrate::lanes::LANES;
use qhh_core::quantum::bath::Bath;
use qhh_core::source::Segment;
use qhh_core::stop::{self, Stopped};

use super::heisenberg::gates::AtStart;
use super::heisenberg::graph::ModeGraph;
use super::heisenberg::{self, looks, wanted};
use super::state::{self, Observer, StateMismatch, StateReader};
use super::workers::Workers;
use super::{Progress, RunError, Stage, own};
use crate::network::{Drive, Network, Quantum};
use crate::outcome::{Fluctuated, MeanTrajectory, Spike};
use before::Before;
use delay::Delay;
use fields::Fields;
use noise::Blocks;
use statistics::{Counted, Kept, Sums};
use task::{Scratch, Task};

/// Tasks whose results wait to be added up, for each thread.
pub(crate) const BATCH: u8 = 4;

/// What every task needs.
struct Plan<'a> {
    network: &'a Network,
    quantum: &'a Quantum,
    graph: &'a ModeGraph,
    /// Mean trajectories by node.
    courses: &'a [MeanTrajectory],
    /// Current into each node over each step, but for quantum sources'; empty where there is none.
    currents: Vec<Vec<Segment>>,
    fields: &'a Fields,
    /// By node and arm.
    delays: &'a [Vec<Delay>],
    /// By node, what a step at the start takes gates on by that respond before the run; empty where they are held.
    drifts: Vec<Vec<f64>>,
    /// Steps before the run, and steps of the run.
    before: usize,
    n_steps: usize,
    /// Steps from one of the run's samples in time to the next.
    stride: usize,
    /// Steps of the run at which voltages are looked at.
    looks: &'a [usize],
    /// Nodes that are recorded.
    recorded: &'a [usize],
}

/// Samples the fields beside the mean field, which all ranks have, and counts what comes of them; rank 0 gets that.
///
/// # Errors
/// [`RunError::Stopped`] by the observer.
pub(crate) fn run(
    network: &Network,
    quantum: &Quantum,
    courses: &[MeanTrajectory],
    spikes: &[Spike],
    workers: Workers<'_>,
    kept: Option<&[u8]>,
    observer: &mut dyn Observer,
) -> Result<Fluctuated, RunError> {
    let graph = ModeGraph::new(network, &wanted(network));
    let n_steps = usize::try_from(network.n_steps()).expect("a course fits in memory");
    let bath = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
    let starts: Vec<AtStart> = graph.nodes.iter().map(|node| at_start(network, node.neuron)).collect();
    let recorded = graph.recorded(network);
    let settled = Before::new(&graph, &starts, &recorded, bath, network.simulation.step);
    let before = settled.steps;
    let blocks = Blocks::new(settled.own, before + n_steps + 1);
    let fields = Fields::new(network, bath, &graph, courses, blocks);
    let delay = |node: &heisenberg::graph::Node| node.arms.iter().map(|arm| Delay::new(arm.lag)).collect();
    let delays: Vec<Vec<Delay>> = graph.nodes.iter().map(delay).collect();
    let looks = looks(network, spikes, n_steps);
    let plan = Plan {
        network,
        quantum,
        graph: &graph,
        courses,
        currents: graph.nodes.iter().map(|node| currents(network, node.neuron, n_steps)).collect(),
        fields: &fields,
        delays: &delays,
        drifts: graph.nodes.iter().zip(&starts).map(|(node, start)| drift(network, node, start)).collect(),
        before,
        n_steps,
        stride: usize::try_from(network.steps_per_sample()).unwrap_or(usize::MAX),
        looks: &looks,
        recorded: &recorded,
    };
    let chunks: Vec<usize> = (0..quantum.samples).step_by(LANES).collect();
    let scratch: Vec<Mutex<Scratch>> = (0..workers.threads()).map(|_| Mutex::new(Scratch::new(&plan))).collect();
    let one = |&first: &usize| Task::new(&plan, first).run(&mut own(&scratch));
    let mut sums = Sums::zero(recorded.len(), looks.len());
    let (mut counted, mut whole): (Vec<Counted>, Vec<Kept>) = (Vec::new(), Vec::new());
    let total = chunks.len() as u64;
    let restored = workers.broadcast(|| {
        let Some(bytes) = kept else { return Some(0) };
        let done;
        (done, sums, counted, whole) = restore(bytes, total, &plan, &sums).ok()?;
        Some(done)
    });
    let Some(mut done) = restored else { return Err(RunError::StateMismatch) };
    let left = usize::try_from(done).map_or(&[][..], |done| &chunks[done..]);
    let mut tell = |done: u64, sums: &Sums, counted: &Vec<Counted>, whole: &Vec<Kept>| {
        let progress = Progress { stage: Stage::Samples, done, total, time: network.simulation.duration };
        state::tell(observer, progress, &|sink| {
            sink.put(&(done, total))?;
            sink.put(sums)?;
            sink.put(counted)?;
            sink.put(whole)
        })
    };
    let sampled = stop::unless_stopped(|| {
        workers.in_order(left, BATCH.into(), one, |_, (more, spikes, kept)| {
            sums.add(&more);
            counted.extend(spikes);
            whole.extend(kept);
            done += 1;
            tell(done, &sums, &counted, &whole)
        })
    });
    sampled.unwrap_or_else(|Stopped| {
        let told = tell(done, &sums, &counted, &whole);
        workers.leave();
        state::stopped(told, network.simulation.duration)
    })?;
    if !workers.leads() {
        return Ok(Fluctuated::default());
    }
    let mut fluctuated = statistics::finish(&plan, (&sums, &counted, whole), spikes);
    fluctuated.before = settled.is_short().then_some((before, settled.missing));
    Ok(fluctuated)
}

fn at_start(network: &Network, neuron: usize) -> AtStart {
    AtStart::of(network, neuron).expect("a checked network starts somewhere")
}

/// What a step takes gates on by at the voltage they start with; empty where they do not respond before the run.
fn drift(network: &Network, node: &heisenberg::graph::Node, start: &AtStart) -> Vec<f64> {
    let of = || {
        start.gates.as_ref()?;
        let (dt, units) = (network.simulation.step, network.rate_units());
        let (circuit, initial) = network.neuron(node.neuron)?;
        let (v, gates) = initial.resolve(&circuit, units).ok()?;
        let before = circuit.relaxed(&gates, v, -0.5 * dt, units);
        let after = match (circuit.papers(), &*before) {
            (Some(Papers::Three), &[n, m, h]) => {
                let moved = GateState { n, m, h }.relaxed::<true>(v * units.millivolts, dt * units.milliseconds);
                Gates::from([moved.n, moved.m, moved.h])
            }
            _ => circuit.relaxed(&before, v, dt, units),
        };
        Some(after.iter().zip(before.iter()).map(|(after, before)| after - before).collect())
    };
    of().unwrap_or_default()
}

/// Reads what a run's first chunks of samples came to: their number, sums, spikes, and those kept whole.
fn restore(
    bytes: &[u8],
    total: u64,
    plan: &Plan<'_>,
    zero: &Sums,
) -> Result<(u64, Sums, Vec<Counted>, Vec<Kept>), StateMismatch> {
    let mut pieces = StateReader::new(bytes);
    let done = pieces.tasks(total)?;
    let sums = pieces.take(|sums: &Sums| sums.fits(zero))?;
    let known = |spike: &Counted| spike.sample < plan.quantum.samples && spike.place < plan.recorded.len();
    let counted = pieces.take(|counted: &Vec<Counted>| counted.iter().all(known))?;
    let n_samples = plan.n_steps / plan.stride + 1;
    let fits = |of: &Kept| {
        let measured = of.measured.is_empty() || of.measured.len() == n_samples;
        of.sample < plan.quantum.samples
            && of.place < plan.recorded.len()
            && of.voltage.len() == n_samples
            && measured
    };
    let whole = pieces.take(|whole: &Vec<Kept>| whole.iter().all(fits))?;
    pieces.end()?;
    Ok((done, sums, counted, whole))
}

/// Current into a neuron over each step.
fn currents(network: &Network, neuron: usize, n_steps: usize) -> Vec<Segment> {
    let mut currents = Vec::new();
    for fed in network.sources_into(neuron) {
        let Drive::Current(current) = &*fed.drive else { continue };
        let on = current.on(network.grid());
        currents.resize(n_steps, Segment::default());
        for (step, sum) in currents.iter_mut().enumerate() {
            let segment = on.segment(step as u64);
            sum.mean += fed.factor * segment.mean;
            sum.slope += fed.factor * segment.slope;
        }
    }
    currents
}
