//! `SHA256SUMS`: the checksum of every other file of a folder, one a line, as `sha256sum --check` reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use qhh_core::stop;
use sha2::{Digest, Sha256};

use super::ResultsError;
use super::files::CHECKSUMS;
use super::folder::write_file;
use qhh_format::hash::hexadecimal;

/// One way in which a file of a folder is not as the run left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFault {
    /// Its bytes have another checksum.
    Changed,
    /// It is gone.
    Missing,
    /// The run has not written it.
    Foreign,
}

/// Checksums by name of the file within the folder.
type Sums = BTreeMap<String, String>;

/// Writes the checksums of all that is in `folder`, a new one.
pub(crate) fn write(folder: &Path) -> Result<(), ResultsError> {
    write_file(&folder.join(CHECKSUMS), text(folder)?.as_bytes())
}

/// The text of the checksums of all that is in `folder`.
pub(super) fn text(folder: &Path) -> Result<String, ResultsError> {
    let mut text = String::new();
    for (name, sum) in of_folder(folder)? {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{sum}  {name}");
    }
    Ok(text)
}

/// Number of files that are as they were, and the others by name.
pub(super) fn compare(folder: &Path) -> Result<(usize, Vec<(String, FileFault)>), ResultsError> {
    let path = folder.join(CHECKSUMS);
    if !path.is_file() {
        return Err(ResultsError::Missing { folder: folder.to_owned(), file: CHECKSUMS.to_owned() });
    }
    let text = fs::read_to_string(&path).map_err(ResultsError::reading(&path))?;
    let mut kept = Sums::new();
    for (number, line) in text.lines().enumerate() {
        let is_sum = |sum: &str| sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some((sum, name)) = line.split_once("  ").filter(|(sum, name)| is_sum(sum) && !name.is_empty()) else {
            let problem = format!("line {} is no checksum and name of a file", number + 1);
            return Err(ResultsError::foreign(&path, problem));
        };
        kept.insert(name.to_owned(), sum.to_owned());
    }
    let found = of_folder(folder)?;
    let names: BTreeSet<&String> = kept.keys().chain(found.keys()).collect();
    let fault = |name: &&String| match (kept.get(*name), found.get(*name)) {
        (Some(kept), Some(found)) if kept == found => None,
        (Some(_), Some(_)) => Some(FileFault::Changed),
        (Some(_), None) => Some(FileFault::Missing),
        (None, _) => Some(FileFault::Foreign),
    };
    let faults: Vec<_> = names.iter().filter_map(|name| Some(((*name).clone(), fault(name)?))).collect();
    Ok((names.len() - faults.len(), faults))
}

/// Checksums of every file of a folder and the folders in it, but of the checksums themselves.
fn of_folder(folder: &Path) -> Result<Sums, ResultsError> {
    let mut sums = Sums::new();
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(ResultsError::reading(&folder))? {
            let entry = entry.map_err(ResultsError::reading(&folder))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else if name != CHECKSUMS {
                sums.insert(name, of_file(&entry.path())?);
            }
        }
    }
    Ok(sums)
}

/// Checksum of a file, piece by piece: tables may be larger than the memory.
fn of_file(path: &Path) -> Result<String, ResultsError> {
    let mut file = File::open(path).map_err(ResultsError::reading(path))?;
    let mut digest = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        stop::check();
        match file.read(&mut piece).map_err(ResultsError::reading(path))? {
            0 => return Ok(hexadecimal(&digest.finalize())),
            length => digest.update(&piece[..length]),
        }
    }
}
