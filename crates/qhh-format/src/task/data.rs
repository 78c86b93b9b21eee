//! Tables of numbers from CSV files, for tasks and predictions; what is wrong is named by line and column.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::rows::{BadRow, Rows};
use crate::yaml::wording::clip;

/// Bytes of a data file at most.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum DataError {
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{} is larger than the limit of {} MiB", path.display(), MAX_BYTES >> 20)]
    TooLarge { path: PathBuf },
    #[error("{} is empty: it needs a header, and rows with as many fields", path.display())]
    Empty { path: PathBuf },
    #[error("{}, line {line}: {what}", path.display())]
    Broken { path: PathBuf, line: u64, what: String },
    #[error("{}, line {line}, column `{column}`: {what}", path.display())]
    Cell { path: PathBuf, line: u64, column: String, what: String },
    #[error(
        "{} has two columns `{column}`, the {first}. and the {second}. of its header: give each column its own name",
        path.display()
    )]
    Ambiguous { path: PathBuf, column: String, first: usize, second: usize },
    #[error(
        "{}, lines {first} and {second}: the labels `{label}` and `{other}` are one number written in two ways; write \
         it in one way",
        path.display()
    )]
    OneNumber { path: PathBuf, first: u64, second: u64, label: String, other: String },
    #[error("the input `{column}` is named twice")]
    Twice { column: String },
    #[error("{} has no column `{column}`; it has {known}", path.display())]
    NoColumn { path: PathBuf, column: String, known: String },
    #[error("{} has no column `{column}`: {what}", path.display())]
    NoHeader { path: PathBuf, column: String, what: &'static str, remedy: &'static str },
    #[error("{} has {rows} {} of data: {needs}", path.display(), if *rows == 1 { "row" } else { "rows" })]
    TooShort { path: PathBuf, rows: usize, needs: String, remedy: &'static str },
    #[error("every row of {} has the label `{label}`: a task of classes needs two at least", path.display())]
    OneClass { path: PathBuf, label: String },
    #[error("{} has {inputs} inputs in a row, which make no {symbols} symbols of one size", path.display())]
    Uneven { path: PathBuf, inputs: usize, symbols: usize },
}

impl DataError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path, and that you may read it",
            Self::TooLarge { .. } => "leave out columns and rows that are not used",
            Self::Empty { .. } | Self::Broken { .. } => {
                "a data file has a header and rows with as many fields, between commas"
            }
            Self::Cell { .. } => "write what belongs there, or leave the row out",
            Self::Ambiguous { .. } => "change one of the two names in the first row of the file",
            Self::OneNumber { .. } => "write both in one way",
            Self::Twice { .. } => "name each column once",
            Self::NoColumn { .. } => "columns are named in the first row of the file",
            Self::TooShort { remedy, .. } | Self::NoHeader { remedy, .. } => remedy,
            Self::OneClass { .. } => {
                "give examples of two classes at least, or check that `label` names their column"
            }
            Self::Uneven { .. } => "the inputs must be a multiple of `symbols`",
        }
    }
}

/// A table as it was read: text by row and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    path: PathBuf,
    header: Vec<String>,
    /// Why the header has no names, and what to do about it.
    no_header: Option<(&'static str, &'static str)>,
    /// Line of the file, and its fields.
    rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads a CSV file with a header.
    ///
    /// # Errors
    /// [`DataError`] if there is none, or if it is no table.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let unreadable = |cause| DataError::Unreadable { path: path.to_owned(), cause };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.len() > MAX_BYTES {
            return Err(DataError::TooLarge { path: path.to_owned() });
        }
        let broken = |BadRow { line, what }| DataError::Broken { path: path.to_owned(), line, what };
        let mut read = Rows::new(file).map_err(broken)?;
        let mut rows = Vec::new();
        while let Some((line, fields)) = read.next().map_err(broken)? {
            rows.push((line, fields.iter().map(str::to_owned).collect()));
        }
        let (header, no_header) = (read.header().to_vec(), read.no_header());
        if header.is_empty() {
            return Err(DataError::Empty { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), header, no_header, rows })
    }

    /// A table of named columns as a program has them, the texts as they would stand in a file. In messages it is `the data`,
    /// and its first row is line 1.
    ///
    /// # Panics
    /// If columns differ in length.
    pub fn of_columns(columns: Vec<(String, Vec<String>)>) -> Self {
        let n_rows = columns.first().map_or(0, |(_, cells)| cells.len());
        let mut rows: Vec<(u64, Vec<String>)> = (1..).map(|line| (line, Vec::new())).take(n_rows).collect();
        let mut header = Vec::with_capacity(columns.len());
        for (name, cells) in columns {
            assert_eq!(cells.len(), n_rows, "cells of column {name}");
            header.push(name);
            rows.iter_mut().zip(cells).for_each(|((_, row), cell)| row.push(cell));
        }
        Self { path: PathBuf::from("the data"), header, no_header: None, rows }
    }

    /// Names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Place of a column.
    ///
    /// # Errors
    /// [`DataError::NoColumn`], or [`DataError::Ambiguous`] if there are two of the name.
    pub fn column(&self, name: &str) -> Result<usize, DataError> {
        let mut named = (0..self.header.len()).filter(|&place| self.header[place] == name);
        let first = named.next();
        if let (Some(first), Some(second)) = (first, named.next()) {
            let (path, column) = (self.path.clone(), name.to_owned());
            return Err(DataError::Ambiguous { path, column, first: first + 1, second: second + 1 });
        }
        first.ok_or_else(|| {
            let (path, column) = (self.path.clone(), name.to_owned());
            if let Some((what, remedy)) = self.no_header {
                return DataError::NoHeader { path, column, what, remedy };
            }
            let shown: Vec<String> = self.header.iter().take(12).map(|title| format!("`{title}`")).collect();
            let more = self.header.len().saturating_sub(12);
            let known = shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
            DataError::NoColumn { path, column, known }
        })
    }

    /// The finite numbers of a column.
    ///
    /// # Errors
    /// [`DataError::Cell`] for the first that is none.
    pub fn numbers(&self, column: usize) -> Result<Vec<f64>, DataError> {
        self.rows.iter().map(|(line, fields)| self.number(*line, fields, column)).collect()
    }

    /// The labels in a column: texts, none empty, no two of which are the same number.
    ///
    /// # Errors
    /// [`DataError::Cell`] for the first that is empty; [`DataError::OneNumber`] for `1` beside `1.0`.
    pub fn labels(&self, column: usize) -> Result<Vec<String>, DataError> {
        let mut numbers: HashMap<u64, (u64, &str)> = HashMap::new();
        for (line, fields) in &self.rows {
            let text = fields[column].as_str();
            if text.is_empty() {
                return Err(self.cell(*line, column, "this cell is empty"));
            }
            let Some(number) = text.parse().ok().filter(|number: &f64| number.is_finite()) else { continue };
            // Zero has two signs.
            let &mut (first, label) = numbers.entry((number + 0.0).to_bits()).or_insert((*line, text));
            if label != text {
                let (label, other) = (clip(label), clip(text));
                return Err(DataError::OneNumber { path: self.path.clone(), first, second: *line, label, other });
            }
        }
        Ok(self.rows.iter().map(|(_, fields)| fields[column].clone()).collect())
    }

    /// Fails at the first row whose text in a column is not that of the first row of its group.
    ///
    /// # Errors
    /// [`DataError::Cell`].
    pub fn same_within(&self, groups: &[usize], column: usize) -> Result<(), DataError> {
        let text = |row: usize| self.rows[row].1[column].as_str();
        let of_group = |pair: &[usize]| (pair[0]..pair[1]).find(|&row| text(row) != text(pair[0]));
        match groups.windows(2).find_map(of_group) {
            None => Ok(()),
            Some(row) => {
                let what = format!("`{}` differs from the row before it, of the same sequence", clip(text(row)));
                Err(self.cell(self.rows[row].0, column, what))
            }
        }
    }

    /// Fails unless there are enough rows.
    ///
    /// # Errors
    /// [`DataError::TooShort`].
    pub fn at_least(&self, rows: usize, why: &str, remedy: &'static str) -> Result<(), DataError> {
        if self.rows.len() >= rows {
            return Ok(());
        }
        let needs = format!("{why} takes at least {rows}");
        Err(DataError::TooShort { path: self.path.clone(), rows: self.rows.len(), needs, remedy })
    }

    /// Fails unless there are two labels at least.
    ///
    /// # Errors
    /// [`DataError::OneClass`].
    pub fn two_classes(&self, labels: &[String]) -> Result<(), DataError> {
        match labels {
            [first, others @ ..] if others.iter().all(|label| label == first) => {
                Err(DataError::OneClass { path: self.path.clone(), label: clip(first) })
            }
            _ => Ok(()),
        }
    }

    /// The inputs of each row, cut into `symbols` of one size: `[row][symbol][channel]`.
    ///
    /// # Errors
    /// [`DataError`] for a cell that is no number, or where the cut does not come out.
    pub fn cut(&self, columns: &[usize], symbols: usize) -> Result<Vec<Vec<Vec<f64>>>, DataError> {
        if symbols == 0 || columns.is_empty() || !columns.len().is_multiple_of(symbols) {
            return Err(DataError::Uneven { path: self.path.clone(), inputs: columns.len(), symbols });
        }
        let width = columns.len() / symbols;
        let row = |(line, fields): &(u64, Vec<String>)| {
            let numbers: Result<Vec<f64>, DataError> =
                columns.iter().map(|&column| self.number(*line, fields, column)).collect();
            Ok(numbers?.chunks(width).map(<[f64]>::to_vec).collect())
        };
        self.rows.iter().map(row).collect()
    }

    /// Rows that belong together: a new value of the column begins a new group. First row of each, and one beyond the
    /// last.
    pub fn groups(&self, column: usize) -> Vec<usize> {
        let starts = |row: &usize| *row == 0 || self.rows[*row].1[column] != self.rows[*row - 1].1[column];
        (0..self.rows.len()).filter(starts).chain([self.rows.len()]).collect()
    }

    fn number(&self, line: u64, fields: &[String], column: usize) -> Result<f64, DataError> {
        let text = &fields[column];
        text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            let what = match text.as_str() {
                "" => "this cell is empty".to_owned(),
                text => format!("`{}` is no finite number", clip(text)),
            };
            self.cell(line, column, what)
        })
    }

    fn cell(&self, line: u64, column: usize, what: impl Into<String>) -> DataError {
        DataError::Cell { path: self.path.clone(), line, column: self.header[column].clone(), what: what.into() }
    }
}
