//! The kind of a question by its type and selector; those with rows are in
//! `matrix`.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    BestWorst, Choice, DateRange, FileRule, Hidden, Kind, ListOption, MultipleChoice, NumberRange,
    OtherText, Question, Required, Scale, Shown, Source, Text, TextFormat, TextRule,
};

use super::flow::Builder;
use super::names::{Known, Sort};
use super::survey::{Survey, is_on, list, ordered, string, written};
use crate::account::Json;
use crate::draft::{Slot, text::number};
use crate::formula::{Formula, Operator};

/// The choices of a question in order; those carried forward from another
/// question have `x` before their number.
pub(super) fn choices<'v>(survey: &Survey<'v>, payload: &'v Json) -> Vec<(String, &'v Json)> {
    let mut own = ordered(payload, "Choices", "ChoiceOrder");
    if let Some((source, _)) = carried(payload)
        && let Some(source) = survey.questions.get(&source)
    {
        for (id, choice) in ordered(source, "Choices", "ChoiceOrder") {
            let id = format!("x{id}");
            if !own.iter().any(|(known, _)| *known == id) {
                own.push((id, choice));
            }
        }
    }
    own
}

/// The question that choices are carried forward from, and which of them.
pub(super) fn carried(payload: &Json) -> Option<(String, String)> {
    let locator = string(payload.get("DynamicChoices")?, "Locator");
    let rest = locator.strip_prefix("q://")?;
    let (id, which) = rest.split_once('/')?;
    Some((id.to_owned(), which.rsplit('/').next().unwrap_or_default().to_owned()))
}

/// The codes of choices by their numbers: recoded values where each has its own.
pub(super) fn codes(payload: &Json, parts: &[(String, &Json)]) -> BTreeMap<String, String> {
    let ids: BTreeSet<&String> = parts.iter().map(|(id, _)| id).collect();
    let recoded: BTreeMap<String, String> = list(payload, "RecodeValues")
        .into_iter()
        .filter(|(id, _)| ids.contains(id))
        .map(|(id, value)| (id, written(value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let is_nps = string(payload, "Selector") == "NPS";
    let wanted = |(id, part): &(String, &Json)| {
        let display = string(part, "Display");
        if is_nps && display.trim().parse::<i32>().is_ok() {
            return display.trim().to_owned();
        }
        recoded.get(id).cloned().unwrap_or_else(|| id.clone())
    };
    let values: Vec<String> = parts.iter().map(wanted).collect();
    let distinct: BTreeSet<&String> = values.iter().collect();
    let own = distinct.len() == values.len();
    parts
        .iter()
        .zip(&values)
        .map(|((id, _), value)| (id.clone(), if own { value.clone() } else { id.clone() }))
        .collect()
}

impl Builder<'_> {
    /// Gives the question its kind.
    pub(super) fn kind(
        &mut self,
        id: &str,
        payload: &Json,
        known: &Known,
        question: &mut Question,
    ) {
        let selector = string(payload, "Selector");
        let kind = string(payload, "QuestionType");
        question.kind = match (kind.as_str(), known.sort) {
            (_, Sort::Single) => Kind::Single(self.choice(id, payload, known)),
            (_, Sort::Multiple) => Kind::Multiple(self.multiple(id, payload, known)),
            (_, Sort::Ranking) => Kind::Ranking(self.multiple(id, payload, known)),
            (_, Sort::Scale) => self.scale(payload, known),
            (_, Sort::Rows) => self.battery(id, payload, known),
            (_, Sort::RowsOfMany | Sort::Values | Sort::Cells | Sort::Columns) => {
                self.grid(id, payload, known, question)
            }
            ("Matrix", Sort::Nothing) => self.best_worst(payload, known),
            (_, Sort::Nothing) => Kind::Note,
            ("TE", _) => text_entry(payload),
            ("Draw", _) => Kind::Signature,
            ("FileUpload", _) => Kind::File(FileRule::default()),
            ("Meta", _) => hidden(Source::Interview("device".to_owned())),
            ("Timing" | "Captcha" | "HeatMap" | "Highlight", _) => {
                self.unlike(id, &kind, &selector);
                hidden(Source::Outside(kind.to_lowercase()))
            }
            _ => {
                self.unlike(id, &kind, &selector);
                Kind::ShortText(TextRule::default())
            }
        };
        if !matches!(
            kind.as_str(),
            "MC" | "Matrix"
                | "TE"
                | "Slider"
                | "RO"
                | "CS"
                | "SBS"
                | "DB"
                | "DD"
                | "NPS"
                | "Draw"
                | "FileUpload"
                | "Meta"
                | "Timing"
                | "Captcha"
                | "HeatMap"
                | "Highlight"
        ) && !matches!(known.sort, Sort::Value)
        {
            self.unlike(id, &kind, &selector);
        }
        self.keep_unreadable(id, payload, known);
        let content = setting(payload, "ContentType");
        let is_read = match content.as_str() {
            "" | "ValidNumber" => true,
            "ValidEmail" | "ValidPhone" | "ValidURL" | "ValidDate" => {
                matches!(question.kind, Kind::ShortText(_) | Kind::LongText(_) | Kind::Date(_))
            }
            _ => false,
        };
        if !is_read {
            self.draft.kept(Some(question.id), id, "validation", &content);
        }
    }

    /// Keeps the bounds that are no plain numbers, such as an inserted answer.
    fn keep_unreadable(&mut self, id: &str, payload: &Json, known: &Known) {
        let settings = payload.get("Validation").and_then(|validation| validation.get("Settings"));
        let inner = settings.and_then(|settings| settings.get("ValidNumber"));
        let looks = payload.get("Configuration");
        for part in [settings, inner, looks].into_iter().flatten() {
            for key in BOUNDS {
                // Only looked at: whether a bound is carried over the kind says.
                let bound = written(&part.at(key).looked_through());
                let is_number = number(&bound).is_some();
                if !bound.trim().is_empty() && !is_number {
                    let item = Some(self.item(known));
                    self.draft.kept(item, id, key, &bound);
                }
            }
        }
    }

    /// Tells that the type has no counterpart of its own.
    fn unlike(&mut self, id: &str, kind: &str, selector: &str) {
        let letter = format!("{kind} {selector}");
        let letter = letter.trim();
        self.draft.warn(Problem::new("import_type", id).with("type", letter));
    }

    /// What a choice says in all languages; those carried forward say it where
    /// they come from.
    pub(super) fn choice_text(&mut self, id: &str, payload: &Json, choice: &str) -> Text {
        let from = carried(payload).and_then(|(source, _)| self.survey.questions.get(&source));
        let mut text = match (choice.strip_prefix('x'), from) {
            (Some(number), Some(source)) => self.text(source, &["Choices", number, "Display"], id),
            _ => self.text(payload, &["Choices", choice, "Display"], id),
        };
        if text.is_empty() {
            text = self.draft.text(choice);
        }
        text
    }

    fn options(&mut self, id: &str, payload: &Json, known: &Known) -> Vec<ListOption> {
        let fixed = anchored(payload);
        let mut options = Vec::new();
        for (number, choice) in choices(self.survey, payload) {
            let label = self.choice_text(id, payload, &number);
            let code = known.codes.get(&number).unwrap_or(&number);
            let mut option = ListOption::new(uuid::Uuid::nil(), code, label);
            option.exclusive = is_on(choice, "ExclusiveAnswer");
            option.anchored = fixed.contains(&number);
            let image = choice.get("Image").map(|image| string(image, "ImageLocation"));
            option.image = image.filter(|file| !file.is_empty());
            options.push(option);
        }
        options
    }

    fn choice(&mut self, id: &str, payload: &Json, known: &Known) -> Choice {
        let mut options = self.options(id, payload, known);
        let kind = string(payload, "QuestionType");
        if kind == "DD" {
            options = self.drilled(payload);
        }
        let shown = match string(payload, "Selector").as_str() {
            _ if kind == "DD" => Shown::Search,
            "DL" | "SB" | "MSB" => Shown::Dropdown,
            "SAHR" | "MAHR" => Shown::Buttons,
            _ => Shown::List,
        };
        let other = known.others.iter().next().map(|(number, name)| OtherText {
            id: self.draft.id("other", name),
            name: name.clone(),
            option: known.codes.get(number).unwrap_or(number).clone(),
            wording: Text::default(),
        });
        Choice {
            list: self.draft.list_of(&known.name, options),
            filter: None,
            shuffled: self.is_shuffled(id, payload, known),
            shown,
            other,
        }
    }

    pub(super) fn item(&self, known: &Known) -> uuid::Uuid {
        self.draft.id("question", &known.name)
    }

    /// The texts beside choices and rows that have no box of their own here:
    /// each is a question behind.
    pub(super) fn texts_beside(
        &mut self,
        id: &str,
        payload: &Json,
        known: &Known,
        question: &Question,
    ) -> Vec<Question> {
        let own_box = question.kind.choice().and_then(|choice| choice.other.clone());
        let mut questions = Vec::new();
        for (number, name) in &known.others {
            if own_box.as_ref().is_some_and(|other| other.name == *name) {
                continue;
            }
            let wording = self.choice_text(id, payload, number);
            let item = self.draft.id("question", name);
            let kind = Kind::ShortText(TextRule::default());
            let mut text = Question::new(item, name, wording, kind);
            text.required = Required::No;
            questions.push(text);
            let code = known.codes.get(number).unwrap_or(number);
            let shown = match (known.sort, known.rows.get(number)) {
                (Sort::Rows, Some(row)) => Formula::question(row).blank().negated(),
                (Sort::Multiple, _) => {
                    let parts = vec![Formula::question(&known.name), Formula::text(code)];
                    Formula::call("selected", parts)
                }
                (Sort::Single, _) => {
                    let own = Formula::question(&known.name);
                    Formula::binary(Operator::Equal, own, Formula::text(code))
                }
                _ => continue,
            };
            let said = format!("a text beside {number}");
            self.draft.later(Slot::Question(item), Ok(shown), &said, id);
        }
        questions
    }

    /// A drill-down: each answer is a way from the first list to the last.
    fn drilled(&mut self, payload: &Json) -> Vec<ListOption> {
        let mut options = Vec::new();
        for (number, answer) in ordered(payload, "Answers", "AnswerOrder") {
            let way = string(answer, "Display");
            let label = way.split('~').map(str::trim).collect::<Vec<_>>().join(" › ");
            options.push(ListOption::new(uuid::Uuid::nil(), &number, self.draft.text(&label)));
        }
        options
    }

    /// Whether the choices change places by chance.
    pub(super) fn is_shuffled(&mut self, id: &str, payload: &Json, known: &Known) -> bool {
        let Some(random) = payload.get("Randomization").filter(|value| value.is_object()) else {
            return false;
        };
        match string(random, "Type").as_str() {
            "" | "None" => false,
            "All" => true,
            "Advanced" => {
                let subset = random.get("Advanced").map(|inner| list(inner, "RandomSubSet"));
                if subset.is_some_and(|subset| !subset.is_empty()) {
                    let item = Some(self.item(known));
                    self.draft.kept(item, id, "randomization", &random.to_string());
                }
                true
            }
            _ => {
                let item = Some(self.item(known));
                self.draft.kept(item, id, "randomization", &random.to_string());
                true
            }
        }
    }

    fn multiple(&mut self, id: &str, payload: &Json, known: &Known) -> MultipleChoice {
        let bound = |key: &str| setting(payload, key).parse().ok();
        MultipleChoice {
            choice: self.choice(id, payload, known),
            at_least: bound("MinChoices"),
            at_most: bound("MaxChoices"),
        }
    }

    fn scale(&mut self, payload: &Json, known: &Known) -> Kind {
        let numbers: Vec<i32> = known.codes.values().filter_map(|code| code.parse().ok()).collect();
        let from = numbers.iter().min().copied().unwrap_or(0);
        let to = numbers.iter().max().copied().filter(|to| *to > from).unwrap_or(from + 10);
        let low = self.text(payload, &["ColumnLabels", "0", "Display"], &known.name);
        let high = self.text(payload, &["ColumnLabels", "2", "Display"], &known.name);
        Kind::Scale(Scale { from, to, low, high, ..Scale::default() })
    }

    fn best_worst(&mut self, payload: &Json, known: &Known) -> Kind {
        let mut options = Vec::new();
        for (number, _) in choices(self.survey, payload) {
            let label = self.choice_text(&known.name, payload, &number);
            options.push(ListOption::new(uuid::Uuid::nil(), &number, label));
        }
        let ends = ordered(payload, "Answers", "AnswerOrder");
        let mut end = |place: Option<&(String, &Json)>| match place {
            Some((id, _)) => self.text(payload, &["Answers", id, "Display"], &known.name),
            None => Text::default(),
        };
        // The worst stands on the left.
        let (worst, best) = (end(ends.first()), end(ends.last()));
        let list = self.draft.list_of(&known.name, options);
        Kind::BestWorst(BestWorst { list, best, worst, drawn: None })
    }

    /// Which choices are offered: by logic of their own, and those carried
    /// forward by what was chosen there.
    pub(super) fn offered(&mut self, id: &str, payload: &Json) -> Vec<(String, Formula, String)> {
        let mut tests = Vec::new();
        for (number, choice) in choices(self.survey, payload) {
            let mut parts = Vec::new();
            let mut originals = Vec::new();
            if let Some(logic) = choice.get("DisplayLogic").filter(|logic| logic.is_object())
                && !number.starts_with('x')
            {
                let said = super::logic::described(logic);
                match super::logic::read(logic, &self.names) {
                    Some(Ok(formula)) => {
                        parts.push(formula);
                        originals.push(said);
                    }
                    Some(Err(reason)) => {
                        self.draft.condition_lost(None, "filter", &said, id, reason);
                    }
                    None => {}
                }
            }
            if let (Some(inner), Some((source, which))) =
                (number.strip_prefix('x'), carried(payload))
            {
                let locator = format!("q://{source}/SelectableChoice/{inner}");
                let operator = match which.as_str() {
                    "SelectedChoices" => "Selected",
                    "UnselectedChoices" => "NotSelected",
                    _ => "",
                };
                if !operator.is_empty() {
                    let original = format!("{which} of {source}");
                    match super::logic::test(&locator, operator, "", &self.names) {
                        Ok(formula) => {
                            parts.push(formula);
                            originals.push(original);
                        }
                        Err(reason) => {
                            self.draft.condition_lost(None, "filter", &original, id, reason);
                        }
                    }
                }
            }
            if let Some(formula) = Formula::all(parts) {
                tests.push((number, formula, originals.join("; ")));
            }
        }
        tests
    }

    /// Puts the conditions of choices as a filter.
    pub(super) fn filter(&mut self, id: &str, payload: &Json, known: &Known, question: &Question) {
        if question.kind.choice().is_none() {
            return;
        }
        let offered = self.offered(id, payload);
        let mut originals: Vec<String> = offered.iter().map(|(.., said)| said.clone()).collect();
        originals.dedup();
        let tests = offered.into_iter().map(|(number, formula, _)| {
            let code = Formula::text(known.codes.get(&number).unwrap_or(&number));
            let column = Formula::Column("name".to_owned());
            let other = Formula::binary(Operator::NotEqual, column, code);
            Formula::binary(Operator::Or, other, formula)
        });
        if let Some(formula) = Formula::all(tests) {
            let original = originals.join("; ");
            self.draft.later(Slot::Filter(question.id), Ok(formula), &original, id);
        }
    }
}

/// The numbers of choices that keep their place.
pub(super) fn anchored(payload: &Json) -> BTreeSet<String> {
    let advanced = payload.get("Randomization").and_then(|random| random.get("Advanced"));
    let fixed = advanced.map(|advanced| list(advanced, "FixedOrder")).unwrap_or_default();
    fixed.into_iter().map(|(_, id)| written(id)).collect()
}

/// A setting of the validation.
pub(super) fn setting(payload: &Json, key: &str) -> String {
    let settings = payload.get("Validation").and_then(|validation| validation.get("Settings"));
    settings.map(|settings| string(settings, key)).unwrap_or_default()
}

/// The settings of a question that are read as numbers.
const BOUNDS: [&str; 11] = [
    "Min",
    "Max",
    "NumDecimals",
    "MinChoices",
    "MaxChoices",
    "MinChars",
    "TotalChars",
    "MaxChars",
    "CSSliderMin",
    "CSSliderMax",
    "StarCount",
];

fn hidden(source: Source) -> Kind {
    Kind::Hidden(Hidden { source, ..Hidden::default() })
}

/// The bounds of numbers that a validation sets.
pub(super) fn number_range(validation: &Json) -> NumberRange {
    let settings = validation.at("Settings");
    let inner = settings.get("ValidNumber").filter(|inner| inner.is_object()).unwrap_or(settings);
    let number = |key: &str| number(&string(inner, key));
    NumberRange {
        minimum: number("Min"),
        maximum: number("Max"),
        decimals: string(inner, "NumDecimals").parse().ok(),
        unit: Text::default(),
    }
}

fn text_entry(payload: &Json) -> Kind {
    let content = setting(payload, "ContentType");
    let is_long = matches!(string(payload, "Selector").as_str(), "ML" | "ESTB");
    let most = ["TotalChars", "MaxChars"].iter().find_map(|key| setting(payload, key).parse().ok());
    let format = match content.as_str() {
        "ValidEmail" => TextFormat::Email,
        "ValidPhone" => TextFormat::Phone,
        "ValidURL" => TextFormat::Url,
        _ => TextFormat::Any,
    };
    match content.as_str() {
        "ValidNumber" => {
            let range = number_range(payload.at("Validation"));
            if range.decimals == Some(0) {
                Kind::Integer(NumberRange { decimals: None, ..range })
            } else {
                Kind::Decimal(range)
            }
        }
        "ValidDate" => Kind::Date(DateRange::default()),
        _ if is_long => Kind::LongText(TextRule { at_most: most, format }),
        _ => Kind::ShortText(TextRule { at_most: most, format }),
    }
}
