//! How far a run is, on standard error: a bar with the time left on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use qhh::text::clock;
use qhh::{Progress, RunObserver, Stage};

use crate::output;

/// Nothing before this: a run that is over at once needs no progress.
const QUIET_AT_FIRST: Duration = Duration::from_secs(1);
/// Elsewhere than on a terminal then a line for every tenth of the run, but not more often than this ..
const NOT_MORE_OFTEN: Duration = Duration::from_secs(1);
/// .. nor less often than this.
const NOT_LESS_OFTEN: Duration = Duration::from_secs(10);

/// Shows runs on the terminal: how far each is, notes and warnings.
#[derive(Debug)]
pub(crate) struct Console {
    quiet: bool,
    reporter: Reporter,
}

impl Console {
    /// `quiet` for warnings alone.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, reporter: Reporter::Silent }
    }
}

impl RunObserver for Console {
    fn begin(&mut self, name: &str) {
        self.reporter = Reporter::new(name, self.quiet);
    }

    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.reporter.update(progress);
        ControlFlow::Continue(())
    }

    fn end(&mut self) {
        std::mem::replace(&mut self.reporter, Reporter::Silent).finish();
    }

    fn warning(&mut self, message: &str) {
        output::warn(message);
    }

    fn note(&mut self, message: &str) {
        if !self.quiet {
            output::note(message);
        }
    }
}

/// Tells how far one run is.
#[derive(Debug)]
pub(crate) enum Reporter {
    /// Nothing at all.
    Silent,
    /// A bar on a terminal.
    Bar(ProgressBar),
    /// A line now and then.
    Lines(LineProgress),
}

/// State of the lines.
#[derive(Debug)]
pub(crate) struct LineProgress {
    name: String,
    start: Instant,
    last: Instant,
    tenths: u64,
    stage: Stage,
}

impl Reporter {
    /// For a run of the network `name`.
    pub(crate) fn new(name: &str, quiet: bool) -> Self {
        if quiet {
            return Self::Silent;
        }
        if !io::stderr().is_terminal() {
            let start = Instant::now();
            return Self::Lines(LineProgress {
                name: name.to_owned(),
                start,
                last: start,
                tenths: 0,
                stage: Stage::MeanField,
            });
        }
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::hidden());
        let template = "{msg} {wide_bar} {percent:>3} %, {elapsed} so far, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        Self::Bar(bar)
    }

    /// Takes in how far the run is.
    pub(crate) fn update(&mut self, progress: Progress) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                if bar.is_hidden() && bar.elapsed() >= QUIET_AT_FIRST {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
            }
            Self::Lines(lines) => {
                if let Some(line) = lines.line(progress, Instant::now()) {
                    output::note(&line);
                }
            }
        }
    }

    /// Clears the bar away.
    pub(crate) fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl LineProgress {
    /// The line to print now, if it is time for one.
    fn line(&mut self, progress: Progress, now: Instant) -> Option<String> {
        // Each part of a run has its own time left.
        if progress.stage != self.stage {
            (self.stage, self.start, self.tenths) = (progress.stage, now, 0);
        }
        let elapsed = now - self.start;
        if elapsed < QUIET_AT_FIRST || progress.done == 0 || progress.done >= progress.total {
            return None;
        }
        let tenths = progress.done.saturating_mul(10) / progress.total;
        let since = now - self.last;
        let due = (tenths > self.tenths && since >= NOT_MORE_OFTEN) || since >= NOT_LESS_OFTEN;
        if !due {
            return None;
        }
        self.tenths = tenths;
        self.last = now;
        let share = progress.done as f64 / progress.total as f64;
        let left = elapsed.as_secs_f64() * (1.0 / share - 1.0);
        Some(format!("{}: {:.0} %, about {} left", self.name, 100.0 * share, clock(left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines printed of a run that takes so many seconds, updated every hundredth of a second.
    fn lines_of(seconds: u64) -> Vec<String> {
        let start = Instant::now();
        let mut lines =
            LineProgress { name: "chain".to_owned(), start, last: start, tenths: 0, stage: Stage::MeanField };
        let total = seconds * 100;
        (1..=total)
            .filter_map(|done| {
                let progress = Progress { stage: Stage::MeanField, done, total, time: 0.0 };
                lines.line(progress, start + Duration::from_millis(10 * done))
            })
            .collect()
    }

    #[test]
    fn short_runs_say_nothing_and_long_ones_speak_every_tenth_or_ten_seconds() {
        assert_eq!(lines_of(1), Vec::<String>::new());
        assert_eq!(lines_of(20).len(), 9);
        assert_eq!(lines_of(20)[0], "chain: 10 %, about 18 s left");
        let long = lines_of(1000);
        assert!((99..=108).contains(&long.len()), "{} lines", long.len());
    }
}
