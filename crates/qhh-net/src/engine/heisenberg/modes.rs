//! Modes of the waves that leave: how each depends on every line, and the moments that follow.
//!
//! ```text
//! b = (2/(hbar w0 Z))^(1/2) int f*(t) e^{i w0 t} B(t) dt = sum_p int dw [mu_p(w) a_p(w) + nu_p(w) a_p*(w)]
//! ```
//!
//! with `B` of every line `U e^{-iwt} a + h.c.`. Conductances that change within a cycle of the carrier bring in `nu`.
//!
//! A wave of one quantum is as large as `sqrt w`, so that the formula, exact at the carrier, counts quanta that leave at `w`
//! with `sqrt(w/w0)`. For the noise of lines the envelope's spectrum is weighted by the inverse: `b` is then the mode with the
//! spectrum of its envelope, in which quanta of all frequencies count alike, and `[b, b*] = 1` whatever happens to
//! waves on their way. What packets become is followed by the envelope itself, as their mean is, from carrier to carrier.

use std::f64::consts::PI;
use std::ops::Range;

use nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{MODES, Turning, Wave, add_overlap};
use qhh_core::source::Packet;
use serde::{Deserialize, Serialize};

/// A mode that leaves through a row.
#[derive(Debug, Clone)]
pub(super) struct OutgoingMode {
    pub(super) row: usize,
    pub(super) carrier: f64,
    /// `(2/(hbar w0 Z))^(1/2) f* dt` at each step, half of it at both ends of the run.
    envelope: Vec<Complex64>,
    /// The same of [`Packet::counting`].
    counting: Vec<Complex64>,
}

impl OutgoingMode {
    pub(super) fn new(row: usize, packet: &Packet, hbar: f64, impedance: f64, dt: f64, n_steps: usize) -> Self {
        // Of one quantum: sqrt(hbar w0 Z/2).
        let factor = dt / packet.wave(hbar, impedance);
        let scaled = |(step, value): (usize, Complex64)| {
            let edge = if step == 0 || step == n_steps { 0.5 } else { 1.0 };
            // Nothing where rounding does not see it beside the peak.
            let is_seen = value.norm() > SEEN * packet.at(packet.centre);
            if is_seen { edge * factor * value.conj() } else { Complex64::ZERO }
        };
        let envelope = (0..=n_steps).map(|step| (step, packet.at(step as f64 * dt).into())).map(scaled);
        let reach = packet.reach(dt, n_steps);
        let mut counting = vec![Complex64::ZERO; n_steps + 1];
        for (step, value) in reach.clone().zip(packet.counting(dt, reach)) {
            counting[step] = scaled((step, value));
        }
        Self { row, carrier: packet.carrier, envelope: envelope.collect(), counting }
    }

    /// The mode's amplitude in a wave known at every step.
    pub(super) fn amplitude(&self, wave: &[f64], dt: f64) -> Complex64 {
        let turned = |step: usize| Complex64::from_polar(1.0, self.carrier * step as f64 * dt);
        let steps = self.envelope.iter().zip(wave).enumerate().filter(|(_, (f, _))| **f != Complex64::ZERO);
        steps.map(|(step, (f, b))| turned(step) * (f * b)).sum()
    }
}

/// Part of an envelope's peak below which it counts as gone.
const SEEN: f64 = 1e-15;

/// In what modes are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The noise of lines.
    Lines,
    /// Packets with the carrier that is given as their frequency.
    Packets,
}

/// Coefficients of the modes in a few lines at a few frequencies.
#[derive(Debug)]
pub(super) struct Coefficients<'a> {
    modes: &'a [OutgoingMode],
    of: Of,
    omega: [f64; MODES],
    dt: f64,
    n_lines: usize,
    /// By mode.
    turned: Vec<Turned>,
    /// `[mode][line]`: coefficients of `a` and of `a*`.
    mu: Vec<Wave>,
    nu: Vec<Wave>,
}

/// A mode's envelope in a window, turned by the carrier less and plus each frequency: common to all lines.
#[derive(Debug, Default)]
struct Turned {
    /// Steps it is known at.
    span: Range<usize>,
    /// Steps since the phase was last made anew.
    age: usize,
    down: Side,
    up: Side,
}

#[derive(Debug, Default)]
struct Side {
    turning: Turning,
    envelope: Vec<Wave>,
    sum: Wave,
}

/// Steps after which rounding in a phase is done away with.
const FRESH: usize = 1024;

impl Turned {
    fn window(
        &mut self,
        (carrier, envelope): (f64, &[Complex64]),
        span: Range<usize>,
        omega: &[f64; MODES],
        dt: f64,
    ) {
        if self.span == span {
            return;
        }
        let goes_on = self.span.end == span.start && self.age > 0 && self.age < FRESH;
        self.age = if goes_on { self.age + span.len() } else { span.len() };
        for (side, sign) in [(&mut self.down, -1.0), (&mut self.up, 1.0)] {
            if !goes_on {
                let turn = |t: f64| {
                    Wave::from_fn(|lane| {
                        let omega = carrier + sign * omega[lane];
                        // Turning by more than half a circle in a step: no envelope slow against its carrier has such
                        // parts.
                        if (omega * dt).abs() > PI {
                            Complex64::ZERO
                        } else {
                            Complex64::from_polar(1.0, omega * t)
                        }
                    })
                };
                side.turning = Turning { at: turn(span.start as f64 * dt), step: turn(dt) };
            }
            side.sum = side.turning.envelope(&envelope[span.clone()], &mut side.envelope);
        }
        self.span = span;
    }
}

impl<'a> Coefficients<'a> {
    pub(super) fn new(
        modes: &'a [OutgoingMode],
        (of, n_lines): (Of, usize),
        omega: [f64; MODES],
        dt: f64,
    ) -> Self {
        let zero = vec![Wave::default(); modes.len() * n_lines];
        let turned = modes.iter().map(|_| Turned::default()).collect();
        Self { modes, of, omega, dt, n_lines, turned, mu: zero.clone(), nu: zero }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.modes.is_empty()
    }

    pub(super) fn follows(&self, row: usize) -> bool {
        self.modes.iter().any(|mode| mode.row == row)
    }

    /// Takes in what left through a row: at the start of step `first` and the end of each.
    pub(super) fn take(&mut self, row: usize, line: usize, first: usize, waves: &[Wave]) {
        // The start of a window is the end of the one before.
        let skip = usize::from(first > 0);
        let waves = &waves[skip..];
        self.each(row, line, first + skip..first + skip + waves.len(), |turned, into| {
            add_overlap(into, (&turned.down.envelope, &turned.up.envelope), waves);
        });
    }

    /// The same of a wave that does not change for `n` steps.
    pub(super) fn take_still(&mut self, row: usize, line: usize, first: usize, n: usize, wave: Wave) {
        let skip = usize::from(first > 0);
        self.each(row, line, first + skip..first + n + 1, |turned, into| {
            add_overlap(into, (&[turned.down.sum], &[turned.up.sum]), &[wave]);
        });
    }

    fn each(
        &mut self,
        row: usize,
        line: usize,
        span: Range<usize>,
        mut add: impl FnMut(&Turned, (&mut Wave, &mut Wave)),
    ) {
        for (place, mode) in self.modes.iter().enumerate().filter(|(_, mode)| mode.row == row) {
            let envelope = if self.of == Of::Lines { &mode.counting } else { &mode.envelope };
            if envelope[span.clone()].iter().all(|f| *f == Complex64::ZERO) {
                continue;
            }
            let turned = &mut self.turned[place];
            turned.window((mode.carrier, envelope), span.clone(), &self.omega, self.dt);
            let at = place * self.n_lines + line;
            add(turned, (&mut self.mu[at], &mut self.nu[at]));
        }
    }

    /// The coefficients at one frequency: `(mu, nu)` by mode, a quantum of any frequency counted alike. Packets are taken to
    /// leave with their carrier.
    pub(super) fn at(&self, line: usize, lane: usize) -> Vec<(Complex64, Complex64)> {
        let one = |(place, mode): (usize, &OutgoingMode)| {
            let quanta = if self.of == Of::Lines { 1.0 } else { (mode.carrier / self.omega[lane]).sqrt() };
            let at = place * self.n_lines + line;
            (self.mu[at].get(lane) * quanta, self.nu[at].get(lane) * quanta)
        };
        self.modes.iter().enumerate().map(one).collect()
    }
}

/// Moments of modes, added up line by line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModeMoments {
    /// `<b_j* b_k> - <b_j*><b_k>`.
    pub(crate) n: DMatrix<Complex64>,
    /// `<b_j b_k> - <b_j><b_k>`.
    pub(crate) m: DMatrix<Complex64>,
    /// `[b_j, b_k*]`.
    pub(crate) commutator: DMatrix<Complex64>,
}

impl ModeMoments {
    pub(super) fn zero(modes: usize) -> Self {
        let zero = DMatrix::zeros(modes, modes);
        Self { n: zero.clone(), m: zero.clone(), commutator: zero }
    }

    /// Whether these are of as many modes as `other`.
    pub(super) fn fits(&self, other: &Self) -> bool {
        [&self.n, &self.m, &self.commutator].iter().all(|matrix| matrix.shape() == other.n.shape())
    }

    /// Adds operators of strength `weight`, in a state of `photons` quanta, that the modes hold by these coefficients.
    pub(super) fn add(&mut self, coefficients: &[(Complex64, Complex64)], weight: f64, photons: f64) {
        for (j, (mu_j, nu_j)) in coefficients.iter().enumerate() {
            for (k, (mu_k, nu_k)) in coefficients.iter().enumerate() {
                let (down, up) = (mu_j.conj() * mu_k, nu_j.conj() * nu_k);
                self.n[(j, k)] += weight * (down * photons + up * (photons + 1.0));
                self.m[(j, k)] += weight * (mu_j * nu_k * (photons + 1.0) + nu_j * mu_k * photons);
                self.commutator[(j, k)] += weight * (mu_j * mu_k.conj() - nu_j * nu_k.conj());
            }
        }
    }

    /// The same of creation operators, such as an amplifier's noise.
    pub(super) fn add_created(&mut self, coefficients: &[(Complex64, Complex64)], weight: f64, photons: f64) {
        let turned: Vec<_> = coefficients.iter().map(|&(mu, nu)| (nu, mu)).collect();
        self.add(&turned, weight, photons);
    }

    /// Adds another sum.
    pub(super) fn plus(&mut self, other: &Self) {
        self.n += &other.n;
        self.m += &other.m;
        self.commutator += &other.commutator;
    }
}
