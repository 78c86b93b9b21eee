//! Figures a memristive channel is known by: the I-V loop, pinched at the origin, and its area.
//!
//! A memristor of conductance `g(t)` across a voltage `U = V - E` carries `I = g U`, so the loop passes through the
//! origin with every sign change of `U`. The area of one period is that of its two lobes, each counted positive:
//! `area = |int_{U>0} I dU| + |int_{U<0} I dU|`, in uA mV (nW per patch) in `hodgkin-huxley` units. It is the memory's
//! persistence; it shrinks from period to period as the gates settle, and with frequency.
//!
//! Paper: section on memristive response of Quantum 4, 224 (2020).

use serde::{Deserialize, Serialize};

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
    drive_start: f64,
    stop: f64,
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
    pub fn new(omega: f64, start: f64, stop: f64, every: usize) -> Self {
        Self {
            loops: Hysteresis { omega, ..Hysteresis::default() },
            drive_start: start,
            stop,
            last: None,
            lobes: [0.0; 2],
            peaks: (0.0, 0.0),
            period: 0,
            every: every.max(1),
            seen: 0,
        }
    }

    /// Takes in one point: time, voltage across the channel, current through it. Points come in time order.
    pub fn point(&mut self, t: f64, voltage: f64, current: f64) {
        if t < self.drive_start || t > self.stop {
            return;
        }
        if self.seen.is_multiple_of(self.every) {
            self.loops.points.push((t, voltage, current));
        }
        self.seen += 1;
        let length = std::f64::consts::TAU / self.loops.omega;
        if let Some((t0, v0, i0)) = self.last {
            let mut from = (t0, v0, i0);
            // A period that ends between two points is closed at the point in between.
            let end = self.drive_start + (self.period + 1) as f64 * length;
            if t >= end {
                let s = (end - t0) / (t - t0);
                let between = (end, v0 + s * (voltage - v0), i0 + s * (current - i0));
                self.segment(from, between);
                self.close(end - length);
                from = between;
            }
            self.segment(from, (t, voltage, current));
        }
        self.peaks = (self.peaks.0.max(voltage.abs()), self.peaks.1.max(current.abs()));
        self.last = Some((t, voltage, current));
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

    fn close(&mut self, start: f64) {
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
