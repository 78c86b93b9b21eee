//! `qhh verify`: whether folders of results are whole and hold together.

use std::path::Path;

use qhh::Error;
use qhh::text::counted;
use qhh_net::outcome::Check;
use qhh_results::{Verdict, short};

use crate::args::VerifyArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::output;

/// Verifies every folder.
pub(crate) fn verify(args: &VerifyArgs) -> Exit {
    exit::worst(args.folders.iter().map(|folder| verify_one(folder, args.quiet)))
}

fn verify_one(folder: &Path, quiet: bool) -> Result<(), Failure> {
    let verdict = qhh::verify(folder)?;
    let sound = verdict.is_sound();
    let checks = || verdict.checks.iter().chain(&verdict.kept);
    let failed = checks().filter(|check| !check.holds()).count();
    let faults = counted(verdict.faults.len(), "fault");
    // Nothing else is wrong with it.
    let open = verdict.open.filter(|_| verdict.faults.is_empty() && failed == 0);
    let told = if sound {
        format!("holds: {}, {}", counted(verdict.intact, "file"), counted(checks().count(), "check"))
    } else if let Some(open) = open {
        format!("is not complete: {open}")
    } else {
        format!("does not hold: {faults} with its files, {} of the physics", counted(failed, "failed check"))
    };
    if !(quiet && sound) {
        let found = output::aligned(&findings(&verdict)) + &output::verdict(sound, &told);
        output::print(&format!("{}\n{found}", folder.display())).map_err(Failure::Output)?;
    }
    if sound {
        return Ok(());
    }
    let message = format!("{} {told}", folder.display());
    let anew = "take it from a copy, or make it again from the file in it, which gives the same numbers";
    let remedy = open.map_or(anew, |open| open.remedy());
    Err(Error::CheckFailed { message, remedy }.into())
}

fn findings(verdict: &Verdict) -> Vec<(&str, String)> {
    let mut rows = vec![("files", format!("{} as the run left them", verdict.intact))];
    rows.extend(verdict.faults.iter().map(|fault| ("FAULT", fault.clone())));
    rows.extend(verdict.open.map(|open| ("UNFINISHED", format!("{open}; {}", open.remedy()))));
    let mut group = |name, checks: &[Check]| {
        let holding = checks.iter().filter(|check| check.holds()).count();
        if holding > 0 {
            let names: Vec<_> = checks.iter().filter(|check| check.holds()).map(|check| &*check.name).collect();
            rows.push((name, format!("{}: {}", counted(holding, "check"), names.join("; "))));
        }
        for check in checks.iter().filter(|check| !check.holds()) {
            let (defect, expected) = (short(check.defect), check.expected(short));
            let what = format!("{}: {defect}, {expected} ({})", check.name, check.meaning);
            rows.push(("FAILS", what));
        }
    };
    group("computed anew", &verdict.checks);
    group("as the run found", &verdict.kept);
    rows
}
