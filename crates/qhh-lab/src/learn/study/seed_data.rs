//! What one seed of a study draws.

use crate::learn::dataset::{Dataset, Parts};
use crate::learn::encode::InputRange;

/// One seed's data, split.
pub(super) struct SeedData {
    pub(super) seed: u64,
    pub(super) data: Dataset,
    pub(super) parts: Parts,
    pub(super) range: InputRange,
}
