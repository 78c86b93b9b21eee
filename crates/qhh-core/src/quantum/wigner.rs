//! Wigner functions of one mode on a rectangular grid, and their closed form for Gaussian states.
//!
//! `W(x, p)` integrates to 1 over `dx dp`, and its marginals are the distributions of `x` and `p`; the vacuum has
//! `e^{-x^2 - p^2}/pi`. `|W| <= 1/pi` always. Quadratures as in [`super::gaussian`].

use nalgebra::{Matrix2, Vector2};

use super::{Gaussian, QuantumError};
use crate::error::{above_zero, finite};

/// Equally spaced points from `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// First point.
    pub min: f64,
    /// Last point.
    pub max: f64,
    /// Number of points, two at least.
    pub points: usize,
}

impl Axis {
    /// Distance of neighbours.
    pub fn step(&self) -> f64 {
        (self.max - self.min) / (self.points as f64 - 1.0)
    }

    /// The point of this index.
    pub fn point(&self, index: usize) -> f64 {
        self.min + self.step() * index as f64
    }

    fn check(&self) -> Result<(), QuantumError> {
        finite("the start of a grid", self.min)?;
        above_zero("the extent of a grid", self.max - self.min)?;
        if self.points < 2 {
            return Err(QuantumError::WrongSize { what: "an axis of a grid", expected: 2, got: self.points });
        }
        Ok(())
    }
}

/// Where a Wigner function is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Points in `x`.
    pub x: Axis,
    /// Points in `p`.
    pub p: Axis,
}

/// A Wigner function on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Wigner {
    /// Where.
    pub grid: Grid,
    /// `W` at `[x][p]`: `values[i * grid.p.points + j]` belongs to `grid.x.point(i)`, `grid.p.point(j)`.
    pub values: Vec<f64>,
}

impl Wigner {
    /// Fills a grid.
    ///
    /// # Errors
    /// If an axis has less than two points, no extent or infinite ends.
    pub(super) fn fill(grid: Grid, mut wigner: impl FnMut(f64, f64) -> f64) -> Result<Self, QuantumError> {
        grid.x.check()?;
        grid.p.check()?;
        let points = (0..grid.x.points).flat_map(|i| (0..grid.p.points).map(move |j| (i, j)));
        let values = points.map(|(i, j)| wigner(grid.x.point(i), grid.p.point(j))).collect();
        Ok(Self { grid, values })
    }

    /// Integral over the grid by the trapezoidal rule: 1 if the grid holds all of the state and resolves it.
    ///
    /// The rule's error falls faster than any power of the step once that is below `pi` over the largest wave number;
    /// what is missing to 1 says what the grid leaves out.
    pub fn total(&self) -> f64 {
        let Grid { x, p } = self.grid;
        let edge = |axis: Axis, i: usize| if i == 0 || i + 1 == axis.points { 0.5 } else { 1.0 };
        let rows = self.values.chunks_exact(p.points).enumerate();
        let sum: f64 = rows
            .map(|(i, row)| edge(x, i) * row.iter().enumerate().map(|(j, w)| edge(p, j) * w).sum::<f64>())
            .sum();
        sum * x.step() * p.step()
    }

    /// `(int |W| - int W)/2` over the grid by the trapezoidal rule, to the second order of the step: a quick look at what
    /// [`OutputMode::negativity`](super::linear_map::OutputMode::negativity) computes with a known error.
    pub fn negative_part(&self) -> f64 {
        let negative = Self { grid: self.grid, values: self.values.iter().map(|w| (-w).max(0.0)).collect() };
        negative.total()
    }
}

impl Wigner {
    /// Distributions of `x` and of `p` at the points of the grid: `int W dp` and `int W dx`.
    pub fn marginals(&self) -> [Vec<f64>; 2] {
        let Grid { x, p } = self.grid;
        let rows = self.values.chunks_exact(p.points);
        // What the rule weighs half at the ends is nothing where the grid holds all of the state.
        let of_x = rows.clone().map(|row| row.iter().sum::<f64>() * p.step()).collect();
        let of_p = (0..p.points).map(|j| rows.clone().map(|row| row[j]).sum::<f64>() * x.step()).collect();
        [of_x, of_p]
    }

    /// Probabilities of 0, 1, .., `most` photons: `2 pi int W W_n dx dp` with the Wigner functions
    /// `W_n = (-1)^n/pi e^{-r^2} L_n(2 r^2)` of Fock states, by the trapezoidal rule. They add up to 1 where the grid holds
    /// all of the state, resolves it, and `most` is enough.
    pub fn photon_numbers(&self, most: usize) -> Vec<f64> {
        let Grid { x, p } = self.grid;
        let mut numbers = vec![0.0; most + 1];
        for (i, row) in self.values.chunks_exact(p.points).enumerate() {
            for (j, w) in row.iter().enumerate() {
                let twice = 2.0 * (x.point(i).powi(2) + p.point(j).powi(2));
                let weight = 2.0 * w * (-0.5 * twice).exp() * x.step() * p.step();
                // (n + 1) L_{n+1} = (2n + 1 - z) L_n - n L_{n-1}, with the sign of W_n.
                let (mut before, mut here) = (0.0, 1.0);
                for (n, number) in numbers.iter_mut().enumerate() {
                    *number += weight * here;
                    let n = n as f64;
                    let next = (-(2.0 * n + 1.0 - twice) * here - n * before) / (n + 1.0);
                    (before, here) = (here, next);
                }
            }
        }
        numbers
    }
}

impl Gaussian {
    /// Wigner function of one mode, the others disregarded, at any point.
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`], or [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn wigner_at(&self, mode: usize, x: f64, p: f64) -> Result<f64, QuantumError> {
        Ok(self.density(mode)?(x, p))
    }

    /// Wigner function of one mode, the others disregarded.
    ///
    /// # Errors
    /// As [`Gaussian::wigner_at`], and if an axis has less than two points, no extent or infinite ends.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::quantum::{Gaussian, wigner::{Axis, Grid}};
    ///
    /// let axis = Axis { min: -6.0, max: 6.0, points: 61 };
    /// let wigner = Gaussian::two_mode_squeezed(0.5, 0.0)?.wigner(0, Grid { x: axis, p: axis })?;
    /// assert!((wigner.total() - 1.0).abs() < 1e-9);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn wigner(&self, mode: usize, grid: Grid) -> Result<Wigner, QuantumError> {
        Wigner::fill(grid, self.density(mode)?)
    }

    fn density(&self, mode: usize) -> Result<impl Fn(f64, f64) -> f64, QuantumError> {
        let one = self.reduced(&[mode])?;
        let sigma: Matrix2<f64> = one.covariance().fixed_view::<2, 2>(0, 0).into_owned();
        let mean = Vector2::new(one.mean()[0], one.mean()[1]);
        let precision = sigma.try_inverse().ok_or(QuantumError::NotPositive { quadrature: 0 })?;
        let peak = 1.0 / (std::f64::consts::TAU * sigma.determinant().sqrt());
        Ok(move |x, p| {
            let off = Vector2::new(x, p) - mean;
            peak * (-0.5 * off.dot(&(precision * off))).exp()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantum::Gaussian;

    fn grid(half: f64, points: usize) -> Grid {
        let axis = Axis { min: -half, max: half, points };
        Grid { x: axis, p: axis }
    }

    fn close(found: &[f64], wanted: impl Fn(i32) -> f64, error: f64) {
        for (n, found) in (0..).zip(found) {
            assert!((found - wanted(n)).abs() < error, "{n}: {found}, not {}", wanted(n));
        }
    }

    /// Geometric of a thermal state, Poisson's of a coherent one, even numbers alone of squeezed vacuum.
    #[test]
    fn photon_numbers_are_those_of_the_textbook() {
        // Half of a two-mode squeezed vacuum is thermal with sinh^2 r photons.
        let photons = 0.7_f64.sinh().powi(2);
        let thermal = Gaussian::two_mode_squeezed(0.7, 0.0).unwrap().wigner(0, grid(9.0, 121)).unwrap();
        close(&thermal.photon_numbers(12), |n| (photons / (photons + 1.0)).powi(n) / (photons + 1.0), 1e-8);
        // A displaced Gaussian: alpha = 1.2 + 0.5i.
        let (x, p) = (1.2 * 2.0_f64.sqrt(), 0.5 * 2.0_f64.sqrt());
        let at = |u: f64, v: f64| (-(u - x).powi(2) - (v - p).powi(2)).exp() / std::f64::consts::PI;
        let coherent = Wigner::fill(grid(8.0, 121), at).unwrap();
        let mean = 1.2_f64.powi(2) + 0.25;
        let factorial = |n: i32| (1..=n).map(f64::from).product::<f64>();
        close(&coherent.photon_numbers(12), |n| (-mean).exp() * mean.powi(n) / factorial(n), 1e-10);
        let squeeze = 0.6_f64;
        let at = |u: f64, v: f64| {
            (-u * u * (2.0 * squeeze).exp() - v * v * (-2.0 * squeeze).exp()).exp() / std::f64::consts::PI
        };
        let squeezed = Wigner::fill(grid(9.0, 181), at).unwrap();
        let even = |n: i32| {
            let m = n / 2;
            let ways = factorial(n) / (2.0_f64.powi(n) * factorial(m).powi(2));
            if n % 2 == 1 { 0.0 } else { ways * squeeze.tanh().powi(n) / squeeze.cosh() }
        };
        close(&squeezed.photon_numbers(12), even, 1e-8);
        // One photon, whose Wigner function is negative at the centre.
        let one = Wigner::fill(grid(7.0, 101), |u, v| {
            let r = u * u + v * v;
            (2.0 * r - 1.0) * (-r).exp() / std::f64::consts::PI
        });
        close(&one.unwrap().photon_numbers(6), |n| if n == 1 { 1.0 } else { 0.0 }, 1e-10);
    }

    #[test]
    fn marginals_are_the_distributions_of_the_quadratures() {
        let at =
            |u: f64, v: f64| (-(u - 1.0).powi(2) * 2.0 - (v + 2.0).powi(2) / 2.0).exp() / std::f64::consts::PI;
        let wigner =
            Wigner::fill(Grid { p: Axis { min: -9.0, max: 7.0, points: 161 }, ..grid(7.0, 141) }, at).unwrap();
        let [x, p] = wigner.marginals();
        let density = |u: f64, mean: f64, variance: f64| {
            (-(u - mean).powi(2) / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
        };
        for (i, found) in x.iter().enumerate() {
            assert!((found - density(wigner.grid.x.point(i), 1.0, 0.25)).abs() < 1e-9);
        }
        for (j, found) in p.iter().enumerate() {
            assert!((found - density(wigner.grid.p.point(j), -2.0, 1.0)).abs() < 1e-9);
        }
    }
}
