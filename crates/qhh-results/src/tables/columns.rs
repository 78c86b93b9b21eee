//! Columns of a table in memory.

use serde::{Serialize, Serializer};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Finite numbers.
    Number,
    /// Finite numbers of single precision.
    Single,
    /// Whole numbers from 0 on.
    Count,
    /// Numbers that may be missing. Infinite ones are allowed.
    Optional,
}

/// The cells of a column; serializes as a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "see `Kind`")]
pub enum Values {
    Text(Vec<String>),
    Number(Vec<f64>),
    Single(Vec<f32>),
    Count(Vec<u64>),
    Optional(Vec<Option<f64>>),
}

impl Values {
    /// No cells yet.
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Number => Self::Number(Vec::new()),
            Kind::Single => Self::Single(Vec::new()),
            Kind::Count => Self::Count(Vec::new()),
            Kind::Optional => Self::Optional(Vec::new()),
        }
    }

    /// What its cells are.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Single(_) => Kind::Single,
            Self::Count(_) => Kind::Count,
            Self::Optional(_) => Kind::Optional,
        }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Single(cells) => cells.len(),
            Self::Count(cells) => cells.len(),
            Self::Optional(cells) => cells.len(),
        }
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of a column of [`Kind::Number`].
    pub fn numbers(self) -> Option<Vec<f64>> {
        if let Self::Number(cells) = self { Some(cells) } else { None }
    }

    /// The numbers of a column of [`Kind::Single`].
    pub fn singles(self) -> Option<Vec<f32>> {
        if let Self::Single(cells) = self { Some(cells) } else { None }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::empty(self.kind());
    }

    /// Appends the cells of a column of the same kind.
    fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::Text(cells), Self::Text(more)) => cells.extend_from_slice(more),
            (Self::Number(cells), Self::Number(more)) => cells.extend_from_slice(more),
            (Self::Single(cells), Self::Single(more)) => cells.extend_from_slice(more),
            (Self::Count(cells), Self::Count(more)) => cells.extend_from_slice(more),
            (Self::Optional(cells), Self::Optional(more)) => cells.extend_from_slice(more),
            _ => unreachable!("columns have the kinds of the table"),
        }
    }

    /// The first cell that no whole table holds: its place and value.
    pub(super) fn not_finite(&self) -> Option<(usize, f64)> {
        let number = |value: f64| (!value.is_finite()).then_some(value);
        match self {
            Self::Text(_) | Self::Count(_) => None,
            Self::Number(cells) => cells.iter().enumerate().find_map(|(row, &cell)| Some((row, number(cell)?))),
            Self::Single(cells) => {
                cells.iter().enumerate().find_map(|(row, &cell)| Some((row, number(cell.into())?)))
            }
            Self::Optional(cells) => {
                let row = cells.iter().position(|cell| cell.is_some_and(f64::is_nan))?;
                Some((row, f64::NAN))
            }
        }
    }
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub values: Values,
}

impl Column {
    /// A column of this name.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), values }
    }
}

/// Columns of equal length; serialize as a map from names to lists, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns(pub Vec<Column>);

impl Columns {
    /// Columns of these names and kinds, without rows.
    pub fn empty(schema: impl IntoIterator<Item = (String, Kind)>) -> Self {
        Self(schema.into_iter().map(|(name, kind)| Column::new(name, Values::empty(kind))).collect())
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.0.first().map_or(0, |column| column.values.len())
    }

    /// Names of the columns.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|column| column.name.clone()).collect()
    }

    /// The column of a name.
    pub fn get(&self, name: &str) -> Option<&Values> {
        self.0.iter().find(|column| column.name == name).map(|column| &column.values)
    }

    /// Appends the rows of columns of the same kinds.
    pub(super) fn append(&mut self, rows: &Self) {
        for (column, more) in self.0.iter_mut().zip(&rows.0) {
            column.values.append(&more.values);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(|column| column.values.clear());
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|column| (&column.name, &column.values)))
    }
}
