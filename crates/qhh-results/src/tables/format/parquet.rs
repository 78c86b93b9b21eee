//! Parquet: columns compressed with Snappy, in groups of a million rows.

use super::Format;

/// The format.
pub(super) const PARQUET: Format = Format {
    name: "parquet",
    about: "compressed columns, for long runs",
    #[cfg(feature = "parquet")]
    files: Some(&files::Parquet),
    #[cfg(not(feature = "parquet"))]
    files: None,
};

#[cfg(feature = "parquet")]
mod files {
    use std::fs::File;
    use std::path::{Path, PathBuf};

    use arrow_schema::SchemaRef;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::Compression;
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;

    use super::super::{Files, Kinds, Writer, batch};
    use crate::ResultsError;
    use crate::tables::Columns;

    pub(super) struct Parquet;

    struct ParquetWriter {
        writer: ArrowWriter<File>,
        schema: SchemaRef,
        path: PathBuf,
    }

    impl Files for Parquet {
        fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
            let file = File::create_new(path).map_err(ResultsError::writing(path))?;
            let schema = batch::schema(columns);
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
            let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties));
            let writer = writer.map_err(|cause| write_error(path, cause))?;
            Ok(Box::new(ParquetWriter { writer, schema, path: path.to_owned() }))
        }

        fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
            let error = |cause: ParquetError| ResultsError::foreign(path, cause.to_string());
            let file = File::open(path).map_err(ResultsError::reading(path))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(error)?;
            let schema = builder.schema().clone();
            batch::columns(path, &schema, builder.build().map_err(error)?, kinds)
        }
    }

    impl Writer for ParquetWriter {
        fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
            let batch = batch::batch(&self.schema, columns).map_err(ParquetError::from);
            batch.and_then(|batch| self.writer.write(&batch)).map_err(|cause| write_error(&self.path, cause))
        }

        fn finish(self: Box<Self>) -> Result<(), ResultsError> {
            let file = self.writer.into_inner().map_err(|cause| write_error(&self.path, cause))?;
            file.sync_all().map_err(ResultsError::writing(&self.path))
        }
    }

    fn write_error(path: &Path, cause: ParquetError) -> ResultsError {
        ResultsError::writing(path)(cause.into())
    }
}
