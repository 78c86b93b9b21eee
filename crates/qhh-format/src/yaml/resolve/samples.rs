//! Currents from a CSV file: times and values in the file's unit system.

use crate::yaml::quantity::Scope;

use super::table::Table;

/// What to read.
pub(super) struct Request<'a> {
    pub(super) path: &'a str,
    pub(super) column: &'a str,
    pub(super) time_column: &'a str,
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
    let mut points: Vec<(f64, f64)> = Vec::new();
    table.rows(|row| {
        let point = (row.number(time)?, row.number(value)?);
        if points.last().is_some_and(|last| last.0 >= point.0) {
            row.wrong(
                time,
                format!("{} is not after the time before it", point.0),
                "sort the rows by time and keep one of those with equal times",
            );
            return None;
        }
        points.push(point);
        Some(())
    })?;
    if points.len() < 2 {
        let shown = crate::yaml::check::clip(request.path);
        path.wrong(format!("`{shown}` has fewer than two samples"), "give at least two rows");
        return None;
    }
    let beside = vec![("column", request.column.to_owned()), ("time_column", request.time_column.to_owned())];
    scope.data.keep(&format!("sources.{name}"), source, beside);
    Some(points)
}
