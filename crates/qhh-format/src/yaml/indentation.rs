//! Entries that belong in the one above them, which is empty: their lines are not indented far enough.

use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use super::elsewhere::branches;
use super::forms::allows_type;
use super::place::{Highlight, Path, naming};
use super::problems::Problems;
use super::wording::{listed, nearest};

/// An entry without a value, and the keys behind it that stand beside it and not in it.
pub(super) struct Slip<'m> {
    empty: &'m str,
    inside: Vec<&'m str>,
}

impl Slip<'_> {
    /// Whether it is about a key of its map.
    pub(super) fn has(&self, key: &str) -> bool {
        self.empty == key || self.inside.contains(&key)
    }

    pub(super) fn report(&self, path: &Path, problems: &Problems) {
        let at = path.key(self.empty);
        let message = format!("{} is empty: the lines below it do not belong to it", naming(&at));
        let help = format!("indent {} two spaces further than `{}`", listed(&self.inside), self.empty);
        let inside = self.inside.iter().map(|key| path.key(key));
        problems.at(&at, Highlight::Key, message).explains(inside).help(help);
    }
}

/// Those of a map with this schema.
pub(super) fn slips<'m>(schema: &Json, map: &'m Mapping) -> Vec<Slip<'m>> {
    let known = &schema["properties"];
    let is_closed = schema["additionalProperties"] == false;
    let keys: Vec<&str> = map.keys().filter_map(Value::as_str).collect();
    let unused: Vec<&str> = known
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .filter(|key| !keys.contains(key))
        .collect();
    let empty = keys.iter().enumerate().filter(|(_, key)| map[**key].is_null());
    let slip = |(place, empty): (usize, &&'m str)| {
        let of_empty = known.get(*empty).unwrap_or(&schema["additionalProperties"]);
        let maps: Vec<&Json> = branches(of_empty).into_iter().filter(|one| allows_type(one, "object")).collect();
        let is_own = |key: &str| maps.iter().any(|one| one["properties"].get(key).is_some());
        // Free names are its own where they can be nothing else, not even a key of the map that is misspelt.
        let takes_names = is_closed && maps.iter().any(|one| one["additionalProperties"].is_object());
        let is_name = |key: &str| takes_names && nearest(key, &unused).is_none();
        let belongs = |key: &&&str| known.get(**key).is_none() && (is_own(key) || is_name(key));
        let inside: Vec<&str> = keys[place + 1..].iter().take_while(belongs).copied().collect();
        (!inside.is_empty()).then_some(Slip { empty, inside })
    };
    empty.filter_map(slip).collect()
}
