//! Where in a network file a key belongs that was typed at the wrong place.

use serde_json::Value as Json;
use serde_yaml::Value;

use super::place::{Path, PathSegment};

/// Levels of a network file that are looked through.
const DEEPEST: usize = 4;
/// Paths that are listed at most.
const MOST: usize = 3;

/// The question whether another path was meant: `did you mean ..?`; none where the key is nowhere else.
///
/// `schema` and `value` are those of the map at `path`.
pub(crate) fn question(key: &str, schema: &Json, value: &Value, path: &Path) -> Option<String> {
    let paths = paths(key, schema, value);
    let paths: Vec<Path> = paths.iter().map(|found| Path([&path.0[..], &found.0].concat())).collect();
    (!paths.is_empty()).then(|| format!("did you mean {}?", either(&paths)))
}

/// Paths of which one is meant.
pub(super) fn either(paths: &[Path]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" or ")
}

/// The paths of values that a path was meant for which begins with the name of an entry, `relay[0].conductance`, in place of
/// its block; none where no block has such an entry.
pub(super) fn named(path: &Path, blocks: &[&str], document: &Value) -> Vec<Path> {
    let Some(PathSegment::Key(name)) = path.0.first() else { return Vec::new() };
    let entry = blocks.iter().map(|block| Path::root().key(block).key(name));
    let entry = entry.into_iter().find(|entry| entry.look_up(document).is_some());
    entry.map_or_else(Vec::new, |entry| below(&entry, &path.0[1..], document))
}

/// The paths of values of an entry that the rest of a path was meant for: numbers of neurons left out, and keys that stand deeper.
pub(super) fn below(entry: &Path, rest: &[PathSegment], document: &Value) -> Vec<Path> {
    let rest = &rest[rest.iter().take_while(|hop| is_number(hop)).count()..];
    let whole = Path([&entry.0[..], rest].concat());
    let mut found = Vec::new();
    if let (None, Some(PathSegment::Key(key)), Some(value)) =
        (whole.look_up(document), rest.last(), entry.look_up(document))
    {
        ending_in(key, value, entry, &mut found);
        found.truncate(MOST);
    }
    if found.is_empty() { vec![whole] } else { found }
}

/// Whether a hop is a number, in brackets or not.
pub(super) fn is_number(hop: &PathSegment) -> bool {
    match hop {
        PathSegment::Index(_) => true,
        PathSegment::Key(key) => key.parse::<usize>().is_ok(),
    }
}

fn ending_in(key: &str, value: &Value, path: &Path, found: &mut Vec<Path>) {
    let Value::Mapping(map) = value else { return };
    for (name, value) in map {
        let Some(name) = name.as_str() else { continue };
        let path = path.key(name);
        if name == key {
            found.push(path);
        } else {
            ending_in(key, value, &path, found);
        }
    }
}

/// Paths that end in a key, with the names that the document has.
fn paths(key: &str, schema: &Json, document: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    look(key, schema, (Some(document), &Path::root()), &mut found);
    found.sort_by_key(|path| path.0.len());
    found.truncate(MOST);
    found
}

fn look(key: &str, schema: &Json, (value, path): (Option<&Value>, &Path), found: &mut Vec<Path>) {
    if path.0.len() >= DEEPEST || found.len() > 8 * MOST {
        return;
    }
    for branch in branches(schema) {
        for (name, inner) in branch["properties"].as_object().into_iter().flatten() {
            let (inner_path, inner_value) = (path.key(name), value.and_then(|value| value.get(name.as_str())));
            if name == key && !path.0.is_empty() && !found.contains(&inner_path) {
                found.push(inner_path.clone());
            }
            if name != "experiment" {
                look(key, inner, (inner_value, &inner_path), found);
            }
        }
        // Entries that the user has named: those that are there.
        if let (Some(inner @ Json::Object(_)), Some(Value::Mapping(map))) =
            (branch.get("additionalProperties"), value)
        {
            for (name, value) in map.iter().take(MOST) {
                let Some(name) = name.as_str() else { continue };
                look(key, inner, (Some(value), &path.key(name)), found);
            }
        }
    }
}

/// The schema of an entry, with each of its alternatives; `hops` lead there, of which one that a map or list does not name is
/// any of it.
pub(crate) fn at<'a, 's>(schema: &'a Json, hops: impl Iterator<Item = &'s str>) -> Vec<&'a Json> {
    hops.fold(branches(schema), |found, hop| {
        let deeper = |schema: &&'a Json| {
            let named = schema["properties"].get(hop);
            named.or_else(|| schema.get("additionalProperties")).or_else(|| schema.get("items"))
        };
        found.iter().filter_map(deeper).flat_map(branches).collect()
    })
}

/// The alternatives of a schema, nested ones included.
pub(super) fn branches(schema: &Json) -> Vec<&Json> {
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
    match alternatives {
        Some(list) => list.iter().flat_map(branches).collect(),
        None => vec![schema],
    }
}
