//! Where nodes and arrows stand: each connected part on its own, by what it is like, then all beside one another.

mod columns;
mod curve;
mod layered;
mod regular;

pub(crate) use curve::{Curve, LOOP_HEIGHT, Point, at};

use super::Level;
use super::drawing::Drawing;
use curve::NodeBox;

/// Widest and highest picture of named nodes; beyond, they are numbered, then dots.
const WIDEST: f64 = 1250.0;
const HIGHEST: f64 = 850.0;
/// Room between parts, and a line of text.
const BETWEEN: f64 = 24.0;
pub(crate) const LINE: f64 = 15.0;

/// How a node is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// By its name.
    Named,
    /// By its number.
    Numbered,
    /// By a dot.
    Dots,
}

/// Where everything stands.
pub(crate) struct Placed {
    pub(crate) marks: Marks,
    /// Centre and half size of each node.
    pub(crate) nodes: Vec<NodeBox>,
    /// The way of each arrow.
    pub(crate) curves: Vec<Curve>,
    pub(crate) size: Point,
}

/// A connected part of the drawing, its nodes counted from 0.
struct Component {
    /// Numbers of its nodes in the drawing.
    nodes: Vec<usize>,
    /// Arrows between different nodes: number in the drawing, sender, receiver.
    arrows: Vec<(usize, usize, usize)>,
    /// Arrows from a node to itself: number, node.
    loops: Vec<(usize, usize)>,
    /// Half the size of each node as drawn, and with the room it needs.
    half: Vec<Point>,
    room: Vec<Point>,
    /// Half the size of the text beside an arrow, by its place in `arrows`.
    text: Vec<Point>,
    marks: Marks,
}

/// A part laid out.
struct Block {
    centres: Vec<Point>,
    /// One for each of the part's arrows, without those of nodes to themselves.
    curves: Vec<Curve>,
}

/// Lays a drawing out.
pub(crate) fn place(drawing: &Drawing) -> Placed {
    let all: &[Marks] = match drawing.level {
        Level::Neurons => &[Marks::Named, Marks::Numbered, Marks::Dots],
        Level::Populations => &[Marks::Named],
    };
    let mut placed = place_as(drawing, all[0]);
    for &marks in &all[1..] {
        if placed.size.x <= WIDEST && placed.size.y <= HIGHEST {
            break;
        }
        placed = place_as(drawing, marks);
    }
    placed
}

fn place_as(drawing: &Drawing, marks: Marks) -> Placed {
    let empty = NodeBox { centre: at(0.0, 0.0), half: at(0.0, 0.0) };
    let mut placed = Placed {
        marks,
        nodes: vec![empty; drawing.nodes.len()],
        curves: vec![Curve::through(&[]); drawing.arrows.len()],
        size: at(0.0, 0.0),
    };
    let mut shelf = RowPacker::default();
    for part in parts(drawing, marks) {
        let block = part.lay_out(drawing);
        let (low, high) = bounds(&block, &part);
        let moved = shelf.put(high - low) - low;
        for (k, &node) in part.nodes.iter().enumerate() {
            placed.nodes[node] = NodeBox { centre: block.centres[k] + moved, half: part.half[k] };
        }
        for ((arrow, _, _), curve) in part.arrows.iter().zip(block.curves) {
            placed.curves[*arrow] = curve.moved(moved);
        }
        for &(arrow, node) in &part.loops {
            placed.curves[arrow] = Curve::around(placed.nodes[part.nodes[node]]);
        }
    }
    placed.size = shelf.size;
    placed
}

/// The connected parts, largest first.
fn parts(drawing: &Drawing, marks: Marks) -> Vec<Component> {
    let n = drawing.nodes.len();
    let mut set: Vec<usize> = (0..n).collect();
    let find = |set: &[usize], mut node: usize| {
        while set[node] != node {
            node = set[node];
        }
        node
    };
    for arrow in &drawing.arrows {
        let (a, b) = (find(&set, arrow.from), find(&set, arrow.to));
        set[a.max(b)] = a.min(b);
    }
    let mut parts: Vec<Component> = Vec::new();
    let mut part_of = vec![(0, 0); n];
    for node in 0..n {
        let first = find(&set, node);
        if first == node {
            part_of[node] = (parts.len(), 0);
            parts.push(Component::new(marks));
        }
        let place = part_of[first].0;
        part_of[node] = (place, parts[place].nodes.len());
        parts[place].add(drawing, node);
    }
    for (k, arrow) in drawing.arrows.iter().enumerate() {
        let (place, from) = part_of[arrow.from];
        let (part, to) = (&mut parts[place], part_of[arrow.to].1);
        let half = text_size(&arrow.labels) * 0.5;
        if from == to {
            part.loops.push((k, from));
            let above = LOOP_HEIGHT + 2.0 * half.y + 4.0;
            part.room[from] = at(part.half[from].x.max(half.x), part.half[from].y + above);
        } else {
            part.arrows.push((k, from, to));
            part.text.push(half);
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.nodes.len()));
    parts
}

impl Component {
    fn new(marks: Marks) -> Self {
        let (nodes, half, room) = (Vec::new(), Vec::new(), Vec::new());
        Self { nodes, arrows: Vec::new(), loops: Vec::new(), half, room, text: Vec::new(), marks }
    }

    fn add(&mut self, drawing: &Drawing, node: usize) {
        let shown = &drawing.nodes[node];
        let wide = |text: &str, each: f64| text.chars().count() as f64 * each;
        let size = match (self.marks, shown.note.is_empty()) {
            (Marks::Dots, _) => at(10.0, 10.0),
            (Marks::Numbered, _) => at((wide(&shown.short, 7.0) + 10.0).max(22.0), 22.0),
            (Marks::Named, true) => at((wide(&shown.name, 7.0) + 18.0).max(28.0), 26.0),
            (Marks::Named, false) => at(wide(&shown.name, 7.8).max(wide(&shown.note, 6.4)) + 28.0, 46.0),
        };
        self.nodes.push(node);
        self.half.push(size * 0.5);
        self.room.push(size * 0.5);
    }

    fn lay_out(&self, drawing: &Drawing) -> Block {
        let grid = drawing.grids.iter().find(|(neurons, _)| {
            neurons.len() == self.nodes.len() && neurons.iter().all(|n| self.nodes.binary_search(n).is_ok())
        });
        if let Some((neurons, width)) = grid {
            let order: Vec<usize> = neurons.iter().filter_map(|n| self.nodes.binary_search(n).ok()).collect();
            return regular::grid(self, &order, *width);
        }
        if drawing.level == Level::Neurons
            && let Some(order) = self.path()
        {
            return regular::snake(self, &order);
        }
        let turned = layered::turned(self);
        // Columns are for what mostly flows one way.
        let backwards = turned.iter().filter(|&&turned| turned).count();
        let tangled = self.is_one_loop() || backwards > 2 + self.arrows.len() / 8;
        if drawing.level == Level::Neurons && self.nodes.len() > 2 && tangled {
            return regular::circle(self, &self.round());
        }
        layered::lay_out(self, &turned)
    }

    fn place(&self, centres: &[Point], node: usize) -> NodeBox {
        NodeBox { centre: centres[node], half: self.half[node] }
    }

    /// Receivers of each node, or senders.
    fn neighbours(&self, backwards: bool) -> Vec<Vec<usize>> {
        let mut lists = vec![Vec::new(); self.nodes.len()];
        for &(_, from, to) in &self.arrows {
            let (from, to) = if backwards { (to, from) } else { (from, to) };
            lists[from].push(to);
        }
        lists
    }

    /// The nodes in their order, where they make up a single chain.
    fn path(&self) -> Option<Vec<usize>> {
        let (next, before) = (self.neighbours(false), self.neighbours(true));
        let single = next.iter().chain(&before).all(|list| list.len() <= 1);
        let first = (0..self.nodes.len()).find(|&node| before[node].is_empty())?;
        single.then(|| std::iter::successors(Some(first), |&node| next[node].first().copied()).collect())
    }

    /// Whether every node reaches every other.
    fn is_one_loop(&self) -> bool {
        [false, true].into_iter().all(|backwards| {
            let lists = self.neighbours(backwards);
            let mut seen = vec![false; lists.len()];
            let mut open = vec![0];
            seen[0] = true;
            while let Some(node) = open.pop() {
                for &next in &lists[node] {
                    if !std::mem::replace(&mut seen[next], true) {
                        open.push(next);
                    }
                }
            }
            seen.into_iter().all(|seen| seen)
        })
    }

    /// The nodes of a loop in the order they are gone through, where it is a plain ring; else as they are numbered.
    fn round(&self) -> Vec<usize> {
        let next = self.neighbours(false);
        if next.iter().any(|list| list.len() != 1) {
            return (0..next.len()).collect();
        }
        std::iter::successors(Some(0), |&node| Some(next[node][0])).take(next.len()).collect()
    }
}

/// The corners of what a block covers.
fn bounds(block: &Block, part: &Component) -> (Point, Point) {
    let (mut low, mut high) = (at(f64::INFINITY, f64::INFINITY), at(f64::NEG_INFINITY, f64::NEG_INFINITY));
    let mut cover = |a: Point, b: Point| {
        (low, high) = (at(low.x.min(a.x), low.y.min(a.y)), at(high.x.max(b.x), high.y.max(b.y)));
    };
    for (k, &centre) in block.centres.iter().enumerate() {
        // What a node needs beyond its own size stands above it.
        let (half, room) = (part.half[k], part.room[k]);
        cover(centre - room, centre + at(room.x, half.y));
    }
    for curve in &block.curves {
        for piece in &curve.pieces {
            cover(piece[2], piece[2]);
            let inner = (piece[0] + piece[1]) * 0.375 + (curve.start + piece[2]) * 0.125;
            if curve.pieces.len() == 1 {
                cover(inner, inner);
            }
        }
    }
    (low, high)
}

/// Width and height of lines of small text.
pub(crate) fn text_size(lines: &[String]) -> Point {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    if longest == 0 { at(0.0, 0.0) } else { at(longest as f64 * 6.3 + 8.0, LINE * lines.len() as f64) }
}

/// Puts blocks beside one another in rows.
#[derive(Default)]
struct RowPacker {
    size: Point,
    /// Where the next block goes in the current row, and how high that row is.
    next: Point,
    height: f64,
}

impl RowPacker {
    /// Top left corner of the next block.
    fn put(&mut self, block: Point) -> Point {
        if self.next.x > 0.0 && self.next.x + block.x > WIDEST * 0.9 {
            self.next = at(0.0, self.next.y + self.height + BETWEEN);
            self.height = 0.0;
        }
        let corner = self.next;
        self.next.x += block.x + BETWEEN;
        self.height = self.height.max(block.y);
        self.size = at(self.size.x.max(corner.x + block.x), self.size.y.max(corner.y + block.y));
        corner
    }
}
