//! Response of one neuron to field modes beside its mean trajectory, several frequencies side by side.
//!
//! Given the conductances, V is linear in every field operator: `V = <V> + sum_p int dw [u_p(w,t) a_p(w) + h.c.]`. Each
//! `u` obeys the circuit's own equations with its own drive. In the rotating frame `u = U e^{-iwt}`:
//!
//! ```text
//! C dU/dt   = i w C U + I - g(t) U - sum_p I_p
//! C_p du/dt = i w C_p u + I_p,    I_p = (U - u - 2A)/Z,    B = U - u - A
//! ```
//!
//! stepped by the method of [`crate::integrate::langevin`] with the same conductances at the same stages. Its fixed
//! point is the exact stationary response whatever the step, so constant conductances give the integral of
//! [`super::variance`] to rounding; otherwise the method is of second order in the step, and stable for every
//! frequency.
//!
//! Drives are of unit size: how strong the field of a line is ([`super::bath`]) enters where responses are squared.
//! Who is joined to whom, delays and splitters are the network's business. Ours (the papers' variance is adiabatic).

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

mod batch;
mod gating;
mod stationary;
mod step;
mod tile;
mod wave;

use num_complex::Complex64;
use pulp::{Simd, WithSimd};

use crate::circuit::{Circuit, MAX_PORTS};
use crate::integrate::lanes::Lanes;
use crate::integrate::langevin::STAGE;
use crate::integrate::vectors::on_vectors;
pub use batch::{Turning, add_overlap, add_products, largest_square};
pub use gating::{GateStep, Gated, Gating, Relaxing};
pub use stationary::Stationary;
use step::{ANY, Advance, EVERY, NONE, PAPERS};
pub use wave::Wave;

/// Frequencies side by side.
pub const MODES: usize = 16;

/// Constants of one circuit at [`MODES`] frequencies and one step.
#[derive(Debug, Clone)]
pub struct Propagator {
    /// `c dt/C`.
    node: f64,
    /// Conductance of the sense line.
    sense: f64,
    /// `w c dt`.
    turn: Lanes<MODES>,
    flux: FluxStep,
    ports: [PortStep; MAX_PORTS],
    n_ports: usize,
    /// `r + sum_p e r d k`: of `V1` in the second stage's inflow.
    onward: Wave,
}

/// A port within a step.
///
/// A stage of length `c dt` with what it starts from marked by `*` solves, with `k = c dt/(Z C_p)`,
///
/// ```text
/// V = D (V* + (c dt/C) I + sum_p [y (2A) + e u*]),    u = d (u* + k (V - 2A))
/// d = 1/(1 + k - i w c dt),    y = (c dt/C)(1 - k d)/Z,    e = (c dt/C) d/Z
/// ```
///
/// and the second stage starts from `V0 + r (V1 - V0)`, `u0 + r (u1 - u0)` with `r = (1 - c)/c`. Put together, so that
/// `u1` need not be made,
///
/// ```text
/// u2 = keep u0 + first (V1 - 2A1) + second (V2 - 2A2)
/// ```
#[derive(Debug, Clone, Copy, Default)]
struct PortStep {
    /// `y`.
    into: Wave,
    /// `e`: of `u0` in the first stage's inflow.
    from: Wave,
    /// `e (1 - r + r d)`: of `u0` in the second stage's.
    from_kept: Wave,
    /// `-e r d k`: of `2A1` in the second stage's.
    back: Wave,
    /// `d (1 - r + r d)`.
    keep: Wave,
    /// `r d^2 k`.
    first: Wave,
    /// `d k`.
    second: Wave,
}

/// The flux within a step, as a port is: `flux2 = keep flux0 + first V1 + second V2`.
#[derive(Debug, Clone, Copy, Default)]
struct FluxStep {
    keep: Wave,
    first: Wave,
    second: Wave,
}

/// `r`: the second stage starts this far along the first.
const ONWARD: f64 = (1.0 - STAGE) / STAGE;

/// Amplitudes of one neuron in response to one line, at [`MODES`] frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModeState {
    /// Of the node's voltage.
    pub v: Wave,
    /// Of the port capacitors.
    pub u: [Wave; MAX_PORTS],
    /// Of the node's flux, `d phi/dt = V`.
    pub flux: Wave,
}

/// What drives a neuron through a few steps, in response to one line.
#[derive(Debug, Clone, Copy)]
pub struct Driven<'a> {
    /// Of each step, from [`Propagator::stages`].
    pub stages: &'a [[Wave; 2]],
    /// Current into the node at the two stages of each step; none if empty.
    pub current: &'a [[f64; 2]],
    /// Wave arriving at each port at the start of the first step and the end of each; none if empty.
    pub arriving: [&'a [Wave]; MAX_PORTS],
    /// Whether the flux is followed.
    pub flux: bool,
}

impl ModeState {
    /// Adds `factor * other`, frequency by frequency.
    pub fn add_product(&mut self, factor: Wave, other: &Self) {
        self.v.add_product(factor, other.v);
        add_products(&mut self.u, factor, &other.u);
        self.flux.add_product(factor, other.flux);
    }
}

impl Propagator {
    /// The constants of `circuit` at the given frequencies (rad/ms) for steps of `dt`.
    pub fn new(circuit: &Circuit, omega: [f64; MODES], dt: f64) -> Self {
        let c_dt = STAGE * dt;
        let node = c_dt / circuit.capacitance;
        let wave = |of: &dyn Fn(f64) -> Complex64| Wave::from_fn(|lane| of(omega[lane]));
        let kept = |d: Complex64| 1.0 - ONWARD + ONWARD * d;
        let mut ports = [PortStep::default(); MAX_PORTS];
        for (step, (_, port)) in ports.iter_mut().zip(circuit.ports()) {
            let k = c_dt / (port.impedance * port.capacitance);
            let d = |w: f64| Complex64::new(1.0 + k, -w * c_dt).inv();
            let e = |w: f64| node / port.impedance * d(w);
            *step = PortStep {
                into: wave(&|w| node / port.impedance * (1.0 - k * d(w))),
                from: wave(&e),
                from_kept: wave(&|w| e(w) * kept(d(w))),
                back: wave(&|w| -ONWARD * e(w) * d(w) * k),
                keep: wave(&|w| d(w) * kept(d(w))),
                first: wave(&|w| ONWARD * d(w) * d(w) * k),
                second: wave(&|w| d(w) * k),
            };
        }
        let d = |w: f64| Complex64::new(1.0, -w * c_dt).inv();
        Self {
            node,
            sense: circuit.sense_conductance(),
            turn: Lanes::from_fn(|lane| omega[lane] * c_dt),
            flux: FluxStep {
                keep: wave(&|w| d(w) * kept(d(w))),
                first: wave(&|w| ONWARD * d(w) * d(w) * c_dt),
                second: wave(&|w| d(w) * c_dt),
            },
            onward: Wave::from_fn(|lane| {
                ports.iter().fold(ONWARD.into(), |sum: Complex64, port| sum - port.back.get(lane))
            }),
            ports,
            n_ports: circuit.ports().count(),
        }
    }

    /// Appends what the steps' stages need of the conductances: for each step that of its middle and its change from
    /// the middle before.
    pub fn stages(&self, conductances: &[(f64, f64)], stages: &mut Vec<[Wave; 2]>) {
        pulp::Arch::new().dispatch(Stages { propagator: self, conductances, out: stages });
    }

    /// Wave leaving a port in a state, `B = V - u - A`.
    pub fn leaving(state: &ModeState, port: usize, arriving: Wave) -> Wave {
        let u = state.u[port];
        Wave { re: state.v.re - u.re - arriving.re, im: state.v.im - u.im - arriving.im }
    }

    /// Moves `state` through as many steps as there are stages, its gates as in the mean field. What leaves through each
    /// port whose slice is not empty is put there, at the end of each step.
    pub fn advance(&self, state: &mut ModeState, driven: Driven<'_>, leaving: &mut [&mut [Wave]; MAX_PORTS]) {
        self.advance_on(pulp::Arch::new(), state, driven, None, leaving);
    }

    /// [`Self::advance`] with gates that respond.
    pub fn advance_gated(
        &self,
        state: &mut ModeState,
        driven: Driven<'_>,
        gated: Gated<'_>,
        leaving: &mut [&mut [Wave]; MAX_PORTS],
    ) {
        self.advance_on(pulp::Arch::new(), state, driven, Some(gated), leaving);
    }

    /// The same with the instructions of `arch`.
    pub fn advance_on(
        &self,
        arch: pulp::Arch,
        state: &mut ModeState,
        driven: Driven<'_>,
        gated: Option<Gated<'_>>,
        leaving: &mut [&mut [Wave]; MAX_PORTS],
    ) {
        let Driven { stages, current, arriving, flux } = driven;
        let arrives = |p: usize| usize::from(p < self.n_ports && !arriving[p].is_empty());
        let lagging = gated.as_ref().map(|gated| gated.gating.n_lagging());
        macro_rules! kinds {
            ($($ports:literal $arrives:literal $gates:ident: $pattern:pat,)*) => {
                match (self.n_ports, arrives(0) + 2 * arrives(1), lagging) {
                    $($pattern => on_vectors(arch, Advance::<$ports, $arrives, $gates> {
                        propagator: self,
                        state,
                        stages,
                        current,
                        arriving,
                        gated,
                        flux,
                        leaving,
                    }).unwrap_or_else(|advance| without_vectors(advance.general())),)*
                }
            };
        }
        // Ports, of the first two those where something arrives, and gates. Each line is compiled for every width of
        // vectors, so there are few: what is rare shares a loop that does more than it needs to.
        kinds! {
            0 0 NONE: (0, _, None),
            2 0 NONE: (1..=2, 0, None),
            2 2 NONE: (1..=2, 2, None),
            2 3 NONE: (1..=2, _, None),
            5 31 NONE: (_, _, None),
            0 0 PAPERS: (0, _, Some(Some(3))),
            2 0 PAPERS: (1..=2, 0, Some(Some(3))),
            2 2 PAPERS: (1..=2, 2, Some(Some(3))),
            2 3 PAPERS: (1..=2, _, Some(Some(3))),
            5 31 PAPERS: (_, _, Some(Some(3))),
            2 3 ANY: (0..=2, _, Some(_)),
            5 31 ANY: (_, _, Some(_)),
        }
    }
}

/// The steps on a machine without vectors.
#[inline(never)]
fn without_vectors(advance: Advance<'_, '_, '_, MAX_PORTS, EVERY, ANY>) {
    if advance.gated.is_some() {
        advance.with_simd(pulp::Scalar);
    } else {
        advance.general::<NONE>().with_simd(pulp::Scalar);
    }
}

struct Stages<'a> {
    propagator: &'a Propagator,
    conductances: &'a [(f64, f64)],
    out: &'a mut Vec<[Wave; 2]>,
}

impl WithSimd for Stages<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Propagator { node, sense, turn, ports, .. } = self.propagator;
        let into = ports.iter().fold(Wave::default(), |sum, port| sum.plus(port.into));
        let (re, im) = (1.0 + node * sense + into.re, into.im - *turn);
        let im2 = im * im;
        for &(middle, change) in self.conductances {
            let re = [STAGE, 1.0].map(|at| re + node * change.mul_add(at - 0.5, middle).max(0.0));
            let [first, second] = re.map(|re| re.mul_add(re, im2));
            // One division for both.
            let inverse = 1.0 / (first * second);
            let of = |re: Lanes<MODES>, inverse: Lanes<MODES>| Wave { re: re * inverse, im: 0.0 - im * inverse };
            self.out.push([of(re[0], inverse * second), of(re[1], inverse * first)]);
        }
    }
}
