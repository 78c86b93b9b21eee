//! The mean trajectory of a neuron that fluctuations are computed beside.

use qhh_core::channel::{Channel, Conductances};
use qhh_core::circuit::{BathRule, Circuit};
use qhh_core::gates::Gates;
use serde::{Deserialize, Serialize};

use crate::network::Feedback;

/// Mean trajectory of one neuron, every step of it.
#[derive(Debug, Clone)]
pub(crate) struct MeanTrajectory {
    pub(crate) neuron: usize,
    circuit: Circuit,
    /// Places of the ports whose outgoing waves are kept.
    ports: Vec<usize>,
    /// Where the conductance of each channel is found.
    channels: Vec<Found>,
    /// Number of gated channels.
    n_gated: usize,
    /// Whether the gates are kept, which respond to fluctuations.
    gated: bool,
    kept: CourseKept,
}

/// Where a channel's conductance is found.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// It never changes.
    Fixed(f64),
    /// At this place among the gated ones.
    Kept(usize),
}

/// What is kept of a trajectory so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CourseKept {
    /// At the start of each step and at the end.
    voltages: Vec<f64>,
    /// Conductances of the gated channels half a step before the start, then in the middle of each step: `[time][channel]`.
    open: Vec<f64>,
    /// The gates at the same times, if they are kept, `[time][gate]`, and the voltages at the first stage of each step.
    gates: Vec<f64>,
    staged: Vec<f64>,
    /// Records of the voltage at the same times as those, if gates are kept that measure it.
    records: Vec<f64>,
    /// Waves out of each port, at the start of each step and at the end.
    leaving: Vec<Vec<f64>>,
}

impl Found {
    #[inline]
    fn among(self, open: &[f64]) -> f64 {
        match self {
            Self::Fixed(conductance) => conductance,
            Self::Kept(place) => open[place],
        }
    }
}

impl MeanTrajectory {
    pub(crate) fn new(neuron: usize, circuit: Circuit, ports: &[usize]) -> Self {
        let kept = CourseKept { leaving: vec![Vec::new(); ports.len()], ..CourseKept::default() };
        let mut n_gated = 0;
        let of = |channel: &Channel| {
            if !channel.is_gated() {
                return Found::Fixed(channel.conductance);
            }
            n_gated += 1;
            Found::Kept(n_gated - 1)
        };
        let channels = circuit.channels.iter().map(of).collect();
        Self { neuron, circuit, ports: ports.to_vec(), channels, n_gated, gated: false, kept }
    }

    /// The same with what gates that respond take.
    #[must_use]
    pub(crate) fn with_gates(self) -> Self {
        Self { gated: true, ..self }
    }

    /// The same with this course.
    #[must_use]
    pub(crate) fn with_kept(self, kept: CourseKept) -> Self {
        Self { kept, ..self }
    }

    /// What was kept.
    pub(crate) fn into_kept(self) -> CourseKept {
        self.kept
    }

    /// What is kept so far.
    pub(crate) fn kept(&self) -> CourseKept {
        self.kept.clone()
    }

    /// Goes on from what was kept when `done` steps were made; whether it can be.
    pub(crate) fn restore(&mut self, kept: CourseKept, done: u64) -> bool {
        let due = if done == 0 { 0 } else { done + 1 };
        let fits =
            std::iter::once(kept.voltages.len()).chain(kept.leaving.iter().map(Vec::len)).all(|n| n as u64 == due)
                && kept.open.len() as u64 == due * self.n_gated as u64;
        let fits = fits && kept.leaving.len() == self.ports.len();
        let n_gates = self.circuit.n_gates() as u64;
        let of_gates = if self.gated { (due * n_gates, done) } else { (0, 0) };
        let fits = fits && (kept.gates.len() as u64, kept.staged.len() as u64) == of_gates;
        let fits = fits && kept.records.len() as u64 == if self.is_measured() { due } else { 0 };
        self.kept = kept;
        fits
    }

    /// Voltages at the start of each step and at the end.
    pub(crate) fn voltages(&self) -> &[f64] {
        &self.kept.voltages
    }

    /// Its neuron's circuit.
    pub(crate) fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Gates half a step before the end of step `half`, if they are kept.
    pub(crate) fn gates(&self, half: usize) -> &[f64] {
        let n = self.circuit.n_gates();
        &self.kept.gates[half * n..(half + 1) * n]
    }

    /// Voltages at the first stage of each step, if gates are kept.
    pub(crate) fn staged(&self) -> &[f64] {
        &self.kept.staged
    }

    /// Voltages that the gates follow at the start of each step and at the end.
    pub(crate) fn followed(&self) -> &[f64] {
        if self.is_measured() { &self.kept.records } else { &self.kept.voltages }
    }

    /// Whether gates are kept that measure the voltage.
    fn is_measured(&self) -> bool {
        self.gated && self.circuit.sense.is_some()
    }

    /// Takes in a window of `n_steps`: voltages and outgoing waves at the start of each step, voltages at its first stage,
    /// records of the voltage at the start, gates half a step before.
    pub(crate) fn window(
        &mut self,
        n_steps: usize,
        (v, staged, record): (impl Fn(usize) -> f64, impl Fn(usize) -> f64, impl Fn(usize) -> f64),
        gates: impl Fn(usize) -> Gates,
        out: impl Fn(usize, usize) -> f64,
    ) {
        // The end of a window is the start of the next.
        let is_measured = self.is_measured();
        let CourseKept { voltages, open, gates: kept, staged: stages, records, leaving } = &mut self.kept;
        if self.gated {
            stages.extend((0..n_steps).map(staged));
        }
        let from = usize::from(!voltages.is_empty());
        for k in from..=n_steps {
            voltages.push(v(k));
            if is_measured {
                records.push(record(k));
            }
            let gates = gates(k);
            if self.gated {
                kept.extend_from_slice(&gates);
            }
            let g = self.circuit.conductances(&gates);
            let gated = self.channels.iter().zip(g.iter()).filter(|(of, _)| matches!(of, Found::Kept(_)));
            open.extend(gated.map(|(_, g)| g));
            for (slot, waves) in self.ports.iter().zip(&mut *leaving) {
                waves.push(out(*slot, k));
            }
        }
    }

    /// Conductances half a step before the end of step `half`.
    pub(crate) fn conductances(&self, half: usize) -> Conductances {
        self.each(half).collect()
    }

    /// That of one channel.
    #[inline]
    pub(crate) fn conductance(&self, channel: usize, half: usize) -> f64 {
        self.channels[channel].among(self.open(half))
    }

    /// That of the channels together under a bath rule.
    #[inline]
    pub(crate) fn together(&self, baths: BathRule, half: usize) -> f64 {
        baths.together(self.each(half))
    }

    #[inline]
    fn each(&self, half: usize) -> impl Iterator<Item = f64> + Clone {
        let open = self.open(half);
        self.channels.iter().map(|channel| channel.among(open))
    }

    /// Those of the gated channels alone.
    pub(crate) fn open(&self, half: usize) -> &[f64] {
        &self.kept.open[half * self.n_gated..(half + 1) * self.n_gated]
    }

    /// Mean wave that left through a port, if it was kept.
    pub(crate) fn leaving(&self, slot: usize) -> &[f64] {
        let place = self.ports.iter().position(|of| *of == slot);
        place.map_or(&[], |place| &self.kept.leaving[place])
    }

    /// Bytes kept for each step of a run.
    pub(crate) fn bytes_per_step(feedback: Feedback) -> usize {
        match feedback {
            Feedback::Mean => 24,
            // The gates and a stage besides, and for each of three gates its relaxation and the conductance's slope.
            Feedback::Full => 24 + 32 + 3 * 24,
        }
    }
}
