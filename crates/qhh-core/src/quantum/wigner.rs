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
