//! Columns as Arrow's record batches and back, for every format of that family.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float32Array, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::Kinds;
use crate::ResultsError;
use crate::tables::{Columns, Kind, Values};

/// The schema of these columns.
pub(super) fn schema(columns: &Columns) -> SchemaRef {
    let field = |column: &crate::tables::Column| {
        let (of, may_be_missing) = match column.values.kind() {
            Kind::Text => (DataType::Utf8, false),
            Kind::Number => (DataType::Float64, false),
            Kind::Single => (DataType::Float32, false),
            Kind::Count => (DataType::UInt64, false),
            Kind::Optional => (DataType::Float64, true),
        };
        Field::new(&column.name, of, may_be_missing)
    };
    Arc::new(Schema::new(columns.0.iter().map(field).collect::<Vec<_>>()))
}

/// The rows of these columns.
pub(super) fn batch(schema: &SchemaRef, columns: &Columns) -> Result<RecordBatch, ArrowError> {
    let array = |column: &crate::tables::Column| -> ArrayRef {
        match &column.values {
            Values::Text(cells) => Arc::new(StringArray::from_iter_values(cells)),
            Values::Number(cells) => Arc::new(Float64Array::from(cells.clone())),
            Values::Single(cells) => Arc::new(Float32Array::from(cells.clone())),
            Values::Count(cells) => Arc::new(UInt64Array::from(cells.clone())),
            Values::Optional(cells) => Arc::new(Float64Array::from(cells.clone())),
        }
    };
    RecordBatch::try_new(Arc::clone(schema), columns.0.iter().map(array).collect())
}

/// The columns of all `batches`, which have this schema.
pub(super) fn columns(
    path: &Path,
    schema: &Schema,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    kinds: &Kinds<'_>,
) -> Result<Columns, ResultsError> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let kinds = kinds(&names)?;
    let mut columns = Columns::empty(names.into_iter().zip(kinds));
    for batch in batches {
        let batch = batch.map_err(|cause| ResultsError::foreign(path, cause.to_string()))?;
        for (column, array) in columns.0.iter_mut().zip(batch.columns()) {
            append(&mut column.values, array).ok_or_else(|| {
                ResultsError::foreign(path, format!("column `{}` holds {}", column.name, array.data_type()))
            })?;
        }
    }
    Ok(columns)
}

/// Appends the cells of an array of the same kind.
fn append(values: &mut Values, array: &ArrayRef) -> Option<()> {
    if array.null_count() > 0 && values.kind() != Kind::Optional {
        return None;
    }
    match values {
        Values::Text(cells) => {
            cells.extend(array.as_string_opt::<i32>()?.iter().map(|text| text.unwrap_or_default().to_owned()));
        }
        Values::Number(cells) => cells.extend(array.as_primitive_opt::<Float64Type>()?.values()),
        Values::Single(cells) => cells.extend(array.as_primitive_opt::<Float32Type>()?.values()),
        Values::Count(cells) => cells.extend(array.as_primitive_opt::<UInt64Type>()?.values()),
        Values::Optional(cells) => cells.extend(array.as_primitive_opt::<Float64Type>()?.iter()),
    }
    Some(())
}
