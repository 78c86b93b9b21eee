//! What a run on several ranks exchanges, holds and takes, before it runs.

use std::str::FromStr;

use qhh_net::engine::{Division, RankLoad};
use qhh_net::network::Waveguides;
use qhh_results::short;

use crate::stepping::Stepping;
use crate::text::{clock, counted, size};
use crate::{Network, resources};

/// Seconds of a message between machines, and of each round of a decision of all ranks: of InfiniBand and of Ethernet with
/// RDMA one to two microseconds. Over TCP it is ten times that.
pub(super) const LATENCY: f64 = 2e-6;
/// Decisions after each window: whether a state is no number, and whether the run goes on.
const DECISIONS: f64 = 2.0;
/// Waveguides of a network that is laid out whole, at most; of a larger one a rank is that stands for all.
const MOST_LAID_OUT: f64 = 3e7;

/// Messages one after the other of the decisions after a window.
pub(super) fn rounds(ranks: usize) -> f64 {
    DECISIONS * f64::from(ranks.next_power_of_two().ilog2())
}

/// Bytes of a port of another rank that is heard: who it is, where its waves go.
const OF_PORT_HEARD: f64 = 40.0;
/// Bytes of a waveguide from another rank while ranks tell one another of it.
const OF_ARM_TOLD: f64 = 12.0;

/// How fast the network between machines is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bandwidth {
    /// Bits a second that a rank sends, and as many that it receives meanwhile.
    pub bits_per_second: f64,
}

impl Bandwidth {
    /// What is supposed where nothing is given.
    pub const DEFAULT: &'static str = "100Gbit";
}

impl FromStr for Bandwidth {
    type Err = String;

    /// Reads `100Gbit`, `25 Gbit/s`, `800 Mbit`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no speed of a network; write it as {} or 800Mbit", Self::DEFAULT);
        let rate = text.trim().trim_end_matches("/s");
        let units = [("Gbit", 1e9), ("Mbit", 1e6), ("Tbit", 1e12), ("kbit", 1e3)];
        let (number, unit) = units
            .iter()
            .find_map(|(name, unit)| Some((rate.strip_suffix(name)?.trim(), *unit)))
            .ok_or_else(wrong)?;
        let number = number.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
        Ok(Self { bits_per_second: number.ok_or_else(wrong)? * unit })
    }
}

/// A run on several ranks of one thread each, as predicted before it begins. Every port is taken to send something in every
/// window, which is the most that can be exchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct RanksPrediction {
    /// Blocks of neurons that ranks share out.
    pub blocks: usize,
    /// What each rank steps and exchanges.
    pub division: Division,
    /// Seconds that the rank with most to do steps its neurons and waveguides.
    pub stepping_seconds: f64,
    /// Seconds that the rank with least to do waits for that one.
    pub waiting_seconds: f64,
    /// Seconds that the rank with most to exchange sends and receives.
    pub exchange_seconds: f64,
    /// Bytes a second of that rank, sent or received, whichever is more.
    pub bytes_per_second: f64,
    /// Peak memory of the largest rank in bytes: while it is built, or after.
    pub memory_bytes: f64,
}

impl Network {
    /// Predicts a run on several ranks joined by a network; its waveguides are laid out for it, or of a large network those of
    /// one rank.
    ///
    /// # Errors
    /// [`crate::Error::Resources`] if there is no memory for that.
    ///
    /// # Panics
    /// If there is no rank.
    pub fn on_ranks(&self, ranks: usize, bandwidth: Bandwidth) -> Result<RanksPrediction, crate::Error> {
        let network = &self.loaded().network;
        let arms = network.waveguides.iter().map(Waveguides::expected_arms).sum::<f64>();
        let division = if arms > MOST_LAID_OUT {
            network.divided_like(ranks / 2, ranks)
        } else {
            resources::for_run(network)?;
            network.divided(ranks)
        };
        let memory = network.memory();
        let rows: usize = division.ranks.iter().map(|rank| rank.own_rows).sum();
        let lines = |rank: &RankLoad| {
            memory.delay_lines.most * (rank.own_rows + rank.heard_rows) as f64 / rows.max(1) as f64
        };
        let stepping = Stepping::of(network);
        let stepping = division
            .ranks
            .iter()
            .map(|rank| stepping.seconds(rank.neurons as f64, rank.waveguides as f64, lines(rank)));
        let (least, stepping_seconds) =
            stepping.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), of| (least.min(of), most.max(of)));
        let rounds = rounds(ranks);
        let exchange = division.ranks.iter().map(|rank| {
            let bytes = rank.sent_bytes.max(rank.received_bytes) as f64;
            (
                bytes,
                8.0 * bytes / bandwidth.bits_per_second
                    + LATENCY * division.windows as f64 * (rank.neighbours as f64 + rounds),
            )
        });
        let (most, exchange_seconds) =
            exchange.fold((0.0, 0.0), |(a, b): (f64, f64), (c, d)| (a.max(c), b.max(d)));
        let arms: usize = division.ranks.iter().map(|rank| rank.waveguides).sum();
        let of_rank = |(number, rank): (usize, &RankLoad)| {
            let part = rank.neurons as f64 / network.n_neurons() as f64;
            let part_of_arms = rank.waveguides as f64 / arms.max(1) as f64;
            // Every waveguide from another rank may be told of it.
            let building =
                part_of_arms * memory.building + OF_ARM_TOLD * rank.waveguides.min(arms - rank.waveguides) as f64;
            let recorded =
                memory.spikes_of(part, number == 0).most + if number == 0 { memory.samples } else { 0.0 };
            let built =
                part * memory.neurons + part_of_arms * memory.waveguides + OF_PORT_HEARD * rank.heard_rows as f64;
            // Messages of a window, sent and received.
            let messages = (rank.sent_bytes + rank.received_bytes) as f64 / division.windows.max(1) as f64;
            built + building.max(lines(rank) + messages + recorded)
        };
        let of_ranks = division.ranks.iter().enumerate().map(of_rank).fold(0.0, f64::max);
        Ok(RanksPrediction {
            blocks: network.n_blocks(),
            stepping_seconds,
            waiting_seconds: stepping_seconds - least,
            exchange_seconds,
            bytes_per_second: most / (stepping_seconds + exchange_seconds),
            memory_bytes: memory.program + memory.description + of_ranks,
            division,
        })
    }
}

impl RanksPrediction {
    /// Part of the time that ranks exchange waves, if none of it is hidden behind stepping.
    pub fn exchange_share(&self) -> f64 {
        self.exchange_seconds / (self.stepping_seconds + self.exchange_seconds)
    }

    /// Part of the time that the rank with least to do waits for that with most.
    pub fn waiting_share(&self) -> f64 {
        self.waiting_seconds / (self.stepping_seconds + self.exchange_seconds)
    }

    /// Topics and sentences.
    pub fn facts(&self, bandwidth: Bandwidth) -> Vec<(&'static str, String)> {
        let Division { ranks, .. } = &self.division;
        let neurons = ranks.iter().map(|rank| rank.neurons);
        let (least, most) = (neurons.clone().min().unwrap_or(0), neurons.max().unwrap_or(0));
        let each = if least == most {
            counted(most, "neuron")
        } else {
            format!("{least} to {}", counted(most, "neuron"))
        };
        let of_each = if ranks.len() > 1 { " each" } else { "" };
        let heard = ranks.iter().map(|rank| rank.heard_rows).max().unwrap_or(0);
        let gigabits = short(bandwidth.bits_per_second / 1e9);
        vec![
            (
                "ranks",
                format!(
                    "{}, {each}{of_each}; {} in all",
                    counted(ranks.len(), "rank"),
                    counted(self.blocks, "block")
                ),
            ),
            (
                "exchanged",
                format!(
                    "up to {} in all, {}/s by a rank, which hears up to {} of others",
                    size(self.division.bytes() as f64),
                    size(self.bytes_per_second),
                    counted(heard, "port")
                ),
            ),
            (
                "time of ranks",
                format!(
                    "up to about {} on one thread each, {} % of it for the exchange at {gigabits} Gbit/s and {} us a message, if \
                     none of that is hidden behind stepping; up to {} % to wait for ranks with more to do",
                    clock(self.stepping_seconds + self.exchange_seconds),
                    short(100.0 * self.exchange_share()),
                    short(1e6 * LATENCY),
                    short(100.0 * self.waiting_share())
                ),
            ),
            ("memory a rank", format!("at most about {}, every neuron active", size(self.memory_bytes))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_of_networks_are_read() {
        let bits = |text: &str| text.parse::<Bandwidth>().map(|of| of.bits_per_second);
        assert_eq!(bits("100Gbit"), Ok(1e11));
        assert_eq!(bits(" 2.5 Gbit/s"), Ok(2.5e9));
        assert_eq!(bits("800Mbit"), Ok(8e8));
        for wrong in ["100", "Gbit", "-1Gbit", "0 Gbit", "infGbit", "10GB"] {
            assert!(bits(wrong).unwrap_err().contains("100Gbit"), "{wrong}");
        }
    }
}
