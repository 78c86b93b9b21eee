//! CSV: shortest numbers that read back to the same bits, empty cells where one is missing.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use qhh_core::stop;

use super::{Files, Format, Kinds, Writer};
use crate::ResultsError;
use crate::tables::{Columns, Values};

/// The format.
pub(super) const CSV: Format = Format { name: "csv", about: "text that every program reads", files: Some(&Csv) };

struct Csv;

struct CsvWriter {
    writer: csv::Writer<BufWriter<File>>,
    path: PathBuf,
}

impl Files for Csv {
    fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
        let file = File::create_new(path).map_err(ResultsError::writing(path))?;
        let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 16, file));
        writer.write_record(columns.names()).map_err(|cause| write_error(path, cause))?;
        Ok(Box::new(CsvWriter { writer, path: path.to_owned() }))
    }

    fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
        let mut reader = csv::Reader::from_path(path).map_err(|cause| read_error(path, cause))?;
        let names: Vec<String> =
            reader.headers().map_err(|cause| read_error(path, cause))?.iter().map(str::to_owned).collect();
        let kinds = kinds(&names)?;
        let mut columns = Columns::empty(names.into_iter().zip(kinds));
        let mut record = csv::StringRecord::new();
        // Every record is as long as the header; csv checks that.
        while reader.read_record(&mut record).map_err(|cause| read_error(path, cause))? {
            for (column, text) in columns.0.iter_mut().zip(record.iter()) {
                column.values.parse(text).map_err(|()| {
                    let line = record.position().map_or(0, csv::Position::line);
                    let name = &column.name;
                    ResultsError::foreign(path, format!("line {line}: `{text}` in column `{name}` is no number"))
                })?;
            }
        }
        Ok(columns)
    }
}

/// The columns as the text of a CSV file.
pub fn text(columns: &Columns) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Memory takes whatever is written.
    let _ = writer.write_record(columns.names()).and_then(|()| write_rows(&mut writer, columns));
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}

fn write_rows<W: io::Write>(writer: &mut csv::Writer<W>, columns: &Columns) -> Result<(), csv::Error> {
    let mut cell = String::new();
    for row in 0..columns.n_rows() {
        stop::check();
        for column in &columns.0 {
            cell.clear();
            match &column.values {
                Values::Text(cells) => cell.push_str(&cells[row]),
                Values::Number(cells) => write_number(&mut cell, cells[row]),
                Values::Single(cells) => write_number(&mut cell, cells[row]),
                Values::Count(cells) => write_number(&mut cell, cells[row]),
                Values::Optional(cells) => {
                    if let Some(value) = cells[row] {
                        write_number(&mut cell, value);
                    }
                }
            }
            writer.write_field(&cell)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

impl Writer for CsvWriter {
    fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
        write_rows(&mut self.writer, columns).map_err(|cause| write_error(&self.path, cause))
    }

    fn finish(self: Box<Self>) -> Result<(), ResultsError> {
        let path = self.path;
        let writing = || ResultsError::writing(&path);
        let buffered = self.writer.into_inner().map_err(|error| writing()(error.into_error()))?;
        let file = buffered.into_inner().map_err(|error| writing()(error.into_error()))?;
        file.sync_all().map_err(writing())
    }
}

impl Values {
    /// Appends a cell as it stands in a file.
    fn parse(&mut self, text: &str) -> Result<(), ()> {
        fn number<T: FromStr>(text: &str) -> Result<T, ()> {
            text.parse().map_err(|_| ())
        }
        match self {
            Self::Text(cells) => cells.push(text.to_owned()),
            Self::Number(cells) => cells.push(number(text)?),
            Self::Single(cells) => cells.push(number(text)?),
            Self::Count(cells) => cells.push(number(text)?),
            Self::Optional(cells) => cells.push(if text.is_empty() { None } else { Some(number(text)?) }),
        }
        Ok(())
    }
}

/// Appends the shortest text that reads back to the same bits: `5`, `0.1`, `1e-7`.
fn write_number(text: &mut String, value: impl std::fmt::Debug) {
    let start = text.len();
    // Debug, not Display, is short for tiny and huge numbers; writing into a string cannot fail.
    let _ = write!(text, "{value:?}");
    if text[start..].ends_with(".0") {
        text.truncate(text.len() - 2);
    }
}

fn write_error(path: &Path, cause: csv::Error) -> ResultsError {
    ResultsError::CannotWrite { path: path.to_owned(), cause: cause.into() }
}

fn read_error(path: &Path, cause: csv::Error) -> ResultsError {
    if cause.is_io_error() {
        return ResultsError::CannotRead { path: path.to_owned(), cause: cause.into() };
    }
    ResultsError::foreign(path, in_words(&cause))
}

/// What is wrong with a table, by line as editors count them.
fn in_words(cause: &csv::Error) -> String {
    match cause.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(at), expected_len, len } => {
            format!("line {} has {len} fields, not {expected_len}", at.line())
        }
        _ => cause.to_string(),
    }
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
