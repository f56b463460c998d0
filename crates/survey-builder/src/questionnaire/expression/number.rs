//! Numbers: reading, printing, rounding, and the functions that libraries
//! compute differently.
//!
//! `exp`, `ln`, `pow` and the functions of angles are written out in basic operations, which IEEE 754
//! rounds the same everywhere; the JavaScript evaluator does the same steps in
//! the same order, so the two agree to the last bit. They are within a few
//! units in the last place of the true value.

use super::text;

/// The number, or `None` if it is not finite; negative zero becomes zero.
pub(super) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number + 0.0)
}

/// Prints a number with the fewest digits that read back as it, and never
/// with an exponent: `3`, `2.5`, `0.000001`.
pub fn print(number: f64) -> String {
    format!("{}", number + 0.0)
}

/// Reads `12`, `-0.5`, `1e3`; spaces around are ignored.
pub(super) fn parse(written: &str) -> Option<f64> {
    let trimmed = text::trim(written);
    let unsigned = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digit = !(whole.is_empty() && fraction.is_empty());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && digits_only(digits)
    });
    if !(has_digit && digits_only(whole) && digits_only(fraction) && exponent_fits) {
        return None;
    }
    finite(trimmed.parse().ok()?)
}

/// Rounds to `digits` decimals (negative: tens, hundreds), halves away from zero.
pub(super) fn round(number: f64, digits: f64) -> Option<f64> {
    let digits = digits.trunc();
    if digits > 22.0 {
        return Some(number);
    }
    if digits < -308.0 {
        return Some(0.0);
    }
    let scale = power_of_ten(digits.abs());
    let rounded = if digits < 0.0 {
        (number / scale).round() * scale
    } else {
        let scaled = number * scale;
        if !scaled.is_finite() {
            return Some(number);
        }
        scaled.round() / scale
    };
    finite(rounded)
}

fn power_of_ten(exponent: f64) -> f64 {
    let mut power = 1.0;
    let mut step = 0.0;
    while step < exponent {
        power *= 10.0;
        step += 1.0;
    }
    power
}

/// The logarithm of two in two parts: the first has zeros at its end, so that
/// whole multiples of it are exact (Cody and Waite, 1980).
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e to the power `x`.
pub(super) fn exp(x: f64) -> Option<f64> {
    if x > 709.79 {
        return None;
    }
    if x < -745.2 {
        return Some(0.0);
    }
    let twos = (x * std::f64::consts::LOG2_E).round();
    let rest = (x - twos * LN2_HIGH) - twos * LN2_LOW;
    // |rest| ≤ 0.35: 18 terms of the series leave less than 1e-24.
    let mut sum = 1.0;
    let mut term = 18.0;
    while term > 0.0 {
        sum = 1.0 + sum * rest / term;
        term -= 1.0;
    }
    finite(times_power_of_two(sum, twos))
}

fn times_power_of_two(number: f64, exponent: f64) -> f64 {
    let (factor, steps) = if exponent < 0.0 { (0.5, -exponent) } else { (2.0, exponent) };
    let mut product = number;
    let mut step = 0.0;
    while step < steps {
        product *= factor;
        step += 1.0;
    }
    product
}

/// The natural logarithm; missing for zero and below.
pub(super) fn ln(x: f64) -> Option<f64> {
    if x <= 0.0 {
        return None;
    }
    let mut mantissa = x;
    let mut twos = 0.0;
    while mantissa >= std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        twos += 1.0;
    }
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        twos -= 1.0;
    }
    // ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1), |s| ≤ 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    let mut odd = 25.0;
    while odd > 0.0 {
        sum = sum * square + 1.0 / odd;
        odd -= 2.0;
    }
    finite(twos * LN2_HIGH + (2.0 * s * sum + twos * LN2_LOW))
}

/// `base` to the power `exponent`: whole exponents by repeated squaring,
/// others through the logarithm (missing for a negative base).
#[expect(clippy::float_cmp, reason = "whole numbers and one half are exact")]
pub(super) fn pow(base: f64, exponent: f64) -> Option<f64> {
    if exponent == exponent.trunc() && exponent.abs() <= 4096.0 {
        let mut result = 1.0;
        let mut square = base;
        let mut left = exponent.abs();
        while left > 0.0 {
            if left % 2.0 == 1.0 {
                result *= square;
            }
            square *= square;
            left = (left / 2.0).trunc();
        }
        return finite(if exponent < 0.0 { 1.0 / result } else { result });
    }
    if base == 0.0 {
        return (exponent > 0.0).then_some(0.0);
    }
    if exponent == 0.5 {
        return (base > 0.0).then(|| base.sqrt());
    }
    exp(finite(exponent * ln(base)?)?)
}

/// The logarithm to base ten; missing for zero and below.
#[expect(clippy::float_cmp, reason = "powers of ten up to the 22nd are exact")]
pub(super) fn log10(x: f64) -> Option<f64> {
    // The nearest whole exponent is exact where the number is that power of ten.
    let near = ln(x)? / std::f64::consts::LN_10;
    let whole = near.round();
    let exact = whole.abs() <= 22.0
        && if whole < 0.0 { x == 1.0 / power_of_ten(-whole) } else { x == power_of_ten(whole) };
    finite(if exact { whole } else { near })
}

/// A quarter turn in two parts, the first with zeros at its end (Cody and
/// Waite, 1980).
const QUARTER_HIGH: f64 = 1.570_796_326_734_125_6;
const QUARTER_LOW: f64 = 6.077_100_506_506_192e-11;
/// Beyond this many radians too few digits of the angle are left.
const FARTHEST_ANGLE: f64 = 1e6;

/// Sine and cosine of an angle in radians; missing beyond a million.
fn sine_and_cosine(x: f64) -> Option<(f64, f64)> {
    if x.abs() > FARTHEST_ANGLE {
        return None;
    }
    let quarters = (x * std::f64::consts::FRAC_2_PI).round();
    let rest = (x - quarters * QUARTER_HIGH) - quarters * QUARTER_LOW;
    let square = rest * rest;
    // |rest| ≤ 0.79: the terms left out are below 1e-24.
    let series = |from: f64, to: f64| {
        let mut sum = 1.0;
        let mut term = from;
        while term >= to {
            sum = 1.0 - square * sum / (term * (term - 1.0));
            term -= 2.0;
        }
        sum
    };
    let (sine, cosine) = (rest * series(23.0, 3.0), series(22.0, 2.0));
    let turn = quarters.rem_euclid(4.0);
    Some(if turn < 0.5 {
        (sine, cosine)
    } else if turn < 1.5 {
        (cosine, -sine)
    } else if turn < 2.5 {
        (-sine, -cosine)
    } else {
        (-cosine, sine)
    })
}

/// The sine of an angle in radians.
pub(super) fn sin(x: f64) -> Option<f64> {
    finite(sine_and_cosine(x)?.0)
}

/// The cosine of an angle in radians.
pub(super) fn cos(x: f64) -> Option<f64> {
    finite(sine_and_cosine(x)?.1)
}

/// The tangent of an angle in radians.
pub(super) fn tan(x: f64) -> Option<f64> {
    let (sine, cosine) = sine_and_cosine(x)?;
    finite(sine / cosine)
}

/// The angle in radians whose tangent is `x`.
pub(super) fn atan(x: f64) -> f64 {
    let size = x.abs();
    let mut part = if size > 1.0 { 1.0 / size } else { size };
    // Halved twice, the tangent is at most 0.2.
    part /= 1.0 + (1.0 + part * part).sqrt();
    part /= 1.0 + (1.0 + part * part).sqrt();
    let square = part * part;
    let mut sum = 0.0;
    let mut odd = 25.0;
    while odd > 0.0 {
        sum = 1.0 / odd - sum * square;
        odd -= 2.0;
    }
    let angle = 4.0 * (part * sum);
    let angle = if size > 1.0 { std::f64::consts::FRAC_PI_2 - angle } else { angle };
    if x < 0.0 { -angle } else { angle }
}

/// The angle in radians of the point (`x`, `y`); 0 at the origin.
pub(super) fn atan2(y: f64, x: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    if x > 0.0 {
        atan(y / x)
    } else if x < 0.0 {
        if y < 0.0 { atan(y / x) - PI } else { atan(y / x) + PI }
    } else if y > 0.0 {
        FRAC_PI_2
    } else if y < 0.0 {
        -FRAC_PI_2
    } else {
        0.0
    }
}

/// The angle in radians whose sine is `x`; missing beyond 1.
pub(super) fn asin(x: f64) -> Option<f64> {
    if x.abs() > 1.0 {
        return None;
    }
    finite(atan2(x, ((1.0 - x) * (1.0 + x)).sqrt()))
}

/// The angle in radians whose cosine is `x`; missing beyond 1.
pub(super) fn acos(x: f64) -> Option<f64> {
    if x.abs() > 1.0 {
        return None;
    }
    finite(2.0 * atan2((1.0 - x).sqrt(), (1.0 + x).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.expect("a value");
        assert!((found - expected).abs() <= 1e-13 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn functions_agree_with_the_library() {
        for step in -70_i32..70 {
            let x = f64::from(step) * 1.37 + 0.01;
            near(exp(x), x.exp());
            near(ln(x.exp()), x.exp().ln());
            near(pow(x.abs(), 1.37), x.abs().powf(1.37));
            near(pow(x, 3.0), x.powi(3));
        }
        for step in -70_i32..70 {
            let x = f64::from(step) * 0.137 + 0.01;
            for (found, expected) in [
                (sin(x), x.sin()),
                (cos(x), x.cos()),
                (tan(x), x.tan()),
                (finite(atan(x)), x.atan()),
                (finite(atan2(x, -0.7)), x.atan2(-0.7)),
                (asin(x / 10.0), (x / 10.0).asin()),
                (acos(x / 10.0), (x / 10.0).acos()),
                (log10(x.abs()), x.abs().log10()),
            ] {
                let found = found.expect("a value");
                assert!((found - expected).abs() <= 4e-15 * expected.abs().max(1.0), "{x} {found}");
            }
        }
        for power in -22_i32..=22 {
            let x = 10_f64.powi(power);
            assert_eq!(log10(x), Some(f64::from(power)), "{x}");
        }
        assert_eq!(sin(2e6), None);
        assert_eq!(asin(1.5), None);
        assert_eq!(acos(-1.0), Some(std::f64::consts::PI));
        assert_eq!(pow(2.0, 10.0), Some(1024.0));
        assert_eq!(pow(-8.0, 1.0 / 3.0), None);
        assert_eq!(pow(0.0, -1.0), None);
        assert_eq!(ln(0.0), None);
        assert_eq!(exp(710.0), None);
        near(exp(-700.0), (-700.0_f64).exp());
        near(ln(5e-324), (5e-324_f64).ln());
    }

    #[test]
    fn numbers_print_without_exponents() {
        assert_eq!(print(-0.0), "0");
        assert_eq!(print(2.50), "2.5");
        assert_eq!(print(1e21), "1000000000000000000000");
        assert_eq!(print(1e-7), "0.0000001");
    }

    #[test]
    fn only_decimal_numbers_are_read() {
        assert_eq!(parse(" 12\u{a0}"), Some(12.0));
        assert_eq!(parse("-.5"), Some(-0.5));
        for bad in ["", ".", "0x10", "inf", "NaN", "1e", "1 2", "1e999", "--1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
