//! One state of a run in one file: a line that names the format, a line of JSON that says whose state it is, the state,
//! and the checksum of all that.
//!
//! It is written beside its place, made to last, and renamed; the one before it stays as the second generation.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Take, Write};
use std::path::{Path, PathBuf};

use qhh_net::engine::State;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ResultsError;
use crate::folder::sync_folder;

const FORMAT: [u8; 17] = *b"qhh checkpoint 3\n";
const CHECKSUM: usize = 32;

/// Whose state it is, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Version of the program.
    pub(super) version: String,
    /// SHA-256 of the network.
    pub(super) network: String,
    /// Steps or tasks done, and in all.
    pub(super) done: u64,
    pub(super) total: u64,
    /// Time reached, in the network's unit.
    pub(super) time: f64,
    /// What the run has cost so far.
    pub(super) spent: Spent,
}

/// What a run has cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Seconds on the clock.
    pub wall_seconds: f64,
    /// Seconds of processor time.
    pub cpu_seconds: f64,
}

/// Why a file is no state that could be gone on from.
#[derive(Debug)]
pub(super) enum Unusable {
    Gone,
    /// Damaged, or none of this program's.
    Spoilt(String),
}

/// Where the newest state of a stage is, and the one before.
pub(super) fn generations(folder: &Path, stage: &str) -> [PathBuf; 2] {
    ["checkpoint", "previous"].map(|generation| folder.join(format!("{stage}.{generation}")))
}

/// Writes the state of a stage into a folder.
pub(super) fn write(folder: &Path, stage: &str, header: &Header, state: &State<'_>) -> Result<(), ResultsError> {
    let aside = folder.join(format!("{stage}.writing"));
    let [newest, previous] = generations(folder, stage);
    let written = write_file(&aside, header, state).and_then(|()| {
        if newest.exists() {
            fs::rename(&newest, &previous)?;
        }
        fs::rename(&aside, &newest)?;
        sync_folder(folder)
    });
    written.map_err(|cause| {
        // What is there in part only takes room.
        let _ = fs::remove_file(&aside);
        ResultsError::CannotWrite { path: newest, cause }
    })
}

fn write_file(path: &Path, header: &Header, state: &State<'_>) -> io::Result<()> {
    let mut out = Summed { out: BufWriter::new(File::create(path)?), sum: Sha256::new() };
    out.write_all(&FORMAT)?;
    out.write_all(serde_json::to_string(header).map_err(io::Error::other)?.as_bytes())?;
    out.write_all(b"\n")?;
    state.write_to(&mut out)?;
    let Summed { mut out, sum } = out;
    out.write_all(&sum.finalize())?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Adds up what passes through.
struct Summed<W> {
    out: W,
    sum: Sha256,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A state that is whole, and whose it is; it is read from the file, which may be as large as memory.
pub(super) fn read(path: &Path) -> Result<(Header, Take<BufReader<File>>), Unusable> {
    let file = File::open(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Unusable::Gone,
        _ => Unusable::Spoilt(cause.to_string()),
    })?;
    let spoilt = |what: &str| Unusable::Spoilt(what.to_owned());
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::UnexpectedEof => spoilt("it is cut off"),
        _ => Unusable::Spoilt(cause.to_string()),
    };
    let length = file.metadata().map_err(failed)?.len();
    let mut file = BufReader::new(file);
    let mut format = [0; FORMAT.len()];
    if file.read_exact(&mut format).is_err() || format != FORMAT {
        return Err(spoilt("it is no checkpoint of this format"));
    }
    let length = length.checked_sub(CHECKSUM as u64).ok_or_else(|| spoilt("it is cut off"))?;
    file.rewind().map_err(failed)?;
    let mut sum = Summed { out: io::sink(), sum: Sha256::new() };
    io::copy(&mut file.by_ref().take(length), &mut sum).map_err(failed)?;
    let mut checksum = [0; CHECKSUM];
    file.read_exact(&mut checksum).map_err(failed)?;
    if sum.sum.finalize().as_slice() != checksum {
        return Err(spoilt("its checksum does not fit"));
    }
    let start = FORMAT.len() as u64;
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut rest = file.take(length.checked_sub(start).ok_or_else(|| spoilt("it is cut off"))?);
    let mut header = Vec::new();
    rest.read_until(b'\n', &mut header).map_err(failed)?;
    let header = serde_json::from_slice(&header);
    let header =
        header.map_err(|error| Unusable::Spoilt(format!("it does not say whose state it is ({error})")))?;
    Ok((header, rest))
}
