//! A folder of its own for each test, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with copies of `tests/cli/data`.
pub(crate) struct Place(TempDir);

/// How a run of the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    /// With the network files of these names.
    pub(crate) fn with(files: &[&str]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/data");
        for file in files {
            fs::copy(data.join(file), place.path(file)).unwrap();
        }
        place
    }

    /// Path of something in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program, to be run in it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qhh"));
        command.args(args).current_dir(self.0.path()).env("COLUMNS", "100").env("NO_COLOR", "1");
        command
    }

    /// Runs the program in it.
    pub(crate) fn qhh(&self, args: &[&str]) -> Ended {
        self.command(args).output().unwrap().into()
    }

    /// Runs the program under a shell that first does something: `limits` with the program and its arguments behind it.
    #[cfg(unix)]
    pub(crate) fn under(&self, limits: &str, args: &[&str]) -> Ended {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limits} exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_qhh")]).args(args);
        command.current_dir(self.path(".")).env("NO_COLOR", "1").output().unwrap().into()
    }

    /// Runs the program, which must succeed, and gives what it printed.
    pub(crate) fn done(&self, args: &[&str]) -> String {
        let ended = self.qhh(args);
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.stderr);
        ended.stdout
    }

    /// Text of a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// `summary.json` of a folder of results.
    pub(crate) fn summary(&self, folder: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(&format!("{folder}/summary.json"))).unwrap()
    }

    /// Everything in one of its folders, hidden or not, in order of the alphabet; `.` for itself.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Ended {
    /// Ended as a failure of the system does: told in a sentence, without a panic.
    pub(crate) fn told(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The call that runs a shipped network, the largest in small.
pub(crate) fn run_shipped(file: &std::path::Path) -> Vec<&str> {
    let mut call = vec!["run", file.to_str().unwrap()];
    if file.ends_with("million.yaml") {
        call.extend(["--set", "neurons.cell.count=2000", "--set", "sources.drive.into=cell[0..199]"]);
    }
    call
}
