//! The model's file: JSON with a version, the hash of the network it belongs to, and a checksum of all of it.
//!
//! What a model is made of is its owner's business; it is kept and handed back as it came, to the last bit.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use qhh_format::hash::sha256;

/// Name of the file in a results' folder.
pub const MODEL: &str = "model.json";
const FORMAT: &str = "qhh model";
const VERSION: u32 = 2;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum ModelError {
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{} is no model of qhh: {problem}", path.display())]
    Foreign { path: PathBuf, problem: String },
    #[error("{} is a model of format {version}, and this program reads format {VERSION}", path.display())]
    OtherVersion { path: PathBuf, version: u32 },
    #[error("{} is damaged: its checksum does not fit", path.display())]
    Damaged { path: PathBuf },
    #[error("{} was trained with another network than {}", path.display(), network.display())]
    OtherNetwork { path: PathBuf, network: PathBuf },
    #[error("the text of the model cannot be made: {cause}")]
    Text { cause: serde_json::Error },
}

/// The file.
#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    program: String,
    network: String,
    model: Json,
    checksum: String,
}

/// The text of a model's file.
///
/// # Errors
/// [`ModelError::Text`] if it holds what JSON cannot.
pub fn text<T: Serialize>(model: &T, network: &str, program: &str) -> Result<String, ModelError> {
    let cause = |cause| ModelError::Text { cause };
    let model = serde_json::to_value(model).map_err(cause)?;
    let checksum = checksum(VERSION, network, &model);
    let file = File {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: program.to_owned(),
        network: network.to_owned(),
        model,
        checksum,
    };
    Ok(serde_json::to_string_pretty(&file).map_err(cause)? + "\n")
}

/// A model read back, and the hash of its network.
///
/// # Errors
/// [`ModelError`]: no model, one of another version, or one that is damaged.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<(T, String), ModelError> {
    let text =
        fs::read_to_string(path).map_err(|cause| ModelError::Unreadable { path: path.to_owned(), cause })?;
    let foreign = |problem: String| ModelError::Foreign { path: path.to_owned(), problem };
    let whole: Json = serde_json::from_str(&text).map_err(|error| foreign(format!("it is no JSON ({error})")))?;
    if whole["format"] != FORMAT {
        return Err(foreign(format!("it lacks `\"format\": \"{FORMAT}\"`")));
    }
    if let Some(version) = whole["version"].as_u64().and_then(|v| u32::try_from(v).ok()).filter(|v| *v != VERSION)
    {
        return Err(ModelError::OtherVersion { path: path.to_owned(), version });
    }
    let file: File = serde_json::from_value(whole).map_err(|error| foreign(error.to_string()))?;
    if checksum(file.version, &file.network, &file.model) != file.checksum {
        return Err(ModelError::Damaged { path: path.to_owned() });
    }
    let model = serde_json::from_value(file.model).map_err(|error| foreign(error.to_string()))?;
    Ok((model, file.network))
}

fn checksum(version: u32, network: &str, model: &Json) -> String {
    sha256(format!("{version}\n{network}\n{model}"))
}
