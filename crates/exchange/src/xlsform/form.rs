//! A document as the rows of a form: what the sheets and the `XForm` are made
//! from.

mod check;
mod kind;

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Finding, Problem, Severity};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{
    Block, Choice, Document, EditCheck, Item, Kind, ListOption, MediaKind, Members, Page, Question,
    Required, Roster, Section, Text,
};
use survey_builder::questionnaire::expression::{
    Expected, Expression, Type, compile, print_number,
};
use survey_builder::questionnaire::names::{Names, WithSelf};

pub(crate) use self::kind::flags;
use self::kind::{bounds, bounds_said, quoted_code, roles, source, type_of};
use crate::draft::role_in_words;
use crate::formula::write::{Around, Repeat, Writer, fit_code};

/// A row of the survey sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// The type cell: `select_one yn`, `begin_group`, …
    pub kind: String,
    pub name: String,
    /// Cells that have translations, by column.
    pub texts: Vec<(&'static str, Text)>,
    /// The other cells, by column.
    pub cells: Vec<(&'static str, String)>,
}

impl Line {
    fn new(kind: impl Into<String>, name: &str) -> Self {
        Self { kind: kind.into(), name: name.to_owned(), ..Self::default() }
    }

    fn text(mut self, column: &'static str, text: &Text) -> Self {
        if !text.is_empty() {
            self.texts.push((column, text.clone()));
        }
        self
    }

    fn put(&mut self, column: &'static str, cell: impl Into<String>) {
        let cell = cell.into();
        if !cell.is_empty() {
            self.cells.push((column, cell));
        }
    }

    /// The cell of that column, or empty.
    pub(crate) fn cell(&self, column: &str) -> &str {
        self.cells.iter().find(|(known, _)| *known == column).map_or("", |(_, cell)| cell.as_str())
    }

    /// The text of that column, if there is one.
    pub(crate) fn words(&self, column: &str) -> Option<&Text> {
        self.texts.iter().find(|(known, _)| *known == column).map(|(_, text)| text)
    }
}

/// The rows of a document, and what has no place in them.
pub(crate) fn lines(document: &Document) -> (Vec<Line>, Vec<Finding>) {
    let (version, _) = compile_version(document.clone());
    let mut former = Former {
        document,
        names: version.names().clone(),
        writer: Writer::of(&version, fit_code),
        lines: Vec::new(),
        problems: Vec::new(),
        groups: BTreeSet::new(),
        repeats: BTreeMap::new(),
        checks: check::by_question(&version),
    };
    let mut after_loose = false;
    for section in &document.sections {
        after_loose = !after_loose && is_loose(section);
        if after_loose {
            for page in section.own_pages() {
                page.questions.iter().for_each(|question| former.question(question));
            }
        } else {
            former.section(section);
        }
    }
    // What is left reads no answer.
    for check in std::mem::take(&mut former.checks).into_values().flatten() {
        former.lost(&check.name, "checks", &check.expression);
    }
    (former.lines, former.problems)
}

struct Former<'d> {
    document: &'d Document,
    names: Names,
    writer: Writer,
    lines: Vec<Line>,
    problems: Vec<Finding>,
    groups: BTreeSet<String>,
    /// The first repeat of each roster, by the roster's name.
    repeats: BTreeMap<String, String>,
    /// The edit checks that stand behind each question.
    checks: BTreeMap<ItemId, Vec<EditCheck>>,
}

impl Former<'_> {
    fn lost(&mut self, place: &str, what: &str, original: &str) {
        let problem = Problem::new("export_lost", place).with("what", role_in_words(what));
        let problem = problem.with("original", original);
        self.problems.push(Finding { severity: Severity::Warning, problem });
    }

    /// Compiles what an author wrote and writes it as a form has it.
    fn formula(
        &mut self,
        place: &str,
        role: &str,
        text: &str,
        own: Option<Type>,
        expected: Expected,
        write: impl Fn(&mut Writer, &Expression) -> Result<String, String>,
    ) -> String {
        let scope = WithSelf { names: &self.names, kind: own };
        let written = match compile(text, &scope, Some(expected)) {
            Ok(expression) => write(&mut self.writer, &expression),
            Err(_) => Err("it cannot be read".to_owned()),
        };
        match written {
            Ok(written) => written,
            Err(_) => {
                self.lost(place, role, text);
                String::new()
            }
        }
    }

    fn relevance(&mut self, place: &str, text: Option<&String>) -> String {
        let Some(text) = text else { return String::new() };
        self.formula(place, "relevant", text, None, Expected::Condition, Writer::relevance)
    }

    /// A name that no group has yet: groups and questions share theirs.
    fn group_name(&mut self, wanted: &str) -> String {
        let questions = self.names.kind(wanted).is_some();
        let mut name = if questions { format!("{wanted}_group") } else { wanted.to_owned() };
        while !self.groups.insert(name.clone()) {
            name.push_str("_group");
        }
        name
    }

    /// Values that nobody is shown, without a group around them: one that holds
    /// nothing else is no group in a form. They keep its conditions.
    fn silent(&mut self, section: &Section, around: &[&str]) {
        let around = [around, &condition(section.relevant.as_ref())].concat();
        for block in &section.blocks {
            match block {
                Block::Section(inner) => self.silent(inner, &around),
                Block::Page(page) => self.silent_page(page, &around),
            }
        }
    }

    fn silent_page(&mut self, page: &Page, around: &[&str]) {
        let around = [around, &condition(page.relevant.as_ref())].concat();
        for question in &page.questions {
            let all = [around.as_slice(), &condition(question.relevant.as_ref())].concat();
            let joined = match all.as_slice() {
                [] => None,
                [only] => Some((*only).to_owned()),
                all => {
                    Some(all.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" and "))
                }
            };
            self.question(&Question { relevant: joined, ..question.clone() });
        }
    }

    fn section(&mut self, section: &Section) {
        if section.each.is_none() && is_silent(section) {
            return self.silent(section, &[]);
        }
        let roster = section.each.as_ref().and_then(|each| self.document.roster(&each.roster));
        let roster = roster.cloned();
        let word = if roster.is_some() { "repeat" } else { "group" };
        let name = match &roster {
            Some(roster) => self.group_name(&roster.name),
            None => self.group_name(&section.name),
        };
        let mut begin = Line::new(format!("begin_{word}"), &name).text("label", &section.title);
        begin.put("relevant", self.relevance(&section.name, section.relevant.as_ref()));
        if let Some(roster) = &roster {
            // A form repeats in one place: what is asked of the same members
            // elsewhere is a repeat of its own, as long as the first.
            let first = self.repeats.get(&roster.name).cloned();
            let count = match first {
                Some(first) => format!("count(${{{first}}})"),
                None => self.count_of(roster),
            };
            begin.put("repeat_count", count);
            self.repeats.entry(roster.name.clone()).or_insert_with(|| name.clone());
        }
        if section.shuffled {
            self.lost(&section.name, "shuffled", "true");
        }
        let each = roster.map(|roster| Repeat { section: section.id, roster: roster.id });
        self.begin(begin, each);
        let filter = section.each.as_ref().and_then(|each| each.filter.as_ref());
        if filter.is_some() {
            // Members come and go with their repeat; who is asked stands inside.
            let name = self.group_name(&format!("{}_asked", section.name));
            let mut begin = Line::new("begin_group", &name);
            begin.put("relevant", self.relevance(&section.name, filter));
            begin.put("x_each", "yes");
            self.begin(begin, None);
        }
        let last = section.blocks.len().saturating_sub(1);
        for (place, block) in section.blocks.iter().enumerate() {
            match block {
                Block::Section(inner) => self.section(inner),
                Block::Page(page) if is_plain(page, place == 0, place == last) => {
                    for question in &page.questions {
                        self.question(question);
                    }
                }
                Block::Page(page) if page.questions.iter().all(|one| one.kind.is_silent()) => {
                    self.silent_page(page, &[]);
                }
                Block::Page(page) => self.page(page),
            }
        }
        if filter.is_some() {
            self.end("group");
        }
        self.end(word);
    }

    /// A group begins.
    fn begin(&mut self, line: Line, each: Option<Repeat>) {
        self.writer.enter(Around { name: line.name.clone(), each });
        self.lines.push(line);
    }

    /// The innermost group ends.
    fn end(&mut self, word: &str) {
        self.writer.leave();
        self.lines.push(Line::new(format!("end_{word}"), ""));
    }

    /// A page that a form would not make by itself: a group shown at once.
    fn page(&mut self, page: &Page) {
        let name = self.group_name(&format!("{}_page", page.name));
        let mut begin = Line::new("begin_group", &name);
        begin.put("appearance", "field-list");
        begin.put("x_page", page.name.clone());
        begin.put("relevant", self.relevance(&page.name, page.relevant.as_ref()));
        if page.shuffled {
            self.lost(&page.name, "shuffled", "true");
        }
        self.begin(begin, None);
        for question in &page.questions {
            self.question(question);
        }
        self.end("group");
    }

    fn count_of(&mut self, roster: &Roster) -> String {
        let number = Expected::Value(Type::Number);
        match &roster.members {
            Members::Count { expression, .. } => {
                self.formula(&roster.name, "count", expression, None, number, Writer::calculation)
            }
            Members::Fixed { members } => {
                let codes: Vec<&str> = members.iter().map(|one| one.code.as_str()).collect();
                self.lost(&roster.name, "members", &codes.join(" "));
                members.len().to_string()
            }
            Members::Chosen { question } => {
                self.lost(&roster.name, "members", question);
                format!("count-selected(${{{question}}})")
            }
            Members::Others { roster, later } => {
                let first = self.repeats.get(roster).unwrap_or(roster);
                let fewer = if *later { self.writer.position() } else { "1".to_owned() };
                format!("count(${{{first}}}) - {fewer}")
            }
            Members::Listed { question } => {
                self.lost(&roster.name, "members", question);
                String::new()
            }
            Members::Added { .. } => String::new(),
        }
    }

    fn question(&mut self, question: &Question) {
        for mode in &question.modes {
            self.lost(&question.name, "modes", mode.name());
        }
        match &question.kind {
            Kind::Battery(battery) => {
                let kind = format!("select_one {}", battery.list);
                self.rows(question, "table-list", |_| kind.clone());
            }
            Kind::Grid(grid) => {
                if let Some(total) = &grid.total {
                    self.lost(&question.name, "total", total);
                }
                self.rows(question, "field-list", |item| {
                    item.column.map_or_else(String::new, |column| type_of(&column.cell.kind()).0)
                });
            }
            Kind::BestWorst(pair) => {
                let kind = format!("select_one {}", pair.list);
                self.rows(question, "field-list", |_| kind.clone());
            }
            Kind::ChoiceSet(set) => {
                for attribute in &set.attributes {
                    self.lost(&question.name, "attribute", &attribute.name);
                }
                let kind = format!("select_one {}", set.list);
                self.rows(question, "field-list", |_| kind.clone());
            }
            Kind::Selection(selection) => {
                self.lost(&question.name, "selection", selection.rule.name());
                // Texts and conditions read it: somebody else must give it.
                for item in question.items() {
                    self.lines.push(Line::new("hidden", &item.name));
                }
            }
            Kind::Arm(arm) => self.arm(question, &arm.list),
            _ => self.one(question),
        }
        self.checks(question.id);
    }

    /// A question of several items: a group with a question each.
    fn rows(&mut self, question: &Question, looks: &str, kind: impl Fn(&Item<'_>) -> String) {
        let name = self.group_name(&question.name);
        // It stands with the group, where programs for forms show none.
        if !question.hint.is_empty() {
            let hint = question.hint.get(&self.document.default_language, "").to_owned();
            self.lost(&question.name, "hint", &hint);
        }
        let mut begin = Line::new("begin_group", &name)
            .text("label", &question.wording)
            .text("hint", &question.hint);
        begin.put("appearance", looks);
        begin.put("relevant", self.relevance(&question.name, question.relevant.as_ref()));
        begin.put("x_number", question.number.clone().unwrap_or_default());
        begin.put("x_role", roles(&question.roles));
        self.begin(begin, None);
        let items = question.items();
        for (place, item) in items.iter().enumerate() {
            let mut wording = item.wording.clone();
            if let Some(column) = item.column.filter(|column| !column.label.is_empty()) {
                for (language, words) in &mut wording.0 {
                    words.push_str(" – ");
                    words.push_str(column.label.get(language, &self.document.default_language));
                }
            }
            let mut line = Line::new(kind(item), &item.name).text("label", &wording);
            self.constrain_row(question, item, place + 1 == items.len(), &mut line);
            let own = item.row.and_then(|row| row.relevant.as_ref());
            line.put("relevant", self.relevance(&item.name, own));
            if question.required == Required::Hard {
                line.put("required", "yes");
            }
            self.lines.push(line);
        }
        self.end("group");
    }

    /// One of several versions by chance: a number drawn once, and what it means.
    fn arm(&mut self, question: &Question, list: &str) {
        let drawn = format!("{}_drawn", question.name);
        let mut line = Line::new("calculate", &drawn);
        line.put("calculation", "once(random())");
        self.lines.push(line);
        let options = self.document.list(list).map_or(&[][..], |list| &list.options);
        let arms: Vec<&ListOption> = options.iter().filter(|one| one.missing.is_none()).collect();
        let mut formula = arms.last().map_or_else(String::new, |last| quoted_code(&last.code));
        for (place, arm) in arms.iter().enumerate().rev().skip(1) {
            #[expect(clippy::cast_precision_loss, reason = "a handful of arms")]
            let limit = (place + 1) as f64 / arms.len() as f64;
            let limit = print_number(limit);
            formula = format!("if(${{{drawn}}} < {limit}, {}, {formula})", quoted_code(&arm.code));
        }
        let mut line = Line::new("calculate", &question.name);
        line.put("calculation", formula);
        line.put("x_role", roles(&question.roles));
        self.lines.push(line);
    }

    fn one(&mut self, question: &Question) {
        let (kind, looks) = type_of(&question.kind);
        let mut line = Line::new(kind, &question.name)
            .text("label", &question.wording)
            .text("hint", &question.hint)
            .text("guidance_hint", &question.instruction);
        let looks = question.appearance.clone().unwrap_or_else(|| looks.into_owned());
        line.put("appearance", looks);
        self.required(question, &mut line);
        line.put("relevant", self.relevance(&question.name, question.relevant.as_ref()));
        self.constrain(question, &mut line);
        self.value(question, &mut line);
        if question.read_only {
            line.put("readonly", "yes");
        }
        match &question.kind {
            Kind::ItemCount(choice) => self.lost(&question.name, "items", &choice.list),
            kind => {
                if let Some(choice) = kind.choice() {
                    self.choice(question, choice, &mut line);
                }
            }
        }
        for media in &question.media {
            let column = match media.kind {
                MediaKind::Audio => "media::audio",
                MediaKind::Video => "media::video",
                _ => "media::image",
            };
            line.texts.push((column, media.file.clone()));
        }
        if let Kind::Scale(scale) = &question.kind {
            let step = scale.step;
            let parameters = format!("start={} end={} step={step}", scale.from, scale.to);
            line.put("parameters", parameters);
            line = line.text("x_low", &scale.low).text("x_high", &scale.high);
        }
        line.put("x_number", question.number.clone().unwrap_or_default());
        line.put("x_role", roles(&question.roles));
        if let Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) = &question.kind
            && !range.unit.is_empty()
        {
            let unit = range.unit.get(&self.document.default_language, "").to_owned();
            self.lost(&question.name, "unit", &unit);
        }
        for offer in &question.offers {
            self.lost(&question.name, "offers", offer.name());
        }
        self.lines.push(line);
        self.beside(question);
    }

    fn required(&mut self, question: &Question, line: &mut Line) {
        let open = matches!(question.kind, Kind::LongText(_));
        let condition = question.required_when.as_ref();
        match (question.required, condition) {
            (Required::Hard, Some(text)) => {
                let role = "required";
                let expected = Expected::Condition;
                let written =
                    self.formula(&question.name, role, text, None, expected, Writer::relevance);
                line.put("required", written);
            }
            (Required::Hard, None) => line.put("required", "yes"),
            (Required::No, _) if !open && question.kind.takes_answer() => {
                line.put("required", "no");
            }
            (Required::Soft, _) if open => line.put("x_required", "soft"),
            _ => {}
        }
    }

    /// The constraints of one row: those on each, and behind the last those on all
    /// of them together.
    fn constrain_row(&mut self, question: &Question, item: &Item<'_>, last: bool, line: &mut Line) {
        let names: Vec<_> = question.items().into_iter().map(|item| item.name).collect();
        let about_all = |text: &str| {
            let mut words = text.split(|one: char| !one.is_alphanumeric() && one != '_');
            words.any(|word| names.iter().any(|name| name == word))
        };
        let constraints = question.constraints.iter();
        let own = constraints.filter(|one| last || !about_all(&one.expression)).cloned();
        let of_row = Question {
            kind: item.kind_in(question).into_owned(),
            constraints: own.collect(),
            ..Question::new(item.id, &item.name, Text::default(), Kind::Note)
        };
        self.constrain_by(&of_row, item.kind.as_ref(), line);
    }

    /// The bounds of the kind and the constraints, in one cell.
    fn constrain(&mut self, question: &Question, line: &mut Line) {
        self.constrain_by(question, question.kind.answer_type().as_ref(), line);
    }

    fn constrain_by(&mut self, question: &Question, own: Option<&Type>, line: &mut Line) {
        let mut parts = Vec::new();
        let mut message = Text::default();
        for constraint in &question.constraints {
            let written = self.formula(
                &question.name,
                "constraint",
                &constraint.expression,
                own.cloned(),
                Expected::Condition,
                Writer::constraint,
            );
            if !written.is_empty() {
                parts.push(written);
            }
            if message.is_empty() {
                message.clone_from(&constraint.message);
            }
            if constraint.soft {
                line.put("x_soft", "yes");
            }
        }
        // A constraint that says the same is enough.
        let said = bounds_said(&question.kind, &parts);
        let unsaid = bounds(&question.kind).into_iter().filter(|bound| !said.contains(bound));
        parts.splice(0..0, unsaid);
        let joined = match &parts[..] {
            [only] => only.clone(),
            parts => parts
                .iter()
                .map(|part| if part.contains(" or ") { format!("({part})") } else { part.clone() })
                .collect::<Vec<_>>()
                .join(" and "),
        };
        line.put("constraint", joined);
        if !message.is_empty() {
            line.texts.push(("constraint_message", message));
        }
    }

    /// What it is worked out from, or begins with.
    fn value(&mut self, question: &Question, line: &mut Line) {
        let text = match &question.kind {
            Kind::Computed(computed) => Some((&computed.expression, computed.list.clone())),
            Kind::Hidden(hidden) => {
                line.put("x_source", source(&hidden.source));
                None
            }
            _ => None,
        };
        if let Some((text, list)) = text {
            line.put("x_list", list.clone().unwrap_or_default());
            let expected =
                list.map_or(Expected::Single, |list| Expected::Value(Type::Option(list)));
            let written = self.formula(
                &question.name,
                "calculation",
                text,
                None,
                expected,
                Writer::calculation,
            );
            if written.is_empty() {
                // Nothing works it out any more: somebody else must give it.
                "hidden".clone_into(&mut line.kind);
            }
            line.put("calculation", written);
        }
        let Some(text) = &question.default else { return };
        let kind = question.items().into_iter().next().and_then(|item| item.kind);
        let expected = kind.map_or(Expected::Single, Expected::Value);
        let written =
            self.formula(&question.name, "default", text, None, expected, Writer::calculation);
        // A text that is written needs no quotes in that cell.
        let literal = written
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .filter(|inner| !inner.contains('\''));
        let date = written.strip_prefix("date('").and_then(|rest| rest.strip_suffix("')"));
        let column = if line.kind == "calculate" { "calculation" } else { "default" };
        let cell = literal.or(date).filter(|_| column == "default").unwrap_or(&written).to_owned();
        line.put(column, cell);
    }

    fn choice(&mut self, question: &Question, choice: &Choice, line: &mut Line) {
        if choice.shuffled {
            line.put("parameters", "randomize=true");
        }
        if let Some(filter) = &choice.filter {
            let own = Some(Type::Option(choice.list.clone()));
            let expected = Expected::Condition;
            let written =
                self.formula(&question.name, "filter", filter, own, expected, Writer::filter);
            line.put("choice_filter", written);
        }
        let list = self.document.list(&choice.list);
        let ending = list.is_some_and(|list| list.options.iter().any(|one| one.ends.is_some()));
        if ending {
            self.lost(&question.name, "ends", &choice.list);
        }
    }

    /// The box beside an option: a question that opens with it.
    fn beside(&mut self, question: &Question) {
        let Some(other) = question.kind.choice().and_then(|choice| choice.other.as_ref()) else {
            return;
        };
        let label = if other.wording.is_empty() {
            let list = question.kind.list().and_then(|list| self.document.list(list));
            let mut options = list.into_iter().flat_map(|list| &list.options);
            options.find(|one| one.code == other.option).map(|one| one.label.clone())
        } else {
            Some(other.wording.clone())
        };
        let mut line = Line::new("text", &other.name).text("label", &label.unwrap_or_default());
        let code = quoted_code(&other.option);
        line.put("relevant", format!("selected(${{{}}}, {code})", question.name));
        line.put("x_beside", question.name.clone());
        self.lines.push(line);
    }
}

/// A condition, if there is one.
fn condition(text: Option<&String>) -> Vec<&str> {
    text.map(String::as_str).into_iter().collect()
}

/// Whether nothing of a section is shown to anybody.
fn is_silent(section: &Section) -> bool {
    section.blocks.iter().all(|block| match block {
        Block::Section(inner) => inner.each.is_none() && is_silent(inner),
        Block::Page(page) => page.questions.iter().all(|question| question.kind.is_silent()),
    })
}

/// Whether a section is what a form makes of questions outside any group.
fn is_loose(section: &Section) -> bool {
    let plain = section.title.is_empty()
        && section.relevant.is_none()
        && section.each.is_none()
        && !section.shuffled;
    let last = section.blocks.len().saturating_sub(1);
    let pages = section.blocks.iter().enumerate().all(|(place, block)| match block {
        Block::Page(page) => is_plain(page, place == 0, place == last),
        Block::Section(_) => false,
    });
    let first = section.own_pages().next();
    plain && pages && first.is_some_and(|page| page.name == section.name)
}

/// Whether a form would make this page of these questions by itself.
fn is_plain(page: &Page, first: bool, last: bool) -> bool {
    if page.relevant.is_some() || page.shuffled {
        return false;
    }
    let asking: Vec<usize> = page
        .questions
        .iter()
        .enumerate()
        .filter(|(_, question)| question.kind.takes_answer())
        .map(|(place, _)| place)
        .collect();
    match asking[..] {
        [place] => {
            let silent_first = page.questions[0].kind.is_silent();
            let notes_after = page.questions[place + 1..]
                .iter()
                .any(|question| matches!(question.kind, Kind::Note));
            page.questions[place].name == page.name && !notes_after && (first || !silent_first)
        }
        [] => last && page.questions.first().is_some_and(|one| one.name == page.name),
        _ => false,
    }
}
