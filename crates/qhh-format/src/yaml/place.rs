//! Paths into a network file, and the line and column where a path stands in its text.
//!
//! The text is read a second time, with places, only when there is something to point at.

use std::fmt;
use std::ops::Range;

use saphyr::{LoadableYamlNode, MarkedYaml, YamlData};
use serde_yaml::Value;

use super::error::Place;

/// A path into a network file: `neurons.relay.output`, `record.quantities[0]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(pub(crate) Vec<PathSegment>);

/// One hop of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathSegment {
    Key(String),
    Index(usize),
}

/// `path` for the start of a sentence.
pub(crate) fn naming(path: &Path) -> String {
    if path.0.is_empty() { "the file".to_owned() } else { format!("`{path}`") }
}

impl Path {
    /// The whole file.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The entry `key` of this map.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(PathSegment::Key(key.to_owned()))
    }

    /// Element `index` of this list.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.with(PathSegment::Index(index))
    }

    fn with(&self, hop: PathSegment) -> Self {
        let mut hops = self.0.clone();
        hops.push(hop);
        Self(hops)
    }

    /// The last key on the path; empty for the whole file.
    pub(crate) fn last_key(&self) -> &str {
        let key = |hop: &'_ PathSegment| matches!(hop, PathSegment::Key(_));
        match self.0.iter().rfind(|hop| key(hop)) {
            Some(PathSegment::Key(key)) => key,
            _ => "",
        }
    }

    /// Whether `self` is `other` or lies below it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The path with the numbers of elements in brackets, whichever way they were typed: `record.quantities.0` in a document
    /// where `record.quantities` is a list.
    pub(crate) fn settled(&self, document: &Value) -> Self {
        let mut value = Some(document);
        let mut settle = |hop: &PathSegment| {
            let hop = match hop {
                PathSegment::Key(key) if value.is_some_and(Value::is_sequence) => {
                    key.parse().map_or_else(|_| hop.clone(), PathSegment::Index)
                }
                _ => hop.clone(),
            };
            value = value.and_then(|value| Self(vec![hop.clone()]).look_up(value));
            hop
        };
        Self(self.0.iter().map(&mut settle).collect())
    }

    /// The value that stands there in a document, if any.
    pub(crate) fn look_up<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |value, hop| match hop {
            PathSegment::Key(key) => value.get(key.as_str()),
            PathSegment::Index(index) => value.get(*index),
        })
    }

    /// Reads `a.b[0].c`, with keys in quotes or not; `None` for empty hops and broken indices.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut hops = Vec::new();
        for part in text.split('.') {
            let (key, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            let key = key.trim();
            let quoted = |quote: char| key.strip_prefix(quote)?.strip_suffix(quote);
            let key = quoted('"').or_else(|| quoted('\'')).unwrap_or(key);
            if key.is_empty() {
                return None;
            }
            hops.push(PathSegment::Key(key.to_owned()));
            let mut rest = indices.trim();
            while !rest.is_empty() {
                let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
                hops.push(PathSegment::Index(index.trim().parse().ok()?));
                rest = after.trim();
            }
        }
        Some(Self(hops))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, hop) in self.0.iter().enumerate() {
            match hop {
                PathSegment::Key(key) if k == 0 => write!(f, "{key}")?,
                PathSegment::Key(key) => write!(f, ".{key}")?,
                PathSegment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What to point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Highlight {
    /// The key of an entry: it is unknown, or its map lacks something.
    Key,
    /// The value.
    Value,
}

/// Places of a text that is known to be readable YAML of bounded size.
pub(crate) struct Places<'t> {
    text: &'t str,
    document: Option<MarkedYaml<'t>>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let document = MarkedYaml::load_from_str(text).ok().and_then(|documents| documents.into_iter().next());
        Self { text, document }
    }

    /// Where `path` stands, and whether all of it does; else its nearest parent in the text, as for an entry that a
    /// merge brought in. `None` where not even the first hop is there.
    pub(crate) fn find(&self, path: &Path, aim: Highlight) -> (Option<Place>, bool) {
        let Some(mut node) = self.document.as_ref() else { return (None, false) };
        let mut found = None;
        for hop in &path.0 {
            let next = match (&node.data, hop) {
                (YamlData::Mapping(map), PathSegment::Key(wanted)) => map
                    .iter()
                    .find(|(key, _)| self.is_key(key, wanted))
                    .map(|(key, value)| (self.bytes(key), value)),
                (YamlData::Sequence(list), PathSegment::Index(index)) => {
                    list.get(*index).map(|value| (self.first_line(self.bytes(value)), value))
                }
                _ => None,
            };
            let Some((key, value)) = next else {
                return (found.map(|span| Place::new(self.text, span)), false);
            };
            let scalar = !matches!(value.data, YamlData::Mapping(_) | YamlData::Sequence(_));
            let span = self.bytes(value);
            let point_at_value = aim == Highlight::Value && scalar && !span.is_empty();
            // An alias has the place of its anchor, which may be far away: the key is nearer.
            let behind_key = span.start >= key.start;
            found = Some(if point_at_value && behind_key { span } else { key });
            node = value;
        }
        (found.map(|span| Place::new(self.text, span)), true)
    }

    fn is_key(&self, node: &MarkedYaml<'_>, wanted: &str) -> bool {
        node.data.as_str().map_or_else(|| &self.text[self.bytes(node)] == wanted, |key| key == wanted)
    }

    /// Bytes of a node; its marks count characters.
    fn bytes(&self, node: &MarkedYaml<'_>) -> Range<usize> {
        let byte = |index: usize| self.text.char_indices().nth(index).map_or(self.text.len(), |(byte, _)| byte);
        let (start, end) = (byte(node.span.start.index()), byte(node.span.end.index()));
        start..end.max(start)
    }

    fn first_line(&self, span: Range<usize>) -> Range<usize> {
        let length = self.text[span.clone()].find(['\n', '\r']).unwrap_or(span.len());
        span.start..span.start + length
    }
}
