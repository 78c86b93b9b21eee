//! Fields as random processes: coloured Gaussian noise whose every sample stands for a symmetrically ordered field.
//!
//! Truncated Wigner: a field with spectrum `S(w)` up to a cutoff becomes
//!
//! ```text
//! xi(t_n) = sum_k sqrt(S(w_k) dw) (x_k cos w_k t_n + y_k sin w_k t_n),   dw = 2 pi/(N dt)
//! ```
//!
//! with independent normal `x_k`, `y_k`: Gaussian, of correlation `int S cos(w tau) dw` for every lag well below the
//! period `N dt`. One transform makes a whole run of it. Between steps it is a straight line, and the method of time
//! stepping answers a frequency `w` not as the circuit does: each amplitude is multiplied by the ratio of the two
//! ([`step_response`]), so that at the conductances given the voltage is right at every frequency.
//!
//! Ours. Source for the method: C. W. Gardiner, P. Zoller, Quantum Noise (2004), chapter 4.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use num_complex::{Complex32, Complex64};
use pulp::{Simd, WithSimd};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use realfft::{ComplexToReal, RealFftPlanner};

use crate::circuit::{Circuit, MAX_PORTS};
use crate::integrate::langevin::STAGE;

/// Amplitudes of a coloured noise at the frequencies of a run.
#[derive(Debug, Clone)]
pub struct NoiseFilter {
    amplitudes: Vec<Complex32>,
    n: usize,
}

impl NoiseFilter {
    /// Noise of spectrum `spectrum(w)` (one-sided: variance is its integral) up to `cutoff`, for `n` steps of `dt`,
    /// each frequency multiplied by `factor(w)`.
    pub fn new(
        n: usize,
        dt: f64,
        cutoff: f64,
        spectrum: impl Fn(f64) -> f64,
        factor: impl Fn(f64) -> Complex64,
    ) -> Self {
        let step = std::f64::consts::TAU / (n as f64 * dt);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of frequencies")]
        let count = ((cutoff / step).floor() as usize + 1).min(n / 2 + 1);
        let amplitude = |k: usize| {
            let omega = k as f64 * step;
            // The trapezoidal rule: half of the first and of what is beyond the last. White noise of spectrum S then
            // has its full weight in slow variables: kT/C for a resistor and a capacitor.
            let width = if k == 0 {
                0.5
            } else if k + 1 == count {
                0.5 + (cutoff / step).fract()
            } else {
                1.0
            };
            let size = (spectrum(omega) * step * width).sqrt();
            // The transform makes twice the real part of a coefficient. What turns by half a circle in a step, or not at
            // all, has no partner: it counts once, and its real part alone.
            let alone = k == 0 || 2 * k == n;
            let z = factor(omega.max(1e-3 * step)) * size * if alone { 1.0 } else { 0.5 };
            #[expect(clippy::cast_possible_truncation, reason = "a sample needs no more digits")]
            Complex32::new(z.re as f32, z.im as f32)
        };
        Self { amplitudes: (0..count).map(amplitude).collect(), n }
    }
}

/// Makes noise: transforms and working memory.
pub struct NoiseSynthesizer {
    transform: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
    words: Vec<u8>,
    normals: Vec<Complex32>,
    n: usize,
}

impl NoiseSynthesizer {
    /// For runs of `n` steps.
    pub fn new(n: usize) -> Self {
        let transform = RealFftPlanner::new().plan_fft_inverse(n);
        Self {
            spectrum: transform.make_input_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            words: Vec::new(),
            normals: Vec::new(),
            n,
        }
    }

    /// One sample of a noise into `out`, whose length is the run's.
    ///
    /// # Panics
    /// If `colour` or `out` are of another length.
    pub fn paint(&mut self, colour: &NoiseFilter, random: &mut ChaCha8Rng, out: &mut [f32]) {
        assert!(colour.n == self.n && out.len() == self.n, "noise is made for runs of one length");
        let count = colour.amplitudes.len();
        self.normal_pairs(random, count);
        let zero = Complex32::new(0.0, 0.0);
        for ((place, amplitude), normal) in self.spectrum.iter_mut().zip(&colour.amplitudes).zip(&self.normals) {
            *place = amplitude * normal;
        }
        self.spectrum[count..].fill(zero);
        // What has no partner is real.
        self.spectrum[0].im = 0.0;
        if self.n.is_multiple_of(2) {
            self.spectrum[self.n / 2].im = 0.0;
        }
        self.transform
            .process_with_scratch(&mut self.spectrum, out, &mut self.scratch)
            .unwrap_or_else(|error| unreachable!("lengths are the plan's own: {error}"));
    }

    /// `count` independent pairs of normal numbers, for what is drawn once a run.
    pub fn normals(&mut self, random: &mut ChaCha8Rng, count: usize) -> &[Complex32] {
        self.normal_pairs(random, count);
        &self.normals
    }

    /// `count` pairs of independent normal numbers, by Box and Muller from one word each.
    fn normal_pairs(&mut self, random: &mut ChaCha8Rng, count: usize) {
        self.words.resize(8 * count, 0);
        random.fill_bytes(&mut self.words);
        self.normals.resize(count, Complex32::new(0.0, 0.0));
        let (words, normals) = (&self.words, &mut self.normals);
        pulp::Arch::new().dispatch(BoxMuller { words, normals });
    }
}

/// A type of its own so that it is compiled for the machine's vectors.
struct BoxMuller<'a> {
    words: &'a [u8],
    normals: &'a mut [Complex32],
}

impl WithSimd for BoxMuller<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (normal, word) in self.normals.iter_mut().zip(self.words.as_chunks::<8>().0) {
            let [a, b, c, d, e, f, g, h] = *word;
            *normal = box_muller(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        }
    }
}

/// Two independent normal numbers from two words.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "the digits that a single number holds are enough")]
fn box_muller(radius: u32, angle: u32) -> Complex32 {
    // In (0, 1]: never 0.
    let u = (radius as f32 + 1.0) * (1.0 / 4_294_967_296.0);
    let size = (-2.0 * natural_log(u)).sqrt();
    // In [-1/2, 1/2).
    let turn = angle.cast_signed() as f32 * (1.0 / 4_294_967_296.0);
    let (sin, cos) = sine_cosine(turn);
    Complex32::new(size * cos, size * sin)
}

/// `ln u` for positive `u`, to a few units of the last place.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "an exponent is small")]
fn natural_log(u: f32) -> f32 {
    let bits = u.to_bits();
    // Mantissa between 1/sqrt 2 and sqrt 2.
    let shifted = bits.wrapping_sub(0x3f35_04f3);
    let exponent = shifted.cast_signed() >> 23;
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    // 2 artanh(z) = ln((1 + z)/(1 - z)).
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let z2 = z * z;
    let series = (((2.0 / 9.0) * z2 + 2.0 / 7.0) * z2 + 2.0 / 5.0) * z2 + 2.0 / 3.0;
    (exponent as f32).mul_add(std::f32::consts::LN_2, z * z2.mul_add(series, 2.0))
}

/// Sine and cosine of `2 pi turn` for `|turn| <= 1/2`.
#[inline(always)]
fn sine_cosine(turn: f32) -> (f32, f32) {
    // To within an eighth of a turn of a multiple of a quarter.
    const ROUND: f32 = 12_582_912.0;
    let shifted = turn.mul_add(4.0, ROUND);
    let quarter = shifted - ROUND;
    let x = quarter.mul_add(-0.25, turn) * std::f32::consts::TAU;
    let x2 = x * x;
    let sin = x * ((((1.0 / 362_880.0) * x2 - 1.0 / 5040.0) * x2 + 1.0 / 120.0) * x2 - 1.0 / 6.0).mul_add(x2, 1.0);
    let cos = ((((1.0 / 40_320.0) * x2 - 1.0 / 720.0) * x2 + 1.0 / 24.0) * x2 - 0.5).mul_add(x2, 1.0);
    let number = shifted.to_bits();
    let (a, b) = if number & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let sign = |flip: bool, value: f32| if flip { -value } else { value };
    (sign(number & 2 != 0, a), sign((number.wrapping_add(1)) & 2 != 0, b))
}

/// What drives a circuit: for [`step_response`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// A current into the node.
    Node,
    /// A wave that arrives at the port of this place.
    Port(usize),
}

/// Response of V to a unit drive `e^{-iwt}` at conductance `g`: of the circuit, and of the method of
/// [`crate::integrate::langevin`] with steps of `dt` and the drive a straight line within each.
pub fn step_response(circuit: &Circuit, g: f64, dt: f64, omega: f64, into: Into) -> (Complex64, Complex64) {
    let z = circuit.impedance(g, omega).conj();
    let exact = match into {
        Into::Node => z,
        Into::Port(place) => {
            let port = circuit.ports().nth(place).map(|(_, port)| port);
            port.map_or(Complex64::ZERO, |port| 2.0 * z * port.admittance(omega).conj())
        }
    };
    let n = 1 + circuit.ports().count();
    let column = |state: usize, from: f64, to: f64| -> DVector<f64> {
        let mut x = vec![0.0; n];
        if state < n {
            x[state] = 1.0;
        }
        DVector::from_vec(one_step(circuit, g, dt, &x, into, from, to))
    };
    let matrix = DMatrix::from_columns(&(0..n).map(|state| column(state, 0.0, 0.0)).collect::<Vec<_>>());
    let (from, to) = (column(n, 1.0, 0.0), column(n, 0.0, 1.0));
    let turn = Complex64::from_polar(1.0, -omega * dt);
    let system = DMatrix::identity(n, n) * turn - matrix.map(Complex64::from);
    let drive = from.map(Complex64::from) + to.map(Complex64::from) * turn;
    let stepped = system.lu().solve(&drive).map_or(Complex64::ZERO, |x| x[0]);
    (exact, stepped)
}

/// One step of the circuit `(V, u_1, ..)` at a held conductance, the drive going from `from` to `to`.
fn one_step(circuit: &Circuit, g: f64, dt: f64, x: &[f64], into: Into, from: f64, to: f64) -> Vec<f64> {
    let node = STAGE * dt / circuit.capacitance;
    let ports: Vec<(f64, f64, f64)> = circuit
        .ports()
        .map(|(_, port)| {
            let rate = STAGE * dt / (port.impedance * port.capacitance);
            let damping = 1.0 / (1.0 + rate);
            (rate, damping, damping / port.impedance)
        })
        .collect();
    let g = g + circuit.sense_conductance();
    let total = 1.0 + node * (g + ports.iter().map(|port| port.2).sum::<f64>());
    let mut now = x.to_vec();
    for (stage, at) in [STAGE, 1.0].into_iter().enumerate() {
        if stage == 1 {
            let onward = (1.0 - STAGE) / STAGE;
            for (value, start) in now.iter_mut().zip(x) {
                *value = onward * (*value - start) + start;
            }
        }
        let drive = from + at * (to - from);
        let mut twice = [0.0; MAX_PORTS];
        let mut inflow = 0.0;
        match into {
            Into::Node => inflow = drive,
            Into::Port(place) => twice[place] = 2.0 * drive,
        }
        for (p, port) in ports.iter().enumerate() {
            inflow += port.2 * (now[1 + p] + twice[p]);
        }
        now[0] = (now[0] + node * inflow) / total;
        for (p, port) in ports.iter().enumerate() {
            now[1 + p] = (now[1 + p] + port.0 * (now[0] - twice[p])) * port.1;
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn the_elementary_functions_agree_to_single_precision() {
        for k in 1..20_000_u32 {
            let u = k as f32 / 20_000.0;
            assert!((natural_log(u) - u.ln()).abs() < 3e-7 * (1.0 + u.ln().abs()), "ln {u}");
            let turn = u - 0.5;
            let (sin, cos) = sine_cosine(turn);
            let exact = (std::f64::consts::TAU * f64::from(turn)).sin_cos();
            assert!((f64::from(sin) - exact.0).abs() < 1e-6 && (f64::from(cos) - exact.1).abs() < 1e-6, "{turn}");
        }
    }

    #[test]
    fn normal_numbers_have_the_moments_of_normal_numbers() {
        let mut painter = NoiseSynthesizer::new(8);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        painter.normal_pairs(&mut random, 1 << 20);
        let n = f64::from(1 << 21);
        let values = || painter.normals.iter().flat_map(|z| [f64::from(z.re), f64::from(z.im)]);
        let moment = |power: i32| values().map(|x| x.powi(power)).sum::<f64>() / n;
        // Five standard errors of each.
        assert!(moment(1).abs() < 5.0 / n.sqrt());
        assert!((moment(2) - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!(moment(3).abs() < 5.0 * (15.0 / n).sqrt());
        assert!((moment(4) - 3.0).abs() < 5.0 * (96.0 / n).sqrt());
        let crossed: f64 = painter.normals.iter().map(|z| f64::from(z.re * z.im)).sum::<f64>() / (n / 2.0);
        assert!(crossed.abs() < 5.0 / (n / 2.0).sqrt());
    }

    #[test]
    fn noise_has_the_correlation_of_its_spectrum() {
        // S = w up to 20: variance 200, correlation by its integral.
        let (n, dt, cutoff) = (2048, 0.02, 20.0);
        let colour = NoiseFilter::new(n, dt, cutoff, |omega| omega, |_| Complex64::ONE);
        let mut painter = NoiseSynthesizer::new(n);
        let mut out = vec![0.0; n];
        let lags = [0, 3, 10, 25];
        let mut sums = [0.0; 4];
        let samples = 400;
        for sample in 0..samples {
            let mut random = ChaCha8Rng::seed_from_u64(3);
            random.set_stream(sample);
            painter.paint(&colour, &mut random, &mut out);
            for (sum, lag) in sums.iter_mut().zip(lags) {
                let products = (0..n).map(|k| f64::from(out[k]) * f64::from(out[(k + lag) % n]));
                *sum += products.sum::<f64>() / (n as f64 * samples as f64);
            }
        }
        for (sum, lag) in sums.into_iter().zip(lags) {
            let t = lag as f64 * dt;
            let exact: f64 =
                (0..20_000).map(|k| (f64::from(k) + 0.5) * 1e-3).map(|w| w * (w * t).cos() * 1e-3).sum();
            assert!((sum - exact).abs() < 3.0, "lag {lag}: {sum} against {exact}");
        }
    }

    #[test]
    fn a_slow_drive_is_answered_alike_and_a_fast_one_is_not() {
        use crate::circuit::{Channels, Inputs};
        use crate::port::Port;
        let circuit = Circuit {
            capacitance: 1.0,
            channels: Channels::single(1.0, None),
            output: Some(Port { capacitance: 0.3, impedance: 3.0 }),
            inputs: Inputs::one(Port { capacitance: 1.0, impedance: 3.0 }),
            sense: None,
        };
        for into in [Into::Node, Into::Port(0), Into::Port(1)] {
            let off = |omega: f64| {
                let (exact, stepped) = step_response(&circuit, 0.7, 0.01, omega, into);
                (stepped / exact - 1.0).norm()
            };
            assert!(
                off(1.0) < 1e-4 && off(10.0) < 5e-3 && off(200.0) > 1e-2,
                "{} {} {}",
                off(1.0),
                off(10.0),
                off(200.0)
            );
            // Second order.
            assert!((3.0..5.0).contains(&(off(20.0) / off(10.0))));
        }
    }
}
