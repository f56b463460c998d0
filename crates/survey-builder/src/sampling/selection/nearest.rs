//! The nearest of many points, while points leave: a k-d tree (Bentley, 1975)
//! that counts who is left below each node.

/// Points below this number are compared one by one.
const LEAF: usize = 8;

/// Points in a tree.
#[derive(Clone, Debug)]
pub struct Points<'a> {
    width: usize,
    coordinates: &'a [f64],
    /// Points in the order of the leaves; those still in stand first in each leaf.
    order: Vec<u32>,
    /// Their coordinates in that order: a leaf lies in one piece of memory.
    sorted: Vec<f64>,
    place: Vec<u32>,
    leaf: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    parent: u32,
    /// Both children, or none in a leaf.
    children: Option<[u32; 2]>,
    dimension: u32,
    split: f64,
    begin: u32,
    left: u32,
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'a> Points<'a> {
    /// A tree over points of `width` coordinates each, point after point.
    pub fn new(coordinates: &'a [f64], width: usize) -> Self {
        let count = coordinates.len() / width.max(1);
        let mut points = Self {
            width,
            coordinates,
            order: (0..narrow(count)).collect(),
            sorted: Vec::with_capacity(coordinates.len()),
            place: vec![0; count],
            leaf: vec![0; count],
            nodes: Vec::new(),
        };
        points.build();
        for point in &points.order {
            let begin = *point as usize * width;
            points.sorted.extend_from_slice(&coordinates[begin..begin + width]);
        }
        for (place, point) in points.order.iter().enumerate() {
            points.place[*point as usize] = narrow(place);
        }
        points
    }

    fn at(&self, point: u32, dimension: usize) -> f64 {
        self.coordinates[point as usize * self.width + dimension]
    }

    fn build(&mut self) {
        let mut open = vec![(0_usize, self.order.len(), u32::MAX)];
        while let Some((begin, end, parent)) = open.pop() {
            let number = narrow(self.nodes.len());
            if let Some(above) = self.nodes.get_mut(parent as usize)
                && let Some(children) = &mut above.children
            {
                // The second half is taken from the stack first.
                let side = usize::from(children[1] == u32::MAX);
                children[side] = number;
            }
            let mut node = Node {
                parent,
                children: None,
                dimension: 0,
                split: 0.0,
                begin: narrow(begin),
                left: narrow(end - begin),
            };
            let (dimension, spread) = self.widest(begin, end);
            if end - begin > LEAF && spread > 0.0 {
                let middle = usize::midpoint(begin, end);
                let (coordinates, width) = (self.coordinates, self.width);
                let key = |point: &u32| coordinates[*point as usize * width + dimension];
                self.order[begin..end].select_nth_unstable_by(middle - begin, |one, other| {
                    key(one).total_cmp(&key(other)).then(one.cmp(other))
                });
                node.dimension = narrow(dimension);
                node.split = self.at(self.order[middle], dimension);
                node.children = Some([u32::MAX; 2]);
                open.push((begin, middle, number));
                open.push((middle, end, number));
            } else {
                for point in &self.order[begin..end] {
                    self.leaf[*point as usize] = number;
                }
            }
            self.nodes.push(node);
        }
    }

    fn widest(&self, begin: usize, end: usize) -> (usize, f64) {
        let spread = |dimension: usize| {
            let values = self.order[begin..end].iter().map(|point| self.at(*point, dimension));
            let (low, high) = values
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
            high - low
        };
        (0..self.width)
            .map(|dimension| (dimension, spread(dimension)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap_or((0, 0.0))
    }

    /// A point's coordinates, where its leaf has them.
    fn own(&self, point: usize) -> &[f64] {
        let begin = self.place[point] as usize * self.width;
        &self.sorted[begin..begin + self.width]
    }

    /// Takes a point out.
    pub fn remove(&mut self, point: usize) {
        let leaf = self.leaf[point];
        let node = &self.nodes[leaf as usize];
        let last = (node.begin + node.left - 1) as usize;
        let place = self.place[point] as usize;
        let other = self.order[last];
        self.order.swap(place, last);
        for dimension in 0..self.width {
            self.sorted.swap(place * self.width + dimension, last * self.width + dimension);
        }
        self.place[other as usize] = narrow(place);
        self.place[point] = narrow(last);
        let mut number = leaf;
        while let Some(node) = self.nodes.get_mut(number as usize) {
            node.left -= 1;
            number = node.parent;
        }
    }

    /// The nearest other point that is still in and its squared distance; of
    /// several as near, the first.
    pub fn nearest(&self, point: usize) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let mut open: Vec<(u32, f64)> = vec![(0, 0.0)];
        while let Some((number, least)) = open.pop() {
            let node = &self.nodes[number as usize];
            if node.left == 0 || best.is_some_and(|(_, distance)| least > distance) {
                continue;
            }
            let Some([low, high]) = node.children else {
                self.search_leaf(node, point, &mut best);
                continue;
            };
            let apart = self.own(point)[node.dimension as usize] - node.split;
            let (near, far) = if apart < 0.0 { (low, high) } else { (high, low) };
            open.push((far, least.max(apart * apart)));
            open.push((near, least));
        }
        best
    }

    fn search_leaf(&self, node: &Node, point: usize, best: &mut Option<(usize, f64)>) {
        let own = self.own(point);
        let begin = node.begin as usize;
        for place in begin..begin + node.left as usize {
            let other = self.order[place] as usize;
            if other == point {
                continue;
            }
            let theirs = &self.sorted[place * self.width..(place + 1) * self.width];
            let distance = squared(own, theirs);
            let nearer = best.is_none_or(|(known, least)| {
                distance < least || (distance <= least && other < known)
            });
            if nearer {
                *best = Some((other, distance));
            }
        }
    }
}

fn squared(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    #[test]
    fn the_nearest_is_found_while_points_leave() {
        let mut stream = Seed(3).stream(1, 0);
        for width in [1, 2, 3] {
            // Steps of a tenth make points that lie on one another.
            let coordinates: Vec<f64> =
                (0..300 * width).map(|_| (stream.uniform() * 10.0).floor() / 10.0).collect();
            let mut points = Points::new(&coordinates, width);
            let mut inside: Vec<usize> = (0..300).collect();
            while inside.len() > 1 {
                let at = usize::try_from(stream.below(inside.len() as u64)).expect("small");
                let point = inside[at];
                let of = |point: usize| &coordinates[point * width..(point + 1) * width];
                let expected = inside
                    .iter()
                    .filter(|other| **other != point)
                    .map(|other| (squared(of(point), of(*other)), *other))
                    .min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
                    .map(|(distance, other)| (other, distance));
                assert_eq!(points.nearest(point), expected);
                points.remove(point);
                inside.remove(at);
            }
            assert_eq!(points.nearest(inside[0]), None);
        }
    }
}
