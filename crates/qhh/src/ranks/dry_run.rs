//! A dry run: one rank's part of a run built and stepped here, without the others, and what it predicts of more ranks.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Barrier;

use qhh_core::stop::{self, Stopped};
use qhh_core::units::rounded;
use qhh_net::engine::{Imagined, Rehearsal};
use qhh_net::{Progress, RunError, RunOptions, Simulation};
use qhh_results::dry_run::{DryRun, ScalingRow};
use qhh_results::short;

use super::prediction::{Bandwidth, LATENCY, rounds};
use crate::cost::peak_memory;
use crate::text::threads;
use crate::{Error, Network, RunObserver, RunSettings};

/// Which rank is run dry, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DryRunSettings {
    /// Ranks that the network is divided among.
    pub ranks: NonZeroUsize,
    /// The one that is run; one in the middle without.
    pub rank: Option<usize>,
    /// Ranks that share a machine: that one is run so many times side by side, and the slowest counts.
    pub per_machine: NonZeroUsize,
    /// Steps that it makes, unless the run has fewer.
    pub steps: u64,
    /// Speed of the network between ranks.
    pub bandwidth: Bandwidth,
}

/// Numbers of ranks that are predicted, beside that of the dry run.
const RANKS: [usize; 5] = [1, 10, 100, 1000, 10_000];

impl Network {
    /// Builds one rank's part of a run on several ranks and steps it, without the others: what it would take of memory and
    /// time, and what more ranks with as many neurons each would take. A network too large for this machine is read for it
    /// with [`crate::Purpose::OneRank`].
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no such rank, [`Error::Run`], [`Error::Cancelled`].
    pub fn dry_run(
        &self,
        of: &DryRunSettings,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<DryRun, Error> {
        let ranks = of.ranks.get();
        let rank = of.rank.unwrap_or(ranks / 2);
        if rank >= ranks {
            return Err(Error::Usage {
                message: format!("there is no rank {rank} of {ranks}"),
                remedy: "give `--rank` a number from 0 to one below that of `--ranks`",
            });
        }
        let per_machine = of.per_machine.get();
        if per_machine > ranks {
            return Err(Error::Usage {
                message: format!("there are no {per_machine} ranks on a machine where there are {ranks} in all"),
                remedy: "give `--per-machine` at most the number of `--ranks`",
            });
        }
        let threads = threads(settings.threads);
        let options = RunOptions { threads, ..RunOptions::default() };
        observer.begin(&format!("{}, rank {rank} of {ranks}", self.name()));
        let start = Barrier::new(per_machine);
        // Of the program, which every rank has once more.
        let before = peak_memory();
        let rehearse = |observer: &mut dyn FnMut(Progress) -> ControlFlow<()>| {
            let simulation = Simulation::from_checked(&self.loaded().network, options);
            simulation.rehearse(&Imagined::new(rank, ranks), of.steps, &start, observer)
        };
        let rehearsed = settings.cancel.run(|| {
            std::thread::scope(|scope| {
                let beside = |_| {
                    let (tokens, rehearse) = (stop::current(), &rehearse);
                    scope.spawn(move || {
                        tokens.adopt();
                        stop::unless_stopped(|| rehearse(&mut |_| ControlFlow::Continue(())))
                    })
                };
                let others: Vec<_> = (1..per_machine).map(beside).collect();
                let own = rehearse(&mut |progress| observer.progress(progress));
                others.into_iter().fold(own, |own, other| match other.join() {
                    Ok(Ok(other)) => Ok(slower(own?, other?)),
                    Ok(Err(Stopped)) => Err(RunError::Stopped { time: 0.0 }),
                    Err(panicked) => std::panic::resume_unwind(panicked),
                })
            })
        });
        observer.end();
        let rehearsed = match rehearsed {
            Err(Stopped) | Ok(Err(RunError::Stopped { .. })) => return Err(Error::Cancelled),
            Ok(slowest) => slowest.map_err(|cause| Error::Run { name: self.name().to_owned(), cause })?,
        };
        let Rehearsal { load, steps, windows, .. } = rehearsed;
        let mut dry = DryRun {
            network: self.name().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rank,
            ranks,
            per_machine,
            threads,
            neurons: load.neurons,
            waveguides: load.waveguides,
            heard_ports: load.heard_rows,
            neighbours: load.neighbours,
            steps,
            window: steps.div_ceil(windows.max(1)),
            build_seconds: rehearsed.build_seconds,
            step_seconds: rehearsed.step_seconds,
            sent_bytes: rehearsed.sent_bytes,
            most_sent_bytes: load.sent_bytes,
            peak_memory_bytes: before + (peak_memory() - before) / per_machine as u64,
            scaling: Vec::new(),
            assumptions: Vec::new(),
        };
        let scaling = Scaling { of: &rehearsed, dry: &dry, bandwidth: of.bandwidth };
        let mut of_ranks = vec![ranks];
        of_ranks.extend(RANKS);
        of_ranks.sort_unstable();
        of_ranks.dedup();
        let rows = of_ranks.into_iter().map(|ranks| scaling.row(ranks)).collect();
        (dry.scaling, dry.assumptions) = (rows, scaling.assumptions());
        Ok(dry)
    }
}

/// The slower of two that ran side by side.
fn slower(first: Rehearsal, second: Rehearsal) -> Rehearsal {
    if second.step_seconds > first.step_seconds { second } else { first }
}

/// As many neurons a rank as one of so many has.
struct Scaling<'a> {
    of: &'a Rehearsal,
    dry: &'a DryRun,
    bandwidth: Bandwidth,
}

impl Scaling<'_> {
    fn row(&self, ranks: usize) -> ScalingRow {
        let Self { of, dry, bandwidth } = self;
        let (rows, neighbours) = (self.heard(ranks), self.neighbours(ranks));
        let load = &of.load;
        // Of what a rank sends and what it receives, the more.
        let received = load.received_bytes.max(1) as f64;
        let of_row = load.sent_bytes.max(load.received_bytes) as f64 / received;
        let row_bytes = of_row * received / (of.steps as f64 * (load.heard_rows as f64).max(1.0));
        let sent_bytes = if load.heard_rows == 0 { 0.0 } else { dry.activity() * rows * row_bytes };
        let messages = LATENCY * (neighbours + rounds(ranks));
        let exchange_seconds = 8.0 * sent_bytes / bandwidth.bits_per_second + messages / dry.window as f64;
        ScalingRow {
            ranks,
            neurons: ranks as f64 * dry.neurons as f64,
            computing_seconds: dry.step_seconds,
            exchange_seconds: if ranks == 1 { 0.0 } else { exchange_seconds },
            sent_bytes,
            // Rows in which nothing is sent are reserved and not resident.
            memory_bytes: dry.peak_memory_bytes as f64
                + dry.activity() * of.row_bytes * (rows - load.heard_rows as f64),
        }
    }

    /// Ports of others that a rank hears.
    fn heard(&self, ranks: usize) -> f64 {
        let (load, reach) = (&self.of.load, self.of.reach);
        let ruled = match ranks {
            1 => 0.0,
            // Of a rank on either side one is there.
            2 if reach.ruled_ranks > 1 => reach.ruled_rows as f64 / reach.ruled_ranks as f64,
            _ => reach.ruled_rows as f64,
        };
        let drawn = |ranks: usize| {
            // Different ones of those that so many waveguides lead from.
            let all = ranks as f64 * load.own_rows.max(1) as f64;
            (all - load.own_rows as f64) * -(-(reach.drawn_arms as f64) / all).exp_m1()
        };
        let here = drawn(self.dry.ranks);
        let measured = load.heard_rows.saturating_sub(reach.ruled_rows) as f64;
        ruled + drawn(ranks) * if here > 0.0 { measured / here } else { 1.0 }
    }

    /// Ranks that a rank receives from.
    fn neighbours(&self, ranks: usize) -> f64 {
        let (reach, others) = (self.of.reach, ranks as f64 - 1.0);
        let drawn = others * -(-(reach.drawn_arms as f64) / ranks as f64).exp_m1();
        (reach.ruled_ranks as f64 + drawn).min(others)
    }

    fn assumptions(&self) -> Vec<String> {
        let Self { of, dry, bandwidth } = self;
        let mut all = vec![
            format!(
                "Every rank has as much to do as rank {} of {}, and none waits for another. It computes as fast as here, \
                 where {} ran on {}.",
                dry.rank,
                dry.ranks,
                match dry.per_machine {
                    1 => "it alone".to_owned(),
                    several => format!("{several} ranks side by side, each"),
                },
                crate::text::counted(dry.threads, "thread")
            ),
            format!(
                "Between ranks waves travel at {} Gbit/s, {} us for each message and each round of a decision of all; \
                 nothing of that is hidden behind computing, though a run steps neurons that nobody else hears meanwhile.",
                short(bandwidth.bits_per_second / 1e9),
                short(1e6 * LATENCY)
            ),
            format!(
                "Neurons stay as active as in the {} steps made, in which {} % of what ports could have sent was. Waves of \
                 other ranks are those of the rank's own ports.",
                dry.steps,
                short(100.0 * dry.activity())
            ),
        ];
        let (own, mean) = of.fed;
        if (own - mean).abs() > 0.1 * mean {
            all.push(format!(
                "Sources feed this rank {} times what they feed a rank on the average: another `--rank` may have more or less to \
                 do.",
                short(rounded(own / mean, 2))
            ));
        }
        if of.reach.ruled_rows > 0 {
            all.push(
                "Rules such as chains and grids go on as they are: a rank hears as many ports of as many others."
                    .to_owned(),
            );
        }
        if of.reach.drawn_arms > 0 {
            all.push(
                "Where senders are drawn, every neuron keeps its number of waveguides, whose senders are anywhere in the \
                 larger network."
                    .to_owned(),
            );
        }
        if self.dry.ranks > 1 {
            all.push(
                "Steps of the mean field alone: ranks are built before them, fluctuations are tasks that ranks share out, and rank 0 \
                 puts results together and writes them."
                    .to_owned(),
            );
        }
        all
    }
}
