//! The task file: what a network is to learn, read like a network file, every mistake with its place.
//!
//! Its network and its data are files beside it. A study comes out, checked as far as it can be without running anything.

mod data;
mod goal;
mod reservoir;
mod resolve;
pub(crate) mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use qhh_lab::learn::Study;
use qhh_lab::learn::dataset::{self, Sequence};
use qhh_lab::learn::reservoir::Plan;
use qhh_net::Network;
use serde::{Deserialize, Serialize};

use crate::yaml::input::Source;
use crate::yaml::{self, LoadError, Loaded, read};

pub use data::{DataError, Table};

/// A learning task as its file, its overrides and the defaults make it.
#[derive(Debug, Clone)]
pub struct Task {
    /// The text of its file.
    pub text: Arc<str>,
    /// What it shows; may be empty.
    pub description: String,
    /// The network.
    pub network: Loaded,
    /// Where it was read.
    pub network_file: PathBuf,
    /// How inputs stand in a file.
    pub layout: Layout,
    /// What is run.
    pub study: Study,
    source: Source,
}

impl Task {
    /// The error of a mistake at an entry of the file, such as `["encode", "0", "as"]`; numbers are places in a list.
    pub fn mistake(&self, at: &[&str], message: &str, help: &str) -> LoadError {
        self.source.mistake(at, message, help)
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

    /// Inputs of a table that stands like this, a sequence for each example; a series is one.
    ///
    /// # Errors
    /// [`DataError`]: a column that is not there, a cell that is no number, no rows at all.
    pub fn read(&self, table: &Table) -> Result<Vec<Sequence>, DataError> {
        table.at_least(1, "a table of inputs", "give at least one row below the header")?;
        let places =
            |columns: &[String]| columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>();
        let flat = |columns: &[String]| -> Result<Vec<Vec<f64>>, DataError> {
            Ok(table.cut(&places(columns)?, 1)?.into_iter().flatten().collect())
        };
        match self {
            Self::Series { columns } => Ok(vec![dataset::sequence(&flat(columns)?)]),
            Self::Rows { columns, symbols } => {
                let examples = table.cut(&places(columns)?, *symbols)?;
                Ok(examples.iter().map(|symbols| dataset::sequence(symbols)).collect())
            }
            Self::Sequences { columns, sequence } => {
                let (rows, edges) = (flat(columns)?, table.groups(table.column(sequence)?));
                Ok(edges.windows(2).map(|pair| dataset::sequence(&rows[pair[0]..pair[1]])).collect())
            }
        }
    }
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
pub fn reservoir(name: &Path, text: &str, network: &Network, inputs: Vec<String>) -> Result<Plan, LoadError> {
    reservoir::load(name, text, network, inputs)
}

/// JSON schema of the task file, with a description of every key.
pub fn schema() -> serde_json::Value {
    schema::schema()
}
