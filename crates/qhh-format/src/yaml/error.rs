//! What is wrong with a network file: every problem with its place, the line itself and what to do.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Columns of a line that a message shows at most.
const SHOWN_COLUMNS: usize = 100;

/// Everything wrong with a network file, found in one reading.
///
/// Its `Display` shows each problem with its line; `file`, `text` and each problem's `place` serve whoever draws
/// nicer ones.
#[derive(Debug, Clone, thiserror::Error)]
pub struct LoadError {
    /// The file as it was named.
    pub file: PathBuf,
    /// Its text, without a byte order mark; empty where it could not be read.
    pub text: Arc<str>,
    /// At least one problem, in the order of the file.
    pub problems: Vec<Problem>,
}

/// One thing wrong with a network file or with an override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Path of the entry, `neurons.relay.output`; empty for the file as a whole.
    pub path: String,
    /// Where it stands; none where no line is to blame, as for a missing entry of the outermost map or an override.
    pub place: Option<Place>,
}

/// A place in the text of a network file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the text.
    pub span: Range<usize>,
}

impl Place {
    /// The place of some bytes of `text`.
    pub(crate) fn new(text: &str, span: Range<usize>) -> Self {
        let boundary = |at: usize| (0..=at.min(text.len())).rfind(|&k| text.is_char_boundary(k)).unwrap_or(0);
        let start = boundary(span.start);
        let end = boundary(span.end.max(start));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |k| k + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span: start..end,
        }
    }

    /// The place of line `line` and column `column`, both from 1.
    pub(crate) fn at(text: &str, line: usize, column: usize) -> Self {
        let line_start = match line.checked_sub(2) {
            None => 0,
            Some(breaks) => text.match_indices('\n').nth(breaks).map_or(text.len(), |(k, _)| k + 1),
        };
        let rest = &text[line_start..];
        let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(k, _)| k);
        // A column beyond the end of its line would be counted on the next one.
        let line_length = rest.find('\n').unwrap_or(rest.len());
        let start = line_start + within.min(line_length);
        Self::new(text, start..start + 1)
    }

    /// The line, clipped around the column, and the number of characters before the caret and under it.
    fn excerpt(&self, text: &str) -> (String, usize, usize) {
        let line: Vec<char> = text.split('\n').nth(self.line - 1).unwrap_or("").trim_end().chars().collect();
        let at = (self.column - 1).min(line.len());
        let from = if line.len() <= SHOWN_COLUMNS { 0 } else { at.saturating_sub(SHOWN_COLUMNS / 2) };
        let to = line.len().min(from + SHOWN_COLUMNS);
        let mut shown = String::new();
        if from > 0 {
            shown.push('…');
        }
        shown.extend(line[from..to].iter().map(|&c| if c.is_control() { ' ' } else { c }));
        if to < line.len() {
            shown.push('…');
        }
        let marked = text.get(self.span.clone()).unwrap_or("");
        let width = marked.split('\n').next().unwrap_or("").chars().count();
        (shown, at - from + usize::from(from > 0), width.clamp(1, (to - at).max(1)))
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, problem) in self.problems.iter().enumerate() {
            if k > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.file.display())?;
            let Some(place) = &problem.place else {
                write!(f, ": {}", problem.message)?;
                write_help(f, problem)?;
                continue;
            };
            writeln!(f, ":{}:{}: {}", place.line, place.column, problem.message)?;
            let (line, before, width) = place.excerpt(&self.text);
            let number = place.line.to_string();
            writeln!(f, "  {number} | {line}")?;
            write!(f, "  {:1$} | ", "", number.len())?;
            write!(f, "{}{}", " ".repeat(before), "^".repeat(width))?;
            write_help(f, problem)?;
        }
        Ok(())
    }
}

fn write_help(f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
    match &problem.help {
        Some(help) => write!(f, "\n  help: {help}"),
        None => Ok(()),
    }
}

/// Why a text is no override.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum OverrideError {
    #[error("`{text}` sets nothing: write PATH=VALUE, such as `simulation.duration=40 ms`")]
    NoEquals { text: String },
    #[error("`{path}` is not a path: write keys with dots between them and `[0]` for an element of a list")]
    BadPath { path: String },
    #[error("`{text}` gives no values: write them as `1,2,5`, or from, to and step as `0.1:1:0.05`")]
    NoValues { text: String },
    #[error(
        "`{text}` is no range: write from, to and step as `0.1:1:0.05`, or `linear:0.1:1:19` and `log:1:100:20` with a number of \
         points"
    )]
    NoRange { text: String },
}
