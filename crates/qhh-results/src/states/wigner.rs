//! Wigner functions as files and pages have them.

use qhh_core::quantum::wigner::{Axis, Grid, Wigner};
use serde::{Deserialize, Serialize};

/// A Wigner function on a grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WignerSummary {
    /// First and last x.
    pub x: [f64; 2],
    /// First and last p.
    pub p: [f64; 2],
    /// Rows in x, columns in p.
    pub values: Vec<Vec<f32>>,
}

impl WignerSummary {
    /// Of a Wigner function, to single precision.
    pub fn new(wigner: &Wigner) -> Self {
        let Grid { x, p } = wigner.grid;
        #[expect(clippy::cast_possible_truncation, reason = "a picture needs no more digits")]
        let row = |row: &[f64]| row.iter().map(|value| *value as f32).collect();
        Self { x: [x.min, x.max], p: [p.min, p.max], values: wigner.values.chunks(p.points).map(row).collect() }
    }

    /// Distributions of x and of p: points and densities.
    pub fn quadratures(&self) -> Option<[(Vec<f64>, Vec<f64>); 2]> {
        let wigner = self.wigner()?;
        let points = |axis: Axis| (0..axis.points).map(|k| axis.point(k)).collect::<Vec<f64>>();
        let [of_x, of_p] = wigner.marginals();
        Some([(points(wigner.grid.x), of_x), (points(wigner.grid.p), of_p)])
    }

    fn wigner(&self) -> Option<Wigner> {
        let axis = |[min, max]: [f64; 2], points: usize| (points > 1).then_some(Axis { min, max, points });
        let grid = Grid {
            x: axis(self.x, self.values.len())?,
            p: axis(self.p, self.values.first().map_or(0, Vec::len))?,
        };
        Some(Wigner { grid, values: self.values.iter().flatten().map(|value| f64::from(*value)).collect() })
    }
}
