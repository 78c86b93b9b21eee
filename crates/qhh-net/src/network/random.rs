//! Random streams that are addressed by what they are for, never by thread, order or time.
//!
//! A stream belongs to a seed and a name (a path into the network file); within it every draw has a place of its own
//! (`seek`). So the order of entries does not matter, and any part of a network can be laid out alone.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream of `name` under `seed`.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(hash(name));
    random
}

/// FNV-1a: the same number for the same name, on every machine and in every version.
pub fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Goes to the draws of item `item`: each has room for 2^20 words.
pub(crate) fn seek(random: &mut ChaCha8Rng, item: u64) {
    random.set_word_pos(u128::from(item) << 20);
}

/// A number in the open interval from 0 to 1.
pub(crate) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 11) as f64 + 0.5) * 0.5_f64.powi(53)
}
