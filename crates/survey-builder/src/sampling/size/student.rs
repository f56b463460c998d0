//! Student's t, central and not, as far as powers of tests need it.
//!
//! With s² = χ²/ν the upper tail of the noncentral t is the mean of Φ(δ − ts) over
//! s, whose density goes with s^(ν−1) exp(−νs²/2) (Johnson, Kotz and Balakrishnan
//! 1995, section 31.5). The mean is taken by Simpson's rule, the density scaled by
//! its own sum.

/// Steps of Simpson's rule, over twelve standard deviations on either side: more
/// for few degrees of freedom, where limits are far out and Φ(−ts) falls steeply.
fn steps(degrees: f64) -> u32 {
    if degrees < 10.0 { 8_000 } else { 400 }
}

/// P(T > t) for ν degrees of freedom and noncentrality δ.
pub(super) fn upper_tail(t: f64, degrees: f64, noncentrality: f64) -> f64 {
    let width = 12.0 / (2.0 * degrees).sqrt();
    let (low, high) = ((1.0 - width).max(0.0), 1.0 + width);
    let steps = steps(degrees);
    let step = (high - low) / f64::from(steps);
    let (mut sum, mut whole) = (0.0, 0.0);
    for place in 0..=steps {
        let s = low + step * f64::from(place);
        let weight = match place {
            place if place == 0 || place == steps => 1.0,
            place if place % 2 == 1 => 4.0,
            _ => 2.0,
        };
        // At zero only one degree of freedom has any density.
        let logarithm = if s > 0.0 {
            (degrees - 1.0) * s.ln() - degrees * (s * s - 1.0) / 2.0
        } else if degrees > 1.0 {
            f64::NEG_INFINITY
        } else {
            degrees / 2.0
        };
        let density = weight * logarithm.exp();
        whole += density;
        sum += density * super::normal_probability(noncentrality - t * s);
    }
    sum / whole
}

/// The t that leaves `tail` above it, for a tail below one half.
pub(super) fn quantile(tail: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while upper_tail(high, degrees, 0.0) > tail && high < 1e9 {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle, degrees, 0.0) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (tail, degrees, expected) in [
            (0.025, 1.0, 12.706_204_736_432_1),
            (0.025, 2.0, 4.302_652_729_911_27),
            (0.05, 5.0, 2.015_048_372_669_16),
            (0.025, 30.0, 2.042_272_456_301_24),
            (0.025, 126.0, 1.978_970_6),
        ] {
            let found = quantile(tail, degrees);
            assert!((found - expected).abs() < 1e-6 * expected, "{degrees}: {found}");
        }
    }
}
