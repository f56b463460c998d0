//! Builds the document from the sheets.

mod battery;
mod bounds;
mod insertion;
mod path;
mod question;
mod settings;

pub(in crate::xlsform) use self::bounds::bound;

use survey_builder::problem::{Finding, phrase};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Each, Kind, Members, OtherText, Question, Roster, Section, Text,
};

use self::path::Places;
use self::settings::{SETTINGS, Settings};
use super::choices;
use super::language::Languages;
use super::ledger::account;
use super::problem::{Detail, Problem, Problems};
use super::row::{self, Asked, Group, Item, Lists};
use super::rules;
use super::sheet::{Row, Sheet, Workbook};
use super::xpath;
use crate::draft::renamed::Renamed;
use crate::draft::{Draft, Pending, Slot, settle::settle};
use crate::formula::{Fault, Formula};

/// Columns of the survey sheet that are read.
const READ: [&str; 35] = [
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "appearance",
    "parameters",
    "choice_filter",
    "calculation",
    "default",
    "readonly",
    "repeat_count",
    "image",
    "big_image",
    "audio",
    "video",
    "disabled",
    "trigger",
    "required_message",
    "x_number",
    "x_role",
    "x_page",
    "x_each",
    "x_required",
    "x_beside",
    "x_soft",
    "x_low",
    "x_high",
    "x_source",
    "x_list",
    "x_check",
];

/// Columns whose cells are kept as remarks.
const KEPT: [&str; 6] = ["trigger", "required_message", "autoplay", "save_to", "rows", "query"];

/// The document and every problem.
pub(super) fn build(workbook: &Workbook) -> Built {
    let mut problems = Problems(workbook.problems.0.clone());
    let mut settings = Settings::read(&workbook.settings);
    let sheets = [&workbook.survey, &workbook.choices, &workbook.external];
    let (languages, named) = Languages::find(&sheets, &settings.default_language);
    if let Some(row) = workbook.settings.rows.first() {
        for (language, words) in languages.text(&workbook.settings, row, "form_title").0 {
            settings.titles.0.entry(language).or_insert(words);
        }
    }
    if !named {
        let name = settings.default_language.clone();
        let detail = Detail::XlsformDefaultLanguage { name };
        problems.add("settings", Some(2), "default_language", detail);
    }
    check_columns(&workbook.survey, &mut problems);
    let mut renamed = Renamed::default();
    let mut read = |sheet, twice| {
        let form = &settings.form;
        choices::read(sheet, form, &languages, twice, &mut renamed, &mut problems)
    };
    let lists = read(&workbook.choices, settings.twice);
    let external = read(&workbook.external, true);
    let known = Lists {
        choices: lists.iter().map(|list| list.name.as_str()).collect(),
        external: external.iter().map(|list| list.name.as_str()).collect(),
    };
    let items = row::read(&workbook.survey, &known, &mut problems);
    rules::check(workbook, &lists, &items, &mut problems);
    let mut draft = Draft::new(&settings.form, settings.title(&languages), languages.all());
    draft.reconsiders = true;
    draft.document.default_language.clone_from(&languages.default);
    draft.document.address_form.clone_from(&settings.address_form);
    draft.keep_version(&settings.version);
    draft.renamed = renamed;
    lists.iter().cloned().for_each(|list| draft.keep_list(list));
    aside(workbook, &mut draft, &mut problems);
    for mut list in external {
        if draft.has_list(&list.name) {
            list.name.push_str("_external");
            list.id = draft.id("list", &list.name);
        }
        draft.keep_list(list);
    }
    let mut builder = Builder {
        sheet: &workbook.survey,
        languages: &languages,
        draft,
        problems,
        looped: None,
        turns: 0,
        besides: Vec::new(),
        places: Places::of(&workbook.survey, &items),
        inserted: Vec::new(),
    };
    builder.top(&items);
    let Builder { mut draft, mut problems, besides, places, .. } = builder;
    for one in &mut draft.pending {
        let formula = std::mem::replace(&mut one.formula, Formula::Number(0.0));
        one.formula = formula.replaced(&mut |part| match part {
            Formula::Question(name) => Formula::Question(places.name_of(&name).unwrap_or(name)),
            other => other,
        });
    }
    for (question, text) in besides {
        put_beside(&mut draft, &question, &text);
    }
    for unsettled in settle(&mut draft) {
        tell(&mut draft, &unsettled.pending, unsettled.fault, &mut problems);
    }
    let refused = problems.0.iter().any(|problem| problem.severity() == super::Severity::Error);
    if !refused {
        account(workbook, &mut draft, &mut problems);
    }
    if draft.document.sections.is_empty() && !refused {
        problems.add("survey", None, "", Detail::XlsformNoQuestions);
    }
    Built { document: draft.document, problems: problems.0, settled: draft.problems }
}

/// What was made of the sheets.
pub(super) struct Built {
    pub document: Document,
    pub problems: Vec<Problem>,
    /// What was changed on the way, as every reader tells it.
    pub settled: Vec<Finding>,
}

/// Bytes of a sheet without a place here that are kept in a document: such sheets may hold
/// all of somebody's data.
const MOST_ASIDE: usize = 100_000;

/// Keeps what stands on other sheets and beside the settings that are read, and
/// the files beside options.
fn aside(workbook: &Workbook, draft: &mut Draft, problems: &mut Problems) {
    for (name, sheet) in &workbook.aside {
        for row in &sheet.rows {
            draft.remark(None, name, &row.whole());
        }
        problems.add(name, Some(1), "", Detail::XlsformSheetNotCarried);
    }
    for (name, grid) in &workbook.others {
        let filled = |cells: &[String]| {
            let filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
            filled.collect::<Vec<_>>().join(" | ")
        };
        let mut rows = grid.iter().map(|(_, cells)| filled(cells)).filter(|row| !row.is_empty());
        let (mut kept, mut left) = (String::new(), 0);
        for row in rows.by_ref() {
            if kept.len() + row.len() > MOST_ASIDE {
                left = 1;
                break;
            }
            kept.push_str(&row);
            kept.push('\n');
        }
        left += rows.count();
        draft.remark(None, name, kept.trim_end());
        let first = grid.first().map(|(number, _)| *number);
        problems.add(name, first, "", Detail::XlsformSheetNotCarried);
        if left > 0 {
            problems.add(name, first, "", Detail::XlsformSheetCut { count: left });
        }
    }
    let kept = |column: &str| {
        let base = column.split("::").next().unwrap_or_default();
        !SETTINGS.contains(&base) && !column.starts_with("x_")
    };
    keep_columns(&workbook.settings, "settings", kept, draft, problems);
    for row in workbook.settings.rows.iter().take(1) {
        // What a form is published as is nothing that it asks.
        for column in SETTINGS {
            workbook.settings.cell(row, column);
        }
    }
    let beside = |column: &str| {
        let (base, language) = column.split_once("::").unwrap_or((column, ""));
        ["audio", "video", "big_image"].contains(&base) || (base == "image" && !language.is_empty())
    };
    keep_columns(&workbook.choices, "choices", beside, draft, problems);
    // These are told where columns are checked.
    let inner = |column: &str| {
        let base = column.split("::").next().unwrap_or_default();
        !READ.contains(&base) && !KEPT.contains(&base)
    };
    keep_columns(&workbook.survey, "", inner, draft, problems);
}

/// Keeps the cells of some columns as remarks; told under the name of the sheet.
fn keep_columns(
    sheet: &Sheet,
    name: &str,
    kept: impl Fn(&str) -> bool,
    draft: &mut Draft,
    problems: &mut Problems,
) {
    for (place, column) in sheet.columns.iter().enumerate().filter(|(_, column)| kept(column)) {
        let mut found = false;
        for row in sheet.rows.iter().filter(|row| !row.peek(place).is_empty()) {
            let (of, cell) = (sheet.peek(row, "name"), row.at(place));
            let original = if of.is_empty() { cell.to_owned() } else { format!("{of}: {cell}") };
            draft.remark(None, if column.is_empty() { "column" } else { column }, &original);
            found = true;
        }
        if found && !name.is_empty() {
            problems.add(name, Some(1), column, Detail::XlsformColumnNotCarried);
        }
    }
}

/// Tells what could not be settled; but for unknown names it stays as a remark.
fn tell(draft: &mut Draft, pending: &Pending, fault: Fault, problems: &mut Problems) {
    let place = pending.place.as_text().unwrap_or_default();
    let (row, column) = place.split_once(' ').unwrap_or(("", ""));
    let row = row.parse().ok();
    let detail = match fault {
        Fault::UnknownName(name) if stands(draft, &name) => {
            draft.remark(pending.slot.item(), pending.slot.role(), &pending.original);
            let construct = phrase("phrase-question-without-an-answer").with("name", name).into();
            Detail::XlsformXpathNotCarried { construct }
        }
        Fault::UnknownName(name) if pending.original.contains(&format!("${{{name}}}")) => {
            Detail::XlsformXpathUnknownName { name }
        }
        Fault::UnknownName(name) => {
            draft.remark(pending.slot.item(), pending.slot.role(), &pending.original);
            Detail::XlsformXpathNotCarried { construct: name.into() }
        }
        Fault::NotCarried(construct) => {
            draft.remark(pending.slot.item(), pending.slot.role(), &pending.original);
            Detail::XlsformXpathNotCarried { construct }
        }
        Fault::Unfit(expression, problem) => {
            draft.remark(pending.slot.item(), pending.slot.role(), &pending.original);
            Detail::XlsformExpression { expression, problem }
        }
    };
    problems.add("survey", row, column, detail);
}

/// Whether something is called so that nobody answers: a note, a group.
fn stands(draft: &Draft, name: &str) -> bool {
    let document = &draft.document;
    document.questions().any(|question| question.name == name)
        || document.all_sections().iter().any(|section| section.name == name)
}

fn check_columns(sheet: &Sheet, problems: &mut Problems) {
    for (place, column) in sheet.columns.iter().enumerate() {
        let base = column.split("::").next().unwrap_or_default();
        let filled = sheet.rows.iter().any(|row| !row.peek(place).is_empty());
        if !filled || READ.contains(&base) {
            continue;
        }
        let carried_not = KEPT.contains(&base)
            || ["media", "bind", "body", "control", "instance"].contains(&base);
        let detail = if carried_not {
            Detail::XlsformColumnNotCarried
        } else {
            Detail::XlsformColumnUnknown
        };
        let heading = sheet.headings.get(place).map_or("", |heading| heading.trim());
        problems.add("survey", Some(1), heading, detail);
    }
}

/// How often the loops of a form may go round, those within others counted too.
const MOST_TURNS: u32 = 1_000;

struct Builder<'s> {
    sheet: &'s Sheet,
    languages: &'s Languages,
    draft: Draft,
    problems: Problems,
    /// The loop and its option whose questions are being made.
    looped: Option<(String, Text)>,
    /// How often loops went round.
    turns: u32,
    /// Texts that stand beside an option: the question's name and their own.
    besides: Vec<(String, String)>,
    /// Where the rows stand, for paths.
    places: Places,
    /// Values that texts of the row being read insert.
    inserted: Vec<Question>,
}

impl<'s> Builder<'s> {
    fn cell(&self, row: &'s Row, column: &str) -> &'s str {
        self.sheet.cell(row, column)
    }

    fn text(&self, row: &Row, column: &str) -> Text {
        let mut text = self.languages.text(self.sheet, row, column);
        if let Some((name, label)) = &self.looped {
            for (language, words) in &mut text.0 {
                let said = label.get(language, &self.languages.default);
                *words = words.replace("%(label)s", said).replace("%(name)s", name);
            }
        }
        text
    }

    fn add(&mut self, row: &Row, column: &str, detail: Detail) {
        self.problems.add("survey", Some(row.number), column, detail);
    }

    /// The whole form: groups become sections, what stands between them too.
    fn top(&mut self, items: &[Item<'s>]) {
        let mut sections = Vec::new();
        let mut loose: Vec<Question> = Vec::new();
        for item in items {
            match item {
                Item::Question(row, asked) => loose.extend(self.question(row, asked)),
                Item::Group(row, Group::Plain, inner) if self.is_battery(row, inner) => {
                    loose.push(self.battery_group(row, inner));
                }
                Item::Group(..) => {
                    sections.extend(self.loose_section(std::mem::take(&mut loose)));
                    sections.extend(self.group(item));
                }
            }
        }
        sections.extend(self.loose_section(loose));
        self.draft.document.sections = sections;
    }

    /// Questions outside any group: a section named after its first page.
    fn loose_section(&mut self, questions: Vec<Question>) -> Option<Section> {
        let blocks = self.draft.pages(questions);
        let name = blocks.first().map(|block| match block {
            Block::Page(page) => page.name.clone(),
            Block::Section(section) => section.name.clone(),
        })?;
        Some(self.draft.section(&name, Text::default(), blocks))
    }

    /// The sections of a group: one, or one for each option of a loop.
    fn group(&mut self, item: &Item<'s>) -> Vec<Section> {
        let Item::Group(row, group, items) = item else { return Vec::new() };
        match group {
            Group::Plain => self.plain_group(row, items).into_iter().collect(),
            Group::Repeat => self.repeat(row, items).into_iter().collect(),
            Group::Loop(list) => {
                let options: Vec<(String, Text)> = self
                    .draft
                    .document
                    .list(list)
                    .into_iter()
                    .flat_map(|list| &list.options)
                    .map(|option| (option.code.clone(), option.label.clone()))
                    .collect();
                let mut sections = Vec::new();
                for (code, label) in options {
                    self.turns += 1;
                    if self.turns > MOST_TURNS {
                        if self.turns == MOST_TURNS + 1 {
                            let name = "loops that go round so often".to_owned();
                            self.add(row, "type", Detail::XlsformTypeNotCarried { name });
                        }
                        break;
                    }
                    let outer = self.looped.replace((code, label));
                    sections.extend(self.plain_group(row, items));
                    self.looped = outer;
                }
                sections
            }
        }
    }

    fn plain_group(&mut self, row: &'s Row, items: &[Item<'s>]) -> Option<Section> {
        let name = self.name(row);
        self.looks_together(row);
        if self.has_appearance(row, "table-list")
            && let Some(reason) = self.no_battery(items)
        {
            let reason = reason.to_owned();
            self.add(row, "appearance", Detail::XlsformNotABattery { reason });
        }
        let mut before = Vec::new();
        let hint = self.text(row, "hint");
        if !hint.is_empty() {
            before.push(self.draft.question(&format!("{name}_note"), hint, Kind::Note));
        }
        let field_list = self.has_appearance(row, "field-list");
        let blocks = if field_list && !holds_repeat(items) {
            self.one_page(items, &mut before);
            let named = before.iter().find(|question| question.kind.takes_answer());
            let page = named.or(before.first())?.name.clone();
            vec![Block::Page(self.draft.page(&page, before))]
        } else {
            self.blocks(items, before)
        };
        let title = self.text(row, "label");
        let section = self.draft.section(&name, title, blocks);
        self.condition(row, "relevant", Slot::Section(section.id));
        Some(section)
    }

    fn repeat(&mut self, row: &'s Row, items: &[Item<'s>]) -> Option<Section> {
        // A group of ours that says of whom the rest is asked.
        let (those, items) = match items {
            [Item::Group(those, Group::Plain, inner)] if !self.cell(those, "x_each").is_empty() => {
                (Some(*those), inner.as_slice())
            }
            _ => (None, items),
        };
        let mut section = self.plain_group(row, items)?;
        let name = self.draft.name(&self.name(row));
        let roster = Roster {
            id: self.draft.id("roster", &name),
            name: name.clone(),
            label: Text::default(),
            members: Members::Added {
                at_least: 0,
                at_most: None,
                wording: Text::default(),
                primary: Text::default(),
            },
        };
        self.condition(row, "repeat_count", Slot::Count(roster.id));
        self.draft.document.rosters.push(roster);
        section.each = Some(Each { roster: name, filter: None });
        if let Some(those) = those {
            self.condition(those, "relevant", Slot::Each(section.id));
        }
        Some(section)
    }

    /// Pages and inner sections in their order.
    fn blocks(&mut self, items: &[Item<'s>], before: Vec<Question>) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut waiting = before;
        for item in items {
            match item {
                Item::Question(row, asked) => waiting.extend(self.question(row, asked)),
                Item::Group(row, Group::Plain, inner) if self.is_battery(row, inner) => {
                    waiting.push(self.battery_group(row, inner));
                }
                Item::Group(row, Group::Plain, inner) if !self.cell(row, "x_page").is_empty() => {
                    blocks.extend(self.draft.pages(std::mem::take(&mut waiting)));
                    blocks.push(self.own_page(row, inner));
                }
                Item::Group(..) => {
                    blocks.extend(self.draft.pages(std::mem::take(&mut waiting)));
                    blocks.extend(self.group(item).into_iter().map(Block::Section));
                }
            }
        }
        blocks.extend(self.draft.pages(waiting));
        blocks
    }

    /// A group that stands for a page.
    fn own_page(&mut self, row: &'s Row, items: &[Item<'s>]) -> Block {
        let mut questions = Vec::new();
        self.one_page(items, &mut questions);
        let page = self.draft.page(self.cell(row, "x_page"), questions);
        self.condition(row, "relevant", Slot::Page(page.id));
        Block::Page(page)
    }

    /// The questions of a group that are shown at once. Groups inside it keep
    /// their conditions on each question.
    fn one_page(&mut self, items: &[Item<'s>], questions: &mut Vec<Question>) {
        let mut at = 0;
        while let Some(item) = items.get(at) {
            at += 1;
            match item {
                Item::Question(row, asked) => {
                    if let Some(length) = self.labelled_rows(&items[at - 1..]) {
                        let rows = &items[at..at + length];
                        at += length;
                        questions.push(self.battery(row, rows));
                    } else {
                        questions.extend(self.question(row, asked));
                    }
                }
                Item::Group(row, _, inner) if self.is_battery(row, inner) => {
                    questions.push(self.battery_group(row, inner));
                }
                Item::Group(row, _, inner) => {
                    let first = questions.len();
                    let label = self.text(row, "label");
                    if !label.is_empty() {
                        let name = format!("{}_heading", self.name(row));
                        questions.push(self.draft.question(&name, label, Kind::Note));
                    }
                    self.one_page(inner, questions);
                    let ids: Vec<ItemId> = questions[first..].iter().map(|one| one.id).collect();
                    self.condition_of_all(row, &ids);
                }
            }
        }
    }

    /// Puts a group's condition before those of its questions.
    fn condition_of_all(&mut self, row: &'s Row, ids: &[ItemId]) {
        let source = self.cell(row, "relevant");
        let Some(formula) = self.parse(row, "relevant", source, ids.first().copied()) else {
            return;
        };
        for id in ids {
            let own = self.draft.pending.iter_mut().find(
                |pending| matches!(&pending.slot, Slot::Question(question) if question == id),
            );
            match own {
                Some(own) => {
                    let parts = [formula.clone(), own.formula.clone()];
                    own.formula = Formula::all(parts).unwrap_or_else(|| formula.clone());
                    own.original = format!("({source}) and ({})", own.original);
                }
                None => self.draft.pending.push(Pending {
                    slot: Slot::Question(*id),
                    formula: formula.clone(),
                    original: source.to_owned(),
                    place: format!("{} relevant", row.number).into(),
                }),
            }
        }
    }

    fn name(&self, row: &'s Row) -> String {
        let name = match self.cell(row, "name") {
            "" => format!("row_{}", row.number),
            name => name.to_owned(),
        };
        match &self.looped {
            Some((option, _)) => format!("{option}_{name}"),
            None => name,
        }
    }

    fn has_appearance(&self, row: &'s Row, wanted: &str) -> bool {
        self.sheet.peek(row, "appearance").split_whitespace().any(|word| word == wanted)
    }

    /// The looks of a group or of a row of a battery: those that say how questions stand
    /// together are carried over, and a cell that says more is left to be told.
    fn looks_together(&self, row: &'s Row) {
        const TOGETHER: [&str; 4] = ["field-list", "table-list", "label", "list-nolabel"];
        let looks = self.sheet.peek(row, "appearance");
        if looks.split_whitespace().all(|look| TOGETHER.contains(&look)) {
            self.cell(row, "appearance");
        }
    }

    /// Reads a formula for its place; a fault is told.
    fn condition(&mut self, row: &'s Row, column: &str, slot: Slot) {
        let source = self.cell(row, column);
        if let Some(formula) = self.parse(row, column, source, slot.item()) {
            let place = format!("{} {column}", row.number);
            self.draft.later(slot, Ok(formula), source, &place);
        }
    }

    /// A formula with names in the place of paths; the first path that leads to
    /// no question otherwise.
    fn named(&self, row: &Row, formula: Formula) -> Result<Formula, String> {
        let mut astray = None;
        let named = formula.replaced(&mut |part| match part {
            Formula::Question(path) if path.contains('/') || path == ".." => {
                match self.places.question(row, &path) {
                    Some(name) => Formula::Question(name),
                    None => {
                        let _ = astray.get_or_insert_with(|| path.clone());
                        Formula::Question(path)
                    }
                }
            }
            other => other,
        });
        astray.map_or(Ok(named), Err)
    }

    fn parse(
        &mut self,
        row: &'s Row,
        column: &str,
        source: &str,
        item: Option<ItemId>,
    ) -> Option<Formula> {
        if source.is_empty() {
            return None;
        }
        let truth = |name: &str| Some(Formula::call(name, Vec::new()));
        match source.to_lowercase().as_str() {
            "yes" | "true" => return truth("true"),
            "no" | "false" => return truth("false"),
            _ => {}
        }
        // Word processors bend quotes.
        let straight = || source.replace(['‘', '’'], "'").replace(['“', '”'], "\"");
        let bent = |fault| match xpath::parse(&straight()) {
            // What is wrong with it straightened is what is wrong with it.
            Err(xpath::Fault::Syntax(..)) => Err(fault),
            read => read,
        };
        match xpath::parse(source).or_else(bent) {
            Ok(formula) => match self.named(row, formula) {
                Ok(formula) => Some(formula),
                Err(path) => {
                    self.draft.remark(item, column, source);
                    let construct = path.into();
                    self.add(row, column, Detail::XlsformXpathNotCarried { construct });
                    None
                }
            },
            Err(xpath::Fault::Syntax(reason, at)) => {
                self.add(row, column, Detail::XlsformXpath { reason, at });
                None
            }
            Err(xpath::Fault::NotCarried(construct)) => {
                self.draft.remark(item, column, source);
                self.add(row, column, Detail::XlsformXpathNotCarried { construct });
                None
            }
        }
    }
}

/// Puts a text that has a row of its own beside the option that opens it.
fn put_beside(draft: &mut Draft, question: &str, text: &str) {
    let code = |pending: &Pending| match (&pending.slot, &pending.formula) {
        (Slot::Question(id), Formula::Call(name, arguments)) if name == "selected" => {
            match &arguments[..] {
                [Formula::Question(asked), Formula::Text(code)] if asked == question => {
                    Some((*id, code.clone()))
                }
                _ => None,
            }
        }
        _ => None,
    };
    let Some(own) = draft.document.questions().find(|one| one.name == text).cloned() else {
        return;
    };
    let opens = draft.pending.iter().filter_map(code).find(|(id, _)| *id == own.id);
    let Some((id, option)) = opens else { return };
    let asked = draft.document.questions().find(|asked| asked.name == question);
    let Some(choice) = asked.and_then(|asked| asked.kind.choice()) else { return };
    // The option's own label is what is asked where nothing else is.
    let list = choice.list.clone();
    let label = draft.document.list(&list).and_then(|list| {
        list.options.iter().find(|one| one.code == option).map(|one| one.label.clone())
    });
    let wording = if label == Some(own.wording.clone()) { Text::default() } else { own.wording };
    let other = OtherText { id, name: own.name, option, wording };
    if let Some(asked) = draft.document.question_mut(question)
        && let Some(choice) = asked.kind.choice_mut()
    {
        choice.other = Some(other);
    }
    for page in draft.document.pages_mut() {
        page.questions.retain(|question| question.id != id);
    }
    draft.pending.retain(|pending| pending.slot.item() != Some(id));
}

fn holds_repeat(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| match item {
        Item::Group(_, Group::Plain, items) => holds_repeat(items),
        Item::Group(..) => true,
        Item::Question(_, asked) => *asked == Asked::External,
    })
}
