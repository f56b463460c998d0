//! Coordinated draws: samples of one list that share many units, or none, by numbers
//! that units keep for good (Ohlsson, 1995).
//!
//! A unit's permanent number u follows from a key and its id. An earlier draw took the
//! unit if u lay in a part R of 0 to 1, whose length is the unit's chance there. A later
//! draw works with v = G(u): G cuts 0 to 1 at the ends of the parts R of the records
//! that it keeps or avoids and lays the pieces side by side anew, those of records kept
//! first and those of records avoided last (Guggemos and Sautory, 2012, who follow
//! Hesse, 2001). G depends on lists and plans alone and keeps lengths, so v is as even
//! as u and independent of unit to unit: every chance is exactly that of the plan,
//! whatever was drawn before.

mod records;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::listing::List;
use super::plan::{Method, Plan, SizeMeasure, Stage, StageUnits};
use super::select::{probabilities, sizes};
use super::selection::poisson::PermanentNumbers;
use super::take::Take;

pub(super) use self::records::overlap_problems;
pub use self::records::{Common, Coordinated, EarlierRecord, coordinate};

/// How a draw was coordinated, as its record keeps it: all that it takes to draw again,
/// and what later draws must know of this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coordination {
    /// The key of the permanent numbers.
    pub key: String,
    /// The day of the draw, by which later ones know who rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Draws by these numbers that this one takes into account, each after those that
    /// it took into account itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<NumberedDraw>,
    /// This draw; nothing where it was not drawn by numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<NumberedDraw>,
    /// Units that were left out because they rest, from records drawn without these
    /// numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resting: Vec<Resting>,
}

/// A draw by permanent numbers, as other draws need to know it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberedDraw {
    /// The name of its record's file; empty for the draw of this record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub record: String,
    /// The hash of its record's draw; empty for the draw of this record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub draw_hash: String,
    /// The draws that it keeps, as places among the earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<usize>,
    /// The draws that it avoids, as places among the earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoid: Vec<usize>,
    /// What it drew from: units, or clusters.
    pub units: Option<StageUnits>,
    /// What its size was; none where chances were equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<SizeMeasure>,
    /// The lists that it drew from.
    pub lists: Vec<NumberedList>,
}

/// A list that was drawn from by permanent numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberedList {
    /// Its stratum.
    pub stratum: String,
    /// How many members it had.
    pub members: u64,
    /// How many were expected of it.
    pub expected: f64,
    /// The chance of a member for each unit of its size, where chances go by size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_size: Option<f64>,
    /// The least size that was certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certain_from: Option<f64>,
    /// With a fixed number the last permanent number drawn is left to chance: its standard
    /// deviation over its mean.
    pub spread: f64,
}

/// Units left out because they were drawn a short while ago.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resting {
    /// The name of the record's file.
    pub record: String,
    /// The hash of its draw.
    pub draw_hash: String,
    /// Their ids, those of them that the list has, in its order.
    pub units: Vec<String>,
}

/// A part of 0 to 1, from (in) and to (out).
type Part = (f64, f64);

/// Fewer than this is rounding.
const HAIR: f64 = 1e-12;

/// How sure it is, in thousandths, that a number was drawn, by how many standard
/// deviations it lies below (or above) the last number that is expected to be: means of
/// the normal distribution function over each step.
const SURE: [(f64, f64, i32); 7] = [
    (f64::NEG_INFINITY, -2.0, 1_000),
    (-2.0, -1.0, 925),
    (-1.0, 0.0, 685),
    (0.0, 1.0, 315),
    (1.0, 2.0, 75),
    (2.0, 3.0, 9),
    (3.0, 4.0, 1),
];

/// A piece of 0 to 1, the place that it is laid at, and whether it is turned round.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: f64,
    to: f64,
    at: f64,
    turned: bool,
}

impl Piece {
    /// Where a number of it is laid.
    fn of(&self, number: f64) -> f64 {
        self.at + if self.turned { self.to - number } else { number - self.from }
    }
}

/// The pieces of 0 to 1 in a new order: what a draw makes of permanent numbers.
#[derive(Clone, Debug, PartialEq)]
struct Order(Vec<Piece>);

impl Order {
    /// As it was.
    fn plain() -> Self {
        Self(vec![Piece { from: 0.0, to: 1.0, at: 0.0, turned: false }])
    }

    /// The last first.
    fn reversed(&self) -> Self {
        let turned = |piece: &Piece| Piece {
            at: 1.0 - piece.at - (piece.to - piece.from),
            turned: !piece.turned,
            ..*piece
        };
        Self(self.0.iter().rev().map(turned).collect())
    }

    fn piece_of(&self, number: f64) -> Option<&Piece> {
        self.0.iter().find(|piece| (piece.from..piece.to).contains(&number))
    }

    /// Where a number is laid.
    fn of(&self, number: f64) -> f64 {
        let laid = self.piece_of(number).map_or(number, |piece| piece.of(number));
        laid.clamp(0.0, 1.0 - f64::EPSILON / 2.0)
    }

    /// The numbers that are laid into a part.
    fn numbers_in(&self, (from, to): Part) -> Vec<Part> {
        let inside = |piece: &Piece| {
            let length = piece.to - piece.from;
            let begin = from.max(piece.at) - piece.at;
            let end = to.min(piece.at + length) - piece.at;
            let part = if piece.turned {
                (piece.to - end, piece.to - begin)
            } else {
                (piece.from + begin, piece.from + end)
            };
            (end - begin > HAIR).then_some(part)
        };
        self.0.iter().filter_map(inside).collect()
    }

    /// A new order: pieces of little burden first, and those alike as another order has
    /// them.
    fn by_burden(like: &Self, burdens: &[(i32, Vec<Part>)]) -> Self {
        let mut cuts: Vec<f64> = vec![0.0, 1.0];
        cuts.extend(like.0.iter().map(|piece| piece.from));
        cuts.extend(burdens.iter().flat_map(|(_, parts)| parts).flat_map(|part| [part.0, part.1]));
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|later, before| *later - *before <= HAIR);
        if let Some(last) = cuts.last_mut() {
            *last = 1.0;
        }
        let burden_of = |number: f64| -> i32 {
            let lies = |parts: &[Part]| parts.iter().any(|part| (part.0..part.1).contains(&number));
            burdens.iter().filter(|(_, parts)| lies(parts)).map(|(burden, _)| burden).sum()
        };
        let mut pieces: Vec<(i32, f64, Piece)> = (cuts.windows(2))
            .map(|ends| {
                let middle = f64::midpoint(ends[0], ends[1]);
                let turned = like.piece_of(middle).is_some_and(|piece| piece.turned);
                let piece = Piece { from: ends[0], to: ends[1], at: 0.0, turned };
                (burden_of(middle), like.of(middle), piece)
            })
            .collect();
        pieces.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let mut at = 0.0;
        let laid = pieces.into_iter().map(|(_, _, piece)| {
            let piece = Piece { at, ..piece };
            at += piece.to - piece.from;
            piece
        });
        Self(laid.collect())
    }
}

/// What a draw gives one unit: its chance, and how far that is left to chance itself.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Chance {
    own: f64,
    spread: f64,
}

impl Chance {
    /// Parts of what the draw makes of a number, each with how sure it is, in
    /// thousandths, that it takes the unit there.
    fn sure(self) -> Vec<(i32, Part)> {
        if self.spread <= 0.0 || self.own >= 1.0 {
            return vec![(1_000, (0.0, self.own))];
        }
        let end = |steps: f64| (self.own * (1.0 + steps * self.spread)).clamp(0.0, 1.0);
        let part = |(from, to, sure): &(f64, f64, i32)| (*sure, (end(*from), end(*to)));
        SURE.iter().map(part).filter(|(_, part)| part.1 - part.0 > HAIR).collect()
    }
}

/// The orders of draws for one unit, each after those that it takes into account.
/// Unit by unit they depend on chances alone.
fn orders(draws: &[&NumberedDraw], chances: &[Chance]) -> Vec<Order> {
    let mut orders: Vec<Order> = Vec::with_capacity(draws.len());
    for draw in draws {
        let known = |place: &&usize| **place < orders.len();
        // As the first draw kept, so that its last come last; or against the first avoided,
        // so that those come last of whom it is least sure that they were not drawn.
        let kept = draw.keep.iter().find(known).map(|place| orders[*place].clone());
        let against = || draw.avoid.iter().find(known).map(|place| orders[*place].reversed());
        let like = kept.or_else(against).unwrap_or_else(Order::plain);
        let mut burdens: Vec<(i32, Vec<Part>)> = Vec::new();
        let signs = [(&draw.keep, -1), (&draw.avoid, 1)];
        for (place, sign) in signs
            .iter()
            .flat_map(|(places, sign)| places.iter().map(move |place| (*place, *sign)))
            .filter(|(place, _)| *place < orders.len())
        {
            let sure = chances[place].sure().into_iter();
            burdens.extend(sure.map(|(sure, part)| (sign * sure, orders[place].numbers_in(part))));
        }
        orders.push(if burdens.is_empty() {
            Order::plain()
        } else {
            Order::by_burden(&like, &burdens)
        });
    }
    orders
}

/// The members of a list as an earlier draw had them, by what the frame says of them.
struct Chances<'c> {
    list: Option<&'c NumberedList>,
    /// What stands for a stratum that the draw did not have: its mean over all.
    mean: Chance,
    sizes: Option<Vec<f64>>,
}

impl<'c> Chances<'c> {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn new(draw: &'c NumberedDraw, frame: &Frame, list: &List<'_>) -> Self {
        let members: f64 = draw.lists.iter().map(|list| list.members as f64).sum();
        let expected: f64 = draw.lists.iter().map(|list| list.expected).sum();
        let own = if members > 0.0 { (expected / members).min(1.0) } else { 0.0 };
        let spread = draw.lists.iter().map(|list| list.spread).fold(0.0, f64::max);
        let known = |measure: &SizeMeasure| {
            *measure == SizeMeasure::UnitCount || frame.columns.size.is_some()
        };
        Self {
            list: draw.lists.iter().find(|one| one.stratum == list.stratum),
            mean: Chance { own, spread },
            sizes: draw.measure.filter(known).map(|measure| list.members.sizes(frame, measure)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn of(&self, place: usize) -> Chance {
        let Some(list) = self.list else { return self.mean };
        let by_size = list.per_size.zip(self.sizes.as_ref().map(|sizes| sizes[place]));
        let own = match by_size {
            Some((_, size)) if list.certain_from.is_some_and(|from| size >= from) => 1.0,
            Some((per_size, size)) => per_size * size,
            None => list.expected / (list.members as f64).max(1.0),
        };
        Chance { own: own.clamp(0.0, 1.0), spread: list.spread }
    }
}

impl Coordination {
    /// The draw of this record with those before it.
    fn draws<'c>(&'c self, own: &'c NumberedDraw) -> Vec<&'c NumberedDraw> {
        self.earlier.iter().chain([own]).collect()
    }

    /// What this draw makes of the permanent number of each member of a list.
    pub(super) fn numbers(&self, frame: &Frame, list: &List<'_>) -> Vec<f64> {
        let permanent = PermanentNumbers { key: self.key.clone(), start: 0.0, reversed: false };
        let number = |place: usize| permanent.of(list.members.name(frame, place));
        let places = 0..list.members.len();
        let Some(own) = self.own.as_ref().filter(|_| !self.earlier.is_empty()) else {
            return places.map(number).collect();
        };
        let draws = self.draws(own);
        let known: Vec<Chances<'_>> =
            self.earlier.iter().map(|draw| Chances::new(draw, frame, list)).collect();
        let mut last: Option<(Vec<Chance>, Order)> = None;
        places
            .map(|place| {
                let mut chances: Vec<Chance> = known.iter().map(|draw| draw.of(place)).collect();
                // What a draw does not refer to itself plays no part in its own order.
                chances.push(Chance { own: 0.0, spread: 0.0 });
                if last.as_ref().is_none_or(|(before, _)| *before != chances) {
                    let own = orders(&draws, &chances).pop().unwrap_or_else(Order::plain);
                    last = Some((chances, own));
                }
                let number = number(place);
                last.as_ref().map_or(number, |(_, order)| order.of(number))
            })
            .collect()
    }

    /// How many of its members this draw and each that it keeps or avoids are expected
    /// to share: the lengths of what both take of 0 to 1, added up over the lists.
    pub(super) fn expected_common(
        &self,
        frame: &Frame,
        stage: &Stage,
        lists: &[List<'_>],
        takes: &[Take],
    ) -> Vec<f64> {
        let mut common = vec![0.0; self.earlier.len()];
        let Some(own) = &self.own else { return common };
        let draws = self.draws(own);
        for (list, take) in lists.iter().zip(takes) {
            let stated = probabilities(stage, frame, &list.members, *take);
            let known: Vec<Chances<'_>> =
                self.earlier.iter().map(|draw| Chances::new(draw, frame, list)).collect();
            let mut last: Option<(Vec<Chance>, Vec<f64>)> = None;
            for (place, stated) in stated.iter().enumerate() {
                let mut chances: Vec<Chance> = known.iter().map(|draw| draw.of(place)).collect();
                chances.push(Chance { own: *stated, spread: 0.0 });
                if last.as_ref().is_none_or(|(before, _)| *before != chances) {
                    let shared = shared(&orders(&draws, &chances), &chances);
                    last = Some((chances, shared));
                }
                let Some((_, shared)) = &last else { continue };
                for (sum, shared) in common.iter_mut().zip(shared) {
                    *sum += shared;
                }
            }
        }
        common
    }
}

/// The length that the last draw shares with each one before.
fn shared(orders: &[Order], chances: &[Chance]) -> Vec<f64> {
    let taken: Vec<Vec<Part>> = (orders.iter().zip(chances))
        .map(|(order, chance)| order.numbers_in((0.0, chance.own)))
        .collect();
    let Some((own, earlier)) = taken.split_last() else { return Vec::new() };
    let both = |one: &Part, other: &Part| (one.1.min(other.1) - one.0.max(other.0)).max(0.0);
    let length = |parts: &Vec<Part>| -> f64 {
        parts.iter().flat_map(|one| own.iter().map(move |other| both(one, other))).sum()
    };
    earlier.iter().map(length).collect()
}

/// What later draws must know of a list that is drawn from.
pub(super) fn numbered_list(
    frame: &Frame,
    stage: &Stage,
    list: &List<'_>,
    take: Take,
) -> NumberedList {
    let stated = probabilities(stage, frame, &list.members, take);
    let open = stated.iter().filter(|chance| **chance < 1.0);
    let (count, expected): (f64, f64) =
        open.fold((0.0, 0.0), |(count, sum), chance| (count + 1.0, sum + chance));
    let fixed = !matches!(stage.method, Method::Poisson(_));
    let spread =
        if fixed && expected > 0.0 { ((1.0 - expected / count) / expected).sqrt() } else { 0.0 };
    let by_size = stage.method.size().map(|measure| sizes(stage, frame, &list.members, measure));
    let of_size = by_size.iter().flatten().zip(&stated);
    let open = of_size.clone().find(|(_, chance)| **chance < 1.0);
    let certain = of_size.filter(|(_, chance)| **chance >= 1.0).map(|(size, _)| *size);
    NumberedList {
        stratum: list.stratum.clone(),
        members: list.members.len() as u64,
        expected: take.expected(),
        per_size: open.map(|(size, chance)| chance / size),
        certain_from: certain.reduce(f64::min),
        spread,
    }
}

/// Whether a plan's first stage can draw by numbers.
pub fn is_by_numbers(plan: &Plan) -> bool {
    let by_number = |method: &Method| {
        matches!(
            method,
            Method::Simple | Method::Poisson(_) | Method::SequentialPoisson(_) | Method::Pareto(_)
        )
    };
    plan.stages.first().is_some_and(|stage| by_number(&stage.method))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance(own: f64, spread: f64) -> Chance {
        Chance { own, spread }
    }

    fn following(keep: &[usize], avoid: &[usize]) -> NumberedDraw {
        NumberedDraw { keep: keep.to_vec(), avoid: avoid.to_vec(), ..NumberedDraw::default() }
    }

    /// The share of even numbers that lie below a bound once they are laid anew, and of
    /// pairs of neighbours that stay apart.
    #[expect(clippy::cast_precision_loss, reason = "small")]
    fn evenness(order: &Order) {
        const STEPS: u32 = 10_000;
        let mut laid: Vec<f64> =
            (0..STEPS).map(|step| order.of((f64::from(step) + 0.5) / f64::from(STEPS))).collect();
        laid.sort_by(f64::total_cmp);
        for (place, number) in laid.iter().enumerate() {
            let even = (place as f64 + 0.5) / f64::from(STEPS);
            assert!((number - even).abs() < 2.0 / f64::from(STEPS), "{number} beside {even}");
        }
    }

    #[test]
    fn numbers_laid_anew_are_as_even_as_before() {
        let draws = [
            following(&[], &[]),
            following(&[], &[0]),
            following(&[0], &[1]),
            following(&[1, 2], &[0]),
            following(&[], &[0, 1, 2, 3]),
        ];
        let draws: Vec<&NumberedDraw> = draws.iter().collect();
        for chances in [
            [0.2, 0.3, 0.1, 0.25, 0.4],
            [0.9, 0.8, 0.7, 0.6, 0.5],
            [1.0, 0.1, 0.0, 0.3, 0.2],
            [1.0 / 3.0; 5],
        ] {
            let chances = chances.map(|own| chance(own, 0.2));
            for order in orders(&draws, &chances) {
                evenness(&order);
            }
        }
    }

    #[test]
    fn draws_share_as_little_or_as_much_as_can_be() {
        let own = |keep: &[usize], avoid: &[usize], chances: &[f64]| {
            let before = [following(&[], &[]), following(&[], &[0]), following(keep, avoid)];
            let draws: Vec<&NumberedDraw> = before.iter().collect();
            let chances: Vec<Chance> = chances.iter().map(|own| chance(*own, 0.05)).collect();
            shared(&orders(&draws, &chances), &chances)
        };
        let close = |found: &[f64], expected: &[f64]| {
            let same = found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9);
            assert!(same, "{found:?} beside {expected:?}");
        };
        // Room for all three: nobody twice.
        close(&own(&[], &[0, 1], &[0.2, 0.3, 0.4]), &[0.0, 0.0]);
        // p + q − 1 of two whose chances add up to more.
        close(&own(&[], &[0], &[0.7, 0.1, 0.5]), &[0.2, 0.1]);
        // The smaller of two chances is shared.
        close(&own(&[0], &[], &[0.2, 0.3, 0.4])[..1], &[0.2]);
        close(&own(&[1], &[], &[0.2, 0.3, 0.15])[1..], &[0.15]);
        // Those of one kept, and of the other none.
        close(&own(&[1], &[0], &[0.2, 0.3, 0.4]), &[0.0, 0.3]);
    }
}
