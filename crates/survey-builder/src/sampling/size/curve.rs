//! A curve of size by precision, as a picture of its own.

use crate::markup::escaped;

/// What a curve shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Title, for readers and screen readers.
    pub title: String,
    /// What runs to the right.
    pub horizontal: String,
    /// What runs upwards.
    pub vertical: String,
    /// Points from left to right.
    pub points: Vec<(f64, f64)>,
    /// The point asked for.
    pub asked: (f64, f64),
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const BOTTOM: f64 = 56.0;
const TOP: f64 = 48.0;
const RIGHT: f64 = 24.0;

impl Curve {
    /// The picture: SVG that needs no other file.
    pub fn svg(&self) -> String {
        let ends = |of: fn(&(f64, f64)) -> f64| {
            let values = self.points.iter().chain([&self.asked]).map(of);
            values
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                })
        };
        let (left, right) = ends(|point| point.0);
        let (_, high) = ends(|point| point.1);
        let step_x = step(right - left);
        let step_y = step(high);
        let top = (high / step_y).ceil().max(1.0) * step_y;
        let x = |value: f64| {
            LEFT + (value - left) / (right - left).max(f64::MIN_POSITIVE) * (WIDTH - LEFT - RIGHT)
        };
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1a1a1a\">\n\
             <title>{title}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n",
            title = escaped(&self.title)
        );
        for tick in ticks(0.0, top, step_y) {
            let (at, text) = (y(tick), label(tick, step_y));
            svg += &format!(
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" \
                 y=\"{:.1}\" text-anchor=\"end\">{text}</text>\n",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0
            );
        }
        for tick in ticks((left / step_x).ceil() * step_x, right, step_x) {
            let (at, text) = (x(tick), label(tick, step_x));
            svg += &format!(
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>\n",
                HEIGHT - BOTTOM + 20.0
            );
        }
        let points: Vec<String> = self
            .points
            .iter()
            .filter(|point| point.0.is_finite() && point.1.is_finite())
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
            .collect();
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#0b5fa5\" stroke-width=\"2\"/>\n\
             <circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\" fill=\"#b3261e\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text x=\"{LEFT}\" y=\"{:.1}\">{}</text>\n</svg>\n",
            points.join(" "),
            x(self.asked.0),
            y(self.asked.1),
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 12.0,
            escaped(&self.horizontal),
            TOP - 8.0,
            escaped(&self.vertical),
        );
        svg
    }
}

/// A step of 1, 2 or 5 times a power of ten that makes about five parts.
fn step(range: f64) -> f64 {
    if !(range.is_finite() && range > 0.0) {
        return 1.0;
    }
    let power = 10.0_f64.powf((range / 5.0).log10().floor());
    let parts = range / 5.0 / power;
    power
        * if parts <= 1.0 {
            1.0
        } else if parts <= 2.0 {
            2.0
        } else if parts <= 5.0 {
            5.0
        } else {
            10.0
        }
}

fn ticks(begin: f64, end: f64, step: f64) -> impl Iterator<Item = f64> {
    (0..50_u32)
        .map(move |tick| begin + f64::from(tick) * step)
        .take_while(move |t| *t <= end * (1.0 + 1e-9))
}

fn label(value: f64, step: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 12")]
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_a_picture() {
        let curve = Curve {
            title: "n < 5 & more".to_owned(),
            horizontal: "margin".to_owned(),
            vertical: "completes".to_owned(),
            points: vec![(0.01, 9_604.0), (0.03, 1_068.0), (0.05, 385.0)],
            asked: (0.03, 1_068.0),
        };
        let svg = curve.svg();
        assert!(svg.contains("n &lt; 5 &amp; more") && svg.ends_with("</svg>\n"), "{svg}");
        for expected in [">10000<", ">0.03<", "polyline", "circle"] {
            assert!(svg.contains(expected), "{expected} not in {svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
