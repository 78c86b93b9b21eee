#![no_main]

qhh_fuzz::search!("task");
