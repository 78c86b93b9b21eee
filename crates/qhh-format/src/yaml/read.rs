//! Text to document: limits, the tree, overrides; and document to network: the shape, the meaning, then every problem to
//! its place.

use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;
use std::sync::Arc;

use serde_yaml::{Mapping, Value};

use super::error::{LoadError, Place, Problem};
use super::input::{Files, Source};
use super::kind::FileKind;
use super::place::Path;
use super::problems::Problems;
use super::tree::MAX_BYTES;
use super::unchecked::UncheckedNetwork;
use super::wording::kind_of;
use super::{FileAccess, Override, Reading, check, emit, resolve, schema, set, tree};

/// Open brackets within each other at most.
const MAX_DEPTH: usize = 1000;
const DEEP: &str = "a network file is a few levels deep: look for brackets left open";

/// The document of the file at `path`, with overrides.
pub(super) fn load(path: &FilePath, reading: &Reading) -> Result<Document, LoadError> {
    load_text(path, &text_of(path)?, reading)
}

/// What the file at `path` is for; `None` for what cannot be read.
pub fn file_kind(path: &FilePath) -> Option<FileKind> {
    let text = text_of(path).ok()?;
    tree::parse(&text).ok().map(|document| FileKind::of(&document))
}

/// The text of the file at `path`.
pub(crate) fn text_of(path: &FilePath) -> Result<String, LoadError> {
    let unreadable = |error: std::io::Error| {
        let help = "check the path and that you may read it";
        whole_file(path, format!("cannot read the file: {error}"), help)
    };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(whole_file(path, "this is a folder".to_owned(), "give the network file within it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    check_size(path, bytes.len())?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            Err(one_problem(
                path,
                text,
                Problem {
                    message: "this is not text in UTF-8".to_owned(),
                    help: Some("a network file is YAML text: save it with the encoding UTF-8".to_owned()),
                    path: String::new(),
                    place: Some(Place::new(text, at..at + 1)),
                },
            ))
        }
    }
}

/// The document of a text, with overrides.
pub(super) fn load_text(name: &FilePath, text: &str, reading: &Reading) -> Result<Document, LoadError> {
    check_size(name, text.len())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut value = parse(text, &NETWORK).map_err(|problem| one_problem(name, text, problem))?;
    let problems = Problems::default();
    let set = set::apply(&mut value, &reading.overrides, &problems);
    let source = Source {
        file: name.to_owned(),
        text: Arc::from(text),
        set,
        reach: reading.reach,
        files: Files::default(),
    };
    Ok(Document { value, problems, source })
}

/// The text of a document with these values at their paths.
pub(super) fn text_with(name: &FilePath, entries: &[Override]) -> Result<String, LoadError> {
    let (mut value, problems) = (Value::Mapping(Mapping::new()), Problems::default());
    let set = set::fill(&mut value, entries, &problems);
    if problems.is_empty() {
        return Ok(emit::emit(&value));
    }
    let (file, text) = (name.to_owned(), Arc::from(""));
    Err(Source { file, text, set, reach: FileAccess::default(), files: Files::default() }.error(problems))
}

/// The error of something that is no YAML.
pub(super) fn no_yaml(name: &FilePath, error: &serde_yaml::Error) -> LoadError {
    let help = "give maps, lists, numbers, texts and truth values";
    whole_file(name, format!("this cannot be a network: {error}"), help)
}

/// A tree of values and what was wrong on the way to it.
pub(super) struct Document {
    pub(super) value: Value,
    pub(super) problems: Problems,
    pub(super) source: Source,
}

impl Document {
    /// Checks its shape and finds its meaning.
    pub(super) fn resolve(self) -> Result<UncheckedNetwork, LoadError> {
        let Self { value, problems, source } = self;
        if !FileKind::Network.expect(&value, &value, &problems) {
            return Err(source.error(problems));
        }
        check::check(&schema::SCHEMA, &value, &Path::root(), &problems);
        let resolved = resolve::resolve(&value, &source, &problems);
        match resolved.filter(|_| problems.is_empty()) {
            Some(resolved) => Ok(UncheckedNetwork { resolved, source }),
            None => Err(source.error(problems)),
        }
    }
}

pub(crate) fn check_size(name: &FilePath, bytes: usize) -> Result<(), LoadError> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let message = format!("the file is larger than the limit of {} MiB", MAX_BYTES >> 20);
    Err(whole_file(
        name,
        message,
        "a population of any size is one entry with `count`; samples go into a CSV file",
    ))
}

fn whole_file(name: &FilePath, message: String, help: &str) -> LoadError {
    one_problem(name, "", Problem { message, help: Some(help.to_owned()), path: String::new(), place: None })
}

pub(crate) fn one_problem(name: &FilePath, text: &str, problem: Problem) -> LoadError {
    LoadError { file: name.to_owned(), text: Arc::from(text), problems: vec![problem] }
}

/// What a file is called and how it begins, for whoever wrote something else.
pub(crate) struct Kind {
    pub(crate) noun: &'static str,
    pub(crate) begin: &'static str,
}

const NETWORK: Kind = Kind { noun: "a network file", begin: "begin with `name:`, `simulation:` and `neurons:`" };

/// The tree of a text, merges (`<<: *base`) done; one map, not empty.
pub(crate) fn parse(text: &str, kind: &Kind) -> Result<Value, Problem> {
    let problem = |message: String, help: &str, place| Problem {
        message,
        help: Some(help.to_owned()),
        path: String::new(),
        place,
    };
    if let Some(at) = too_deep(text) {
        let message = format!("brackets are nested more than {MAX_DEPTH} deep");
        return Err(problem(message, DEEP, Some(Place::new(text, at..at + 1))));
    }
    let mut value = tree::parse(text).map_err(|error| syntax(text, &error))?;
    value.apply_merge().map_err(|error| {
        let at = text.find("<<").unwrap_or(0);
        let help = "`<<:` takes an alias of a map, such as `<<: *base`, or a list of them";
        problem(format!("this cannot be merged: {error}"), help, Some(Place::new(text, at..at + 2)))
    })?;
    match &value {
        Value::Mapping(_) => Ok(value),
        Value::Null => Err(problem("the file is empty".to_owned(), kind.begin, None)),
        other => Err(problem(
            format!("{} is a map of blocks, but this one is {}", kind.noun, kind_of(other)),
            &format!("{}, without dashes before them", kind.begin),
            Some(Place::at(text, 1, 1)),
        )),
    }
}

/// An error of the YAML reader with what to do about it.
fn syntax(text: &str, error: &serde_yaml::Error) -> Problem {
    let full = error.to_string();
    let own = full.split_once(tree::OWN).map(|(_, message)| message);
    // The place is shown with the line: once is enough.
    let cause = own.unwrap_or(&full).split(" at line ").next().unwrap_or(&full);
    let mut place = error.location().map(|at| Place::at(text, at.line(), at.column()));
    let at = |place: &Option<Place>| place.as_ref().and_then(|place| text[place.span.start..].chars().next());
    let help = match cause {
        m if m.contains("appears twice") => "keep one of the two, or give them different names",
        m if m.contains("no tags") => "remove the tag, or quote a text that begins with `!`",
        m if m.contains("recursion limit") => DEEP,
        m if m.contains("repetition limit") || own.is_some() => {
            "write less with aliases (`*name`): a population of any size is one entry with `count`"
        }
        m if m.contains("more than one document") => {
            place = text.rfind("\n---").map(|at| Place::new(text, at + 1..at + 4));
            "keep one network in a file: remove the line `---`"
        }
        m if m.contains("unknown anchor") => "define it above with `&name`, or quote a text that begins with `*`",
        m if m.contains("control characters") => {
            let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}');
            place = text.find(unprintable).map(|at| Place::new(text, at..at + 1));
            "remove what does not print: the file must be plain text"
        }
        m if m.contains("cannot start any token") => match at(&place) {
            Some('\t') => "YAML takes no tabs: indent this line with spaces",
            _ => "indent with spaces, and quote a text that begins with a special character",
        },
        m if m.contains("mapping values are not allowed") => {
            "write a space behind each colon, indent the entries of one map alike, and quote a text with `: ` in it"
        }
        m if m.contains("',' or") => match at(&place) {
            Some('[') => {
                "within `{ }` or `[ ]` write a neuron with a dot, such as `relay.0`, or with quotes: `\"relay[0]\"`"
            }
            _ => "put commas between the entries, and close the bracket",
        },
        m if m.contains("did not find expected node content") && at(&place) == Some('-') => {
            "no space behind the minus: `-77 mV`"
        }
        m if m.contains("did not find expected key") && matches!(at(&place), Some('}' | ']')) => {
            "remove this bracket, or open one before it"
        }
        m if m.contains("unexpected end of stream") && full.contains("quoted") => {
            place = opened_at(&full).map(|(line, column)| Place::at(text, line, column)).or(place);
            "close the quote that begins here"
        }
        m if m.contains("a key of one word") => "a key is one word before a colon",
        _ => "check indentation, brackets and quotes on this line and the one above",
    };
    let uneven = place.as_ref().filter(|_| cause.contains("did not find expected key"));
    let uneven = uneven.and_then(|place| uneven_indent(text, place.line));
    let help = uneven.as_deref().unwrap_or(help);
    let several = cause.contains("more than one document");
    let cause = cause.split(" at position ").next().unwrap_or(cause);
    // Where the bracket or quote was opened that is missed here.
    let opened = full.split_once(", while ").map_or(String::new(), |(_, context)| format!(", while {context}"));
    let message = match own {
        Some(_) => cause.to_owned(),
        None if several => "this holds more than one YAML document".to_owned(),
        None => format!("this is not valid YAML: {cause}{opened}"),
    };
    Problem { message, help: Some(help.to_owned()), path: String::new(), place }
}

/// Line and column at the end of a message of the YAML reader: where the quote or bracket was opened.
fn opened_at(message: &str) -> Option<(usize, usize)> {
    let (_, rest) = message.rsplit_once(" at line ")?;
    let (line, column) = rest.split_once(" column ")?;
    Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
}

/// Lines above a line that is indented wrongly that are compared with it.
const COMPARED: usize = 30;

/// How far a line is indented beside the line above it that comes nearest to that, where the two differ.
fn uneven_indent(text: &str, line: usize) -> Option<String> {
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines: Vec<&str> = text.lines().take(line).collect();
    let (own, above) = lines.split_last()?;
    let own = spaces(own);
    let is_entry = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let above = above.iter().rev().filter(is_entry).take(COMPARED).map(|line| spaces(line));
    let nearest = above.min_by_key(|other| own.abs_diff(*other)).filter(|other| *other != own)?;
    Some(format!(
        "this line is indented by {own} spaces, an entry above it by {nearest}: entries of one map are indented alike"
    ))
}

/// The bracket that opens a level too deep, whatever quotes and comments it stands in. The YAML reader would count
/// them too, but its time grows with the square of the depth.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.bytes().position(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}
