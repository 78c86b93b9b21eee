#![no_main]

qhh_fuzz::search!("data_files");
