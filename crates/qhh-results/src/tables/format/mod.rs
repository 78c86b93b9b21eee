//! Formats of tables' files, a module for each.

mod arrow;
mod csv;
mod parquet;

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Columns, Kind};
use crate::ResultsError;
pub use csv::text as csv_text;

/// Every format, the one that is written unless another is chosen first.
pub const FORMATS: &[Format] = &[csv::CSV, parquet::PARQUET, arrow::ARROW];

/// A format of tables.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name, which is also the extension of its files.
    pub name: &'static str,
    /// What it is good for.
    pub about: &'static str,
    /// How it is read and written; none in a build without the feature of its name.
    files: Option<&'static dyn Files>,
}

/// Reads and writes files of a format.
trait Files: Sync {
    /// Begins the file at `path`, which is not there yet; `columns` have no rows.
    fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError>;

    /// Reads a whole file; `kinds` says what the cells of the named columns are.
    fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError>;
}

/// What the columns of these names hold, or why a table cannot have them.
pub(super) type Kinds<'a> = dyn Fn(&[String]) -> Result<Vec<Kind>, ResultsError> + 'a;

/// Writes one file.
pub(in crate::tables) trait Writer {
    /// Appends rows.
    fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError>;

    /// Brings everything to the disk.
    fn finish(self: Box<Self>) -> Result<(), ResultsError>;
}

impl Format {
    /// Text that every program reads.
    pub const CSV: Self = csv::CSV;

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|format| format.name == name).copied()
    }

    /// Whether this build has it.
    pub fn is_built(self) -> bool {
        self.files.is_some()
    }

    /// That this build has it, to refuse it before anything is run.
    ///
    /// # Errors
    /// [`ResultsError::NotBuilt`].
    pub fn require(self) -> Result<(), ResultsError> {
        self.files().map(|_| ())
    }

    /// Name of the file of a table.
    pub fn file(self, table: &str) -> String {
        format!("{table}.{}", self.name)
    }

    /// The format that the table is written in in `folder`; CSV where it is missing.
    pub(super) fn found(folder: &Path, table: &str) -> Self {
        let is_there = |format: &&Self| folder.join(format.file(table)).is_file();
        FORMATS.iter().find(is_there).copied().unwrap_or_default()
    }

    pub(super) fn create(self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
        self.files()?.create(path, columns)
    }

    pub(super) fn read(self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
        self.files()?.read(path, kinds)
    }

    fn files(self) -> Result<&'static dyn Files, ResultsError> {
        self.files.ok_or(ResultsError::NotBuilt { format: self.name })
    }
}

impl Default for Format {
    fn default() -> Self {
        Self::CSV
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| de::Error::custom(format!("there is no format `{name}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_is_not_built_is_refused_by_name() {
        let lacking = Format { name: "orc", about: "", files: None };
        let error = lacking.create(Path::new("/nowhere/table.orc"), &Columns::default()).err().unwrap();
        assert!(error.to_string().contains("without the format orc"), "{error}");
    }
}
