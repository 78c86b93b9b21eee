//! From features symbol by symbol to the rows that a readout sees.

use nalgebra::DMatrix;
use qhh_core::stop;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LearnError;
use super::features::{Column, Table};

/// What becomes of the symbols of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pool {
    /// All side by side.
    #[default]
    All,
    /// Their mean.
    Mean,
    /// The last alone.
    Last,
}

/// Rows of a series: the features of each symbol and of the `history - 1` before it; before the start, those of the
/// first.
pub(crate) fn series(table: Table, history: usize) -> Table {
    if history <= 1 {
        return table;
    }
    let back = |values: &DMatrix<f64>| {
        let width = values.ncols();
        DMatrix::from_fn(values.nrows(), width * history, |row, k| {
            stop::check();
            values[(row.saturating_sub(k / width), k % width)]
        })
    };
    let columns = (0..history).flat_map(|ago| {
        table.columns.iter().map(move |column| match ago {
            0 => column.clone(),
            ago => Column { name: format!("{}, {ago} before", column.name), ..column.clone() },
        })
    });
    Table { columns: columns.collect(), values: back(&table.values), scatter: back(&table.scatter) }
}

/// Rows of examples, one each.
pub(crate) fn examples(tables: &[Table], pool: Pool) -> Result<Table, LearnError> {
    let first = tables.first().ok_or(LearnError::NoFeatures)?;
    let (width, length) = (first.columns.len(), first.values.nrows());
    if pool == Pool::All && tables.iter().any(|table| table.values.nrows() != length) {
        return Err(LearnError::Unsupported {
            entry: "over",
            what: "`over: all`".to_owned(),
            needs: "examples of one length",
            has: "of several".to_owned(),
        });
    }
    let columns: Vec<Column> = match pool {
        Pool::All if length > 1 => (0..length)
            .flat_map(|symbol| {
                let at = move |column: &Column| Column {
                    name: format!("{}, symbol {}", column.name, symbol + 1),
                    ..column.clone()
                };
                first.columns.iter().map(at)
            })
            .collect(),
        _ => first.columns.clone(),
    };
    let row = |values: &DMatrix<f64>, scatter: bool| -> Vec<f64> {
        stop::check();
        match pool {
            Pool::All => {
                (0..length).flat_map(|symbol| values.row(symbol).iter().copied().collect::<Vec<_>>()).collect()
            }
            Pool::Last => values.row(values.nrows() - 1).iter().copied().collect(),
            // The mean of independent values has an nth of the mean of their variances.
            Pool::Mean if scatter => (values.row_mean() / values.nrows() as f64).iter().copied().collect(),
            Pool::Mean => values.row_mean().iter().copied().collect(),
        }
    };
    let n_columns = if pool == Pool::All { width * length } else { width };
    let gather = |of: &dyn Fn(&Table) -> Vec<f64>| {
        DMatrix::from_row_iterator(tables.len(), n_columns, tables.iter().flat_map(of))
    };
    let values = gather(&|table| row(&table.values, false));
    let scatter = gather(&|table| row(&table.scatter, true));
    Ok(Table { columns, values, scatter })
}
