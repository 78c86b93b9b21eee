//! Spikes as a SONATA file: node ids and times, in the order of time.

use std::io::{self, Seek, Write};

use super::finish;
use crate::hdf5::{Attribute, Values, Writer};

/// Writes spikes of the neurons with these numbers at these times in ms, in their order; `name` is the network's, that of the
/// node population.
///
/// # Errors
/// If the file cannot be written.
pub fn write_spikes(out: impl Write + Seek, name: &str, neurons: &[u64], times: &[f64]) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    let neurons = writer.dataset(Values::Whole(neurons), &[])?;
    let times = writer.dataset(Values::Numbers(times), &[("units", Attribute::Text("ms"))])?;
    let sorting = Attribute::Word("by_time", &["none", "by_id", "by_time"]);
    let spikes = writer.group(&[("node_ids", neurons), ("timestamps", times)], &[("sorting", sorting)])?;
    let populations = writer.group(&[(name, spikes)], &[])?;
    finish(writer, "spikes", populations).map(drop)
}
