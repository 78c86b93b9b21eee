//! Variances of waves by where their noise comes from: what a noise budget needs beside the voltage's.

use qhh_core::integrate::lanes::Lanes;
use qhh_core::quantum::heisenberg::MODES;

use super::collected::SampledVariance;
use super::pairs::Quantities;
use super::task::Observation;

/// Sums of one task over its frequencies, wave by wave and line by line.
pub(super) struct WaveSums<'a> {
    waves: &'a Quantities,
    /// Places of the waves in reach.
    pub(super) reached: Vec<usize>,
    n_lines: usize,
    /// `[wave in reach][line]`.
    pub(super) parts: Vec<SampledVariance>,
}

impl<'a> WaveSums<'a> {
    pub(super) fn new(waves: &'a Quantities, reach: &[usize], n_lines: usize, n_looks: usize) -> Self {
        let reached = waves.within(reach);
        let parts = vec![SampledVariance::zero(n_looks); reached.len() * n_lines];
        Self { waves, reached, n_lines, parts }
    }

    /// Adds a look: the fields' energies, and the line's strength.
    pub(super) fn look(
        &mut self,
        seen: &Observation<'_>,
        (vacuum, thermal): (Lanes<MODES>, Lanes<MODES>),
        strength: f64,
    ) {
        for (at, &place) in self.reached.iter().enumerate() {
            let wave = &self.waves.list[place];
            if wave.node == seen.node {
                let square = wave.value(seen.state, seen.arriving).norm_sqr();
                let sum = |energy: Lanes<MODES>| strength * (square * energy).0.iter().sum::<f64>();
                let parts = &mut self.parts[at * self.n_lines + seen.line];
                (parts.vacuum[seen.look], parts.thermal[seen.look]) = (sum(vacuum), sum(thermal));
            }
        }
    }
}
