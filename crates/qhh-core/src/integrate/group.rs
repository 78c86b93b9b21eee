//! Parameters of neurons that go side by side, and what they must have in common.

use std::sync::Arc;

use super::lanes::{Float, LANES, Lanes};
use super::mechanism::{Any, Conductors, Mechanism, Papers, Tabulated};
use super::sleep::Rest;
use super::state::GroupState;
use crate::circuit::{BathRule, Circuit, Papers as PapersKind};
use crate::gates::{Gates, RateUnits};
use crate::port::Port;

/// Stands where a circuit has fewer ports than the loop: an open end.
pub(super) const NO_PORT: Port = Port { capacitance: 1.0, impedance: f64::INFINITY };

/// Parameters of a group of neurons with the same channels and ports; one lane each.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<const N: usize = LANES, T = f64> {
    pub(super) kind: Kind,
    pub(super) capacitance: Lanes<N, T>,
    /// Of each channel, every gate open.
    pub(super) conductance: Box<[Lanes<N, T>]>,
    pub(super) reversal: Box<[Lanes<N, T>]>,
    /// How the gates move, of other channels than the papers'.
    pub(super) tabulated: Option<Arc<Tabulated>>,
    /// The circuit of the first lane: its gates are all lanes'.
    pub(super) gating: Circuit,
    /// Capacitance and impedance of each port, output first.
    pub(super) ports: Box<[(Lanes<N, T>, Lanes<N, T>)]>,
    /// How its gates measure the voltage.
    pub(super) sense: Option<Box<SenseLanes<N, T>>>,
    /// Where it sleeps, if it may.
    pub(super) rest: Option<Box<Rest<N, T>>>,
}

/// Sense lines of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SenseLanes<const N: usize, T> {
    /// One over the impedance, and the voltage of the far side times that.
    pub(super) conductance: Lanes<N, T>,
    pub(super) push: Lanes<N, T>,
    pub(super) response_time: Lanes<N, T>,
}

/// What a group must have in common, and what selects the inner loop.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The channels.
    pub channels: ChannelKind,
    /// Whether the channels share one bath.
    pub shared: bool,
    /// Whether there is an output port, and how many ports in all.
    pub ports: (bool, usize),
    /// Whether gates measure the voltage.
    pub sensed: bool,
}

/// Which channels neurons must have in common to go side by side: how the gates move, not how much they conduct.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelKind {
    /// The papers'.
    Papers(PapersKind),
    /// Others, by how their gates move ([`crate::gating::Gating::signature`]).
    Any(Arc<str>),
}

impl ChannelKind {
    fn of(circuit: &Circuit) -> Self {
        let signatures = || circuit.channels.iter().map(|channel| channel.gating.signature());
        circuit
            .papers()
            .map_or_else(|| Self::Any(signatures().collect::<Vec<_>>().join(" | ").into()), Self::Papers)
    }
}

impl Kind {
    /// The kind of a circuit.
    pub fn of(circuit: &Circuit, baths: BathRule) -> Self {
        Self {
            channels: ChannelKind::of(circuit),
            shared: baths == BathRule::SharedMode,
            ports: (circuit.output.is_some(), circuit.ports().count()),
            sensed: circuit.sense.is_some(),
        }
    }
}

impl<const N: usize, T: Float> Group<N, T> {
    /// A group of at most `N` neurons of one kind; free lanes repeat the last neuron. `dt` is the time step.
    ///
    /// # Panics
    /// If `circuits` is empty or they differ in kind.
    pub fn new(circuits: &[Circuit], baths: BathRule, dt: f64, units: RateUnits) -> Self {
        let lane = |k: usize| &circuits[k.min(circuits.len() - 1)];
        let kind = Kind::of(lane(0), baths);
        let same = circuits.windows(2).all(|two| two[0] == two[1]);
        assert!(same || circuits.iter().all(|c| Kind::of(c, baths) == kind), "a group holds neurons of one kind");
        let lanes = |of: &dyn Fn(&Circuit) -> f64| Lanes::from_fn(|k| of(lane(k)));
        let port = |c: &Circuit, p: usize| c.ports().nth(p).map_or(NO_PORT, |(_, port)| port);
        let tabulated =
            matches!(kind.channels, ChannelKind::Any(_)).then(|| Tabulated::of(lane(0), dt * units.milliseconds));
        let channels = 0..lane(0).channels.len();
        Self {
            capacitance: lanes(&|c| c.capacitance),
            conductance: channels.clone().map(|i| lanes(&|c| c.channels[i].conductance)).collect(),
            reversal: channels.map(|i| lanes(&|c| c.channels[i].reversal.unwrap_or(0.0))).collect(),
            tabulated,
            gating: lane(0).clone(),
            ports: (0..kind.ports.1)
                .map(|p| (lanes(&|c| port(c, p).capacitance), lanes(&|c| port(c, p).impedance)))
                .collect(),
            sense: kind.sensed.then(|| {
                let of = |of: &dyn Fn(crate::sense::Sense) -> f64| lanes(&|c| c.sense.map_or(0.0, of));
                // Of circuits whose reference is given ([`Circuit::referred`]).
                let push = |sense: crate::sense::Sense| sense.reference.unwrap_or(0.0) / sense.impedance;
                Box::new(SenseLanes {
                    conductance: of(&|sense| 1.0 / sense.impedance),
                    push: of(&push),
                    response_time: of(&|sense| sense.response_time),
                })
            }),
            kind,
            rest: None,
        }
    }

    /// Impedance of a port's line in one lane.
    pub fn impedance(&self, port: usize, lane: usize) -> f64 {
        self.ports[port].1.lane(lane)
    }

    /// Lets the group sleep at the given rest points, one a neuron, once within `tolerance` (a voltage) of them.
    #[must_use]
    pub fn sleeping(mut self, rest: &[(f64, Gates)], tolerance: f64, dt: f64, units: RateUnits) -> Self {
        let state = self.state(rest, dt, units);
        self.rest = Some(Box::new(Rest::new(state, tolerance, units)));
        self
    }

    /// State at `t = 0` from voltages and gates, the port capacitors at the node's voltage so that no wave flows.
    ///
    /// `dt` is the time step: the gates are taken half of it back.
    pub fn state(&self, start: &[(f64, Gates)], dt: f64, units: RateUnits) -> GroupState<N, T> {
        let lane = |k: usize| &start[k.min(start.len() - 1)];
        let v = Lanes::from_fn(|k| lane(k).0);
        let back: Vec<Gates> = (0..N.min(start.len()))
            .map(|k| {
                let (v, gates) = lane(k);
                self.gating.relaxed(gates, *v, -0.5 * dt, units)
            })
            .collect();
        let back = |k: usize, gate: usize| back[k.min(back.len() - 1)][gate];
        let mut gates: Vec<Lanes<N, T>> =
            (0..self.gating.n_gates()).map(|gate| Lanes::from_fn(|k| back(k, gate))).collect();
        if self.tabulated.as_ref().is_some_and(|tabulated| tabulated.keeps_voltage()) {
            gates.extend([v, v]);
        }
        let mut state = GroupState {
            v,
            u: vec![v; self.ports.len()].into(),
            gates: gates.into(),
            record: self.sense.is_some().then_some(v),
            slope_base: (Lanes::default(), Lanes::default()),
            asleep: false,
        };
        macro_rules! conduction {
            ($mechanism:ty) => {{
                let mut mechanism =
                    <$mechanism as Mechanism<N, T>>::new(self.conductors(), &mut state.gates, dt, units);
                mechanism.open();
                state.slope_base = mechanism.push();
            }};
        }
        match &self.kind.channels {
            ChannelKind::Papers(PapersKind::Single) => conduction!(Papers<'_, false, true, N, T>),
            ChannelKind::Papers(PapersKind::Three) => conduction!(Papers<'_, true, true, N, T>),
            ChannelKind::Any(_) => conduction!(Any<'_, N, T>),
        }
        state
    }

    pub(super) fn conductors(&self) -> Conductors<'_, N, T> {
        Conductors {
            conductance: &self.conductance,
            reversal: &self.reversal,
            tabulated: self.tabulated.as_deref(),
            shared: self.kind.shared,
        }
    }

    /// Number of ports.
    pub fn n_ports(&self) -> usize {
        self.ports.len()
    }

    /// Number of gates.
    pub fn n_gates(&self) -> usize {
        self.gating.n_gates()
    }

    /// Gates of one lane, from a slice of as many lanes.
    pub fn gates(&self, lanes: &[Lanes<N, T>], lane: usize) -> Gates {
        lanes[..self.n_gates()].iter().map(|gate| gate.lane(lane)).collect()
    }

    /// Gates of one lane moved by `dt` at the held voltage `v`.
    pub fn relaxed(&self, gates: &Gates, v: f64, dt: f64, units: RateUnits) -> Gates {
        self.gating.relaxed(gates, v, dt, units)
    }
}
