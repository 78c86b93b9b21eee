//! What a study came to, as a file holds it. Its writer knows what learning is; here it is numbers and names.

use serde::{Deserialize, Serialize};

/// A score over several seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; none of a single seed.
    pub error: Option<f64>,
}

/// Scores of one learner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learner {
    /// `network`, `hbar = 0`, `mean field`, `echo state`, `linear`, `quadratic`.
    pub name: String,
    /// Number of its features.
    pub features: usize,
    /// Those that differ between rows; of capacities, those that are linearly independent.
    pub varying: usize,
    /// Strength of the readout of the first seed.
    pub strength: Option<f64>,
    /// On the training part; none where nothing could be learned.
    pub train: Option<Mean>,
    /// On the validation part.
    pub validation: Option<Mean>,
    /// On the test part; of capacities, their total.
    pub test: Option<Mean>,
    /// The network's score on the test part minus its own, seed by seed; none of the network itself.
    pub difference: Option<Mean>,
}

/// Score with a finite number of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShotScore {
    /// Measurements of each feature.
    pub shots: u64,
    /// Score on the test part.
    pub test: Mean,
}

/// Scores with part of the training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Training rows used.
    pub rows: usize,
    /// On them.
    pub train: Mean,
    /// On the validation part.
    pub validation: Mean,
}

/// What a group of features is good for, on the validation part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Its name.
    pub group: String,
    /// `mean-field` or `quantum`.
    pub family: String,
    /// Columns.
    pub columns: usize,
    /// Score of a readout of it alone.
    pub alone: Option<Mean>,
    /// Score of a readout of everything else.
    pub without: Option<Mean>,
}

/// Capacity of each learner for one degree and longest delay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityRow {
    /// Degree.
    pub degree: u32,
    /// Longest delay.
    pub delay: usize,
    /// Capacities in the order of the learners.
    pub capacities: Vec<Mean>,
}

/// Scores and looks of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// `nrmse`, `accuracy` or `capacity`.
    pub score: String,
    /// Names of the classes; none of a series.
    pub classes: Vec<String>,
    /// The network first.
    pub learners: Vec<Learner>,
    /// Score against measurements.
    pub shots: Vec<ShotScore>,
    /// Score against training rows.
    pub curve: Vec<CurvePoint>,
    /// What groups of features are good for.
    pub importances: Vec<Importance>,
    /// `[true class][predicted class]` over the test parts of all seeds.
    pub confusion: Vec<Vec<usize>>,
    /// Capacities by degree and delay.
    pub capacities: Vec<CapacityRow>,
}

/// Truth and prediction of one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predicted {
    /// Number of the row that is predicted.
    pub row: usize,
    /// `train`, `validation` or `test`.
    pub part: &'static str,
    /// Truth: a number, or the number of a class.
    pub truth: f64,
    /// Prediction, likewise.
    pub prediction: f64,
}

/// One feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// Neuron, quantity, virtual node.
    pub name: String,
    /// `mean-field` or `quantum`.
    pub family: String,
}

impl Summary {
    /// Name of the score as people write it.
    pub fn score_name(&self) -> &'static str {
        match self.score.as_str() {
            "accuracy" => "Accuracy",
            "capacity" => "Capacity",
            _ => "NRMSE",
        }
    }

    /// Whether less of it is better.
    pub fn less_is_better(&self) -> bool {
        self.score == "nrmse"
    }
}
