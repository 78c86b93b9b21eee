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

use num_complex::Complex64;
use pulp::{Simd, WithSimd};

use crate::circuit::{Circuit, MAX_PORTS};
use crate::integrate::lanes::Lanes;
use crate::integrate::langevin::STAGE;

/// Frequencies side by side.
pub const MODES: usize = 16;

/// Complex amplitudes, one for each frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Wave {
    /// Real parts.
    pub re: Lanes<MODES>,
    /// Imaginary parts.
    pub im: Lanes<MODES>,
}

impl Wave {
    /// From one number for each frequency.
    pub fn from_fn(mut value: impl FnMut(usize) -> Complex64) -> Self {
        let mut wave = Self::default();
        for lane in 0..MODES {
            wave.put(lane, value(lane));
        }
        wave
    }

    /// The same real number at every frequency.
    #[inline(always)]
    pub fn real(value: f64) -> Self {
        Self { re: Lanes::splat(value), im: Lanes::default() }
    }

    /// The amplitude at one frequency.
    pub fn get(&self, lane: usize) -> Complex64 {
        Complex64::new(self.re.0[lane], self.im.0[lane])
    }

    /// Sets the amplitude at one frequency.
    pub fn put(&mut self, lane: usize, value: Complex64) {
        (self.re.0[lane], self.im.0[lane]) = (value.re, value.im);
    }

    /// Adds `factor * other`, frequency by frequency.
    #[inline(always)]
    pub fn add_product(&mut self, factor: Self, other: Self) {
        *self = factor.times_plus(other, *self);
    }

    /// Squares of the sizes.
    #[inline(always)]
    #[must_use]
    pub fn norm_sqr(self) -> Lanes<MODES> {
        self.re.mul_add(self.re, self.im * self.im)
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let minus = self.im * other.im;
        Self { re: self.re.mul_add(other.re, 0.0 - minus), im: self.re.mul_add(other.im, self.im * other.re) }
    }

    /// `self * factor + summand`
    #[inline(always)]
    fn times_plus(self, factor: Self, summand: Self) -> Self {
        let turned = 0.0 - self.im;
        Self {
            re: turned.mul_add(factor.im, self.re.mul_add(factor.re, summand.re)),
            im: self.im.mul_add(factor.re, self.re.mul_add(factor.im, summand.im)),
        }
    }

    /// `base + factor * (self - base)` for a real factor.
    #[inline(always)]
    fn beyond(self, base: Self, factor: f64) -> Self {
        let factor = Lanes::splat(factor);
        Self { re: factor.mul_add(self.re - base.re, base.re), im: factor.mul_add(self.im - base.im, base.im) }
    }
}

/// Constants of one circuit at [`MODES`] frequencies and one step.
#[derive(Debug, Clone)]
pub struct Propagator {
    circuit: Circuit,
    omega: [f64; MODES],
    /// `c dt/C`.
    node: f64,
    /// `w c dt`.
    turn: Lanes<MODES>,
    /// `1/(1 - i w c dt)`.
    flux: Wave,
    ports: [PortStage; MAX_PORTS],
    n_ports: usize,
}

/// A port within a stage: `u = (u* + k (V - 2A)) d`, `c dt I/C = (V - 2A) y - u* e`.
#[derive(Debug, Clone, Copy, Default)]
struct PortStage {
    /// `k = c dt/(Z C_p)`.
    rate: f64,
    /// `d = 1/(1 + k - i w c dt)`.
    damping: Wave,
    /// `y = (c dt/C) (1 - k d)/Z`.
    into: Wave,
    /// `e = (c dt/C) d/Z`.
    from: Wave,
}

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
    /// Wave that arrives at each port all the time besides.
    pub steady: [f64; MAX_PORTS],
    /// Whether the flux is followed.
    pub flux: bool,
}

impl Propagator {
    /// The constants of `circuit` at the given frequencies (rad/ms) for steps of `dt`.
    pub fn new(circuit: &Circuit, omega: [f64; MODES], dt: f64) -> Self {
        let c_dt = STAGE * dt;
        let node = c_dt / circuit.capacitance;
        let mut ports = [PortStage::default(); MAX_PORTS];
        for (stage, (_, port)) in ports.iter_mut().zip(circuit.ports()) {
            let rate = c_dt / (port.impedance * port.capacitance);
            let damping = |lane: usize| Complex64::new(1.0 + rate, -omega[lane] * c_dt).inv();
            *stage = PortStage {
                rate,
                damping: Wave::from_fn(damping),
                into: Wave::from_fn(|lane| node / port.impedance * (1.0 - rate * damping(lane))),
                from: Wave::from_fn(|lane| node / port.impedance * damping(lane)),
            };
        }
        Self {
            circuit: *circuit,
            omega,
            node,
            turn: Lanes::from_fn(|lane| omega[lane] * c_dt),
            flux: Wave::from_fn(|lane| Complex64::new(1.0, -omega[lane] * c_dt).inv()),
            ports,
            n_ports: circuit.ports().count(),
        }
    }

    /// Appends what the steps' stages need of the conductances: for each step that of its middle and its change from
    /// the middle before.
    pub fn stages(&self, conductances: &[(f64, f64)], stages: &mut Vec<[Wave; 2]>) {
        pulp::Arch::new().dispatch(Stages { propagator: self, conductances, out: stages });
    }

    /// Stationary response to a current into the node and waves arriving at the ports, at conductance `g`.
    pub fn stationary(&self, g: f64, current: Wave, arriving: &[Wave; MAX_PORTS]) -> ModeState {
        let mut state = ModeState::default();
        for lane in 0..MODES {
            let omega = self.omega[lane];
            // Admittances are written for e^{+iwt}: conjugate.
            let own = |p: usize, port: &crate::port::Port| (port.admittance(omega).conj(), arriving[p].get(lane));
            let ports = || self.circuit.ports().enumerate().map(|(p, (_, port))| (p, port));
            let whole = g + self.circuit.reactive_admittance(omega).conj();
            let inflow = ports().fold(current.get(lane), |sum, (p, port)| {
                let (y, a) = own(p, &port);
                sum + 2.0 * y * a
            });
            let v = inflow / whole;
            state.v.put(lane, v);
            for (p, port) in ports() {
                let (y, a) = own(p, &port);
                state.u[p].put(lane, (v - 2.0 * a) * (1.0 - port.impedance * y));
            }
            // d phi/dt = V: -i w phi = V.
            state.flux.put(lane, v * Complex64::new(0.0, 1.0 / omega));
        }
        state
    }

    /// Wave leaving a port in a state, `B = V - u - A`.
    #[inline(always)]
    pub fn leaving(state: &ModeState, port: usize, arriving: Wave) -> Wave {
        state.v.minus(state.u[port]).minus(arriving)
    }

    /// Moves `state` through as many steps as there are stages. What leaves through each port whose slice is not empty
    /// is put there, at the end of each step.
    pub fn advance(&self, state: &mut ModeState, driven: Driven<'_>, leaving: &mut [&mut [Wave]; MAX_PORTS]) {
        let arch = pulp::Arch::new();
        macro_rules! kinds {
            ($($ports:literal $pattern:pat),*) => {
                match (self.n_ports, driven.flux) {
                    $(($pattern, false) => arch.dispatch(
                        Advance::<$ports, false> { propagator: self, state, driven, leaving }),
                    ($pattern, true) => arch.dispatch(
                        Advance::<$ports, true> { propagator: self, state, driven, leaving }),)*
                }
            };
        }
        kinds! { 0 0, 2 1..=2, 5 _ }
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
        let Propagator { node, turn, ports, .. } = self.propagator;
        let into = ports.iter().fold(Wave::default(), |sum, port| sum.plus(port.into));
        let (re, im) = (1.0 + into.re, into.im - *turn);
        let im2 = im * im;
        for &(middle, change) in self.conductances {
            let mut of = [Wave::default(); 2];
            for (stage, at) in [STAGE, 1.0].into_iter().enumerate() {
                let g = change.mul_add(at - 0.5, middle).max(0.0);
                let re = re + node * g;
                let inverse = 1.0 / re.mul_add(re, im2);
                of[stage] = Wave { re: re * inverse, im: 0.0 - im * inverse };
            }
            self.out.push(of);
        }
    }
}

/// The steps, for a number of ports, with the flux or without; a type of its own so that it is compiled for the
/// machine's vectors.
struct Advance<'a, 'b, 'c, const PORTS: usize, const FLUX: bool> {
    propagator: &'a Propagator,
    state: &'a mut ModeState,
    driven: Driven<'a>,
    leaving: &'b mut [&'c mut [Wave]; MAX_PORTS],
}

impl<const PORTS: usize, const FLUX: bool> WithSimd for Advance<'_, '_, '_, PORTS, FLUX> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { propagator, state, driven, leaving } = self;
        let onward = (1.0 - STAGE) / STAGE;
        let ports: [PortStage; PORTS] = std::array::from_fn(|p| propagator.ports[p]);
        let c_dt = propagator.node * propagator.circuit.capacitance;
        let arriving_at = |step: usize| -> [Wave; PORTS] {
            std::array::from_fn(|p| {
                let steady = Wave::real(driven.steady[p]);
                driven.arriving[p].get(step).map_or(steady, |wave| wave.plus(steady))
            })
        };
        let (mut v, mut flux) = (state.v, state.flux);
        let mut u: [Wave; PORTS] = std::array::from_fn(|p| state.u[p]);
        let mut now = arriving_at(0);
        for (step, stages) in driven.stages.iter().enumerate() {
            let next = arriving_at(step + 1);
            let (v0, u0, flux0) = (v, u, flux);
            let current = driven.current.get(step).copied().unwrap_or_default();
            for (stage, at) in [STAGE, 1.0].into_iter().enumerate() {
                if stage == 1 {
                    v = v.beyond(v0, onward);
                    for p in 0..PORTS {
                        u[p] = u[p].beyond(u0[p], onward);
                    }
                    if FLUX {
                        flux = flux.beyond(flux0, onward);
                    }
                }
                let mut inflow = v;
                inflow.re = inflow.re + propagator.node * current[stage];
                let mut twice = now;
                for p in 0..PORTS {
                    let at = Lanes::splat(2.0 * at);
                    twice[p].re = at.mul_add(next[p].re - now[p].re, now[p].re + now[p].re);
                    twice[p].im = at.mul_add(next[p].im - now[p].im, now[p].im + now[p].im);
                    inflow = ports[p].from.times_plus(u[p], ports[p].into.times_plus(twice[p], inflow));
                }
                v = stages[stage].times(inflow);
                for p in 0..PORTS {
                    let rate = Lanes::splat(ports[p].rate);
                    let base = Wave {
                        re: rate.mul_add(v.re - twice[p].re, u[p].re),
                        im: rate.mul_add(v.im - twice[p].im, u[p].im),
                    };
                    u[p] = ports[p].damping.times(base);
                }
                if FLUX {
                    let c_dt = Lanes::splat(c_dt);
                    let base = Wave { re: c_dt.mul_add(v.re, flux.re), im: c_dt.mul_add(v.im, flux.im) };
                    flux = propagator.flux.times(base);
                }
            }
            for p in 0..PORTS {
                if let Some(place) = leaving[p].get_mut(step) {
                    *place = v.minus(u[p]).minus(next[p]);
                }
            }
            now = next;
        }
        (state.v, state.flux) = (v, flux);
        state.u[..PORTS].copy_from_slice(&u);
    }
}
