//! A trained model: everything but the network itself that a prediction takes.

use nalgebra::DMatrix;
use qhh_net::Network;
use serde::{Deserialize, Serialize};

use super::assemble::{self, Pool};
use super::dataset::Sequence;
use super::encode::InputRange;
use super::readout::Readout;
use super::reservoir::{Plan, Reservoir};
use super::{LearnError, Watch, scores};

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Name of the task it was trained on.
    pub task: String,
    /// Names of the inputs.
    pub channels: Vec<String>,
    /// Names of the classes; none where numbers are predicted.
    pub classes: Vec<String>,
    /// How the network is fed and read.
    pub plan: Plan,
    /// Range of the inputs over the training part.
    pub range: InputRange,
    /// Seed of the network and of random weights.
    pub seed: u64,
    /// Symbols at the start of a series of which nothing is said.
    pub washout: usize,
    /// Rows from an input to the row of its series that is predicted from it ([`super::dataset::Dataset::horizon`]).
    pub horizon: usize,
    /// Symbols of which a row has the features.
    pub history: usize,
    /// What becomes of the symbols of an example.
    pub pool: Pool,
    /// The readout.
    pub readout: Readout,
}

/// What a model says.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// Numbers, row by row: one for each symbol behind the washout.
    Series {
        /// The row of the data that the first of them predicts: washout plus horizon. The last lie `horizon` rows
        /// beyond the data.
        from: usize,
        /// `[row][target]`.
        values: DMatrix<f64>,
    },
    /// Numbers of the classes, example by example.
    Classes(Vec<usize>),
}

impl Model {
    /// Predicts from sequences: of a series the one, of classes one for each example.
    ///
    /// # Errors
    /// [`LearnError`] where the data do not fit or end within the washout, or as [`Reservoir::respond`].
    pub fn predict(
        &self,
        network: &Network,
        sequences: &[Sequence],
        watch: &mut Watch<'_>,
    ) -> Result<Prediction, LearnError> {
        let expected = self.channels.len();
        if let Some(sequence) = sequences.iter().find(|sequence| sequence.ncols() != expected) {
            return Err(LearnError::Channels { got: sequence.ncols(), expected });
        }
        let of_series = self.classes.is_empty();
        if let Some(rows) =
            sequences.first().map(Sequence::nrows).filter(|rows| of_series && *rows <= self.washout)
        {
            return Err(LearnError::WithinWashout { rows, washout: self.washout });
        }
        let reservoir = Reservoir { network: network.clone(), plan: self.plan.clone() };
        let tables = reservoir.respond(sequences, &self.range, self.seed, watch)?;
        if of_series {
            let table = tables.into_iter().next().ok_or(LearnError::NoFeatures)?;
            let table = assemble::series(table, self.history);
            let rows = table.values.rows_range(self.washout..).into_owned();
            let from = self.washout + self.horizon;
            return Ok(Prediction::Series { from, values: self.readout.predict(&rows) });
        }
        let table = assemble::examples(&tables, self.pool)?;
        Ok(Prediction::Classes(scores::largest(&self.readout.predict(&table.values))))
    }
}
