//! Areas without a list of addresses: cells of a grid to draw from, and where
//! an interviewer's walk begins and goes.
//!
//! A cell is a level of clusters like any other: its name is put into a column
//! of the frame. A walk follows from the sample's seed and the area's name, so
//! that it was fixed before anyone went there and can be checked afterwards.

use serde::{Deserialize, Serialize};

use super::random::Seed;

/// The cell of a square grid that a point lies in, by its lower left corner in
/// steps of `side` (above zero, in the coordinates' own units); nothing for a
/// point that is not finite.
pub fn cell(x: f64, y: f64, side: f64) -> Option<String> {
    let (column, row) = ((x / side).floor(), (y / side).floor());
    (column.is_finite() && row.is_finite() && side > 0.0).then(|| format!("{column} {row}"))
}

/// Which side an interviewer turns to at a corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Left, then right, and so on.
    Left,
    /// Right, then left, and so on.
    Right,
}

/// A random route through an area.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The interviewer's own seed for this area.
    pub seed: u64,
    /// Where it begins: the number of a starting point, from 1.
    pub start: u32,
    /// The first direction, in degrees from north, clockwise: 0, 90, 180 or 270.
    pub heading: u16,
    /// The first turn.
    pub turn: Turn,
    /// The first door to knock at, from 1, and every `interval`-th after it.
    pub first: u32,
    /// Doors from one to the next.
    pub interval: u32,
}

/// The route of a walk (from 1; a second interviewer has the second) in an area
/// with so many starting points on its list. Every starting point, direction and
/// first door is equally likely. How likely a household is to be reached is not
/// known: count the doors of the area, or call the sample nonprobability below
/// the area.
pub fn route(seed: Seed, area: &str, walk: u32, starts: u32, interval: u32) -> Route {
    let mut stream = seed.stream_of("random route", &[area.to_owned(), walk.to_string()]);
    let mut below =
        |bound: u32| -> u32 { u32::try_from(stream.below(u64::from(bound.max(1)))).unwrap_or(0) };
    let (start, heading, left, first) = (below(starts), below(4), below(2), below(interval));
    let own = stream.below(u64::MAX);
    Route {
        seed: own,
        start: start + 1,
        heading: u16::try_from(heading * 90).unwrap_or(0),
        turn: if left == 0 { Turn::Left } else { Turn::Right },
        first: first + 1,
        interval: interval.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_fall_into_cells() {
        assert_eq!(cell(105.83, 21.02, 0.05).as_deref(), Some("2116 420"));
        assert_eq!(cell(-0.01, 0.0, 0.05).as_deref(), Some("-1 0"));
        assert_eq!(cell(f64::NAN, 0.0, 0.05), None);
        assert_eq!(cell(1.0, 1.0, 0.0), None);
    }

    #[test]
    fn walks_are_fixed_and_even() {
        let walk = |number| route(Seed(5), "xóm 3", number, 4, 5);
        assert_eq!(walk(1), walk(1));
        assert_ne!(walk(1).seed, walk(2).seed);
        let mut starts = [0_u32; 4];
        let mut firsts = [0_u32; 5];
        for number in 0..20_000 {
            let route = walk(number);
            starts[route.start as usize - 1] += 1;
            firsts[route.first as usize - 1] += 1;
            assert!([0, 90, 180, 270].contains(&route.heading));
        }
        assert!(starts.iter().all(|hits| hits.abs_diff(5_000) < 310), "{starts:?}");
        assert!(firsts.iter().all(|hits| hits.abs_diff(4_000) < 290), "{firsts:?}");
    }
}
