//! Values set from outside the file (`--set path=value`), under the same checks as the file's own.

use serde_yaml::{Mapping, Value};

use super::aliases::is_at;
use super::elsewhere;
use super::error::OverrideError;
use super::input::OverrideOrigin;
use super::place::{Highlight, Path, PathSegment};
use super::problems::Problems;
use super::schema::SCHEMA;
use super::tree::{self, MAX_BYTES};
use super::wording::{clip, kind_of, suggestion};

/// Bytes of YAML that one override may bring: as many as a file, for a list with a number for each of many waveguides.
const MAX_VALUE: usize = MAX_BYTES;

/// Blocks whose entries bear names that the user gave them.
const NAMED: [&str; 5] = ["neurons", "sources", "waveguides", "states", "modes"];

/// A value that replaces or adds to what a network file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Path of the entry: `neurons.relay.output.capacitance`, `record.quantities[0]`.
    pub path: String,
    /// The value as YAML: `1 uF`, `3`, `{coherent: {amplitude: 3}}`; `null` takes an optional entry away.
    pub value: String,
}

impl Override {
    /// Reads `PATH=VALUE`.
    ///
    /// # Errors
    /// [`OverrideError`] if there is no `=` or the part before it is no path.
    ///
    /// # Examples
    /// ```
    /// # use qhh_format::yaml::Override;
    /// let set = Override::parse("neurons.relay.output.capacitance=1 uF")?;
    /// assert_eq!((set.path.as_str(), set.value.as_str()), ("neurons.relay.output.capacitance", "1 uF"));
    /// # Ok::<(), qhh_format::yaml::OverrideError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, OverrideError> {
        let (path, value) = text.split_once('=').ok_or_else(|| OverrideError::NoEquals { text: clip(text) })?;
        let path = path.trim();
        if Path::parse(path).is_none() {
            return Err(OverrideError::BadPath { path: clip(path) });
        }
        Ok(Self { path: path.to_owned(), value: value.to_owned() })
    }

    /// Another seed.
    pub fn seed(seed: u64) -> Self {
        Self { path: "simulation.seed".to_owned(), value: seed.to_string() }
    }
}

/// Puts every override into the tree, in the order given; returns each that could be read.
pub(crate) fn apply(document: &mut Value, overrides: &[Override], problems: &Problems) -> Vec<OverrideOrigin> {
    put(document, overrides, (problems, "setting "), insert)
}

/// The same into a tree that has no entries of its own, so that no name is mistyped.
pub(super) fn fill(document: &mut Value, entries: &[Override], problems: &Problems) -> Vec<OverrideOrigin> {
    put(document, entries, (problems, ""), |document, path, value, problems| {
        insert_among(document, path, value, (&[], problems));
    })
}

fn put(
    document: &mut Value,
    overrides: &[Override],
    (problems, option): (&Problems, &str),
    insert: impl Fn(&mut Value, &Path, Value, &Problems),
) -> Vec<OverrideOrigin> {
    let mut said = Vec::new();
    for set in overrides {
        let Some(path) = Path::parse(&set.path) else {
            let message = format!("`{}` is not a path", clip(&set.path));
            problems.value(&Path::root(), message, "write keys with dots between them, such as `simulation.step`");
            continue;
        };
        let path = path.settled(document);
        let by = format!("{option}{path}={}", clip(&set.value));
        said.push(OverrideOrigin { path: path.clone(), by, within: None });
        if set.value.len() > MAX_VALUE {
            problems.value(&path, format!("the value is longer than {MAX_VALUE} bytes"), "put it into the file");
            continue;
        }
        if set.value.trim().is_empty() {
            let help = format!("write a value behind the `=`, or `{path}=null` to take the entry away");
            problems.value(&path, "there is no value to set", help);
            continue;
        }
        let spaced = set.value.trim().strip_prefix("- ").filter(|rest| !rest.contains('\n'));
        if let Some(number) = spaced.filter(|rest| rest.trim().starts_with(|c: char| c.is_ascii_digit())) {
            let message = "a minus with a space behind it begins a list";
            problems.value(&path, message, format!("no space behind the minus: `-{}`", number.trim()));
            continue;
        }
        match tree::parse(&set.value).and_then(|mut value| value.apply_merge().map(|()| value)) {
            Ok(value) => insert(document, &path, value, problems),
            Err(error) => {
                let message = format!("the value is not valid YAML: {error}");
                problems.value(&path, message, "quote what has `:`, `#` or brackets in it");
            }
        }
    }
    said
}

/// Puts a value into the tree, making the maps on the way to it; nothing (`null`) takes an entry that is there out of it.
pub(super) fn insert(document: &mut Value, path: &Path, value: Value, problems: &Problems) {
    insert_among(document, path, value, (&NAMED, problems));
}

/// [`insert`] where the entries of these blocks must be there.
fn insert_among(document: &mut Value, path: &Path, value: Value, (named, problems): (&[&str], &Problems)) {
    if let Some(Refused { aim, message, help }) = refused(document, path, value.is_null(), named) {
        problems.at(path, aim, message).help(help);
        return;
    }
    let mut node = document;
    for (depth, hop) in path.0.iter().enumerate() {
        node = match hop {
            PathSegment::Key(key) => {
                if node.is_null() {
                    *node = Value::Mapping(Mapping::new());
                }
                let Value::Mapping(map) = node else { return };
                if depth + 1 == path.0.len() && value.is_null() && map.shift_remove(key.as_str()).is_some() {
                    return;
                }
                map.entry(Value::String(key.clone())).or_insert(Value::Null)
            }
            PathSegment::Index(index) => &mut node[*index],
        };
    }
    *node = value;
}

/// What stands where no entry is.
static NULL: Value = Value::Null;

/// Why a value cannot be put into the tree, and what to do.
struct Refused {
    aim: Highlight,
    message: String,
    help: String,
}

/// What is in the way of a value at `path`, or of taking it away.
fn refused(document: &Value, path: &Path, removes: bool, named: &[&str]) -> Option<Refused> {
    let at_key = |message, help| Some(Refused { aim: Highlight::Key, message, help });
    let at_value = |message, help| Some(Refused { aim: Highlight::Value, message, help });
    let meant = elsewhere::named(path, named, document);
    if let (Some(PathSegment::Key(first)), false) = (path.0.first(), meant.is_empty() || is_block(path)) {
        return at_key(format!("the file has no `{}` at its top", clip(first)), in_place(&meant));
    }
    let mut node = document;
    for (depth, hop) in path.0.iter().enumerate() {
        let so_far = Path(path.0[..depth].to_vec());
        let last = depth + 1 == path.0.len();
        let of_all = is_at(&so_far, "neurons.*") && named.contains(&"neurons") && elsewhere::is_number(hop);
        if of_all && node.is_mapping() {
            let meant = elsewhere::below(&so_far, &path.0[depth..], document);
            let message = format!("the values of `{so_far}` are those of all its neurons");
            return at_value(message, format!("{}, which may be a list with a value for each", in_place(&meant)));
        }
        node = match (hop, node) {
            (PathSegment::Key(_), Value::Null) => node,
            (PathSegment::Key(key), Value::Mapping(map)) => {
                let in_named =
                    matches!(so_far.0.as_slice(), [PathSegment::Key(block)] if named.contains(&block.as_str()));
                // A whole entry may be added, but not taken away where there is none: its name is mistyped.
                let taken = last && removes && is_at(&so_far, "neurons.*.channels");
                let found = map.get(key.as_str());
                if (in_named || taken) && (!last || removes) && found.is_none() {
                    let known: Vec<&str> = map.keys().filter_map(Value::as_str).collect();
                    return at_key(format!("`{so_far}` has no `{}`", clip(key)), suggestion(key, &known));
                }
                found.unwrap_or(&NULL)
            }
            (hop, one) if elsewhere::is_number(hop) && !(one.is_mapping() || one.is_sequence()) => {
                return at_value(
                    format!("`{so_far}` is {}, so it has no elements", kind_of(one)),
                    format!("set `{so_far}` itself, to one value or to a list"),
                );
            }
            (PathSegment::Key(key), other) => {
                let message = format!("`{so_far}` is {}, so it has no entry `{}`", kind_of(other), clip(key));
                return at_value(message, format!("set `{so_far}` itself"));
            }
            (PathSegment::Index(index), Value::Sequence(list)) => {
                let Some(item) = list.get(*index) else {
                    let message = format!("`{so_far}` has {} elements, so there is no `[{index}]`", list.len());
                    return at_value(message, format!("set `{so_far}` itself, to a list such as `[a, b]`"));
                };
                item
            }
            (PathSegment::Index(index), other) => {
                let name = other.as_mapping().and_then(|map| map.keys().next()?.as_str()).unwrap_or_default();
                let message = format!("`{so_far}` is {}, so there is no `[{index}]`", kind_of(other));
                return at_value(message, format!("its entries have names: write `{so_far}.{name}`"));
            }
        };
    }
    None
}

/// To write one of some paths; of a population as a whole, one of its values.
fn in_place(meant: &[Path]) -> String {
    match meant {
        [of] if is_at(of, "neurons.*") => format!("name one of its values, such as `{of}.membrane.capacitance`"),
        paths => format!("write {}", elsewhere::either(paths)),
    }
}

/// Whether a path begins with a key that network files have.
fn is_block(path: &Path) -> bool {
    matches!(path.0.first(), Some(PathSegment::Key(key)) if SCHEMA["properties"].get(key).is_some())
}
