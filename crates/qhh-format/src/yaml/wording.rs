//! Words of messages: what was typed, fit for a line, and lists and names that are known.

use serde_yaml::Value;

/// Words of a list that are shown: all quantities of a neuron, but not all names of a large network.
const MOST_LISTED: usize = 40;

/// What a value is, with its article.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) | Value::Tagged(_) => "a map",
    }
}

/// The nearest of the known words, or all of them.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "none is defined yet".to_owned(),
        None => format!("known here: {}", listed(known)),
    }
}

/// The known word that looks most like `word`, if any looks like it at all.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word: String = word.chars().take(80).collect::<String>().to_lowercase().replace('_', "-");
    let score = |name: &str| {
        let name = name.to_lowercase().replace('_', "-");
        // Two letters of a short word in the wrong order look like nothing to the other measure.
        let slip = word.chars().count() > 2 && strsim::damerau_levenshtein(&word, &name) == 1;
        strsim::jaro_winkler(&word, &name).max(if slip { 0.85 } else { 0.0 })
    };
    let scored = known.iter().map(|name| (score(name), *name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// `1 value`, `2 values`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// At most forty words between backquotes.
pub(crate) fn listed(words: &[&str]) -> String {
    let mut shown: Vec<String> = words.iter().take(MOST_LISTED).map(|word| format!("`{word}`")).collect();
    if words.len() > MOST_LISTED {
        shown.push(format!("and {} more", words.len() - MOST_LISTED));
    }
    shown.join(", ")
}

/// At most 60 characters of what was typed, control characters replaced.
pub(crate) fn clip(text: &str) -> String {
    let mut short: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
