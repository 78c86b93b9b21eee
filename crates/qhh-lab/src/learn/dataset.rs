//! What is learned from: sequences of inputs, and what is to be said of them.

use std::cmp::Ordering;

use nalgebra::DMatrix;

use super::scale::moments;

/// Inputs over symbols: one row for each symbol, one column for each channel.
pub type Sequence = DMatrix<f64>;

/// A sequence of symbols, each with its inputs.
pub fn sequence(symbols: &[Vec<f64>]) -> Sequence {
    let width = symbols.first().map_or(0, Vec::len);
    DMatrix::from_row_iterator(symbols.len(), width, symbols.iter().flatten().copied())
}

/// Inputs and targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Names of the channels.
    pub channels: Vec<String>,
    /// One long sequence for a series, one for each example otherwise.
    pub sequences: Vec<Sequence>,
    /// What is to be predicted.
    pub targets: Targets,
    /// Rows from a symbol of a series to the row of the same series that its target stands in; 0 where targets stand
    /// beside their inputs, and of classes.
    pub horizon: usize,
}

/// What is to be predicted.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Numbers at every symbol of the one sequence: `[symbol][target]`.
    Series(DMatrix<f64>),
    /// A class for each sequence.
    Classes {
        /// Names, ascending.
        names: Vec<String>,
        /// Number of the class of each sequence.
        of: Vec<usize>,
    },
}

impl Targets {
    /// One number at every symbol.
    pub fn of_numbers(target: &[f64]) -> Self {
        Self::Series(DMatrix::from_column_slice(target.len(), 1, target))
    }
}

/// Whether any target of a series differs between rows by more than rounding.
pub(super) fn differ(series: &DMatrix<f64>, rows: &[usize]) -> bool {
    series.column_iter().any(|target| moments(rows.iter().map(|&row| target[row])).1 > 0.0)
}

impl Dataset {
    /// A series of one channel with one target.
    pub fn series(input: &[f64], target: &[f64]) -> Self {
        Self {
            channels: vec!["input".to_owned()],
            sequences: vec![DMatrix::from_column_slice(input.len(), 1, input)],
            targets: Targets::of_numbers(target),
            horizon: 0,
        }
    }

    /// Rows that are learned from: symbols of a series, examples otherwise.
    pub fn n_rows(&self) -> usize {
        match &self.targets {
            Targets::Series(values) => values.nrows(),
            Targets::Classes { of, .. } => of.len(),
        }
    }

    /// How many examples there are of each class; none of a series.
    pub fn class_sizes(&self) -> Vec<(&str, usize)> {
        let Targets::Classes { names, of } = &self.targets else { return Vec::new() };
        let mut sizes: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 0)).collect();
        for class in of {
            sizes[*class].1 += 1;
        }
        sizes
    }

    /// Names of the classes; none of a series.
    pub fn classes(&self) -> &[String] {
        match &self.targets {
            Targets::Series(_) => &[],
            Targets::Classes { names, .. } => names,
        }
    }
}

/// Examples with a class each, given by name. Two labels are one class if their texts are equal: `1` and `1.0` are two.
///
/// Classes are numbered in the order of their names: finite numbers first, by value and then by text, then all others
/// by text.
pub fn labelled(channels: Vec<String>, sequences: Vec<Sequence>, labels: &[String]) -> Dataset {
    let mut names: Vec<String> = labels.to_vec();
    names.sort_by(|a, b| in_order(a, b));
    names.dedup();
    let of = labels.iter().filter_map(|label| names.binary_search_by(|name| in_order(name, label)).ok()).collect();
    Dataset { channels, sequences, targets: Targets::Classes { names, of }, horizon: 0 }
}

/// The order of labels: total, and equal only where the texts are.
fn in_order(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let by_value = match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    by_value.then_with(|| a.cmp(b))
}

/// Which rows are for what. Training data fix weights, scaling and strengths; validation is for comparing tasks with
/// one another; the test part is looked at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitRows {
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows to choose by.
    pub validation: Vec<usize>,
    /// Rows to report.
    pub test: Vec<usize>,
}

/// Shares of the parts; their sum is at most 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Share of the training part.
    pub train: f64,
    /// Share of the validation part.
    pub validation: f64,
    /// Share of the test part.
    pub test: f64,
}

impl Default for Split {
    /// 60, 20 and 20 in a hundred.
    fn default() -> Self {
        Self { train: 0.6, validation: 0.2, test: 0.2 }
    }
}
