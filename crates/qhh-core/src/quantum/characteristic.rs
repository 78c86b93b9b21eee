//! Symmetrically ordered characteristic function of a mode, `chi(lambda) = <exp(lambda a* - lambda* a)>`, in closed form.
//!
//! The Fourier transform of the Wigner function: `chi` of a sum of independent modes is the product of theirs, which
//! is why noise and loss are simple here. `chi(0) = 1`, `|chi| <= 1`, `chi(-lambda) = chi(lambda)*`.
//!
//! Gaussian states: `exp(lambda <a>* - lambda* <a> - (n + 1/2)|lambda|^2 + Re(m* lambda^2))`. Number states:
//! `<j + k|D(lambda)|j> = lambda^k sqrt(j!/(j + k)!) L_j^k(|lambda|^2) e^{-|lambda|^2/2}`.
//!
//! Source: K. E. Cahill, R. J. Glauber, Phys. Rev. 177, 1857 (1969).

use num_complex::Complex64;

use super::{Parity, State};
use crate::state::number_states;

impl State {
    /// `<exp(lambda a* - lambda* a)>`, dimensionless like `lambda`.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::State;
    ///
    /// let lambda = Complex64::new(0.6, 0.8);
    /// assert!((State::Vacuum.characteristic(lambda).re - (-0.5f64).exp()).abs() < 1e-15);
    /// // One photon: (1 - |lambda|^2) exp(-|lambda|^2/2).
    /// assert!(State::Fock { n: 1 }.characteristic(lambda).norm() < 1e-15);
    /// ```
    pub fn characteristic(&self, lambda: Complex64) -> Complex64 {
        match self {
            Self::Vacuum | Self::Coherent(_) | Self::Squeezed { .. } | Self::Thermal { .. } => {
                let moments = self.moments();
                let square = (moments.m.conj() * lambda * lambda).re - (moments.n + 0.5) * lambda.norm_sqr();
                let phase = 2.0 * (lambda * moments.mean.conj()).im;
                Complex64::from_polar(square.exp(), phase)
            }
            Self::Fock { n } => laguerre_function(*n, 0, lambda.norm_sqr()).into(),
            Self::Cat { amplitude, parity } => cat(*amplitude, *parity, lambda).into(),
            Self::Superposition(_) => {
                let Some(terms) = number_states(self) else { return Complex64::new(f64::NAN, f64::NAN) };
                let (direction, square) = (Complex64::from_polar(1.0, lambda.arg()), lambda.norm_sqr());
                let mut sum = Complex64::ZERO;
                for (&row, c) in &terms {
                    for (&column, d) in terms.range(..=row) {
                        let k = row - column;
                        let size = laguerre_function(column, k, square);
                        // <column|D|row> is <row|D|column> with lambda -> -lambda*.
                        let below = c.conj() * d * direction.powu(k) * size;
                        let above = d.conj() * c * (-direction.conj()).powu(k) * size;
                        sum += if k == 0 { below } else { below + above };
                    }
                }
                sum
            }
        }
    }
}

/// `(e^{-|l|^2/2} cos(2 Im l alpha*) +- (e^{-|l - 2 alpha|^2/2} + e^{-|l + 2 alpha|^2/2})/2)/(1 +- e^{-2 |alpha|^2})`.
fn cat(alpha: Complex64, parity: Parity, lambda: Complex64) -> f64 {
    let product = lambda * alpha.conj();
    let envelope = (-0.5 * lambda.norm_sqr()).exp();
    let overlap_gap = (-2.0 * alpha.norm_sqr()).exp_m1();
    if parity == Parity::Odd && product.re.abs() < 0.5 && alpha.norm_sqr() < 1.0 {
        // Small cats: both parts of the numerator tend to 1, and their difference must not be lost.
        let away = 2.0 * product.im.sin().powi(2);
        let between = overlap_gap * (2.0 * product.re).cosh() + 2.0 * product.re.sinh().powi(2);
        return envelope * (away + between) / overlap_gap;
    }
    let hump = |sign: f64| (-0.5 * (lambda + alpha * (2.0 * sign)).norm_sqr()).exp();
    let own = envelope * (2.0 * product.im).cos();
    let between = 0.5 * (hump(1.0) + hump(-1.0));
    match parity {
        Parity::Even => (own + between) / (2.0 + overlap_gap),
        Parity::Odd => -(own - between) / overlap_gap,
    }
}

/// `sqrt(j!/(j + k)!) x^{k/2} L_j^k(x) e^{-x/2}`, of size 1 at most, by its recurrence in `j`.
fn laguerre_function(j: u32, k: u32, x: f64) -> f64 {
    if x == 0.0 {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    // Its first value may be below the range of numbers: the logarithm of a factor is carried along.
    let log_factorial: f64 = (1..=k).map(|i| f64::from(i).ln()).sum();
    let mut log = 0.5 * (f64::from(k) * x.ln() - log_factorial - x);
    let k = f64::from(k);
    let (mut before, mut now) = (0.0, 1.0);
    for i in 0..j {
        let i = f64::from(i);
        let next =
            ((2.0 * i + 1.0 + k - x) * now - (i * (i + k)).sqrt() * before) / ((i + 1.0) * (i + 1.0 + k)).sqrt();
        (before, now) = (now, next);
        if now.abs() > 1e100 {
            (before, now) = (before * 1e-100, now * 1e-100);
            log += 100.0 * std::f64::consts::LN_10;
        }
    }
    now * log.exp()
}
