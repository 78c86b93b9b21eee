//! Fit files: a network, which of its values are trained, and for what.
//!
//! A fit is read as a network file is, with every mistake at its place. What needs the network to be understood (neurons,
//! paths, measures) is left as text here; who understands it reports mistakes by [`Fit::mistake`].

mod resolve;
pub(crate) mod schema;

use std::fmt;
use std::path::{Path, PathBuf};

pub use self::schema::Read;
use crate::yaml::input::Source;
use crate::yaml::{self, LoadError, read};

/// A fit file, read.
#[derive(Clone)]
pub struct Fit {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub description: String,
    /// Where its network is.
    pub network: PathBuf,
    /// What is trained.
    pub parameters: Vec<Parameter>,
    /// What is made least.
    pub objective: Vec<Term>,
    /// Runs with other inputs.
    pub examples: Option<Examples>,
    /// How.
    pub optimizer: Optimizer,
    /// Share of examples held out.
    pub validation: f64,
    /// Iterations without a better value.
    pub patience: usize,
    /// Seed of starts and of the order of examples.
    pub seed: u64,
    source: Source,
}

impl fmt::Debug for Fit {
    /// What its results depend on, but for the network.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, parameters, objective, examples, optimizer, validation, patience, seed, .. } = self;
        let of = (name, parameters, objective, examples, optimizer);
        of.fmt(f)?;
        (validation, patience, seed).fmt(f)
    }
}

/// A number with its unit as typed, which may be empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// The number.
    pub value: f64,
    /// The unit.
    pub unit: String,
}

/// Where a parameter begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// At the network file's value.
    File,
    /// Anywhere within the bounds.
    Random,
    /// At a value.
    At(Amount),
}

/// A value that is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its path in the network file.
    pub path: String,
    /// Whether it is trained for each neuron, connection or target by itself.
    pub each: bool,
    /// Values that are the same number.
    pub tie: Vec<String>,
    /// Least and greatest value.
    pub bounds: Option<[Amount; 2]>,
    /// Value at the start.
    pub start: Start,
}

/// A part of the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What it is of.
    pub of: Goal,
    /// Its factor.
    pub weight: f64,
}

/// What a part of the objective is of; times and voltages in the network's units, classes and neurons as typed.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the words are those of the fit file, where each is described")]
pub enum Goal {
    Trace { neuron: String, target: Vec<(f64, f64)> },
    SpikeTimes { neuron: String, times: Vec<f64>, columns: Vec<Vec<f64>>, missing: f64 },
    SmoothSpikes { neurons: String, target: f64, width: Option<f64> },
    Measure { of: String, aim: Aim },
    CrossEntropy { classes: Vec<String>, labels: Vec<usize>, read: Read, gain: f64, width: Option<f64> },
}

impl Goal {
    /// Its key in the file.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Trace { .. } => "trace",
            Self::SpikeTimes { .. } => "spike-times",
            Self::SmoothSpikes { .. } => "smooth-spikes",
            Self::Measure { .. } => "measure",
            Self::CrossEntropy { .. } => "cross-entropy",
        }
    }
}

/// What becomes of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// It is made small.
    Least,
    /// It is made large.
    Most,
    /// It is brought near to a value.
    Near(f64),
}

/// Runs with other inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Paths of the values that are set.
    pub paths: Vec<String>,
    /// Their numbers: `[example][path]`.
    pub values: Vec<Vec<f64>>,
}

/// How the least is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the words are those of the fit file, where each is described")]
pub enum Optimizer {
    Lbfgs { iterations: usize, memory: usize },
    Adam { epochs: usize, rate: f64, batch: usize, clip: Option<f64> },
}

impl Fit {
    /// The error of a mistake at an entry of the file, such as `["objective", "0", "trace", "neuron"]`; numbers are places
    /// in a list.
    pub fn mistake(&self, at: &[&str], message: &str, help: &str) -> LoadError {
        self.source.mistake(at, message, help)
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.source.text
    }
}

/// Reads the fit file at `path`, with overrides of its values, and its data.
///
/// # Errors
/// [`LoadError`] with every problem of the file, or of the network file if that has any.
pub fn load(path: &Path, reading: &yaml::Reading) -> Result<Fit, LoadError> {
    resolve::load(path, &read::text_of(path)?, reading)
}

/// Reads a fit from the text of its file. `name` stands for the file in messages; network and data are files beside it.
///
/// # Errors
/// As [`load`].
pub fn load_text(name: &Path, text: &str, reading: &yaml::Reading) -> Result<Fit, LoadError> {
    resolve::load(name, text, reading)
}

/// JSON schema of the fit file, with a description of every key.
pub fn schema() -> serde_json::Value {
    schema::schema()
}
