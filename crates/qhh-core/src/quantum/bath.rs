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
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Angular frequency.
    pub omega: f64,
    /// Weight of the integral over angular frequency.
    pub weight: f64,
    /// Weights of two sums that vanish for all that the rule has frequencies to spare for: the weight times its two
    /// highest Legendre polynomials, of unit mean square. How large they are tells what the rule may miss.
    pub null: [f64; 2],
}

/// A sharp resonance of a circuit, a pole at `omega - i rate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resonance {
    /// Angular frequency.
    pub omega: f64,
    /// Rate at which it dies out, above zero.
    pub rate: f64,
}

/// The rule of `n` points of Gauss and Legendre: `at` makes a frequency and its weight of a point on [-1, 1] and its weight.
fn gauss_legendre(n: usize, at: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Node> {
    let rule = GaussLegendre::new(NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN));
    let points: Vec<f64> = rule.nodes().copied().collect();
    // k P_k = (2k - 1) x P_{k-1} - (k - 1) P_{k-2}, of all points together: at one alone each waits for the one before.
    let (mut before, mut last) = (vec![0.0; points.len()], vec![1.0; points.len()]);
    for k in 1..n {
        let k = k as f64;
        for ((before, last), x) in before.iter_mut().zip(&mut last).zip(&points) {
            (*before, *last) = (*last, ((2.0 * k - 1.0) * x * *last - (k - 1.0) * *before) / k);
        }
    }
    let of = |((x, weight), (before, last)): ((&f64, &f64), (f64, f64))| {
        let (omega, weight) = at(*x, *weight);
        let unit = |polynomial: f64, degree: f64| weight * polynomial * (2.0 * degree + 1.0).max(0.0).sqrt();
        Node { omega, weight, null: [unit(last, n as f64 - 1.0), unit(before, n as f64 - 2.0)] }
    };
    points.iter().zip(rule.weights()).zip(before.into_iter().zip(last)).map(of).collect()
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

    /// Mean number of thermal quanta of a mode at `omega`, `1/(e^{hbar w/kT} - 1)`.
    pub fn quanta(&self, omega: f64) -> f64 {
        if self.thermal_energy == 0.0 { 0.0 } else { 0.5 * self.excess_energy(omega) / self.vacuum_energy(omega) }
    }

    /// Part of its carrier below which a packet is taken to have no quanta: there `n` grows as `1/w`, and the spectrum of
    /// a packet slow against its carrier has next to nothing.
    pub const LEAST: f64 = 0.01;

    /// Mean number of thermal quanta that a packet picks out of a line, `int |xi(w)|^2 n(w) dw`: those of all frequencies
    /// of its spectrum count alike, as in the modes of outgoing waves.
    ///
    /// `carrier` and `bandwidth`, the standard deviation of `|xi(w)|^2`, are angular frequencies. [`Bath::quanta`] at the
    /// carrier for narrow packets; for a bandwidth of an eighth of a carrier of `hbar w0 = 2 kT` 5 % more. The integral begins
    /// at [`Bath::LEAST`] of the carrier.
    pub fn quanta_in(&self, carrier: f64, bandwidth: f64) -> f64 {
        let low = (carrier - BAND * bandwidth).max(Self::LEAST * carrier);
        let high = (carrier + BAND * bandwidth).min(self.cutoff).max(low);
        let density = |omega: f64| {
            let x = (omega - carrier) / bandwidth;
            (-0.5 * x * x).exp() / (bandwidth * std::f64::consts::TAU.sqrt()) * self.quanta(omega)
        };
        let nodes = linear_rule(low, high, BAND_NODES);
        nodes.iter().map(|node| node.weight * density(node.omega)).sum()
    }

    /// Frequencies and weights that integrate a circuit's noise from 0 to the cutoff to rounding.
    ///
    /// `slowest` is the smallest decay rate of the circuit. Gauss-Legendre in `s` with `w = a sinh s`; with `a` no
    /// larger than any rate (the Matsubara frequency included) the integrand is analytic in a strip of half-width
    /// pi/2, which fixes how many points a given accuracy takes.
    pub fn nodes(&self, slowest: f64) -> Vec<Node> {
        sinh_nodes(self.scale(slowest), self.cutoff)
    }

    /// The same of a circuit with resonances whose rates `slowest` leaves out.
    pub fn nodes_near(&self, slowest: f64, resonances: &[Resonance]) -> Vec<Node> {
        let map = Map { a: self.scale(slowest), b: f64::INFINITY, resonances };
        let span = map.place(self.cutoff);
        map.rule((0.0, span), enough(span))
    }

    /// The same with a given number of frequencies.
    pub fn some_nodes(&self, slowest: f64, n: usize) -> Vec<Node> {
        let a = self.scale(slowest);
        sinh_rule(a, (0.0, (self.cutoff / a).asinh()), n)
    }

    /// Frequencies that fringes `e^{i w span}` take beside those of a circuit, `w_c span/2` and a tenth more.
    pub fn fringes(&self, span: f64) -> usize {
        let n = 0.55 * self.cutoff * span;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and in bounds")]
        let n = n.min(1e9).ceil() as usize;
        n
    }

    /// The same with the frequencies around each carrier resolved besides: `bands` are carriers and the standard
    /// deviations of the spectra of envelopes, `apart` is the longest difference of times at which they are compared; and
    /// with fringes `e^{i w span}` resolved.
    ///
    /// Two envelopes that lie `apart` make the integrand turn as `e^{i w apart}`. A band of width `b` gets 40
    /// frequencies, and `b apart/2` more: twice as many as Gauss-Legendre takes to integrate that turning. The other `n`
    /// are shared out among the stretches between bands. Of these go [`Bath::fringes`] to the fringes, half at most: they
    /// are even in `s = asinh(w/a) + w/b`, of which the second part spaces them evenly in frequency. Resonances, whose rates
    /// `slowest` leaves out, draw some to themselves.
    pub fn nodes_with_bands(
        &self,
        (slowest, resonances): (f64, &[Resonance]),
        n: usize,
        span: f64,
        (bands, apart): (&[(f64, f64)], f64),
    ) -> Vec<Node> {
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
        let fringes = self.fringes(span);
        let even = Map { a, b: f64::INFINITY, resonances };
        let b = if fringes == 0 {
            f64::INFINITY
        } else {
            let rest = n.saturating_sub(fringes).max(n / 2) as f64;
            rest / (n as f64 - rest).max(1.0) * self.cutoff / even.place(self.cutoff)
        };
        let map = Map { b, ..even };
        let whole = map.place(self.cutoff);
        let mut nodes = Vec::new();
        let mut from = 0.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of n")]
        let mut stretch = |from: f64, to: f64| {
            let (low, high) = (map.place(from), map.place(to));
            if high > low {
                let share = (n as f64 * (high - low) / whole).ceil() as usize;
                let share = if bands.is_empty() { n } else { share + EXTRA };
                nodes.extend(map.rule((low, high), share));
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
        let turns = |width: f64| (0.5 * width * apart.max(1.1 * span)).ceil() as usize;
        nodes.extend(
            merged
                .iter()
                .flat_map(|&(low, high, parts)| linear_rule(low, high, parts * BAND_NODES + turns(high - low))),
        );
        nodes.sort_by(|x, y| x.omega.total_cmp(&y.omega));
        nodes
    }

    /// The same for a line of its own temperature, if it has one.
    #[must_use]
    pub fn of_line(self, thermal_energy: Option<f64>) -> Self {
        Self { thermal_energy: thermal_energy.unwrap_or(self.thermal_energy), ..self }
    }

    /// The first Matsubara frequency, `2 pi kT/hbar`, a rate that frequencies are laid by; infinite at zero temperature.
    pub fn matsubara(&self) -> f64 {
        let matsubara = std::f64::consts::TAU * self.thermal_energy / self.hbar;
        if matsubara > 0.0 && matsubara.is_finite() { matsubara } else { f64::INFINITY }
    }

    fn scale(&self, slowest: f64) -> f64 {
        slowest.min(self.matsubara())
    }
}

/// Gauss-Legendre nodes from 0 to `upper` in `s`, `w = a sinh s`; see [`Bath::nodes`].
pub(crate) fn sinh_nodes(a: f64, upper: f64) -> Vec<Node> {
    let span = (upper / a).asinh();
    sinh_rule(a, (0.0, span), enough(span))
}

/// Points that integrate to rounding what is analytic in a strip of half-width pi/2 about so long a stretch.
fn enough(span: f64) -> usize {
    // Bernstein ellipse through the edge of the strip: the error falls as rho^(-2n).
    let b = std::f64::consts::PI / span;
    let rho = b + (1.0 + b * b).sqrt();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 12 and 400")]
    let n = ((1e15f64).ln() / (2.0 * rho.ln()) + 8.0).clamp(12.0, 400.0) as usize;
    n
}

/// Standard deviations of a spectrum that a band reaches to either side.
const BAND: f64 = 6.0;
/// Frequencies in a band, for each of the bands that it is made of.
const BAND_NODES: usize = 40;
/// Frequencies that a stretch beside a band has more than its share.
const EXTRA: usize = 8;

/// Gauss-Legendre nodes between two frequencies.
pub fn linear_rule(low: f64, high: f64, n: usize) -> Vec<Node> {
    let half = 0.5 * (high - low);
    gauss_legendre(n, |x, weight| (low + half * (1.0 + x), half * weight))
}

/// Gauss-Legendre nodes in `s` between two places, `w = a sinh s`.
pub fn sinh_rule(a: f64, (low, high): (f64, f64), n: usize) -> Vec<Node> {
    Map { a, b: f64::INFINITY, resonances: &[] }.rule((low, high), n)
}

/// How frequencies are spaced: evenly in `s = asinh(w/a) + w/b`, and `asinh((w - w_r)/rate)` of each resonance.
#[derive(Debug, Clone, Copy)]
struct Map<'a> {
    a: f64,
    b: f64,
    resonances: &'a [Resonance],
}

impl Map<'_> {
    fn place(self, omega: f64) -> f64 {
        let near = |of: &Resonance| ((omega - of.omega) / of.rate).asinh() + (of.omega / of.rate).asinh();
        (omega / self.a).asinh() + omega / self.b + self.resonances.iter().map(near).sum::<f64>()
    }

    /// Change of the place with the frequency.
    fn slope(self, omega: f64) -> f64 {
        let near = |of: &Resonance| 1.0 / of.rate.hypot(omega - of.omega);
        1.0 / self.a.hypot(omega) + 1.0 / self.b + self.resonances.iter().map(near).sum::<f64>()
    }

    /// The frequency at a place, and its change with it.
    fn at(self, s: f64) -> (f64, f64) {
        let Self { a, b, resonances } = self;
        let alone = a * s.sinh();
        if !resonances.is_empty() {
            return self.between(s);
        }
        if b.is_infinite() {
            return (alone, a * s.cosh());
        }
        let slope = |omega: f64| self.slope(omega);
        // The place is concave in the frequency: Newton's steps rise to it from below.
        let mut omega = 0.0;
        for _ in 0..200 {
            let next = omega + (s - self.place(omega)) / slope(omega);
            let done = (next - omega).abs() <= 1e-15 * next.abs();
            omega = next;
            if done {
                break;
            }
        }
        (omega, 1.0 / slope(omega))
    }

    /// The same by Newton's steps within bounds that close in.
    fn between(self, s: f64) -> (f64, f64) {
        let (mut low, mut high) = (0.0, self.a);
        while self.place(high) < s {
            (low, high) = (high, 2.0 * high);
        }
        let mut omega = 0.5 * (low + high);
        for _ in 0..200 {
            let off = self.place(omega) - s;
            if off > 0.0 {
                high = omega;
            } else {
                low = omega;
            }
            let newton = omega - off / self.slope(omega);
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            let done = (next - omega).abs() <= 1e-15 * next.abs();
            omega = next;
            if done {
                break;
            }
        }
        (omega, 1.0 / self.slope(omega))
    }

    /// Gauss-Legendre nodes between two places.
    fn rule(self, (low, high): (f64, f64), n: usize) -> Vec<Node> {
        let half = 0.5 * (high - low);
        gauss_legendre(n, |x, weight| {
            let (omega, change) = self.at(low + half * (1.0 + x));
            (omega, half * weight * change)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `int_0^wc w e^{i w tau}/(w^2 + 1) dw` against a fine trapezoidal sum, with and without the fringes' frequencies.
    #[test]
    fn fringes_are_resolved_where_their_span_is_told() {
        let bath = Bath { hbar: 1.0, thermal_energy: 0.0, cutoff: 100.0 };
        let tau = 7.3;
        let density = |omega: f64| omega * (omega * tau).cos() / (omega * omega + 1.0);
        let sum = |nodes: Vec<Node>| nodes.iter().map(|node| node.weight * density(node.omega)).sum::<f64>();
        let n: i32 = 4_000_000;
        let step = bath.cutoff / f64::from(n);
        let ends = 0.5 * (density(0.0) + density(bath.cutoff));
        let exact = step * ((1..n).map(|k| density(f64::from(k) * step)).sum::<f64>() + ends);
        let fringes = bath.fringes(tau);
        assert_eq!(fringes, 402);
        let with = sum(bath.nodes_with_bands((1.0, &[]), 48 + fringes, tau, (&[], 0.0)));
        let without = sum(bath.nodes_with_bands((1.0, &[]), 48, 0.0, (&[], 0.0)));
        assert!((with - exact).abs() < 1e-7, "{with} and {exact}");
        assert!((without - exact).abs() > 1e-2, "{without} and {exact}");
        // The weights still add up to the cutoff, bands included.
        let all: f64 =
            bath.nodes_with_bands((1.0, &[]), 64, tau, (&[(20.0, 0.5)], 0.0)).iter().map(|node| node.weight).sum();
        assert!((all - 100.0).abs() < 1e-3, "{all}");
    }

    /// `int_0^wc dw/((w - w_r)^2 + rate^2)` of two sharp resonances, whose antiderivative is known, and the weights' sum.
    #[test]
    fn resonances_are_resolved_where_they_are_told() {
        let bath = Bath { hbar: 1.0, thermal_energy: 0.0, cutoff: 100.0 };
        let resonances = [Resonance { omega: 0.586, rate: 4e-4 }, Resonance { omega: 3.0, rate: 0.1 }];
        // 1/((w - w_r)^2 + g^2).
        let density = |omega: f64| -> f64 {
            resonances.iter().map(|of| 1.0 / ((omega - of.omega).powi(2) + of.rate.powi(2))).sum()
        };
        let of = |of: &Resonance| (((100.0 - of.omega) / of.rate).atan() + (of.omega / of.rate).atan()) / of.rate;
        let exact: f64 = resonances.iter().map(of).sum();
        let off =
            |nodes: &[Node]| nodes.iter().map(|node| node.weight * density(node.omega)).sum::<f64>() / exact - 1.0;
        let (near, few) =
            (bath.nodes_near(0.5, &resonances), bath.nodes_with_bands((0.5, &resonances), 96, 0.0, (&[], 0.0)));
        assert!(off(&near).abs() < 1e-12, "{:e} by {} frequencies", off(&near), near.len());
        assert!(off(&few).abs() < 1e-6, "{:e}", off(&few));
        assert!(off(&bath.nodes(4e-4)).abs() > 0.1);
        let all: f64 = few.iter().map(|node| node.weight).sum();
        assert!((all - 100.0).abs() < 1e-4, "{all}");
    }
}
