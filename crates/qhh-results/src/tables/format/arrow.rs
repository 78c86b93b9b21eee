//! Arrow IPC files, also called Feather: columns as they lie in memory, which programs map instead of reading.

use super::Format;

/// The format.
pub(super) const ARROW: Format = Format {
    name: "arrow",
    about: "Arrow IPC, columns that programs map into memory",
    #[cfg(feature = "arrow")]
    files: Some(&files::Arrow),
    #[cfg(not(feature = "arrow"))]
    files: None,
};

#[cfg(feature = "arrow")]
mod files {
    use std::fs::File;
    use std::io::{self, BufReader, BufWriter};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float32Type, Float64Type, UInt64Type};
    use arrow_array::{Array, ArrayRef, Float32Array, Float64Array, RecordBatch, StringArray, UInt64Array};
    use arrow_ipc::reader::FileReader;
    use arrow_ipc::writer::FileWriter;
    use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

    use super::super::{Files, Kinds, Writer};
    use crate::ResultsError;
    use crate::tables::{Column, Columns, Kind, Values};

    pub(super) struct Arrow;

    struct ArrowWriter {
        writer: FileWriter<BufWriter<File>>,
        schema: SchemaRef,
        path: PathBuf,
    }

    impl Files for Arrow {
        fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
            let file = File::create_new(path).map_err(ResultsError::writing(path))?;
            let schema = schema(columns);
            let writer = FileWriter::try_new(BufWriter::new(file), &schema);
            let writer = writer.map_err(|cause| write_error(path, cause))?;
            Ok(Box::new(ArrowWriter { writer, schema, path: path.to_owned() }))
        }

        fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
            let file = File::open(path).map_err(ResultsError::reading(path))?;
            let reader = FileReader::try_new(BufReader::new(file), None);
            let reader = reader.map_err(|cause| ResultsError::foreign(path, cause.to_string()))?;
            let schema = reader.schema();
            columns(path, &schema, reader, kinds)
        }
    }

    impl Writer for ArrowWriter {
        fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
            let batch = batch(&self.schema, columns);
            batch.and_then(|batch| self.writer.write(&batch)).map_err(|cause| write_error(&self.path, cause))
        }

        fn finish(mut self: Box<Self>) -> Result<(), ResultsError> {
            self.writer.finish().map_err(|cause| write_error(&self.path, cause))?;
            let buffered = self.writer.into_inner().map_err(|cause| write_error(&self.path, cause))?;
            let file =
                buffered.into_inner().map_err(|error| ResultsError::writing(&self.path)(error.into_error()))?;
            file.sync_all().map_err(ResultsError::writing(&self.path))
        }
    }

    /// The schema of these columns.
    fn schema(columns: &Columns) -> SchemaRef {
        let field = |column: &Column| {
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
    fn batch(schema: &SchemaRef, columns: &Columns) -> Result<RecordBatch, ArrowError> {
        let array = |column: &Column| -> ArrayRef {
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
    fn columns(
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

    fn write_error(path: &Path, cause: ArrowError) -> ResultsError {
        let cause = match cause {
            ArrowError::IoError(_, cause) => cause,
            other => io::Error::other(other),
        };
        ResultsError::writing(path)(cause)
    }
}
