//! What a kind of question is called in a form, and what it says of bounds.

use std::borrow::Cow;

use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{
    Choice, DatePart, DateRange, Ending, Hidden, Kind, ListOption, MediaKind, MultipleChoice,
    NumberRange, Points, Role, Shape, Shown, Source, TextFormat, TextRule,
};
use survey_builder::questionnaire::expression::print_number;

use super::super::build::bound;
use super::super::xpath::parse;
use crate::formula::write::fit_code;

/// The type cell of a kind, and how it looks.
pub(super) fn type_of(kind: &Kind) -> (String, Cow<'static, str>) {
    let (name, looks): (Cow<'static, str>, &'static str) = match kind {
        Kind::Single(choice) | Kind::Consent(choice) => {
            (format!("select_one {}", choice.list).into(), shown(choice))
        }
        Kind::Multiple(multiple) => {
            (format!("select_multiple {}", multiple.choice.list).into(), shown(&multiple.choice))
        }
        Kind::Ranking(ranking) => (format!("rank {}", ranking.choice.list).into(), ""),
        Kind::Integer(_) | Kind::ItemCount(_) => ("integer".into(), ""),
        Kind::Decimal(_) | Kind::Duration(_) => ("decimal".into(), ""),
        Kind::Scale(scale) => (
            "range".into(),
            match scale.shown {
                Points::Numbers => "picker",
                Points::Stars => "rating",
                Points::Slider => "",
            },
        ),
        Kind::ShortText(rule) => match rule.format {
            TextFormat::Barcode => ("barcode".into(), ""),
            TextFormat::Digits => ("text".into(), "numbers"),
            TextFormat::Url => ("text".into(), "url"),
            _ => ("text".into(), ""),
        },
        Kind::LongText(_) => ("text".into(), "multiline"),
        Kind::Date(range) => (
            "date".into(),
            match range.precision {
                DatePart::Day => "",
                DatePart::Month => "month-year",
                DatePart::Year => "year",
            },
        ),
        Kind::Time => ("time".into(), ""),
        Kind::DateTime => ("dateTime".into(), ""),
        Kind::File(rule) => match rule.media {
            MediaKind::Image => ("image".into(), ""),
            MediaKind::Drawing => ("image".into(), "draw"),
            MediaKind::Audio => ("audio".into(), ""),
            MediaKind::Video => ("video".into(), ""),
            MediaKind::Any => ("file".into(), ""),
        },
        Kind::Signature => ("image".into(), "signature"),
        Kind::Geo(geo) => (
            match geo.shape {
                Shape::Point => "geopoint",
                Shape::Trace => "geotrace",
                Shape::Area => "geoshape",
            }
            .into(),
            "",
        ),
        Kind::Acknowledge => ("acknowledge".into(), ""),
        Kind::Computed(_) | Kind::Arm(_) | Kind::Selection(_) => ("calculate".into(), ""),
        Kind::Hidden(hidden) => (hidden_type(hidden).into(), ""),
        Kind::Note | Kind::Battery(_) | Kind::Grid(_) | Kind::BestWorst(_) | Kind::ChoiceSet(_) => {
            ("note".into(), "")
        }
    };
    (name.into_owned(), looks.into())
}

pub(super) fn hidden_type(hidden: &Hidden) -> &'static str {
    let Source::Interview(what) = &hidden.source else {
        return "hidden";
    };
    match what.as_str() {
        "start" => "start",
        "end" => "end",
        "today" => "today",
        "device" => "deviceid",
        "interviewer" => "username",
        "phone" => "phonenumber",
        "email" => "email",
        "sim" => "simserial",
        "subscriber" => "subscriberid",
        "audit" => "audit",
        "start_geopoint" => "start-geopoint",
        "background_audio" => "background-audio",
        _ => "hidden",
    }
}

/// Where a hidden value comes from, if its type does not say it.
pub(super) fn source(source: &Source) -> String {
    match source {
        Source::Frame(name) => format!("frame {name}"),
        Source::Link(name) => format!("link {name}"),
        Source::Outside(name) => format!("outside {name}"),
        Source::Interview(name) => format!("interview {name}"),
        Source::Default => String::new(),
    }
}

pub(super) fn shown(choice: &Choice) -> &'static str {
    match choice.shown {
        Shown::List => "",
        Shown::Buttons => "columns-pack",
        Shown::Dropdown => "minimal",
        Shown::Search => "autocomplete",
        Shown::Images => "no-buttons",
    }
}

/// The bounds of a kind, as constraints.
pub(super) fn bounds(kind: &Kind) -> Vec<String> {
    let numbers = |range: &NumberRange, of: &str| {
        let least = range.minimum.map(|least| format!("{of} >= {}", print_number(least)));
        let most = range.maximum.map(|most| format!("{of} <= {}", print_number(most)));
        [least, most].into_iter().flatten().collect::<Vec<_>>()
    };
    let counts = |multiple: &MultipleChoice| {
        let range = NumberRange {
            minimum: multiple.at_least.map(f64::from),
            maximum: multiple.at_most.map(f64::from),
            ..NumberRange::default()
        };
        numbers(&range, "count-selected(.)")
    };
    let length = |rule: &TextRule| {
        rule.at_most.map(|most| format!("string-length(.) <= {most}")).into_iter().collect()
    };
    match kind {
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => numbers(range, "."),
        Kind::Multiple(multiple) | Kind::Ranking(multiple) => counts(multiple),
        Kind::ShortText(rule) | Kind::LongText(rule) => length(rule),
        Kind::Date(range) => {
            let least = range.minimum.as_ref().map(|day| format!(". >= date('{day}')"));
            let most = range.maximum.as_ref().map(|day| format!(". <= date('{day}')"));
            [least, most].into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// The bounds that constraints say already.
pub(super) fn bounds_said(kind: &Kind, constraints: &[String]) -> Vec<String> {
    let mut bare = match kind {
        Kind::Integer(_) => Kind::Integer(NumberRange::default()),
        Kind::Decimal(_) => Kind::Decimal(NumberRange::default()),
        Kind::Multiple(_) => Kind::Multiple(MultipleChoice::default()),
        Kind::Ranking(_) => Kind::Ranking(MultipleChoice::default()),
        Kind::ShortText(_) => Kind::ShortText(TextRule::default()),
        Kind::LongText(_) => Kind::LongText(TextRule::default()),
        Kind::Date(_) => Kind::Date(DateRange::default()),
        _ => return Vec::new(),
    };
    for constraint in constraints {
        if let Ok(parsed) = parse(constraint) {
            bound(&parsed, &mut bare);
        }
    }
    bounds(&bare)
}

/// The flags of an option, as `x_flag` has them.
pub(crate) fn flags(option: &ListOption) -> String {
    let missing = match option.missing {
        Some(State::DontKnow) => Some("dk"),
        Some(State::Refused) => Some("refused"),
        Some(State::NotApplicable) => Some("na"),
        _ => None,
    };
    let ends = match option.ends {
        Some(Ending::Refused) => Some("end_refusal"),
        Some(Ending::ScreenedOut) => Some("end_screened"),
        None => None,
    };
    let others = [
        option.exclusive.then_some("exclusive"),
        option.anchored.then_some("anchor"),
        missing,
        ends,
    ];
    others.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) fn roles(roles: &[Role]) -> String {
    let name = |role: &Role| match role {
        Role::Consent => "consent",
        Role::Weighting => "weighting",
        Role::DesignWeight => "design_weight",
        Role::KeyOutcome => "key_outcome",
        Role::Sensitive => "sensitive",
        Role::SplitBallot => "split_ballot",
    };
    roles.iter().map(name).collect::<Vec<_>>().join(" ")
}

pub(super) fn quoted_code(code: &str) -> String {
    format!("'{}'", fit_code(code).replace('\'', "’"))
}
