//! Quantiles and tails of the distributions that intervals and tests need, to about 1e-13.
//!
//! The quantiles are found by bracketed Newton steps on the regularised incomplete beta function, so
//! that Student, F and beta quantiles share one routine whose accuracy is that of the function itself.
//! The functions are written out here because those of the common crates stop at about 1e-11, which
//! would show beside other software's 15 digits.

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::checked_gamma_ur;

/// Probability that a beta(`a`, `b`) variable is at most `x`.
pub fn beta_probability(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        beta_reg(a, b, x)
    }
}

/// The value below which a beta(`a`, `b`) variable falls with `probability`.
///
/// A shape of zero puts all mass on the edge (as R's `qbeta`): `a = 0` gives 0, `b = 0` gives 1. NaN
/// where a shape is negative or not a number.
pub fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() || a < 0.0 || b < 0.0 || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    if a == 0.0 || probability == 0.0 {
        return 0.0;
    }
    if b == 0.0 || probability == 1.0 {
        return 1.0;
    }
    if a.is_infinite() || b.is_infinite() {
        return f64::NAN;
    }
    // Work on the side where the quantile is small, so that its relative accuracy survives. Which that
    // is, is plain from the mean unless the quantile is near the middle, where it does not matter.
    let mean = a / (a + b);
    let deviation = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
    let far = 4.0 * deviation;
    let above = mean > 0.5 + far || (mean > 0.5 - far && probability > beta_probability(0.5, a, b));
    if above {
        return 1.0 - lower_beta_quantile(1.0 - probability, b, a);
    }
    lower_beta_quantile(probability, a, b)
}

fn lower_beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    let log_constant = ln_beta(a, b);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = first_guess(probability, a, b, log_constant);
    for _ in 0..400 {
        let gap = beta_reg(a, b, x) - probability;
        if gap == 0.0 {
            return x;
        }
        if gap < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let log_density = (a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - log_constant;
        let newton = x - gap / log_density.exp();
        // Outside the bracket Newton is of no use; a geometric step finds small quantiles quickly.
        let next = if newton.is_finite() && newton > low && newton < high {
            newton
        } else if low > 0.0 {
            if high / low > 4.0 { (low * high).sqrt() } else { 0.5 * (low + high) }
        } else {
            high * 0.125
        };
        if (next - x).abs() <= 1e-15 * x || high - low <= 1e-16 * high {
            return next;
        }
        x = next;
    }
    x
}

/// A starting value: Cornish and Fisher's expansion where both shapes exceed 1 (Abramowitz and Stegun
/// 26.5.22), else the leading term of the series at the lower edge.
fn first_guess(probability: f64, a: f64, b: f64, log_constant: f64) -> f64 {
    if a > 1.0 && b > 1.0 {
        let y = -normal_quantile(probability);
        let lambda = (y * y - 3.0) / 6.0;
        let (left, right) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
        let h = 2.0 / (left + right);
        if h + lambda > 0.0 {
            let w = y * (h + lambda).sqrt() / h
                - (right - left) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
            let guess = a / (a + b * (2.0 * w).exp());
            return guess.clamp(1e-300, 1.0 - 1e-12);
        }
    }
    let edge = ((probability.ln() + a.ln() + log_constant) / a).exp();
    edge.clamp(1e-300, 0.5)
}

/// The standard normal quantile.
pub fn normal_quantile(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return if probability == 0.0 {
            f64::NEG_INFINITY
        } else if probability == 1.0 {
            f64::INFINITY
        } else {
            f64::NAN
        };
    }
    // On the smaller side, where the tail keeps its digits.
    if probability > 0.5 {
        return upper_normal_quantile(1.0 - probability);
    }
    -upper_normal_quantile(probability)
}

/// The value above which a standard normal variable falls with probability `tail` ≤ 1/2.
fn upper_normal_quantile(tail: f64) -> f64 {
    let mut z = std::f64::consts::SQRT_2 * erfc_inv(2.0 * tail);
    for _ in 0..2 {
        z += (upper_normal_tail(z.max(0.0)) - tail) / normal_density(z);
    }
    z
}

/// The standard normal density.
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Probability that a standard normal variable exceeds `z` ≥ 0: the power series near the middle, the
/// continued fraction of Mills' ratio further out (Abramowitz and Stegun 26.2.11 and 26.2.14).
fn upper_normal_tail(z: f64) -> f64 {
    if z < 3.0 {
        let (mut term, mut sum, mut order) = (z, z, 1.0);
        while term > 1e-18 * sum {
            order += 2.0;
            term *= z * z / order;
            sum += term;
        }
        return 0.5 - normal_density(z) * sum;
    }
    let fraction = (1..=120).rev().fold(z, |below, order| z + f64::from(order) / below);
    normal_density(z) / fraction
}

/// The regularised incomplete beta function, by the continued fraction (Abramowitz and Stegun 26.5.8)
/// on the side where it converges fast.
fn beta_reg(a: f64, b: f64, x: f64) -> f64 {
    let log_front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        log_front.exp() * beta_fraction(a, b, x) / a
    } else {
        1.0 - log_front.exp() * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let safe = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..20_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / safe(1.0 + even * d);
        c = safe(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / safe(1.0 + odd * d);
        c = safe(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// Logarithm of the beta function, arranged so that large arguments do not cancel.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    let sum = small + large;
    if small >= 10.0 {
        let rest = stirling_rest(small) + stirling_rest(large) - stirling_rest(sum);
        return 0.5 * (2.0 * std::f64::consts::PI).ln() - 0.5 * large.ln()
            + rest
            + (small - 0.5) * (small / sum).ln()
            + large * (-small / sum).ln_1p();
    }
    if large >= 10.0 {
        let rest = stirling_rest(large) - stirling_rest(sum);
        return ln_gamma(small) + rest + small - small * sum.ln()
            + (large - 0.5) * (-small / sum).ln_1p();
    }
    ln_gamma(small) + ln_gamma(large) - ln_gamma(sum)
}

fn ln_gamma(x: f64) -> f64 {
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < 10.0 {
        product *= shifted;
        shifted += 1.0;
    }
    (shifted - 0.5) * shifted.ln() - shifted
        + 0.5 * (2.0 * std::f64::consts::PI).ln()
        + stirling_rest(shifted)
        - product.ln()
}

/// What Stirling's formula leaves out, for x ≥ 10 (Abramowitz and Stegun 6.1.41).
fn stirling_rest(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    let terms =
        [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    terms.iter().fold(0.0, |sum, term| sum * y + term) / x
}

/// The Student t quantile; infinite degrees of freedom give the normal one, none (≤ 0) give NaN.
pub fn student_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    if degrees_of_freedom.is_infinite() {
        return normal_quantile(probability);
    }
    if probability < 0.5 {
        return -student_quantile(1.0 - probability, degrees_of_freedom);
    }
    if degrees_of_freedom >= EXPANSION_FROM {
        return student_expansion(normal_quantile(probability), degrees_of_freedom);
    }
    // t² / (df + t²) has a beta(1/2, df/2) distribution.
    let share = beta_quantile(2.0 * probability - 1.0, 0.5, 0.5 * degrees_of_freedom);
    (degrees_of_freedom * share / (1.0 - share)).sqrt()
}

/// Degrees of freedom from which the expansion of the t quantile is exact to rounding.
const EXPANSION_FROM: f64 = 2000.0;

/// The t quantile from the normal one, `z`, for many degrees of freedom (Abramowitz and Stegun 26.7.5).
fn student_expansion(z: f64, degrees_of_freedom: f64) -> f64 {
    let s = z * z;
    let first = (s + 1.0) / 4.0;
    let second = ((5.0 * s + 16.0) * s + 3.0) / 96.0;
    let third = (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
    let fourth = ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92_160.0;
    let r = 1.0 / degrees_of_freedom;
    z * (1.0 + r * (first + r * (second + r * (third + r * fourth))))
}

/// Probability of a Student t value further from zero than `t`, on both sides.
pub fn student_two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    if degrees_of_freedom.is_infinite() {
        return 2.0 * upper_normal_tail(t.abs());
    }
    if degrees_of_freedom >= 20.0 && t * t <= NEAR_ZERO {
        return 1.0 - student_within(t, degrees_of_freedom);
    }
    beta_probability(
        degrees_of_freedom / (degrees_of_freedom + t * t),
        0.5 * degrees_of_freedom,
        0.5,
    )
}

/// Squares up to which the probability beyond is so large that it may be taken from one.
const NEAR_ZERO: f64 = 6.0;

/// Probability of a Student t value no further from zero than a small `t`: the power series of the incomplete
/// beta function (Abramowitz and Stegun 26.5.4), whose terms are all positive and, with 20 degrees of freedom
/// and more, soon small. Tables ask for thousands of these.
fn student_within(t: f64, degrees_of_freedom: f64) -> f64 {
    if t == 0.0 {
        return 0.0;
    }
    let half = 0.5 * degrees_of_freedom;
    let share = t * t / (degrees_of_freedom + t * t);
    let (mut term, mut sum, mut order) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        term *= (half + 0.5 + order) * share / (1.5 + order);
        sum += term;
        order += 1.0;
    }
    let log_front = 0.5 * share.ln() + half * (-share).ln_1p() - ln_beta(0.5, half);
    2.0 * log_front.exp() * sum
}

/// Probability of a standard normal value further from zero than `z`, on both sides.
pub fn normal_two_sided(z: f64) -> f64 {
    2.0 * upper_normal_tail(z.abs())
}

/// The F quantile with `numerator` and `denominator` degrees of freedom.
pub fn f_quantile(probability: f64, numerator: f64, denominator: f64) -> f64 {
    let share = beta_quantile(probability, 0.5 * numerator, 0.5 * denominator);
    denominator * share / (numerator * (1.0 - share))
}

/// Probability that an F variable is above `f`.
pub fn f_upper_tail(f: f64, numerator: f64, denominator: f64) -> f64 {
    if f.is_nan() || numerator <= 0.0 || denominator <= 0.0 {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 1.0;
    }
    let share = denominator / (denominator + numerator * f);
    beta_probability(share, 0.5 * denominator, 0.5 * numerator)
}

/// Probability that a χ² variable is above `x`.
pub fn chi_squared_upper_tail(x: f64, degrees_of_freedom: f64) -> f64 {
    if x.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        f64::NAN
    } else if x <= 0.0 {
        1.0
    } else {
        checked_gamma_ur(0.5 * degrees_of_freedom, 0.5 * x).unwrap_or(f64::NAN)
    }
}

/// Probability that Σ λᵢ χ²₁ is above `x` where the covariance behind λ is estimated with `denominator`
/// degrees of freedom: that Σ λᵢ χ²₁ − (x/ν) χ²(ν) is above zero. By saddlepoint approximation (Kuonen
/// 1999, eq. 3; with ν as in Lumley and Scott 2014); where the saddlepoint is too near zero for it, by
/// Satterthwaite's (1946) degrees of freedom. Infinite `denominator`: the covariance is known.
pub fn weighted_chi_squared_upper_tail(x: f64, weights: &[f64], denominator: f64) -> f64 {
    let largest = weights.iter().fold(f64::NEG_INFINITY, |most, weight| most.max(*weight));
    if x.is_nan() || !largest.is_finite() || largest <= 0.0 || denominator <= 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    let mut terms: Vec<(f64, f64)> = weights.iter().map(|weight| (weight / largest, 1.0)).collect();
    let bound = if denominator.is_finite() {
        // R repeats the term ν times, which leaves out what is not whole; so does this, to agree.
        terms.push((-x / largest / denominator, denominator.trunc()));
        0.0
    } else {
        x / largest
    };
    saddlepoint_tail(bound, &terms).unwrap_or_else(|| {
        let (sum, squares) =
            weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
        let degrees_of_freedom = sum * sum / squares;
        if denominator.is_finite() {
            f_upper_tail(x / sum, degrees_of_freedom, denominator)
        } else {
            chi_squared_upper_tail(x * sum / squares, degrees_of_freedom)
        }
    })
}

/// The tail of Σ λ χ²(m), given pairs (λ, m) of which the largest λ is one, from its cumulant generating
/// function K(ζ) = −½ Σ m ln(1 − 2ζλ).
fn saddlepoint_tail(x: f64, terms: &[(f64, f64)]) -> Option<f64> {
    let slope = |zeta: f64| terms.iter().map(|(w, m)| m * w / (1.0 - 2.0 * zeta * w)).sum::<f64>();
    let smallest = terms.iter().fold(0.0_f64, |least, term| least.min(term.0));
    // K' grows from one pole to the other, so it is x at one place only.
    let count: f64 = terms.iter().map(|term| term.1).sum();
    let (mut low, mut high) = (if smallest < 0.0 { 0.5 / smallest } else { -0.5 * count / x }, 0.5);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if slope(middle) > x { high = middle } else { low = middle }
    }
    let zeta = 0.5 * (low + high);
    if zeta.abs() < 1e-4 {
        return None;
    }
    let cumulant = -0.5 * terms.iter().map(|(w, m)| m * (-2.0 * zeta * w).ln_1p()).sum::<f64>();
    let curvature =
        2.0 * terms.iter().map(|(w, m)| m * (w / (1.0 - 2.0 * zeta * w)).powi(2)).sum::<f64>();
    let w = zeta.signum() * (2.0 * (zeta * x - cumulant)).sqrt();
    let v = zeta * curvature.sqrt();
    Some(normal_upper_tail(w + (v / w).ln() / w))
}

/// Probability that a standard normal variable is above `z`.
pub fn normal_upper_tail(z: f64) -> f64 {
    if z >= 0.0 { upper_normal_tail(z) } else { 1.0 - upper_normal_tail(-z) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{got} is not {expected}");
    }

    #[test]
    fn quantiles_agree_with_closed_forms() {
        close(normal_quantile(0.975), 1.959_963_984_540_054);
        // Cauchy: tan(π(p − 1/2)).
        close(student_quantile(0.975, 1.0), (std::f64::consts::PI * 0.475).tan());
        // Two degrees of freedom: (2p − 1) / √(2p(1 − p)).
        close(student_quantile(0.9, 2.0), 0.8 / 0.18_f64.sqrt());
        // Ten: sin θ (1 + c/2 + 3c²/8 + 5c³/16 + 35c⁴/128) with c = cos² θ, θ = arctan(t/√10).
        let t = student_quantile(0.975, 10.0);
        let angle = (t / 10.0_f64.sqrt()).atan();
        let c = angle.cos().powi(2);
        let series = 1.0 + c / 2.0 + 0.375 * c * c + 0.3125 * c.powi(3) + 35.0 / 128.0 * c.powi(4);
        close(angle.sin() * series, 0.95);
    }

    #[test]
    fn quantile_inverts_probability() {
        for (a, b) in [(0.5, 0.5), (3.2, 900.0), (450.0, 2.0), (1.0, 41.0), (2500.0, 2500.0)] {
            for p in [1e-6, 0.025, 0.5, 0.975, 1.0 - 1e-6] {
                let x = beta_quantile(p, a, b);
                // Just below 1 a quantile cannot be told closer than the numbers there are spaced.
                let spacing = if x > 0.5 { 1e-9 } else { 1e-13 };
                assert!((beta_probability(x, a, b) - p).abs() < spacing, "{a} {b} {p}");
            }
        }
    }

    #[test]
    fn the_series_of_t_is_the_continued_fraction() {
        for degrees in [20.0, 35.5, 399.0, 1_900.0] {
            for t in [0.0, 0.3, -1.0, 1.7, 1.733, 2.0, NEAR_ZERO.sqrt()] {
                let fraction = beta_probability(degrees / (degrees + t * t), 0.5 * degrees, 0.5);
                close(1.0 - student_within(t, degrees), fraction);
            }
        }
        // Many degrees of freedom are the normal distribution.
        for t in [0.3, 1.7, 2.4] {
            close(student_two_sided(t, 1e14), normal_two_sided(t));
        }
        // The density of t with 20 degrees of freedom at zero is 0.393 989.
        let within = student_within(1e-8, 20.0);
        assert!((within - 2e-8 * 0.393_988_585_711).abs() < 1e-17, "{within}");
        // Two degrees of freedom have a closed form.
        close(student_two_sided(1.5, 2.0), 1.0 - 1.5 / (2.0 + 1.5_f64 * 1.5).sqrt());
    }

    #[test]
    fn expansion_of_t_meets_the_exact_quantile() {
        for tail in [0.9, 0.975, 0.9995] {
            let exact = student_quantile(tail, EXPANSION_FROM - 1e-9);
            close(student_expansion(normal_quantile(tail), EXPANSION_FROM - 1e-9), exact);
        }
    }

    #[test]
    fn edges_do_not_panic() {
        assert!(beta_quantile(0.5, -1.0, 2.0).is_nan());
        assert!(beta_quantile(0.025, 0.0, 3.0).abs() < f64::MIN_POSITIVE);
        assert!(student_quantile(0.975, 0.0).is_nan());
        assert!(normal_quantile(2.0).is_nan());
    }
}
