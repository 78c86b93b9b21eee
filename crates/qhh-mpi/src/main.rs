//! `qhh-mpi`: `qhh run` and `qhh resume` on several machines at once.
//!
//! Rank 0 is the program that a user sees; the others take part in its runs ([`qhh::ranks`]). MPI lives here alone.

mod launcher;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::rc::Rc;

use qhh::ranks::{Leader, Ranks as _};
use qhh_cli::several;
use world::World;

/// Bad input or usage, as `qhh` has it.
const BAD_INPUT: u8 = 2;
/// A run failed, as `qhh` has it.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    if let Ok(command) = several::parse(std::env::args_os())
        && command.is_for_one()
    {
        // Whoever starts several of it all the same has it done once.
        return if launcher::is_first() { several::run(&command).into() } else { ExitCode::SUCCESS };
    }
    let Some(world) = World::new() else {
        eprintln!("error: MPI does not start");
        return ExitCode::from(BAD_INPUT);
    };
    if let Err(refusal) = launcher::refusal(&world) {
        if let Some(message) = refusal {
            eprintln!("error: {message}");
        }
        return ExitCode::from(BAD_INPUT);
    }
    let world = Rc::new(world);
    let ended = catch_unwind(AssertUnwindSafe(|| if world.rank() == 0 { lead(&world) } else { serve(&world) }));
    // Others may wait for this rank for ever.
    ended.unwrap_or_else(|_| world.abort(&world.named("ended"), FAILED)).into()
}

/// What a user sees.
fn lead(world: &Rc<World>) -> u8 {
    let leader = Leader::new(Rc::clone(world) as Rc<_>);
    let code = match several::parse(std::env::args_os()) {
        Ok(command) => leader.lead(|| several::run(&command)),
        Err(usage) => usage.print(),
    };
    if !leader.dismiss() {
        world.abort("the run under way ends on every rank", code);
    }
    code
}

/// What takes part.
fn serve(world: &World) -> u8 {
    several::ignore_signals();
    if let Err(error) = qhh::ranks::serve(world) {
        world.abort(&format!("{}: {error:?}", world.named("cannot go on")), FAILED);
    }
    0
}
