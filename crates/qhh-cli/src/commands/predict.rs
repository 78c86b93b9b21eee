//! `qhh predict`: a trained model says what it makes of new data.

use std::path::{Path, PathBuf};

use qhh_format::task::Table;
use qhh_format::yaml;
use qhh_lab::learn::model::Prediction;
use qhh_results::learning::{MODEL, ModelError, model};
use qhh_results::tables::{Column, Columns, Values, csv_text};

use super::learn::{Saved, rows, watched};
use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::{interrupt, output};

/// Name of the network beside a model.
const NETWORK: &str = "network.yaml";

/// Predicts.
pub(crate) fn predict(args: &PredictArgs) -> Result<(), Failure> {
    interrupt::listen();
    let file = if args.model.is_dir() { args.model.join(MODEL) } else { args.model.clone() };
    let (Saved { layout, model: trained }, hash) = model::read(&file).map_err(Failure::Model)?;
    let network_file = args.network.clone().unwrap_or_else(|| beside(&file));
    // The model was trained with its own seed in place of the file's.
    let seed = yaml::Override::seed(trained.seed);
    let loaded = yaml::load(&network_file, &[seed]).map_err(|error| Failure::Load(Box::new(error)))?;
    if loaded.fingerprint().ok().as_deref() != Some(hash.as_str()) {
        return Err(Failure::Model(ModelError::OtherNetwork { path: file, network: network_file }));
    }
    let sequences = layout.read(&Table::read(&args.data).map_err(Failure::Data)?).map_err(Failure::Data)?;
    let sequences: Vec<_> = sequences.iter().map(|symbols| rows(symbols)).collect();
    let quiet = args.quiet || args.out == Path::new("-");
    let prediction = watched(&trained.task, (args.threads, quiet), None, |watch| {
        trained.predict(&loaded.network, &sequences, watch)
    })?;
    let (first, values) = match prediction {
        Prediction::Series { from, values } => (from, Values::Number(values.column(0).iter().copied().collect())),
        Prediction::Classes(of) => {
            (0, Values::Text(of.into_iter().map(|class| trained.classes[class].clone()).collect()))
        }
    };
    let rows = Values::Count((first as u64..).take(values.len()).collect());
    let text = csv_text(&Columns(vec![Column::new("row", rows), Column::new("prediction", values)]));
    if args.out == Path::new("-") {
        return output::print(&text).map_err(Failure::Output);
    }
    qhh_results::write_text(&text, &args.out, args.force).map_err(Failure::Request)?;
    output::print(&format!("{}\n", args.out.display())).map_err(Failure::Output)
}

fn beside(model: &Path) -> PathBuf {
    model.parent().map_or_else(|| PathBuf::from(NETWORK), |folder| folder.join(NETWORK))
}
