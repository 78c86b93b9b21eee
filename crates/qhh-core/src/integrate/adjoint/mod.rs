//! The steps of [`super::langevin`] backwards: the transpose of their derivative.
//!
//! A number that depends on what a group did in a window of steps has a sensitivity to the state at the window's end. From
//! it, step by step backwards, follow the sensitivities to the state at its start, to every parameter, and to every
//! current and wave that came in. Each step is the exact transpose of the derivative of the step that was made: of both
//! stages of the circuit, of the conductances continued along their last change, of the gates' relaxation as the kernel
//! computes it, or as the tables do. So what comes out is the derivative of the numbers of the run itself.
//!
//! ```text
//! run:        y[k+1] = F(y[k], theta)
//! backwards:  s[k] = (dF/dy)^T s[k+1] + (direct part),   dJ/dtheta = sum over k of (dF/dtheta)^T s[k+1]
//! ```
//!
//! The states between, at which the derivatives are taken, are those of a [`Course`] that is `detailed`. Neurons that may
//! sleep are not for this: asleep, they answer to nothing. Ours.

mod along;
mod dual;
mod opened;
mod relax;
mod start;
mod step;
mod still;

pub use along::{Forwards, Moved};
pub use start::{RestSlopes, StartSlopes};
pub use still::Still;

use super::few::lanewise;
use super::group::Group;
use super::lanes::{LANES, Lanes};
use super::state::GroupState;
use super::vectors::on_vectors;
use super::window::{Course, DriveLanes};
use crate::circuit::MAX_PORTS;
use crate::gates::RateUnits;

/// Sensitivity of a number to the state of a group at a whole step: to each voltage and gate, one lane for each neuron.
/// Forwards ([`Group::along`]) a change of that state.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity<const N: usize = LANES> {
    /// To node voltages.
    pub v: Lanes<N>,
    /// To the capacitors of the ports.
    pub u: Box<[Lanes<N>]>,
    /// To the gates half a step earlier.
    pub gates: Box<[Lanes<N>]>,
    /// To the record of the voltage that gates follow.
    pub record: Lanes<N>,
    /// To conductance and battery current half a step earlier, from which the next step continues.
    base: (Lanes<N>, Lanes<N>),
    /// To the voltage that gates followed, one and two steps earlier.
    followed: [Lanes<N>; 2],
}

/// Derivatives of a number by the parameters of each neuron of a group. Forwards ([`Group::along`]) a change of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Slopes<const N: usize = LANES> {
    /// By the capacitance of the membrane.
    pub capacitance: Lanes<N>,
    /// By the conductance of each channel, every gate open.
    pub conductance: Box<[Lanes<N>]>,
    /// By the reversal potential of each channel.
    pub reversal: Box<[Lanes<N>]>,
    /// By capacitance and impedance of each port, output first.
    pub ports: Box<[(Lanes<N>, Lanes<N>)]>,
    /// By impedance, response time and reference of the sense line.
    pub sense: [Lanes<N>; 3],
}

/// A window of steps to go through backwards.
#[derive(Debug)]
pub struct Backwards<'a, const N: usize = LANES> {
    /// Time step.
    pub dt: f64,
    /// How the rate functions read voltage and time.
    pub units: RateUnits,
    /// State at the start of the window.
    pub start: &'a GroupState<N>,
    /// The window's course, `detailed`.
    pub course: &'a Course<N>,
    /// Waves that arrived at each port, as they were handed to the run; empty for none.
    pub arriving: [&'a [Lanes<N>]; MAX_PORTS],
    /// The number's own slope by voltages: how many steps after the window's start, at least one, in which lane, and how
    /// steep.
    pub voltages: &'a [(usize, usize, f64)],
    /// Sensitivity to the waves that left each port, at the end of each step; empty for none.
    pub leaving: [&'a [Lanes<N>]; MAX_PORTS],
    /// 1 for each neuron whose gates respond to what it does, 0 for one whose gates go their way whatever it does; none if
    /// all respond.
    pub responding: Option<Lanes<N>>,
}

/// Sensitivities to what came in during a window.
#[derive(Debug, Clone)]
pub struct Incoming<const N: usize = LANES> {
    /// To mean and slope of the current over each step.
    pub currents: Vec<DriveLanes<N>>,
    /// To the waves at each port of the circuit, at the start of each step and after the last.
    pub waves: [Vec<Lanes<N>>; MAX_PORTS],
    /// To what is added to the voltage where it is measured, at the same times; empty where gates do not measure it.
    pub records: Vec<Lanes<N>>,
}

lanewise!(Sensitivity<N> { v, u, gates, record, base, followed });
lanewise!(Slopes<N> { capacitance, conductance, reversal, ports, sense });
lanewise!(Incoming<N> { currents, waves, records });

impl<const N: usize> Default for Incoming<N> {
    fn default() -> Self {
        Self { currents: Vec::new(), waves: std::array::from_fn(|_| Vec::new()), records: Vec::new() }
    }
}

impl<const N: usize> Incoming<N> {
    /// Room for so many steps and ports, to be filled from the last step to the first. What stood there before still does,
    /// but nothing is left of waves after the last step, and of records.
    fn make_room(&mut self, n_steps: usize, n_ports: usize, sensed: bool) {
        self.currents.resize(n_steps, DriveLanes::default());
        for (p, waves) in self.waves.iter_mut().enumerate() {
            waves.resize(if p < n_ports { n_steps + 1 } else { 0 }, Lanes::default());
            if let Some(last) = waves.last_mut() {
                *last = Lanes::default();
            }
        }
        self.records.clear();
        self.records.resize(if sensed { n_steps + 1 } else { 0 }, Lanes::default());
    }
}

impl<const N: usize> Sensitivity<N> {
    /// Whether nothing of the state counts.
    pub fn is_zero(&self) -> bool {
        let of = |lanes: &[Lanes<N>]| lanes.iter().all(|lanes| lanes.is_zero());
        self.v.is_zero() && self.record.is_zero() && of(&self.u) && self.is_gateless()
    }

    /// Takes the gates for held in the neurons whose place in `responding` is 0. A record of the voltage goes on.
    pub fn hold(&mut self, responding: Lanes<N>) {
        let all = self.gates.iter_mut().chain([&mut self.base.0, &mut self.base.1]);
        all.for_each(|of| *of = *of * responding);
    }

    /// Whether nothing of the gates counts, nor of what they followed.
    pub(super) fn is_gateless(&self) -> bool {
        let of = |lanes: &[Lanes<N>]| lanes.iter().all(|lanes| lanes.is_zero());
        of(&self.gates) && of(&[self.base.0, self.base.1]) && of(&self.followed)
    }
}

impl<const N: usize> Group<N> {
    /// No sensitivity to anything, as at the end of a run.
    pub fn insensitive(&self) -> Sensitivity<N> {
        Sensitivity {
            v: Lanes::default(),
            u: vec![Lanes::default(); self.ports.len()].into(),
            gates: vec![Lanes::default(); self.n_gates()].into(),
            record: Lanes::default(),
            base: Default::default(),
            followed: Default::default(),
        }
    }

    /// Derivatives that are all 0.
    pub fn level(&self) -> Slopes<N> {
        Slopes {
            capacitance: Lanes::default(),
            conductance: vec![Lanes::default(); self.conductance.len()].into(),
            reversal: vec![Lanes::default(); self.reversal.len()].into(),
            ports: vec![Default::default(); self.ports.len()].into(),
            sense: Default::default(),
        }
    }
}

impl Group {
    /// Appends the conductance of each channel with these gates, or of all together where they share one bath.
    pub fn open(&self, gates: &[Lanes], conductances: &mut Vec<Lanes>) {
        opened::conductances(self, gates, conductances);
    }

    /// Goes through a window backwards: `sensitivity` to the state at its end becomes that to the state at its start, the
    /// parameters' part is added to `slopes`, if they are wanted, and `incoming` is overwritten.
    pub fn reverse(
        &self,
        sensitivity: &mut Sensitivity,
        slopes: Option<&mut Slopes>,
        incoming: &mut Incoming,
        window: Backwards<'_>,
    ) {
        self.reverse_on(pulp::Arch::new(), sensitivity, slopes, incoming, window);
    }

    /// [`Group::reverse`] with the instructions of `arch`, to compare them; the numbers are the same.
    pub fn reverse_on(
        &self,
        arch: pulp::Arch,
        sensitivity: &mut Sensitivity,
        slopes: Option<&mut Slopes>,
        incoming: &mut Incoming,
        window: Backwards<'_>,
    ) {
        let n_steps = window.course.v.len().saturating_sub(1);
        incoming.make_room(n_steps, self.ports.len(), self.sense.is_some());
        macro_rules! ports {
            ($ports:expr, $sloped:expr) => {{
                let reverse = step::Reverse::<{ $ports }, $sloped, LANES, { LANES / 2 }>::new(
                    self,
                    sensitivity,
                    slopes,
                    incoming,
                    window,
                );
                on_vectors(arch, reverse).unwrap_or_else(|of| step::without_vectors(of.general()));
            }};
        }
        // Neurons with up to two ports have a loop of their own.
        match (self.ports.len() <= 2, slopes.is_some()) {
            (true, true) => ports!(2, true),
            (true, false) => ports!(2, false),
            (false, _) => ports!(MAX_PORTS, true),
        }
    }
}
