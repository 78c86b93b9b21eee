//! Training, validation and test apart: one after the other in time, or shuffled where rows have no order.

use rand::seq::SliceRandom;

use super::LearnError;
use super::dataset::{Split, SplitRows};

impl Split {
    /// The smallest of the shares.
    pub fn least(self) -> f64 {
        self.train.min(self.validation).min(self.test)
    }

    /// Parts of the rows from `washout` to `n_rows` of a series, one after the other.
    ///
    /// # Errors
    /// [`LearnError::EmptyPart`] where a part would be empty that has a share.
    pub fn contiguous(self, washout: usize, n_rows: usize) -> Result<SplitRows, LearnError> {
        self.parts(&(washout..n_rows).collect::<Vec<_>>())
    }

    /// Parts of `n_rows` examples, shuffled by `seed`.
    ///
    /// # Errors
    /// As [`Split::contiguous`].
    pub fn shuffled(self, n_rows: usize, seed: u64) -> Result<SplitRows, LearnError> {
        let mut rows: Vec<usize> = (0..n_rows).collect();
        rows.shuffle(&mut qhh_net::network::random::stream(seed, "learn.split"));
        self.parts(&rows)
    }

    fn parts(self, rows: &[usize]) -> Result<SplitRows, LearnError> {
        let n = rows.len() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares of a count")]
        let at = |share: f64| ((share * n).round() as usize).min(rows.len());
        let (train, validation) = (at(self.train), at(self.train + self.validation));
        let end = at(self.train + self.validation + self.test);
        let parts = SplitRows {
            train: rows[..train].to_vec(),
            validation: rows[train..validation].to_vec(),
            test: rows[validation..end].to_vec(),
        };
        for (part, rows, needs) in
            [("training", &parts.train, 2), ("validation", &parts.validation, 2), ("test", &parts.test, 2)]
        {
            if rows.len() < needs {
                return Err(LearnError::EmptyPart { part, rows: rows.len(), needs });
            }
        }
        Ok(parts)
    }
}
