//! Eigenvalues of a large real antisymmetric matrix: pairs `+-i nu`, found without squaring anything.
//!
//! Householder reflections make the matrix tridiagonal (its diagonal stays zero): `A -> A + v w^T - w v^T` with
//! `w = tau A v`, since `v^T A v = 0`. A panel of reflections is gathered before the rest of the matrix is updated by
//! one product, as LAPACK's `dsytrd` does for symmetric matrices; half of the matrix is stored and read. Half the work
//! is in the products `A v`, which read the matrix once for both triangles.
//!
//! The eigenvalues of the tridiagonal matrix with off-diagonals `t` are those of the symmetric one with `|t|` times
//! `i`, the Golub-Kahan form of a bidiagonal matrix whose singular values are the `nu`. Bisection by counts of signs
//! finds each of these to a few units in its own last place (Demmel, Kahan, SIAM J. Sci. Stat. Comput. 11, 873
//! (1990); Fernando, SIAM J. Matrix Anal. Appl. 20, 373 (1998)). What remains is the reflections' error, some
//! units in the last place of the largest eigenvalue.

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};

/// Reflections gathered before the rest of the matrix is updated.
const PANEL: usize = 32;
/// Columns of the rest updated by one product.
const STRIPE: usize = 192;
/// Rows taken together; arrays of this many become vector instructions.
const ROWS: usize = 8;
/// Columns multiplied in one pass over the rows.
const COLUMNS: usize = 8;
/// Eigenvalues bisected side by side.
const ABREAST: usize = 32;

/// The `nu >= 0` in increasing order, of an antisymmetric matrix of even size of which the lower triangle is read.
pub(super) fn eigenvalues(mut matrix: DMatrix<f64>) -> Vec<f64> {
    let off_diagonal = tridiagonal(&mut matrix);
    golub_kahan(&off_diagonal, matrix.nrows() / 2)
}

/// Off-diagonal of the tridiagonal matrix similar to this one, whose lower triangle is used up.
fn tridiagonal(matrix: &mut DMatrix<f64>) -> Vec<f64> {
    let n = matrix.nrows();
    let arch = pulp::Arch::new();
    let mut off_diagonal = Vec::with_capacity(n.saturating_sub(1));
    for first in (0..n.saturating_sub(1)).step_by(PANEL) {
        let width = PANEL.min(n - 1 - first);
        // V and W of the panel, side by side as [V, W], over the rows from `first` on.
        let rows = n - first;
        let mut v = vec![0.0; rows * width];
        let mut w = vec![0.0; rows * width];
        for k in 0..width {
            let column = first + k;
            let panel = Panel { rows, v: &v[..k * rows], w: &w[..k * rows] };
            let x = &mut matrix.as_mut_slice()[column * n..][first..n];
            panel.update_column(k, x);
            let mut direction = x.to_vec();
            let (tau, beta) = reflect(&mut direction[k + 1..]);
            direction[..=k].fill(0.0);
            off_diagonal.push(beta);
            let mut image = vec![0.0; rows];
            if tau != 0.0 {
                let work = Multiply {
                    a: matrix.as_slice(),
                    n,
                    offset: first,
                    first: k + 1,
                    v: &direction,
                    y: &mut image,
                };
                arch.dispatch(work);
                panel.add_product(&direction, &mut image);
                for y in &mut image {
                    *y *= tau;
                }
                image[..=k].fill(0.0);
            }
            v[k * rows..][..rows].copy_from_slice(&direction);
            w[k * rows..][..rows].copy_from_slice(&image);
        }
        update_rest(matrix, first, width, &v, &w);
    }
    off_diagonal
}

/// `A + V W^T - W V^T` on the lower triangle beyond the panel.
fn update_rest(matrix: &mut DMatrix<f64>, first: usize, width: usize, v: &[f64], w: &[f64]) {
    let n = matrix.nrows();
    let (begin, rows) = (first + width, n - first);
    let left = DMatrix::from_fn(n - begin, 2 * width, |i, k| {
        if k < width { v[k * rows + width + i] } else { -w[(k - width) * rows + width + i] }
    });
    let right = DMatrix::from_fn(2 * width, n - begin, |k, i| {
        if k < width { w[k * rows + width + i] } else { v[(k - width) * rows + width + i] }
    });
    for start in (0..n - begin).step_by(STRIPE) {
        let (height, across) = (n - begin - start, STRIPE.min(n - begin - start));
        matrix.view_mut((begin + start, begin + start), (height, across)).gemm(
            1.0,
            &left.rows(start, height),
            &right.columns(start, across),
            1.0,
        );
    }
}

/// Reflections gathered so far: columns of `rows` numbers.
struct Panel<'a> {
    rows: usize,
    v: &'a [f64],
    w: &'a [f64],
}

impl Panel<'_> {
    /// Brings the panel's column `k` up to date, below the diagonal.
    fn update_column(&self, k: usize, x: &mut [f64]) {
        for (v, w) in self.v.chunks_exact(self.rows).zip(self.w.chunks_exact(self.rows)) {
            let (vk, wk) = (v[k], w[k]);
            for ((x, v), w) in x[k + 1..].iter_mut().zip(&v[k + 1..]).zip(&w[k + 1..]) {
                *x += v * wk - w * vk;
            }
        }
    }

    /// Adds `(V W^T - W V^T) direction` to `image`.
    fn add_product(&self, direction: &[f64], image: &mut [f64]) {
        for (v, w) in self.v.chunks_exact(self.rows).zip(self.w.chunks_exact(self.rows)) {
            let (along_v, along_w) = (dot(v, direction), dot(w, direction));
            for ((y, v), w) in image.iter_mut().zip(v).zip(w) {
                *y += v * along_w - w * along_v;
            }
        }
    }
}

/// Scalar product, summed in [`ROWS`] parts.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut parts = [0.0; ROWS];
    let (a, b) = (a.chunks_exact(ROWS), b.chunks_exact(ROWS));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((part, a), b) in parts.iter_mut().zip(a).zip(b) {
            *part += a * b;
        }
    }
    parts.iter().sum::<f64>() + rest
}

/// Makes `x` the direction `v` (`v[0] = 1`) of the reflection `1 - tau v v^T` that takes it to `beta` times the first
/// axis; hands back `tau` and `beta`.
fn reflect(x: &mut [f64]) -> (f64, f64) {
    let head = x[0];
    let scale = x.iter().fold(0.0f64, |scale, x| scale.max(x.abs()));
    if scale == 0.0 || x[1..].iter().all(|x| *x == 0.0) {
        x[0] = 1.0;
        return (0.0, head);
    }
    let norm = scale * x.iter().map(|x| (x / scale) * (x / scale)).sum::<f64>().sqrt();
    let beta = -norm.copysign(head);
    let divisor = head - beta;
    x[1..].iter_mut().for_each(|x| *x /= divisor);
    x[0] = 1.0;
    ((beta - head) / beta, beta)
}

/// `y += A v` over the rows and columns from `offset + first` on, from the lower triangle of `A`.
struct Multiply<'a> {
    a: &'a [f64],
    n: usize,
    offset: usize,
    first: usize,
    v: &'a [f64],
    y: &'a mut [f64],
}

#[expect(clippy::inline_always, reason = "the loops must be compiled for the vector width of the dispatch")]
impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { a, n, offset, first, v, y } = self;
        let rows = n - offset;
        let column = |j: usize| &a[(offset + j) * n + offset..][..rows];
        let mut j = first;
        while j + COLUMNS <= rows {
            let block: [&[f64]; COLUMNS] = std::array::from_fn(|c| column(j + c));
            // The triangle on the diagonal, then what lies below it.
            for (c, column) in block.iter().enumerate() {
                for i in j + c + 1..j + COLUMNS {
                    y[i] += column[i] * v[j + c];
                    y[j + c] -= column[i] * v[i];
                }
            }
            below(block.map(|column| &column[j + COLUMNS..]), j, v, y);
            j += COLUMNS;
        }
        for j in j..rows {
            let column = column(j);
            for i in j + 1..rows {
                y[i] += column[i] * v[j];
                y[j] -= column[i] * v[i];
            }
        }
    }
}

/// Both triangles' shares of [`COLUMNS`] columns from row `j + COLUMNS` on.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn below(block: [&[f64]; COLUMNS], j: usize, v: &[f64], y: &mut [f64]) {
    let heads: [f64; COLUMNS] = std::array::from_fn(|c| v[j + c]);
    let (upper, y) = y.split_at_mut(j + COLUMNS);
    let v = &v[j + COLUMNS..];
    let chunks = v.len() / ROWS;
    let mut sums = [[0.0; ROWS]; COLUMNS];
    for chunk in 0..chunks {
        let at = chunk * ROWS;
        let v: &[f64; ROWS] = v[at..at + ROWS].try_into().expect("as long as it is cut");
        let y: &mut [f64; ROWS] = (&mut y[at..at + ROWS]).try_into().expect("as long as it is cut");
        let mut total = *y;
        for c in 0..COLUMNS {
            let a: &[f64; ROWS] = block[c][at..at + ROWS].try_into().expect("as long as it is cut");
            for i in 0..ROWS {
                total[i] = a[i].mul_add(heads[c], total[i]);
                sums[c][i] = a[i].mul_add(v[i], sums[c][i]);
            }
        }
        *y = total;
    }
    for c in 0..COLUMNS {
        let mut sum: f64 = sums[c].iter().sum();
        for i in chunks * ROWS..v.len() {
            y[i] += block[c][i] * heads[c];
            sum += block[c][i] * v[i];
        }
        upper[j + c] -= sum;
    }
}

/// The `count` non-negative eigenvalues of the symmetric tridiagonal matrix with zero diagonal and these off-diagonals.
fn golub_kahan(off_diagonal: &[f64], count: usize) -> Vec<f64> {
    let squares: Vec<f64> = off_diagonal.iter().map(|t| t * t).collect();
    // Gershgorin: no eigenvalue is beyond the largest sum of two neighbours.
    let top = off_diagonal.windows(2).map(|t| t[0].abs() + t[1].abs()).fold(0.0, f64::max);
    let top = off_diagonal.iter().fold(top, |top, t| top.max(t.abs())) * (1.0 + 1e-14);
    let arch = pulp::Arch::new();
    let mut found = vec![0.0; count];
    for (group, found) in found.chunks_mut(ABREAST).enumerate() {
        arch.dispatch(Bisect { squares: &squares, top, first: group * ABREAST, found });
    }
    found
}

/// Bisects the eigenvalues of index `first..` among the non-negative ones, up to [`ABREAST`] of them.
struct Bisect<'a> {
    squares: &'a [f64],
    top: f64,
    first: usize,
    found: &'a mut [f64],
}

#[expect(clippy::inline_always, reason = "as above")]
impl WithSimd for Bisect<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { squares, top, first, found } = self;
        let half = (squares.len() + 1) as f64 / 2.0;
        let (mut low, mut high) = ([0.0; ABREAST], [top; ABREAST]);
        // Enough halvings for any ratio; most leave at relative precision long before.
        for _ in 0..1100 {
            let middle: [f64; ABREAST] = std::array::from_fn(|k| 0.5 * (low[k] + high[k]));
            let below = counts(squares, &middle);
            let mut done = true;
            for k in 0..ABREAST {
                // As many eigenvalues are below a positive number as there are negative ones and those in between.
                if below[k] - half > (first + k) as f64 {
                    high[k] = middle[k];
                } else {
                    low[k] = middle[k];
                }
                done &= high[k] - low[k] <= 2.0 * f64::EPSILON * high[k] || high[k] < f64::MIN_POSITIVE;
            }
            if done {
                break;
            }
        }
        for (k, found) in found.iter_mut().enumerate() {
            *found = 0.5 * (low[k] + high[k]);
        }
    }
}

/// How many eigenvalues lie below each shift: signs of `q_1 = -x`, `q_{i+1} = -x - t_i^2/q_i`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn counts(squares: &[f64], shifts: &[f64; ABREAST]) -> [f64; ABREAST] {
    let mut q: [f64; ABREAST] = std::array::from_fn(|k| -shifts[k]);
    let mut below = [0.0; ABREAST];
    for k in 0..ABREAST {
        below[k] += if q[k] < 0.0 { 1.0 } else { 0.0 };
    }
    for square in squares {
        for k in 0..ABREAST {
            // A pivot of zero counts as a tiny negative one.
            let pivot = if q[k].abs() < f64::MIN_POSITIVE { -f64::MIN_POSITIVE } else { q[k] };
            q[k] = -shifts[k] - square / pivot;
            below[k] += if q[k] < 0.0 { 1.0 } else { 0.0 };
        }
    }
    below
}
