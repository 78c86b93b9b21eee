//! Information processing capacity: which functions of past inputs can be read off the features linearly.
//!
//! The capacity for a target is the share of its variance that the best linear readout explains, `1 - MSE/Var`. With
//! independent inputs, products of Legendre polynomials of inputs at several delays are orthogonal, and the capacities
//! of all of them add up to at most the number of linearly independent features (Dambre, Verstraeten, Schrauwen,
//! Massar, Sci. Rep. 2, 514 (2012)). Finite data make it hold on average only; ours: targets are made orthogonal on
//! the data, in the order of their degree, so that it holds exactly.
//!
//! A feature that knows nothing of a target explains a share of about N/T of it by chance (N features, T symbols).
//! Capacities below twice the value that chance exceeds once in ten thousand times count as none.

use nalgebra::DMatrix;

use super::scale::means;

/// A product of Legendre polynomials of past inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Degree of the polynomial at each delay that takes part: `(delay, degree)`, delays ascending.
    pub factors: Vec<(usize, u32)>,
}

impl Product {
    /// Sum of the degrees.
    pub fn degree(&self) -> u32 {
        self.factors.iter().map(|factor| factor.1).sum()
    }

    /// Longest delay.
    pub fn delay(&self) -> usize {
        self.factors.last().map_or(0, |factor| factor.0)
    }

    /// Its values from symbol `from` on, for inputs between -1 and 1; each factor has variance 1.
    fn values(&self, inputs: &[f64], from: usize) -> impl Iterator<Item = f64> {
        qhh_core::stop::check();
        (from..inputs.len())
            .map(|t| self.factors.iter().map(|&(delay, degree)| legendre(degree, inputs[t - delay])).product())
    }
}

/// `sqrt(2 k + 1) P_k(x)`.
fn legendre(k: u32, x: f64) -> f64 {
    let (mut before, mut at) = (1.0, x);
    if k == 0 {
        return 1.0;
    }
    for j in 1..k {
        let j = f64::from(j);
        (before, at) = (at, ((2.0 * j + 1.0) * x * at - j * before) / (j + 1.0));
    }
    (2.0 * f64::from(k) + 1.0).sqrt() * at
}

/// All products of degree `d` with delays up to `delays[d - 1]`, for every degree; degree by degree.
#[must_use]
pub fn products(delays: &[usize]) -> Vec<Product> {
    fn extend(from: usize, longest: usize, left: u32, so_far: &mut Vec<(usize, u32)>, all: &mut Vec<Product>) {
        if left == 0 {
            let mut factors = so_far.clone();
            factors.sort_unstable();
            all.push(Product { factors });
            return;
        }
        for delay in from..=longest {
            for degree in 1..=left {
                so_far.push((delay, degree));
                extend(delay + 1, longest, left - degree, so_far, all);
                so_far.pop();
            }
        }
    }
    let mut all = Vec::new();
    for (place, &longest) in delays.iter().enumerate() {
        let degree = u32::try_from(place + 1).unwrap_or(u32::MAX);
        let mut of_degree = Vec::new();
        extend(0, longest, degree, &mut Vec::new(), &mut of_degree);
        of_degree.sort_by_key(Product::delay);
        all.extend(of_degree);
    }
    all
}

/// Capacities of features for products of inputs, and what chance would give.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacities {
    /// One for each product; 0 below the threshold.
    pub values: Vec<f64>,
    /// The threshold.
    pub threshold: f64,
    /// Number of linearly independent features: the most that all can add up to.
    pub rank: usize,
}

impl Capacities {
    /// Of all products together.
    pub fn total(&self) -> f64 {
        self.values.iter().sum()
    }
}

/// Eigenvalues below this part of the largest count as none: combinations of features that do not occur.
const INDEPENDENT: f64 = 1e-12;

/// Products of the inputs of a series, ready to be made orthonormal: the same for every set of features.
#[derive(Debug, Clone)]
pub struct Products {
    centred: DMatrix<f64>,
    /// L of L L' = the products' inner products; none where there are more independent products than rows.
    factor: Option<DMatrix<f64>>,
}

impl Products {
    /// Of `products` from symbol `from` on.
    pub fn new(inputs: &[f64], from: usize, products: &[Product]) -> Self {
        let values = products.iter().flat_map(|product| product.values(inputs, from));
        let mut centred = DMatrix::from_iterator(inputs.len() - from, products.len(), values);
        let mean = means(&centred);
        for (mut column, mean) in centred.column_iter_mut().zip(mean.iter()) {
            column.add_scalar_mut(-mean);
        }
        let factor = centred.tr_mul(&centred).cholesky().map(|cholesky| cholesky.l());
        Self { centred, factor }
    }

    /// Capacities of `features`, one row for each input from symbol `from` on.
    #[must_use]
    pub fn capacities(&self, features: &DMatrix<f64>) -> Capacities {
        let (n_rows, n_products) = self.centred.shape();
        let scaled = super::scale::Scaler::fit(features).transform(features);
        let gram = scaled.tr_mul(&scaled).symmetric_eigen();
        let largest = gram.eigenvalues.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..gram.eigenvalues.len())
            .filter(|&k| gram.eigenvalues[k] > INDEPENDENT * largest.max(1e-300))
            .collect();
        let mut basis = gram.eigenvectors.select_columns(&kept);
        for (mut column, &k) in basis.column_iter_mut().zip(&kept) {
            column /= gram.eigenvalues[k].sqrt();
        }
        let rank = kept.len();
        let threshold = 2.0 * chance(rank) / n_rows as f64;
        let Some(factor) = &self.factor else {
            return Capacities { values: vec![f64::NAN; n_products], threshold, rank };
        };
        // L^-1 makes the targets orthonormal one after the other. A Cholesky factor has no zero on its diagonal.
        let mut shares = self.centred.tr_mul(&scaled) * basis;
        factor.solve_lower_triangular_mut(&mut shares);
        let of = |row: usize| {
            let share = shares.row(row).norm_squared();
            if share > threshold { share } else { 0.0 }
        };
        Capacities { values: (0..n_products).map(of).collect(), threshold, rank }
    }
}

/// Capacities of `features`, one row for each input from symbol `from` on.
#[must_use]
pub fn capacities(features: &DMatrix<f64>, inputs: &[f64], from: usize, products: &[Product]) -> Capacities {
    Products::new(inputs, from, products).capacities(features)
}

/// What a chi squared of so many degrees of freedom exceeds once in ten thousand times (Wilson and Hilferty, to a
/// hundredth of itself).
fn chance(freedom: usize) -> f64 {
    const NORMAL: f64 = 3.719;
    let n = freedom.max(1) as f64;
    let part = 2.0 / (9.0 * n);
    n * (1.0 - part + NORMAL * part.sqrt()).powi(3)
}
