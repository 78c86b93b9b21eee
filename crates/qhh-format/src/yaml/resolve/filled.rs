//! What files of pairs say, whatever their format.

use crate::yaml::quantity::Bound;

/// Place of the sender and of the receiver of each waveguide.
pub(super) type Pairs = Vec<(u32, u32)>;

/// Values that a file gives its waveguides, one for each.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) delay: Option<Vec<f64>>,
    pub(super) transmission: Option<Vec<f64>>,
    pub(super) weight: Option<Vec<f64>>,
}

/// What a file may say of each waveguide.
pub(super) const VALUES: [(&str, Bound); 3] =
    [("delay", Bound::AboveZero), ("transmission", Bound::Share), ("weight", Bound::Any)];

/// What was typed about a file.
#[derive(Clone, Copy)]
pub(super) struct FileOf<'a> {
    pub(super) path: &'a str,
    pub(super) population: Option<&'a str>,
    pub(super) edge_types: Option<&'a str>,
}
