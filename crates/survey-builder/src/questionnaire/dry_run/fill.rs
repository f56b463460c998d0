//! What simulated respondents write into the boxes of a page: anything that may
//! be written there, by chance.

use chrono::{Days, NaiveDate};
use rand::Rng as _;

use super::super::document::{
    DateRange, Grid, Item, Kind, ListOption, NumberRange, Question, Required, Shape, TextFormat,
};
use super::super::expression::{Type, print_number};
use super::super::order::offered_for;
use super::super::validate::Posted;
use super::respondent::Respondent;

/// The name of a file that nobody sent.
const SIMULATED_FILE: &str = "00000000-0000-4000-8000-000000000000.jpg";

impl Respondent<'_, '_> {
    /// A number from 0 to below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.random.next_u64()) * count as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    pub(super) fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Fills in one item, or leaves it blank now and then where that is allowed.
    pub(super) fn fill(
        &mut self,
        question: &Question,
        item: &Item<'_>,
        codes: &[String],
        posted: &mut Posted,
    ) {
        let hard = question.required == Required::Hard || matches!(question.kind, Kind::Consent(_));
        if !hard && self.once_in(20) {
            return;
        }
        if !question.offers.is_empty() && self.once_in(20) {
            let state = question.offers[self.below(question.offers.len())];
            posted.insert(format!("{}.state", item.name), vec![state.name().to_owned()]);
            return;
        }
        let codes = offered_for(self.version, question, item, codes);
        let values = self.values(question, &item.kind_in(question), &codes);
        if !values.is_empty() {
            *self.found.answers.entry(item.id).or_default() += 1;
            posted.insert(item.name.to_string(), values);
        }
    }

    fn values(&mut self, question: &Question, kind: &Kind, codes: &[String]) -> Vec<String> {
        match kind {
            Kind::Single(_)
            | Kind::Consent(_)
            | Kind::Battery(_)
            | Kind::BestWorst(_)
            | Kind::ChoiceSet(_) => {
                if codes.is_empty() {
                    return Vec::new();
                }
                let chosen = &codes[self.below(codes.len())];
                // Most people stay: an end is taken one time in ten.
                if self.ends(question, chosen) && !self.once_in(10) {
                    let stays = codes.iter().find(|code| !self.ends(question, code));
                    return vec![stays.unwrap_or(chosen).clone()];
                }
                vec![chosen.clone()]
            }
            Kind::Multiple(multiple) => {
                let least = multiple.at_least.unwrap_or(1) as usize;
                let most = multiple.at_most.map_or(codes.len(), |most| most as usize);
                let count = least + self.below(most.saturating_sub(least) + 1);
                let (mut left, alone): (Vec<String>, Vec<String>) =
                    codes.iter().cloned().partition(|code| !self.stands_alone(question, code));
                if !alone.is_empty() && (left.is_empty() || self.once_in(8)) {
                    return vec![alone[self.below(alone.len())].clone()];
                }
                let chosen = (0..count.min(left.len())).map(|_| {
                    let place = self.below(left.len());
                    left.swap_remove(place)
                });
                chosen.collect()
            }
            Kind::Ranking(ranking) => {
                let most = ranking.at_most.map_or(codes.len(), |most| most as usize);
                let mut left = codes.to_vec();
                (0..most.min(left.len()))
                    .map(|_| {
                        let place = self.below(left.len());
                        left.swap_remove(place)
                    })
                    .collect()
            }
            Kind::ItemCount(_) => vec![self.below(codes.len() + 1).to_string()],
            Kind::Scale(scale) => {
                let step = i64::from(scale.step.max(1));
                let steps = (i64::from(scale.to) - i64::from(scale.from)) / step;
                let place = self.below(usize::try_from(steps + 1).unwrap_or(1));
                let moved = i64::try_from(place).unwrap_or(0) * step;
                vec![(i64::from(scale.from) + moved).to_string()]
            }
            Kind::Time => vec![format!("{:02}:{:02}", self.below(24), self.below(60))],
            Kind::DateTime => {
                let day = self.day(&DateRange::default());
                vec![format!("{day}T{:02}:{:02}", self.below(24), self.below(60))]
            }
            Kind::Acknowledge => vec!["yes".to_owned()],
            Kind::File(_) | Kind::Signature => vec![SIMULATED_FILE.to_owned()],
            Kind::Geo(geo) => vec![self.places(geo.shape)],
            Kind::Integer(range) => vec![print_number(self.number(range).round())],
            Kind::Decimal(range) | Kind::Duration(range) => {
                vec![print_number((self.number(range) * 100.0).round() / 100.0)]
            }
            Kind::ShortText(rule) | Kind::LongText(rule) => {
                let number = self.below(1_000_000);
                vec![match rule.format {
                    TextFormat::Any | TextFormat::Barcode => format!("text {number}"),
                    TextFormat::Email => format!("name{number}@example.com"),
                    TextFormat::Phone => format!("0900{number:06}"),
                    TextFormat::Url => format!("https://example.com/{number}"),
                    TextFormat::Digits => number.to_string(),
                }]
            }
            Kind::Date(range) => vec![self.day(range).format("%Y-%m-%d").to_string()],
            _ => Vec::new(),
        }
    }

    /// Places somewhere north and east.
    fn places(&mut self, shape: Shape) -> String {
        let count = match shape {
            Shape::Point => 1,
            Shape::Trace => 2,
            Shape::Area => 3,
        };
        let point = |_| format!("{}.5 {}.5", self.below(90), self.below(180));
        (0..count).map(point).collect::<Vec<_>>().join("; ")
    }

    fn option(&self, question: &Question, code: &str) -> Option<&ListOption> {
        self.version.option(question.kind.list()?, code)
    }

    fn ends(&self, question: &Question, code: &str) -> bool {
        self.option(question, code).is_some_and(|option| option.ends.is_some())
    }

    fn stands_alone(&self, question: &Question, code: &str) -> bool {
        self.option(question, code)
            .is_some_and(|option| option.exclusive || option.missing.is_some())
    }

    /// A number within the bounds; where one is open, within 100 of the other.
    fn number(&mut self, range: &NumberRange) -> f64 {
        let low = range.minimum.unwrap_or_else(|| range.maximum.map_or(0.0, |most| most - 100.0));
        let high = range.maximum.unwrap_or(low + 100.0);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.random.next_u64() >> 11) as f64 * 2.0_f64.powi(-53);
        low + share * (high - low)
    }

    /// A day within the bounds; where one is open, within ten years of the other.
    fn day(&mut self, range: &DateRange) -> NaiveDate {
        let bound = |text: &Option<String>| {
            text.as_ref().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        };
        let span = Days::new(3_650);
        let last = bound(&range.maximum).unwrap_or_else(|| {
            bound(&range.minimum)
                .and_then(|first| first.checked_add_days(span))
                .unwrap_or(self.today)
        });
        let first =
            bound(&range.minimum).or_else(|| last.checked_sub_days(span)).unwrap_or(last).min(last);
        let days = usize::try_from((last - first).num_days()).unwrap_or(0);
        let moved = Days::new(self.below(days + 1) as u64);
        first.checked_add_days(moved).unwrap_or(first)
    }
}

/// Numbers of every column that add up to the total.
pub(super) fn share_out(grid: &Grid, total: f64, posted: &mut Posted) {
    for column in 0..grid.columns.len() {
        let mut left = total;
        for (place, row) in grid.rows.iter().enumerate() {
            let Some(cell) = grid.cells(row).nth(column) else { continue };
            if cell.kind != Some(Type::Number) {
                continue;
            }
            let last = place + 1 == grid.rows.len();
            let part = if last { left } else { (left / 2.0).floor() };
            left -= part;
            posted.insert(cell.name.into_owned(), vec![print_number(part)]);
        }
    }
}
