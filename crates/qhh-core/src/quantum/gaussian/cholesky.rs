//! Cholesky factor of a large symmetric matrix, in blocks.
//!
//! `sigma = L L^T`. Panels of columns are factored one column after the other; what is left is updated by products of
//! matrices, which run at the speed of the arithmetic and not of the memory (nalgebra's own factorisation does not).

use nalgebra::DMatrix;

/// Columns factored before the rest of the matrix is updated.
const PANEL: usize = 64;
/// Columns of the rest updated by one product.
const STRIPE: usize = 192;

/// The lower triangular `L` with `matrix = L L^T`; reads the lower triangle alone.
///
/// # Errors
/// The column whose pivot is not above zero: the matrix is not positive definite in double precision.
pub(super) fn factor(matrix: &DMatrix<f64>) -> Result<DMatrix<f64>, usize> {
    let n = matrix.nrows();
    let mut l = matrix.clone();
    for first in (0..n).step_by(PANEL) {
        let last = (first + PANEL).min(n);
        factor_panel(l.as_mut_slice(), n, first, last)?;
        let panel = l.view((last, first), (n - last, last - first)).into_owned();
        let across = panel.transpose();
        for start in (0..n - last).step_by(STRIPE) {
            let width = STRIPE.min(n - last - start);
            l.view_mut((last + start, last + start), (n - last - start, width)).gemm(
                -1.0,
                &panel.rows(start, n - last - start),
                &across.columns(start, width),
                1.0,
            );
        }
    }
    l.fill_upper_triangle(0.0, 1);
    Ok(l)
}

/// Factors columns `first..last` of the `n` rows long columns in `l`, from whose rest earlier panels are taken off.
fn factor_panel(l: &mut [f64], n: usize, first: usize, last: usize) -> Result<(), usize> {
    for j in first..last {
        let (before, from_j) = l.split_at_mut(j * n);
        let column = &mut from_j[j..n];
        for earlier in before[first * n..].chunks_exact(n) {
            let factor = earlier[j];
            column.iter_mut().zip(&earlier[j..]).for_each(|(x, y)| *x -= factor * y);
        }
        let pivot = column[0];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(j);
        }
        let root = pivot.sqrt();
        for x in column {
            *x /= root;
        }
    }
    Ok(())
}
