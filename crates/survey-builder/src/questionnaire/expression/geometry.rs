//! Lengths and areas on the earth, of places as they are stored: latitude and
//! longitude in degrees, points parted by `;`.
//!
//! On a sphere of ODK's radius, so that forms from there compute what they did.

use super::number;

/// The earth's radius in metres, at the equator.
const RADIUS: f64 = 6_378_100.0;

/// The length of the line through all points, in metres, along great circles
/// (haversine formula; Sinnott, 1984).
pub(super) fn distance(places: &str) -> Option<f64> {
    let points = points(places)?;
    let mut sum = 0.0;
    for pair in points.windows(2) {
        let [(from, from_east), (to, to_east)] = [pair[0], pair[1]];
        let north = number::sin((to - from) / 2.0)?;
        let east = number::sin((to_east - from_east) / 2.0)?;
        let part = north * north + number::cos(from)? * number::cos(to)? * east * east;
        sum += 2.0 * RADIUS * number::asin(part.min(1.0).sqrt())?;
    }
    number::finite(sum)
}

/// The area inside the points, in square metres (Chamberlain and Duquette, 2007,
/// eq. 4).
pub(super) fn area(places: &str) -> Option<f64> {
    let points = points(places)?;
    if points.len() < 3 {
        return Some(0.0);
    }
    let mut sum = 0.0;
    let mut last = *points.last()?;
    for point in points {
        sum += (point.1 - last.1) * (2.0 + number::sin(last.0)? + number::sin(point.0)?);
        last = point;
    }
    number::finite((sum * RADIUS * RADIUS / 2.0).abs())
}

/// Whether a point lies inside an area, by the edges that a line from it crosses
/// (Shimrat, 1962), on the plane of latitude and longitude. Missing where there is
/// no point, or no area.
pub(super) fn is_inside(place: &str, fence: &str) -> Option<bool> {
    let point = *points(place)?.first()?;
    let edge = points(fence)?;
    if edge.len() < 3 {
        return None;
    }
    let mut inside = false;
    let mut last = *edge.last()?;
    for corner in edge {
        let crosses = (corner.0 > point.0) != (last.0 > point.0);
        // Only where the edge crosses is its slope not zero.
        if crosses {
            let at = (last.1 - corner.1) * (point.0 - corner.0) / (last.0 - corner.0) + corner.1;
            inside ^= point.1 < at;
        }
        last = corner;
    }
    Some(inside)
}

/// Latitudes and longitudes in radians.
fn points(places: &str) -> Option<Vec<(f64, f64)>> {
    let radians = |degrees: f64| degrees * std::f64::consts::PI / 180.0;
    places
        .split(';')
        .filter(|point| !point.trim().is_empty())
        .map(|point| {
            let mut parts = point.split_whitespace();
            let latitude = number::parse(parts.next()?)?;
            let longitude = number::parse(parts.next()?)?;
            Some((radians(latitude), radians(longitude)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_along_the_equator_is_known() {
        let degree = RADIUS * std::f64::consts::PI / 180.0;
        let found = distance("0 0; 0 1; 0 2").expect("a length");
        assert!((found - 2.0 * degree).abs() < 1e-6, "{found}");
        let square = area("0 0; 0 0.001; 0.001 0.001; 0.001 0").expect("an area");
        assert!((square / (degree / 1000.0).powi(2) - 1.0).abs() < 1e-6, "{square}");
        assert_eq!(distance("10 106"), Some(0.0));
        assert_eq!(distance("here"), None);
    }
}
