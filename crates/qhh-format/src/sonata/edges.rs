//! Edges of a SONATA file: whom they join, and what stands for a waveguide's delay, transmission and weight.
//!
//! A value is an attribute of an edge, in the group that the edge is in, or of its type, in a table beside. `syn_weight` is no
//! weight here: what a synapse does to a current is no share of a wave's power.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use qhh_core::units::UnitSystem;

use super::milliseconds;
use crate::hdf5::{Dataset, File, Group, Hdf5Error};
use crate::rows::{BadRow, Rows};

/// Attributes that are taken, in the order of [`Edges::values`].
pub(crate) const TAKEN: [&str; 3] = ["delay", "transmission", "weight"];
/// What a table of types has where there is nothing.
const NOTHING: [&str; 3] = ["", "NULL", "nan"];

/// The edges of one population.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edges {
    /// Name of the population.
    pub population: String,
    /// Node ids of the senders, an element for each edge.
    pub sources: Vec<i64>,
    /// Node ids of the receivers.
    pub targets: Vec<i64>,
    /// `delay` in ms, `transmission` and `weight`, each an element for each edge, where the file or the types have them.
    pub values: [Option<Vec<f64>>; 3],
    /// Names of attributes that are not taken.
    pub others: Vec<String>,
}

/// Why edges cannot be read; each message goes on from the name of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgesError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] Hdf5Error),
    /// Which edges are meant is not clear.
    #[error("has the edge populations {}", listed(names))]
    Several {
        /// Their names.
        names: Vec<String>,
    },
    /// There is no such population.
    #[error("has no edge population `{name}`")]
    NoPopulation {
        /// The one that was to be read.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// Lists of one population are not equally long.
    #[error("has {found} values of `{name}` for {expected} edges")]
    Lengths {
        /// Which list.
        name: String,
        /// Its length.
        found: usize,
        /// Number of edges.
        expected: usize,
    },
    /// An edge points to a place that its group does not have.
    #[error("has an edge, number {edge}, that is not in its group `{group}`")]
    NotInGroup {
        /// Which edge, from 0.
        edge: usize,
        /// The group.
        group: String,
    },
    /// Some edges have an attribute and others have not.
    #[error("has no `{name}` for {missing} of {all} edges, the first of them number {first}")]
    Partly {
        /// The attribute.
        name: &'static str,
        /// How many lack it.
        missing: usize,
        /// How many there are.
        all: usize,
        /// The first that lacks it, from 0.
        first: usize,
    },
    /// Delays in a network whose times have no unit.
    #[error("has delays in ms, and the network's times are in raw units")]
    Raw,
    /// A line of the table of types.
    #[error("line {line} of the edge types: {what}")]
    Types {
        /// From 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

impl EdgesError {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::File(Hdf5Error::NotHdf5) => {
                "give the file of edges of a SONATA circuit, or pairs as CSV".to_owned()
            }
            Self::File(Hdf5Error::Missing { known, .. }) => {
                format!("give a file of edges of a SONATA circuit; this has {}", listed(known))
            }
            Self::File(Hdf5Error::Unsupported(_)) => {
                "write lists of plain numbers; `h5repack -f GZIP=4 old.h5 new.h5` packs what other ways have packed".to_owned()
            }
            Self::File(Hdf5Error::Ends | Hdf5Error::Damaged(_)) => "copy or write the file anew".to_owned(),
            Self::Several { names } => {
                let name = names.first().map_or("", String::as_str);
                format!("choose one: `population: {name}`")
            }
            Self::NoPopulation { names, .. } => format!("there are {}", listed(names)),
            Self::Lengths { .. } | Self::NotInGroup { .. } => "correct the program that wrote it".to_owned(),
            Self::Partly { name, .. } => {
                format!("give all of them a `{name}`, in their groups or in the table of edge types")
            }
            Self::Raw => "take the delays out and write `delay`, or choose other `units`".to_owned(),
            Self::Types { .. } => {
                "a table of edge types has a header with `edge_type_id`, and rows with single spaces between"
                    .to_owned()
            }
        }
    }
}

/// Names in a sentence.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Edges {
    /// Reads the edges of a population, or of the only one, from the bytes of a file, and what their types have from a table.
    ///
    /// # Errors
    /// [`EdgesError`].
    pub fn read(bytes: &[u8], population: Option<&str>, types: Option<impl Read>) -> Result<Self, EdgesError> {
        let types = types.map(Types::read).transpose()?.unwrap_or_default();
        let all = Group::root(File::new(bytes)?)?.group("edges")?;
        let names = || all.names().map(str::to_owned).collect::<Vec<_>>();
        let name = match population {
            Some(name) if !all.has(name) => {
                return Err(EdgesError::NoPopulation { name: name.to_owned(), names: names() });
            }
            Some(name) => name.to_owned(),
            None => match <[String; 1]>::try_from(names()) {
                Ok([only]) => only,
                Err(names) => return Err(EdgesError::Several { names }),
            },
        };
        let of = all.group(&name)?;
        let sources = of.dataset("source_node_id")?.whole()?;
        let targets = of.dataset("target_node_id")?.whole()?;
        let mut own = Own::read(&of, sources.len())?;
        own.check("target_node_id", targets.len())?;
        let values =
            TAKEN.map(|name| own.attribute(&of, name, &types)).into_iter().collect::<Result<Vec<_>, _>>()?;
        let values = <[_; 3]>::try_from(values).unwrap_or_default();
        let mut others: Vec<String> = own.attributes.iter().chain(&types.columns).cloned().collect();
        others.retain(|name| !TAKEN.contains(&name.as_str()) && name != "edge_type_id");
        others.sort();
        others.dedup();
        Ok(Self { population: name, sources, targets, values, others })
    }

    /// The same with delays in the unit of time of a network.
    ///
    /// # Errors
    /// [`EdgesError::Raw`] if there are delays and that network has raw units.
    pub fn in_units(mut self, units: UnitSystem) -> Result<Self, EdgesError> {
        if let Some(delays) = &mut self.values[0] {
            let milliseconds = milliseconds(units).ok_or(EdgesError::Raw)?;
            for delay in delays {
                *delay /= milliseconds;
            }
        }
        Ok(self)
    }

    /// Writes them as a CSV file of pairs, as the pattern `file` reads it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_pairs(&self, mut out: impl Write) -> io::Result<()> {
        let columns: Vec<(&str, &Vec<f64>)> = TAKEN
            .into_iter()
            .zip(&self.values)
            .filter_map(|(name, column)| Some((name, column.as_ref()?)))
            .collect();
        let header = ["from", "to"].into_iter().chain(columns.iter().map(|column| column.0)).collect::<Vec<_>>();
        writeln!(out, "{}", header.join(","))?;
        for (edge, (from, to)) in self.sources.iter().zip(&self.targets).enumerate() {
            write!(out, "{from},{to}")?;
            columns.iter().try_for_each(|(_, column)| write!(out, ",{:?}", column[edge]))?;
            writeln!(out)?;
        }
        out.flush()
    }
}

/// What edges have of their own.
struct Own {
    n_edges: usize,
    kinds: Option<Vec<i64>>,
    /// Group and place in it, for each edge.
    places: Option<(Vec<i64>, Vec<i64>)>,
    groups: Vec<String>,
    /// Names of what is in the groups.
    attributes: Vec<String>,
}

impl Own {
    fn read(of: &Group<'_>, n_edges: usize) -> Result<Self, EdgesError> {
        let list = |name: &str| -> Result<Option<Vec<i64>>, EdgesError> {
            Ok(if of.has(name) { Some(of.dataset(name)?.whole()?) } else { None })
        };
        let groups: Vec<String> =
            of.names().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned).collect();
        let mut attributes = Vec::new();
        for group in &groups {
            attributes.extend(of.group(group)?.names().map(str::to_owned));
        }
        let places = match (list("edge_group_id")?, list("edge_group_index")?) {
            (Some(group), Some(index)) => Some((group, index)),
            _ => None,
        };
        let own = Self { n_edges, kinds: list("edge_type_id")?, places, groups, attributes };
        for (name, list) in [("edge_type_id", own.kinds.as_ref())].into_iter().chain(
            own.places.iter().flat_map(|of| [("edge_group_id", Some(&of.0)), ("edge_group_index", Some(&of.1))]),
        ) {
            own.check(name, list.map_or(n_edges, Vec::len))?;
        }
        Ok(own)
    }

    fn check(&self, name: &str, found: usize) -> Result<(), EdgesError> {
        let expected = self.n_edges;
        if found == expected {
            Ok(())
        } else {
            Err(EdgesError::Lengths { name: name.to_owned(), found, expected })
        }
    }

    /// An attribute of every edge; none where no edge has it.
    fn attribute(
        &mut self,
        of: &Group<'_>,
        name: &'static str,
        types: &Types,
    ) -> Result<Option<Vec<f64>>, EdgesError> {
        let of_types = types.of(name)?;
        let mut values: Vec<Option<f64>> = match &self.kinds {
            Some(kinds) if !of_types.is_empty() => kinds.iter().map(|kind| of_types.get(kind).copied()).collect(),
            _ => vec![None; self.n_edges],
        };
        for group in &self.groups {
            let of = of.group(group)?;
            if of.has(name) {
                self.of_group(group, &of.dataset(name)?, name, &mut values)?;
            }
        }
        let missing = values.iter().filter(|value| value.is_none()).count();
        match values.iter().position(Option::is_none) {
            Some(first) if missing < values.len() => {
                Err(EdgesError::Partly { name, missing, all: values.len(), first })
            }
            Some(_) => Ok(None),
            None => Ok((self.attributes.iter().any(|own| own == name) || !of_types.is_empty())
                .then(|| values.into_iter().flatten().collect())),
        }
    }

    fn of_group(
        &self,
        group: &str,
        column: &Dataset<'_>,
        name: &str,
        values: &mut [Option<f64>],
    ) -> Result<(), EdgesError> {
        let column = column.numbers()?;
        let Some((groups, places)) = &self.places else {
            // Without places the only group has an element for each edge.
            self.check(name, column.len())?;
            values.iter_mut().zip(column).for_each(|(value, own)| *value = Some(own));
            return Ok(());
        };
        let number = group.parse().unwrap_or(-1);
        for (edge, value) in values.iter_mut().enumerate().filter(|(edge, _)| groups[*edge] == number) {
            let own = usize::try_from(places[edge]).ok().and_then(|place| column.get(place));
            let own = own.ok_or_else(|| EdgesError::NotInGroup { edge, group: group.to_owned() })?;
            *value = Some(*own);
        }
        Ok(())
    }
}

/// A table of edge types.
#[derive(Default)]
struct Types {
    columns: Vec<String>,
    /// Line and cells of each type.
    rows: BTreeMap<i64, (u64, Vec<String>)>,
}

impl Types {
    fn read(file: impl Read) -> Result<Self, EdgesError> {
        let wrong = |BadRow { line, what }| EdgesError::Types { line, what };
        let mut rows = Rows::spaced(file).map_err(wrong)?;
        let columns = rows.header().to_vec();
        let Some(id) = columns.iter().position(|column| column == "edge_type_id") else {
            let what = format!("there is no column `edge_type_id`, but {}", listed(&columns));
            return Err(EdgesError::Types { line: 1, what });
        };
        let mut types = Self::default();
        while let Some((line, row)) = rows.next().map_err(wrong)? {
            let cells: Vec<String> = row.iter().map(str::to_owned).collect();
            let number = cells[id]
                .parse()
                .map_err(|_| wrong(BadRow { line, what: format!("`{}` is no number of a type", cells[id]) }))?;
            types.rows.insert(number, (line, cells));
        }
        types.columns = columns;
        Ok(types)
    }

    /// The numbers that types have in a column.
    fn of(&self, name: &str) -> Result<BTreeMap<i64, f64>, EdgesError> {
        let Some(place) = self.columns.iter().position(|column| column == name) else {
            return Ok(BTreeMap::new());
        };
        let there = self.rows.iter().filter(|(_, (_, cells))| !NOTHING.contains(&cells[place].as_str()));
        there
            .map(|(kind, (line, cells))| {
                let wrong = |_| EdgesError::Types {
                    line: *line,
                    what: format!("`{}` in column `{name}` is no number", cells[place]),
                };
                Ok((*kind, cells[place].parse().map_err(wrong)?))
            })
            .collect()
    }
}
