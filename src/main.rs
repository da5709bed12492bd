//! `socrazi`: the command line. What the commands do is in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    socrazi::cli::main()
}
