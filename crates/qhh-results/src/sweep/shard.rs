//! Parts of a sweep, each run by itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several parts of a sweep: every so many runs, so that each part has some of everywhere.
///
/// # Examples
/// ```
/// # use qhh_results::sweep::Shard;
/// let shard: Shard = "2/3".parse()?;
/// assert_eq!((0..7).filter(|run| shard.has(*run)).collect::<Vec<_>>(), [1, 4]);
/// assert!("4/3".parse::<Shard>().is_err());
/// # Ok::<(), qhh_results::sweep::ShardError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 1.
    number: usize,
    /// Of how many.
    of: usize,
}

/// Why a text is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no part of a sweep: write 2/8 for the second of eight, from 1/8 to 8/8")]
pub struct ShardError {
    text: String,
}

impl Shard {
    /// Whether a run of the design, counted from 0, is one of its own.
    pub fn has(self, run: usize) -> bool {
        run % self.of + 1 == self.number
    }

    /// All parts of the same division.
    pub fn parts(self) -> impl Iterator<Item = Self> {
        (1..=self.of).map(move |number| Self { number, of: self.of })
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parts = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.trim().parse().ok()?, of.trim().parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(ShardError { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}
