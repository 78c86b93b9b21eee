//! What can go wrong with a results' folder.

use std::io;
use std::path::{Path, PathBuf};

use qhh_format::yaml::LoadError;

/// Why a results' folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum ResultsError {
    #[error("{} exists already", path.display())]
    Exists { path: PathBuf },
    #[error("{} exists and is no results' folder, so nothing may replace it", path.display())]
    NotReplaceable { path: PathBuf },
    #[error("`{}` names no folder that could be made", path.display())]
    NoName { path: PathBuf },
    #[error("{} is not a folder", path.display())]
    NotAFolder { path: PathBuf },
    #[error("cannot write {}: {cause}", path.display())]
    CannotWrite { path: PathBuf, cause: io::Error },
    #[error("cannot read {}: {cause}", path.display())]
    CannotRead { path: PathBuf, cause: io::Error },
    #[error("the network's file {} cannot be kept as `{name}`: {reason}", path.display())]
    Attachment { path: PathBuf, name: String, reason: &'static str },
    #[error("the text of the summary cannot be made: {cause}")]
    Summary { cause: serde_json::Error },
    #[error("there is no folder {}", path.display())]
    NoFolder { path: PathBuf },
    #[error("{} is a file, not a folder of results", path.display())]
    IsFile { path: PathBuf },
    #[error("{} is no whole results' folder: it has no {file}", folder.display())]
    Missing { folder: PathBuf, file: String },
    #[error("{} is not what qhh writes: {problem}", path.display())]
    Foreign { path: PathBuf, problem: String },
    #[error("{}: its network cannot be read:\n{cause}", folder.display())]
    Network { folder: PathBuf, cause: Box<LoadError> },
    #[error(
        "this program is built without the format {format}; use csv, or build one with it: `cargo install --path \
         crates/qhh-cli --features parquet`"
    )]
    NotBuilt { format: &'static str },
    #[error("{} holds the results of another experiment: {difference}", path.display())]
    OtherExperiment { path: PathBuf, difference: String },
    #[error("another run is at work on {}", path.display())]
    Busy { path: PathBuf },
    #[error("{} holds a run that is not finished", path.display())]
    Unfinished { path: PathBuf, out: PathBuf },
    #[error("{} is of qhh {version}, and this is qhh {}", path.display(), env!("CARGO_PKG_VERSION"))]
    OtherVersion { path: PathBuf, version: String },
    #[error("{}: there is neither an unfinished run nor a sweep", path.display())]
    NothingUnfinished { path: PathBuf },
    #[error("{} is what a run left that broke down, and it would again", path.display())]
    BrokenDown { path: PathBuf },
    #[error("{} holds states of another network, or of another task", path.display())]
    OtherNetwork { path: PathBuf },
    #[error(
        "row {row} of column `{column}` of {file} would be {value}, and no file that says it is whole holds that; \
         nothing was written"
    )]
    NotFinite { file: String, column: String, row: u64, value: f64 },
    #[error("{file} would hold a number that is infinite or NaN ({problem}); nothing was written")]
    NoNumber { file: &'static str, problem: String },
    #[error("stopped while the results were written")]
    Stopped,
}

impl ResultsError {
    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::CannotWrite { path, cause }
    }

    /// The error where a folder of results should be and is none.
    pub(crate) fn no_folder(path: &Path) -> Self {
        let path = path.to_owned();
        if path.is_file() { Self::IsFile { path } } else { Self::NoFolder { path } }
    }

    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::CannotRead { path, cause }
    }

    pub(crate) fn not_finite(path: &Path, column: &str, row: u64, value: f64) -> Self {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::NotFinite { file, column: column.to_owned(), row, value }
    }

    pub(crate) fn foreign(path: &Path, problem: impl Into<String>) -> Self {
        Self::Foreign { path: path.to_owned(), problem: problem.into() }
    }
}
