//! Currents from a CSV file: times and values in the file's unit system.

use crate::yaml::quantity::Scope;

use super::table::Table;

/// What to read.
pub(super) struct Request<'a> {
    pub(super) path: &'a str,
    pub(super) column: &'a str,
    pub(super) time_column: &'a str,
    /// Whether each current is held until the next, in place of a straight line between the two.
    pub(super) held: bool,
}

/// Times and currents of the source `name`; `None`, with the reason on the list, if there are none.
pub(super) fn read(name: &str, request: &Request<'_>, scope: &Scope<'_>) -> Option<Vec<(f64, f64)>> {
    let path = scope.key("path");
    let (source, file) = path.open(request.path)?;
    let numbers = "times and currents are bare numbers in the unit system of the network file";
    let mut table = Table::new(file, request.path, numbers, &path)?;
    let time = table.column(request.time_column, &scope.key("time_column"));
    let value = table.column(request.column, &scope.key("column"));
    let (time, value) = (time?, value?);
    if time == value {
        let message = format!("`{}` is the column of the times", crate::yaml::wording::clip(request.column));
        scope.key("column").wrong(message, "name the column of the currents");
        return None;
    }
    let mut points: Vec<(f64, f64)> = Vec::new();
    table.rows(|row| {
        let point = (row.number(time)?, row.number(value)?);
        let last = points.last().map_or(f64::NEG_INFINITY, |last| last.0);
        if point.0 < last {
            row.wrong(time, format!("{} is before the time above it", point.0), "sort the rows by time");
            return None;
        }
        let before = points.len().checked_sub(2).and_then(|k| points.get(k)).map(|before| before.0);
        if point.0 == last && before == Some(last) {
            let help = "keep two of the rows: the values before and after a jump";
            row.wrong(time, format!("the time {} is in three rows", point.0), help);
            return None;
        }
        points.push(point);
        Some(())
    })?;
    if points.first().map(|point| point.0) == points.last().map(|point| point.0) {
        let shown = crate::yaml::wording::clip(request.path);
        path.wrong(format!("`{shown}` has samples at fewer than two times"), "give at least two rows");
        return None;
    }
    if request.held {
        points = held(&points);
    }
    let mut beside = vec![("column", request.column.to_owned()), ("time_column", request.time_column.to_owned())];
    if request.held {
        beside.push(("interpolate", "previous".to_owned()));
    }
    scope.data.keep(&format!("sources.{name}"), source, beside);
    Some(points)
}

/// The corners of a current that each sample holds until the next, the last for ever. Of two at one time the second holds.
fn held(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners = Vec::with_capacity(2 * points.len());
    for (k, &(time, current)) in points.iter().enumerate() {
        let until = points.get(k + 1).map_or(f64::MAX, |next| next.0);
        if until > time {
            corners.push((time, current));
            corners.push((until, current));
        }
    }
    corners
}
