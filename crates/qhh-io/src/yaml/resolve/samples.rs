//! Currents from a CSV file: times and values in the file's unit system.

use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use crate::yaml::check::{clip, suggestion};
use crate::yaml::quantity::Scope;

/// Bytes of a data file at most: ten million samples.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A data file that a network depends on.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Where it was read.
    pub(crate) source: PathBuf,
    /// Name under which the resolved network refers to it.
    pub(crate) name: String,
    pub(crate) column: String,
    pub(crate) time_column: String,
}

/// What to read.
pub(super) struct Request<'a> {
    /// Folder of the network file.
    pub(super) folder: &'a Path,
    pub(super) path: &'a str,
    pub(super) column: &'a str,
    pub(super) time_column: &'a str,
}

/// Times and currents; `None`, with the reason on the list, if there are none.
pub(super) fn read(source: &str, request: &Request<'_>, scope: &Scope<'_>) -> Option<(Vec<(f64, f64)>, DataFile)> {
    let path = locate(request, &scope.key("path"))?;
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            scope.key("path").wrong(
                format!("cannot read `{}`: {error}", clip(request.path)),
                "check the path: it starts at the folder of the network file",
            );
            return None;
        }
    };
    let points = points(csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file), request, scope)?;
    let data = DataFile {
        source: path,
        name: format!("source-{source}.csv"),
        column: request.column.to_owned(),
        time_column: request.time_column.to_owned(),
    };
    Some((points, data))
}

/// The file, which must be within the folder of the network, links followed, and not too large.
fn locate(request: &Request<'_>, scope: &Scope<'_>) -> Option<PathBuf> {
    let shown = clip(request.path);
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if request.path.is_empty() || !Path::new(request.path).components().all(plain) {
        scope.wrong(
            format!("`{shown}` does not stay within the folder of the network file"),
            "copy the data file beside the network file and give its name alone",
        );
        return None;
    }
    let folder = if request.folder.as_os_str().is_empty() { Path::new(".") } else { request.folder };
    let path = folder.join(request.path);
    let within =
        || Ok::<_, std::io::Error>((fs::canonicalize(folder)?, fs::canonicalize(&path)?, fs::metadata(&path)?));
    let (message, help) = match within() {
        Ok((folder, file, _)) if !file.starts_with(&folder) => (
            format!("`{shown}` is a link to a file outside the folder of the network file"),
            "copy the data file itself beside the network file",
        ),
        Ok((_, _, about)) if !about.is_file() => (format!("`{shown}` is no file"), "give the name of a CSV file"),
        Ok((_, _, about)) if about.len() > MAX_BYTES => (
            format!("`{shown}` has {} MiB, above the limit of {} MiB", about.len() >> 20, MAX_BYTES >> 20),
            "keep fewer samples: the current between two is a straight line",
        ),
        Ok(_) => return Some(path),
        Err(error) => (
            format!("cannot read `{shown}`: {error}"),
            "check the path: it starts at the folder of the network file",
        ),
    };
    scope.wrong(message, help);
    None
}

fn points(mut reader: csv::Reader<File>, request: &Request<'_>, scope: &Scope<'_>) -> Option<Vec<(f64, f64)>> {
    let shown = clip(request.path);
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} fields, but the header has {expected_len}")
            }
            csv::ErrorKind::Utf8 { .. } => "this is no text in UTF-8".to_owned(),
            _ => error.to_string(),
        };
        scope.key("path").wrong(
            format!("`{shown}`, line {line}: {what}"),
            "a CSV file has a header and rows with as many fields, between commas",
        );
    };
    let header = reader.headers().map_err(|error| broken(&error)).ok()?.clone();
    let column = |key: &str, name: &str| {
        let found = header.iter().position(|title| title == name);
        if found.is_none() {
            let titles: Vec<&str> = header.iter().collect();
            let scope = scope.key(key);
            scope.wrong(format!("`{shown}` has no column `{}`", clip(name)), suggestion(name, &titles));
        }
        found
    };
    let (time, value) = (column("time_column", request.time_column), column("column", request.column));
    let (time, value) = (time?, value?);
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                broken(&error);
                return None;
            }
        }
        let row = record.position().map_or(0, csv::Position::line);
        let number = |field: usize| {
            let text = record.get(field).unwrap_or_default();
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            if number.is_none() {
                scope.key("path").wrong(
                    format!(
                        "`{shown}`, line {row}, column `{}`: `{}` is no finite number",
                        clip(&header[field]),
                        clip(text)
                    ),
                    "times and currents are bare numbers in the unit system of the network file",
                );
            }
            number
        };
        let point = (number(time)?, number(value)?);
        if points.last().is_some_and(|last| last.0 >= point.0) {
            scope.key("path").wrong(
                format!(
                    "`{shown}`, line {row}, column `{}`: {} is not after the time before it",
                    clip(request.time_column),
                    point.0
                ),
                "sort the rows by time and keep one of those with equal times",
            );
            return None;
        }
        points.push(point);
    }
    if points.len() < 2 {
        scope.key("path").wrong(format!("`{shown}` has fewer than two samples"), "give at least two rows");
        return None;
    }
    Some(points)
}
