//! Standard normal numbers from random words, by the ziggurat method.
//!
//! The area under `exp(-x^2/2)` is covered by 256 layers of equal area. A word picks a layer and a place in it; 99 of 100
//! places lie under the curve whatever the other side, and the number is made with one multiplication. Exact: the rest is
//! decided by the curve itself.
//!
//! G. Marsaglia, W. W. Tsang, J. Stat. Softw. 5(8) (2000).

use std::sync::LazyLock;

const LAYERS: usize = 256;
/// Where the tail begins, and the area of a layer: the two belong to the number of layers.
const TAIL: f64 = 3.654_152_885_361_009;
const AREA: f64 = 4.928_673_233_974_655e-3;

/// Right ends of the layers, from the widest to 0, and the curve there.
#[derive(Debug)]
struct Layers {
    ends: [f64; LAYERS + 1],
    curve: [f64; LAYERS + 1],
}

static TABLE: LazyLock<Layers> = LazyLock::new(|| {
    let curve = |x: f64| (-0.5 * x * x).exp();
    let mut ends = [0.0; LAYERS + 1];
    // The lowest layer holds the tail: as wide as a box of its area.
    ends[0] = AREA / curve(TAIL);
    ends[1] = TAIL;
    for layer in 1..LAYERS - 1 {
        let height = curve(ends[layer]) + AREA / ends[layer];
        ends[layer + 1] = (-2.0 * height.ln()).sqrt();
    }
    Layers { ends, curve: ends.map(curve) }
});

/// Makes normal numbers; holds the table, so that it is looked up once for many.
#[derive(Debug, Clone, Copy)]
pub struct Ziggurat(&'static Layers);

impl Default for Ziggurat {
    fn default() -> Self {
        Self(&TABLE)
    }
}

impl Ziggurat {
    /// The standard normal number of a random word; one in a hundred takes more, which `more` gives by number, from 1 on.
    #[inline]
    pub fn normal(self, word: u64, more: impl Fn(u64) -> u64) -> f64 {
        let (layer, place) = split(word);
        let x = place * self.0.ends[layer];
        if x.abs() < self.0.ends[layer + 1] { x } else { self.rest(layer, place, &more) }
    }

    #[cold]
    fn rest(self, mut layer: usize, mut place: f64, more: &dyn Fn(u64) -> u64) -> f64 {
        let Layers { ends, curve } = self.0;
        let mut words = 1..;
        let mut next = || more(words.next().unwrap_or(u64::MAX));
        loop {
            let x = place * ends[layer];
            if x.abs() < ends[layer + 1] {
                return x;
            }
            if layer == 0 {
                loop {
                    let (beyond, height) = (-uniform(next()).ln() / TAIL, -uniform(next()).ln());
                    if 2.0 * height > beyond * beyond {
                        return (TAIL + beyond).copysign(place);
                    }
                }
            }
            let height = curve[layer] + (curve[layer + 1] - curve[layer]) * uniform(next());
            if height < (-0.5 * x * x).exp() {
                return x;
            }
            (layer, place) = split(next());
        }
    }
}

/// A layer from the low bits of a word, and a number from -1 to 1 from the high ones.
#[inline]
fn split(word: u64) -> (usize, f64) {
    let [layer, ..] = word.to_le_bytes();
    (usize::from(layer), (word >> 11) as f64 * (0.5f64).powi(52) - 1.0)
}

/// A number in the open interval from 0 to 1.
fn uniform(word: u64) -> f64 {
    ((word >> 11) as f64 + 0.5) * (0.5f64).powi(53)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    /// Layers have equal areas, the last of them ends at the top of the curve.
    #[test]
    fn the_layers_fit_the_curve() {
        let Layers { ends, curve } = &*TABLE;
        for layer in 1..LAYERS {
            let area = ends[layer] * (curve[layer + 1] - curve[layer]);
            assert!((area - AREA).abs() < 1e-12, "layer {layer}: {area}");
        }
        assert_eq!((ends[LAYERS], curve[LAYERS]), (0.0, 1.0));
    }

    /// Shares below some numbers, from scipy.stats.norm.cdf, within four standard errors of two million draws; the tail,
    /// which one draw in four thousand reaches, included.
    #[test]
    fn numbers_are_normal() {
        let shares = [
            (-4.0, 3.167_124_183_311_986e-5),
            (-3.7, 1.077_997_334_773_882_3e-4),
            (-2.0, 0.022_750_131_948_179_195),
            (-1.0, 0.158_655_253_931_457_05),
            (-0.1, 0.460_172_162_722_971),
            (0.0, 0.5),
            (0.5, 0.691_462_461_274_013_1),
            (1.5, 0.933_192_798_731_141_9),
            (3.0, 0.998_650_101_968_369_9),
            (3.8, 0.999_927_651_956_074_9),
        ];
        let n = 2_000_000_u32;
        let (mut random, ziggurat) = (ChaCha8Rng::seed_from_u64(5), Ziggurat::default());
        let draws: Vec<f64> = (0..n)
            .map(|_| {
                let words: [u64; 24] = std::array::from_fn(|_| random.next_u64());
                ziggurat.normal(words[0], |k| words[usize::try_from(k).unwrap()])
            })
            .collect();
        for (at, share) in shares {
            let below = draws.iter().filter(|x| **x < at).count() as f64 / f64::from(n);
            let error = (share * (1.0 - share) / f64::from(n)).sqrt();
            assert!((below - share).abs() < 4.0 * error, "below {at}: {below}, not {share} +- {error}");
        }
    }
}
