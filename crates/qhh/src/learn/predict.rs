//! A trained model predicts new data.

use std::path::{Path, PathBuf};

use qhh_format::task::Table;
use qhh_format::yaml::{self, Loaded};
use qhh_lab::learn::model::Prediction as Predicted;
use qhh_results::learning::{MODEL, ModelError, model};
use qhh_results::tables::{Column, Columns, Values, csv_text};
use serde::Serialize;

use super::{Saved, watched};
use crate::{Error, RunObserver, RunSettings};

/// Name of the network beside a model.
const NETWORK: &str = "network.yaml";

/// A model that learning has left, with its network.
pub struct Model {
    saved: Saved,
    loaded: Loaded,
}

/// What a model makes of data: one prediction a row, or one a sequence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Number of the row, or sequence, that is predicted first, from 0.
    pub first: usize,
    /// Predictions of a series; empty of classes.
    pub values: Vec<f64>,
    /// Names of the predicted classes; empty of a series.
    pub classes: Vec<String>,
}

impl Model {
    /// Reads a model: the folder that learning has written, or the model.json in it. Its network is the network.yaml
    /// beside it unless another file is given.
    ///
    /// # Errors
    /// [`Error::Model`] if it cannot be read or belongs to another network; [`Error::Network`].
    pub fn open(model: impl AsRef<Path>, network: Option<&Path>) -> Result<Self, Error> {
        let model = model.as_ref();
        let file = if model.is_dir() { model.join(MODEL) } else { model.to_owned() };
        let (saved, hash) = model::read::<Saved>(&file).map_err(Error::Model)?;
        let network_file = network.map_or_else(|| beside(&file), Path::to_owned);
        // The model was trained with its own seed in place of the file's.
        let seed = yaml::Override::seed(saved.model.seed);
        let loaded = yaml::load(&network_file, &[seed])?;
        if loaded.fingerprint().ok().as_deref() != Some(hash.as_str()) {
            return Err(Error::Model(ModelError::OtherNetwork { path: file, network: network_file }));
        }
        Ok(Self { saved, loaded })
    }

    /// The network that it reads.
    pub fn network(&self) -> &qhh_net::Network {
        &self.loaded.network
    }

    /// Names of the columns that it predicts from.
    pub fn columns(&self) -> Vec<&str> {
        self.saved.layout.columns()
    }

    /// Predicts the rows of a CSV file with the model's inputs as columns.
    ///
    /// # Errors
    /// [`Error::Data`] if they cannot be used, [`Error::Learn`], [`Error::Cancelled`].
    pub fn predict(
        &self,
        data: impl AsRef<Path>,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Prediction, Error> {
        let table = settings.within(|| Table::read(data.as_ref()).map_err(Error::Data))?;
        self.predict_table(&table, settings, observer)
    }

    /// Predicts the rows of a table ([`Table::of_columns`]) with the model's inputs as columns.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_table(
        &self,
        table: &Table,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Prediction, Error> {
        let Saved { layout, model: trained } = &self.saved;
        settings.within(|| {
            let sequences = layout.read(table).map_err(Error::Data)?;
            let predicted = watched(&trained.task, settings.threads, observer, None, |watch| {
                trained.predict(&self.loaded.network, &sequences, watch)
            })?;
            Ok(match predicted {
                Predicted::Series { from, values } => Prediction {
                    first: from,
                    values: values.column(0).iter().copied().collect(),
                    classes: Vec::new(),
                },
                Predicted::Classes(of) => Prediction {
                    first: 0,
                    values: Vec::new(),
                    classes: of.into_iter().map(|class| trained.classes[class].clone()).collect(),
                },
            })
        })
    }
}

impl Prediction {
    /// As a CSV table with the columns `row` and `prediction`.
    pub fn csv(&self) -> String {
        let values = if self.classes.is_empty() {
            Values::Number(self.values.clone())
        } else {
            Values::Text(self.classes.clone())
        };
        let rows = Values::Count((self.first as u64..).take(values.len()).collect());
        csv_text(&Columns(vec![Column::new("row", rows), Column::new("prediction", values)]))
    }
}

fn beside(model: &Path) -> PathBuf {
    model.parent().map_or_else(|| PathBuf::from(NETWORK), |folder| folder.join(NETWORK))
}
