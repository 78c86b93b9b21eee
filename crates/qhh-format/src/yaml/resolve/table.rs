//! CSV files of numbers: a header, then rows; what is wrong is named by line and column.

use crate::rows::{BadRow, Rows};
use crate::yaml::input::Opened;
use crate::yaml::quantity::Scope;
use crate::yaml::wording::{clip, suggestion};

/// A CSV file being read.
pub(super) struct Table<'a> {
    rows: Rows<Opened>,
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
    header: &'a [String],
    about: &'a About<'a>,
    /// Line of the file, from 1.
    line: u64,
}

impl<'a> Table<'a> {
    /// Reads the header; `scope` is that of the file's `path`.
    pub(super) fn new(file: Opened, path: &str, numbers: &'static str, scope: &'a Scope<'a>) -> Option<Self> {
        let about = About { shown: clip(path), scope, numbers };
        let rows = Rows::new(file).map_err(|bad| about.broken(&bad)).ok()?;
        if rows.header().is_empty() {
            let message = format!("`{}` is empty: it needs a header", about.shown);
            about.scope.wrong(message, "a CSV file has a header, and rows with as many fields");
            return None;
        }
        Some(Self { rows, about })
    }

    /// Names of the columns.
    pub(super) fn header(&self) -> &[String] {
        self.rows.header()
    }

    /// Place of a column, if it is there; two of one name are reported.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let mut places = (0..).zip(self.rows.header()).filter(|(_, title)| *title == name).map(|(place, _)| place);
        let (first, second) = (places.next(), places.next());
        if second.is_some() {
            let message = format!("`{}` has two columns `{}`", self.about.shown, clip(name));
            self.about.scope.wrong(message, "give each column a name of its own");
        }
        first
    }

    /// Place of a column; reported at `scope` if it is not there.
    pub(super) fn column(&self, name: &str, scope: &Scope<'_>) -> Option<usize> {
        let found = self.find(name);
        if found.is_none() {
            let titles: Vec<&str> = self.rows.header().iter().map(String::as_str).collect();
            let message = format!("`{}` has no column `{}`", self.about.shown, clip(name));
            match self.rows.no_header() {
                Some((what, help)) => scope.wrong(format!("{message}: {what}"), help),
                None => scope.wrong(message, header_help(name, &titles)),
            }
        }
        found
    }

    /// Shows every row to `see`, up to the first that it does not take; whether all were taken.
    pub(super) fn rows(&mut self, mut see: impl FnMut(&Row<'_>) -> Option<()>) -> Option<()> {
        let header = self.rows.header().to_vec();
        while let Some((line, record)) = self.rows.next().map_err(|bad| self.about.broken(&bad)).ok()? {
            see(&Row { record, header: &header, about: &self.about, line })?;
        }
        Some(())
    }
}

/// What to do about a column that is not in the header.
fn header_help(name: &str, titles: &[&str]) -> String {
    let is_divided = |title: &str| title.contains(['\t', ' ', '|']);
    match titles {
        [one] if is_divided(one) => "columns are divided by commas or semicolons; this header has none".to_owned(),
        _ if name == "t" => {
            let time = titles.iter().find(|title| ["time", "times"].contains(&title.to_lowercase().as_str()));
            time.map_or_else(|| suggestion(name, titles), |title| format!("add `time_column: {title}`"))
        }
        _ => suggestion(name, titles),
    }
}

impl About<'_> {
    fn broken(&self, BadRow { line, what }: &BadRow) {
        self.scope.wrong(
            format!("`{}`, line {line}: {what}", self.shown),
            "a CSV file has a header and rows with as many fields, between commas or semicolons",
        );
    }
}

impl Row<'_> {
    /// The finite number in a field.
    pub(super) fn number(&self, field: usize) -> Option<f64> {
        let text = self.record.get(field).unwrap_or_default();
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if text.is_empty() {
            self.wrong(field, "this cell is empty", "write what belongs there, or leave the row out");
        } else if number.is_none() {
            let help = if text.contains(',') && text.replacen(',', ".", 1).parse::<f64>().is_ok() {
                "write decimal points, not commas"
            } else {
                self.about.numbers
            };
            self.wrong(field, format!("`{}` is no finite number", clip(text)), help);
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

    /// The text in a field.
    pub(super) fn text(&self, field: usize) -> &str {
        self.record.get(field).unwrap_or_default()
    }

    /// Reports a field.
    pub(super) fn wrong(&self, field: usize, what: impl AsRef<str>, help: &str) {
        let About { shown, scope, .. } = self.about;
        let (line, column) = (self.line, clip(self.header.get(field).map_or("", String::as_str)));
        scope.wrong(format!("`{shown}`, line {line}, column `{column}`: {}", what.as_ref()), help);
    }
}
