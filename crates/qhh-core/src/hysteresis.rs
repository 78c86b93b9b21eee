//! Figures a memristive channel is known by: the I-V loop, pinched at the origin, and its area.
//!
//! A memristor of conductance `g(t)` across a voltage `U = V - E` carries `I = g U`, so the loop passes through the
//! origin with every sign change of `U`. The area of one period is that of its two lobes, each counted positive:
//! `area = |int_{U>0} I dU| + |int_{U<0} I dU|`, in uA mV (pW per patch) in `hodgkin-huxley` units. It is the memory's
//! persistence; it shrinks from period to period as the gates settle, and with frequency.
//!
//! Paper: section on memristive response of Quantum 4, 224 (2020).

/// Loop of one channel over a periodic drive.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hysteresis {
    /// Angular frequency of the drive.
    pub omega: f64,
    /// Whole periods in order.
    pub periods: Vec<Period>,
    /// Points `(time, voltage across the channel, current)`, thinned for drawing.
    pub points: Vec<(f64, f64, f64)>,
}

/// One whole period of a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
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
