//! Waves of a block in a window: what arrives, from the delay lines row by row (steps side by side) to lanes for the kernel
//! (neurons side by side), and what leaves, back to rows.

#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]
#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use pulp::{Simd, WithSimd};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::window::Course;

use super::delay_lines::{History, Sample, SlabWriter};
use super::pages::prefetch;
use crate::coupling::scattering::{Rows, Scattering, lag, n_ports};

/// The waves of a block's ports; lists are by port and, but for `lanes` side by side, by lane.
pub(crate) struct PortWaves<const N: usize> {
    /// Number of neurons.
    pub(crate) lanes: usize,
    /// Rows of the sending and receiving ports.
    pub(crate) senders: Rows,
    pub(crate) receivers: Rows,
    /// Whether waveguides leave each sending port.
    pub(crate) joined: Box<[bool]>,
    /// The waves that arrived last.
    pub(crate) carried: Box<[f64]>,
    /// Squares of the waves sent and received so far, times the step.
    pub(crate) sent: Box<[Lanes<N, f64>]>,
    pub(crate) arrived: Box<[Lanes<N, f64>]>,
    /// Waves smaller than this count as none.
    pub(crate) silence: f64,
}

/// Which window waves are gathered for, and by what.
#[derive(Clone, Copy)]
pub(super) struct Arrivals<'a, H: Sample> {
    pub(super) scattering: &'a Scattering,
    pub(super) history: History<'a, H>,
    /// Steps of the run up to the end of the window: what takes longer has not left yet.
    pub(super) sent: u64,
    pub(super) n_steps: usize,
}

/// Working memory.
#[derive(Default)]
pub(super) struct WaveScratch {
    /// `[lane][step]`
    rows: Vec<f64>,
    joined: Vec<f64>,
}

impl<const N: usize> PortWaves<N> {
    /// Waves of so many neurons, of which none has been sent; waves below `silence` count as none.
    pub(super) fn new(
        lanes: usize,
        (senders, receivers): (Rows, Rows),
        joined: Box<[bool]>,
        silence: f64,
    ) -> Self {
        Self {
            lanes,
            joined,
            carried: vec![0.0; n_ports(&receivers) * lanes].into(),
            sent: vec![Lanes::default(); n_ports(&senders)].into(),
            arrived: vec![Lanes::default(); n_ports(&receivers)].into(),
            senders,
            receivers,
            silence,
        }
    }

    /// Prefetches what a window changes.
    pub(super) fn prefetch(&self) {
        prefetch(&self.carried);
        prefetch(&self.sent);
        prefetch(&self.arrived);
    }

    /// Brings what arrives in a window, at its start and after each step; ports at which nothing arrives stay empty.
    pub(super) fn gather<T: Float, H: Sample>(
        &mut self,
        arrivals: Arrivals<'_, H>,
        scratch: &mut WaveScratch,
        arriving: &mut [Vec<Lanes<N, T>>; MAX_PORTS],
    ) {
        if self.receivers.iter().any(Option::is_some) {
            pulp::Arch::new().dispatch(Gather { of: self, arrivals, scratch, arriving });
        } else {
            arriving.iter_mut().for_each(Vec::clear);
        }
    }

    /// Puts what left in a window into its slab.
    pub(super) fn emit<T: Float>(&mut self, n_steps: usize, course: &Course<N, T>, fresh: SlabWriter<'_>) {
        pulp::Arch::new().dispatch(Emit { of: self, n_steps, course, fresh });
    }

    /// Energy that was sent and received: squares over impedances, which are given by slot and lane.
    pub(super) fn energies(&self, impedance: impl Fn(usize, usize) -> f64) -> (f64, f64) {
        let energy = |rows: &Rows, squares: &[Lanes<N, f64>], counts: &dyn Fn(usize, usize) -> bool| -> f64 {
            let slots = rows.iter().enumerate().filter(|(_, row)| row.is_some());
            let ports = slots.zip(squares).enumerate();
            let each = ports.flat_map(|(port, ((slot, _), squares))| {
                (0..self.lanes)
                    .filter(move |lane| counts(port, *lane))
                    .map(move |lane| (slot, lane, squares.0[lane]))
            });
            each.map(|(slot, lane, square)| square / impedance(slot, lane)).sum()
        };
        // A port that no waveguide leaves sends into none, though the same port of its neighbours may.
        let sent = energy(&self.senders, &self.sent, &|port, lane| self.joined[port * self.lanes + lane]);
        (sent, energy(&self.receivers, &self.arrived, &|_, _| true))
    }
}

/// Steps that are turned at once.
const EIGHT: usize = 8;

/// Waveguides whose waves are fetched from memory side by side: as many as fit into the nearest cache.
const FETCHED: usize = 128;

/// [`PortWaves::gather`]
struct Gather<'a, const N: usize, T, H: Sample> {
    of: &'a mut PortWaves<N>,
    arrivals: Arrivals<'a, H>,
    scratch: &'a mut WaveScratch,
    arriving: &'a mut [Vec<Lanes<N, T>>; MAX_PORTS],
}

impl<const N: usize, T: Float, H: Sample> WithSimd for Gather<'_, N, T, H> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { of, arrivals, scratch: WaveScratch { rows, joined }, arriving } = self;
        let Arrivals { scattering, history, sent, n_steps } = arrivals;
        let lanes = of.lanes;
        let arms = &scattering.arms;
        let (senders, amplitudes) = (arms.senders(), arms.amplitudes());
        let (mut port, distant) = (0, history.is_distant());
        for slot in 0..MAX_PORTS {
            let arriving = &mut arriving[slot];
            let Some(first) = of.receivers[slot] else {
                arriving.clear();
                continue;
            };
            let carried = &mut of.carried[port * lanes..(port + 1) * lanes];
            rows.resize(N * n_steps, 0.0);
            // Rows at which something arrives are cleared when it does, the others only if something arrives at any.
            let (mut any, mut begun) = (false, [false; N]);
            let of_block = arms.of_all(&(first as usize..first as usize + lanes));
            let mut fetched = of_block.start;
            for lane in 0..lanes {
                let (row, begun) = (&mut rows[lane * n_steps..(lane + 1) * n_steps], &mut begun[lane]);
                any |= carried[lane] != 0.0;
                let own = arms.of(first as usize + lane);
                if distant && own.end > fetched {
                    let next = fetched..own.end.max((fetched + FETCHED).min(of_block.end));
                    fetched = next.end;
                    history.fetch(arms, next, (sent, n_steps));
                }
                for arm in own {
                    let lag = lag(arms.delays.get(arm));
                    if u64::from(lag.0) < sent {
                        history.add(senders[arm], lag, amplitudes[arm], row, (begun, joined));
                    }
                }
                any |= *begun;
            }
            if any {
                for lane in (0..N).filter(|lane| !begun[*lane]) {
                    rows[lane * n_steps..(lane + 1) * n_steps].fill(0.0);
                }
                arriving.resize(n_steps + 1, Lanes::default());
                let mut start = Lanes::default();
                for lane in 0..lanes {
                    start.0[lane] = T::of(carried[lane]);
                }
                arriving[0] = start;
                to_lanes(rows, &mut arriving[1..]);
                for lane in 0..lanes {
                    carried[lane] = rows[lane * n_steps + n_steps - 1];
                }
            } else {
                arriving.clear();
            }
            let mut squares = of.arrived[port];
            for waves in arriving.iter().skip(1) {
                for lane in 0..N {
                    let wave = waves.0[lane].double();
                    squares.0[lane] += wave * wave;
                }
            }
            of.arrived[port] = squares;
            port += 1;
        }
    }
}

/// Turns rows, steps side by side, to neurons side by side: an entry for each step.
///
/// Eight steps of a neuron at once: whole vectors are read, and every other place is known beforehand.
#[inline(always)]
fn to_lanes<const N: usize, T: Float>(rows: &[f64], steps: &mut [Lanes<N, T>]) {
    let n_steps = steps.len();
    let (eights, rest) = steps.as_chunks_mut::<EIGHT>();
    let n_eights = eights.len();
    for lane in 0..N {
        let (sent, last) = rows[lane * n_steps..(lane + 1) * n_steps].as_chunks::<EIGHT>();
        for number in 0..n_eights {
            for k in 0..EIGHT {
                eights[number][k].0[lane] = T::of(sent[number][k]);
            }
        }
        for k in 0..rest.len() {
            rest[k].0[lane] = T::of(last[k]);
        }
    }
}

/// Turns the steps of one lane to a row, without waves that count as none.
#[inline(always)]
fn to_row<const N: usize, T: Float>(steps: &[Lanes<N, T>], lane: usize, silence: f64, row: &mut [f64]) {
    let (eights, rest) = steps.as_chunks::<EIGHT>();
    let (row, last) = row.as_chunks_mut::<EIGHT>();
    for number in 0..eights.len() {
        for k in 0..EIGHT {
            row[number][k] = unless_silent(eights[number][k].0[lane].double(), silence);
        }
    }
    for k in 0..rest.len() {
        last[k] = unless_silent(rest[k].0[lane].double(), silence);
    }
}

#[inline(always)]
fn unless_silent(wave: f64, silence: f64) -> f64 {
    if wave.abs() > silence { wave } else { 0.0 }
}

/// [`PortWaves::emit`]
struct Emit<'a, const N: usize, T> {
    of: &'a mut PortWaves<N>,
    n_steps: usize,
    course: &'a Course<N, T>,
    fresh: SlabWriter<'a>,
}

impl<const N: usize, T: Float> WithSimd for Emit<'_, N, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { of, n_steps, course, mut fresh } = self;
        let lanes = of.lanes;
        let mut port = 0;
        for slot in 0..MAX_PORTS {
            if of.senders[slot].is_none() {
                continue;
            }
            let leaving = &course.leaving[slot][..n_steps];
            let mut squares = of.sent[port];
            let mut largest = [0.0f64; N];
            for waves in leaving {
                for lane in 0..N {
                    let wave = waves.0[lane].double();
                    squares.0[lane] += wave * wave;
                    largest[lane] = largest[lane].max(wave.abs());
                }
            }
            of.sent[port] = squares;
            for lane in 0..lanes {
                let (row, active) = fresh.row(port * lanes + lane);
                *active = largest[lane] > of.silence;
                // A silent row is never read; left alone, its memory is never touched.
                if !*active {
                    continue;
                }
                to_row(leaving, lane, of.silence, &mut row[..n_steps]);
            }
            port += 1;
        }
    }
}
