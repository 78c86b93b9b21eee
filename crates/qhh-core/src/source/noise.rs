//! Values of a noise current: independent normal numbers, each addressed by its place in a sequence.
//!
//! A sequence that all targets share is read off a ChaCha8 stream. Sequences of their own, of which there may be one for
//! each of a million neurons, are those of SplitMix64, each with a start and an increment of its own: any value is found
//! at once, whatever thread or window needs it, and two sequences do not run into each other.
//!
//! SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014.

use std::f64::consts::TAU;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::normal::Ziggurat;
use crate::source::current::SteppedCurrent;
use crate::source::{Segment, Shape};
use crate::time_grid::Span;

/// A sequence of independent standard normal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normals {
    /// The same one for every target.
    Shared {
        /// Seed of the run.
        seed: u64,
        /// Random stream of the source.
        stream: u64,
    },
    /// One for each target: the source's key stands here, from which [`Key::of`] makes each target's.
    Own(Key),
}

impl Normals {
    /// Sequences of their own for the targets of a source, whose number is `stream`.
    pub fn own(seed: u64, stream: u64) -> Self {
        Self::Own(Key::new(seed, stream))
    }

    /// Number `k` of the sequence.
    pub fn value(self, k: u64) -> f64 {
        match self {
            Self::Shared { seed, stream } => {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(stream);
                random.set_word_pos(u128::from(k) * 4);
                // Half-open (0, 1], so that the logarithm exists.
                let mut uniform = || ((random.next_u64() >> 11) + 1) as f64 * (0.5f64).powi(53);
                // Box-Muller.
                let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), TAU * uniform());
                radius * angle.cos()
            }
            Self::Own(key) => key.value(k, Ziggurat::default()),
        }
    }

    /// The sequence of one target, the neuron `index` of a population with a stream of its own: the same one where it is
    /// shared.
    #[must_use]
    pub fn of(self, population: u64, index: u64) -> Self {
        match self {
            Self::Shared { .. } => self,
            Self::Own(key) => Self::Own(key.of(population, index)),
        }
    }
}

/// Start and increment of a sequence; the increment is odd, so that no word comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u64; 2]);

impl Key {
    /// The key of a source under a seed; `stream` is the source's own number.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self::from_words(mixed(seed ^ mixed(stream)), mixed(stream ^ mixed(seed.wrapping_add(GOLDEN))))
    }

    /// The key of one target: neuron `index` of a population whose own number is `population`.
    #[must_use]
    pub fn of(self, population: u64, index: u64) -> Self {
        let neuron = mixed(population ^ mixed(index.wrapping_add(GOLDEN)));
        Self::from_words(mixed(self.0[0] ^ neuron), mixed(self.0[1].wrapping_add(neuron)))
    }

    fn from_words(start: u64, increment: u64) -> Self {
        // An increment of few changes of bit mixes less well.
        let (odd, changes) = (increment | 1, (increment ^ (increment >> 1)).count_ones());
        Self([start, if changes < 24 { odd ^ 0xaaaa_aaaa_aaaa_aaaa } else { odd }])
    }

    /// Number `k` of the sequence.
    #[inline]
    pub fn value(self, k: u64, ziggurat: Ziggurat) -> f64 {
        let word = mixed(self.0[0].wrapping_add(k.wrapping_mul(self.0[1])));
        ziggurat.normal(word, |more| mixed(word.wrapping_add(more.wrapping_mul(GOLDEN))))
    }
}

/// 2^64 over the golden ratio, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// What each cell of a noise current has to do with each step of a window: the same for all its targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoiseWindow {
    /// The cells that the window touches.
    pub cells: Range<u64>,
    /// Part of a step that a cell has: step and cell, counted from the first of the window.
    pub parts: Vec<(u32, u32, f64)>,
    /// Steps in which the current is not level: with the cells at their start and at their end, none while it is off.
    pub jumps: Vec<(u32, [Option<u32>; 2])>,
}

impl NoiseWindow {
    /// That of `n_steps` steps from number `first` on. Empty while the current is off, and for other currents.
    pub fn fill(&mut self, current: &SteppedCurrent<'_>, first: u64, n_steps: usize) {
        self.parts.clear();
        self.jumps.clear();
        self.cells = 0..0;
        let (Some(cells), on) = (current.cells(), current.span()) else { return };
        let whole = Span { from: first as f64, to: (first + n_steps as u64) as f64 };
        let Some(within) = on.common(whole) else { return };
        self.cells = cells.at(within.from)..cells.before(within.to) + 1;
        let start = self.cells.start;
        #[expect(clippy::cast_possible_truncation, reason = "places in a window")]
        let place = |cell: u64| (cell - start) as u32;
        for (step, at) in (0_u32..).zip(first..first + n_steps as u64) {
            let (from, to) = (at as f64, (at + 1) as f64);
            let Some(part) = on.common(Span { from, to }) else { continue };
            self.parts.extend(cells.parts(part).map(|(cell, share)| (step, place(cell), share)));
            let ends = [
                on.contains(from).then(|| place(cells.at(from))),
                on.contains_before(to).then(|| place(cells.before(to))),
            ];
            if ends[0] != ends[1] {
                self.jumps.push((step, ends));
            }
        }
    }

    /// Adds the current whose cells have these values to the steps.
    pub fn add_to(&self, values: &[f64], segments: &mut [Segment]) {
        for &(step, cell, share) in &self.parts {
            segments[step as usize].mean += share * values[cell as usize];
        }
        for &(step, ends) in &self.jumps {
            let [start, end] = ends.map(|cell| cell.map_or(0.0, |cell| values[cell as usize]));
            segments[step as usize].slope += end - start;
        }
    }
}

impl Shape {
    /// Value of a noise current in a cell, whose standard normal number is `normal`; 0 for other currents.
    #[inline]
    pub fn noisy(&self, normal: f64) -> f64 {
        match self {
            Self::Noise { mean, deviation, .. } => mean + deviation * normal,
            _ => 0.0,
        }
    }
}
