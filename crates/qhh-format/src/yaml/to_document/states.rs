//! Modes of outgoing waves and joint states as they are written.

use qhh_core::circuit::PortRole;
use qhh_core::source::Packet;
use qhh_core::units::Dimension;
use qhh_net::network::{JointState, OutputEnvelope, OutputMode};
use serde_yaml::Value;

use super::{Map, Speller};
use crate::yaml::resolve::OUTPUT;

impl Speller<'_> {
    pub(super) fn output_mode(&self, mode: &OutputMode) -> Map {
        let mut map = Map::of("of", self.network.neuron_name(mode.neuron));
        let input = |place: usize| {
            self.network.locate(mode.neuron).map(|(population, _)| population.inputs[place].clone())
        };
        let port = match mode.port {
            PortRole::Output => Some(OUTPUT.to_owned()),
            PortRole::Input(place) => input(place),
        };
        map.put("port", port.unwrap_or_default());
        match &mode.envelope {
            OutputEnvelope::Packet(packet) => self.packet(packet, &mut map),
            OutputEnvelope::Dominant(search) => {
                map.put("carrier", self.quantity(search.carrier, Dimension::FREQUENCY));
                let mut dominant = Map::of("from", self.time(search.from));
                dominant.put("to", self.time(search.to));
                dominant.put("width", self.time(search.width));
                dominant.put("count", search.count as u64);
                map.put("dominant", dominant);
            }
        }
        map
    }

    /// Carrier and envelope.
    pub(super) fn packet(&self, packet: &Packet, map: &mut Map) {
        map.put("carrier", self.quantity(packet.carrier, Dimension::FREQUENCY));
        let mut gaussian = Map::of("centre", self.time(packet.centre));
        gaussian.put("width", self.time(packet.width));
        map.put("envelope", Map::of("gaussian", gaussian));
    }

    pub(super) fn joint(&self, joint: &JointState) -> Map {
        let names = joint.sources.iter().map(|&place| Value::from(self.network.sources[place].name.as_str()));
        let mut map = Map::of("of", names.collect::<Vec<_>>());
        let sigma = joint.state.covariance();
        let row =
            |i: usize| Value::from((0..sigma.ncols()).map(|j| Value::from(sigma[(i, j)])).collect::<Vec<_>>());
        map.put("covariance", (0..sigma.nrows()).map(row).collect::<Vec<_>>());
        map
    }
}
