//! CSV tables, both ways: shortest floats that read back to the same bits, and errors with a file and a line.

use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::ResultsError;

/// Rows between two looks at the stop flag.
const ROWS_BETWEEN_LOOKS: u64 = 1024;

/// A table being written.
pub(super) struct TableWriter<'a> {
    writer: csv::Writer<BufWriter<File>>,
    path: PathBuf,
    stop: Option<&'a AtomicBool>,
    cell: String,
    rows: u64,
    columns: Vec<String>,
    column: usize,
}

impl<'a> TableWriter<'a> {
    /// Starts `folder/name` with its header.
    pub(super) fn create<S: AsRef<str>>(
        path: PathBuf,
        header: impl IntoIterator<Item = S>,
        stop: Option<&'a AtomicBool>,
    ) -> Result<Self, ResultsError> {
        let file = File::create_new(&path).map_err(ResultsError::writing(&path))?;
        let writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 16, file));
        let columns: Vec<String> = header.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let mut table = Self { writer, path, stop, cell: String::new(), rows: 0, columns: Vec::new(), column: 0 };
        for name in &columns {
            table.text(name)?;
        }
        table.columns = columns;
        table.end_row()?;
        Ok(table)
    }

    /// Adds a cell of text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ResultsError> {
        self.column += 1;
        self.writer.write_field(text).map_err(|cause| write_error(&self.path, cause))
    }

    /// Adds a number, which must be finite: a table that says it is whole holds no other.
    pub(super) fn number(&mut self, value: f64) -> Result<(), ResultsError> {
        self.finite(value)?;
        self.cell.clear();
        write_number(&mut self.cell, value);
        self.writer.write_field(&self.cell).map_err(|cause| write_error(&self.path, cause))
    }

    /// Adds a number of single precision, which must be finite.
    pub(super) fn single(&mut self, value: f32) -> Result<(), ResultsError> {
        self.finite(value.into())?;
        self.cell.clear();
        write_number(&mut self.cell, value);
        self.writer.write_field(&self.cell).map_err(|cause| write_error(&self.path, cause))
    }

    fn finite(&mut self, value: f64) -> Result<(), ResultsError> {
        self.column += 1;
        if value.is_finite() {
            return Ok(());
        }
        let column = self.columns.get(self.column - 1).cloned().unwrap_or_default();
        Err(ResultsError::not_finite(&self.path, &column, self.rows, value))
    }

    /// Ends the row.
    pub(super) fn end_row(&mut self) -> Result<(), ResultsError> {
        self.rows += 1;
        self.column = 0;
        if self.rows.is_multiple_of(ROWS_BETWEEN_LOOKS) {
            check_stop(self.stop)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(|cause| write_error(&self.path, cause))
    }

    /// Brings everything to the disk.
    pub(super) fn finish(self) -> Result<(), ResultsError> {
        let path = self.path;
        let writing = || ResultsError::writing(&path);
        let buffered = self.writer.into_inner().map_err(|error| writing()(error.into_error()))?;
        let file = buffered.into_inner().map_err(|error| writing()(error.into_error()))?;
        file.sync_all().map_err(writing())
    }
}

/// [`ResultsError::Stopped`] once the flag is up.
pub(super) fn check_stop(stop: Option<&AtomicBool>) -> Result<(), ResultsError> {
    match stop {
        Some(flag) if flag.load(Ordering::Relaxed) => Err(ResultsError::Stopped),
        _ => Ok(()),
    }
}

/// Appends the shortest text that reads back to the same bits: `5`, `0.1`, `1e-7`.
pub(super) fn write_number(text: &mut String, value: impl std::fmt::Debug) {
    let start = text.len();
    // Debug, not Display, is short for tiny and huge numbers; writing into a string cannot fail.
    let _ = write!(text, "{value:?}");
    if text[start..].ends_with(".0") {
        text.truncate(text.len() - 2);
    }
}

/// A table being read, row by row.
pub(super) struct TableReader {
    reader: csv::Reader<File>,
    record: csv::StringRecord,
    path: PathBuf,
    line: u64,
}

impl TableReader {
    /// Opens `folder/file`, which must be there.
    pub(super) fn open(folder: &Path, file: &'static str) -> Result<Self, ResultsError> {
        let path = folder.join(file);
        if !path.is_file() {
            return Err(ResultsError::Missing { folder: folder.to_owned(), file });
        }
        let reader = csv::Reader::from_path(&path).map_err(|cause| read_error(&path, cause))?;
        Ok(Self { reader, record: csv::StringRecord::new(), path, line: 1 })
    }

    /// The names of the columns.
    pub(super) fn header(&mut self) -> Result<Vec<String>, ResultsError> {
        let path = &self.path;
        let header = self.reader.headers().map_err(|cause| read_error(path, cause))?;
        Ok(header.iter().map(str::to_owned).collect())
    }

    /// Checks that the columns are these.
    pub(super) fn expect_header(&mut self, expected: &[&str]) -> Result<(), ResultsError> {
        let found = self.header()?;
        if found == expected {
            return Ok(());
        }
        let problem = format!("its columns are `{}`, expected `{}`", found.join(","), expected.join(","));
        Err(ResultsError::foreign(&self.path, problem))
    }

    /// Goes to the next row; false after the last.
    pub(super) fn next_row(&mut self) -> Result<bool, ResultsError> {
        let more = self.reader.read_record(&mut self.record).map_err(|cause| read_error(&self.path, cause))?;
        self.line = self.record.position().map_or(self.line, csv::Position::line);
        Ok(more)
    }

    /// Text in a column of this row; csv has made sure that every row is as long as the header.
    pub(super) fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// Number in a column of this row.
    pub(super) fn number(&self, column: usize) -> Result<f64, ResultsError> {
        self.parsed(column)
    }

    /// Number of single precision in a column of this row.
    pub(super) fn single(&self, column: usize) -> Result<f32, ResultsError> {
        self.parsed(column)
    }

    fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, ResultsError> {
        let text = self.text(column);
        text.parse().map_err(|_| self.problem(format!("`{text}` is no number")))
    }

    /// An error at this row.
    pub(super) fn problem(&self, problem: impl std::fmt::Display) -> ResultsError {
        ResultsError::foreign(&self.path, format!("line {}: {problem}", self.line))
    }
}

fn write_error(path: &Path, cause: csv::Error) -> ResultsError {
    ResultsError::CannotWrite { path: path.to_owned(), cause: cause.into() }
}

fn read_error(path: &Path, cause: csv::Error) -> ResultsError {
    if cause.is_io_error() {
        return ResultsError::CannotRead { path: path.to_owned(), cause: cause.into() };
    }
    ResultsError::foreign(path, cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::write_number;

    #[test]
    fn numbers_are_short_and_read_back_to_the_same_bits() {
        let text = |value: f64| {
            let mut text = String::new();
            write_number(&mut text, value);
            text
        };
        assert_eq!(
            [text(5.0), text(0.1), text(-65.0), text(1e-7), text(1e300)],
            ["5", "0.1", "-65", "1e-7", "1e300"]
        );
        for value in [0.1 + 0.2, 1.0 / 3.0, f64::MIN_POSITIVE, f64::MAX, -0.0, 2f64.powi(60)] {
            assert_eq!(text(value).parse::<f64>().unwrap().to_bits(), value.to_bits(), "{value:e}");
        }
    }
}
