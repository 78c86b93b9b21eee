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

    use arrow_ipc::reader::FileReader;
    use arrow_ipc::writer::FileWriter;
    use arrow_schema::{ArrowError, SchemaRef};

    use super::super::{Files, Kinds, Writer, batch};
    use crate::ResultsError;
    use crate::tables::Columns;

    pub(super) struct Arrow;

    struct ArrowWriter {
        writer: FileWriter<BufWriter<File>>,
        schema: SchemaRef,
        path: PathBuf,
    }

    impl Files for Arrow {
        fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
            let file = File::create_new(path).map_err(ResultsError::writing(path))?;
            let schema = batch::schema(columns);
            let writer = FileWriter::try_new(BufWriter::new(file), &schema);
            let writer = writer.map_err(|cause| write_error(path, cause))?;
            Ok(Box::new(ArrowWriter { writer, schema, path: path.to_owned() }))
        }

        fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
            let file = File::open(path).map_err(ResultsError::reading(path))?;
            let reader = FileReader::try_new(BufReader::new(file), None);
            let reader = reader.map_err(|cause| ResultsError::foreign(path, cause.to_string()))?;
            let schema = reader.schema();
            batch::columns(path, &schema, reader, kinds)
        }
    }

    impl Writer for ArrowWriter {
        fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
            let batch = batch::batch(&self.schema, columns);
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

    fn write_error(path: &Path, cause: ArrowError) -> ResultsError {
        let cause = match cause {
            ArrowError::IoError(_, cause) => cause,
            other => io::Error::other(other),
        };
        ResultsError::writing(path)(cause)
    }
}
