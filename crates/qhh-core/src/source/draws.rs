//! Random numbers of currents: sequences in which every number is addressed by its place.
//!
//! The normal numbers of a noise that all targets share are read off a ChaCha8 stream. Separate sequences, of which there
//! may be one for each of a million neurons, are those of SplitMix64, each with its own start and increment: any number
//! is found at once, whatever thread or window needs it, and two sequences do not run into each other.
//!
//! SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::normal::Ziggurat;

/// Which sequence of independent random numbers a current uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draws {
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

impl Draws {
    /// Separate sequences for the targets of a source, whose number is `stream`.
    pub fn own(seed: u64, stream: u64) -> Self {
        Self::Own(Key::new(seed, stream))
    }

    /// Standard normal number `k` of the sequence.
    pub fn normal(self, k: u64) -> f64 {
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
            Self::Own(key) => key.normal(k, Ziggurat::default()),
        }
    }

    /// Key of the sequence, as far as uniform numbers go.
    pub fn key(self) -> Key {
        match self {
            Self::Shared { seed, stream } => Key::new(seed, stream),
            Self::Own(key) => key,
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

    #[inline]
    fn word(self, k: u64) -> u64 {
        mixed(self.0[0].wrapping_add(k.wrapping_mul(self.0[1])))
    }

    /// Number `j` of the `k`-th group of uniform numbers, in `[0, 1)`.
    #[inline]
    pub fn uniform(self, k: u64, j: u64) -> f64 {
        (mixed(self.word(k).wrapping_add(j.wrapping_mul(GOLDEN))) >> 11) as f64 * (0.5f64).powi(53)
    }

    /// Standard normal number `k` of the sequence.
    #[inline]
    pub fn normal(self, k: u64, ziggurat: Ziggurat) -> f64 {
        let word = self.word(k);
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
