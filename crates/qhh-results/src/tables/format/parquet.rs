//! Parquet: columns compressed with Snappy, in groups of rows.

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
    use std::sync::Arc;

    use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
    use parquet::column::reader::ColumnReaderImpl;
    use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;
    use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
    use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
    use parquet::schema::types::Type;

    use super::super::{Files, Kinds, Writer};
    use crate::ResultsError;
    use crate::tables::{Columns, Kind, Values};

    /// Cells that make a group of rows: some 30 MB in memory.
    const CELLS: usize = 4_000_000;

    pub(super) struct Parquet;

    struct ParquetWriter {
        writer: SerializedFileWriter<File>,
        /// Rows of the next group.
        rows: Columns,
        path: PathBuf,
    }

    impl Files for Parquet {
        fn create(&self, path: &Path, columns: &Columns) -> Result<Box<dyn Writer>, ResultsError> {
            let file = File::create_new(path).map_err(ResultsError::writing(path))?;
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
            let writer = schema(columns)
                .and_then(|schema| SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)));
            let writer = writer.map_err(|cause| write_error(path, cause))?;
            Ok(Box::new(ParquetWriter { writer, rows: columns.clone(), path: path.to_owned() }))
        }

        fn read(&self, path: &Path, kinds: &Kinds<'_>) -> Result<Columns, ResultsError> {
            let error = |cause: ParquetError| ResultsError::foreign(path, cause.to_string());
            let file = File::open(path).map_err(ResultsError::reading(path))?;
            let reader = SerializedFileReader::new(file).map_err(error)?;
            let schema = reader.metadata().file_metadata().schema_descr();
            let names: Vec<String> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
            let kinds = kinds(&names)?;
            let mut columns = Columns::empty(names.into_iter().zip(kinds));
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).map_err(error)?;
                for (place, column) in columns.0.iter_mut().enumerate() {
                    append(&mut column.values, &*group, place).map_err(error)?.ok_or_else(|| {
                        let holds = schema.column(place).physical_type();
                        ResultsError::foreign(path, format!("column `{}` holds {holds}", column.name))
                    })?;
                }
            }
            Ok(columns)
        }
    }

    impl Writer for ParquetWriter {
        fn rows(&mut self, columns: &Columns) -> Result<(), ResultsError> {
            let fills = |rows: &Columns| rows.n_rows() * rows.0.len() >= CELLS;
            if fills(columns) {
                self.write()?;
                return group(&mut self.writer, columns).map_err(|cause| write_error(&self.path, cause));
            }
            self.rows.append(columns);
            if fills(&self.rows) { self.write() } else { Ok(()) }
        }

        fn finish(mut self: Box<Self>) -> Result<(), ResultsError> {
            self.write()?;
            let file = self.writer.into_inner().map_err(|cause| write_error(&self.path, cause))?;
            file.sync_all().map_err(ResultsError::writing(&self.path))
        }
    }

    impl ParquetWriter {
        /// Writes the rows that wait as a group.
        fn write(&mut self) -> Result<(), ResultsError> {
            if self.rows.n_rows() > 0 {
                group(&mut self.writer, &self.rows).map_err(|cause| write_error(&self.path, cause))?;
                self.rows.clear();
            }
            Ok(())
        }
    }

    /// How columns of a kind lie in a file, and whether cells may be missing.
    fn stored(kind: Kind) -> (Physical, Option<LogicalType>, Repetition) {
        match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED),
            Kind::Number => (Physical::DOUBLE, None, Repetition::REQUIRED),
            Kind::Single => (Physical::FLOAT, None, Repetition::REQUIRED),
            Kind::Count => (Physical::INT64, Some(LogicalType::integer(64, false)), Repetition::REQUIRED),
            Kind::Optional => (Physical::DOUBLE, None, Repetition::OPTIONAL),
        }
    }

    /// The schema of these columns.
    fn schema(columns: &Columns) -> Result<Type, ParquetError> {
        let field = |column: &crate::tables::Column| {
            let (physical, logical, repetition) = stored(column.values.kind());
            let field = Type::primitive_type_builder(&column.name, physical).with_repetition(repetition);
            field.with_logical_type(logical).build().map(Arc::new)
        };
        let fields = columns.0.iter().map(field).collect::<Result<_, _>>()?;
        Type::group_type_builder("schema").with_fields(fields).build()
    }

    /// Writes a group of rows.
    fn group(writer: &mut SerializedFileWriter<File>, columns: &Columns) -> Result<(), ParquetError> {
        fn put<T: DataType>(
            mut column: SerializedColumnWriter<'_>,
            cells: &[T::T],
            present: Option<&[i16]>,
        ) -> Result<(), ParquetError> {
            column.typed::<T>().write_batch(cells, present, None)?;
            column.close()
        }
        let mut group = writer.next_row_group()?;
        for of in &columns.0 {
            let column = group.next_column()?.ok_or_else(|| ParquetError::General("a column too many".into()))?;
            match &of.values {
                Values::Text(cells) => {
                    let cells: Vec<ByteArray> = cells.iter().map(|cell| cell.as_str().into()).collect();
                    put::<ByteArrayType>(column, &cells, None)?;
                }
                Values::Number(cells) => put::<DoubleType>(column, cells, None)?,
                Values::Single(cells) => put::<FloatType>(column, cells, None)?,
                Values::Count(cells) => {
                    let cells: Vec<i64> = cells.iter().map(|cell| cell.cast_signed()).collect();
                    put::<Int64Type>(column, &cells, None)?;
                }
                Values::Optional(cells) => {
                    let present: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
                    let cells: Vec<f64> = cells.iter().flatten().copied().collect();
                    put::<DoubleType>(column, &cells, Some(&present))?;
                }
            }
        }
        group.close().map(|_| ())
    }

    /// Appends a group's cells of the column at `place`, if they are of the same kind.
    fn append(values: &mut Values, group: &dyn RowGroupReader, place: usize) -> Result<Option<()>, ParquetError> {
        let descriptor = group.metadata().column(place).column_descr();
        let (physical, logical, _) = stored(values.kind());
        if descriptor.physical_type() != physical || descriptor.logical_type_ref() != logical.as_ref() {
            return Ok(None);
        }
        let n_rows = usize::try_from(group.metadata().num_rows())
            .map_err(|_| ParquetError::General("a negative number of rows".into()))?;
        let at = (group, place, n_rows);
        match values {
            Values::Text(texts) => {
                let Some(cells) = all::<ByteArrayType>(at)? else { return Ok(None) };
                for cell in &cells {
                    texts.push(cell.as_utf8()?.to_owned());
                }
            }
            Values::Number(numbers) => {
                let Some(mut cells) = all::<DoubleType>(at)? else { return Ok(None) };
                numbers.append(&mut cells);
            }
            Values::Single(numbers) => {
                let Some(mut cells) = all::<FloatType>(at)? else { return Ok(None) };
                numbers.append(&mut cells);
            }
            Values::Count(counts) => {
                let Some(cells) = all::<Int64Type>(at)? else { return Ok(None) };
                counts.extend(cells.into_iter().map(i64::cast_unsigned));
            }
            Values::Optional(numbers) => {
                let (cells, levels) = present::<DoubleType>(at)?;
                let mut cells = cells.into_iter();
                // Of columns in which none may be missing nothing is said.
                let present = levels.into_iter().map(|level| level > 0).chain(std::iter::repeat(true));
                numbers.extend(present.take(n_rows).map(|present| if present { cells.next() } else { None }));
            }
        }
        Ok(Some(()))
    }

    /// A column of a group of so many rows.
    type At<'a> = (&'a dyn RowGroupReader, usize, usize);

    /// All cells of a column; none if some are missing.
    fn all<T: DataType>(at: At<'_>) -> Result<Option<Vec<T::T>>, ParquetError> {
        let (cells, _) = present::<T>(at)?;
        Ok(Some(cells).filter(|cells| cells.len() == at.2))
    }

    /// The cells of a column that are there; of one in which some may be missing also row by row whether they are.
    fn present<T: DataType>((group, place, n_rows): At<'_>) -> Result<(Vec<T::T>, Vec<i16>), ParquetError> {
        let pages = group.get_column_page_reader(place)?;
        let mut reader = ColumnReaderImpl::<T>::new(group.metadata().column(place).column_descr_ptr(), pages);
        let (mut cells, mut levels) = (Vec::new(), Vec::new());
        let (rows, _, _) = reader.read_records(n_rows, Some(&mut levels), None, &mut cells)?;
        if rows == n_rows {
            Ok((cells, levels))
        } else {
            Err(ParquetError::General(format!("{rows} rows in a group of {n_rows}")))
        }
    }

    fn write_error(path: &Path, cause: ParquetError) -> ResultsError {
        ResultsError::writing(path)(cause.into())
    }
}
