//! A few lanes of a group at a time, for machines without vectors.
//!
//! Unrolled over all its lanes, a loop would be the largest part of the program and the slowest to compile, for machines
//! that are hardly ever met. So it is compiled for a few lanes, and goes through a group's lanes in turn.

use super::group::{Group, SenseLanes};
use super::lanes::{Float, Lanes};
use super::state::GroupState;
use super::window::{Course, DriveLanes};
use crate::circuit::MAX_PORTS;

/// Lanes that go side by side.
pub(super) const FEW: usize = 2;

/// What has a number for each lane of a group.
pub(super) trait Lanewise {
    /// The same for a few lanes.
    type Few;
    /// The lanes from `lane` on.
    fn few(&self, lane: usize) -> Self::Few;
    /// Puts lanes in the place of those from `lane` on.
    fn put_few(&mut self, lane: usize, few: &Self::Few);
}

/// The waves of a few lanes at each port.
pub(super) type PortWaves = [Vec<Lanes<FEW>>; MAX_PORTS];

/// A few lanes of waves at each port.
pub(super) fn of_ports<const N: usize>(waves: [&[Lanes<N>]; MAX_PORTS], lane: usize) -> PortWaves {
    waves.map(|waves| of_each(waves, lane).collect())
}

/// First lanes of the parts of a group.
pub(super) fn parts<const N: usize>() -> impl Iterator<Item = usize> {
    (0..N).step_by(FEW)
}

impl<const N: usize, T: Float> Lanewise for Lanes<N, T> {
    type Few = Lanes<FEW, T>;

    fn few(&self, lane: usize) -> Self::Few {
        Lanes(std::array::from_fn(|k| self.0[lane + k]))
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        self.0[lane..lane + FEW].copy_from_slice(&few.0);
    }
}

impl<A: Lanewise, B: Lanewise> Lanewise for (A, B) {
    type Few = (A::Few, B::Few);

    fn few(&self, lane: usize) -> Self::Few {
        (self.0.few(lane), self.1.few(lane))
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        self.0.put_few(lane, &few.0);
        self.1.put_few(lane, &few.1);
    }
}

impl<L: Lanewise, const K: usize> Lanewise for [L; K] {
    type Few = [L::Few; K];

    fn few(&self, lane: usize) -> Self::Few {
        std::array::from_fn(|k| self[k].few(lane))
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        put_each(self, lane, few);
    }
}

/// A few lanes of each of these.
pub(super) fn of_each<A: Lanewise>(all: &[A], lane: usize) -> impl Iterator<Item = A::Few> {
    all.iter().map(move |of| of.few(lane))
}

/// Puts a few lanes of each in their place.
pub(super) fn put_each<A: Lanewise>(to: &mut [A], lane: usize, few: &[A::Few]) {
    to.iter_mut().zip(few).for_each(|(to, few)| to.put_few(lane, few));
}

impl<L: Lanewise> Lanewise for Vec<L> {
    type Few = Vec<L::Few>;

    fn few(&self, lane: usize) -> Self::Few {
        of_each(self, lane).collect()
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        put_each(self, lane, few);
    }
}

impl<L: Lanewise> Lanewise for Box<[L]> {
    type Few = Box<[L::Few]>;

    fn few(&self, lane: usize) -> Self::Few {
        of_each(self, lane).collect()
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        put_each(self, lane, few);
    }
}

impl<L: Lanewise> Lanewise for Option<L> {
    type Few = Option<L::Few>;

    fn few(&self, lane: usize) -> Self::Few {
        self.as_ref().map(|of| of.few(lane))
    }

    fn put_few(&mut self, lane: usize, few: &Self::Few) {
        if let (Some(to), Some(few)) = (self, few) {
            to.put_few(lane, few);
        }
    }
}

/// A struct of fields with lanes, and some that stay what they are in every part.
macro_rules! lanewise {
    ($name:ident<$n:ident $(, $t:ident)?> { $($field:ident),* } $(same { $($same:ident: $value:expr),* })?) => {
        impl<const $n: usize $(, $t: $crate::integrate::lanes::Float)?> $crate::integrate::few::Lanewise
            for $name<$n $(, $t)?>
        {
            type Few = $name<{ $crate::integrate::few::FEW } $(, $t)?>;

            fn few(&self, lane: usize) -> Self::Few {
                $name { $($field: self.$field.few(lane),)* $($($same: $value),*)? }
            }

            fn put_few(&mut self, lane: usize, few: &Self::Few) {
                $(self.$field.put_few(lane, &few.$field);)*
            }
        }
    };
}
pub(super) use lanewise;

lanewise!(DriveLanes<N, T> { mean, slope });
lanewise!(SenseLanes<N, T> { conductance, push, response_time });
// The parts of a group never sleep alone.
lanewise!(GroupState<N, T> { v, u, gates, record, slope_base } same { asleep: false });
lanewise!(Course<N, T> { v, staged, records, gates, u, leaving } same {
    crossings: Vec::new(), detailed: false, measured: false, emitting: [false; MAX_PORTS]
});

impl<const N: usize, T: Float> Group<N, T> {
    /// The lanes from `lane` on, which never sleep alone.
    pub(super) fn few(&self, lane: usize) -> Group<FEW, T> {
        Group {
            kind: self.kind.clone(),
            capacitance: self.capacitance.few(lane),
            conductance: self.conductance.few(lane),
            reversal: self.reversal.few(lane),
            tabulated: self.tabulated.clone(),
            gating: self.gating.clone(),
            ports: self.ports.few(lane),
            sense: self.sense.as_deref().map(|sense| Box::new(sense.few(lane))),
            rest: None,
        }
    }
}
