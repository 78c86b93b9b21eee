//! Random currents into a block of neurons, with other random numbers for each of them.
//!
//! Which cells of a noise a window touches is the same for all its targets ([`NoiseWindow`]); their values are drawn once
//! for each cell and target, and added to the steps for all neurons of the block side by side. Pulses of a train come at
//! other times for each target and are added one by one.

use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::window::DriveLanes;
use qhh_core::normal::Ziggurat;
use qhh_core::source::{Current, Key, NoiseWindow, Shape};
use qhh_core::time_grid::TimeGrid;

use crate::network::{Drive, Source};

/// A random current into some lanes.
#[derive(Debug, Clone)]
pub(crate) struct RandomFeed {
    /// Place of the source in the network.
    pub(crate) source: u32,
    /// Lane, factor and key of the random numbers.
    pub(crate) lanes: Vec<(u32, f64, Key)>,
}

impl RandomFeed {
    /// Adds the current to the steps of a window, which begins with step number `first`; `values` is working memory.
    /// Whether there was any.
    pub(super) fn add_to<const N: usize, T: Float>(
        &self,
        source: &Source,
        (grid, first): (TimeGrid, u64),
        window: &NoiseWindow,
        drive: &mut [DriveLanes<N, T>],
        values: &mut Vec<Lanes<N, T>>,
    ) -> bool {
        let Drive::Current(current) = &source.drive else { return false };
        match current.shape {
            Shape::Train(_) => self.add_train(current, (grid, first), drive),
            _ => self.add_noise(&current.shape, window, drive, values),
        }
    }

    fn add_train<const N: usize, T: Float>(
        &self,
        current: &Current,
        (grid, first): (TimeGrid, u64),
        drive: &mut [DriveLanes<N, T>],
    ) -> bool {
        let (on, mut any) = (current.on(grid), false);
        for &(lane, factor, key) in &self.lanes {
            on.add_train(key, first, drive.len(), |step, segment| {
                drive[step].add(lane as usize, segment, factor);
                any = true;
            });
        }
        any
    }

    fn add_noise<const N: usize, T: Float>(
        &self,
        shape: &Shape,
        window: &NoiseWindow,
        drive: &mut [DriveLanes<N, T>],
        values: &mut Vec<Lanes<N, T>>,
    ) -> bool {
        let ziggurat = Ziggurat::default();
        values.clear();
        values.extend(window.cells.clone().map(|cell| {
            let mut value = Lanes::default();
            for &(lane, factor, key) in &self.lanes {
                value.0[lane as usize] = T::of(factor * shape.noisy(key.normal(cell, ziggurat)));
            }
            value
        }));
        for &(step, cell, share) in &window.parts {
            let mean = &mut drive[step as usize].mean;
            *mean = *mean + values[cell as usize] * share;
        }
        for &(step, ends) in &window.jumps {
            let [start, end] = ends.map(|cell| cell.map_or_else(Lanes::default, |cell| values[cell as usize]));
            let slope = &mut drive[step as usize].slope;
            *slope = *slope + (end - start);
        }
        !window.parts.is_empty()
    }
}
