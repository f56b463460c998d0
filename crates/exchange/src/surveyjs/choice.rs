//! Choices of `SurveyJS`: their options, those that are switched on, and which
//! are offered when.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{
    Choice, Kind, ListOption, MultipleChoice, OtherText, Question, Shown, Text, TextRule,
};
use uuid::Uuid;

use super::element::value_of;
use super::number::number;
use super::{Reader, is_true, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// The options of an element, codes and labels.
pub(super) fn choices(reader: &Reader, element: &Json) -> Vec<(String, Text)> {
    let written = element.get("choices").or(element.get("rateValues"));
    let written = written.and_then(Json::as_array).into_iter().flatten();
    written
        .map(|choice| {
            let text = choice.get("text").or(choice.get("imageLink").and(None));
            let label = match text {
                Some(text) => reader.names.text(Some(text)),
                None => Text::new(&reader.names.default, &value_of(choice)),
            };
            (value_of(choice), label)
        })
        .collect()
}

impl Reader {
    pub(super) fn chosen(&mut self, element: &Json, path: &str, ours: &str) -> Kind {
        let kind = string(element, "type");
        let mut options = self.options(element);
        match string(element, "choicesOrder") {
            "asc" => options.sort_by(|one, other| label_of(one).cmp(label_of(other))),
            "desc" => options.sort_by(|one, other| label_of(other).cmp(label_of(one))),
            _ => {}
        }
        self.images(element, &mut options);
        let beside = self.beside(element);
        let special = self.special_options(element, &mut options);
        let source = string(element, "choicesFromQuestion");
        let mut list = if options.is_empty() && !source.is_empty() {
            self.list_of_question(source)
        } else {
            None
        };
        if list.is_none() {
            if element.get("choicesByUrl").is_some() && options.is_empty() {
                let url = element.get("choicesByUrl").map(Json::to_string).unwrap_or_default();
                self.draft.kept(None, path, "choicesByUrl", &url);
            }
            if options.is_empty() {
                self.draft.warn(Problem::new("import_options_elsewhere", path));
                return Kind::ShortText(TextRule::default());
            }
            list = Some(self.draft.list_of(ours, options));
        }
        let list = list.unwrap_or_default();
        self.lists.insert(ours.to_owned(), list.clone());
        let mut choice = Choice::of(&list);
        choice.shuffled = string(element, "choicesOrder") == "random";
        let searched = element.get("searchEnabled").and_then(Json::as_bool);
        let in_a_row = element.get("colCount").and_then(Json::as_i64) == Some(0);
        choice.shown = match kind {
            "dropdown" | "select" if searched == Some(true) => Shown::Search,
            "dropdown" | "select" => Shown::Dropdown,
            "tagbox" if searched == Some(false) => Shown::Dropdown,
            "tagbox" => Shown::Search,
            "radiogroup" | "checkbox" if in_a_row => Shown::Buttons,
            "imagepicker" | "imagemap" => Shown::Images,
            "buttongroup" => Shown::Buttons,
            _ => Shown::List,
        };
        let opened = if special { Some("other".to_owned()) } else { beside };
        if let Some(option) = opened {
            let wanted = self
                .names
                .find_ours(&format!("{path}-Comment"), self.names.roster.as_deref())
                .unwrap_or_else(|| format!("{ours}_other"));
            let name = self.draft.name(&wanted);
            let id = self.draft.id("question", &name);
            let asked = element.get("choices").and_then(Json::as_array).into_iter().flatten();
            let asked = asked.into_iter().find(|choice| value_of(choice) == option);
            let asked = asked.and_then(|choice| choice.get("commentPlaceholder"));
            let wording = self.names.text(element.get("otherPlaceholder").or(asked));
            choice.other = Some(OtherText { id, name, option, wording });
        }
        let several = kind == "checkbox" || kind == "tagbox" || is_true(element, "multiSelect");
        let bound = |key: &str| {
            let found = element.get(key).and_then(Json::as_u64).filter(|count| *count > 0);
            found.and_then(|count| u32::try_from(count).ok())
        };
        let multiple = MultipleChoice {
            choice,
            at_least: bound("minSelectedChoices"),
            at_most: bound("maxSelectedChoices"),
        };
        match kind {
            "ranking" | "sortablelist" => Kind::Ranking(multiple),
            _ if several => Kind::Multiple(multiple),
            _ => Kind::Single(multiple.choice),
        }
    }

    /// The options that are written, with what each says of itself.
    fn options(&mut self, element: &Json) -> Vec<ListOption> {
        let mut options = Vec::new();
        let written = element.get("choices").and_then(Json::as_array).into_iter().flatten();
        for (choice, (code, label)) in written.zip(choices(self, element)) {
            let mut option = ListOption::new(Uuid::nil(), &code, label);
            option.exclusive = is_true(choice, "isExclusive");
            option.anchored = choice.is_off("randomize");
            options.push(option);
        }
        let of = |key: &str| number(element, &[key]).filter(|_| options.is_empty());
        if let (Some(least), Some(most)) = (of("choicesMin"), of("choicesMax")) {
            let step = of("choicesStep").filter(|step| *step > 0.0).unwrap_or(1.0);
            let mut value = least;
            while value <= most && options.len() < 10_000 {
                let code = survey_builder::questionnaire::expression::print_number(value);
                let label = Text::new(&self.names.default, &code);
                options.push(ListOption::new(Uuid::nil(), &code, label));
                value += step;
            }
        }
        options
    }

    /// The option beside which a box opens: the first that has one.
    fn beside(&mut self, element: &Json) -> Option<String> {
        let written = element.get("choices").and_then(Json::as_array).into_iter().flatten();
        let mut beside = written.filter(|choice| is_true(choice, "showCommentArea"));
        let first = beside.next().map(value_of);
        for further in beside {
            self.draft.kept(None, string(element, "name"), "showCommentArea", &value_of(further));
        }
        first
    }

    fn images(&self, element: &Json, options: &mut [ListOption]) {
        let written = element.get("choices").and_then(Json::as_array).into_iter().flatten();
        for choice in written {
            let image = self.names.text(choice.get("imageLink"));
            let code = value_of(choice);
            if let Some(option) = options.iter_mut().find(|option| option.code == code)
                && !image.is_empty()
            {
                option.image = Some(image.get(&self.names.default, "").to_owned());
            }
        }
    }

    /// The options that models switch on; whether "other" is one of them.
    fn special_options(&self, element: &Json, options: &mut Vec<ListOption>) -> bool {
        let on = |keys: [&str; 2]| keys.iter().any(|key| is_true(element, key));
        let label = |key: &str, or_else: &str| {
            let text = self.names.text(element.get(key));
            if text.is_empty() { Text::new(&self.names.default, or_else) } else { text }
        };
        let mut add = |code: &str, label: Text, exclusive: bool, missing: Option<State>| {
            let mut option = ListOption::new(Uuid::nil(), code, label);
            option.exclusive = exclusive;
            option.missing = missing;
            option.anchored = true;
            options.push(option);
        };
        let other = on(["hasOther", "showOtherItem"]);
        if other {
            add("other", label("otherText", "Other (describe)"), false, None);
        }
        if on(["hasNone", "showNoneItem"]) {
            add("none", label("noneText", "None"), true, None);
        }
        if on(["showRefuseItem", "hasRefuse"]) {
            let text = label("refuseText", "Refuse to answer");
            add("refused", text, true, Some(State::Refused));
        }
        if on(["showDontKnowItem", "hasDontKnow"]) {
            let text = label("dontKnowText", "Don't know");
            add("dontknow", text, true, Some(State::DontKnow));
        }
        other
    }

    /// The list of a question asked before.
    fn list_of_question(&self, name: &str) -> Option<String> {
        let ours = self.names.find_ours(name, self.names.roster.as_deref())?;
        self.lists.get(&ours).cloned()
    }

    /// Which options are offered: each under its own condition, or those chosen
    /// elsewhere.
    pub(super) fn conditions_of_choices(
        &mut self,
        element: &Json,
        question: &Question,
        path: &str,
    ) {
        if question.kind.choice().is_none() {
            return;
        }
        let mut parts = Vec::new();
        let mut originals = Vec::new();
        let item = || Formula::Column("name".to_owned());
        for choice in element.get("choices").and_then(Json::as_array).into_iter().flatten() {
            let source = string(choice, "visibleIf");
            if source.is_empty() {
                continue;
            }
            originals.push(format!("{}: {source}", value_of(choice)));
            match self.formula(source) {
                Ok(condition) => {
                    let code = Formula::text(&value_of(choice));
                    let another = Formula::binary(Operator::NotEqual, item(), code);
                    parts.extend(Formula::any([another, condition]));
                }
                Err(reason) => {
                    let id = Some(question.id);
                    self.draft.condition_lost(id, "visibleIf", source, path, reason);
                }
            }
        }
        let source = string(element, "choicesVisibleIf");
        if !source.is_empty() {
            originals.push(source.to_owned());
            match self.formula(source) {
                Ok(condition) => parts.push(condition),
                Err(reason) => {
                    let id = Some(question.id);
                    self.draft.condition_lost(id, "choicesVisibleIf", source, path, reason);
                }
            }
        }
        let source = string(element, "choicesFromQuestion");
        let mode = string(element, "choicesFromQuestionMode");
        if !source.is_empty() && (mode == "selected" || mode == "unselected") {
            let other = Formula::Question(self.names.ours(source));
            let chosen = Formula::call("selected", vec![other, item()]);
            originals.push(format!("{mode} of {source}"));
            parts.push(if mode == "selected" { chosen } else { chosen.negated() });
        }
        if let Some(formula) = Formula::all(parts) {
            let slot = Slot::Filter(question.id);
            self.draft.later(slot, Ok(formula), &originals.join("; "), path);
        }
    }
}

fn label_of(option: &ListOption) -> &str {
    option.label.0.values().next().map_or("", String::as_str)
}
