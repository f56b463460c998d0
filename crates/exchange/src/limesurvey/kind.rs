//! The kind of each type of question, by its letter.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    Battery, Cell, Choice, Column, DatePart, DateRange, FileRule, Geo, Grid, Hidden, Kind,
    ListOption, MediaKind, MultipleChoice, NumberRange, OtherText, Question, Row, Scale, Shape,
    Shown, Source, Text, TextFormat, TextRule,
};

use super::build::Builder;
use super::expression::selected;
use super::model::{Asked, Part, Texts};
use super::variables::stage_key;
use crate::draft::words::{self, in_languages};
use crate::draft::{Slot, text::number};
use crate::formula::{Formula, Operator};

/// The code of "other" in lists and in multiple choices.
const OTHER_IN_LIST: &str = "-oth-";

impl Builder<'_> {
    /// Gives the question its kind; what comes back stands behind it.
    pub(super) fn kind(&mut self, asked: &Asked, question: &mut Question) -> Vec<Question> {
        let mut further = Vec::new();
        let kind = match asked.kind {
            'X' => Kind::Note,
            '*' => {
                self.equation(asked, question);
                return further;
            }
            'L' | '!' | 'O' | 'W' | 'Z' | '^' => self.single(asked, question),
            'Y' => self.fixed(question, &[("Y", words::YES), ("N", words::NO)]),
            'G' => self.fixed(question, &[("F", words::FEMALE), ("M", words::MALE)]),
            'M' | 'P' => {
                further.extend(self.later_stages(asked, question));
                self.multiple(asked, question)
            }
            'R' => self.ranking(asked, question),
            'A' => self.battery_of(asked, question, &numbers(5, self.survey.base())),
            'B' => self.battery_of(asked, question, &numbers(10, self.survey.base())),
            'C' => {
                let codes = [("Y", words::YES), ("U", words::UNCERTAIN), ("N", words::NO)];
                let options = self.worded(&codes);
                self.battery_of(asked, question, &options)
            }
            'E' => {
                let codes = [("I", words::INCREASE), ("S", words::SAME), ("D", words::DECREASE)];
                let options = self.worded(&codes);
                self.battery_of(asked, question, &options)
            }
            'F' | 'H' => {
                let options = self.options(asked, &asked.answers_of(0));
                self.battery_of(asked, question, &options)
            }
            '1' => self.dual(asked, question),
            'K' | 'Q' => self.list_of_boxes(asked, question),
            ':' | ';' => self.table(asked, question),
            '5' => Kind::Scale(Scale { from: 1, to: 5, ..Scale::default() }),
            'N' => self.number(asked),
            'D' => date(asked),
            'I' => Kind::Hidden(Hidden {
                source: Source::Interview("language".to_owned()),
                ..Hidden::default()
            }),
            '|' => sent_file(asked),
            'S' | 'T' | 'U' => self.written(asked),
            _ => self.unknown(asked, question),
        };
        question.kind = kind;
        let parts = match asked.kind {
            'M' | 'P' => asked.stages().into_iter().next().unwrap_or_default(),
            'R' if asked.answers.is_empty() => asked.parts_of(0),
            _ => asked.answers_of(0),
        };
        self.filter(asked, question, &parts);
        self.check_filters(asked, question.id);
        match asked.kind {
            'O' => further.push(self.comment(asked)),
            'P' => further.extend(self.comments(asked, question)),
            _ => {}
        }
        further
    }

    fn unknown(&mut self, asked: &Asked, question: &Question) -> Kind {
        let letter = asked.kind.to_string();
        self.draft.warn(Problem::new("import_type", asked.place()).with("type", &letter));
        match (asked.answers.is_empty(), asked.parts.is_empty()) {
            (false, true) => self.single(asked, question),
            (true, false) => self.multiple(asked, question),
            (false, false) => {
                let options = self.options(asked, &asked.answers_of(0));
                self.battery_of(asked, question, &options)
            }
            (true, true) => Kind::ShortText(TextRule::default()),
        }
    }

    fn worded(&self, codes: &[(&str, &'static [(&'static str, &'static str)])]) -> Vec<ListOption> {
        let options = codes.iter().map(|(code, word)| {
            ListOption::new(uuid::Uuid::nil(), code, in_languages(word, &self.survey.languages))
        });
        options.collect()
    }

    fn fixed(
        &mut self,
        question: &Question,
        codes: &[(&str, &'static [(&'static str, &'static str)])],
    ) -> Kind {
        let options = self.worded(codes);
        Kind::Single(Choice::of(&self.draft.list_of(&question.name, options)))
    }

    /// Options with their texts; one that is only a picture is called by it.
    fn options(&mut self, asked: &Asked, parts: &[&Part]) -> Vec<ListOption> {
        let alone: Vec<&str> = asked.attribute("exclude_all_others").split([';', ',']).collect();
        let mut options = Vec::new();
        for part in parts {
            let mut label = self.text(&part.text, asked.place(), asked.place());
            let image = part.text.values().find_map(|text| picture(text));
            if let (true, Some(file)) = (label.is_empty(), &image) {
                let name = file.rsplit('/').next().unwrap_or(file);
                let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                label = self.draft.text(name);
            }
            if label.is_empty() {
                label = self.draft.text(&part.code);
            }
            let mut option = ListOption::new(uuid::Uuid::nil(), &part.code, label);
            option.image = image;
            option.exclusive =
                alone.iter().any(|code| !code.is_empty() && code.trim() == part.code);
            options.push(option);
        }
        options
    }

    /// The option "other" with the text beside it.
    fn other(&mut self, asked: &Asked, code: &str, part: &str) -> (ListOption, OtherText) {
        let own = asked.attributes.get("other_replace_text");
        let mut label = in_languages(words::OTHER, &self.survey.languages);
        if let Some(texts) = own {
            let texts = self.text(texts, asked.place(), asked.place());
            label.0.extend(texts.0);
        }
        let mut option = ListOption::new(uuid::Uuid::nil(), code, label);
        option.anchored = true;
        let name = self.variables.name(asked, part);
        let id = self.draft.id("question", &name);
        let wording = Text::default();
        (option, OtherText { id, name, option: code.to_owned(), wording })
    }

    fn choice(
        &mut self,
        asked: &Asked,
        question: &Question,
        parts: &[&Part],
        code: &str,
    ) -> Choice {
        let mut options = self.options(asked, parts);
        let mut other = None;
        // A hidden question has no box beside it.
        let part = if code == OTHER_IN_LIST && asked.kind != 'P' && asked.kind != 'M' {
            "other"
        } else {
            code
        };
        if asked.other && !self.variables.name(asked, part).is_empty() {
            let (option, text) = self.other(asked, code, part);
            options.push(option);
            other = Some(text);
        }
        let orders = ["random_order", "answer_order", "subquestion_order"];
        let is_random =
            |name: &&str| asked.is_on(name) || asked.attribute(name).eq_ignore_ascii_case("random");
        let shown = match asked.theme.as_str() {
            "bootstrap_buttons" | "bootstrap_buttons_multi" => Shown::Buttons,
            theme if theme.starts_with("image_select") => Shown::Images,
            _ if asked.kind == '!' || asked.kind == 'W' => Shown::Dropdown,
            _ => Shown::List,
        };
        Choice {
            list: self.draft.list_of(&question.name, options),
            filter: None,
            shuffled: orders.iter().any(is_random),
            shown,
            other,
        }
    }

    fn single(&mut self, asked: &Asked, question: &Question) -> Kind {
        Kind::Single(self.choice(asked, question, &asked.answers_of(0), OTHER_IN_LIST))
    }

    fn multiple(&mut self, asked: &Asked, question: &Question) -> Kind {
        let stages = asked.stages();
        let first = stages.first().map_or(&[][..], Vec::as_slice);
        let choice = self.choice(asked, question, first, asked.other_code());
        let bound = |name: &str| whole(asked.attribute(name)).filter(|_| stages.len() < 2);
        let (at_least, at_most) = (bound("min_answers"), bound("max_answers"));
        for name in ["min_answers", "max_answers"] {
            let said = asked.attribute(name);
            if stages.len() > 1 && !said.is_empty() {
                self.keep(question.id, asked.place(), name, said);
            }
        }
        Kind::Multiple(MultipleChoice { choice, at_least, at_most })
    }

    /// Options that are offered when others of the same question are ticked: a
    /// question of their own on the page, because what is offered is known only
    /// once those are.
    fn later_stages(&mut self, asked: &Asked, question: &Question) -> Vec<Question> {
        let mut made = Vec::new();
        for (stage, parts) in asked.stages().iter().enumerate().skip(1) {
            let name = self.variables.name(asked, &stage_key(stage));
            let id = self.draft.id("question", &name);
            let mut then = Question::new(id, &name, question.wording.clone(), Kind::Note);
            let list = self.options(asked, parts);
            let choice = Choice::of(&self.draft.list_of(&name, list));
            then.kind = Kind::Multiple(MultipleChoice { choice, at_least: None, at_most: None });
            then.required = survey_builder::questionnaire::document::Required::No;
            self.filter(asked, &then, parts);
            let offered: Vec<_> = parts.iter().map(|part| self.offered(asked, part)).collect();
            // Where one is always offered, so is the question.
            let tests: Option<Vec<Formula>> =
                offered.into_iter().map(|one| one.map(|(test, _)| test)).collect();
            if let Some(any) = tests.and_then(Formula::any) {
                self.draft.also(id, &any, &format!("options of {name}"), asked.place());
            }
            let problem = Problem::new("import_split", asked.place()).with("name", &name);
            self.draft.note(problem);
            self.draft.remark(Some(id), "options", &format!("part of {}", asked.place()));
            made.push(then);
        }
        made
    }

    fn ranking(&mut self, asked: &Asked, question: &Question) -> Kind {
        let mut parts = asked.answers_of(0);
        if parts.is_empty() {
            parts = asked.parts_of(0);
        }
        let choice = self.choice(asked, question, &parts, OTHER_IN_LIST);
        Kind::Ranking(MultipleChoice {
            choice,
            at_least: whole(asked.attribute("min_answers")),
            at_most: whole(asked.attribute("max_answers"))
                .or(whole(asked.attribute("max_subquestions"))),
        })
    }

    /// Which options are offered, where that depends.
    fn filter(&mut self, asked: &Asked, question: &Question, parts: &[&Part]) {
        let Some(choice) = question.kind.choice() else { return };
        let list = choice.list.clone();
        let mut tests = Vec::new();
        let mut originals: Vec<String> = Vec::new();
        for part in parts {
            if let Some((test, original)) = self.offered(asked, part) {
                let code = Formula::text(&part.code);
                let is_other =
                    Formula::binary(Operator::NotEqual, Formula::Column("name".to_owned()), code);
                tests.push(Formula::binary(Operator::Or, is_other, test));
                if !originals.contains(&original) {
                    originals.push(original);
                }
            }
        }
        debug_assert!(!list.is_empty());
        if let Some(formula) = Formula::all(tests) {
            let original = originals.join("; ");
            self.put_formula(Slot::Filter(question.id), formula, &original, asked.place());
        }
    }

    fn is_shuffled(asked: &Asked) -> bool {
        asked.is_on("random_order")
            || asked.attribute("subquestion_order").eq_ignore_ascii_case("random")
    }

    /// The rows of a question, each with its condition.
    fn rows(&mut self, asked: &Asked) -> Vec<Row> {
        let mut rows = Vec::new();
        for part in asked.parts_of(0) {
            let name = self.variables.name(asked, &part.code);
            let id = self.draft.id("row", &name);
            let mut wording = self.text(&part.text, asked.place(), asked.place());
            if wording.is_empty() {
                wording = self.draft.text(&part.code);
            }
            if let Some((formula, original)) = self.offered(asked, part) {
                self.put_formula(Slot::Row(id), formula, &original, asked.place());
            }
            rows.push(Row { id, name, wording, relevant: None });
        }
        rows
    }

    fn battery_of(&mut self, asked: &Asked, question: &Question, options: &[ListOption]) -> Kind {
        let list = self.draft.list_of(&question.name, options.to_vec());
        Kind::Battery(Battery { list, rows: self.rows(asked), shuffled: Self::is_shuffled(asked) })
    }

    fn column(&mut self, question: &Question, name: &str, label: Text, cell: Cell) -> Column {
        let id = self.draft.id("column", &format!("{}\u{1f}{name}", question.name));
        Column { id, name: name.to_owned(), label, cell }
    }

    fn dual(&mut self, asked: &Asked, question: &Question) -> Kind {
        let mut columns = Vec::new();
        for (scale, name, heading) in [(0, "0", "dualscale_headerA"), (1, "1", "dualscale_headerB")]
        {
            let options = self.options(asked, &asked.answers_of(scale));
            let list = self.draft.list_of(&format!("{}_{name}", question.name), options);
            let label = self.attribute_text(asked, heading);
            columns.push(self.column(question, name, label, Cell::Single { list }));
        }
        let shuffled = Self::is_shuffled(asked);
        Kind::Grid(Grid { rows: self.rows(asked), columns, shuffled, total: None })
    }

    fn attribute_text(&mut self, asked: &Asked, name: &str) -> Text {
        let lower = name.to_lowercase();
        let texts: Option<Texts> =
            asked.attributes.get(name).or_else(|| asked.attributes.get(&lower)).cloned();
        texts.map(|texts| self.text(&texts, asked.place(), asked.place())).unwrap_or_default()
    }

    /// Several numbers or several short texts, one below the other.
    fn list_of_boxes(&mut self, asked: &Asked, question: &Question) -> Kind {
        let is_number = asked.kind == 'K' || asked.is_on("numbers_only");
        let cell = if is_number { self.number_cell(asked) } else { Cell::Text(text_rule(asked)) };
        let columns = vec![self.column(question, "value", Text::default(), cell)];
        let shuffled = Self::is_shuffled(asked);
        Kind::Grid(Grid { rows: self.rows(asked), columns, shuffled, total: None })
    }

    fn table(&mut self, asked: &Asked, question: &Question) -> Kind {
        let mut columns = Vec::new();
        if asked.is_ticked() {
            let options = self.options(asked, &asked.parts_of(1));
            let list = self.draft.list_of(&question.name, options);
            columns.push(self.column(question, "chosen", Text::default(), Cell::Multiple { list }));
        } else {
            for part in asked.parts_of(1) {
                let label = self.text(&part.text, asked.place(), asked.place());
                let cell = if asked.kind == ':' {
                    multiflexible(asked)
                } else if asked.is_on("numbers_only") {
                    self.number_cell(asked)
                } else {
                    Cell::Text(text_rule(asked))
                };
                columns.push(self.column(question, &part.code, label, cell));
            }
        }
        let shuffled = Self::is_shuffled(asked);
        Kind::Grid(Grid { rows: self.rows(asked), columns, shuffled, total: None })
    }

    fn number_cell(&mut self, asked: &Asked) -> Cell {
        match self.number(asked) {
            Kind::Integer(range) => Cell::Integer(range),
            Kind::Decimal(range) => Cell::Decimal(range),
            _ => Cell::Decimal(NumberRange::default()),
        }
    }

    fn number(&mut self, asked: &Asked) -> Kind {
        let bound = |names: [&str; 2]| names.iter().find_map(|name| number(asked.attribute(name)));
        let slides = asked.is_on("slider_layout");
        let (low, high) = if slides {
            (["min_num_value_n", "slider_min"], ["max_num_value_n", "slider_max"])
        } else {
            (["min_num_value_n", ""], ["max_num_value_n", ""])
        };
        let unit = self.attribute_text(asked, "suffix");
        let range = NumberRange { minimum: bound(low), maximum: bound(high), decimals: None, unit };
        if asked.is_on("num_value_int_only") { Kind::Integer(range) } else { Kind::Decimal(range) }
    }

    fn written(&mut self, asked: &Asked) -> Kind {
        if asked.theme.starts_with("browserdetect") {
            let source = Source::Interview("device".to_owned());
            return Kind::Hidden(Hidden { source, ..Hidden::default() });
        }
        if asked.kind == 'S' && !matches!(asked.attribute("location_mapservice"), "" | "0") {
            return Kind::Geo(Geo { shape: Shape::Point });
        }
        if asked.is_on("numbers_only") {
            return self.number(asked);
        }
        let rule = text_rule(asked);
        if asked.kind == 'S' { Kind::ShortText(rule) } else { Kind::LongText(rule) }
    }

    /// The comment beside a list.
    fn comment(&mut self, asked: &Asked) -> Question {
        let name = self.variables.name(asked, "comment");
        let name = if name.is_empty() {
            self.draft.name(&format!("{}_comment", asked.place()))
        } else {
            name
        };
        let wording = in_languages(words::COMMENT, &self.survey.languages);
        let id = self.draft.id("question", &name);
        let mut comment = Question::new(id, &name, wording, Kind::LongText(TextRule::default()));
        comment.required = survey_builder::questionnaire::document::Required::No;
        comment
    }

    /// A comment for each option that is ticked.
    fn comments(&mut self, asked: &Asked, question: &Question) -> Option<Question> {
        let mut codes: Vec<(String, Text)> = Vec::new();
        for part in asked.parts_of(0) {
            codes.push((part.code.clone(), self.text(&part.text, asked.place(), asked.place())));
        }
        if asked.other {
            codes.push((
                asked.other_code().to_owned(),
                in_languages(words::OTHER, &self.survey.languages),
            ));
        }
        let mut rows = Vec::new();
        for (code, wording) in codes {
            let name = self.variables.name(asked, &format!("{code}comment"));
            let id = self.draft.id("row", &name);
            let ticked = selected(&question.name, &code);
            self.put_formula(Slot::Row(id), ticked, &format!("{code} is ticked"), asked.place());
            rows.push(Row { id, name, wording, relevant: None });
        }
        if rows.is_empty() {
            return None;
        }
        let wording = in_languages(words::COMMENT, &self.survey.languages);
        let rule = Cell::Text(TextRule::default());
        let mut made =
            self.draft.question(&format!("{}_comments", question.name), wording, Kind::Note);
        let columns = vec![self.column(&made, "comment", Text::default(), rule)];
        made.kind = Kind::Grid(Grid { rows, columns, shuffled: false, total: None });
        made.required = survey_builder::questionnaire::document::Required::No;
        Some(made)
    }
}

fn numbers(most: u32, language: &str) -> Vec<ListOption> {
    (1..=most)
        .map(|number| {
            let code = number.to_string();
            ListOption::new(uuid::Uuid::nil(), &code, Text::new(language, &code))
        })
        .collect()
}

fn text_rule(asked: &Asked) -> TextRule {
    TextRule {
        at_most: whole(asked.attribute("maximum_chars")).filter(|most| *most > 0),
        format: TextFormat::Any,
    }
}

/// The numbers that the cells of a table may have.
fn multiflexible(asked: &Asked) -> Cell {
    let number = |name: &str| number(asked.attribute(name));
    let step = number("multiflexible_step").unwrap_or(1.0);
    let range = NumberRange {
        minimum: number("multiflexible_min").or(Some(1.0)),
        maximum: number("multiflexible_max").or(Some(10.0)),
        ..NumberRange::default()
    };
    // Boxes to type into have no list of numbers.
    if asked.is_on("input_boxes") {
        let range = NumberRange {
            minimum: number("multiflexible_min"),
            maximum: number("multiflexible_max"),
            ..NumberRange::default()
        };
        return if asked.is_on("num_value_int_only") {
            Cell::Integer(range)
        } else {
            Cell::Decimal(range)
        };
    }
    if step.fract() == 0.0 { Cell::Integer(range) } else { Cell::Decimal(range) }
}

fn date(asked: &Asked) -> Kind {
    let form = asked.attribute("date_format");
    let has = |letter: char| form.contains(letter);
    let (day, time) = (has('d') || has('j'), has('H') || has('h'));
    let (month, year) = (has('m') || has('n'), has('y') || has('Y'));
    if time && (day || month || year) {
        return Kind::DateTime;
    }
    if time {
        return Kind::Time;
    }
    let precision = match (day, month, year) {
        (false, true, _) => DatePart::Month,
        (false, false, true) => DatePart::Year,
        _ => DatePart::Day,
    };
    let bound = |name: &str| Some(asked.attribute(name).to_owned()).filter(|day| is_day(day));
    Kind::Date(DateRange { minimum: bound("date_min"), maximum: bound("date_max"), precision })
}

/// Whether a text is a day, `2026-01-31`.
pub(super) fn is_day(text: &str) -> bool {
    text.parse::<chrono::NaiveDate>().is_ok() && text.len() == 10
}

fn sent_file(asked: &Asked) -> Kind {
    let kinds: Vec<String> = asked
        .attribute("allowed_filetypes")
        .split(',')
        .map(|kind| kind.trim().to_lowercase())
        .filter(|kind| !kind.is_empty())
        .collect();
    let all =
        |known: &[&str]| !kinds.is_empty() && kinds.iter().all(|one| known.contains(&one.as_str()));
    let media = if all(&["png", "gif", "jpg", "jpeg", "bmp", "webp", "heic", "svg"]) {
        MediaKind::Image
    } else if all(&["mp3", "wav", "ogg", "m4a", "flac"]) {
        MediaKind::Audio
    } else if all(&["mp4", "avi", "mov", "webm", "mkv", "mpg", "mpeg"]) {
        MediaKind::Video
    } else {
        MediaKind::Any
    };
    // In kilobytes.
    let at_most = asked.attribute("max_filesize").parse::<u64>().ok();
    Kind::File(FileRule { media, at_most: at_most.and_then(|size| size.checked_mul(1024)) })
}

/// The picture of a text that shows one.
fn picture(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("<img")?;
    let (_, rest) = rest.split_once("src=")?;
    let quote = rest.chars().next().filter(|next| "\"'".contains(*next))?;
    let (file, _) = rest[1..].split_once(quote)?;
    Some(file.to_owned()).filter(|file| !file.is_empty() && !file.starts_with("data:"))
}

fn whole(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}
