//! One question on paper.

use std::borrow::Cow;

use serde::Serialize;
use survey_builder::questionnaire::document::{
    Cell, Choice, ChoiceSet, DatePart, Ending, Grid, Kind, ListOption, Mode, MultipleChoice,
    NumberRange, Question, Required, Row, Scale, Shape, TextFormat,
};
use survey_builder::questionnaire::expression::Expression;
use survey_builder::questionnaire::version::CompiledQuestion;

use super::layout::Paper;

/// A question, a note or something worked out.
#[derive(Debug, Default, Serialize)]
pub struct QuestionView {
    name: String,
    number: String,
    wording: String,
    hint: String,
    /// For the interviewer only.
    instruction: String,
    /// When it is asked, in words; all must hold.
    conditions: Vec<String>,
    required: bool,
    /// What the interviewer does: tick all, read in random order, …
    tells: Vec<String>,
    /// What an answer must satisfy, in words.
    musts: Vec<String>,
    options: Vec<OptionLine>,
    /// The points of a scale.
    points: Vec<String>,
    low: String,
    high: String,
    /// The headings of the columns of rows that are answered.
    columns: Vec<String>,
    rows: Vec<RowLine>,
    /// The lists that cells of rows are codes of: heading and options.
    keys: Vec<(String, Vec<OptionLine>)>,
    /// The shape of what is written: `__/__/____`.
    form: Cow<'static, str>,
    /// How many empty lines there are to write on.
    lines: usize,
    unit: String,
    /// How a value is worked out, in words.
    formula: String,
    is_note: bool,
}

/// One option with its box.
#[derive(Debug, Serialize)]
struct OptionLine {
    code: String,
    label: String,
    /// What follows from choosing it.
    note: String,
    /// Whether something is written beside it.
    written: bool,
    /// Whether a rank is written in its box.
    ranked: bool,
}

/// One row with its cells: codes to circle, or nothing where something is written.
#[derive(Debug, Serialize)]
struct RowLine {
    name: String,
    wording: String,
    condition: String,
    cells: Vec<Vec<String>>,
}

impl Paper<'_> {
    /// Lays out a question; `page` is the condition of the page it stands on.
    pub(super) fn question(&self, question: &Question, page: Option<&Expression>) -> QuestionView {
        let compiled = self.version.compiled(question.id);
        let relevant = compiled.and_then(|one| one.relevant.as_ref());
        let mut view = QuestionView {
            name: question.name.clone(),
            number: self.labels.get(&question.name).cloned().unwrap_or_default(),
            wording: self.text(&question.wording),
            hint: self.text(&question.hint),
            instruction: self.text(&question.instruction),
            conditions: page.into_iter().chain(relevant).map(|one| self.tell(one, None)).collect(),
            required: question.required == Required::Hard
                || matches!(question.kind, Kind::Consent(_)),
            is_note: matches!(question.kind, Kind::Note),
            ..QuestionView::default()
        };
        self.modes(question, &mut view);
        self.body(question, compiled, &mut view);
        if let Some(compiled) = compiled {
            self.rules(question, compiled, &mut view);
        }
        for offer in &question.offers {
            let key = if offer.name() == "refused" { "field-refuse" } else { "field-dk" };
            view.options.push(OptionLine {
                code: String::new(),
                label: self.say(key, &[]),
                note: String::new(),
                written: false,
                ranked: false,
            });
        }
        view
    }

    fn modes(&self, question: &Question, view: &mut QuestionView) {
        if question.modes.is_empty() {
            return;
        }
        let modes: Vec<String> = question
            .modes
            .iter()
            .map(|mode| {
                let key = match mode {
                    Mode::Web => "paper-mode-web",
                    Mode::Phone => "paper-mode-phone",
                    Mode::FaceToFace => "paper-mode-face",
                    Mode::Paper => "paper-mode-paper",
                };
                self.say(key, &[])
            })
            .collect();
        view.tells.push(self.say("paper-modes", &[("modes", &modes.join(", "))]));
    }

    /// The options of a list as rows with that many cells to tick.
    fn listed(&self, list: &str, cells: usize) -> Vec<RowLine> {
        let row = |option: &ListOption| RowLine {
            name: option.code.clone(),
            wording: self.text(&option.label),
            condition: String::new(),
            cells: vec![vec![String::new()]; cells],
        };
        self.options(list).map(row).collect()
    }

    /// The choices of a choice set: the profiles are on a card that is made for
    /// each person; what is chosen is circled.
    fn choice_set(&self, set: &ChoiceSet, view: &mut QuestionView) {
        view.columns = self.options(&set.list).map(|option| self.text(&option.label)).collect();
        let codes: Vec<Vec<String>> =
            self.options(&set.list).map(|option| vec![option.code.clone()]).collect();
        let tasks = set.tasks.to_string();
        let row = |task: u32| RowLine {
            name: task.to_string(),
            wording: self.say("field-task", &[("n", &task.to_string()), ("all", &tasks)]),
            condition: String::new(),
            cells: codes.clone(),
        };
        view.rows = (1..=set.tasks).map(row).collect();
        let attributes: Vec<String> = set
            .attributes
            .iter()
            .map(|attribute| {
                let levels: Vec<String> =
                    self.options(&attribute.list).map(|level| self.text(&level.label)).collect();
                format!("{} ({})", self.text(&attribute.label), levels.join(" / "))
            })
            .collect();
        let attributes = attributes.join("; ");
        view.tells.push(self.say("paper-choice-set", &[("attributes", &attributes)]));
    }

    /// What must hold, and how a value is worked out.
    fn rules(&self, question: &Question, compiled: &CompiledQuestion, view: &mut QuestionView) {
        let own = question.kind.list();
        for (expression, constraint) in compiled.constraints.iter().zip(&question.constraints) {
            let words = self.tell(expression, own);
            let key = if constraint.soft { "paper-should" } else { "paper-must" };
            let mut said = self.say(key, &[("condition", &words)]);
            let message = self.text(&constraint.message);
            if !message.is_empty() {
                said = format!("{said} – “{message}”");
            }
            view.musts.push(said);
        }
        if let Some(condition) = &compiled.required_when {
            let words = self.tell(condition, None);
            view.musts.push(self.say("paper-required-if", &[("condition", &words)]));
        }
        if let Some(total) = &compiled.total {
            view.musts.push(self.say("paper-total", &[("total", &self.tell(total, None))]));
        }
        if let Some(filter) = &compiled.filter {
            let words = self.tell(filter, own);
            view.tells.push(self.say("paper-filter", &[("condition", &words)]));
        }
        if let Some(calculation) = &compiled.calculation {
            view.formula = self.tell(calculation, None);
        }
    }

    fn body(
        &self,
        question: &Question,
        compiled: Option<&CompiledQuestion>,
        view: &mut QuestionView,
    ) {
        match &question.kind {
            Kind::Single(choice) | Kind::Consent(choice) => self.choice(choice, false, view),
            Kind::Multiple(multiple) => {
                self.how_many(multiple, "paper-all-that-apply", view);
                self.choice(&multiple.choice, false, view);
            }
            Kind::Ranking(ranking) => {
                self.how_many(ranking, "paper-rank", view);
                self.choice(&ranking.choice, true, view);
            }
            Kind::BestWorst(pair) => {
                view.columns = vec![self.text(&pair.best), self.text(&pair.worst)];
                view.rows = self.listed(&pair.list, 2);
                view.tells.push(self.say("paper-one-a-column", &[]));
            }
            Kind::ItemCount(choice) => {
                view.rows = self.listed(&choice.list, 0);
                view.form = "|__|__|".into();
                view.tells.push(self.say("paper-item-count", &[]));
                self.shuffled(choice.shuffled, view);
            }
            Kind::ChoiceSet(set) => self.choice_set(set, view),
            Kind::Selection(selection) => {
                let key = format!("paper-selection-{}", selection.rule.name().replace('_', "-"));
                let rule = self.say(&key, &[]);
                let arguments = [("roster", selection.roster.as_str()), ("rule", rule.as_str())];
                view.tells.push(self.say("paper-selection", &arguments));
                view.lines = 1;
            }
            Kind::Battery(battery) => {
                view.columns =
                    self.options(&battery.list).map(|option| self.text(&option.label)).collect();
                let codes: Vec<Vec<String>> =
                    self.options(&battery.list).map(|option| vec![option.code.clone()]).collect();
                view.rows = self.rows(&battery.rows, compiled, &codes);
                self.shuffled(battery.shuffled, view);
            }
            Kind::Grid(grid) => self.grid(grid, compiled, view),
            Kind::Scale(scale) => self.scale(scale, view),
            Kind::Integer(range) | Kind::Decimal(range) => self.number(range, view),
            Kind::Duration(_) => view.form = self.say("paper-duration", &[]).into(),
            Kind::ShortText(rule) => {
                view.lines = 1;
                if rule.format == TextFormat::Phone || rule.format == TextFormat::Digits {
                    view.form = "|__|__|__|__|__|__|__|__|__|__|__|__|".into();
                    view.lines = 0;
                }
            }
            Kind::LongText(_) => view.lines = 4,
            Kind::Date(range) => view.form = date_form(range.precision).into(),
            Kind::Time => view.form = "|__|__| : |__|__|".into(),
            Kind::DateTime => {
                view.form = format!("{}   |__|__| : |__|__|", date_form(DatePart::Day)).into();
            }
            Kind::Geo(geo) => {
                let key = if geo.shape == Shape::Point { "paper-point" } else { "paper-points" };
                view.form = self.say(key, &[]).into();
            }
            Kind::File(_) => view.form = self.say("paper-file", &[]).into(),
            Kind::Signature => {
                view.lines = 2;
                view.form = self.say("paper-signature", &[]).into();
            }
            Kind::Acknowledge => view.options.push(OptionLine {
                code: String::new(),
                label: self.say("field-acknowledge", &[]),
                note: String::new(),
                written: false,
                ranked: false,
            }),
            Kind::Arm(arm) => {
                view.tells.push(self.say("paper-arm", &[]));
                self.choice(&Choice::of(&arm.list), false, view);
            }
            Kind::Hidden(hidden) if !hidden.is_known_here() => {
                view.tells.push(self.say("paper-hidden", &[]));
            }
            Kind::Note | Kind::Computed(_) | Kind::Hidden(_) => {}
        }
    }

    fn options(&self, list: &str) -> impl Iterator<Item = &ListOption> {
        self.version.document.list(list).into_iter().flat_map(|list| &list.options)
    }

    fn line(&self, option: &ListOption, ranked: bool, written: bool) -> OptionLine {
        let note = match option.ends {
            Some(Ending::Refused | Ending::ScreenedOut) => self.say("paper-ends", &[]),
            None if option.exclusive => self.say("paper-only", &[]),
            None => String::new(),
        };
        OptionLine {
            code: option.code.clone(),
            label: self.text(&option.label),
            note,
            written,
            ranked: ranked && option.missing.is_none(),
        }
    }

    fn choice(&self, choice: &Choice, ranked: bool, view: &mut QuestionView) {
        let opens = |option: &ListOption| {
            choice.other.as_ref().is_some_and(|other| other.option == option.code)
        };
        view.options = self
            .options(&choice.list)
            .map(|option| self.line(option, ranked, opens(option)))
            .collect();
        self.shuffled(choice.shuffled, view);
    }

    fn shuffled(&self, shuffled: bool, view: &mut QuestionView) {
        if shuffled {
            view.tells.push(self.say("paper-shuffled", &[]));
        }
    }

    /// How many options may be chosen.
    fn how_many(&self, choice: &MultipleChoice, any: &str, view: &mut QuestionView) {
        let (least, most) =
            (choice.at_least.map(|n| n.to_string()), choice.at_most.map(|n| n.to_string()));
        view.tells.push(self.say(any, &[]));
        let said = match (&least, &most) {
            (Some(least), Some(most)) => {
                self.say("paper-from-to", &[("min", least), ("max", most)])
            }
            (Some(least), None) => self.say("paper-from", &[("min", least)]),
            (None, Some(most)) => self.say("paper-to", &[("max", most)]),
            (None, None) => return,
        };
        view.tells.push(said);
    }

    fn rows(
        &self,
        rows: &[Row],
        compiled: Option<&CompiledQuestion>,
        cells: &[Vec<String>],
    ) -> Vec<RowLine> {
        // In a grid the first cell of a row has the row's condition.
        let conditions = compiled.map_or(&[][..], |one| &one.item_relevant);
        let every = if rows.is_empty() { 1 } else { (conditions.len() / rows.len()).max(1) };
        rows.iter()
            .enumerate()
            .map(|(place, row)| RowLine {
                name: row.name.clone(),
                wording: self.text(&row.wording),
                condition: conditions
                    .get(place * every)
                    .and_then(Option::as_ref)
                    .map(|condition| self.tell(condition, None))
                    .unwrap_or_default(),
                cells: cells.to_vec(),
            })
            .collect()
    }

    fn grid(&self, grid: &Grid, compiled: Option<&CompiledQuestion>, view: &mut QuestionView) {
        let mut cells = Vec::new();
        for column in &grid.columns {
            let heading = self.text(&column.label);
            let codes = match &column.cell {
                Cell::Single { list } | Cell::Multiple { list } => {
                    let options = self.options(list).map(|option| self.line(option, false, false));
                    view.keys.push((heading.clone(), options.collect()));
                    self.options(list).map(|option| option.code.clone()).collect()
                }
                Cell::Date(range) => vec![date_form(range.precision).to_owned()],
                Cell::Integer(_) | Cell::Decimal(_) | Cell::Text(_) => Vec::new(),
            };
            cells.push(codes);
            view.columns.push(match &column.cell {
                Cell::Multiple { .. } => {
                    format!("{heading} ({})", self.say("paper-all-that-apply", &[]))
                }
                Cell::Integer(range) | Cell::Decimal(range) if !range.unit.is_empty() => {
                    format!("{heading} ({})", self.text(&range.unit))
                }
                _ => heading,
            });
        }
        view.rows = self.rows(&grid.rows, compiled, &cells);
        self.shuffled(grid.shuffled, view);
    }

    fn scale(&self, scale: &Scale, view: &mut QuestionView) {
        view.points = (scale.from..=scale.to)
            .step_by(scale.step.max(1) as usize)
            .map(|point| point.to_string())
            .collect();
        view.low = self.text(&scale.low);
        view.high = self.text(&scale.high);
    }

    fn number(&self, range: &NumberRange, view: &mut QuestionView) {
        let shown = |number: f64| {
            let text = survey_builder::questionnaire::expression::print_number(number);
            if self.language == "vi" { text.replace('.', ",") } else { text }
        };
        view.form = "|__|__|__|__|__|__|__|__|".into();
        view.unit = self.text(&range.unit);
        let (least, most) = (range.minimum.map(shown), range.maximum.map(shown));
        match (&least, &most) {
            (Some(least), Some(most)) => {
                view.musts.push(self.say("paper-number-range", &[("min", least), ("max", most)]));
            }
            (Some(least), None) => {
                view.musts.push(self.say("paper-number-least", &[("min", least)]));
            }
            (None, Some(most)) => view.musts.push(self.say("paper-number-most", &[("max", most)])),
            (None, None) => {}
        }
    }
}

/// Boxes for as much of a day as is asked, day first.
fn date_form(precision: DatePart) -> &'static str {
    match precision {
        DatePart::Day => "|__|__| / |__|__| / |__|__|__|__|",
        DatePart::Month => "|__|__| / |__|__|__|__|",
        DatePart::Year => "|__|__|__|__|",
    }
}
