//! `qhh predict`: a trained model says what it makes of new data.

use std::path::Path;

use qhh::{Error, Model, RunSettings};

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, output};

/// Predicts.
pub(crate) fn predict(args: &PredictArgs) -> Result<(), Failure> {
    interrupt::listen();
    let model = Model::open(&args.model, args.network.as_deref())?;
    let to_stdout = args.out == Path::new("-");
    if !to_stdout {
        qhh_results::check_no_file(&args.out, args.force).map_err(Error::Folder)?;
    }
    let settings =
        RunSettings { threads: args.threads, cancel: interrupt::token().clone(), ..RunSettings::default() };
    let mut console = Console::new(args.quiet || to_stdout);
    let text = model.predict(&args.data, &settings, &mut console)?.csv();
    if to_stdout {
        return output::print(&text).map_err(Failure::Output);
    }
    qhh_results::write_text(&text, &args.out, args.force).map_err(Error::Folder)?;
    output::print(&format!("{}\n", args.out.display())).map_err(Failure::Output)
}
