//! The `qhh` program.

fn main() {}
