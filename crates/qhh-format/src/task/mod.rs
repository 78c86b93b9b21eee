//! The task file: what a network is to learn, read like a network file, every mistake with its place.
//!
//! Its network and its data are files beside it. What learning is, is not known here: numbers, names and words come
//! out, checked as far as they can be without running anything.

mod data;
mod goal;
mod reservoir;
mod resolve;
pub(crate) mod schema;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qhh_net::Network;
use qhh_net::network::Observable;
use serde::{Deserialize, Serialize};

use crate::yaml::input::Source;
use crate::yaml::{self, LoadError, Loaded, read};

pub use data::{DataError, Table};
pub use schema::{Baseline, Encoded, Mixing, Over};

/// A learning task as its file, its overrides and the defaults make it.
#[derive(Debug, Clone)]
pub struct Task {
    /// The text of its file.
    pub text: Arc<str>,
    /// Name.
    pub name: String,
    /// What it shows; may be empty.
    pub description: String,
    /// The network.
    pub network: Loaded,
    /// Where it was read.
    pub network_file: PathBuf,
    /// What is to be learned.
    pub goal: Goal,
    /// How the network is driven and read.
    pub reservoir: Reservoir,
    /// Symbols at the start of a series that are left out.
    pub washout: usize,
    /// Symbols of which a row has the features.
    pub history: usize,
    /// What becomes of the symbols of an example.
    pub over: Over,
    /// What is trained.
    pub readout: Readout,
    /// Shares of training, validation and test.
    pub split: [f64; 3],
    /// Seeds, at least one.
    pub seeds: Vec<u64>,
    /// Numbers of measurements.
    pub shots: Vec<u64>,
    /// What the network is measured against.
    pub baselines: Vec<Baseline>,
    /// Delays of the linear and the quadratic baseline; none for as many as the target depends on.
    pub linear_delays: Option<usize>,
    /// Whether targets are shuffled.
    pub shuffled: bool,
    source: Source,
}

impl Task {
    /// The error of a mistake at an entry of the file, such as `["encode", "0", "as"]`; numbers are places in a list.
    pub fn mistake(&self, at: &[&str], message: &str, help: &str) -> LoadError {
        self.source.mistake(at, message, help)
    }
}

/// What is to be learned.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the words are those of the task file, where each is described")]
pub enum Goal {
    Narma { order: usize, steps: usize },
    MackeyGlass { tau: f64, horizon: usize, steps: usize },
    Power { power: u32, steps: usize },
    Sine { cycles: f64, steps: usize },
    Capacity { delays: Vec<usize>, steps: usize },
    CylinderBellFunnel { examples: usize, every: usize },
    Series(Series),
    Classes(Examples),
}

impl Goal {
    /// How new inputs for it would stand in a file.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Classes(examples) => examples.layout.clone(),
            Self::Series(series) => Layout::Series { columns: series.channels.clone() },
            Self::CylinderBellFunnel { every, .. } => {
                let symbols = 128_usize.div_ceil(*every);
                Layout::Rows { columns: (0..symbols).map(|k| format!("x{k}")).collect(), symbols }
            }
            _ => Layout::Series { columns: vec!["input".to_owned()] },
        }
    }

    /// Symbols of a series; none of examples.
    pub fn symbols(&self) -> Option<usize> {
        match self {
            Self::Narma { steps, .. }
            | Self::MackeyGlass { steps, .. }
            | Self::Power { steps, .. }
            | Self::Sine { steps, .. }
            | Self::Capacity { steps, .. } => Some(*steps),
            Self::Series(series) => Some(series.target.len()),
            Self::CylinderBellFunnel { .. } | Self::Classes(_) => None,
        }
    }

    /// Whether every example has a class.
    pub fn is_classes(&self) -> bool {
        matches!(self, Self::CylinderBellFunnel { .. } | Self::Classes(_))
    }
}

/// A series from a file; input `k` goes with target `k`.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Names of the inputs.
    pub channels: Vec<String>,
    /// `[symbol][channel]`.
    pub inputs: Vec<Vec<f64>>,
    /// Target of each symbol.
    pub target: Vec<f64>,
    /// Rows from an input to its target.
    pub horizon: usize,
}

/// Examples from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Names of the channels.
    pub channels: Vec<String>,
    /// `[example][symbol][channel]`.
    pub inputs: Vec<Vec<Vec<f64>>>,
    /// Class of each.
    pub labels: Vec<String>,
    /// How they stand in their file.
    pub layout: Layout,
}

impl Examples {
    /// How many there are of each class.
    pub fn sizes(&self) -> BTreeMap<&str, usize> {
        let mut sizes = BTreeMap::new();
        self.labels.iter().for_each(|label| *sizes.entry(label.as_str()).or_default() += 1);
        sizes
    }
}

/// How inputs stand in a file, so that new ones can be read alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A symbol a row, all of one series.
    Series {
        /// Columns of the inputs.
        columns: Vec<String>,
    },
    /// An example a row, its symbols one after the other.
    Rows {
        /// Columns of the inputs, symbol after symbol.
        columns: Vec<String>,
        /// Symbols in a row.
        symbols: usize,
    },
    /// A symbol a row; a new value in the column `sequence` begins a new example.
    Sequences {
        /// Columns of the inputs.
        columns: Vec<String>,
        /// Column that tells sequences apart.
        sequence: String,
    },
}

impl Layout {
    /// Names of the columns that are read: the inputs, then what tells sequences apart.
    pub fn columns(&self) -> Vec<&str> {
        let (columns, sequence) = match self {
            Self::Series { columns } | Self::Rows { columns, .. } => (columns, None),
            Self::Sequences { columns, sequence } => (columns, Some(sequence)),
        };
        columns.iter().chain(sequence).map(String::as_str).collect()
    }

    /// Inputs of a table that stands like this: `[example][symbol][channel]`, a series being one example.
    ///
    /// # Errors
    /// [`DataError`]: a column that is not there, a cell that is no number, no rows at all.
    pub fn read(&self, table: &Table) -> Result<Vec<Vec<Vec<f64>>>, DataError> {
        table.at_least(1, "a table of inputs", "give at least one row below the header")?;
        let places =
            |columns: &[String]| columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>();
        let flat = |columns: &[String]| -> Result<Vec<Vec<f64>>, DataError> {
            Ok(table.cut(&places(columns)?, 1)?.into_iter().flatten().collect())
        };
        match self {
            Self::Series { columns } => Ok(vec![flat(columns)?]),
            Self::Rows { columns, symbols } => table.cut(&places(columns)?, *symbols),
            Self::Sequences { columns, sequence } => {
                let (rows, edges) = (flat(columns)?, table.groups(table.column(sequence)?));
                Ok(edges.windows(2).map(|pair| rows[pair[0]..pair[1]].to_vec()).collect())
            }
        }
    }
}

/// How a network is driven and read, symbol by symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Reservoir {
    /// How inputs enter.
    pub encodings: Vec<Encoding>,
    /// What is read.
    pub features: Vec<Feature>,
    /// Steps of a symbol, a multiple of the virtual nodes.
    pub symbol_steps: usize,
    /// Times at which a symbol is read, evenly apart, the last at its end.
    pub virtual_nodes: usize,
}

/// An encoding.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoding {
    /// Places of the sources among the network's.
    pub sources: Vec<usize>,
    /// Numbers of the inputs.
    pub channels: Vec<usize>,
    /// What the inputs become.
    pub quantity: Encoded,
    /// What the smallest and the largest become.
    pub range: (f64, f64),
    /// How they share inlets.
    pub mixing: Mixing,
    /// Whether virtual nodes have signs of their own.
    pub mask: bool,
}

/// A feature of some neurons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// What is read.
    pub reading: Reading,
    /// Of which neurons, ascending.
    pub neurons: Vec<usize>,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A quantity that can be recorded.
    Trace(Observable),
    /// Spikes within the symbol.
    Spikes,
    /// Time of the first of them.
    FirstSpike,
    /// Covariances of voltages.
    Covariance,
    /// Moments of output modes.
    Modes,
}

/// What is trained.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the words are those of the task file, where each is described")]
pub enum Readout {
    Ridge { alphas: Vec<f64>, folds: usize },
    Logistic { c: Vec<f64>, folds: usize },
}

/// Reads the task file at `path`, with overrides of its values, its network and its data.
///
/// # Errors
/// [`LoadError`] with every problem of the task file, or of the network file if that has any.
pub fn load(path: &Path, reading: &yaml::Reading) -> Result<Task, LoadError> {
    resolve::load(path, &read::text_of(path)?, reading)
}

/// Reads a task from the text of its file. `name` stands for the file in messages; network and data are files beside it.
///
/// # Errors
/// As [`load`].
pub fn load_text(name: &Path, text: &str, reading: &yaml::Reading) -> Result<Task, LoadError> {
    resolve::load(name, text, reading)
}

/// Reads how a network is driven and read from the entries `encode`, `features`, `symbol` and `virtual_nodes` of a task
/// file, for inputs of these names. `name` stands for the text in messages.
///
/// # Errors
/// [`LoadError`] with every problem of the text.
pub fn reservoir(name: &Path, text: &str, network: &Network, inputs: Vec<String>) -> Result<Reservoir, LoadError> {
    reservoir::load(name, text, network, inputs)
}

/// JSON schema of the task file, with a description of every key.
pub fn schema() -> serde_json::Value {
    schema::schema()
}
