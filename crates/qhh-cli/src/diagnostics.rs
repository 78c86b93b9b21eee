//! Failures on standard error: problems of a network file drawn beside its lines, everything else in a sentence.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use qhh::Error;
use qhh_format::yaml::{LoadError, Problem};
use textwrap::WordSeparator;

use crate::failure::Failure;
use crate::output;

/// Prints a failure.
pub(crate) fn print(failure: &Failure) {
    match failure {
        Failure::Output(cause) => sentence(&format_args!("cannot write to standard output: {cause}"), None),
        Failure::Error(error) => print_error(error),
    }
}

/// Prints what the library could not do.
pub(crate) fn print_error(error: &Error) {
    match error {
        Error::Network(error) => output::draw(draw(error).trim_end()),
        Error::Cancelled => output::note("interrupted: the run under way left nothing behind"),
        Error::RunCancelled { out, has_state: true } => {
            output::note(&format!("interrupted: its state is kept; `qhh resume {}` goes on", out.display()));
        }
        Error::RunCancelled { out, has_state: false } => {
            output::note(&format!(
                "interrupted, with no state kept: of a run of less than half a minute there is none while its results are \
                 written; `qhh resume {}` runs it again",
                out.display()
            ));
        }
        Error::SweepCancelled { done, runs, out } => {
            let kept = format!("interrupted: {done} of {runs} runs are kept in {}", out.display());
            output::note(&format!("{kept}; the same command goes on with the others"));
        }
        Error::Usage { message, remedy } => sentence(&as_typed(message), Some(remedy)),
        error => sentence(error, error.remedy().as_deref()),
    }
    if let Error::Broken { place, .. } = error {
        output::note(&format!("  what came before is in {}, marked incomplete", place.display()));
    }
}

fn sentence(message: &dyn fmt::Display, help: Option<&str>) {
    output::error(&message.to_string(), help.map(as_typed).as_deref());
}

/// Options of the library, and how they are typed here.
const OPTIONS: [(&str, &str); 6] = [
    ("`out`", "`--out`"),
    ("`force`", "`--force`"),
    ("`threads`", "`--threads`"),
    ("`resume`", "`qhh resume`"),
    ("`resume ", "`qhh resume "),
    ("`checkpoint-every` ", "--checkpoint-every "),
];

fn as_typed(text: &str) -> String {
    OPTIONS.iter().fold(text.to_owned(), |text, (name, typed)| text.replace(name, typed))
}

/// Longest line of a file, in bytes, that is drawn whole.
const LONGEST_LINE: usize = 500;

/// Every problem with its line: in colours on a terminal, in plain characters elsewhere.
fn draw(error: &LoadError) -> String {
    // The drawing shows whole lines; the plain form clips them around the place.
    if error.text.lines().any(|line| line.len() > LONGEST_LINE) {
        return error.to_string();
    }
    // Colours are dropped where they are not to be shown.
    let is_terminal = io::stderr().is_terminal();
    let mut theme = if is_terminal { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    "error:".clone_into(&mut theme.characters.error);
    // Files are searched line by line.
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(is_terminal).with_break_words(false);
    let handler = handler.with_width(textwrap::termwidth()).with_word_separator(WordSeparator::AsciiSpace);
    let mut text = String::new();
    for (k, problem) in error.problems.iter().enumerate() {
        if k > 0 {
            text.push('\n');
        }
        let mut drawn = String::new();
        if handler.render_report(&mut drawn, &Drawn::new(error, problem)).is_err() {
            return error.to_string();
        }
        text += drawn.trim_start();
    }
    text
}

/// One problem as miette wants it.
#[derive(Debug)]
struct Drawn<'a> {
    problem: &'a Problem,
    message: String,
    source: NamedSource<Arc<str>>,
}

impl<'a> Drawn<'a> {
    fn new(error: &LoadError, problem: &'a Problem) -> Self {
        let file = error.file.display().to_string();
        let message = match problem.place {
            Some(_) => problem.message.clone(),
            // The drawing names the file; without one the message has to.
            None => format!("{file}: {}", problem.message),
        };
        Self { problem, message, source: NamedSource::new(file, Arc::clone(&error.text)) }
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.problem.place.as_ref().map(|_| &self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.problem.place.as_ref()?;
        // Most messages name the entry themselves.
        let path = &self.problem.path;
        let label = (!path.is_empty() && !self.message.contains(path.as_str())).then(|| path.clone());
        let span = LabeledSpan::new_with_span(label, place.span.clone());
        Some(Box::new(std::iter::once(span)))
    }
}
