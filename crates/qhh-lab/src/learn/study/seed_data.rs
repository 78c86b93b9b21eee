//! What one seed of a study draws.

use crate::learn::dataset::{Dataset, SplitRows};
use crate::learn::encode::InputRange;

/// One seed's data, split.
pub(super) struct SeedData {
    pub(super) seed: u64,
    pub(super) data: Dataset,
    pub(super) parts: SplitRows,
    pub(super) range: InputRange,
}
