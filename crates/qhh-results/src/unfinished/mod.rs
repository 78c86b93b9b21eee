//! The folder of a run, or of learning, that is not through yet: `NAME.unfinished` beside the place of its results.
//!
//! | file | holds |
//! | --- | --- |
//! | `unfinished.json` | what is to become of it: [`Intent`] |
//! | `network.yaml`, `input.yaml` | of a run: the network, and its file as it was typed; beside them the files it refers to |
//! | `STAGE.checkpoint`, `STAGE.previous` | of a run: its last state and the one before, of each stage: `mean-field`, `fluctuations` |
//! | `answers.journal` | of learning and fits: what the network has answered so far |
//!
//! It is removed when the results are there. Who writes in it holds the [`super::FolderLock`] of their place.

mod checkpoint;
mod journal;

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use qhh_net::engine::{Checkpoint, Stage, State};
use serde::{Deserialize, Serialize};

use self::checkpoint::{Header, Unusable};
use super::files::{INPUT, NETWORK, network_header};
use super::folder::{StagingFolder, copy_attachment, is_whole, write_file, write_input};
use super::{Format, ResultsError};
use qhh_format::hash::sha256_of_text;
use qhh_format::yaml::Loaded;

pub use self::checkpoint::Spent;
pub use self::journal::Journal;

const MANIFEST: &str = "unfinished.json";
const ANSWERS: &str = "answers.journal";
const SUFFIX: &str = ".unfinished";

/// What is to become of it once it is through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Of `qhh run`.
    Run(RunIntent),
    /// Of `qhh learn`.
    Learn(LearnIntent),
    /// Of `qhh fit`.
    Fit(LearnIntent),
}

/// What is to become of learning, or of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct LearnIntent {
    /// The task's file, which must still be there; of a text, the name that stands for one.
    pub task: PathBuf,
    /// Its text, where it is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Format of the tables.
    #[serde(default)]
    pub format: Format,
    /// What was put in place of its values: path and value.
    pub set: Vec<(String, String)>,
    /// Whether it may read files outside its folder.
    pub allow_outside: bool,
    /// Whether the page to look at is made.
    pub report: bool,
    /// Whether earlier results may be replaced.
    pub force: bool,
    /// How often its state is kept, as it was typed.
    pub every: String,
    /// Whether what was learned from is written too.
    #[serde(default)]
    pub export: bool,
}

/// What is to become of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunIntent {
    /// Format of the tables.
    pub format: Format,
    /// Whether the page to look at is made.
    pub report: bool,
    /// Whether earlier results may be replaced.
    pub force: bool,
    /// Values put in place of the file's own, each `PATH = VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Whether its figures are verified, and the relative error they may have.
    pub verify: bool,
    /// See `verify`.
    pub tolerance: Option<f64>,
    /// How often its state is kept, as it was typed.
    pub every: String,
    /// The file that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    version: String,
    name: String,
    /// SHA-256 of all that its results depend on.
    fingerprint: String,
    intent: Intent,
}

/// The folder.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    manifest: Manifest,
}

/// States that a run can go on from.
#[derive(Debug, Default)]
pub struct Resumable {
    /// For the engine.
    pub kept: Checkpoint,
    /// How far the last of them is: steps or tasks done, in all, and the time.
    pub reached: Option<(u64, u64, f64)>,
    /// What the run has cost until then.
    pub spent: Spent,
    /// What to tell: states that are damaged, and what stands in for them.
    pub told: Vec<String>,
}

impl Unfinished {
    /// Where the folder of a run is whose results are to be at `out`.
    pub fn place(out: &Path) -> PathBuf {
        let mut name = out.as_os_str().to_owned();
        name.push(SUFFIX);
        PathBuf::from(name)
    }

    /// The place of the results of the run whose folder this is or would be: `NAME` of `NAME` and of `NAME.unfinished`.
    pub fn results(path: &Path) -> PathBuf {
        let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(SUFFIX).map(OsString::from));
        name.map_or_else(|| path.to_owned(), |name| path.with_file_name(name))
    }

    /// That no unfinished run is to be at `out`; with `force` one that is there is dropped.
    ///
    /// # Errors
    /// [`ResultsError::Unfinished`] if there is one; [`ResultsError::CannotWrite`] if it cannot be dropped.
    pub fn none_at(out: &Path, force: bool) -> Result<(), ResultsError> {
        let path = Self::place(out);
        if fs::symlink_metadata(&path).is_err() {
            return Ok(());
        }
        if !force {
            return Err(ResultsError::Unfinished { path, out: out.to_owned() });
        }
        if !path.join(MANIFEST).is_file() && !is_whole(&path) {
            return Err(ResultsError::NotReplaceable { path });
        }
        fs::remove_dir_all(&path).map_err(ResultsError::writing(&path))
    }

    /// Makes the folder of something of this name and fingerprint; of a run with its network, as its resolved text, the file
    /// as its author wrote it and the files it refers to.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn begin(
        out: &Path,
        (name, fingerprint): (&str, &str),
        network: Option<&Loaded>,
        intent: Intent,
    ) -> Result<Self, ResultsError> {
        let path = Self::place(out);
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Manifest { version, name: name.to_owned(), fingerprint: fingerprint.to_owned(), intent };
        let draft = StagingFolder::replacing(&path, None)?;
        let mut text = serde_json::to_string_pretty(&manifest).map_err(|cause| ResultsError::Summary { cause })?;
        text.push('\n');
        write_file(&draft.path().join(MANIFEST), text.as_bytes())?;
        if let Some(Loaded { yaml, input, attachments, .. }) = network {
            write_file(&draft.path().join(NETWORK), (network_header(&manifest.version) + yaml).as_bytes())?;
            write_input(draft.path(), input)?;
            for attachment in attachments {
                copy_attachment(draft.path(), attachment)?;
            }
        }
        draft.publish()?;
        Ok(Self { path, manifest })
    }

    /// Opens the folder of a run that was to have its results at `out`; none if there is no such folder.
    ///
    /// # Errors
    /// [`ResultsError`] if it cannot be read, or another version of the program began it.
    pub fn open(out: &Path) -> Result<Option<Self>, ResultsError> {
        let path = Self::place(out);
        let file = path.join(MANIFEST);
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file).map_err(ResultsError::reading(&file))?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|cause| ResultsError::foreign(&file, cause.to_string()))?;
        if manifest.version != env!("CARGO_PKG_VERSION") {
            let version = manifest.version;
            return Err(ResultsError::OtherVersion { path, version });
        }
        Ok(Some(Self { path, manifest }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The network file in it.
    pub fn network(&self) -> PathBuf {
        self.path.join(NETWORK)
    }

    /// The network file as its author wrote it.
    ///
    /// # Errors
    /// [`ResultsError::CannotRead`].
    pub fn input(&self) -> Result<String, ResultsError> {
        let path = self.path.join(INPUT);
        fs::read_to_string(&path).map_err(ResultsError::reading(&path))
    }

    /// What is to become of the run.
    pub fn intent(&self) -> &Intent {
        &self.manifest.intent
    }

    /// Keeps a state of the run; the one before it stays, too.
    ///
    /// # Errors
    /// [`ResultsError::CannotWrite`]; what was kept before is still there.
    pub fn keep(&self, state: &State<'_>, spent: Spent) -> Result<(), ResultsError> {
        let header = Header {
            version: self.manifest.version.clone(),
            network: self.manifest.fingerprint.clone(),
            done: state.progress.done,
            total: state.progress.total,
            time: state.progress.time,
            spent,
        };
        let stage = if state.progress.stage == Stage::MeanField { STAGES[0] } else { STAGES[1] };
        checkpoint::write(&self.path, stage, &header, state)
    }

    /// Reads the newest whole states of a network of this fingerprint.
    ///
    /// # Errors
    /// [`ResultsError::OtherNetwork`], [`ResultsError::OtherVersion`]: they are refused, not passed over.
    pub fn resumable(&self, fingerprint: &str) -> Result<Resumable, ResultsError> {
        self.of(fingerprint)?;
        let mut resumable = Resumable::default();
        for stage in STAGES {
            let mut damaged = Vec::new();
            let newest = self.newest(stage, fingerprint, &mut damaged)?;
            let stands_in =
                if newest.is_some() { "the state before it is taken" } else { "this stage begins anew" };
            resumable.told.extend(damaged.into_iter().map(|damage| format!("{damage}; {stands_in}")));
            let Some((header, mut state)) = newest else { continue };
            if stage == STAGES[0] {
                resumable.kept.mean_field = Some(Box::new(state));
            } else {
                let mut bytes = Vec::new();
                state.read_to_end(&mut bytes).map_err(ResultsError::reading(&self.path))?;
                resumable.kept.fluctuations = Some(bytes);
            }
            resumable.reached = Some((header.done, header.total, header.time));
            resumable.spent = header.spent;
        }
        Ok(resumable)
    }

    /// The newest whole state of a stage; warns of those that are not whole.
    fn newest(
        &self,
        stage: &str,
        fingerprint: &str,
        damaged: &mut Vec<String>,
    ) -> Result<Option<(Header, impl Read + Send + use<>)>, ResultsError> {
        for path in checkpoint::generations(&self.path, stage) {
            match checkpoint::read(&path) {
                Err(Unusable::Gone) => {}
                Err(Unusable::Spoilt(why)) => damaged.push(format!("{} cannot be used: {why}", path.display())),
                Ok((header, _)) if header.version != self.manifest.version => {
                    return Err(ResultsError::OtherVersion { path, version: header.version });
                }
                Ok((header, _)) if header.network != fingerprint => {
                    return Err(ResultsError::OtherNetwork { path });
                }
                Ok(whole) => return Ok(Some(whole)),
            }
        }
        Ok(None)
    }

    /// The journal of learning, and what is in it.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn answers(&self) -> Result<(Journal, Vec<Vec<u8>>), ResultsError> {
        Journal::open(&self.path.join(ANSWERS))
    }

    /// That it is of something with this fingerprint.
    ///
    /// # Errors
    /// [`ResultsError::OtherNetwork`].
    pub fn of(&self, fingerprint: &str) -> Result<(), ResultsError> {
        if self.manifest.fingerprint == fingerprint {
            Ok(())
        } else {
            Err(ResultsError::OtherNetwork { path: self.path.clone() })
        }
    }

    /// Removes the folder: the results are there.
    ///
    /// # Errors
    /// [`ResultsError::CannotWrite`].
    pub fn remove(self) -> Result<(), ResultsError> {
        fs::remove_dir_all(&self.path).map_err(ResultsError::writing(&self.path))
    }
}

/// SHA-256, in hexadecimal, of the text of `of`, which holds all that results depend on.
pub fn fingerprint(of: &impl fmt::Debug) -> String {
    sha256_of_text(format_args!("{of:?}"))
}

/// Stages by name, in order.
const STAGES: [&str; 2] = ["mean-field", "fluctuations"];
