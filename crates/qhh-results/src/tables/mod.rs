//! Tables of results: named columns of equal length, the same whatever format their files have.
//!
//! row structs ([`rows`]) <-> [`Columns`] <-> files ([`mod@format`]). A table whose columns are known beforehand is a row
//! struct, declared once with the meaning and unit of each column; one whose columns depend on the run (traces, sweeps)
//! is made of [`Columns`] directly. A new table is a row struct and the place that fills it; a new format is a file beside
//! `format/csv.rs` and a line in [`format::FORMATS`].

mod columns;
mod folder;
pub mod format;
pub mod rows;
mod who;

pub use columns::{Column, Columns, Kind, Values};
pub use format::Format;
pub use format::csv_text;
pub use rows::{ColumnSpec, Row, TableSpec};
pub use who::Who;

pub(crate) use folder::{NamedTables, Rows, TableFolder, read_columns};
