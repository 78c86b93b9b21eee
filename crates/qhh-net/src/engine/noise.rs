//! Noises into a block of neurons, with numbers of its own for each.
//!
//! Which cells of a noise a window touches is the same for all its targets ([`NoiseWindow`]); their values are drawn once
//! for each cell and target, and added to the steps for all neurons of the block side by side.

use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::langevin::DriveLanes;
use qhh_core::normal::Ziggurat;
use qhh_core::source::{Current, Key, NoiseWindow};

use crate::network::{Drive, Source};

/// A noise into some lanes.
#[derive(Debug, Clone)]
pub(crate) struct NoiseFeed {
    /// Place of the source in the network.
    pub(crate) source: u32,
    /// Lane, factor and key of the numbers.
    pub(crate) lanes: Vec<(u32, f64, Key)>,
}

impl NoiseFeed {
    /// Adds the noise to the steps of a window; `values` is working memory.
    pub(super) fn add_to<const N: usize, T: Float>(
        &self,
        source: &Source,
        window: &NoiseWindow,
        drive: &mut [DriveLanes<N, T>],
        values: &mut Vec<Lanes<N, T>>,
    ) {
        let Drive::Current(Current { shape, .. }) = &source.drive else { return };
        let ziggurat = Ziggurat::default();
        values.clear();
        values.extend(window.cells.clone().map(|cell| {
            let mut value = Lanes::default();
            for &(lane, factor, key) in &self.lanes {
                value.0[lane as usize] = T::of(factor * shape.noisy(key.value(cell, ziggurat)));
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
    }
}
