//! Pairs of neurons from a data file: CSV, a sparse matrix ([`super::matrix`]), or edges of a SONATA circuit
//! ([`super::sonata`]).

use std::path::Path;

use qhh_net::Warning;
use qhh_net::network::{Delay, Ends, ParameterValues, Pattern, Waveguides};

use super::filled::{FileOf, Filled, Pairs, VALUES};
use super::matrix;
use super::sonata;
use super::table::Table;
use crate::yaml::input::{Opened, is_hdf5, is_matrix};
use crate::yaml::quantity::Scope;
use crate::yaml::schema::waveguides as schema;
use crate::yaml::wording::{clip, listed};

/// Reads the pairs of the entry `name` and what its file says beside; `None`, with the reason on the list, if there
/// are none.
pub(super) fn read(
    name: &str,
    typed: &schema::File,
    ends: Ends<'_>,
    scope: &Scope<'_>,
) -> Option<(Pairs, Filled)> {
    let (described, path) = match typed {
        schema::File::Name(name) => (FileOf { path: name, population: None, edge_types: None }, scope.clone()),
        schema::File::Described(schema::DescribedFile { path, population, edge_types }) => {
            let of = FileOf { path, population: population.as_deref(), edge_types: edge_types.as_deref() };
            (of, scope.key("path"))
        }
    };
    let (source, file) = path.open(described.path)?;
    let entry = format!("waveguides.{name}");
    let (pairs, filled, beside) = if is_hdf5(&source) {
        sonata::read(&entry, file, described, ends, scope, &path)?
    } else {
        let only = [("population", described.population), ("edge_types", described.edge_types)];
        if let Some((key, _)) = only.into_iter().find(|(_, typed)| typed.is_some()) {
            scope.key(key).wrong(
                format!("`{}` is no SONATA file, so `{key}` says nothing of it", clip(described.path)),
                "leave it out, or give a file whose name ends in `.h5`",
            );
            return None;
        }
        let (pairs, filled) = if is_matrix(&source) {
            let (pairs, weight) = matrix::read(file, described.path, ends, &path)?;
            (pairs, Filled { weight, ..Filled::default() })
        } else {
            table(file, described.path, ends, &path)?
        };
        (pairs, filled, Vec::new())
    };
    scope.data.keep(&entry, source, beside);
    let columns = [("delay", &filled.delay), ("transmission", &filled.transmission), ("weight", &filled.weight)];
    scope
        .data
        .fills(&entry, columns.into_iter().filter_map(|(key, column)| column.as_ref().map(|_| key)).collect());
    Some((pairs, filled))
}

fn table(file: Opened, path: &str, ends: Ends<'_>, scope: &Scope<'_>) -> Option<(Pairs, Filled)> {
    let numbers = "values are bare numbers in the unit system of the network file";
    let mut table = Table::new(file, path, numbers, scope)?;
    let (from, to) = (table.column("from", scope), table.column("to", scope));
    let (from, to) = (from?, to?);
    let mut columns = VALUES.map(|(key, bound)| table.find(key).map(|field| (field, bound, Vec::new())));
    let taken: Vec<&str> = ["from", "to"].into_iter().chain(VALUES.map(|(key, _)| key)).collect();
    let others: Vec<&str> =
        table.header().iter().map(String::as_str).filter(|name| !taken.contains(name)).collect();
    if !others.is_empty() {
        let of_loss = if others.contains(&"loss") { "; a `loss` of 0.2 is a `transmission` of 0.8" } else { "" };
        scope.data.warn(Warning {
            path: scope.path.to_string(),
            finding: format!("`{}` has columns that are not taken: {}", clip(path), listed(&others)),
            remedy: format!("those that are taken are {}{of_loss}", listed(&taken)),
        });
    }
    let mut pairs = Vec::new();
    table.rows(|row| {
        let pair = (row.place(from)?, row.place(to)?);
        for (field, place, count, list) in
            [(from, pair.0, ends.from.len(), "from"), (to, pair.1, ends.to.len(), "to")]
        {
            if place as usize >= count {
                let what = format!("`{list}` has {count} neurons, counted from 0, so there is no {place}");
                row.wrong(field, what, "places are counted in the lists of the entry");
                return None;
            }
        }
        if !ends.allow_self && ends.from.at(pair.0 as usize) == ends.to.at(pair.1 as usize) {
            row.wrong(to, "this joins a neuron to itself", "take the row out, or write `allow_self: true`");
            return None;
        }
        pairs.push(pair);
        for (field, bound, values) in columns.iter_mut().flatten() {
            let value = row.number(*field)?;
            if !bound.holds(value) {
                row.wrong(*field, format!("a value {}, got {value}", bound.rule()), "change it in the file");
                return None;
            }
            values.push(value);
        }
        Some(())
    })?;
    let [delay, transmission, weight] = columns.map(|column| column.map(|(.., values)| values));
    Some((pairs, Filled { delay, transmission, weight }))
}

/// Whether the file is one of a SONATA circuit, by its name.
pub(super) fn is_of_circuit(typed: &schema::File) -> bool {
    let (schema::File::Name(path) | schema::File::Described(schema::DescribedFile { path, .. })) = typed;
    is_hdf5(Path::new(path))
}

/// Pairs that are compared, at most: longer lists come from programs, which may mean what they repeat.
const MOST_PAIRS: usize = 1_000_000;

/// Warns of pairs that are listed twice with one delay: two equal waveguides between two neurons. Edges of a SONATA circuit
/// are synapses, of which there may be several.
pub(super) fn repeated(entry: &Waveguides, scope: &Scope<'_>) {
    let Pattern::Pairs(pairs) = &entry.pattern else { return };
    let (Delay::Time(delay) | Delay::Length { length: delay, .. }) = &entry.delay;
    // What is drawn differs.
    if pairs.len() > MOST_PAIRS || (delay.same().is_none() && delay.listed().is_none()) {
        return;
    }
    let delay_of = |place: usize| match delay {
        ParameterValues::Each(delays) => delays.get(place).copied().unwrap_or_default().to_bits(),
        _ => 0,
    };
    let mut all: Vec<_> = pairs.iter().enumerate().map(|(place, pair)| (*pair, delay_of(place))).collect();
    all.sort_unstable();
    let mut repeated = all.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].0);
    let Some((from, to)) = repeated.next() else { return };
    let rest = repeated.count();
    let more = if rest > 0 { format!(", and {rest} more repeat others") } else { String::new() };
    scope.data.warn(Warning {
        path: scope.key("pattern").path.to_string(),
        finding: format!("the pair [{from}, {to}] is there twice{more}: equal waveguides between two neurons"),
        remedy: "list each pair once, or give them delays that differ".to_owned(),
    });
}
