//! The tables of one folder, written and read.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use qhh_core::stop;

use super::format::Writer;
use super::{Columns, Format, Kind, Row};
use crate::ResultsError;

/// Rows that are in memory at once, and between two looks whether to stop.
const CHUNK: usize = 4096;
/// Cells of such rows at most: they are in memory twice, and a stop is noticed between them.
const MOST_CELLS: usize = 1 << 18;

/// Where tables are written, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TableFolder<'a> {
    /// As files.
    Files { path: &'a Path, format: Format },
    /// Into memory, by name.
    Memory(&'a NamedTables),
}

/// Tables in memory, in the order in which they were begun.
pub(crate) type NamedTables = RefCell<Vec<(String, Columns)>>;

impl<'a> TableFolder<'a> {
    /// Writes a table, even one without rows.
    pub(crate) fn write<R: Row>(&self, rows: impl IntoIterator<Item = R>) -> Result<(), ResultsError> {
        self.write_as(R::TABLE.name, rows)
    }

    /// Writes a table unless it has no rows.
    pub(crate) fn write_some<R: Row>(&self, rows: impl IntoIterator<Item = R>) -> Result<(), ResultsError> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() { self.write(rows) } else { Ok(()) }
    }

    /// Writes rows as a table of another name than their own.
    pub(crate) fn write_as<R: Row>(
        &self,
        name: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), ResultsError> {
        let schema = R::TABLE.columns.iter().map(|column| (column.name.to_owned(), column.kind));
        let mut chunk = Columns::empty(schema);
        let mut table = self.begin(name, &chunk)?;
        for row in rows {
            row.push(&mut chunk);
            if chunk.n_rows() == CHUNK {
                table.rows(&chunk)?;
                chunk.clear();
            }
        }
        table.rows(&chunk)?;
        table.writer.finish()
    }

    /// Writes columns as a table of this name; `chunk` makes those of a range of rows, 0 of them for the names.
    pub(crate) fn write_columns(
        &self,
        name: &str,
        n_rows: usize,
        chunk: impl Fn(std::ops::Range<usize>) -> Columns,
    ) -> Result<(), ResultsError> {
        let names = chunk(0..0);
        let mut table = self.begin(name, &names)?;
        let rows = (MOST_CELLS / names.0.len().max(1)).clamp(1, CHUNK);
        for first in (0..n_rows).step_by(rows) {
            table.rows(&chunk(first..n_rows.min(first + rows)))?;
        }
        table.writer.finish()
    }

    /// Writes columns that are in memory as a table of this name.
    pub(crate) fn write_whole(&self, name: &str, columns: &Columns) -> Result<(), ResultsError> {
        let mut table = self.begin(name, columns)?;
        table.rows(columns)?;
        table.writer.finish()
    }

    fn begin(&self, name: &str, columns: &Columns) -> Result<Table<'a>, ResultsError> {
        match *self {
            Self::Files { path, format } => {
                let path = path.join(format.file(name));
                let writer = format.create(&path, columns)?;
                Ok(Table { writer, path: Some(path), n_rows: 0 })
            }
            Self::Memory(tables) => {
                let schema = columns.0.iter().map(|column| (column.name.clone(), column.values.kind()));
                tables.borrow_mut().push((name.to_owned(), Columns::empty(schema)));
                Ok(Table { writer: Box::new(Kept(tables)), path: None, n_rows: 0 })
            }
        }
    }
}

/// Appends to the table that was begun last.
struct Kept<'a>(&'a NamedTables);

impl Writer for Kept<'_> {
    fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
        if let Some((_, table)) = self.0.borrow_mut().last_mut() {
            table.append(columns);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ResultsError> {
        Ok(())
    }
}

/// A table being written.
struct Table<'a> {
    writer: Box<dyn Writer + 'a>,
    /// The file, if it is one.
    path: Option<PathBuf>,
    n_rows: usize,
}

impl Table<'_> {
    /// Appends rows, of which every number in a file must be finite: one that says it is whole holds no other.
    fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
        stop::check();
        for (path, column) in self.path.iter().flat_map(|path| columns.0.iter().map(move |column| (path, column)))
        {
            if let Some((row, value)) = column.values.not_finite() {
                let row = (self.n_rows + row + 1) as u64;
                return Err(ResultsError::not_finite(path, &column.name, row, value));
            }
        }
        self.n_rows += columns.n_rows();
        self.writer.rows(columns)
    }
}

/// The rows of a table that was read.
pub(crate) struct Rows<R> {
    path: PathBuf,
    rows: Vec<R>,
}

impl<R: Row> Rows<R> {
    /// Reads the table from `folder`, in whatever format it is there.
    pub(crate) fn read(folder: &Path) -> Result<Self, ResultsError> {
        let expected: Vec<&str> = R::TABLE.columns.iter().map(|column| column.name).collect();
        let (path, columns) = read_columns(folder, R::TABLE.name, &|path, names| {
            if names == expected {
                return Ok(R::TABLE.columns.iter().map(|column| column.kind).collect());
            }
            let problem = format!("its columns are `{}`, expected `{}`", names.join(","), expected.join(","));
            Err(ResultsError::foreign(path, problem))
        })?;
        let rows = (0..columns.n_rows()).map(|row| R::at(&columns, row)).collect();
        Ok(Self { path, rows })
    }

    /// The rows, each with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &R)> {
        self.rows.iter().enumerate()
    }

    /// Groups of `size` rows that follow one another, each with the number of its first.
    pub(crate) fn groups(&self, size: usize) -> Result<impl Iterator<Item = (usize, &[R])>, ResultsError> {
        if size == 0 || !self.rows.len().is_multiple_of(size) {
            return Err(self.problem(self.rows.len(), "rows are missing after this one"));
        }
        Ok(self.rows.chunks(size).enumerate().map(move |(k, rows)| (k * size, rows)))
    }

    /// An error at a row, counted from 0; the header is line 1 of a text.
    pub(crate) fn problem(&self, row: usize, problem: impl fmt::Display) -> ResultsError {
        ResultsError::foreign(&self.path, format!("line {}: {problem}", row + 2))
    }
}

/// What the columns of these names hold in the table of this file, or why it cannot have them.
type KindsOf<'a> = dyn Fn(&Path, &[String]) -> Result<Vec<Kind>, ResultsError> + 'a;

/// Reads a table whose columns `kinds` knows from `folder`, in whatever format it is there; also its file.
pub(crate) fn read_columns(
    folder: &Path,
    name: &str,
    kinds: &KindsOf<'_>,
) -> Result<(PathBuf, Columns), ResultsError> {
    let format = Format::found(folder, name);
    let file = format.file(name);
    let path = folder.join(&file);
    if !path.is_file() {
        return Err(ResultsError::Missing { folder: folder.to_owned(), file });
    }
    let columns = format.read(&path, &|names| kinds(&path, names))?;
    Ok((path, columns))
}
