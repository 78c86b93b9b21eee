//! Values that differ from one neuron or waveguide to the next: lists, even spacing, distributions.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;

use super::{random, truncated};

/// A value for each of a number of items.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValues {
    /// The same for all.
    Same(f64),
    /// One each, as listed or read from a file.
    Each(Arc<[f64]>),
    /// Evenly spaced, both ends included.
    Linear {
        /// Value of the first item.
        from: f64,
        /// Value of the last.
        to: f64,
    },
    /// Drawn evenly between two bounds.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Drawn from a normal distribution, given that the value lies between the bounds.
    Normal {
        /// Mean of the distribution before the bounds.
        mean: f64,
        /// Standard deviation before the bounds.
        deviation: f64,
        /// Lower bound; minus infinity for none.
        low: f64,
        /// Upper bound; infinity for none.
        high: f64,
    },
}

impl ParameterValues {
    /// Value of item `item` of `count`. Drawn ones come from `random`, each item from a place of its own.
    pub fn value(&self, item: usize, count: usize, random: &mut ChaCha8Rng) -> f64 {
        match *self {
            Self::Same(value) => value,
            Self::Each(ref values) => values.get(item).copied().unwrap_or(f64::NAN),
            Self::Linear { from, to } if count > 1 => from + (to - from) * (item as f64 / (count - 1) as f64),
            Self::Linear { from, .. } => from,
            Self::Uniform { low, high } => {
                random::seek(random, item as u64);
                low + (high - low) * random::uniform(random)
            }
            Self::Normal { mean, deviation, low, high } => {
                random::seek(random, item as u64);
                truncated::normal(mean, deviation, (low, high), random)
            }
        }
    }

    /// Whether all items have one value, which one.
    pub fn same(&self) -> Option<f64> {
        match *self {
            Self::Same(value) => Some(value),
            Self::Uniform { low, high } if low == high => Some(low),
            Self::Linear { from, to } if from == to => Some(from),
            Self::Normal { mean, deviation: 0.0, low, high } => Some(mean.max(low).min(high)),
            _ => None,
        }
    }

    /// Least and greatest value that any item can have.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Self::Same(value) => (value, value),
            Self::Each(ref values) => {
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
            }
            Self::Linear { from, to } => (from.min(to), from.max(to)),
            Self::Uniform { low, high } | Self::Normal { low, high, .. } => (low, high),
        }
    }

    /// Mean over all items, about: that of the bounds where they cut off a part of what is drawn.
    pub(crate) fn mean(&self) -> f64 {
        match *self {
            Self::Same(value) => value,
            Self::Each(ref values) => values.iter().sum::<f64>() / values.len().max(1) as f64,
            Self::Linear { from, to } => 0.5 * (from + to),
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Normal { mean, low, high, .. } => mean.max(low).min(high),
        }
    }

    /// Number of values, where it is fixed by a list.
    pub fn listed(&self) -> Option<usize> {
        match self {
            Self::Each(values) => Some(values.len()),
            _ => None,
        }
    }

    /// Whether every number of it is finite, bounds that are left open aside.
    pub fn is_finite(&self) -> bool {
        match *self {
            Self::Same(value) => value.is_finite(),
            Self::Each(ref values) => values.iter().all(|value| value.is_finite()),
            Self::Linear { from, to } => from.is_finite() && to.is_finite(),
            Self::Uniform { low, high } => low.is_finite() && high.is_finite(),
            Self::Normal { mean, deviation, low, high } => {
                mean.is_finite() && deviation.is_finite() && !low.is_nan() && !high.is_nan()
            }
        }
    }
}

impl From<f64> for ParameterValues {
    fn from(value: f64) -> Self {
        Self::Same(value)
    }
}
