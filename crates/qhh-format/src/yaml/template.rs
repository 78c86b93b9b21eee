//! A network file as a template: read once, its values replaced again and again.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use serde_yaml::Value;

use super::error::{LoadError, OverrideError};
use super::experiment::{Axis, Experiment, Level, amount};
use super::input::{Files, OverrideOrigin, Source};
use super::place::{Highlight, Path};
use super::problems::Problems;
use super::read::{self, Document};
use super::set::{self, Override};
use super::unchecked::UncheckedNetwork;
use super::wording::clip;
use super::{Attachment, Reading, emit, tree, vary};

/// Key of the block that tells what is varied.
const BLOCK: &str = "experiment";

/// A network file of which many networks are made.
pub struct Template {
    /// The document, overrides and additions in place.
    document: Value,
    /// The same without the experiment: what a point is made of.
    base: Value,
    source: Source,
    /// The file as its author wrote it.
    input: Arc<str>,
    experiment: Option<Experiment>,
}

/// A value of one point, in place of the file's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    path: Path,
    value: Value,
    /// Path under which the experiment speaks of it.
    within: Path,
}

/// What the command line adds to the `experiment` block, or replaces there.
#[derive(Debug, Clone, PartialEq)]
pub struct Addition {
    option: String,
    /// The option for each item of a list of texts, so that a mistake names the item at fault.
    items: Vec<String>,
    keys: Vec<String>,
    value: Value,
}

/// A part of an experiment, for mistakes that are found by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentPart {
    /// A measure by its place in the list.
    Measure(usize),
    /// The condition of a threshold.
    Condition,
    /// The axes.
    Axes,
}

impl Setting {
    /// A value of a listed axis.
    pub fn level(axis: &Axis, level: &Level) -> Self {
        Self::new(&axis.path, level.value.clone(), &["vary", &axis.path])
    }

    /// A number on an axis.
    pub fn number(axis: &Axis, number: f64) -> Self {
        Self::new(&axis.path, amount(number, &axis.unit), &["vary", &axis.path])
    }

    /// A number along which a threshold is searched.
    pub fn searched(path: &str, number: f64, unit: &str) -> Self {
        Self::new(path, amount(number, unit), &["find", "path"])
    }

    /// The seed of a repeat.
    pub fn seed(seed: u64) -> Self {
        Self::new("simulation.seed", seed.into(), &["repeats"])
    }

    fn new(path: &str, value: Value, within: &[&str]) -> Self {
        // The loader has refused an experiment with anything else.
        let path = Path::parse(path).unwrap_or_default();
        let within = within.iter().fold(Path::root().key(BLOCK), |path, key| path.key(key));
        Self { path, value, within }
    }

    fn said(&self) -> OverrideOrigin {
        OverrideOrigin { path: self.path.clone(), by: format!("at {self}"), within: Some(self.within.clone()) }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::String(text) => write!(f, "{} = {}", self.path, clip(text)),
            value => write!(f, "{} = {}", self.path, clip(&emit::inline(value))),
        }
    }
}

impl Addition {
    /// Reads `PATH=VALUES`: a list `1,2,5` or `[a, b]`, a range with its step `0.1:1:0.05`, or `linear:0.1:1:19` and
    /// `log:1:100:20` with a number of points. Without step and points, `0.1:1`, it is for designs that draw.
    ///
    /// # Errors
    /// [`OverrideError`] if there is no `=`, no path before it, or neither values nor a range behind it.
    pub fn vary(text: &str) -> Result<Self, OverrideError> {
        let Override { path, value } = Override::parse(text)?;
        let values = vary::values(value.trim()).map_err(|mistake| mistake.of(clip(text)))?;
        // However it was typed: one axis of a file is replaced, whatever the quotes.
        let path = Path::parse(&path).map_or(path, |path| path.to_string());
        let (option, keys) = (format!("--vary {}", text.trim()), vec!["vary".to_owned(), path]);
        Ok(Self { option, items: Vec::new(), keys, value: values })
    }

    /// Sets an entry of the block, as with the option `--NAME TEXT`.
    pub fn entry(keys: &[&str], name: &str, text: &str) -> Self {
        let value = tree::parse(text).unwrap_or_else(|_| text.into());
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Self { option: format!("--{name} {}", clip(text)), items: Vec::new(), keys, value }
    }

    /// Sets an entry of the block to a text, whatever it looks like.
    pub fn text(keys: &[&str], name: &str, text: &str) -> Self {
        Self { value: text.into(), ..Self::entry(keys, name, text) }
    }

    /// Sets an entry of the block to a list of texts.
    pub fn texts(keys: &[&str], name: &str, texts: &[String]) -> Self {
        let list: Vec<Value> = texts.iter().map(|text| text.as_str().into()).collect();
        let items = texts.iter().map(|text| format!("--{name} {}", clip(text))).collect();
        Self { value: list.into(), items, ..Self::entry(keys, name, &texts.join(", ")) }
    }

    fn path(&self) -> Path {
        self.keys.iter().fold(Path::root().key(BLOCK), |path, key| path.key(key))
    }
}

impl Template {
    /// Reads the network file at `path`, with additions to its experiment.
    ///
    /// # Errors
    /// [`LoadError`] with every problem that can be found; also of the network as the file has it, which must be sound.
    pub fn load(path: &FilePath, reading: &Reading, additions: &[Addition]) -> Result<Self, LoadError> {
        Self::of(read::load(path, reading)?, additions)
    }

    /// [`Template::load`] from a text, for which `name` stands in messages.
    ///
    /// # Errors
    /// As [`Template::load`].
    pub fn load_text(
        name: &FilePath,
        text: &str,
        reading: &Reading,
        additions: &[Addition],
    ) -> Result<Self, LoadError> {
        Self::of(read::load_text(name, text, reading)?, additions)
    }

    fn of(mut document: Document, additions: &[Addition]) -> Result<Self, LoadError> {
        // All points read the same data, once.
        document.source.files = Files::kept();
        for (place, addition) in additions.iter().enumerate() {
            let path = addition.path();
            let axis = addition.keys.first().is_some_and(|key| key == "vary");
            if axis && additions[..place].iter().any(|other| other.keys == addition.keys) {
                let varied = addition.keys.last().map_or("", String::as_str);
                let message = format!("`{}` is varied twice", clip(varied));
                document.problems.value(&path, message, "give it all its values in one `--vary`");
            }
            set::insert(&mut document.value, &path, addition.value.clone(), &document.problems);
            let origin = |path: Path, by: &str| OverrideOrigin { path, by: by.to_owned(), within: None };
            document.source.set.push(origin(path.clone(), &addition.option));
            let items = addition.items.iter().enumerate();
            document.source.set.extend(items.map(|(place, by)| origin(path.index(place), by)));
        }
        let (value, source) = (document.value.clone(), document.source.clone());
        let draft = document.resolve()?;
        let mut base = value.clone();
        if let Some(map) = base.as_mapping_mut() {
            map.remove(BLOCK);
        }
        let input = Arc::clone(&source.text);
        Ok(Self { document: value, base, source, input, experiment: draft.resolved.experiment })
    }

    /// The same template, read from a file that was typed so.
    #[must_use]
    pub fn typed(self, input: &str) -> Self {
        Self { input: input.into(), ..self }
    }

    /// The file as its author wrote it: without what was put in, with its comments.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// What is to be done with the network, if the file or the additions say.
    pub fn experiment(&self) -> Option<&Experiment> {
        self.experiment.as_ref()
    }

    /// The file as it was named.
    pub fn file(&self) -> &PathBuf {
        &self.source.file
    }

    /// The document as text, overrides and additions in place: beside copies of its data files under their names it
    /// makes the same template again.
    pub fn text(&self, data: &[Attachment]) -> String {
        let mut document = self.document.clone();
        rename(&mut document, self.source.folder(), data);
        emit::emit(&document)
    }

    /// The network with some of its values replaced, under the same checks as the file's own.
    ///
    /// # Errors
    /// [`LoadError`] with every problem, each named by the value it came with.
    pub fn at(&self, settings: &[Setting]) -> Result<UncheckedNetwork, LoadError> {
        let mut document =
            Document { value: self.base.clone(), problems: Problems::default(), source: self.source.clone() };
        for setting in settings {
            set::insert(&mut document.value, &setting.path, setting.value.clone(), &document.problems);
            document.source.set.push(setting.said());
        }
        document.resolve()
    }

    /// The error of mistakes in the experiment that others have found.
    pub fn error(&self, mistakes: Vec<(ExperimentPart, String)>) -> LoadError {
        let problems = Problems::default();
        for (part, message) in mistakes {
            let block = Path::root().key(BLOCK);
            let path = match part {
                ExperimentPart::Measure(index) => block.key("measures").index(index),
                ExperimentPart::Condition => block.key("find").key("where"),
                ExperimentPart::Axes => block.key("vary"),
            };
            problems.at(&path, Highlight::Value, message);
        }
        self.source.error(problems)
    }
}

/// Calls each data file by the name of its copy.
fn rename(value: &mut Value, folder: &FilePath, data: &[Attachment]) {
    match value {
        Value::String(text) => {
            if let Some(file) = data.iter().find(|file| file.source == folder.join(&*text)) {
                text.clone_from(&file.name);
            }
        }
        Value::Sequence(list) => list.iter_mut().for_each(|value| rename(value, folder, data)),
        Value::Mapping(map) => map.values_mut().for_each(|value| rename(value, folder, data)),
        _ => {}
    }
}
