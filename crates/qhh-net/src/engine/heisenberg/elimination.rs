//! Sparse linear systems at several frequencies side by side: `(1 - M) x = b`, factored once and solved often.
//!
//! Gaussian elimination in an order of least degree (Tinney and Walker, Proc. IEEE 55, 1801 (1967)) with the pattern of
//! `M + M^T`. A row is never exchanged with another: for a passive network `1 - M` has a positive real part in the norm
//! of power, and every pivot of such a matrix is one. What rounding leaves is measured and taken away by refinement.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use qhh_core::integrate::lanes::Lanes;
use qhh_core::quantum::heisenberg::{MODES, Wave};
use qhh_core::stop;

/// Residual, relative, from which on a solution is refined once more, and refinements at most.
const ENOUGH: f64 = 1e-14;
const REFINEMENTS: usize = 3;

/// In which order unknowns are eliminated, and what is then not zero. Depends on the pattern of a matrix alone.
pub(super) struct Plan {
    /// Place of each unknown in the order, and the unknown at each place.
    place: Vec<u32>,
    unknown: Vec<u32>,
    /// By place: places after it that are not zero in its row and column, ascending.
    after: Vec<Vec<u32>>,
}

impl Plan {
    /// For `n` unknowns, from the places `(row, column)` off the diagonal that are not zero.
    pub(super) fn new(n: usize, entries: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut place = vec![0; n];
        let (mut unknown, mut after) = (Vec::with_capacity(n), Vec::with_capacity(n));
        eliminate(n, entries, |next, left| {
            place[next] = index(unknown.len());
            unknown.push(index(next));
            after.push(left);
            ControlFlow::Continue(())
        });
        for after in &mut after {
            for unknown in after.iter_mut() {
                *unknown = place[*unknown as usize];
            }
            after.sort_unstable();
        }
        Self { place, unknown, after }
    }
}

/// What factoring takes at each frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Size {
    /// Numbers that are kept.
    pub(crate) values: f64,
    /// Products of two numbers.
    pub(crate) products: f64,
}

impl Size {
    /// Products after which the rest is taken for dense, and not counted any more.
    const MOST: f64 = 3e8;

    /// For `n` unknowns, as [`Plan::new`].
    pub(crate) fn of(n: usize, entries: impl Iterator<Item = (u32, u32)>) -> Self {
        let (mut size, mut rest) = (Self::default(), n as f64);
        eliminate(n, entries, |_, left| {
            let degree = left.len() as f64;
            if 2.0 * degree > rest || size.products > Self::MOST {
                size.values += rest * rest;
                size.products += rest.powi(3) / 3.0;
                return ControlFlow::Break(());
            }
            size.values += 1.0 + 2.0 * degree;
            size.products += degree * (degree + 1.0);
            rest -= 1.0;
            ControlFlow::Continue(())
        });
        size
    }
}

/// Eliminates the unknowns one after the other, one of least degree first; `each` sees every one with those that are left
/// of its row and column.
fn eliminate(
    n: usize,
    entries: impl Iterator<Item = (u32, u32)>,
    mut each: impl FnMut(usize, Vec<u32>) -> ControlFlow<()>,
) {
    let mut near: Vec<Vec<u32>> = vec![Vec::new(); n];
    for (row, column) in entries.filter(|(row, column)| row != column) {
        near[row as usize].push(column);
        near[column as usize].push(row);
    }
    for near in &mut near {
        near.sort_unstable();
        near.dedup();
    }
    let mut waiting: BinaryHeap<Reverse<(usize, usize)>> =
        near.iter().enumerate().map(|(unknown, near)| Reverse((near.len(), unknown))).collect();
    let mut is_gone = vec![false; n];
    while let Some(Reverse((degree, next))) = waiting.pop() {
        stop::check();
        // A degree that has changed since stands in the heap once more.
        if is_gone[next] || near[next].len() != degree {
            continue;
        }
        is_gone[next] = true;
        let left = std::mem::take(&mut near[next]);
        for &other in &left {
            let other = other as usize;
            near[other] = joined(&near[other], &left, next, other);
            waiting.push(Reverse((near[other].len(), other)));
        }
        if each(next, left).is_break() {
            return;
        }
    }
}

fn index(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than 2^32 unknowns")
}

/// What two ascending lists hold, without two of it.
fn joined(a: &[u32], b: &[u32], without: usize, nor: usize) -> Vec<u32> {
    let mut both = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    loop {
        let next = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => *x.min(y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => return both,
        };
        i += usize::from(a.get(i) == Some(&next));
        j += usize::from(b.get(j) == Some(&next));
        if next as usize != without && next as usize != nor {
            both.push(next);
        }
    }
}

/// A factored matrix `1 - M`.
pub(super) struct Factors<'p> {
    plan: &'p Plan,
    /// `M`, row by row: `(row, column, value)`.
    entries: Vec<(u32, u32, Wave)>,
    /// By place: one over the pivot; what is after it in its column over the pivot, and in its row.
    pivots: Vec<Pivot>,
}

#[derive(Clone, Default)]
struct Pivot {
    inverse: Wave,
    below: Vec<Wave>,
    beside: Vec<Wave>,
}

impl<'p> Factors<'p> {
    /// Of `1 - M`, with the entries of `M`; some may share a place.
    pub(super) fn new(plan: &'p Plan, entries: Vec<(u32, u32, Wave)>) -> Self {
        let mut pivots: Vec<Pivot> = plan.after.iter().map(|after| Pivot::zero(after.len())).collect();
        for (row, column, value) in &entries {
            let (row, column) = (plan.place[*row as usize] as usize, plan.place[*column as usize] as usize);
            let (first, then) = (row.min(column), row.max(column));
            let pivot = &mut pivots[first];
            let sum = if row == column {
                &mut pivot.inverse
            } else {
                let at = position(&plan.after[first], then);
                if row > column { &mut pivot.below[at] } else { &mut pivot.beside[at] }
            };
            sum.add_product(Wave::real(-1.0), *value);
        }
        for k in 0..pivots.len() {
            let after = &plan.after[k];
            let (done, rest) = pivots.split_at_mut(k + 1);
            let pivot = &mut done[k];
            pivot.inverse = Wave::from_fn(|lane| pivot.inverse.get(lane).inv());
            for below in &mut pivot.below {
                *below = product(*below, pivot.inverse);
            }
            for (i, &row) in after.iter().enumerate() {
                stop::check();
                // Row and column of `row` hold all that is after `k`: walked along together.
                let (target, wider) = (&mut rest[row as usize - k - 1], &plan.after[row as usize]);
                let (below, beside) = (minus(pivot.below[i]), minus(pivot.beside[i]));
                target.inverse.add_product(below, pivot.beside[i]);
                let mut at = 0;
                for (j, &column) in after.iter().enumerate().skip(i + 1) {
                    at += position(&wider[at..], column as usize);
                    target.beside[at].add_product(below, pivot.beside[j]);
                    target.below[at].add_product(beside, pivot.below[j]);
                }
            }
        }
        Self { plan, entries, pivots }
    }

    /// Solves for a right side, `[unknown]`, in its place. Returns the largest residual left, relative.
    pub(super) fn solve(&self, x: &mut [Wave]) -> f64 {
        self.refined(x, &|x| self.substitute(x), |&(row, column, value)| (row, column, value))
    }

    /// The same for the transposed matrix.
    pub(super) fn solve_transposed(&self, x: &mut [Wave]) -> f64 {
        self.refined(x, &|x| self.substitute_transposed(x), |&(row, column, value)| (column, row, value))
    }

    fn refined(
        &self,
        x: &mut [Wave],
        substitute: &dyn Fn(&mut [Wave]),
        entry: impl Fn(&(u32, u32, Wave)) -> (u32, u32, Wave),
    ) -> f64 {
        let right = x.to_vec();
        substitute(x);
        let mut defect = f64::INFINITY;
        for round in 0..=REFINEMENTS {
            let mut rest = right.clone();
            rest.iter_mut().zip(x.iter()).for_each(|(rest, x)| rest.add_product(Wave::real(-1.0), *x));
            for (row, column, value) in self.entries.iter().map(&entry) {
                rest[row as usize].add_product(value, x[column as usize]);
            }
            let now = relative(&rest, x);
            // One that does not get better is as good as it gets.
            if now < ENOUGH || round == REFINEMENTS || now.is_nan() || now >= defect {
                return now.min(defect);
            }
            defect = now;
            substitute(&mut rest);
            x.iter_mut().zip(&rest).for_each(|(x, more)| x.add_product(Wave::real(1.0), *more));
        }
        defect
    }

    fn substitute(&self, x: &mut [Wave]) {
        let plan = self.plan;
        let mut y: Vec<Wave> = plan.unknown.iter().map(|&unknown| x[unknown as usize]).collect();
        for (k, (pivot, after)) in self.pivots.iter().zip(&plan.after).enumerate() {
            let here = minus(y[k]);
            for (below, &row) in pivot.below.iter().zip(after) {
                y[row as usize].add_product(here, *below);
            }
        }
        for (k, (pivot, after)) in self.pivots.iter().zip(&plan.after).enumerate().rev() {
            let mut here = y[k];
            for (beside, &column) in pivot.beside.iter().zip(after) {
                here.add_product(minus(*beside), y[column as usize]);
            }
            y[k] = product(here, pivot.inverse);
        }
        plan.unknown.iter().zip(&y).for_each(|(&unknown, y)| x[unknown as usize] = *y);
    }

    fn substitute_transposed(&self, x: &mut [Wave]) {
        let plan = self.plan;
        let mut y: Vec<Wave> = plan.unknown.iter().map(|&unknown| x[unknown as usize]).collect();
        for (k, (pivot, after)) in self.pivots.iter().zip(&plan.after).enumerate() {
            y[k] = product(y[k], pivot.inverse);
            let here = minus(y[k]);
            for (beside, &column) in pivot.beside.iter().zip(after) {
                y[column as usize].add_product(here, *beside);
            }
        }
        for (k, (pivot, after)) in self.pivots.iter().zip(&plan.after).enumerate().rev() {
            let mut here = y[k];
            for (below, &row) in pivot.below.iter().zip(after) {
                here.add_product(minus(*below), y[row as usize]);
            }
            y[k] = here;
        }
        plan.unknown.iter().zip(&y).for_each(|(&unknown, y)| x[unknown as usize] = *y);
    }
}

impl Pivot {
    fn zero(n: usize) -> Self {
        Self { inverse: Wave::real(1.0), below: vec![Wave::default(); n], beside: vec![Wave::default(); n] }
    }
}

/// Where `value` is in an ascending list that holds it.
fn position(list: &[u32], value: usize) -> usize {
    list.iter()
        .position(|&item| item as usize == value)
        .expect("what is eliminated leaves no more than was planned")
}

fn minus(wave: Wave) -> Wave {
    Wave { re: 0.0 - wave.re, im: 0.0 - wave.im }
}

fn product(a: Wave, b: Wave) -> Wave {
    let mut product = Wave::default();
    product.add_product(a, b);
    product
}

/// The largest of some waves against the largest of others at the same frequency; no number if one of them is none.
fn relative(rest: &[Wave], x: &[Wave]) -> f64 {
    let larger = |a: f64, b: f64| if a.is_nan() || b <= a { a } else { b };
    let largest = |waves: &[Wave]| {
        waves.iter().map(|wave| wave.norm_sqr()).fold(Lanes::<MODES>::default(), |most, square| {
            Lanes::from_fn(|lane| larger(most.0[lane], square.0[lane]))
        })
    };
    let (rest, x) = (largest(rest), largest(x));
    let of_lane = |lane: usize| if x.0[lane] == 0.0 { 0.0 } else { (rest.0[lane] / x.0[lane]).sqrt() };
    (0..MODES).map(of_lane).fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
    use proptest::prelude::*;
    use qhh_core::num_complex::Complex64;

    use super::*;

    /// A random sparse `M` at every frequency, some places told twice.
    fn entries(n: usize, cells: &[(usize, usize, f64, f64)]) -> Vec<(u32, u32, Wave)> {
        let wave = |a: f64, b: f64| Wave::from_fn(|lane| Complex64::from_polar(a, b * (1.0 + lane as f64)));
        let place = |k: usize| u32::try_from(k % n).unwrap();
        cells.iter().map(|&(i, j, a, b)| (place(i), place(j), wave(a, b))).collect()
    }

    proptest! {
        #[test]
        fn sparse_solutions_are_those_of_a_dense_inverse_and_its_transpose(
            n in 1..30_usize,
            cells in prop::collection::vec((0..30_usize, 0..30_usize, -0.4..0.4, 0.0..6.0), 0..90),
            seed in 0..30_usize,
        ) {
            let entries = entries(n, &cells);
            let plan = Plan::new(n, entries.iter().map(|entry| (entry.0, entry.1)));
            let mut x = vec![Wave::default(); n];
            x[seed % n] = Wave::real(1.0);
            x[(7 * seed) % n] = Wave::real(0.3);
            let right = x.clone();
            let factors = Factors::new(&plan, entries.clone());
            let mut back = x.clone();
            let defect = factors.solve(&mut x).max(factors.solve_transposed(&mut back));
            for lane in 0..MODES {
                let mut dense = DMatrix::<Complex64>::identity(n, n);
                for (i, j, value) in &entries {
                    dense[(*i as usize, *j as usize)] -= value.get(lane);
                }
                let Some(inverse) = dense.try_inverse() else { continue };
                // What is nearly singular tells nothing of the method.
                prop_assume!(inverse.norm() < 1e3);
                let right = DVector::from_iterator(n, right.iter().map(|wave| wave.get(lane)));
                for (x, exact) in [(&x, &inverse * &right), (&back, inverse.transpose() * &right)] {
                    for (a, b) in x.iter().zip(&exact) {
                        prop_assert!((a.get(lane) - b).norm() < 1e-10 * exact.norm(), "{a:?} against {b}, {defect:e}");
                    }
                }
            }
        }
    }

    /// A ring's row and column hold two numbers each, however long it is: cost grows with length and no faster.
    #[test]
    fn a_ring_and_a_chain_leave_no_more_than_a_few_numbers_a_neuron() {
        let of = |plan: &Plan| plan.after.iter().map(|after| 1 + 2 * after.len()).sum::<usize>();
        let ring: Vec<(u32, u32)> = (0..1000).map(|k| ((k + 1) % 1000, k)).collect();
        let plan = Plan::new(1000, ring.iter().copied());
        assert!(of(&plan) <= 5 * 1000, "{}", of(&plan));
        let n = 30;
        let across = (0..n * n).filter(|k| k % n + 1 < n).map(|k| (k, k + 1));
        let grid: Vec<(u32, u32)> = across.chain((0..n * (n - 1)).map(|k| (k, k + n))).collect();
        let plan = Plan::new(900, grid.iter().copied());
        // A dense one would have 810 000.
        assert!(of(&plan) < 40_000, "{}", of(&plan));
        // What is announced is what it takes, but for the little dense rest at the end.
        let size = Size::of(900, grid.iter().copied());
        assert!((size.values / of(&plan) as f64 - 1.0).abs() < 0.1, "{size:?}");
    }

    #[test]
    fn a_dense_matrix_is_told_to_be_one() {
        let all = (0..200).flat_map(|row| (0..200).map(move |column| (row, column)));
        let size = Size::of(200, all);
        assert_eq!((size.values, size.products), (40_000.0, 200f64.powi(3) / 3.0));
    }

    #[test]
    fn a_matrix_without_anything_to_divide_by_says_that_it_was_not_solved() {
        let plan = Plan::new(1, std::iter::empty());
        let singular = Factors::new(&plan, vec![(0, 0, Wave::real(1.0))]);
        let mut x = [Wave::real(1.0)];
        let defect = singular.solve(&mut x);
        assert!(defect.is_infinite(), "{defect}");
    }
}
