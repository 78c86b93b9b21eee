//! What runs are called side by side: by their folder, as the shell's user knows them.

use std::path::Path;

use qhh_results::FinishedRun;

/// A run to lay beside others.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The run.
    pub run: &'a FinishedRun,
    /// Its folder, which names it; without one the network's name does.
    pub folder: Option<&'a Path>,
}

impl<'a> From<&'a FinishedRun> for Compared<'a> {
    fn from(run: &'a FinishedRun) -> Self {
        Self { run, folder: None }
    }
}

/// Names of the runs: as many of the last parts of their folders as tell them apart. Those that still share one are
/// numbered.
pub(super) fn names(runs: &[Compared<'_>]) -> Vec<String> {
    let most = runs.iter().map(|run| parts(run).len()).max().unwrap_or(1);
    let at = |depth: usize| -> Vec<String> {
        runs.iter().map(|run| parts(run)).map(|all| all[all.len().saturating_sub(depth)..].join("/")).collect()
    };
    let distinct = |names: &Vec<String>| {
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    };
    let names = (1..=most).map(at).find(distinct).unwrap_or_else(|| at(1));
    let numbered = |(k, name): (usize, &String)| {
        let before = names[..k].iter().filter(|other| *other == name).count();
        let shared = names.iter().filter(|other| *other == name).count() > 1;
        if shared { format!("{name} ({})", before + 1) } else { name.clone() }
    };
    names.iter().enumerate().map(numbered).collect()
}

/// The parts of a run's folder, or its network's name alone.
fn parts(run: &Compared<'_>) -> Vec<String> {
    let folder = run.folder.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    let named = |part: std::path::Component<'_>| match part {
        std::path::Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    };
    let parts: Vec<String> = folder.iter().flat_map(|folder| folder.components().filter_map(named)).collect();
    if parts.is_empty() { vec![run.run.network.name.clone()] } else { parts }
}
