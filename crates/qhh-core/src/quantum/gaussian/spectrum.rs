//! Symplectic eigenvalues of covariance matrices, and Williamson's form.
//!
//! With `sigma = L L^T` the matrix `K = L^T Omega L` is real and antisymmetric and has the eigenvalues `+-i nu`, the
//! moduli of those of `Omega sigma`, none of which is squared on the way. A partial transposition turns the sign of
//! some `p`, which leaves the factor alone and turns signs within `Omega`: `K = sum_k s_k (x_k^T p_k - p_k^T x_k)` with
//! the rows `x_k`, `p_k` of `L`.
//!
//! Accuracy: an error of some units in the last place of the covariance's largest entry, in each eigenvalue. That is
//! what the covariance itself, rounded, leaves open: a two-mode squeezed vacuum keeps `e^{-2r}` to `1e-16 e^{4r}`,
//! relatively, 11 digits at `r = 3` (26 dB).
//!
//! Source: J. Williamson, Am. J. Math. 58, 141 (1936); R. Simon, S. Chaturvedi, V. Srinivasan, J. Math. Phys. 40, 3632
//! (1999). Ours: the way through `K`.

use nalgebra::{DMatrix, SymmetricEigen};
use num_complex::Complex64;

use super::{Gaussian, cholesky, skew};
use crate::quantum::QuantumError;

/// Rows and columns of a block of products that skip the zeros of triangular factors.
const BLOCK: usize = 256;

impl Gaussian {
    /// Symplectic eigenvalues in increasing order, one a mode; 1/2 in a pure state.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn symplectic_eigenvalues(&self) -> Result<Vec<f64>, QuantumError> {
        symplectic(self.covariance(), &vec![false; self.modes()])
    }

    /// How far the smallest symplectic eigenvalue is below 1/2, the vacuum's; 0 where the uncertainty relation holds.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where no symplectic eigenvalues exist.
    pub fn uncertainty_defect(&self) -> Result<f64, QuantumError> {
        Ok(self.symplectic_eigenvalues()?.first().map_or(0.0, |nu| (0.5 - nu).max(0.0)))
    }

    /// Williamson's form: a symplectic `S` and `nu` in increasing order with
    /// `sigma = S diag(nu_1, nu_1, nu_2, nu_2, ..) S^T`.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn williamson(&self) -> Result<(DMatrix<f64>, Vec<f64>), QuantumError> {
        let factor = factor(self.covariance())?;
        let n = factor.nrows();
        let k = antisymmetric(&factor, &vec![false; n / 2]);
        // i K is Hermitian; of each pair +-nu the eigenvector of +nu is (u + i v)/sqrt 2 with K v = -nu u.
        let hermitian = DMatrix::from_fn(n, n, |i, j| {
            Complex64::new(0.0, if i > j { k[(i, j)] } else { -k[(j, i)] } * f64::from(u8::from(i != j)))
        });
        let eigen = SymmetricEigen::new(hermitian);
        let mut order: Vec<usize> = (0..n).filter(|&j| eigen.eigenvalues[j] > 0.0).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        let mut basis = DMatrix::zeros(n, n);
        for (mode, &j) in order.iter().enumerate() {
            let scale = (2.0 / eigen.eigenvalues[j]).sqrt();
            for i in 0..n {
                let z = eigen.eigenvectors[(i, j)];
                basis[(i, 2 * mode)] = z.im * scale;
                basis[(i, 2 * mode + 1)] = z.re * scale;
            }
        }
        Ok((factor * basis, order.iter().map(|&j| eigen.eigenvalues[j]).collect()))
    }
}

/// Symplectic eigenvalues of a covariance whose named modes have `p` reversed, in increasing order.
pub(super) fn symplectic(covariance: &DMatrix<f64>, reversed: &[bool]) -> Result<Vec<f64>, QuantumError> {
    Ok(skew::eigenvalues(antisymmetric(&factor(covariance)?, reversed)))
}

/// Cholesky factor of a covariance.
pub(super) fn factor(covariance: &DMatrix<f64>) -> Result<DMatrix<f64>, QuantumError> {
    cholesky::factor(covariance).map_err(|quadrature| QuantumError::NotPositive { quadrature })
}

/// Lower triangle of `L^T Omega L`, `Omega` with the signs of reversed modes turned.
fn antisymmetric(factor: &DMatrix<f64>, reversed: &[bool]) -> DMatrix<f64> {
    let n = factor.nrows();
    let modes = n / 2;
    let x = DMatrix::from_fn(n, modes, |i, k| if reversed[k] { -factor[(2 * k, i)] } else { factor[(2 * k, i)] });
    let p = DMatrix::from_fn(modes, n, |k, i| factor[(2 * k + 1, i)]);
    let mut product = DMatrix::zeros(n, n);
    for row in (0..n).step_by(BLOCK) {
        for column in (0..n).step_by(BLOCK) {
            // Mode k reaches no column of L beyond 2k + 1.
            let first = row.max(column) / 2;
            let (height, width) = (BLOCK.min(n - row), BLOCK.min(n - column));
            product.view_mut((row, column), (height, width)).gemm(
                1.0,
                &x.view((row, first), (height, modes - first)),
                &p.view((first, column), (modes - first, width)),
                0.0,
            );
        }
    }
    for column in 0..n {
        for row in column + 1..n {
            product[(row, column)] -= product[(column, row)];
        }
    }
    product
}
