//! Figures a memristive channel is known by: the I-V loop, pinched at the origin, and its area.
//!
//! A memristor of conductance `g(t)` across a voltage `U = V - E` carries `I = g U`, so the loop passes through the
//! origin with every sign change of `U`. The area of one period is that of its two lobes, each counted positive:
//! `area = |int_{U>0} I dU| + |int_{U<0} I dU|`, in uA mV (nW per patch) in `hodgkin-huxley` units. It is the memory's
//! persistence; it shrinks from period to period as the gates settle, and with frequency.
//!
//! Paper: section on memristive response of Quantum 4, 224 (2020).

use serde::{Deserialize, Serialize};

use crate::time_grid::{Cells, Span, TimeGrid};

/// Loop of one channel over a periodic drive.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hysteresis {
    /// Angular frequency of the drive.
    pub omega: f64,
    /// Whole periods in order.
    pub periods: Vec<Period>,
    /// Points `(time, voltage across the channel, current)`, thinned for drawing.
    pub points: Vec<(f64, f64, f64)>,
}

/// One whole period of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// Time its drive began.
    pub start: f64,
    /// Area of both lobes.
    pub area: f64,
    /// Largest voltage across the channel, sign aside.
    pub peak_voltage: f64,
    /// Largest current, sign aside.
    pub peak_current: f64,
}

/// Follows a channel through a periodic drive and measures its loops.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoopMeter {
    loops: Hysteresis,
    grid: TimeGrid,
    /// When the drive is on.
    span: Span,
    /// Its periods.
    cells: Cells,
    /// Place, voltage and current of the point before.
    last: Option<(f64, f64, f64)>,
    /// Area of the lobes of positive and of negative voltage, in the period under way.
    lobes: [f64; 2],
    peaks: (f64, f64),
    period: u64,
    every: usize,
    seen: usize,
}

impl LoopMeter {
    /// A meter for a drive of angular frequency `omega` from `start` to `stop` that keeps every `every`-th point.
    pub fn new(omega: f64, (start, stop): (f64, f64), grid: TimeGrid, every: usize) -> Self {
        Self {
            loops: Hysteresis { omega, ..Hysteresis::default() },
            grid,
            span: grid.span(start, stop),
            cells: grid.cells(start, std::f64::consts::TAU / omega),
            last: None,
            lobes: [0.0; 2],
            peaks: (0.0, 0.0),
            period: 0,
            every: every.max(1),
            seen: 0,
        }
    }

    /// Takes in one point: its place ([`TimeGrid::place`]), voltage across the channel, current through it. Points come
    /// in time order.
    pub fn point(&mut self, place: f64, voltage: f64, current: f64) {
        if place < self.span.from || place > self.span.to {
            return;
        }
        if self.seen.is_multiple_of(self.every) {
            self.loops.points.push((self.grid.time(place), voltage, current));
        }
        self.seen += 1;
        if let Some(before) = self.last {
            let (p0, v0, i0) = before;
            let mut from = before;
            // A period that ends between two points is closed at the point in between.
            while self.cells.edge(self.period + 1) <= place {
                let end = self.cells.edge(self.period + 1);
                let s = (end - p0) / (place - p0);
                let between = (end, v0 + s * (voltage - v0), i0 + s * (current - i0));
                self.segment(from, between);
                self.close();
                from = between;
            }
            self.segment(from, (place, voltage, current));
        }
        self.peaks = (self.peaks.0.max(voltage.abs()), self.peaks.1.max(current.abs()));
        self.last = Some((place, voltage, current));
    }

    /// The loops of every whole period.
    pub fn finish(self) -> Hysteresis {
        self.loops
    }

    fn segment(&mut self, (_, v0, i0): (f64, f64, f64), (_, v1, i1): (f64, f64, f64)) {
        let area = 0.5 * (i0 + i1) * (v1 - v0);
        if v0 * v1 >= 0.0 {
            self.lobes[usize::from(v0 + v1 < 0.0)] += area;
        } else {
            // The part on each side of the pinch, where both voltage and current pass through zero.
            self.lobes[usize::from(v0 < 0.0)] -= 0.5 * i0 * v0;
            self.lobes[usize::from(v1 < 0.0)] += 0.5 * i1 * v1;
        }
    }

    fn close(&mut self) {
        let start = self.grid.time(self.cells.edge(self.period));
        let [positive, negative] = std::mem::take(&mut self.lobes);
        self.loops.periods.push(Period {
            start,
            area: positive.abs() + negative.abs(),
            peak_voltage: self.peaks.0,
            peak_current: self.peaks.1,
        });
        self.peaks = (0.0, 0.0);
        self.period += 1;
    }
}
