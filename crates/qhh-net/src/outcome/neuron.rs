//! What is kept of one neuron while it runs: samples, the range of its voltage, its loops, its energy.

use qhh_core::channel::Conductances;
use qhh_core::circuit::{BathRule, Circuit, PortRole};
use qhh_core::hysteresis::LoopMeter;
use serde::{Deserialize, Serialize};

use super::{Extremes, NeuronLoop};
use crate::network::fed::periodic_drive;
use crate::network::{Method, Network};
use crate::outcome::invariant::{Detail, EnergyMeter, EnergyPoint};

/// Course of one neuron through a window; places count steps from the window's first, its end included.
pub(crate) struct NeuronWindow<'a> {
    /// Number of the window's first step.
    pub(crate) first: u64,
    /// Steps in the window.
    pub(crate) n_steps: usize,
    /// Voltage at a place.
    pub(crate) v: &'a dyn Fn(usize) -> f64,
    /// Gates and ports at a place, where the engine kept them.
    pub(crate) detail: &'a dyn Fn(usize) -> Option<Detail>,
    /// What its energy changes by at a place; none where energy is not followed.
    pub(crate) energy: Option<&'a dyn Fn(usize) -> EnergyPoint>,
}

/// One sample of a neuron.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) v: f64,
    pub(crate) wave_out: f64,
    pub(crate) wave_in: f64,
    pub(crate) wave_back: f64,
    pub(crate) wave_echo: f64,
    pub(crate) measured: f64,
}

/// Samples that a recorder makes room for at its start; a longer course grows.
const MOST_AT_ONCE: usize = 1 << 22;

/// Keeps one neuron's course.
pub(crate) struct NeuronRecorder {
    neuron: usize,
    circuit: Circuit,
    baths: BathRule,
    dt: f64,
    n_steps: u64,
    stride: u64,
    detail_every: usize,
    /// Places of the channels whose loops are followed.
    looped: Vec<usize>,
    kept: NeuronKept,
}

/// What a recorder has kept so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NeuronKept {
    samples: Vec<Sample>,
    /// `[sample][gate]`.
    gates: Vec<f64>,
    extremes: Extremes,
    /// One for each channel.
    meters: Vec<LoopMeter>,
    energy: Option<EnergyMeter>,
}

/// What a recorder hands over.
pub(crate) struct NeuronRecord {
    pub(crate) circuit: Circuit,
    pub(crate) samples: Vec<Sample>,
    /// `[sample][gate]`.
    pub(crate) gates: Vec<f64>,
    pub(crate) extremes: Extremes,
    pub(crate) loops: Vec<NeuronLoop>,
    pub(crate) energy: Option<EnergyMeter>,
}

impl NeuronRecorder {
    pub(crate) fn new(network: &Network, neuron: usize) -> Self {
        let (circuit, _) = network.neuron(neuron).expect("a checked network records neurons it has");
        let stride = network.steps_per_sample();
        let periodic = if network.record.hysteresis { periodic_drive(network, neuron) } else { None };
        let dt = network.simulation.step;
        let detail_every = periodic.map_or(stride, |(omega, ..)| loop_stride(stride, omega, dt));
        let channels = circuit.channels.iter().enumerate().filter(|(_, channel)| channel.is_gated());
        let (looped, meters) = periodic.map_or_else(Default::default, |(omega, start, stop)| {
            let span = stop.min(network.simulation.duration) - start;
            let points = span / (dt * detail_every as f64);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of points")]
            let thinning = (points / LOOP_POINTS).ceil().max(1.0) as usize;
            let meter = |(place, _)| (place, LoopMeter::new(omega, (start, stop), network.grid(), thinning));
            channels.map(meter).unzip()
        });
        let energy = (network.simulation.method == Method::Langevin).then(EnergyMeter::default);
        // Room for all samples at once: a list that grows takes up to three times as much while it moves.
        let n_samples = usize::try_from(network.n_steps() / stride + 1).map_or(0, |n| n.min(MOST_AT_ONCE));
        let extremes = Extremes { neuron, highest: (f64::NEG_INFINITY, 0.0), lowest: (f64::INFINITY, 0.0) };
        let gates = Vec::with_capacity(n_samples * circuit.n_gates());
        let kept = NeuronKept { samples: Vec::with_capacity(n_samples), gates, extremes, meters, energy };
        Self {
            neuron,
            circuit,
            baths: network.simulation.baths,
            dt,
            n_steps: network.n_steps(),
            stride,
            detail_every: usize::try_from(detail_every).unwrap_or(usize::MAX),
            looped,
            kept,
        }
    }

    /// What is kept so far.
    pub(crate) fn kept(&self) -> NeuronKept {
        self.kept.clone()
    }

    /// Goes on from what was kept when `done` steps were made; whether it is of this neuron.
    pub(crate) fn restore(&mut self, kept: NeuronKept, done: u64) -> bool {
        let own = &self.kept;
        let due = done.div_ceil(self.stride) + u64::from(done == self.n_steps && done.is_multiple_of(self.stride));
        let fits = kept.samples.len() as u64 == due
            && kept.gates.len() == kept.samples.len() * self.circuit.n_gates()
            && kept.extremes.neuron == self.neuron
            && kept.meters.len() == own.meters.len()
            && kept.energy.is_some() == own.energy.is_some();
        self.kept = kept;
        fits
    }

    /// Steps from one detail to the next that the recorder wants; a divisor of the samples' distance.
    pub(crate) fn detail_every(&self) -> usize {
        self.detail_every
    }

    pub(crate) fn window(&mut self, window: &NeuronWindow<'_>) {
        // The end of a window is the start of the next, except for the last.
        let last = window.first + window.n_steps as u64 == self.n_steps;
        for place in 0..window.n_steps + usize::from(last) {
            let (step, v) = (window.first + place as u64, (window.v)(place));
            let t = step as f64 * self.dt;
            let extremes = &mut self.kept.extremes;
            if v > extremes.highest.0 {
                extremes.highest = (v, t);
            }
            if v < extremes.lowest.0 {
                extremes.lowest = (v, t);
            }
            if step.is_multiple_of(self.detail_every as u64) {
                self.detail(step, v, window, place);
            }
        }
        if let (Some(meter), Some(point)) = (&mut self.kept.energy, window.energy) {
            for place in 0..=window.n_steps {
                meter.point(&self.circuit, self.baths, self.dt, (window.v)(place), &point(place));
            }
        }
    }

    fn detail(&mut self, step: u64, v: f64, window: &NeuronWindow<'_>, place: usize) {
        let Some(detail) = (window.detail)(place) else { return };
        if !self.looped.is_empty() {
            let g = self.circuit.conductances(&detail.gates);
            for (&place, meter) in self.looped.iter().zip(&mut self.kept.meters) {
                let across = v - self.circuit.channels[place].reversal.unwrap_or(0.0);
                meter.point(step as f64, across, g[place] * across);
            }
        }
        if step.is_multiple_of(self.stride) {
            // Arriving and leaving wave of a port.
            let waves = |role: PortRole| {
                let port = self.circuit.ports().zip(detail.ports.into_iter().zip(detail.arriving));
                let found = port.into_iter().find(|((of, _), _)| *of == role);
                found.map_or((0.0, 0.0), |((_, port), (u, a))| (a, port.outgoing(v, u, a)))
            };
            let (wave_echo, leaving) = waves(PortRole::Output);
            let (wave_in, wave_back) = waves(PortRole::Input(0));
            let wave_out = detail.wave_out.unwrap_or(leaving);
            self.kept.samples.push(Sample {
                v,
                wave_out,
                wave_in,
                wave_back,
                wave_echo,
                measured: detail.measured.unwrap_or(v),
            });
            self.kept.gates.extend_from_slice(&detail.gates);
        }
    }

    pub(crate) fn finish(self) -> NeuronRecord {
        let neuron = self.neuron;
        let NeuronKept { samples, gates, extremes, meters, energy } = self.kept;
        let loops = self.looped.into_iter().zip(meters).map(|(place, meter)| NeuronLoop {
            neuron,
            channel: self.circuit.channels[place].name.text().into(),
            hysteresis: meter.finish(),
        });
        let loops = loops.collect();
        NeuronRecord { circuit: self.circuit, samples, gates, extremes, loops, energy }
    }
}

impl NeuronRecord {
    /// Gates at a sample.
    pub(crate) fn gates(&self, sample: usize) -> &[f64] {
        let n = self.circuit.n_gates();
        &self.gates[sample * n..(sample + 1) * n]
    }

    /// Conductances of the channels at a sample.
    pub(crate) fn conductances(&self, sample: usize) -> Conductances {
        self.circuit.conductances(self.gates(sample))
    }
}

/// Points of a loop kept for drawing.
const LOOP_POINTS: f64 = 4000.0;
/// Points of a loop that its area is measured with, at least.
const AREA_POINTS: f64 = 256.0;

/// The largest divisor of `stride` that puts enough points on a loop; 1 if none does.
fn loop_stride(stride: u64, omega: f64, dt: f64) -> u64 {
    let period = std::f64::consts::TAU / omega;
    let fits = |d: &u64| stride.is_multiple_of(*d) && (*d as f64) * dt * AREA_POINTS <= period;
    (1..=stride.min(10_000)).rev().find(fits).unwrap_or(1)
}
