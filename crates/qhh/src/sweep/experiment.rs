//! What a sweep varies and measures, in addition to what its network file says.

use qhh_format::yaml::{Addition, OverrideError};

/// What is varied, and what each run is summed up by; what is given replaces what the `experiment` block of the network
/// file says. Texts are those of `qhh sweep`, described there and in docs/sweeps.md.
///
/// # Examples
/// ```
/// let experiment = qhh::Experiment::new()
///     .vary("waveguides.axon.delay=0.5 ms,1 ms,2 ms")?
///     .find("waveguides.axon.transmission=0.05:1", "relay[4].spikes >= 1")
///     .measure("relay[4].first_spike");
/// # Ok::<(), qhh::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Experiment {
    /// Values that are varied ([`Addition::vary`]), an axis each.
    pub vary: Vec<Addition>,
    /// How points are laid between several axes: `grid`, `zip`, `random` or `sobol`.
    pub design: Option<String>,
    /// Number of points of a random or sobol design.
    pub points: Option<u32>,
    /// Runs of each point, each with its seed.
    pub repeats: Option<u32>,
    /// What to sum each run up by, such as `relay[4].spikes`.
    pub measures: Vec<String>,
    /// Value along which a threshold is searched: `PATH=FROM:TO`, or `PATH` around the file's own value.
    pub find: Option<String>,
    /// The condition that begins or ceases to hold there, such as `relay[4].spikes >= 1`.
    pub condition: Option<String>,
    /// How closely to find it, as a width of that value.
    pub tolerance: Option<String>,
}

impl Experiment {
    /// What the network file says, and nothing besides.
    pub fn new() -> Self {
        Self::default()
    }

    /// Varies a value too: `PATH=VALUES`, where the values are a list `1,2,5`, a range with its step `0.1:1:0.05`, or
    /// `linear:0.1:1:19` and `log:1:100:20` with a number of points.
    ///
    /// # Errors
    /// If there is no `=`, no path before it, or no YAML behind it.
    pub fn vary(mut self, text: &str) -> Result<Self, OverrideError> {
        self.vary.push(Addition::vary(text)?);
        Ok(self)
    }

    /// Measures something too.
    #[must_use]
    pub fn measure(mut self, measure: &str) -> Self {
        self.measures.push(measure.to_owned());
        self
    }

    /// Searches a threshold along a value: where the condition begins or ceases to hold.
    #[must_use]
    pub fn find(mut self, along: &str, condition: &str) -> Self {
        (self.find, self.condition) = (Some(along.to_owned()), Some(condition.to_owned()));
        self
    }

    /// What it adds to the block of the file.
    pub(super) fn additions(&self) -> Vec<Addition> {
        let mut additions = self.vary.clone();
        let mut set = |keys: &[&str], name: &str, text: String| additions.push(Addition::entry(keys, name, &text));
        if let Some(design) = &self.design {
            set(&["design"], "design", design.clone());
        }
        if let Some(points) = self.points {
            set(&["points"], "points", points.to_string());
        }
        if let Some(repeats) = self.repeats {
            set(&["repeats"], "repeats", repeats.to_string());
        }
        if let Some(tolerance) = &self.tolerance {
            set(&["find", "tolerance"], "tolerance", tolerance.clone());
        }
        if let Some(find) = &self.find {
            let (path, ends) = find.split_once('=').unwrap_or((find, ""));
            if let Some((from, to)) = ends.split_once(':') {
                set(&["find", "from"], "find", from.trim().to_owned());
                set(&["find", "to"], "find", to.trim().to_owned());
            } else if !ends.is_empty() {
                set(&["find", "from"], "find", ends.trim().to_owned());
            }
            additions.push(Addition::text(&["find", "path"], "find", path.trim()));
        }
        if let Some(condition) = &self.condition {
            additions.push(Addition::text(&["find", "where"], "where", condition));
        }
        if !self.measures.is_empty() {
            additions.push(Addition::texts(&["measures"], "measure", &self.measures));
        }
        additions
    }
}
