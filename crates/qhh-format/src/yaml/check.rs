//! The shape of a file against its schema: unknown, missing and misspelt entries, all of them at once.
//!
//! The schema that editors get is the one that is enforced here, so the two cannot differ. Only the part of JSON
//! schema that [`super::schema`] produces is understood. Units and what entries mean together come later
//! ([`super::resolve`]).

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use super::elsewhere::branches;
use super::forms::{self, allows_type, fits, words};
use super::place::{Highlight, Path, naming};
use super::problems::Problems;
use super::wording::{clip, kind_of, listed, nearest, suggestion};
use super::{aliases, elsewhere, emit, indentation, misread};

/// Reports everything in `value` that `schema` does not allow.
pub(crate) fn check(schema: &Json, value: &Value, path: &Path, problems: &Problems) {
    if schema == &Json::Bool(true) {
        return;
    }
    let branches = branches(schema);
    let null_allowed = branches.iter().any(|branch| allows_type(branch, "null"));
    if value.is_null() && null_allowed {
        return;
    }
    let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
    // What fits a pattern and means nothing is found where it is resolved.
    let open = branches.iter().any(|branch| branch["pattern"].is_string());
    if let (Value::String(word), false) = (value, words.is_empty() || open) {
        if !words.contains(&word.as_str()) {
            unknown_word(word, &words, &branches, path, problems);
        }
        return;
    }
    let fitting: Vec<&Json> = branches.iter().copied().filter(|branch| fits(branch, value)).collect();
    match (fitting.as_slice(), value) {
        ([], _) => wrong_type(&branches, value, path, problems),
        ([branch], _) => check_branch(branch, value, path, problems),
        (several, Value::Mapping(map)) => match choose(several, map) {
            Choice::Branch(branch) => check_branch(branch, value, path, problems),
            Choice::Missing { tag, words } => {
                problems.lacks(path, &tag).help(format!("write `{tag}:` and one of {}", listed(&words)));
            }
            Choice::Unknown { path: tag, word, words } => {
                let (at, aim) = match &tag {
                    Some(tag) => (path.key(tag), Highlight::Value),
                    None => (path.key(&word), Highlight::Key),
                };
                let message = format!("unknown {} `{}`", path_noun(&at, &word), clip(&word));
                let own = aliases::of_word(&at, &word).or_else(|| misread::comma(map, &word));
                let own = own.or_else(|| {
                    tag.is_none().then(|| misplaced(map, &word, (several, &branches), path)).flatten()
                });
                problems.at(&at, aim, message).help_with(|| own.unwrap_or_else(|| suggestion(&word, &words)));
            }
            Choice::NotOne { words } => problems
                .at(path, Highlight::Key, format!("{} must have exactly one entry", naming(path)))
                .help(format!("give one of {}", listed(&words))),
        },
        _ => {}
    }
}

/// What to write in place of the map at `path`, whose key `typed` none of the maps that may stand there has: a word that takes
/// no values, or keys that belong inside of one.
fn misplaced(map: &Mapping, typed: &str, (maps, all): (&[&Json], &[&Json]), path: &Path) -> Option<String> {
    if nearest(typed, &forms::keys(maps)).is_some() {
        return None;
    }
    let bare: Vec<&str> = all.iter().flat_map(|branch| words(branch)).collect();
    if let Some(word) = nearest(typed, &bare) {
        return Some(format!("`{word}` takes no values: write `{}: {word}`", path.last_key()));
    }
    let around = forms::around(map, maps);
    (!around.is_empty()).then(|| format!("write {}", around.join(" or ")))
}

fn check_branch(schema: &Json, value: &Value, path: &Path, problems: &Problems) {
    match value {
        Value::Mapping(map) => check_map(schema, map, path, problems),
        Value::Sequence(list) => {
            // Lists of a fixed length alone have these.
            if let Some(length) = schema["minItems"].as_u64().filter(|&length| length != list.len() as u64) {
                let message = format!("{} must be a list of {length}, got {}", naming(path), list.len());
                let help = misread::kind(path, value);
                problems.at(path, Highlight::Value, message).help(help.as_deref().unwrap_or("write `[.., ..]`"));
            }
            for (index, item) in list.iter().enumerate() {
                check(&schema["items"], item, &path.index(index), problems);
            }
        }
        Value::Number(number) => {
            let widest = if schema["format"] == "uint32" { u64::from(u32::MAX) } else { u64::MAX };
            let largest = schema["maximum"].as_u64().unwrap_or(widest);
            if allows_type(schema, "integer")
                && !allows_type(schema, "number")
                && number.as_u64().is_none_or(|n| n > widest)
            {
                let value = number.as_f64().unwrap_or(f64::NAN);
                let (rule, help) = if value > largest as f64 {
                    (
                        format!("a whole number of at most {largest}"),
                        "this is too large: write a smaller number".to_owned(),
                    )
                } else if value >= 0.0 && value.fract() == 0.0 {
                    ("a whole number".to_owned(), format!("write digits alone: `{value}`"))
                } else {
                    let help = "write digits alone, such as `1`: no sign, point or exponent";
                    ("a whole number".to_owned(), help.to_owned())
                };
                problems
                    .at(path, Highlight::Value, format!("{} must be {rule}, got {number}", naming(path)))
                    .help(help);
            }
        }
        _ => {}
    }
}

fn check_map(schema: &Json, map: &Mapping, path: &Path, problems: &Problems) {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let mut lacking: Vec<&str> = required.into_iter().filter(|key| !map.contains_key(key)).collect();
    let slips = indentation::slips(schema, map);
    for slip in &slips {
        slip.report(path, problems);
    }
    for (key, value) in map {
        let key = key.as_str().unwrap_or_default();
        if slips.iter().any(|slip| slip.has(key)) {
            continue;
        }
        match (properties.get(key), &schema["additionalProperties"]) {
            (Some(schema), _) => check(schema, value, &path.key(key), problems),
            (None, Json::Bool(false)) => {
                let meant = unknown_key(key, (schema, map), path, problems);
                // One mistake, one message: what is misspelt or not there yet is not missing as well.
                lacking.retain(|key| !meant.contains(key));
            }
            (None, any) => check(any, value, &path.key(key), problems),
        }
    }
    for key in lacking {
        missing(key, (&properties[key], map), path, problems);
    }
}

fn missing(key: &str, (schema, map): (&Json, &Mapping), path: &Path, problems: &Problems) {
    problems.lacks(path, key).help_with(|| {
        misread::lacking(path, map, key).unwrap_or_else(|| {
            let example = schema["examples"][0].as_str().unwrap_or("..");
            let about = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
            format!("add `{key}: {example}`. {about}")
        })
    });
}

/// Reports a key; returns the known ones that it may stand for.
fn unknown_key<'a>(
    key: &str,
    (schema, map): (&'a Json, &Mapping),
    path: &Path,
    problems: &Problems,
) -> Vec<&'a str> {
    let at = path.key(key);
    let known: Vec<&str> =
        schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let place = if path.0.is_empty() { String::new() } else { format!(" in `{path}`") };
    let message = format!("unknown key `{}`{place}", clip(key));
    let alias = aliases::of_key(path, key).filter(|(_, called)| called.is_empty() || known.contains(called));
    let (help, called) = alias.unzip();
    let near = nearest(key, &known);
    let elsewhere = || {
        // At the top of the file a key that looks like another is that one, wherever else its name is in use.
        let is_lost = !path.0.is_empty() || near.is_none();
        is_lost.then(|| elsewhere::question(key, schema, &Value::Mapping(map.clone()), path)).flatten()
    };
    problems.at(&at, Highlight::Key, message).help_with(|| {
        help.or_else(|| misread::comma(map, key)).or_else(elsewhere).unwrap_or_else(|| suggestion(key, &known))
    });
    near.into_iter().chain(known.iter().copied().filter(|key| called == Some(key))).collect()
}

fn unknown_word(word: &str, words: &[&str], branches: &[&Json], path: &Path, problems: &Problems) {
    let keys = forms::keys(branches);
    let allowed = |kind: &str| branches.iter().any(|branch| allows_type(branch, kind));
    let besides = [("object", "A map of values"), ("integer", "A whole number")];
    let besides = besides.into_iter().find(|(kind, _)| allowed(kind));
    let message = format!("{} cannot be `{}`", naming(path), clip(word));
    if let Some(help) = aliases::of_word(path, word).or_else(|| misread::word(path, word)) {
        problems.at(path, Highlight::Value, message).help(help);
        return;
    }
    problems.at(path, Highlight::Value, message).help_with(|| match nearest(word, &keys) {
        _ if nearest(word, words).is_some() => suggestion(word, words),
        Some(key) => format!("write `{}`", forms::with_values(key, branches)),
        None if !keys.is_empty() => {
            format!("{}; with values: {}", suggestion(word, words), forms::all_with_values(branches).join(", "))
        }
        None => match besides {
            Some((_, what)) => {
                let known = suggestion(word, words);
                let end = if known.ends_with('?') { "" } else { "." };
                format!("{known}{end} {what} is possible too")
            }
            None => suggestion(word, words),
        },
    });
}

fn wrong_type(branches: &[&Json], value: &Value, path: &Path, problems: &Problems) {
    let mut kinds: Vec<&str> = Vec::new();
    for branch in branches {
        for (name, kind) in [
            ("number", "a number"),
            ("integer", "a whole number"),
            ("boolean", "true or false"),
            ("string", if words(branch).is_empty() { "text" } else { "a word" }),
            ("array", "a list"),
            ("object", "a map"),
        ] {
            if allows_type(branch, name) && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
    let keys = forms::keys(branches);
    let key = value.as_str().and_then(|word| nearest(word, &keys));
    let item = misread::scalar(value);
    let list = branches.iter().find(|branch| allows_type(branch, "array") && branch["minItems"].is_null());
    let list = list.map(|list| &list["items"]);
    let own = misread::kind(path, value).or_else(|| match (kinds.as_slice(), key, item) {
        (["a map"], Some(key), _) if branches.len() > 1 => {
            Some(format!("write `{}`", forms::with_values(key, branches)))
        }
        (["a map"], None, _) if !tags(branches).is_empty() => {
            let (tag, words) = (tags(branches)[0].0, tags(branches));
            let words: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
            Some(format!("write `{{{tag}: {}, ..}}`; `{tag}` is one of {}", words[0], listed(&words)))
        }
        (["a map"], None, _) if branches.len() > 1 && !keys.is_empty() => {
            Some(format!("write {}", forms::all_with_values(branches).join(" or ")))
        }
        (["a list"], _, item) => list.and_then(|items| one_of(items, value, item)),
        _ => None,
    });
    let help = own.unwrap_or_else(|| match kinds.as_slice() {
        _ if !words.is_empty() && !keys.is_empty() => {
            format!("known here: {}; with values: {}", listed(&words), forms::all_with_values(branches).join(", "))
        }
        _ if !words.is_empty() => format!("words known here: {}", listed(&words)),
        ["a map"] => match branches {
            [branch] if branch["properties"].is_object() => forms::entries(branch, value),
            _ => "write its entries between braces, `{key: value}`, or below it, each on its line and indented by two \
                  spaces"
                .to_owned(),
        },
        ["a whole number"] => "write digits alone, such as `1`".to_owned(),
        ["text"] if !value.is_mapping() && !value.is_sequence() => "put it between quotes".to_owned(),
        ["a list", ..] => "write a list between brackets: `[.., ..]`".to_owned(),
        ["a number"] => "write one number, without a unit".to_owned(),
        ["a number", ..] => "write one number, or one number with its unit".to_owned(),
        _ => format!("write {}", kinds.join(" or ")),
    });
    let (last, before) = kinds.split_last().map_or(("", &[][..]), |(last, before)| (*last, before));
    let kinds = if before.is_empty() { last.to_owned() } else { format!("{} or {last}", before.join(", ")) };
    let message = format!("{} must be {kinds}, got {}", naming(path), kind_of(value));
    problems.at(path, Highlight::Value, message).help(help);
}

/// A list of the one value that was typed in its place, if its items can be that or be made of it.
fn one_of(items: &Json, value: &Value, typed: Option<String>) -> Option<String> {
    let fit = branches(items).iter().any(|branch| fits(branch, value));
    let item = match value {
        Value::Mapping(_) if fit => Some(clip(&emit::inline(value))),
        _ if fit => typed,
        _ => forms::map_for(items, value),
    };
    item.map(|item| format!("write `[{item}]`"))
}

enum Choice<'a> {
    Branch(&'a Json),
    Missing { tag: String, words: Vec<&'a str> },
    Unknown { path: Option<String>, word: String, words: Vec<&'a str> },
    NotOne { words: Vec<&'a str> },
}

/// The key that is a constant in each of several map branches, and that constant: `shape` and `pulse`.
fn tags<'a>(branches: &[&'a Json]) -> Vec<(&'a str, &'a str)> {
    let tag_of = |branch: &&'a Json| {
        let properties = branch["properties"].as_object()?;
        properties.iter().find_map(|(key, schema)| Some((key.as_str(), schema["const"].as_str()?)))
    };
    branches.iter().filter_map(tag_of).collect()
}

/// Which of several map branches is meant: by the value of the key that is a constant in each (`shape: pulse`), or
/// by the one key of the map (`{coherent: {..}}`).
fn choose<'a>(branches: &[&'a Json], map: &Mapping) -> Choice<'a> {
    let tags = tags(branches);
    if let (Some((tag, _)), true) = (tags.first(), tags.len() == branches.len()) {
        let words: Vec<&str> = tags.iter().map(|(_, word)| *word).collect();
        let Some(word) = map.get(*tag) else { return Choice::Missing { tag: (*tag).to_owned(), words } };
        let word = word.as_str().map_or_else(|| kind_of(word).to_owned(), str::to_owned);
        return match words.iter().position(|known| *known == word) {
            Some(k) => Choice::Branch(branches[k]),
            None => Choice::Unknown { path: Some((*tag).to_owned()), word, words },
        };
    }
    let key_of = |branch: &'a Json| branch["required"][0].as_str().unwrap_or_default();
    let words: Vec<&str> = branches.iter().map(|branch| key_of(branch)).collect();
    let keys: Vec<&str> = map.keys().filter_map(Value::as_str).collect();
    if let Some(unknown) = keys.iter().find(|key| !words.contains(key)) {
        return Choice::Unknown { path: None, word: (*unknown).to_owned(), words };
    }
    match keys.as_slice() {
        [key] => words
            .iter()
            .position(|word| word == key)
            .map_or_else(|| Choice::NotOne { words: words.clone() }, |k| Choice::Branch(branches[k])),
        _ => Choice::NotOne { words },
    }
}

fn path_noun(path: &Path, word: &str) -> String {
    let last = path.last_key();
    if last == word { "key".to_owned() } else { last.to_owned() }
}
