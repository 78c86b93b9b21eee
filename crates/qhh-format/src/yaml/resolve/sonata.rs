//! Pairs of neurons from the edges of a SONATA circuit ([`crate::sonata`]): node ids are places in the entry's lists.

use std::io::Read;

use qhh_core::stop;
use qhh_net::Warning;
use qhh_net::network::Ends;

use super::filled::{FileOf, Filled, Pairs, VALUES};
use crate::sonata::{Edges, EdgesError, TAKEN};
use crate::yaml::input::Opened;
use crate::yaml::quantity::Scope;
use crate::yaml::wording::{clip, suggestion};

/// Keys that stand beside the file's path, with what they are kept as.
type Beside = Vec<(&'static str, String)>;

/// Reads pairs and values of the entry at a path such as `waveguides.axon`; `path` is the scope of the file's name.
pub(super) fn read(
    entry: &str,
    mut file: Opened,
    typed: FileOf<'_>,
    ends: Ends<'_>,
    scope: &Scope<'_>,
    path: &Scope<'_>,
) -> Option<(Pairs, Filled, Beside)> {
    let shown = clip(typed.path);
    let types = typed.edge_types.map(|name| scope.key("edge_types").open(name).ok_or(())).transpose().ok()?;
    let (source, types) = types.unzip();
    let mut bytes = Vec::new();
    if let Err(error) = file.read_to_end(&mut bytes) {
        path.wrong(format!("cannot read `{shown}`: {error}"), "check the file");
        return None;
    }
    stop::check();
    let edges = Edges::read(&bytes, typed.population, types).and_then(|edges| edges.in_units(scope.units));
    let edges = match edges {
        Ok(edges) => edges,
        Err(error) => {
            let at = match (&error, typed.edge_types) {
                (EdgesError::NoPopulation { .. }, _) => scope.key("population"),
                (EdgesError::Types { .. }, _) => scope.key("edge_types"),
                _ => path.clone(),
            };
            let message = match &error {
                EdgesError::Types { .. } => {
                    format!("`{}`, {error}", clip(typed.edge_types.unwrap_or_default()))
                }
                _ => format!("`{shown}` {error}"),
            };
            let remedy = match &error {
                EdgesError::NoPopulation { name, names } => {
                    suggestion(name, &names.iter().map(String::as_str).collect::<Vec<_>>())
                }
                other => other.remedy(),
            };
            at.wrong(message, remedy);
            return None;
        }
    };
    let pairs = pairs(&edges, &shown, ends, path)?;
    for ((key, bound), values) in VALUES.into_iter().zip(&edges.values) {
        let wrong = |value: &&f64| !(value.is_finite() && bound.holds(**value));
        if let Some((edge, value)) = values.iter().flatten().enumerate().find(|(_, value)| wrong(value)) {
            let what = if value.is_finite() {
                format!("a value {}, got {value}", bound.rule())
            } else {
                format!("`{value}` is no finite number")
            };
            path.wrong(format!("`{shown}`, edge {edge}, `{key}`: {what}"), "change it in the file");
            return None;
        }
    }
    if !edges.others.is_empty() {
        scope.data.warn(Warning {
            path: path.path.to_string(),
            finding: format!("`{shown}` has attributes of edges that are not taken: {}", edges.others.join(", ")),
            remedy: format!("those that are taken are {}", TAKEN.join(", ")),
        });
    }
    let mut beside = Vec::new();
    if typed.population.is_some() {
        beside.push(("population", edges.population));
    }
    if let Some(source) = source {
        beside.push(("edge_types", scope.data.keep(&format!("{entry}.edge_types"), source, Vec::new())));
    }
    let [delay, transmission, weight] = edges.values;
    Some((pairs, Filled { delay, transmission, weight }, beside))
}

fn pairs(edges: &Edges, shown: &str, ends: Ends<'_>, path: &Scope<'_>) -> Option<Pairs> {
    let mut pairs = Pairs::with_capacity(edges.sources.len());
    for (edge, (source, target)) in edges.sources.iter().zip(&edges.targets).enumerate() {
        let place = |id: i64, count: usize, list: &str, end: &str| {
            let place = u32::try_from(id).ok().filter(|place| (*place as usize) < count);
            if place.is_none() {
                let what = format!("`{list}` has {count} neurons, counted from 0, so there is no {id}");
                path.wrong(
                    format!("`{shown}`, edge {edge}, `{end}_node_id`: {what}"),
                    "node ids are places in the lists of the entry: name the neurons of all nodes there",
                );
            }
            place
        };
        let from = place(*source, ends.from.len(), "from", "source")?;
        let to = place(*target, ends.to.len(), "to", "target")?;
        if !ends.allow_self && ends.from.at(from as usize) == ends.to.at(to as usize) {
            let message = format!("`{shown}`, edge {edge}: this joins a neuron to itself");
            path.wrong(message, "take the edge out, or write `allow_self: true`");
            return None;
        }
        pairs.push((from, to));
    }
    Some(pairs)
}
