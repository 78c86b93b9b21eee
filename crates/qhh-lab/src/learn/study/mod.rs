//! A study: one task, a network beside its baselines, several seeds.
//!
//! Of each seed data, network and baselines are drawn anew, trained on the training part alone and scored on all three.
//! The model handed over is that of the first seed.

mod export;
mod feature_analysis;
mod learners;
mod measure;
mod rivals;
mod seed_data;
mod size;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, Split, Targets};
use super::features::{Column, Family};
use super::generate::{self, Function};
use super::model::Model;
use super::readout::Method;
use super::scores::Mean;
use super::{LearnError, Reservoir, Watch};

pub use super::assemble::Pool;
pub use export::Export;

/// What is to be learned.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// NARMA of an order ([`generate::narma`]).
    Narma {
        /// Order.
        order: usize,
        /// Symbols.
        steps: usize,
    },
    /// Mackey and Glass's series, some samples ahead ([`generate::mackey_glass`]).
    MackeyGlass {
        /// Delay of the equation.
        tau: f64,
        /// Samples ahead.
        horizon: usize,
        /// Symbols.
        steps: usize,
    },
    /// A function of the input of the moment ([`generate::nonlinear`]).
    Nonlinear {
        /// The function.
        function: Function,
        /// Symbols.
        steps: usize,
    },
    /// Capacities for products of past inputs ([`super::capacity`]).
    Capacity {
        /// Symbols.
        steps: usize,
        /// Longest delay by degree, from degree 1 on; one degree alone is the memory capacity.
        delays: Vec<usize>,
    },
    /// Cylinders, bells and funnels ([`generate::cylinder_bell_funnel`]).
    CylinderBellFunnel {
        /// Examples.
        examples: usize,
        /// One point in so many is an input.
        every: usize,
    },
    /// Data from elsewhere.
    Data(Dataset),
}

/// What is run.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Name of the task.
    pub name: String,
    /// Network, encodings and features.
    pub reservoir: Reservoir,
    /// What is to be learned.
    pub task: Task,
    /// How it is learned.
    pub method: Method,
    /// Shares of the parts.
    pub split: Split,
    /// Symbols at the start of a series that are left out.
    pub washout: usize,
    /// Symbols of which a row of a series has the features: 1 for its own alone.
    pub history: usize,
    /// What becomes of the symbols of an example.
    pub pool: Pool,
    /// Seeds, at least one.
    pub seeds: Vec<u64>,
    /// Numbers of measurements to score with, beside exact expectation values.
    pub shots: Vec<u64>,
    /// What the network is measured against.
    pub baselines: Vec<Baseline>,
    /// Past inputs of a series that the linear and the quadratic baseline have, its own included.
    pub delays: usize,
    /// Whether targets are shuffled, which leaves nothing to be learned: a check for leaks.
    pub shuffled: bool,
    /// Whether features, targets and folds of every seed are handed over as well.
    pub export: bool,
}

/// What a network is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// A readout of the raw input, with delays of a series.
    Linear,
    /// A readout of products of two past inputs, of a series.
    Quadratic,
    /// An echo state network of as many features.
    EchoState,
    /// The same network with hbar = 0.
    HbarZero,
    /// The same network with gates in place of variances.
    MeanField,
}

impl Baseline {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::HbarZero, Self::MeanField, Self::EchoState, Self::Linear, Self::Quadratic];

    /// Its name in task files.
    pub fn name(self) -> &'static str {
        match self {
            Self::HbarZero => "hbar-zero",
            Self::MeanField => "mean-field",
            Self::EchoState => "echo-state",
            Self::Linear => "linear",
            Self::Quadratic => "quadratic",
        }
    }
}

/// What a score is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreKind {
    /// Normalised root mean squared error: less is better.
    Nrmse,
    /// Share of right classes: more is better.
    Accuracy,
    /// Capacity, at most the number of features: more is better.
    Capacity,
}

impl ScoreKind {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nrmse => "nrmse",
            Self::Accuracy => "accuracy",
            Self::Capacity => "capacity",
        }
    }

    /// Its name as people write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nrmse => "NRMSE",
            Self::Accuracy => "Accuracy",
            Self::Capacity => "Capacity",
        }
    }

    /// Whether less is better.
    pub fn less_is_better(self) -> bool {
        self == Self::Nrmse
    }
}

/// Scores of one learner over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learner {
    /// `network`, `hbar = 0`, `mean field`, `echo state`, `linear`, `quadratic`.
    pub name: Cow<'static, str>,
    /// Number of its features.
    pub features: usize,
    /// Those of them that differ between rows, of the first seed.
    pub varying: usize,
    /// Strength chosen for the first seed.
    pub strength: Option<f64>,
    /// Scores; none where nothing could be learned.
    pub train: Option<Mean>,
    /// On the validation part.
    pub validation: Option<Mean>,
    /// On the test part; of capacities, their total.
    pub test: Option<Mean>,
    /// The network's score on the test part minus its own, seed by seed; none of the network itself.
    pub difference: Option<Mean>,
}

/// Score on the test part with a finite number of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShotScore {
    /// Measurements of each feature.
    pub shots: u64,
    /// Score.
    pub test: Mean,
}

/// Scores with part of the training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Training rows used.
    pub rows: usize,
    /// Score on them.
    pub train: Mean,
    /// Score on the validation part.
    pub validation: Mean,
}

/// What one group of features is good for, on the validation part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// A quantity, or `all mean field` and `all quantum`.
    pub group: String,
    /// Where it is known from.
    pub family: Family,
    /// Columns.
    pub columns: usize,
    /// Score of a readout of the group alone; none if it says nothing.
    pub alone: Option<Mean>,
    /// Score of a readout of everything else; none if that says nothing.
    pub without: Option<Mean>,
}

/// Truth and prediction of the first seed, row by row in the order of the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Predicted {
    /// Number of the row that is predicted: that of its features, plus the horizon.
    pub row: usize,
    /// `train`, `validation` or `test`.
    pub part: &'static str,
    /// Truth: the first target, or the number of the class.
    pub truth: f64,
    /// Prediction, likewise.
    pub prediction: f64,
}

/// Capacity of each learner for the products of one degree and longest delay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityRow {
    /// Degree.
    pub degree: u32,
    /// Longest delay.
    pub delay: usize,
    /// Capacity of each learner, in their order.
    pub capacities: Vec<Mean>,
}

/// Scores of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What the scores are.
    pub score: ScoreKind,
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

/// What a study came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// Scores.
    pub summary: Summary,
    /// Truth and prediction of the first seed.
    pub predictions: Vec<Predicted>,
    /// The features of the network.
    pub columns: Vec<Column>,
    /// What was learned from, seed by seed, if it was to be handed over.
    pub exports: Vec<Export>,
    /// The model of the first seed; none of capacities.
    pub model: Option<Model>,
}

/// Past inputs of the linear baseline at least.
const FEWEST_DELAYS: usize = 20;

impl Task {
    /// Symbols of a series; none of examples.
    pub fn n_symbols(&self) -> Option<usize> {
        match self {
            Self::Narma { steps, .. }
            | Self::MackeyGlass { steps, .. }
            | Self::Nonlinear { steps, .. }
            | Self::Capacity { steps, .. } => Some(*steps),
            Self::CylinderBellFunnel { .. } => None,
            Self::Data(data) => (!self.is_classes()).then(|| data.n_rows()),
        }
    }

    /// Whether every example has a class.
    pub fn is_classes(&self) -> bool {
        match self {
            Self::CylinderBellFunnel { .. } => true,
            Self::Data(data) => matches!(data.targets, Targets::Classes { .. }),
            _ => false,
        }
    }

    /// Past inputs that a baseline of the raw input is given: as many as the target depends on, at least 20.
    ///
    /// Of NARMA the order, of a Mackey-Glass series its delay, of capacities the longest delay and the input of the
    /// moment.
    pub fn delays(&self) -> usize {
        let needs = match self {
            Self::Narma { order, .. } => *order,
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay in samples")]
            Self::MackeyGlass { tau, .. } => tau.ceil() as usize + 1,
            Self::Capacity { delays, .. } => return delays.iter().max().map_or(1, |longest| longest + 1),
            Self::Nonlinear { .. } | Self::CylinderBellFunnel { .. } | Self::Data(_) => 1,
        };
        needs.max(FEWEST_DELAYS)
    }
}

impl Study {
    /// Symbols left out at the start, unless others are given.
    pub const WASHOUT: usize = 100;
    /// Seeds, unless others are given.
    pub const SEEDS: [u64; 3] = [1, 2, 3];

    /// A task with the defaults of the task file: ridge, all baselines, [`Self::SEEDS`], [`Self::WASHOUT`].
    pub fn new(name: &str, reservoir: Reservoir, task: Task) -> Self {
        Self {
            delays: task.delays(),
            name: name.to_owned(),
            reservoir,
            task,
            method: Method::default(),
            split: Split::default(),
            washout: Self::WASHOUT,
            history: 1,
            pool: Pool::All,
            seeds: Self::SEEDS.to_vec(),
            shots: Vec::new(),
            baselines: Baseline::ALL.to_vec(),
            shuffled: false,
            export: false,
        }
    }

    /// The data of a seed.
    ///
    /// # Errors
    /// [`LearnError::RunsAway`] of a NARMA series that grows without bound.
    pub fn data(&self, seed: u64) -> Result<Dataset, LearnError> {
        Ok(match &self.task {
            Task::Narma { order, steps } => generate::narma(*order, *steps, seed)?,
            Task::MackeyGlass { tau, horizon, steps } => generate::mackey_glass(*tau, *horizon, *steps, seed),
            Task::Nonlinear { function, steps } => generate::nonlinear(*function, *steps, seed),
            Task::Capacity { steps, .. } => {
                let u = generate::uniform(*steps, (-1.0, 1.0), seed);
                Dataset::series(&u, &u)
            }
            Task::CylinderBellFunnel { examples, every } => {
                generate::cylinder_bell_funnel(*examples, *every, seed)
            }
            Task::Data(data) => data.clone(),
        })
    }

    /// What its scores are.
    pub fn score(&self) -> ScoreKind {
        match &self.task {
            Task::Capacity { .. } => ScoreKind::Capacity,
            Task::CylinderBellFunnel { .. } | Task::Data(Dataset { targets: Targets::Classes { .. }, .. }) => {
                ScoreKind::Accuracy
            }
            _ => ScoreKind::Nrmse,
        }
    }

    /// Runs it.
    ///
    /// # Errors
    /// [`LearnError`]: data that do not suffice, encodings or features that do not fit the network, a run that fails,
    /// or a `watch` that breaks.
    pub fn run(&self, watch: &mut Watch<'_>) -> Result<Findings, LearnError> {
        match &self.task {
            Task::Capacity { delays, .. } => measure::run(self, delays, watch),
            _ => learners::run(self, watch),
        }
    }
}
