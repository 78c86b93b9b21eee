//! The `qhh` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(qhh_cli::main(std::env::args_os()))
}
