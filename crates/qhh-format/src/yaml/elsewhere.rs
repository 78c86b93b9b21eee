//! Where in a network file a key belongs that was typed at the wrong place.

use serde_json::Value as Json;
use serde_yaml::Value;

use super::place::Path;

/// Levels of a network file that are looked through.
const DEEPEST: usize = 4;
/// Paths that are listed at most.
const MOST: usize = 3;

/// The question whether another path was meant: `did you mean ..?`; none where the key is nowhere else.
pub(crate) fn question(key: &str, schema: &Json, document: &Value) -> Option<String> {
    let paths = paths(key, schema, document);
    let listed: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    (!listed.is_empty()).then(|| format!("did you mean {}?", listed.join(" or ")))
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

/// The alternatives of a schema, nested ones included.
pub(super) fn branches(schema: &Json) -> Vec<&Json> {
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
    match alternatives {
        Some(list) => list.iter().flat_map(branches).collect(),
        None => vec![schema],
    }
}
