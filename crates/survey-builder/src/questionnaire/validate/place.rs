//! Places on the earth, as people type and paste them.

use super::super::answer::{Answer, Value};
use super::super::document::Shape;
use super::parse::{Fault, Parsed};

/// The most points of a line or an area.
const MOST_POINTS: usize = 1_000;
/// Seven decimals of a degree are about a centimetre.
const DECIMALS: usize = 7;

/// Reads points, one a line or parted by `;`: degrees with decimals, as maps
/// show them (`10.776900, 106.700900`, in Vietnamese also `10,7769 106,7009`),
/// or degrees, minutes and seconds with their directions
/// (`10°46'37"N 106°42'03"E`). The answer is a text: latitude and longitude in
/// degrees (WGS 84), parted by a space, points by `; `.
pub(super) fn parse_places(typed: &str, shape: Shape) -> Parsed {
    let lines = typed.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let mut points = Vec::new();
    for line in lines {
        let (latitude, longitude) =
            point(line).ok_or_else(|| Fault::new("place").with("typed", line))?;
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            return Err(Fault::new("place_range").with("typed", line));
        }
        points.push(format!("{} {}", degrees(latitude), degrees(longitude)));
    }
    let (least, most) = match shape {
        Shape::Point => (1, 1),
        Shape::Trace => (2, MOST_POINTS),
        Shape::Area => (3, MOST_POINTS),
    };
    if points.len() < least {
        return Err(Fault::new("place_few").with("min", least).with("n", points.len()));
    }
    if points.len() > most {
        return Err(Fault::new("place_many").with("max", most).with("n", points.len()));
    }
    Ok(Some(Answer::Value(Value::Text(points.join("; ")))))
}

/// A degree with at most seven decimals.
fn degrees(value: f64) -> String {
    let text = format!("{value:.DECIMALS$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Latitude and longitude; altitude and accuracy may follow, as devices add them.
fn point(line: &str) -> Option<(f64, f64)> {
    if line.contains('°') {
        return sexagesimal(line);
    }
    let parts: Vec<&str> = if line.contains('.') {
        line.split([',', ' ', '\t']).filter(|part| !part.is_empty()).collect()
    } else {
        // Without a point, a comma inside a number is a decimal one.
        let parts = line.split_whitespace().map(|part| part.trim_end_matches(','));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        if parts.len() == 1 { line.split(',').collect() } else { parts }
    };
    if !(2..=4).contains(&parts.len()) {
        return None;
    }
    let numbers: Option<Vec<f64>> = parts.iter().map(|part| decimal(part)).collect();
    let numbers = numbers?;
    Some((*numbers.first()?, *numbers.get(1)?))
}

/// A number with a decimal point or comma, and nothing else.
fn decimal(text: &str) -> Option<f64> {
    let text = text.replace('\u{2212}', "-").replace(',', ".");
    let usual = text.bytes().all(|sign| sign.is_ascii_digit() || b"+-.".contains(&sign));
    text.parse().ok().filter(|_| usual)
}

/// `10°46'37.2"N 106°42'03"E`, in either order.
fn sexagesimal(line: &str) -> Option<(f64, f64)> {
    let (mut latitude, mut longitude) = (None, None);
    let mut rest = line;
    while let Some(end) = rest.find(['N', 'S', 'E', 'W', 'n', 's', 'e', 'w']) {
        let value = angle(&rest[..end])?;
        let direction = rest[end..].chars().next()?;
        let slot = match direction.to_ascii_uppercase() {
            'N' | 'S' => &mut latitude,
            _ => &mut longitude,
        };
        let sign = if matches!(direction.to_ascii_uppercase(), 'S' | 'W') { -1.0 } else { 1.0 };
        if slot.replace(sign * value).is_some() {
            return None;
        }
        rest = &rest[end + 1..];
    }
    rest.trim().is_empty().then_some(())?;
    latitude.zip(longitude)
}

/// Degrees, minutes and seconds.
fn angle(text: &str) -> Option<f64> {
    let marks = ['°', '\'', '"', '′', '″', '’', '”'];
    let parts: Vec<&str> = text
        .trim_matches([' ', ','])
        .split(marks)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() || parts.len() > 3 {
        return None;
    }
    let mut value = 0.0;
    for (part, unit) in parts.iter().zip([1.0, 60.0, 3600.0]) {
        let number = decimal(part).filter(|number| *number >= 0.0)?;
        if unit > 1.0 && number >= 60.0 {
            return None;
        }
        value += number / unit;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, shape: Shape) -> Result<String, &'static str> {
        match parse_places(typed, shape) {
            Ok(Some(Answer::Value(Value::Text(text)))) => Ok(text),
            Ok(_) => Err("nothing"),
            Err(fault) => Err(fault.code),
        }
    }

    #[test]
    fn places_are_read_as_maps_and_people_write_them() {
        for typed in [
            "10.7769, 106.7009",
            "10.7769 106.7009",
            "10,7769 106,7009",
            "10,7769, 106,7009",
            " 10.7769,106.7009 ",
            "10.77690000 106.7009 12.5 4",
            "10°46'36.84\"N 106°42'3.24\"E",
            "106°42′3.24″E, 10°46′36.84″N",
        ] {
            assert_eq!(read(typed, Shape::Point).as_deref(), Ok("10.7769 106.7009"), "{typed}");
        }
        assert_eq!(read("-33.9 -0", Shape::Point).as_deref(), Ok("-33.9 0"));
        assert_eq!(read("10, 106", Shape::Point).as_deref(), Ok("10 106"));
        assert_eq!(read("10,106", Shape::Point).as_deref(), Ok("10 106"));
        assert_eq!(read("10 106\n11 107", Shape::Trace).as_deref(), Ok("10 106; 11 107"));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for typed in
            ["here", "10.7769", "1 2 3 4 5", "10°61'N 106°E", "10°N 11°N", "1e1 2", "nan 1"]
        {
            assert_eq!(read(typed, Shape::Point), Err("place"), "{typed}");
        }
        assert_eq!(read("106.7009 10.7769", Shape::Point), Err("place_range"));
        assert_eq!(read("10 106; 11 107", Shape::Point), Err("place_many"));
        assert_eq!(read("10 106", Shape::Trace), Err("place_few"));
        assert_eq!(read("10 106; 11 107", Shape::Area), Err("place_few"));
    }
}
