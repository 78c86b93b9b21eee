//! Smooth answers over a group of steps as polynomials.
//!
//! The polynomials are orthonormal over the group's steps, so that the squares of their coefficients are those of the values
//! they stand for, and what they leave is known. Even ones are the same from either end of the group, odd ones change their
//! sign: both ends are taken at once.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use qhh_core::integrate::lanes::Lanes;

/// Steps of a group.
pub(in crate::engine::adjoint) const GROUP: usize = 32;
/// Polynomials that stand for one.
pub(super) const TERMS: usize = 8;

/// Values of the polynomials at the first half of the steps, `[step][term]`.
#[derive(Debug, Clone)]
pub(super) struct Polynomials([[f64; TERMS]; GROUP / 2]);

impl Polynomials {
    pub(super) fn new() -> Self {
        let x = |step: usize| (2 * step + 1) as f64 / GROUP as f64 - 1.0;
        let mut terms = [[0.0; GROUP]; TERMS];
        for term in 0..TERMS {
            let mut next: [f64; GROUP] = std::array::from_fn(|step| match term {
                0 => 1.0,
                _ => x(step) * terms[term - 1][step],
            });
            // Twice, so that rounding does not add up.
            for _ in 0..2 {
                for other in &terms[..term] {
                    let part: f64 = next.iter().zip(other).map(|(a, b)| a * b).sum();
                    next.iter_mut().zip(other).for_each(|(a, b)| *a -= part * b);
                }
            }
            let size = next.iter().map(|a| a * a).sum::<f64>().sqrt();
            terms[term] = next.map(|a| a / size);
        }
        Self(std::array::from_fn(|step| std::array::from_fn(|term| terms[term][step])))
    }

    fn at(&self, step: usize, term: usize) -> f64 {
        match step.checked_sub(GROUP / 2) {
            None => self.0[step][term],
            Some(_) if term.is_multiple_of(2) => self.0[GROUP - 1 - step][term],
            Some(_) => -self.0[GROUP - 1 - step][term],
        }
    }

    /// Coefficients of a function of the steps.
    pub(super) fn of(&self, value: &dyn Fn(usize) -> f64) -> [f64; TERMS] {
        std::array::from_fn(|term| (0..GROUP).map(|step| self.at(step, term) * value(step)).sum())
    }

    /// Coefficients of a function of two groups' steps.
    pub(super) fn between(&self, value: &dyn Fn(usize, usize) -> f64) -> [[f64; TERMS]; TERMS] {
        let rows: Vec<[f64; TERMS]> = (0..GROUP).map(|step| self.of(&|other| value(step, other))).collect();
        std::array::from_fn(|term| {
            std::array::from_fn(|other| (0..GROUP).map(|step| self.at(step, term) * rows[step][other]).sum())
        })
    }

    /// Coefficients of some values, and the squares of these and those.
    #[inline(always)]
    pub(super) fn fit(&self, values: &[Lanes; GROUP]) -> ([Lanes; TERMS], (Lanes, Lanes)) {
        let (mut terms, mut all) = ([Lanes::default(); TERMS], Lanes::default());
        for step in 0..GROUP / 2 {
            let (a, b) = (values[step], values[GROUP - 1 - step]);
            all = a.mul_add(a, b.mul_add(b, all));
            let ends = [a + b, a - b];
            for term in 0..TERMS {
                terms[term] = Lanes::splat(self.0[step][term]).mul_add(ends[term % 2], terms[term]);
            }
        }
        let mut squares = Lanes::default();
        for term in 0..TERMS {
            squares = terms[term].mul_add(terms[term], squares);
        }
        (terms, (squares, all))
    }

    /// Values of a polynomial at the steps.
    #[inline(always)]
    pub(super) fn values(&self, terms: &[Lanes; TERMS], values: &mut [Lanes; GROUP]) {
        for step in 0..GROUP / 2 {
            let mut ends = [Lanes::default(); 2];
            for term in 0..TERMS {
                ends[term % 2] = Lanes::splat(self.0[step][term]).mul_add(terms[term], ends[term % 2]);
            }
            values[step] = ends[0] + ends[1];
            values[GROUP - 1 - step] = ends[0] - ends[1];
        }
    }
}
