//! Sweeps: points of a design, each a run, each measured.
