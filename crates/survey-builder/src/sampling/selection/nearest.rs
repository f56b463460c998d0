//! The nearest of many points, while points leave: a k-d tree (Bentley, 1975)
//! that knows below which nodes somebody is left.
//!
//! Inside, points are numbered in the order of the leaves, so that what lies
//! near in space lies near in memory; with a million points that decides how
//! long a draw takes.

/// Points below this number are compared one by one.
const LEAF: usize = 8;

/// The deepest a tree of four billion points can be, with room for both sides.
const DEPTH: usize = 72;

/// Points in a tree. They are called by their rank in the order of the
/// leaves, see [`Points::given`].
#[derive(Clone, Debug)]
pub struct Points {
    width: usize,
    /// Ranks in the order of the leaves; those still in stand first in each leaf.
    order: Vec<u32>,
    /// The coordinates in that order: a leaf lies in one piece of memory.
    sorted: Vec<f64>,
    place: Vec<u32>,
    leaf: Vec<u32>,
    /// For each rank the number of the point as it was given.
    given: Vec<u32>,
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
    /// In a leaf the points that are in, elsewhere the children below which there
    /// are any.
    left: u32,
}

/// A tree while it is built: points are called as they were given.
struct Building<'a> {
    width: usize,
    coordinates: &'a [f64],
    order: Vec<u32>,
    leaf: Vec<u32>,
    nodes: Vec<Node>,
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Building<'_> {
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
                node.left = 2;
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
}

impl Points {
    /// A tree over points of `width` coordinates each, point after point.
    pub fn new(coordinates: &[f64], width: usize) -> Self {
        let count = coordinates.len() / width.max(1);
        let mut building = Building {
            width,
            coordinates,
            order: (0..narrow(count)).collect(),
            leaf: vec![0; count],
            nodes: Vec::new(),
        };
        building.build();
        let Building { order: given, leaf, nodes, .. } = building;
        let mut sorted = Vec::with_capacity(coordinates.len());
        for point in &given {
            let begin = *point as usize * width;
            sorted.extend_from_slice(&coordinates[begin..begin + width]);
        }
        Self {
            width,
            order: (0..narrow(count)).collect(),
            place: (0..narrow(count)).collect(),
            leaf: given.iter().map(|point| leaf[*point as usize]).collect(),
            sorted,
            given,
            nodes,
        }
    }

    /// For each rank the number of the point as it was given.
    pub fn given(&self) -> &[u32] {
        &self.given
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
        // Only who was the last below a node changes what is known above it.
        while let Some(node) = self.nodes.get_mut(number as usize) {
            node.left -= 1;
            if node.left > 0 {
                break;
            }
            number = node.parent;
        }
    }

    /// The nearest other point that is still in and its squared distance; of
    /// several as near, the first as they were given.
    pub fn nearest(&self, point: usize) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let mut open = [(0_u32, 0.0_f64); DEPTH];
        let mut waiting = 1;
        while waiting > 0 {
            waiting -= 1;
            let (number, least) = open[waiting];
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
            open[waiting] = (far, least.max(apart * apart));
            open[waiting + 1] = (near, least);
            waiting += 2;
        }
        best
    }

    /// The points nearest to a place that are still in, the nearest first, by their ranks.
    pub fn nearest_to(&self, at: &[f64], count: usize) -> Vec<usize> {
        self.nearest_with_distance(at, count).into_iter().map(|(rank, _)| rank).collect()
    }

    /// The same with their squared distances; of several as near, the first as they were
    /// given come first.
    pub fn nearest_with_distance(&self, at: &[f64], count: usize) -> Vec<(usize, f64)> {
        let mut best: Vec<(usize, f64)> = Vec::with_capacity(count + 1);
        let mut open = vec![(0_u32, 0.0_f64)];
        while let Some((number, least)) = open.pop() {
            let Some(node) = self.nodes.get(number as usize) else { continue };
            let full = best.len() == count;
            if node.left == 0 || full && best.last().is_some_and(|(_, most)| least > *most) {
                continue;
            }
            if let Some([low, high]) = node.children {
                let apart = at[node.dimension as usize] - node.split;
                let (near, far) = if apart < 0.0 { (low, high) } else { (high, low) };
                open.push((far, least.max(apart * apart)));
                open.push((near, least));
                continue;
            }
            for place in node.begin as usize..(node.begin + node.left) as usize {
                let rank = self.order[place] as usize;
                let theirs = &self.sorted[place * self.width..(place + 1) * self.width];
                let distance = squared(at, theirs);
                let before = |(known, nearer): &(usize, f64)| {
                    *nearer < distance
                        || *nearer <= distance && self.given[*known] < self.given[rank]
                };
                let position = best.partition_point(before);
                if position < count {
                    best.insert(position, (rank, distance));
                    best.truncate(count);
                }
            }
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
                distance < least || (distance <= least && self.given[other] < self.given[known])
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
            let mut ranks = vec![0; 300];
            for (rank, point) in points.given().iter().enumerate() {
                ranks[*point as usize] = rank;
            }
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
                    .map(|(distance, other)| (ranks[other], distance));
                assert_eq!(points.nearest(ranks[point]), expected);
                points.remove(ranks[point]);
                inside.remove(at);
            }
            assert_eq!(points.nearest(ranks[inside[0]]), None);
            let mut points = Points::new(&coordinates, width);
            for point in (0..300).step_by(3) {
                points.remove(ranks[point]);
            }
            for _ in 0..50 {
                let at: Vec<f64> = (0..width).map(|_| stream.uniform()).collect();
                let mut all: Vec<(f64, usize)> = (0..300)
                    .filter(|point| point % 3 != 0)
                    .map(|point| (squared(&at, &coordinates[point * width..][..width]), point))
                    .collect();
                all.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
                let wanted: Vec<usize> =
                    all.iter().take(7).map(|(_, point)| ranks[*point]).collect();
                assert_eq!(points.nearest_to(&at, 7), wanted);
            }
        }
    }
}
