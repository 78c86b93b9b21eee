//! CSV files of numbers: a header, then rows; what is wrong is named by line and column.

use super::files::Opened;
use crate::yaml::check::{clip, suggestion};
use crate::yaml::quantity::Scope;

/// A CSV file being read.
pub(super) struct Table<'a> {
    reader: csv::Reader<Opened>,
    header: csv::StringRecord,
    about: About<'a>,
}

struct About<'a> {
    /// Name of the file as typed, clipped.
    shown: String,
    /// Entry of its `path`.
    scope: &'a Scope<'a>,
    /// What its numbers are, for whoever wrote something else.
    numbers: &'static str,
}

/// One row of it.
pub(super) struct Row<'a> {
    record: &'a csv::StringRecord,
    header: &'a csv::StringRecord,
    about: &'a About<'a>,
    /// Line of the file, from 1.
    line: u64,
}

impl<'a> Table<'a> {
    /// Reads the header; `scope` is that of the file's `path`.
    pub(super) fn new(file: Opened, path: &str, numbers: &'static str, scope: &'a Scope<'a>) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let about = About { shown: clip(path), scope, numbers };
        let header = reader.headers().map_err(|error| about.broken(&error)).ok()?.clone();
        Some(Self { reader, header, about })
    }

    /// Place of a column, if it is there.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|title| title == name)
    }

    /// Place of a column; reported at `scope` if it is not there.
    pub(super) fn column(&self, name: &str, scope: &Scope<'_>) -> Option<usize> {
        let found = self.find(name);
        if found.is_none() {
            let titles: Vec<&str> = self.header.iter().collect();
            let message = format!("`{}` has no column `{}`", self.about.shown, clip(name));
            scope.wrong(message, suggestion(name, &titles));
        }
        found
    }

    /// Shows every row to `see`, up to the first that it does not take; whether all were taken.
    pub(super) fn rows(&mut self, mut see: impl FnMut(&Row<'_>) -> Option<()>) -> Option<()> {
        let Self { reader, header, about } = self;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| about.broken(&error)).ok()? {
            let line = record.position().map_or(0, csv::Position::line);
            see(&Row { record: &record, header, about, line })?;
        }
        Some(())
    }
}

impl About<'_> {
    fn broken(&self, error: &csv::Error) {
        let line = error.position().map_or(1, csv::Position::line);
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} fields, but the header has {expected_len}")
            }
            csv::ErrorKind::Utf8 { .. } => "this is no text in UTF-8".to_owned(),
            _ => error.to_string(),
        };
        self.scope.wrong(
            format!("`{}`, line {line}: {what}", self.shown),
            "a CSV file has a header and rows with as many fields, between commas",
        );
    }
}

impl Row<'_> {
    /// The finite number in a field.
    pub(super) fn number(&self, field: usize) -> Option<f64> {
        let text = self.record.get(field).unwrap_or_default();
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong(field, format!("`{}` is no finite number", clip(text)), self.about.numbers);
        }
        number
    }

    /// The place of a neuron, a whole number, in a field.
    pub(super) fn place(&self, field: usize) -> Option<u32> {
        let text = self.record.get(field).unwrap_or_default();
        let place = text.parse().ok();
        if place.is_none() {
            let message = format!("`{}` is no place of a neuron", clip(text));
            self.wrong(field, message, "`from` and `to` are places in the entry's lists: 0, 1, 2 and so on");
        }
        place
    }

    /// Reports a field.
    pub(super) fn wrong(&self, field: usize, what: impl AsRef<str>, help: &str) {
        let About { shown, scope, .. } = self.about;
        let (line, column) = (self.line, clip(self.header.get(field).unwrap_or_default()));
        scope.wrong(format!("`{shown}`, line {line}, column `{column}`: {}", what.as_ref()), help);
    }
}
