//! What a number of a run depends on: the folder that `qhh sensitivity` writes.

use std::path::Path;

use serde::Serialize;

use crate::files::{DERIVATIVES, NETWORK, REPORT, network_header};
use crate::folder::{StagingFolder, copy_attachment, write_file, write_input};
use crate::tables::TableFolder;
use crate::tables::rows::{ArmSlopeRow, EntryRow, NeuronSlopeRow};
use crate::{ResultsError, WriteOptions, checksums};
use qhh_format::yaml::Attachment;

/// Derivatives of one number of a run by everything in its network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Version of the program.
    pub version: String,
    /// Name of the network.
    pub network: String,
    /// The number, by the name of its measure.
    pub of: String,
    /// Its unit.
    pub unit: String,
    /// Its value.
    pub value: f64,
    /// By each number of the file, those first that matter most.
    #[serde(skip)]
    pub entries: Vec<EntryRow>,
    /// Entries with numbers of which it is not known, and why.
    pub unknown: Vec<(String, String)>,
    /// By each parameter of each neuron.
    #[serde(skip)]
    pub neurons: Vec<NeuronSlopeRow>,
    /// By each waveguide.
    #[serde(skip)]
    pub waveguides: Vec<ArmSlopeRow>,
}

impl Sensitivity {
    /// Writes the folder at `out`: whole, or not at all. `network` is the resolved network, `input` its file as it was typed, and
    /// `attachments` the files that it refers to.
    ///
    /// # Errors
    /// [`ResultsError`]; `out` is then as it was before.
    pub fn write(
        &self,
        (network, input): (&str, &str),
        attachments: &[Attachment],
        options: &WriteOptions<Self>,
        out: &Path,
    ) -> Result<(), ResultsError> {
        options.format.require()?;
        let draft = StagingFolder::replacing(out, options.force.then_some(&[DERIVATIVES]))?;
        let folder = draft.path();
        let tables = TableFolder::Files { path: folder, format: options.format };
        tables.write(self.entries.iter().cloned())?;
        tables.write(self.neurons.iter().cloned())?;
        tables.write_some(self.waveguides.iter().cloned())?;
        let mut summary = serde_json::to_string_pretty(self).map_err(|cause| ResultsError::Summary { cause })?;
        summary.push('\n');
        write_file(&folder.join(DERIVATIVES), summary.as_bytes())?;
        write_file(&folder.join(NETWORK), (network_header(&self.version) + network).as_bytes())?;
        write_input(folder, input)?;
        for attachment in attachments {
            copy_attachment(folder, attachment)?;
        }
        if let Some(page) = options.page {
            write_file(&folder.join(REPORT), page(self).as_bytes())?;
        }
        checksums::write(folder)?;
        draft.publish()
    }
}
