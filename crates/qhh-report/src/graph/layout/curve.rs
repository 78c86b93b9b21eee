//! Points, and the curves an arrow is drawn along.

use std::ops::{Add, Mul, Sub};

/// A place in the picture, in pixels; y counts downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// The point at these coordinates.
pub(crate) const fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        at(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        at(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f64> for Point {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        at(self.x * factor, self.y * factor)
    }
}

impl Point {
    /// Distance from the origin.
    pub(crate) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}

/// A rectangle around a point, by half its width and height.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeBox {
    pub(crate) centre: Point,
    pub(crate) half: Point,
}

impl NodeBox {
    /// Where a ray from the centre towards `target` leaves the rectangle.
    fn rim(self, target: Point) -> Point {
        let way = target - self.centre;
        let share = (self.half.x / way.x.abs()).min(self.half.y / way.y.abs());
        if share.is_finite() { self.centre + way * share } else { self.centre }
    }
}

/// A smooth curve of cubic pieces: where it starts, then two control points and the end of each piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    pub(crate) start: Point,
    pub(crate) pieces: Vec<[Point; 3]>,
}

impl Curve {
    /// From rim to rim, pulled towards `control`.
    pub(crate) fn pulled(from: NodeBox, to: NodeBox, control: Point) -> Self {
        let (start, end) = (from.rim(control), to.rim(control));
        let towards = |point: Point| point + (control - point) * (2.0 / 3.0);
        Self { start, pieces: vec![[towards(start), towards(end), end]] }
    }

    /// From rim to rim, bent to the left of its way by a share of its length, so that there and back stay apart.
    pub(crate) fn bent(from: NodeBox, to: NodeBox, share: f64) -> Self {
        let way = to.centre - from.centre;
        let middle = from.centre + way * 0.5;
        Self::pulled(from, to, middle + at(way.y, -way.x) * share)
    }

    /// From the top of a rectangle back to it.
    pub(crate) fn around(place: NodeBox) -> Self {
        let top = place.centre - at(0.0, place.half.y);
        let out = place.half.x.min(11.0);
        let high = LOOP_HEIGHT / 0.75;
        let pieces = vec![[top + at(2.4 * out, -high), top + at(-2.4 * out, -high), top + at(-out, 0.0)]];
        Self { start: top + at(out, 0.0), pieces }
    }

    /// Level through every point.
    pub(crate) fn through(points: &[Point]) -> Self {
        let pieces = points.windows(2).map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            let half = (b.x - a.x) / 2.0;
            [a + at(half, 0.0), b - at(half, 0.0), b]
        });
        Self { start: points.first().copied().unwrap_or_default(), pieces: pieces.collect() }
    }

    /// Moved.
    pub(crate) fn moved(mut self, by: Point) -> Self {
        self.start = self.start + by;
        self.pieces.iter_mut().flatten().for_each(|point| *point = *point + by);
        self
    }

    /// Half way along.
    pub(crate) fn middle(&self) -> Point {
        let place = self.pieces.len() / 2;
        if self.pieces.len().is_multiple_of(2) && place > 0 {
            return self.pieces[place - 1][2];
        }
        let start = if place == 0 { self.start } else { self.pieces[place - 1][2] };
        let Some([a, b, end]) = self.pieces.get(place) else { return self.start };
        (start + (*a + *b) * 3.0 + *end) * 0.125
    }
}

/// Height of a curve that leads back to where it came from.
pub(crate) const LOOP_HEIGHT: f64 = 22.0;
