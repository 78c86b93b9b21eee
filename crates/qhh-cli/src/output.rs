//! The two streams. On a terminal, in colours and with lines broken between words; elsewhere plain, one line for each.
//! A reader who has left (`qhh schema | head`) is no error.

use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};
use qhh_results::number::clock;
use textwrap::{Options, WordSeparator, WordSplitter, termwidth};

/// What went well.
const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What went wrong.
const BAD: Style = AnsiColor::Red.on_default().bold();
/// What should be known.
const CAUTION: Style = AnsiColor::Yellow.on_default().bold();
/// What to do about it.
const ADVICE: Style = AnsiColor::Cyan.on_default();
/// What stands beside the matter.
const QUIET: Style = Style::new().dimmed();

/// Writes to standard output. Styles are dropped unless it is a terminal that has colours, and is to show them.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(cause),
        _ => Ok(()),
    }
}

/// Writes a line to standard error; if that is closed it is lost.
pub(crate) fn note(line: &str) {
    let line = if io::stderr().is_terminal() { wrapped(line, "  ") } else { line.to_owned() };
    draw(&line);
}

/// Writes to standard error what has its lines already.
pub(crate) fn draw(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// A warning on standard error.
pub(crate) fn warn(message: &str) {
    note(&format!("{CAUTION}warning:{CAUTION:#} {message}"));
}

/// An error on standard error, and what to do about it.
pub(crate) fn error(message: &str, help: Option<&str>) {
    note(&format!("{BAD}error:{BAD:#} {message}"));
    if let Some(help) = help {
        note(&format!("  {ADVICE}help:{ADVICE:#} {help}"));
    }
}

/// Names and values in two columns, indented.
pub(crate) fn aligned(rows: &[(impl AsRef<str>, String)]) -> String {
    let width = rows.iter().map(|row| row.0.as_ref().len()).max().unwrap_or(0);
    let is_terminal = io::stdout().is_terminal();
    rows.iter().fold(String::new(), |text, (name, value)| {
        let name = name.as_ref();
        let row = format!("  {QUIET}{name}{QUIET:#}{:1$}  {value}", "", width - name.len());
        text + &if is_terminal { wrapped(&row, &" ".repeat(width + 4)) } else { row } + "\n"
    })
}

/// The last line of what is printed: how it stands.
pub(crate) fn verdict(holds: bool, text: &str) -> String {
    let (style, mark) = if holds { (GOOD, '✓') } else { (BAD, '✗') };
    let line = format!("  {style}{mark}{style:#} {text}");
    (if io::stdout().is_terminal() { wrapped(&line, "    ") } else { line }) + "\n"
}

/// Seconds that something took: `0.12 s`, `3 min 20 s`.
pub(crate) fn elapsed(seconds: f64) -> String {
    match seconds {
        short if short < 9.995 => format!("{short:.2} s"),
        short if short < 99.5 => format!("{short:.0} s"),
        long => clock(long).replace('\u{a0}', " "),
    }
}

/// A line broken between words where the terminal ends.
fn wrapped(line: &str, indent: &str) -> String {
    let options = Options::new(termwidth()).subsequent_indent(indent).break_words(false);
    let options = options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(line, options)
}
