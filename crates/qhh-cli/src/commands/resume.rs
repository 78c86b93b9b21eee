//! `qhh resume`: go on with what was stopped.

use std::path::Path;

use qhh_core::stop;
use qhh_core::units::Dimension;
use qhh_format::yaml::Reading;
use qhh_net::Network;
use qhh_results::sweep::SweepFolder;
use qhh_results::unfinished::{Intent, Resumable, Unfinished};
use qhh_results::{Claim, ResultsError, short};

use super::run::{Job, Manner};
use super::{learn, load, sweep, threads};
use crate::args::ResumeArgs;
use crate::every::Every;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::{interrupt, output, room};

/// Goes on with every folder; one that fails does not stop the others.
pub(crate) fn resume(args: &ResumeArgs) -> Exit {
    interrupt::listen();
    let mut printed = false;
    exit::worst(args.folders.iter().map(|folder| {
        let told = one(args, folder, printed);
        printed = true;
        told
    }))
}

fn one(args: &ResumeArgs, folder: &Path, printed: bool) -> Result<(), Failure> {
    if stop::is_requested() {
        return Err(Failure::Interrupted);
    }
    if SweepFolder::is_at(folder) {
        return sweep::resume(folder, args);
    }
    let out = Unfinished::results(folder);
    let whole = || {
        if !args.running.quiet {
            output::note(&format!("{} is whole: nothing is left to do", out.display()));
        }
        Ok(())
    };
    if !Unfinished::place(&out).exists() {
        if qhh_results::is_whole(&out) {
            return whole();
        }
        return Err(Failure::Request(ResultsError::NothingUnfinished { path: folder.to_owned() }));
    }
    // Results that stand there already are replaced only by a run that was told so, once it is through.
    let _claim = Claim::new(&out, true).map_err(Failure::Request)?;
    let Some(unfinished) = Unfinished::open(&out).map_err(Failure::Request)? else {
        let path = Unfinished::place(&out);
        return Err(Failure::Request(ResultsError::BrokenDown { path }));
    };
    let force = match unfinished.intent() {
        Intent::Run(run) => run.force,
        Intent::Learn(learn) => learn.force,
    };
    if qhh_results::is_whole(&out) && !force {
        // It ended between the results' appearance and the removal of its states.
        unfinished.remove().map_err(Failure::Writing)?;
        return whole();
    }
    let intent = match unfinished.intent().clone() {
        Intent::Run(intent) => intent,
        Intent::Learn(intent) => return learn::resume(unfinished, intent, &out, args),
    };
    let loaded = load(&unfinished.network(), &Reading::default(), room::memory)?;
    let fingerprint = loaded.fingerprint().map_err(|cause| {
        Failure::Request(ResultsError::CannotRead { path: unfinished.path().to_owned(), cause })
    })?;
    let resumable = unfinished.resumable(&fingerprint).map_err(Failure::Request)?;
    tell(&loaded.network, &resumable, args.running.quiet);
    let every = Every::again(args.every.as_ref(), &intent.every, unfinished.path())?;
    let manner = Manner { threads: threads(args.running.threads), quiet: args.running.quiet, open: args.open };
    let gone_on_from = Some((unfinished, resumable));
    Job { loaded, out: &out, intent, every: &every, manner, gone_on_from }.run(printed)
}

/// Says where a run goes on.
fn tell(network: &Network, resumable: &Resumable, quiet: bool) {
    for told in &resumable.told {
        output::warn(told);
    }
    if quiet {
        return;
    }
    let name = &network.name;
    output::note(&match resumable.reached {
        None => format!("{name}: no state was kept yet; it begins anew"),
        Some(_) if resumable.kept.fluctuations.is_some() && resumable.kept.mean_field.is_none() => {
            format!("{name}: the mean field is run again; its fluctuations go on")
        }
        Some(_) if resumable.kept.fluctuations.is_some() => {
            format!("{name}: the mean field is through; its fluctuations go on")
        }
        Some((done, total, time)) => {
            let share = 100.0 * done as f64 / total.max(1) as f64;
            let unit = network.units.symbol(Dimension::TIME);
            let time = format!("{} {unit}", short(time));
            let time = time.trim_end();
            format!("{name}: goes on from t = {time} ({share:.0} %)")
        }
    });
}
