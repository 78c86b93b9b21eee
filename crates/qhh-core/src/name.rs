//! Names of channels and gates: short texts that are copied and compared as freely as numbers.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name, stored once for the life of the program however often it is made.
///
/// A file has a handful of them, and no more are ever held in memory than were written in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(&'static str);

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Name {
    /// The papers' potassium channel.
    pub const POTASSIUM: Self = Self("potassium");
    /// The papers' sodium channel.
    pub const SODIUM: Self = Self("sodium");
    /// The papers' chloride channel.
    pub const CHLORIDE: Self = Self("chloride");
    /// Potassium activation.
    pub const N: Self = Self("n");
    /// Sodium activation.
    pub const M: Self = Self("m");
    /// Sodium inactivation.
    pub const H: Self = Self("h");

    /// The name of this text.
    pub fn new(text: &str) -> Self {
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(text) {
            return Self(known);
        }
        let kept: &'static str = Box::leak(text.into());
        names.insert(kept);
        Self(kept)
    }

    /// Its text.
    pub fn text(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}
