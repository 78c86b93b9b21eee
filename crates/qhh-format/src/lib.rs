//! Files that people write: network files and learning tasks, read with every mistake's place, and written back.

pub mod export;
pub mod fit;
pub mod hash;
mod rows;
pub mod task;
pub mod yaml;
