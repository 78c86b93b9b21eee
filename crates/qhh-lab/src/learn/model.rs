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
    /// How the network is told and read.
    pub plan: Plan,
    /// Range of the inputs over the training part.
    pub range: InputRange,
    /// Seed of the network and of random weights.
    pub seed: u64,
    /// Symbols at the start of a series of which nothing is said.
    pub washout: usize,
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
    /// Numbers, row by row, from a symbol on.
    Series {
        /// The first symbol of which something is said.
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
    /// [`LearnError`] where the data do not fit, or as [`Reservoir::respond`].
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
        let reservoir = Reservoir { network: network.clone(), plan: self.plan.clone() };
        let tables = reservoir.respond(sequences, &self.range, self.seed, watch)?;
        if self.classes.is_empty() {
            let table = tables.into_iter().next().ok_or(LearnError::NoFeatures)?;
            let table = assemble::series(table, self.history);
            let from = self.washout.min(table.values.nrows());
            let rows = table.values.rows_range(from..).into_owned();
            return Ok(Prediction::Series { from, values: self.readout.predict(&rows) });
        }
        let table = assemble::examples(&tables, self.pool)?;
        Ok(Prediction::Classes(scores::largest(&self.readout.predict(&table.values))))
    }
}
