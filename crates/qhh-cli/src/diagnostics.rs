//! Failures on standard error: problems of a network file drawn beside its lines, everything else in a sentence.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use qhh_format::yaml::{LoadError, Problem};
use qhh_net::RunError;
use qhh_net::engine::Runaway;
use qhh_results::ResultsError;
use qhh_results::learning::ModelError;

use crate::failure::Failure;
use crate::output;

/// Prints a failure.
pub(crate) fn print(failure: &Failure) {
    match failure {
        Failure::Load(error) => output::note(draw(error).trim_end()),
        Failure::Request(cause) => sentence(cause, remedy(cause)),
        Failure::Writing(cause) => sentence(&format_args!("the run went well, but {cause}"), remedy(cause)),
        Failure::Usage { message, help } | Failure::NotAsAsked { message, help } => sentence(message, Some(help)),
        Failure::Data(cause) => {
            sentence(cause, Some("a data file has a header and rows with as many fields, between commas"));
        }
        Failure::Model(cause) => sentence(cause, model_remedy(cause)),
        Failure::Learn { name, cause } => sentence(&format_args!("{name}: {cause}"), None),
        Failure::Run { name, cause } => sentence(&format_args!("{name}: {cause}"), run_remedy(cause)),
        Failure::Output(cause) => sentence(&format_args!("cannot write to standard output: {cause}"), None),
        Failure::Points { message } => sentence(message, None),
        Failure::SweepInterrupted { done, runs, out } => {
            let kept = format!("interrupted: {done} of {runs} runs are kept in {}", out.display());
            output::note(&format!("{kept}; the same command goes on with the others"));
        }
        Failure::Broken { name, cause, place } => {
            sentence(&format_args!("{name}: {cause}"), run_remedy(cause));
            output::note(&format!("  what came before is in {}, marked incomplete", place.display()));
        }
        Failure::KeptWriting { cause, out, has_state } => {
            let how = if *has_state { "writes them" } else { "runs it again and writes them" };
            let again = format!("once that is mended, `qhh resume {}` {how}", out.display());
            sentence(&format_args!("the run went well, but {cause}"), Some(&again));
        }
        Failure::RunInterrupted { out, has_state: true } => {
            output::note(&format!("interrupted: its state is kept; `qhh resume {}` goes on", out.display()));
        }
        Failure::RunInterrupted { out, has_state: false } => {
            output::note(&format!(
                "interrupted before a state could be kept; `qhh resume {}` begins it anew",
                out.display()
            ));
        }
        Failure::Interrupted => output::note("interrupted: the run under way left nothing behind"),
    }
}

fn sentence(message: &dyn fmt::Display, help: Option<&str>) {
    output::note(&format!("error: {message}"));
    if let Some(help) = help {
        output::note(&format!("  help: {help}"));
    }
}

fn remedy(error: &ResultsError) -> Option<&'static str> {
    match error {
        ResultsError::Exists { .. } => Some("choose another place with `--out`, or replace it with `--force`"),
        ResultsError::NotReplaceable { .. } => Some("`--force` replaces results of an earlier run only"),
        ResultsError::OtherExperiment { .. } => {
            Some("choose another place with `--out`, or begin anew with `--force`, which drops what is there")
        }
        ResultsError::Unfinished { .. } => {
            Some("go on with it with `qhh resume`, drop it with `--force`, or choose another place with `--out`")
        }
        ResultsError::NothingUnfinished { .. } => {
            Some("give the folder NAME or NAME.unfinished of a run that was stopped, or the folder of a sweep")
        }
        ResultsError::OtherVersion { .. } => {
            Some("go on with the version that began it, or run it anew with `--force`")
        }
        ResultsError::OtherNetwork { .. } => Some("put its network back as it was, or run it anew with `--force`"),
        ResultsError::BrokenDown { .. } => Some("mend the network, and run it anew with `--force`"),
        ResultsError::Busy { .. } => Some("wait for it to end, or choose another place with `--out`"),
        ResultsError::NoName { .. } | ResultsError::NotAFolder { .. } | ResultsError::CannotWrite { .. } => {
            Some("choose another place with `--out`")
        }
        ResultsError::Missing { .. } | ResultsError::Foreign { .. } => {
            Some("a folder that `qhh run` has written holds summary.json, network.yaml and its tables")
        }
        _ => None,
    }
}

fn model_remedy(error: &ModelError) -> Option<&'static str> {
    match error {
        ModelError::Unreadable { .. } => {
            Some("give a folder that `qhh learn` has written, or the model.json in it")
        }
        ModelError::OtherNetwork { .. } => Some("give the network that it was trained with, or train it anew"),
        ModelError::Damaged { .. } => Some("copy it again from where it was written, or train it anew"),
        _ => None,
    }
}

fn run_remedy(error: &RunError) -> Option<&'static str> {
    match error {
        RunError::NotFinite { likely: Runaway::Gain { .. }, .. } => {
            Some("lower `gain`, or `transmission`, or open the loop")
        }
        RunError::NotFinite { likely: Runaway::Drive { .. }, .. } => {
            Some("lower the source's `amplitude`; was its unit meant?")
        }
        RunError::NotFinite { .. } => {
            Some("try `--set simulation.step=..` with a smaller step, and look at capacitances and conductances")
        }
        RunError::Threads { .. } => Some("ask for fewer with `--threads`"),
        _ => None,
    }
}

/// Longest line of a file, in bytes, that is drawn whole.
const LONGEST_LINE: usize = 500;

/// Every problem with its line: in colours on a terminal, in plain characters elsewhere.
fn draw(error: &LoadError) -> String {
    // The drawing shows whole lines; the plain form clips them around the place.
    if error.text.lines().any(|line| line.len() > LONGEST_LINE) {
        return error.to_string();
    }
    let colours = std::env::var_os("NO_COLOR").is_none();
    let theme = match (io::stderr().is_terminal(), colours) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, _) => GraphicalTheme::none(),
    };
    // Terminals wrap by themselves, and files are searched line by line.
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
    let mut text = String::new();
    for (k, problem) in error.problems.iter().enumerate() {
        if k > 0 {
            text.push('\n');
        }
        if handler.render_report(&mut text, &Drawn::new(error, problem)).is_err() {
            return error.to_string();
        }
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
