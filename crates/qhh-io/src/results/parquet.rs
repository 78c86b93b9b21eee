//! Tables of numbers as Parquet, both ways: one DOUBLE column a name, Snappy, row groups of a million rows.
//!
//! By the format's own column writers: arrow's arrays would add nothing but build time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parquet::basic::{Compression, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::ResultsError;
use super::table::check_stop;

const ROWS_IN_GROUP: usize = 1 << 20;

/// Writes columns of equal length under their names; `finite` ones may hold no other number.
pub(super) fn write(
    path: &Path,
    names: &[String],
    columns: &[&[f64]],
    finite: bool,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    for (name, column) in names.iter().zip(columns).filter(|_| finite) {
        if let Some(row) = column.iter().position(|value| !value.is_finite()) {
            return Err(ResultsError::not_finite(path, name, row as u64 + 1, column[row]));
        }
    }
    let error = |cause: ParquetError| ResultsError::writing(path)(cause.into());
    let file = File::create_new(path).map_err(ResultsError::writing(path))?;
    let field = |name: &String| {
        Type::primitive_type_builder(name, Physical::DOUBLE)
            .with_repetition(Repetition::REQUIRED)
            .build()
            .map(Arc::new)
    };
    let fields = names.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(error)?;
    let schema = Type::group_type_builder("traces").with_fields(fields).build().map_err(error)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(&file, Arc::new(schema), Arc::new(properties)).map_err(error)?;
    let n_rows = columns.first().map_or(0, |column| column.len());
    for first in (0..n_rows).step_by(ROWS_IN_GROUP) {
        let rows = first..n_rows.min(first + ROWS_IN_GROUP);
        let mut group = writer.next_row_group().map_err(error)?;
        let mut left = columns.iter();
        while let Some(mut column) = group.next_column().map_err(error)? {
            check_stop(stop)?;
            let values = left.next().map_or(&[][..], |column| &column[rows.clone()]);
            column.typed::<DoubleType>().write_batch(values, None, None).map_err(error)?;
            column.close().map_err(error)?;
        }
        group.close().map_err(error)?;
    }
    writer.close().map_err(error)?;
    file.sync_all().map_err(ResultsError::writing(path))
}

/// Names and columns of a table that [`write`] has made.
pub(super) fn read(path: &Path) -> Result<(Vec<String>, Vec<Vec<f64>>), ResultsError> {
    let error = |cause: ParquetError| ResultsError::foreign(path, cause.to_string());
    let file = File::open(path).map_err(ResultsError::reading(path))?;
    let reader = SerializedFileReader::new(file).map_err(error)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(error)?;
        let n_rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
        for (k, values) in columns.iter_mut().enumerate() {
            let ColumnReader::DoubleColumnReader(mut column) = group.get_column_reader(k).map_err(error)? else {
                return Err(ResultsError::foreign(path, format!("column `{}` holds no numbers", names[k])));
            };
            let end = values.len() + n_rows;
            while values.len() < end {
                let (records, ..) = column.read_records(end - values.len(), None, None, values).map_err(error)?;
                if records == 0 {
                    return Err(ResultsError::foreign(path, format!("column `{}` is cut off", names[k])));
                }
            }
        }
    }
    Ok((names, columns))
}
