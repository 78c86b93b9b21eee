//! A window of steps: what a group is driven by, and the course it takes.

use super::lanes::{Float, LANES, Lanes};
use crate::circuit::MAX_PORTS;
use crate::gates::RateUnits;
use crate::source::Segment;

/// What a window of steps was driven by and where its course goes.
#[derive(Debug)]
pub struct Window<'a, const N: usize = LANES, T = f64> {
    /// Time step.
    pub dt: f64,
    /// Number of the window's first step.
    pub first: u64,
    /// How the rate functions read voltage and time.
    pub units: RateUnits,
    /// Injected current of each step; one entry if all are the same, none where nothing is injected.
    pub drive: &'a [DriveLanes<N, T>],
    /// Waves arriving at each port, at the start of each step and after the last; empty for the vacuum's mean, 0.
    pub arriving: [&'a [Lanes<N, T>]; MAX_PORTS],
    /// Sampled noise of the channels' lines, at the start of each step and after the last: currents of a conductance
    /// of 1, channel by channel, or in the first of all together. Empty for the mean field; read by
    /// [`super::group::Group::advance_sampled`] alone.
    pub noise: &'a [&'a [[f32; N]]],
    /// Conductances of the gated channels in the middle of each step that stand for the gates' own, step by step; of one
    /// step if they stay the same, none for the gates' own. Read by [`super::group::Group::advance_sampled`] alone.
    pub given: &'a [f64],
    /// Sampled waves that arrive on the sense line, and those of its idler, as the noise; empty for none.
    pub sensed: [&'a [[f32; N]]; 2],
    /// What is taken off each gate after each step, so that on average they stay where they would move, if not empty; read
    /// by [`super::group::Group::advance_sampled`] alone.
    pub drift: &'a [f64],
    /// Voltage whose upward crossings count as spikes.
    pub threshold: f64,
    /// Course of the window.
    pub course: &'a mut Course<N, T>,
}

/// Current into each neuron of a group over one step ([`Segment`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriveLanes<const N: usize = LANES, T = f64> {
    /// Mean over the step.
    pub mean: Lanes<N, T>,
    /// End less start.
    pub slope: Lanes<N, T>,
}

impl<const N: usize, T: Float> Default for DriveLanes<N, T> {
    fn default() -> Self {
        Self { mean: Lanes::default(), slope: Lanes::default() }
    }
}

impl<const N: usize, T: Float> DriveLanes<N, T> {
    /// Adds a current, `factor` times, to one lane.
    #[inline]
    pub fn add(&mut self, lane: usize, segment: Segment, factor: f64) {
        self.mean.0[lane] = self.mean.0[lane] + T::of(factor * segment.mean);
        self.slope.0[lane] = self.slope.0[lane] + T::of(factor * segment.slope);
    }

    /// Whether there is no current.
    #[inline(always)]
    pub(super) fn is_zero(&self) -> bool {
        self.mean.is_zero() && self.slope.is_zero()
    }
}

/// Course of a group through a window: one entry for each step's start and one for the end.
#[derive(Debug, Clone)]
pub struct Course<const N: usize = LANES, T = f64> {
    /// Node voltages.
    pub v: Vec<Lanes<N, T>>,
    /// Voltages at the first stage of each step; only if `detailed`.
    pub staged: Vec<Lanes<N, T>>,
    /// Records of the voltage at the same times; only if `detailed` or `measured`, of neurons whose gates measure it.
    pub records: Vec<Lanes<N, T>>,
    /// Gates half a step before the times of `v`, `[time][gate]`; only if `detailed`.
    pub gates: Vec<Lanes<N, T>>,
    /// Port capacitors at the same times; only if `detailed`.
    pub u: [Vec<Lanes<N, T>>; MAX_PORTS],
    /// Waves leaving through the ports that are `emitting`, at the end of each step.
    pub leaving: [Vec<Lanes<N, T>>; MAX_PORTS],
    /// Steps in which at least one neuron crosses the threshold upwards.
    pub crossings: Vec<usize>,
    /// Whether gates and ports are wanted.
    pub detailed: bool,
    /// Whether records of the voltage are wanted.
    pub measured: bool,
    /// Ports whose leaving waves are wanted.
    pub emitting: [bool; MAX_PORTS],
}

impl<const N: usize, T> Default for Course<N, T> {
    fn default() -> Self {
        Self {
            v: Vec::new(),
            staged: Vec::new(),
            records: Vec::new(),
            gates: Vec::new(),
            u: std::array::from_fn(|_| Vec::new()),
            leaving: std::array::from_fn(|_| Vec::new()),
            crossings: Vec::new(),
            detailed: false,
            measured: false,
            emitting: [false; MAX_PORTS],
        }
    }
}

impl<const N: usize, T: Float> Course<N, T> {
    /// Makes room for a window. What every step writes has its place beforehand: whatever may allocate in the middle of a
    /// step moves all that it has in registers to the stack.
    pub(super) fn begin(&mut self, n_steps: usize) {
        let zero = Lanes::default();
        self.v.resize(n_steps + 1, zero);
        self.staged.resize(if self.detailed { n_steps } else { 0 }, zero);
        for (leaving, emitting) in self.leaving.iter_mut().zip(self.emitting) {
            leaving.resize(if emitting { n_steps } else { 0 }, zero);
        }
        self.records.clear();
        self.gates.clear();
        self.crossings.clear();
        self.u.iter_mut().for_each(Vec::clear);
    }
}
