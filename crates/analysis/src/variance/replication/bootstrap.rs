//! Bootstrap replicates: clusters drawn again by chance, from a seed.
//!
//! A plain bootstrap of nₕ clusters understates the variance by (nₕ − 1)/nₕ and knows nothing of a finite
//! population. Three ways to put that right are here; each has its mean over all draws equal to the
//! variance by linearisation of a total (Preston's also with several stages).

use rayon::prelude::*;
use survey_builder::problem::phrase;
use survey_builder::sampling::Seed;
use survey_builder::sampling::random::Stream;

use super::by_cluster;
use crate::design::factors::ReplicateWeights;
use crate::design::replicates::{Centre, Replicates};
use crate::design::{Design, Stage};
use crate::error::Result;
use crate::problem::{Fault, single_clusters};

/// Which bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bootstrap {
    /// nₕ − 1 clusters of a stratum with replacement, tᵢ times cluster i, its weight times
    /// 1 + √(1 − fₕ)·(tᵢ nₕ/(nₕ − 1) − 1) (Rao and Wu 1988; Rao, Wu and Yue 1992, eq. 2.1; R's
    /// `subbootstrap` where no population is known).
    RaoWu,
    /// nₕ clusters: with replacement where no population is known, else without, out of a population
    /// made of copies of the sample (Canty and Davison 1999; the copies as by Booth, Butler and Hall
    /// 1994). One factor n̄/(n̄ − 1), n̄ the harmonic mean of the nₕ, serves all strata, so strata of
    /// different sizes are only right on the whole; R's `bootstrap`.
    CantyDavison,
    /// Half of the clusters without replacement, at every stage (Preston 2009). Weights may fall to
    /// zero or a little below where little is left of a population; R's `mrbbootstrap`.
    Preston,
}

/// `count` bootstrap replicates of a design, from a seed. Degrees of freedom are those of the design.
///
/// V = Σ(θₖ − θ̄)²/(K − 1), or Σ(θₖ − θ)²/K about the full-sample estimate.
///
/// # Errors
/// Fewer than two replicates; a stratum with a single cluster, by its code.
pub fn bootstrap(
    design: &Design,
    kind: Bootstrap,
    count: usize,
    seed: Seed,
    centre: Centre,
) -> Result<Replicates> {
    if count < 2 {
        return Err(Fault::range(count, phrase("phrase-2-or-more"))
            .refused(phrase("phrase-input-replicates")));
    }
    check_strata(design, kind)?;
    let drawn = count as f64;
    let scale = match centre {
        Centre::Replicates => 1.0 / (drawn - 1.0),
        Centre::FullSample => 1.0 / drawn,
    };
    let correction = if kind == Bootstrap::CantyDavison { harmonic(design) } else { 1.0 };
    Ok(Replicates {
        weights: drawn_weights(design, kind, count, seed),
        scale: scale * correction,
        relative_scales: vec![1.0; count],
        centre,
        degrees_of_freedom: design.clusters().saturating_sub(design.strata()) as f64,
    })
}

/// The weights of each replicate, drawn from a stream of its own.
fn drawn_weights(design: &Design, kind: Bootstrap, count: usize, seed: Seed) -> ReplicateWeights {
    let stage = &design.stages()[0];
    let by_row = kind == Bootstrap::Preston && design.is_multistage();
    let lists: Vec<Vec<f64>> = (0..count)
        .into_par_iter()
        .map(|replicate| {
            let mut stream = seed.stream(1, u32::try_from(replicate).unwrap_or(u32::MAX));
            match kind {
                Bootstrap::Preston if by_row => preston_weights(design, &mut stream),
                Bootstrap::Preston => {
                    preston_stage(stage, &mut stream).iter().map(|own| 1.0 + own.added).collect()
                }
                _ => cluster_factors(stage, kind, &mut stream),
            }
        })
        .collect();
    if by_row { lists.into() } else { by_cluster(design, &lists) }
}

/// A stratum with one cluster cannot be drawn from again, unless all of it was taken.
fn check_strata(design: &Design, kind: Bootstrap) -> Result<()> {
    let stages = if kind == Bootstrap::Preston && design.is_multistage() {
        design.stages()
    } else {
        &design.stages()[..1]
    };
    for (place, stage) in stages.iter().enumerate() {
        let single = |stratum: &usize| {
            let whole = stage.finite_population_correction(*stratum) < 1e-7;
            stage.clusters_of(*stratum).len() == 1 && !whole
        };
        let codes: Vec<u32> =
            (0..stage.stratum_count()).filter(single).map(|s| stage.stratum_code(s)).collect();
        if !codes.is_empty() {
            return Err(single_clusters(place + 1, &codes));
        }
    }
    Ok(())
}

/// n̄/(n̄ − 1) of the strata that are not wholly taken.
fn harmonic(design: &Design) -> f64 {
    let stage = &design.stages()[0];
    let sizes = || {
        let strata = 0..stage.stratum_count();
        strata.map(|stratum| stage.clusters_of(stratum).len()).filter(|size| *size > 1)
    };
    let count = sizes().count() as f64;
    let mean = count / sizes().map(|size| 1.0 / size as f64).sum::<f64>();
    if mean > 1.0 { mean / (mean - 1.0) } else { 1.0 }
}

fn below(stream: &mut Stream, bound: usize) -> usize {
    usize::try_from(stream.below(bound as u64)).unwrap_or(0)
}

/// `count` different places out of `bound`, marked (Fisher and Yates' shuffle, stopped early).
fn chosen(stream: &mut Stream, bound: usize, count: usize) -> Vec<bool> {
    let mut places: Vec<usize> = (0..bound).collect();
    let mut marked = vec![false; bound];
    for drawn in 0..count.min(bound) {
        places.swap(drawn, drawn + below(stream, bound - drawn));
        marked[places[drawn]] = true;
    }
    marked
}

/// The factor of each cluster of the first stage.
fn cluster_factors(stage: &Stage, kind: Bootstrap, stream: &mut Stream) -> Vec<f64> {
    let mut factors = vec![1.0; stage.cluster_count()];
    for stratum in 0..stage.stratum_count() {
        let clusters = stage.clusters_of(stratum);
        let sampled = clusters.len();
        if sampled < 2 {
            continue;
        }
        let left = stage.finite_population_correction(stratum);
        let own = &mut factors[clusters];
        if kind == Bootstrap::CantyDavison {
            let times = if stage.has_population() {
                let population = sampled as f64 / (1.0 - left);
                out_of_copies(stream, sampled, population)
            } else {
                with_replacement(stream, sampled, sampled)
            };
            own.copy_from_slice(&times);
        } else {
            let drawn = with_replacement(stream, sampled, sampled - 1);
            let scale = sampled as f64 / (sampled as f64 - 1.0);
            for (factor, times) in own.iter_mut().zip(drawn) {
                *factor = 1.0 + left.max(0.0).sqrt() * (times * scale - 1.0);
            }
        }
    }
    factors
}

/// How often each of `bound` comes in `count` draws.
fn with_replacement(stream: &mut Stream, bound: usize, count: usize) -> Vec<f64> {
    let mut times = vec![0.0; bound];
    for _ in 0..count {
        times[below(stream, bound)] += 1.0;
    }
    times
}

/// How often each of the sample comes when as many are drawn without replacement from a population of
/// its copies, those beyond whole copies chosen by chance.
fn out_of_copies(stream: &mut Stream, sampled: usize, population: f64) -> Vec<f64> {
    // Copies beyond a hundred times the sample hardly matter; they would only cost time.
    let most = sampled * 100;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let size = (population.round().min(most as f64) as usize).max(sampled);
    let extra = chosen(stream, sampled, size % sampled);
    let mut members: Vec<usize> = (0..size - size % sampled).map(|place| place % sampled).collect();
    members.extend((0..sampled).filter(|place| extra[*place]));
    let mut times = vec![0.0; sampled];
    for drawn in 0..sampled {
        members.swap(drawn, drawn + below(stream, size - drawn));
        times[members[drawn]] += 1.0;
    }
    times
}

/// What Preston's bootstrap makes of a cluster.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    /// What it adds to the factors of its rows, times what they carry from the stages above.
    added: f64,
    /// What its rows carry to the stages below: √(n/n*) if it is kept, else zero.
    passed: f64,
}

/// Preston 2009, eq. 3.2: of the clusters of each stratum half are kept.
fn preston_stage(stage: &Stage, stream: &mut Stream) -> Vec<Kept> {
    let mut clusters_kept = vec![Kept::default(); stage.cluster_count()];
    for stratum in 0..stage.stratum_count() {
        let clusters = stage.clusters_of(stratum);
        let sampled = clusters.len();
        let half = sampled / 2;
        let left = stage.finite_population_correction(stratum).max(0.0);
        if half == 0 {
            // One unit, all of it taken: it stays as it is.
            clusters_kept[clusters].fill(Kept { added: 0.0, passed: 1.0 });
            continue;
        }
        let (all, kept) = (sampled as f64, half as f64);
        let lambda = (stage.fraction_above(stratum) * kept * left / (all - kept)).sqrt();
        let marked = chosen(stream, sampled, half);
        for (own, kept_here) in clusters_kept[clusters].iter_mut().zip(marked) {
            let share = if kept_here { all / kept } else { 0.0 };
            *own = Kept { added: lambda * (share - 1.0), passed: share.sqrt() };
        }
    }
    clusters_kept
}

/// The same for all stages: what is added at a stage rests on the units kept above it. One weight a row.
fn preston_weights(design: &Design, stream: &mut Stream) -> Vec<f64> {
    let mut factors = vec![1.0; design.rows()];
    // What a row carries from the stages above: Π √(n/n*) of the kept, zero of the others.
    let mut carried = vec![1.0; design.rows()];
    for stage in design.stages() {
        let kept = preston_stage(stage, stream);
        let rows = factors.iter_mut().zip(&mut carried).zip(stage.cluster_of_row());
        for ((factor, carried), &cluster) in rows {
            *factor += *carried * kept[cluster as usize].added;
            *carried *= kept[cluster as usize].passed;
        }
    }
    design.weights().iter().zip(factors).map(|(weight, factor)| weight * factor).collect()
}
