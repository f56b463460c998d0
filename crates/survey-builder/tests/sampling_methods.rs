//! Methods of selection: each draws members, and pairs where that is claimed, as
//! often as it says. Bounds are five Monte Carlo standard errors.
//!
//! `cargo test --release -p survey-builder --test sampling_methods -- --ignored`
//! draws 100,000 times with each; the ordinary run 6,000 times.

use std::io::Write;

use survey_builder::sampling::joint::{self, Matrix};
use survey_builder::sampling::random::{Seed, Stream};
use survey_builder::sampling::selection::conditional::{
    chances_of_sizes, maximum_entropy, sampford,
};
use survey_builder::sampling::selection::cube::{Balance, cube, stratified};
use survey_builder::sampling::selection::elimination::{brewer, midzuno, tille};
use survey_builder::sampling::selection::pivotal::{Pairs, local_pivotal};
use survey_builder::sampling::selection::poisson::{pareto, poisson, sequential};
use survey_builder::sampling::selection::{
    circular, inclusion_probabilities, simple, systematic, systematic_shuffled, systematic_with,
    with_replacement,
};

type Method<'m> = Box<dyn Fn(&mut Stream) -> Vec<usize> + 'm>;

/// A method and what it should do.
struct Claim<'m> {
    name: &'static str,
    method: Method<'m>,
    first: Vec<f64>,
    second: Option<Matrix>,
    size: Option<usize>,
}

fn weighted<'m>(
    probabilities: &[f64],
    name: &'static str,
    second: Option<Matrix>,
    method: Method<'m>,
) -> Claim<'m> {
    let first = probabilities.to_vec();
    Claim { name, method, first, second, size: Some(4) }
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

/// Inclusion probabilities when the `count` with the least ranks are drawn: the
/// chance, over all numbers of a member, that fewer than `count` others rank
/// below. `below` is the chance of another to do so.
fn in_order(probabilities: &[f64], count: usize, below: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
    const STEPS: u32 = 4_000;
    let chance = |member: usize, number: f64| -> f64 {
        let others = (0..probabilities.len()).filter(|other| *other != member);
        let shares: Vec<f64> = others
            .map(|other| below(number, probabilities[member], probabilities[other]))
            .collect();
        chances_of_sizes(&shares)[..count].iter().sum()
    };
    let midpoints = || (0..STEPS).map(|step| (f64::from(step) + 0.5) / f64::from(STEPS));
    (0..probabilities.len())
        .map(|member| midpoints().map(|u| chance(member, u)).sum::<f64>() / f64::from(STEPS))
        .collect()
}

fn check(claim: &Claim<'_>, draws: u32) {
    let members = claim.first.len();
    let mut joint = vec![vec![0_u32; members]; members];
    for seed in 0..draws {
        let drawn = (claim.method)(&mut Seed(u64::from(seed)).stream(9, 1));
        assert!(drawn.is_sorted(), "{}: places in order", claim.name);
        if let Some(size) = claim.size {
            assert_eq!(drawn.len(), size, "{}: {drawn:?}", claim.name);
        }
        for one in &drawn {
            for other in &drawn {
                joint[*one][*other] += 1;
            }
        }
    }
    let times = f64::from(draws);
    let off = |found: u32, expected: f64| -> f64 {
        let error = (expected * (1.0 - expected) / times).sqrt();
        let gap = (f64::from(found) / times - expected).abs();
        if gap <= 1e-12 { 0.0 } else { gap / error.max(1e-12) }
    };
    let mut farthest = 0.0_f64;
    for one in 0..members {
        farthest = farthest.max(off(joint[one][one], claim.first[one]));
        let pairs = claim.second.iter().flat_map(|second| second[one].iter().enumerate());
        for (other, expected) in pairs.filter(|(other, _)| *other != one) {
            farthest = farthest.max(off(joint[one][other], *expected));
        }
    }
    say(&format!("{}: at most {farthest:.1} standard errors off", claim.name));
    assert!(farthest <= 5.0, "{}: {farthest} standard errors", claim.name);
}

const SIZES: [f64; 10] = [27.0, 15.0, 20.0, 16.0, 52.0, 17.0, 62.0, 54.0, 12.0, 50.0];

fn plain<'m>(name: &'static str, method: Method<'m>) -> Claim<'m> {
    weighted(&[0.4; 10], name, None, method)
}

fn uniforms(stream: &mut Stream) -> Vec<f64> {
    (0..10).map(|_| stream.uniform()).collect()
}

fn of_equal_probability() -> Vec<Claim<'static>> {
    vec![
        plain("systematic", Box::new(|stream| systematic(10, 4, stream))),
        plain("circular", Box::new(|stream| circular(10, 4, stream))),
        Claim {
            second: Some(vec![vec![4.0 * 3.0 / 90.0; 10]; 10]),
            ..plain("simple", Box::new(|stream| simple(10, 4, stream)))
        },
    ]
}

fn of_fixed_size(p: &[f64]) -> Vec<Claim<'_>> {
    let pairs = |name, second: Matrix, method| weighted(p, name, Some(second), method);
    let alone = |name, method| weighted(p, name, None, method);
    vec![
        pairs(
            "PPS systematic",
            joint::systematic(p),
            Box::new(|stream: &mut Stream| systematic_with(p, stream.uniform())) as Method<'_>,
        ),
        pairs("Sampford", joint::sampford(p), Box::new(|stream| sampford(p, 4, stream))),
        pairs(
            "maximum entropy",
            joint::maximum_entropy(p),
            Box::new(|stream| maximum_entropy(p, 4, stream)),
        ),
        pairs("Tillé", joint::tille(p), Box::new(|stream| tille(p, 4, stream))),
        pairs("Midzuno", joint::midzuno(p), Box::new(|stream| midzuno(p, 4, stream))),
        alone("PPS systematic, random order", Box::new(|s| systematic_shuffled(p, s))),
        alone("Brewer", Box::new(|stream| brewer(p, 4, stream))),
    ]
}

fn spread_or_balanced(p: &[f64]) -> Vec<Claim<'_>> {
    let coordinates: Vec<f64> =
        SIZES.iter().flat_map(|size| [*size, (size * 7.0) % 10.0]).collect();
    let again = coordinates.clone();
    let columns = [SIZES.map(f64::sqrt).to_vec(), SIZES.map(|size| size % 3.0).to_vec()];
    let balance = Balance::from_columns(&columns, SIZES.len());
    let same = balance.clone();
    let halves: Vec<u32> = vec![0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    vec![
        weighted(p, "cube", None, Box::new(move |stream| cube(p, &balance, stream))),
        plain(
            "stratified cube",
            Box::new(move |stream| stratified(&[0.4; 10], &halves, &same, stream)),
        ),
        weighted(
            p,
            "local pivotal 1",
            None,
            Box::new(move |stream| local_pivotal(p, &coordinates, 2, Pairs::Mutual, stream)),
        ),
        weighted(
            p,
            "local pivotal 2",
            None,
            Box::new(move |stream| local_pivotal(p, &again, 2, Pairs::Nearest, stream)),
        ),
    ]
}

fn by_own_numbers(p: &[f64]) -> Vec<Claim<'_>> {
    let unrelated: Matrix =
        p.iter().map(|one| p.iter().map(|other| one * other).collect()).collect();
    let odds = |p: f64| p / (1.0 - p);
    vec![
        Claim {
            size: None,
            ..weighted(
                p,
                "Poisson",
                Some(unrelated),
                Box::new(|stream| poisson(p, &uniforms(stream))),
            )
        },
        // What these two aim at they meet nearly; what they do is known by integration.
        Claim {
            first: in_order(p, 4, |number, own, other| (number / own * other).min(1.0)),
            ..weighted(
                p,
                "sequential Poisson",
                None,
                Box::new(|stream| sequential(p, &uniforms(stream), 4)),
            )
        },
        Claim {
            first: in_order(p, 4, |number, own, other| {
                let rank = odds(number) / odds(own) * odds(other);
                rank / (1.0 + rank)
            }),
            ..weighted(p, "Pareto", None, Box::new(|stream| pareto(p, &uniforms(stream), 4)))
        },
    ]
}

fn check_all(draws: u32) {
    let p = inclusion_probabilities(&SIZES, 4);
    let ordered = by_own_numbers(&p);
    for claim in &ordered[1..] {
        let gaps = claim.first.iter().zip(&p).map(|(found, aim)| (found - aim).abs());
        let farthest = gaps.fold(0.0, f64::max);
        say(&format!("{}: at most {farthest:.4} from what it aims at", claim.name));
    }
    let all = of_equal_probability().into_iter().chain(of_fixed_size(&p));
    for claim in all.chain(spread_or_balanced(&p)).chain(ordered) {
        check(&claim, draws);
    }
}

#[test]
fn members_and_pairs_are_drawn_as_often_as_stated() {
    check_all(6_000);
}

#[test]
#[ignore = "long: 100,000 draws with each method; CI runs it"]
fn members_and_pairs_are_drawn_as_often_as_stated_over_100_000_draws() {
    check_all(100_000);
}

#[test]
fn draws_with_replacement_hit_as_often_as_stated() {
    let mut hits = [0_u32; 10];
    for seed in 0..20_000 {
        let drawn = with_replacement(10, 4, &mut Seed(seed).stream(9, 1));
        assert_eq!(drawn.len(), 4);
        for place in drawn {
            hits[place] += 1;
        }
    }
    let error = (80_000.0_f64 * 0.1 * 0.9).sqrt();
    assert!(hits.iter().all(|hits| (f64::from(*hits) - 8_000.0).abs() < 5.0 * error), "{hits:?}");
}

#[test]
fn spread_samples_are_spread() {
    // On a line of 400, a sample of 40 by the local pivotal method leaves far
    // more even gaps than a simple one.
    let coordinates: Vec<f64> = (0..400).map(f64::from).collect();
    let spread = |drawn: &[usize]| -> f64 {
        drawn
            .windows(2)
            .map(|pair| u32::try_from(pair[1] - pair[0]).expect("small"))
            .map(|gap| (f64::from(gap) - 10.0).powi(2))
            .sum::<f64>()
    };
    let (mut local, mut plain) = (0.0, 0.0);
    for seed in 0..20 {
        let mut stream = Seed(seed).stream(9, 1);
        let drawn = local_pivotal(&[0.1; 400], &coordinates, 1, Pairs::Nearest, &mut stream);
        assert_eq!(drawn.len(), 40);
        local += spread(&drawn);
        plain += spread(&simple(400, 40, &mut stream));
    }
    assert!(local < 0.35 * plain, "{local} against {plain}");
}
