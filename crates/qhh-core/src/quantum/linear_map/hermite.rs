//! Superpositions of number states in phase space: Hermite polynomials of two quadratures times a Gaussian.
//!
//! The operator `sum_mn s^m t^n/sqrt(m! n!) |m><n|` has a Gaussian for a Wigner function, with the complex mean
//! `(alpha, beta) = ((s + t)/sqrt 2, (s - t)/(i sqrt 2))` and the factor `e^{st}`, `st = (alpha^2 + beta^2)/2`. A linear
//! map `M` and Gaussian noise keep it one: with `Sigma` what they make of the vacuum, its exponent is
//! `-zeta^T Sigma^{-1} zeta/2 + v . (alpha, beta) + (alpha, beta) (1 - B) (alpha, beta)^T/2`,
//! `v = M^T Sigma^{-1} zeta`, `B = M^T Sigma^{-1} M` between 0 and 2. In the frame where `B` is diagonal it falls into two
//! factors, each the generating function of Hermite polynomials `h_j` with
//! `sqrt(j + 1) h_{j+1} = y h_j + (1 - b) sqrt(j) h_{j-1}`, stable for any noise. What belongs to `|m><n|` is a sum over
//! `j + k = m + n` of `h_j h_k` with the coefficients of a balanced beam splitter, orthogonal matrices: nothing cancels
//! but bounded terms, no photon number is truncated, and neither the bare input nor a lost one is a special case.
//!
//! Source: V. V. Dodonov, O. V. Man'ko, V. I. Man'ko, Phys. Rev. A 50, 813 (1994) for polynomials of this kind. Ours: the
//! way through the orthogonal coefficients; recurrences in `m` and `n` lose ten digits at thirty photons.

use std::collections::BTreeMap;

use nalgebra::{Matrix2, RowVector2, SymmetricEigen, Vector2};
use num_complex::Complex64;

/// The quadratic form of one map, or of one marginal of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Angle of the frame in which the form is diagonal.
    angle: f64,
    /// What is multiplied with `zeta` to give `y`, in that frame.
    rows: [RowVector2<f64>; 2],
    /// Eigenvalues of `B`.
    b: [f64; 2],
}

impl Form {
    /// Of `x` and `p`: `matrix` maps the input's quadratures, `precision` is `Sigma^{-1}`.
    pub(super) fn of_plane(matrix: &Matrix2<f64>, precision: &Matrix2<f64>) -> Self {
        Self::new(matrix.transpose() * precision * matrix, &(matrix.transpose() * precision))
    }

    /// Of one quadrature, `zeta.x`, with the row of the matrix that gives it and the variance of the vacuum along it.
    pub(super) fn of_line(row: RowVector2<f64>, variance: f64) -> Self {
        let column = row.transpose() / variance;
        Self::new(column * row, &Matrix2::from_columns(&[column, Vector2::zeros()]))
    }

    fn new(b: Matrix2<f64>, v: &Matrix2<f64>) -> Self {
        let eigen = SymmetricEigen::new((b + b.transpose()) * 0.5);
        let first: Vector2<f64> = eigen.eigenvectors.column(0).into();
        let second = Vector2::new(-first.y, first.x);
        Self {
            angle: first.y.atan2(first.x),
            rows: [first.transpose() * v, second.transpose() * v],
            b: [eigen.eigenvalues[0].clamp(0.0, 2.0), eigen.eigenvalues[1].clamp(0.0, 2.0)],
        }
    }
}

/// A superposition of number states, seen through a form.
#[derive(Debug, Clone)]
pub(super) struct Polynomial {
    form: Form,
    /// Largest photon number.
    most: usize,
    /// `1/sqrt(j + 1)` and `sqrt(j/(j + 1))`, which the recurrence of `h_j` needs at every point.
    steps: Vec<(f64, f64)>,
    /// For each `j + k` that occurs, the coefficients of `h_j h_k` by `j`.
    parts: Vec<(usize, Vec<f64>)>,
}

impl Polynomial {
    pub(super) fn new(form: Form, terms: &BTreeMap<u32, Complex64>) -> Self {
        let most = terms.keys().last().copied().unwrap_or(0) as usize;
        let mut amplitudes = vec![Complex64::ZERO; most + 1];
        for (&n, c) in terms {
            amplitudes[n as usize] = c * Complex64::cis(-form.angle * f64::from(n));
        }
        let parts = (0..=2 * most)
            .filter_map(|total| {
                // The products c_m c_n* with m + n = total, by m.
                let first = total.saturating_sub(most);
                let products: Vec<Complex64> =
                    (first..=total.min(most)).map(|m| amplitudes[m] * amplitudes[total - m].conj()).collect();
                let any = products.iter().any(|c| *c != Complex64::ZERO);
                any.then(|| (total, (0..=total).map(|j| coefficient(total, j, first, &products)).collect()))
            })
            .collect();
        let step = |j: usize| (1.0 / (j as f64 + 1.0).sqrt(), (j as f64 / (j as f64 + 1.0)).sqrt());
        Self { form, most, steps: (0..2 * most).map(step).collect(), parts }
    }

    /// The largest photon number.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// `sum_mn c_m c_n* G_mn` at `zeta` off the mean, times `peak e^{-exponent}`, the Gaussian there.
    pub(super) fn evaluate(&self, zeta: Vector2<f64>, peak: f64, exponent: f64) -> f64 {
        let y = [(self.form.rows[0] * zeta)[0], (self.form.rows[1] * zeta)[0]];
        // Each factor with its share of the Gaussian, so that both are bounded.
        let b = self.form.b[0];
        let share = if b > 1e-12 { (0.5 * y[0] * y[0] / b).min(exponent) } else { 0.0 };
        let first = polynomials(y[0], 1.0 - b, &self.steps, (-share).exp());
        let second = polynomials(y[1], 1.0 - self.form.b[1], &self.steps, peak * (share - exponent).exp());
        let part = |total: usize, by_j: &[f64]| -> f64 {
            by_j.iter().zip(&first).zip(second[..=total].iter().rev()).map(|((c, h), k)| c * h * k).sum()
        };
        self.parts.iter().map(|(total, by_j)| part(*total, by_j)).sum()
    }
}

/// `h_j` from `h_0 = start` on.
fn polynomials(y: f64, a: f64, steps: &[(f64, f64)], start: f64) -> Vec<f64> {
    let mut h = Vec::with_capacity(steps.len() + 1);
    h.push(start);
    let (mut before, mut now) = (0.0, start);
    for (up, down) in steps {
        (before, now) = (now, y * up * now + a * down * before);
        h.push(now);
    }
    h
}

/// Coefficient of `h_j h_k`, `k = total - j`, of products of amplitudes by `m` from `first` on.
///
/// `(s + t)^j (s - t)^k/sqrt(2^(j + k) j! k!) = sum_m kappa_m s^m t^n/sqrt(m! n!)`, and `beta^k` brings `(-i)^k`.
/// As functions of `m` the `kappa` obey `(j - k) kappa_m = sqrt(m (n + 1)) kappa_{m-1} + sqrt((m + 1) n) kappa_{m+1}`,
/// which is followed from the edge, where they are smallest, to the middle; beyond they repeat with the sign `(-1)^k`.
fn coefficient(total: usize, j: usize, first: usize, products: &[Complex64]) -> f64 {
    let k = total - j;
    let size = total as f64;
    // kappa_0 = (-1)^k sqrt(binomial(total, j)/2^total), in factors that stay in range.
    let (few, mut square) = (j.min(k), 0.5f64.powi(i32::try_from(total).unwrap_or(i32::MAX)));
    for i in 0..few {
        square *= (size - i as f64) / (i as f64 + 1.0);
    }
    let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    let middle = total / 2;
    let mut kappa = Vec::with_capacity(middle + 2);
    kappa.push(sign * square.sqrt());
    let difference = j as f64 - k as f64;
    for m in 0..middle {
        let m_size = m as f64;
        let below = if m > 0 { (m_size * (size - m_size + 1.0)).sqrt() * kappa[m - 1] } else { 0.0 };
        kappa.push((difference * kappa[m] - below) / ((m_size + 1.0) * (size - m_size)).sqrt());
    }
    let value = |m: usize| if m <= middle { kappa[m] } else { sign * kappa[total - m] };
    let sum: Complex64 = products.iter().zip(first..).map(|(c, m)| c * value(m)).sum();
    // Times (-i)^k; the sum's other part vanishes, since m and n stand for each other's conjugates.
    match k % 4 {
        0 => sum.re,
        1 => sum.im,
        2 => -sum.re,
        _ => -sum.im,
    }
}
