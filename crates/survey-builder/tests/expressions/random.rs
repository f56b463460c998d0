//! Random well-typed expressions over random answers.
//!
//! A seed gives an expression of every type by the grammar's own rules, with
//! numbers, texts and days chosen where mistakes live: halves, zeros, negative
//! zeros, very large and small, decomposed letters, leap days.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use survey_builder::questionnaire::answer::{Answer, State, Value};
use survey_builder::questionnaire::expression::Type;

use super::case::World;

const SEX: &str = "m|f|x";
const USES: &str = "bus|car|bike|none";
const NUMBERS: [&str; 14] =
    ["0", "1", "2", "2.5", "0.1", "3", "10", "18", "0.5", "1000000", "7", "12345.678", "9", "0.3"];
const TEXTS: [&str; 10] =
    ["", "An", " Lan ", "đường", "Hoa\u{300}", "12", "2.50", "2024-02-29", "ΑΣ", "straße 😀"];
const DAYS: [&str; 6] =
    ["2024-02-29", "2023-12-31", "2026-11-23", "1999-01-01", "0001-01-01", "9999-12-31"];
const PATTERNS: [&str; 6] =
    ["[A-Z][a-z]+", ".*", "\\\\d+(\\\\.\\\\d+)?", "(a|b)*n?", "\\\\s?\\\\w+\\\\s?", "[^0-9]{2,6}"];

/// A world, the text of an expression in it, and the expression's type.
pub fn draw(seed: u64) -> (World, String, Type) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World { labelled: true, ..World::default() };
    for (list, codes) in [(SEX, "m f x"), (USES, "bus car bike none")] {
        let codes = codes.split(' ').map(str::to_owned).collect();
        world.lists.insert(list.to_owned(), codes);
    }
    for (name, kind) in [
        ("a", Type::Number),
        ("b", Type::Number),
        ("sex", Type::Option(SEX.to_owned())),
        ("uses", Type::Set(USES.to_owned())),
        ("name", Type::Text),
        ("born", Type::Date),
        ("start", Type::Time),
        ("owner", Type::Bool),
        ("member.age", Type::List(Box::new(Type::Number))),
        ("member.works", Type::List(Box::new(Type::Bool))),
        ("member.uses", Type::List(Box::new(Type::Set(USES.to_owned())))),
    ] {
        if let Some(answer) = answer(&kind, &mut random) {
            world.answers.insert(name.to_owned(), answer);
        }
        world.types.insert(name.to_owned(), kind);
    }
    world.today = random.random_bool(0.8).then(|| "2026-11-23".parse().expect("a day"));
    world.self_type = Some(Type::Number);
    world.self_value = value(&Type::Number, &mut random);
    let kind = [
        Type::Bool,
        Type::Number,
        Type::Text,
        Type::Date,
        Type::Time,
        Type::Option(SEX.to_owned()),
    ]
    .choose(&mut random)
    .expect("a type")
    .clone();
    let mut writer = Writer { random };
    let text = writer.write(&kind, 4);
    (world, text, kind)
}

fn answer(kind: &Type, random: &mut impl Rng) -> Option<Answer> {
    let states = [State::Refused, State::Skipped, State::NotAsked, State::DontKnow];
    match random.random_range(0..10) {
        0 => None,
        1 => states.choose(random).map(|state| Answer::Missing(*state)),
        _ => value(kind, random).map(Answer::Value),
    }
}

fn value(kind: &Type, random: &mut impl Rng) -> Option<Value> {
    let some_of = |codes: &str, random: &mut dyn FnMut() -> bool| {
        codes.split('|').filter(|_| random()).map(str::to_owned).collect::<Vec<_>>()
    };
    Some(match kind {
        Type::Bool => Value::Bool(random.random()),
        Type::Number => Value::Number(match random.random_range(0..4) {
            0 => f64::from(random.random_range(-20..60)),
            1 => f64::from(random.random_range(-2000..6000)) / 8.0,
            2 => random.random_range(-1e6..1e6),
            _ => *[0.0, -0.0, 1e300, 1e-300, -2.5, 0.5, 1e21, 1.5e-9].choose(random)?,
        }),
        Type::Text => Value::Text((*TEXTS.choose(random)?).to_owned()),
        Type::Date => Value::Date(DAYS.choose(random)?.parse().ok()?),
        Type::Time => Value::Time(random.random_range(0..1440)),
        Type::Option(list) => {
            let codes: Vec<&str> = list.split('|').collect();
            Value::Option((*codes.choose(random)?).to_owned())
        }
        Type::Set(list) => {
            let mut codes = some_of(list, &mut || random.random());
            if random.random() {
                codes.reverse();
            }
            Value::Set(codes)
        }
        Type::List(of) => {
            let count = random.random_range(0..4);
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(if random.random_bool(0.2) { None } else { value(of, random) });
            }
            Value::List(values)
        }
    })
}

struct Writer {
    random: ChaCha8Rng,
}

impl Writer {
    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices.choose(&mut self.random).expect("a choice")
    }

    /// Fills a template: `N` number, `B` bool, `T` text, `D` date, `M` time,
    /// `O` option; a letter counts only where it stands between spaces.
    fn fill(&mut self, template: &str, depth: u32) -> String {
        let parts: Vec<String> = template
            .split(' ')
            .map(|part| match part {
                "N" => self.write(&Type::Number, depth),
                "B" => self.write(&Type::Bool, depth),
                "T" => self.write(&Type::Text, depth),
                "D" => self.write(&Type::Date, depth),
                "M" => self.write(&Type::Time, depth),
                "O" => self.write(&Type::Option(SEX.to_owned()), depth),
                "P" => format!("'{}'", self.pick(&PATTERNS).replace("\\\\", "\\")),
                other => other.to_owned(),
            })
            .collect();
        parts.join(" ")
    }

    fn write(&mut self, kind: &Type, depth: u32) -> String {
        if depth == 0 || self.random.random_bool(0.1) {
            return self.leaf(kind);
        }
        let template = match kind {
            Type::Bool => self.pick(BOOLS),
            Type::Number => self.pick(NUMBER_FORMS),
            Type::Text => self.pick(TEXT_FORMS),
            Type::Date => self.pick(&[
                "add_days( D , N )",
                "if( B , D , D )",
                "coalesce( D , D )",
                "max( D , D )",
                "date(trim( T ))",
            ]),
            Type::Time => self.pick(&[
                "if( B , M , M )",
                "min( M , M )",
                "time(text( M ))",
                "time(trim( T ))",
            ]),
            _ => self.pick(&["if( B , O , O )", "coalesce( O , 'm' )", "if( B , 'f', O )"]),
        };
        self.fill(template, depth - 1)
    }

    fn leaf(&mut self, kind: &Type) -> String {
        match kind {
            Type::Bool => {
                self.pick(&["owner", "true", "false", "answered(a)", "refused(born)"]).to_owned()
            }
            Type::Number => match self.random.random_range(0..3) {
                0 => self.pick(&["a", "b", "."]).to_owned(),
                1 => self
                    .pick(&["count(member)", "position()", "count_selected(uses)", "random()"])
                    .to_owned(),
                _ => self.pick(&NUMBERS).to_owned(),
            },
            Type::Text if self.random.random() => "name".to_owned(),
            Type::Text => format!("'{}'", self.pick(&TEXTS)),
            Type::Date => match self.random.random_range(0..4) {
                0 => "today()".to_owned(),
                1 => format!("date('{}')", self.pick(&DAYS)),
                _ => "born".to_owned(),
            },
            Type::Time => self.pick(&["start", "time('18:30')", "time('00:00')"]).to_owned(),
            _ => "sex".to_owned(),
        }
    }
}

const BOOLS: &[&str] = &[
    "( B and B )",
    "( B or B or B )",
    "not( B )",
    "( N < N )",
    "( N >= N )",
    "( N = N )",
    "( N != N )",
    "( D <= D )",
    "( M > M )",
    "( T = T )",
    "( O = O )",
    "( O != 'm' )",
    "( B = B )",
    "( O in ('m', 'x') )",
    "( N in ( N , N ) )",
    "( T in ( T , 'An' ) )",
    "between( N , N , N )",
    "between( D , D , D )",
    "selected(uses, 'bus')",
    "selected( O , 'f' )",
    "selected(uses, concat('b', 'us'))",
    "selected( O , code( O ))",
    "if( B , B , B )",
    "coalesce( B , B )",
    "answered( N )",
    "asked(sex)",
    "skipped(uses)",
    "answered(uses)",
    "dont_know(name)",
    "not_applicable(.)",
    "any(member.works)",
    "all(member.works)",
    "contains( T , T )",
    "starts_with( T , T )",
    "ends_with( T , T )",
    "matches( T , P )",
    "geofence(concat(text( N ), ' ', text( N )), '0 0; 0 50; 50 50; 50 0')",
    "geofence( T , T )",
];

const NUMBER_FORMS: &[&str] = &[
    "( N + N )",
    "( N - N )",
    "( N * N )",
    "( N / N )",
    "( N mod N )",
    "( - N )",
    "( N - N + N - N )",
    "round( N )",
    "round( N , N )",
    "round( N , 2)",
    "floor( N )",
    "ceil( N )",
    "abs( N )",
    "sqrt( N )",
    "pow( N , N )",
    "pow( N , 2)",
    "ln( N )",
    "exp( N )",
    "log10( N )",
    "sin( N )",
    "cos( N )",
    "tan( N )",
    "asin( N )",
    "acos( N )",
    "atan( N )",
    "atan2( N , N )",
    "distance( T )",
    "distance(concat(text( N ), ' ', text( N ), ';', text( N ), ' ', text( N )))",
    "area( T )",
    "minutes( M )",
    "item_at(member.age, N )",
    "min( N , N )",
    "max( N , member.age)",
    "sum( N , N , N )",
    "sum(member.age)",
    "mean(member.age, N )",
    "mean( N , N )",
    "count_answered( N , T , uses)",
    "count_answered(member.uses, member.age)",
    "count(member.age)",
    "count-selected(uses)",
    "number( T )",
    "number( O )",
    "number( B )",
    "number(text( N ))",
    "length( T )",
    "year( D )",
    "month( D )",
    "day( D )",
    "weekday( D )",
    "days_between( D , D )",
    "months_between( D , D )",
    "years_between( D , D )",
    "if( B , N , N )",
    "coalesce( N , N )",
];

const TEXT_FORMS: &[&str] = &[
    "text( N )",
    "text( B )",
    "text( D )",
    "text( M )",
    "text( O )",
    "label( O )",
    "label(uses)",
    "label(selected_at(uses, N ))",
    "attribute( O , 'ward')",
    "attribute( O , T )",
    "attribute( O , 'none')",
    "code(selected_at(uses, 0))",
    "code(uses)",
    "concat( T , T )",
    "upper( T )",
    "lower( T )",
    "trim( T )",
    "substring( T , N , N )",
    "substring( T , 1, 3)",
    "substring_before( T , T )",
    "substring_after( T , T )",
    "translate( T , T , T )",
    "normalize_space( T )",
    "join( T , T , T )",
    "format_date( D , '%Y/%n/%e %q %d.%m.%y%')",
    "format_date( D , T )",
    "if( B , T , T )",
    "coalesce( T , T )",
];

/// What people write as conditions, most of which can be said in words.
const CONDITIONS: &[&str] = &[
    "( C and C )",
    "( C or C )",
    "( C and ( C or C ) and C )",
    "not( C )",
    "not(not( C ))",
    "a = 2",
    "2.5 = b",
    "a != b",
    "a < -3",
    "18 <= a",
    "b > 0.5",
    "a >= 7",
    "between(a, -1, 10)",
    "between(born, date('1999-01-01'), today())",
    "born < today()",
    "born = date('2024-02-29')",
    "start >= time('18:30')",
    "sex = 'm'",
    "'f' != sex",
    "sex in ('m', 'x')",
    "not(sex in ('f'))",
    "a in (1, 2, 18)",
    "name in ('An', ' Lan ')",
    "selected(uses, 'bus')",
    "not(selected(uses, 'none'))",
    "selected(sex, 'x')",
    "count_selected(uses) >= 2",
    "count_selected(uses) = 1",
    "name = 'An'",
    "name != 'it''s'",
    "contains(name, 'n')",
    "starts_with(name, 'L')",
    "ends_with(name, 'n')",
    "owner",
    "owner = true",
    "owner != true",
    "answered(a)",
    "not(answered(uses))",
    "skipped(sex)",
    "refused(born)",
    "dont_know(name)",
    "not_applicable(b)",
    "asked(sex)",
    "not(asked(a))",
    ". > 3",
    ". = a",
    "B",
    "not( B )",
    "( B = B )",
    "a + b > 3",
];

/// A world and a condition in it, as people write them.
pub fn draw_condition(seed: u64) -> (World, String) {
    let (world, _, _) = draw(seed);
    let mut writer = Writer { random: ChaCha8Rng::seed_from_u64(seed ^ 0x5_0ce) };
    let text = writer.condition(4);
    (world, text)
}

impl Writer {
    fn condition(&mut self, depth: u32) -> String {
        // Those of several parts stand first.
        let (joined, alone) = CONDITIONS.split_at(5);
        let several = depth > 0 && self.random.random_bool(0.5);
        let template = self.pick(if several { joined } else { alone });
        let parts: Vec<String> = template
            .split(' ')
            .map(|part| match part {
                "C" => self.condition(depth.saturating_sub(1)),
                "B" => self.write(&Type::Bool, 2),
                other => other.to_owned(),
            })
            .collect();
        parts.join(" ")
    }
}
