//! How often the state of a run is kept.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_results::ResultsError;

use crate::Error;

/// How often the state of a run is kept: `30s`, `5min` or `2h` on the clock, `t=100ms` of simulated time, or `never`.
///
/// # Examples
/// ```
/// use qhh::CheckpointInterval;
///
/// let interval: CheckpointInterval = "5min".parse()?;
/// assert_eq!(interval.text(), "5min");
/// assert_eq!(CheckpointInterval::default().text(), "10min");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointInterval {
    text: String,
    period: Period,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Period {
    Never,
    Clock(Duration),
    /// Of simulated time, as it was typed: its unit may be the network's.
    Simulated(String),
}

impl CheckpointInterval {
    /// What a run has unless it says otherwise.
    pub const DEFAULT: &str = "10min";

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn period(&self) -> &Period {
        &self.period
    }

    /// Whether the folder for states is made at the start, so that a run that is stopped early can be resumed, too.
    pub(crate) fn starts_at_once(&self) -> bool {
        self.text != Self::DEFAULT && !matches!(self.period, Period::Never)
    }

    /// The interval that is given now, or else the one in the folder that is resumed.
    pub(crate) fn again(given: Option<&Self>, kept: &str, folder: &Path) -> Result<Self, Error> {
        let foreign = |problem| {
            let (path, problem) = (folder.to_owned(), format!("`every` is not {problem}"));
            Error::Folder(ResultsError::Foreign { path, problem })
        };
        given.map_or_else(|| kept.parse().map_err(foreign), |every| Ok(every.clone()))
    }

    /// Simulated time between states, in a network's units.
    pub(crate) fn simulated(&self, units: UnitSystem) -> Result<f64, Error> {
        let wrong = |message: String| Error::Usage {
            message: format!("`checkpoint-every` {}: {message}", self.text),
            remedy: "give simulated time such as t=100ms, or in the network's own unit",
        };
        let Period::Simulated(text) = &self.period else {
            return Err(wrong("no simulated time".to_owned()));
        };
        let time = match text.parse() {
            Ok(number) => number,
            Err(_) => units.parse(text, Dimension::TIME).map_err(|error| wrong(error.to_string()))?,
        };
        if time > 0.0 && time.is_finite() { Ok(time) } else { Err(wrong("it must be above zero".to_owned())) }
    }
}

impl Default for CheckpointInterval {
    fn default() -> Self {
        Self { text: Self::DEFAULT.to_owned(), period: Period::Clock(Duration::from_secs(600)) }
    }
}

impl FromStr for CheckpointInterval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "a time on the clock such as 30s, 5min or 2h, simulated time such as t=100ms, or never".to_owned();
        let typed = text.trim();
        let period = match (typed, typed.split_once('=')) {
            ("never", _) => Period::Never,
            (_, Some(("t", time))) => Period::Simulated(time.trim().to_owned()),
            _ => {
                let end = typed.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
                let (number, unit) = typed.split_at(end);
                let seconds = match unit {
                    "s" => 1.0,
                    "min" => 60.0,
                    "h" => 3600.0,
                    _ => return Err(wrong()),
                };
                let number: f64 = number.trim().parse().map_err(|_| wrong())?;
                // Not more than some centuries, which a duration cannot hold.
                let seconds = Some(number * seconds).filter(|seconds| *seconds > 0.0 && *seconds < 1e10);
                Period::Clock(Duration::from_secs_f64(seconds.ok_or_else(wrong)?))
            }
        };
        Ok(Self { text: typed.to_owned(), period })
    }
}
