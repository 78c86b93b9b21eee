//! The network file, seen from outside: what it refuses and how it says so, what it makes of a good one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broken;
#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod drawn;
mod fixtures;
mod good;
mod joined;
mod limits;
mod noise;
mod order;
mod per_neuron;
mod ran;
mod read_right;
mod remedies;
mod rest;
mod round_trip;
mod set;
mod sonata;
mod time_grid;
mod trains;
mod units;
mod warnings;
