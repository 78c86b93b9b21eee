//! Making a sweep's folder, finding it again, and completing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RESULTS;
use super::journal::{Finished, Journal};
use super::shard::Shard;
use super::table::SweepTable;
use crate::checksums;
use crate::files::{CHECKSUMS, INPUT, JOURNAL, REPORT};
use crate::folder::{StagingFolder, copy_attachment, write_file, write_input, write_text};
use crate::tables::TableFolder;
use crate::{Format, ResultsError};
use qhh_format::hash::sha256;
use qhh_format::yaml::{Attachment, Template};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const EXPERIMENT: &str = "experiment.yaml";
/// Folder of the runs that are kept.
const RUNS: &str = "runs";
/// Files by which a sweep's folder is known.
const MARK: &[&str] = &[MANIFEST, JOURNAL];

/// Which experiment a folder belongs to: two that differ in `input_sha256` and `intent` alone give the same table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `qhh sweep`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Name of the network.
    pub name: String,
    /// Number of runs.
    pub runs: usize,
    /// Whether the folder of each run is kept.
    pub keep_runs: bool,
    /// SHA-256 of `experiment.yaml`.
    pub experiment_sha256: String,
    /// SHA-256 of `input.yaml`, whose comments make no other experiment.
    pub input_sha256: String,
    /// SHA-256 of each data file, by its name in the network file.
    pub data_sha256: BTreeMap<String, String>,
    /// What is made of its runs in the end.
    #[serde(default)]
    pub intent: SweepIntent,
}

/// What is made of the runs of a sweep in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SweepIntent {
    /// Format of the table.
    pub format: Format,
    /// Whether the page to look at is made.
    pub report: bool,
    /// The part of the sweep that is run here; all of it if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

impl Manifest {
    /// The manifest of so many runs of a template, which read these data files.
    ///
    /// # Errors
    /// [`ResultsError`] if a data file cannot be read.
    pub fn new(
        template: &Template,
        data: &[Attachment],
        name: &str,
        runs: usize,
        keep_runs: bool,
        intent: SweepIntent,
    ) -> Result<Self, ResultsError> {
        let hash = |file: &Attachment| {
            let bytes = fs::read(&file.source).map_err(ResultsError::reading(&file.source))?;
            Ok((file.name.clone(), sha256(bytes)))
        };
        Ok(Self {
            program: "qhh sweep".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            runs,
            keep_runs,
            experiment_sha256: sha256(template.text(data)),
            input_sha256: sha256(template.input()),
            data_sha256: data.iter().map(hash).collect::<Result<_, ResultsError>>()?,
            intent,
        })
    }

    /// What sets another apart, in words; none where nothing does.
    fn difference(&self, other: &Self) -> Option<String> {
        let differences = [
            (self.version != other.version, format!("qhh {} began it, this is {}", self.version, other.version)),
            (self.experiment_sha256 != other.experiment_sha256, "the file or the options have changed".to_owned()),
            (self.data_sha256 != other.data_sha256, "a data file has changed".to_owned()),
            (self.keep_runs && !other.keep_runs, "it keeps its runs".to_owned()),
            (!self.keep_runs && other.keep_runs, "it does not keep its runs".to_owned()),
            (
                self.program != other.program || self.name != other.name || self.runs != other.runs,
                "it is another sweep".to_owned(),
            ),
        ];
        differences.into_iter().find(|(differs, _)| *differs).map(|(_, told)| told)
    }
}

/// The folder of a sweep under way, which this program alone writes.
#[derive(Debug)]
pub struct SweepFolder {
    path: PathBuf,
    journal: Journal,
}

impl SweepFolder {
    /// Begins the folder of a sweep at `out`, or goes on with the one that is there; also the runs it has finished.
    /// With `force` it begins anew in place of another sweep.
    ///
    /// # Errors
    /// [`ResultsError`] if something else is there, another sweep is, or nothing can be written.
    pub fn open(
        out: &Path,
        manifest: &Manifest,
        template: &Template,
        data: &[Attachment],
        force: bool,
    ) -> Result<(Self, Vec<Finished>), ResultsError> {
        if Self::is_at(out) {
            // Whoever is at work there must not be disturbed, not even with force.
            let (journal, finished) = Journal::open(&out.join(JOURNAL))?;
            if !force {
                let difference = Self::manifest(out)?.difference(manifest);
                return match difference {
                    None => Ok((Self { path: out.to_owned(), journal }, finished)),
                    Some(difference) => Err(ResultsError::OtherExperiment { path: out.to_owned(), difference }),
                };
            }
        }
        let draft = StagingFolder::replacing(out, force.then_some(MARK))?;
        let mut text = serde_json::to_string_pretty(manifest).map_err(|cause| ResultsError::Summary { cause })?;
        text.push('\n');
        write_file(&draft.path().join(MANIFEST), text.as_bytes())?;
        write_file(&draft.path().join(EXPERIMENT), template.text(data).as_bytes())?;
        write_input(draft.path(), template.input())?;
        for file in data {
            copy_attachment(draft.path(), file)?;
        }
        write_file(&draft.path().join(JOURNAL), b"")?;
        draft.publish()?;
        let (journal, finished) = Journal::open(&out.join(JOURNAL))?;
        Ok((Self { path: out.to_owned(), journal }, finished))
    }

    /// Whether the folder of a sweep stands at `out`.
    pub fn is_at(out: &Path) -> bool {
        MARK.iter().all(|file| out.join(file).is_file())
    }

    /// The file with the experiment in the folder at `out`.
    pub fn experiment(out: &Path) -> PathBuf {
        out.join(EXPERIMENT)
    }

    /// The network file in the folder at `out` as its author wrote it.
    ///
    /// # Errors
    /// [`ResultsError::CannotRead`].
    pub fn input(out: &Path) -> Result<String, ResultsError> {
        let path = out.join(INPUT);
        fs::read_to_string(&path).map_err(ResultsError::reading(&path))
    }

    /// What the folder at `out` belongs to.
    ///
    /// # Errors
    /// [`ResultsError`] if it does not tell.
    pub fn manifest(out: &Path) -> Result<Manifest, ResultsError> {
        let path = out.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(ResultsError::reading(&path))?;
        serde_json::from_str(&text).map_err(|cause| ResultsError::foreign(&path, cause.to_string()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Folder of one run, within this one, if runs are kept; no longer name than the last one's.
    pub fn run(number: usize, runs: usize) -> String {
        let digits = runs.saturating_sub(1).to_string().len();
        format!("{RUNS}/{number:0digits$}")
    }

    /// Takes in what a part of the same sweep has finished, in its folder, and gives the runs that were not known; `known` are
    /// those that are. If runs are kept, their folders are copied.
    ///
    /// # Errors
    /// [`ResultsError`] if there is no sweep's folder, or another sweep's, or something cannot be read or written.
    pub fn take_in(
        &mut self,
        shard: &Path,
        manifest: &Manifest,
        known: impl Fn(usize) -> bool,
    ) -> Result<Vec<Finished>, ResultsError> {
        if let Some(difference) = Self::manifest(shard)?.difference(manifest) {
            return Err(ResultsError::OtherExperiment { path: shard.to_owned(), difference });
        }
        let mut finished = Journal::read(&shard.join(JOURNAL))?;
        finished.retain(|one| one.number < manifest.runs && !known(one.number));
        finished.sort_by_key(|one| one.number);
        finished.dedup_by_key(|one| one.number);
        for one in &finished {
            let run = Self::run(one.number, manifest.runs);
            let (from, to) = (shard.join(&run), self.path.join(&run));
            if manifest.keep_runs && from.is_dir() {
                copy_folder(&from, &to)?;
            }
            self.append(one)?;
        }
        Ok(finished)
    }

    /// Keeps a finished run.
    ///
    /// # Errors
    /// [`ResultsError::CannotWrite`].
    pub fn append(&mut self, finished: &Finished) -> Result<(), ResultsError> {
        self.journal.append(finished)
    }

    /// Makes what is finished outlast a power cut.
    ///
    /// # Errors
    /// [`ResultsError::CannotWrite`].
    pub fn sync(&self) -> Result<(), ResultsError> {
        self.journal.sync().map_err(ResultsError::writing(&self.path))
    }

    /// Writes the table, the page if there is one to write, and the checksums of all.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn complete(&self, table: &SweepTable, format: Format, page: Option<&str>) -> Result<(), ResultsError> {
        self.sync()?;
        let aside = tempfile::Builder::new().prefix(".results.").tempdir_in(&self.path);
        let aside = aside.map_err(ResultsError::writing(&self.path))?;
        let name = format.file(RESULTS);
        let (written, place) = (aside.path().join(&name), self.path.join(&name));
        let columns = table.columns();
        TableFolder::Files { path: aside.path(), format }.write_whole(RESULTS, &columns)?;
        fs::rename(&written, &place).map_err(ResultsError::writing(&place))?;
        drop(aside);
        if let Some(page) = page {
            write_text(page, &self.path.join(REPORT), true)?;
        }
        write_text(&checksums::text(&self.path)?, &self.path.join(CHECKSUMS), true)
    }
}

/// Copies a folder of files and folders.
fn copy_folder(from: &Path, to: &Path) -> Result<(), ResultsError> {
    fs::create_dir_all(to).map_err(ResultsError::writing(to))?;
    for entry in fs::read_dir(from).map_err(ResultsError::reading(from))? {
        let entry = entry.map_err(ResultsError::reading(from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(&from, &to).map_err(ResultsError::writing(&to))?;
        }
    }
    Ok(())
}
