//! What a study takes in memory, told before anything is run.

use super::{Study, Task};
use crate::learn::generate;

/// Matrices of all features that there are at a time: values and how a measurement of each scatters, of the network and of
/// its baselines; the parts that a readout is found from, and their copies.
const MATRICES: f64 = 16.0;

impl Task {
    /// Symbols of all sequences together, and of the longest.
    fn symbols(&self) -> (usize, usize) {
        match self {
            Self::Narma { steps, .. }
            | Self::MackeyGlass { steps, .. }
            | Self::Nonlinear { steps, .. }
            | Self::Capacity { steps, .. } => (*steps, *steps),
            Self::CylinderBellFunnel { examples, every } => {
                let points = generate::CYLINDER_BELL_FUNNEL_POINTS.div_ceil((*every).max(1));
                (examples.saturating_mul(points), points)
            }
            Self::Data(data) => {
                let lengths = data.sequences.iter().map(nalgebra::DMatrix::nrows);
                (lengths.clone().sum(), lengths.max().unwrap_or(0))
            }
        }
    }
}

impl Study {
    /// Bytes that it takes on so many threads, by what for, to about a half: runs of the network, features.
    pub fn bytes(&self, threads: usize) -> [f64; 2] {
        let (all, longest) = self.task.symbols();
        // Several sequences run side by side.
        let at_once = if all > longest { threads.max(1) } else { 1 };
        let told = if self.reservoir.is_memoryless().unwrap_or(false) { 1 } else { longest };
        let runs = at_once as f64 * self.reservoir.run_bytes(told);
        let rows = all.saturating_mul(self.history) as f64;
        [runs, MATRICES * 8.0 * rows * self.reservoir.n_columns() as f64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::dataset::Dataset;

    #[test]
    fn symbols_are_those_of_the_data() {
        let tasks = [
            Task::CylinderBellFunnel { examples: 7, every: 5 },
            Task::Narma { order: 10, steps: 300 },
            Task::Data(Dataset::series(&[0.0; 40], &[1.0; 40])),
        ];
        for task in tasks {
            let data = match &task {
                Task::CylinderBellFunnel { examples, every } => {
                    generate::cylinder_bell_funnel(*examples, *every, 1)
                }
                Task::Narma { order, steps } => generate::narma(*order, *steps, 1).unwrap(),
                Task::Data(data) => data.clone(),
                _ => unreachable!(),
            };
            let lengths: Vec<usize> = data.sequences.iter().map(nalgebra::DMatrix::nrows).collect();
            assert_eq!(task.symbols(), (lengths.iter().sum(), lengths.into_iter().max().unwrap()));
        }
    }
}
