//! Frequencies and weights of a line's noise, from 0 to the cutoff.
//!
//! A line of impedance `Z` carries `A(t) = int_0^inf dw sqrt(hbar w Z/4 pi) [a(w) e^{-iwt} + h.c.]`; temperature
//! multiplies every second moment by `coth(hbar w/2kT)`. A channel's noise current is `2A/Z` with `Z = 1/g`. How
//! strong the noise is stands here; what the circuit makes of it is [`super::variance`]'s business.
//!
//! Paper: the lines. Ours: the cutoff `w_c` as a parameter of the network. The variance of the voltage grows with the
//! logarithm of `w_c` (and with its square while `w_c` is below the circuit's own rates): the cutoff is the
//! frequency at which the device stops being a resistor, its plasma or gap frequency.

use std::num::NonZeroUsize;

use gauss_quad::GaussLegendre;

/// Strength and extent of the noise of every line, in one coherent unit system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bath {
    /// Reduced Planck constant (uF mV² ms in `hodgkin-huxley` units).
    pub hbar: f64,
    /// `k_B T` (uF mV²).
    pub thermal_energy: f64,
    /// Cutoff `w_c` (rad/ms).
    pub cutoff: f64,
}

/// A frequency of the integral over noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Angular frequency.
    pub omega: f64,
    /// Weight of the integral over angular frequency.
    pub weight: f64,
}

impl Bath {
    /// `hbar w coth(hbar w/2kT)`, the spectrum at `omega`.
    pub fn energy(&self, omega: f64) -> f64 {
        self.vacuum_energy(omega) + self.excess_energy(omega)
    }

    /// `hbar w`, the spectrum of the vacuum at `omega`.
    pub fn vacuum_energy(&self, omega: f64) -> f64 {
        self.hbar * omega
    }

    /// `hbar w (coth(hbar w/2kT) - 1)`, what temperature adds to it; `2 kT` where `hbar w` is far below `kT`.
    pub fn excess_energy(&self, omega: f64) -> f64 {
        if self.thermal_energy == 0.0 {
            return 0.0;
        }
        let x = self.hbar * omega / self.thermal_energy;
        2.0 * self.thermal_energy * if x == 0.0 { 1.0 } else { x / x.exp_m1() }
    }

    /// Frequencies and weights that integrate a circuit's noise from 0 to the cutoff to rounding.
    ///
    /// `slowest` is the smallest decay rate of the circuit. Gauss-Legendre in `s` with `w = a sinh s`; with `a` no
    /// larger than any rate (the Matsubara frequency included) the integrand is analytic in a strip of half-width
    /// pi/2, which fixes how many points a given accuracy takes.
    pub fn nodes(&self, slowest: f64) -> Vec<Node> {
        sinh_nodes(self.scale(slowest), self.cutoff)
    }

    /// The same with a given number of frequencies.
    pub fn some_nodes(&self, slowest: f64, n: usize) -> Vec<Node> {
        let a = self.scale(slowest);
        sinh_rule(a, (0.0, (self.cutoff / a).asinh()), n)
    }

    /// The same with the frequencies around each carrier resolved besides: `bands` are carriers and the standard
    /// deviations of the spectra of envelopes, `span` is the longest difference of times that is compared.
    ///
    /// Two envelopes that lie `span` apart make the integrand turn as `e^{i w span}`. A band of width `b` gets 40
    /// frequencies, and `b span/2` more: twice as many as Gauss-Legendre takes to integrate that turning. The other `n`
    /// are shared out among the stretches between bands.
    pub fn nodes_with_bands(&self, slowest: f64, n: usize, bands: &[(f64, f64)], span: f64) -> Vec<Node> {
        let a = self.scale(slowest);
        let mut ranges: Vec<(f64, f64)> = bands
            .iter()
            .map(|(carrier, sigma)| ((carrier - BAND * sigma).max(0.0), (carrier + BAND * sigma).min(self.cutoff)))
            .filter(|(low, high)| high > low)
            .collect();
        ranges.sort_by(|x, y| x.0.total_cmp(&y.0));
        // Bands that touch are one.
        let mut merged: Vec<(f64, f64, usize)> = Vec::new();
        for (low, high) in ranges {
            match merged.last_mut().filter(|last| low <= last.1) {
                Some(last) if high > last.1 => *last = (last.0, high, last.2 + 1),
                Some(_) => {}
                None => merged.push((low, high, 1)),
            }
        }
        let whole = (self.cutoff / a).asinh();
        let mut nodes = Vec::new();
        let mut from = 0.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of n")]
        let mut stretch = |from: f64, to: f64| {
            let (low, high) = ((from / a).asinh(), (to / a).asinh());
            if high > low {
                let share = (n as f64 * (high - low) / whole).ceil() as usize;
                let share = if bands.is_empty() { n } else { share + EXTRA };
                nodes.extend(sinh_rule(a, (low, high), share));
            }
        };
        for &(low, high, _) in &merged {
            stretch(from, low);
            from = high;
        }
        stretch(from, self.cutoff);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by the cutoff and the run"
        )]
        let turns = |width: f64| (0.5 * width * span).ceil() as usize;
        nodes.extend(
            merged
                .iter()
                .flat_map(|&(low, high, parts)| linear_rule(low, high, parts * BAND_NODES + turns(high - low))),
        );
        nodes.sort_by(|x, y| x.omega.total_cmp(&y.omega));
        nodes
    }

    fn scale(&self, slowest: f64) -> f64 {
        let matsubara = std::f64::consts::TAU * self.thermal_energy / self.hbar;
        if matsubara > 0.0 && matsubara.is_finite() { slowest.min(matsubara) } else { slowest }
    }
}

/// Gauss-Legendre nodes from 0 to `upper` in `s`, `w = a sinh s`; see [`Bath::nodes`].
pub(crate) fn sinh_nodes(a: f64, upper: f64) -> Vec<Node> {
    let span = (upper / a).asinh();
    // Bernstein ellipse through the edge of the strip: the error falls as rho^(-2n).
    let b = std::f64::consts::PI / span;
    let rho = b + (1.0 + b * b).sqrt();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 12 and 400")]
    let n = ((1e15f64).ln() / (2.0 * rho.ln()) + 8.0).clamp(12.0, 400.0) as usize;
    sinh_rule(a, (0.0, span), n)
}

/// Standard deviations of a spectrum that a band reaches to either side.
const BAND: f64 = 6.0;
/// Frequencies in a band, for each of the bands that it is made of.
const BAND_NODES: usize = 40;
/// Frequencies that a stretch beside a band has more than its share.
const EXTRA: usize = 8;

fn linear_rule(low: f64, high: f64, n: usize) -> Vec<Node> {
    let rule = GaussLegendre::new(NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN));
    let half = 0.5 * (high - low);
    let of = |(x, weight): (&f64, &f64)| Node { omega: low + half * (1.0 + x), weight: half * weight };
    rule.nodes().zip(rule.weights()).map(of).collect()
}

fn sinh_rule(a: f64, (low, high): (f64, f64), n: usize) -> Vec<Node> {
    let rule = GaussLegendre::new(NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN));
    let half = 0.5 * (high - low);
    rule.nodes()
        .zip(rule.weights())
        .map(|(x, weight)| {
            let s = low + half * (1.0 + x);
            Node { omega: a * s.sinh(), weight: half * weight * a * s.cosh() }
        })
        .collect()
}
