//! What was written, laid over the document that it was made of.
//!
//! A part is the same that has the same code; where a code is new and an old one is gone,
//! the same words say that it is called otherwise now, and all that names it follows. Where
//! a line says what it said before, the document's own stays as it is, to the last sign.

mod lists;
mod matching;
mod tree;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::lists::{Lists, kind_of};
use self::matching::Matches;
use self::tree::{Block as Laid, PageLines, QuestionLines, SectionLines, Tree};
use super::super::answer::ItemId;
use super::super::document::{
    Block, Constraint, Document, Kind, ListOption, OptionList, Page, Question, Row, Section, Text,
    TextRole,
};
use super::super::expression::renamed;
use super::super::operation::compose::Fresh;
use super::super::operation::{Draft, changed_names, inserted, rename, rows_mut};
use super::{
    Column, Fault, Identity, Line, Sort, Written, limits, messages, one_line, plain, writes_options,
};
use crate::problem::Problem;

/// The document that `written` makes of the one that it was printed from; `identity` makes
/// identities for what is new.
///
/// # Errors
///
/// Everything in it that makes no document, with its place: codes twice or missing, lists
/// that are not there, options and rows under what takes none, sections that are too deep.
pub fn overlay(
    base: &Document,
    written: &Written,
    identity: Identity<'_>,
) -> Result<Document, Vec<Fault>> {
    let mut faults = Vec::new();
    let tree = Tree::of(&written.lines, &mut faults);
    let matches = Matches::of(base, &tree, &written.languages);
    let lists = Lists::of(base, (&tree, &written.says), &matches, &mut faults);
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.at);
        return Err(faults);
    }
    let (followed, names) = follow(base, &tree, &matches, &lists);
    let mut used = followed.clone();
    // Codes that are written are in use as well.
    let codes = tree.codes();
    let mut fresh = Fresh::of(&used, identity);
    for code in &codes {
        fresh.uses(code);
    }
    let mut laying =
        Laying { base, followed: &followed, written, matches, lists, names, fresh, faults };
    used.sections = laying.sections(&tree.sections);
    used.lists = laying.all_lists();
    if let Some(title) = tree.title {
        laying.text(&mut used.title, &base.title, title, TextRole::Title);
    }
    let Laying { lists, mut faults, .. } = laying;
    if written.says.all_lists {
        faults.extend(gone_and_used(base, &used, &tree));
    } else {
        drop_unused(base, &mut used, &lists);
    }
    if faults.is_empty() {
        Ok(used)
    } else {
        faults.sort_by_key(|fault| fault.at);
        Err(faults)
    }
}

/// Lists that nothing uses any more and that are not written go with what used them.
fn drop_unused(base: &Document, document: &mut Document, lists: &Lists<'_>) {
    let used: BTreeSet<String> = document
        .questions()
        .flat_map(|question| question.kind.lists())
        .map(str::to_owned)
        .collect();
    let own: BTreeSet<ItemId> = base.lists.iter().map(|list| list.id).collect();
    document.lists.retain(|list| {
        used.contains(&list.name) || lists.is_written(&list.name) || !own.contains(&list.id)
    });
}

/// The lists that are written no more and that questions still choose from.
fn gone_and_used(base: &Document, after: &Document, tree: &Tree<'_>) -> Vec<Fault> {
    let there: BTreeSet<&str> = after.lists.iter().map(|list| list.name.as_str()).collect();
    let gone: BTreeSet<&str> = base
        .lists
        .iter()
        .map(|list| list.name.as_str())
        .filter(|name| !there.contains(name))
        .collect();
    let questions = tree.questions();
    let lines: HashMap<&str, &Line> =
        questions.iter().map(|lines| (lines.line.code.as_str(), lines.line)).collect();
    let mut faults = Vec::new();
    for question in after.questions() {
        let at = lines.get(question.name.as_str()).map(|line| line.at).unwrap_or_default();
        for list in question.kind.lists().into_iter().filter(|list| gone.contains(list)) {
            let problem = Problem::new("sheet-list-gone", "").with("list", list);
            faults.push(Fault { at, problem: problem.with("question", &question.name) });
        }
    }
    faults
}

/// The document with what is called otherwise now, followed wherever it is named; and the
/// names themselves, for what was written with the old ones.
fn follow(
    base: &Document,
    tree: &Tree<'_>,
    matches: &Matches,
    lists: &Lists<'_>,
) -> (Document, BTreeMap<String, String>) {
    let mut draft = Draft::of(base.clone());
    let mut names = BTreeMap::new();
    for (line, item) in tree.named().filter_map(|line| Some((line, matches.item(line)?))) {
        if line.code.is_empty() {
            continue;
        }
        if let Some((_, changed)) = changed_names(&draft.document, item, &line.code) {
            names.extend(changed);
            for operation in rename(&draft.document, item, &line.code) {
                // Strict operations on what they were made of.
                let _ = operation.apply(&mut draft);
            }
        }
    }
    let mut document = draft.document;
    for (old, new) in lists.renamed() {
        let mut follow = |name: &mut String| {
            if name == old {
                new.clone_into(name);
            }
        };
        for list in &mut document.lists {
            follow(&mut list.name);
        }
        for page in document.pages_mut() {
            for question in &mut page.questions {
                question.kind.each_list(&mut follow);
            }
        }
    }
    (document, names)
}

struct Laying<'a> {
    base: &'a Document,
    followed: &'a Document,
    written: &'a Written,
    matches: Matches,
    lists: Lists<'a>,
    names: BTreeMap<String, String>,
    fresh: Fresh<'a>,
    faults: Vec<Fault>,
}

impl Laying<'_> {
    /// A text in the languages that are shown; `was` is what the line was printed from.
    fn text(&self, text: &mut Text, was: &Text, line: &Line, role: TextRole) {
        for language in self.written.says.languages(role) {
            let said = line.text(role, language);
            let before = was.0.get(language).map(|before| plain(before)).unwrap_or_default();
            if self.written.says.same(&before, said) {
                continue;
            }
            if said.is_empty() {
                text.0.remove(language);
            } else {
                let said = inserted(&Text::new(language, said), &self.names);
                text.0.extend(said.0);
            }
        }
    }

    /// An expression that may not be there.
    fn expression(&self, now: &mut Option<String>, was: Option<&String>, said: &str) {
        let changed = was.map(|was| one_line(was)).unwrap_or_default() != said;
        if changed && self.written.says.has(&Column::Relevant) {
            *now = Some(renamed(said, &self.names)).filter(|said| !said.is_empty());
        }
    }

    fn sections(&mut self, sections: &[SectionLines<'_>]) -> Vec<Section> {
        sections.iter().map(|section| self.section(section)).collect()
    }

    fn section(&mut self, lines: &SectionLines<'_>) -> Section {
        let item = self.matches.item(lines.line);
        let was =
            item.and_then(|item| self.base.all_sections().into_iter().find(|one| one.id == item));
        let followed = item
            .and_then(|item| self.followed.all_sections().into_iter().find(|one| one.id == item));
        let mut section = match followed {
            Some(section) => section.clone(),
            None => Section::new(self.fresh.id(), "", Vec::new()),
        };
        section.name = self.code(&section.name, lines.line, "s");
        self.expression(
            &mut section.relevant,
            was.and_then(|was| was.relevant.as_ref()),
            &lines.line.relevant,
        );
        let nothing = Text::default();
        let title = was.map_or(&nothing, |was| &was.title);
        self.text(&mut section.title, title, lines.line, TextRole::Title);
        section.blocks = lines
            .blocks
            .iter()
            .map(|block| match block {
                Laid::Section(inner) => Block::Section(self.section(inner)),
                Laid::Page(page) => Block::Page(self.page(page)),
            })
            .collect();
        section
    }

    fn page(&mut self, lines: &PageLines<'_>) -> Page {
        let item = self.matches.page(lines);
        let was = item.and_then(|item| self.base.pages().find(|(_, page)| page.id == item));
        let followed =
            item.and_then(|item| self.followed.pages().find(|(_, page)| page.id == item));
        let mut page = match followed {
            Some((_, page)) => page.clone(),
            None => Page::new(self.fresh.id(), "", Vec::new()),
        };
        if let Some(line) = lines.line {
            page.name = self.code(&page.name, line, "p");
            let was = was.and_then(|(_, was)| was.relevant.as_ref());
            self.expression(&mut page.relevant, was, &line.relevant);
        } else if page.name.is_empty() {
            page.name = self.fresh.numbered("p", 1);
        }
        page.questions = lines.questions.iter().map(|question| self.question(question)).collect();
        page
    }

    /// The code that is written, else the one that it has, else a new one.
    fn code(&mut self, own: &str, line: &Line, stem: &str) -> String {
        if !line.code.is_empty() && line.code != own.trim() {
            line.code.clone()
        } else if own.is_empty() {
            self.fresh.numbered(stem, 1)
        } else {
            own.to_owned()
        }
    }

    fn question(&mut self, lines: &QuestionLines<'_>) -> Question {
        let line = lines.line;
        let item = self.matches.item(line);
        let was = item.and_then(|item| self.matches.question(self.base, item));
        let followed = item.and_then(|item| self.matches.question(self.followed, item));
        let mut question = match followed {
            Some(question) => question.clone(),
            None => Question::new(self.fresh.id(), "", Text::default(), Kind::Note),
        };
        question.name = self.code(&question.name, line, "q");
        let nothing = Text::default();
        let (wording, hint, instruction) = match was {
            Some(was) => (&was.wording, &was.hint, &was.instruction),
            None => (&nothing, &nothing, &nothing),
        };
        self.text(&mut question.wording, wording, line, TextRole::Wording);
        self.text(&mut question.hint, hint, line, TextRole::Hint);
        self.text(&mut question.instruction, instruction, line, TextRole::Instruction);
        let number = was.and_then(|was| was.number.as_deref()).map(one_line).unwrap_or_default();
        let says = &self.written.says;
        if number != line.number && says.has(&Column::Number) {
            question.number = Some(line.number.clone()).filter(|number| !number.is_empty());
        }
        if says.has(&Column::Required) {
            question.required = line.required;
        }
        if says.has(&Column::Missing) {
            question.offers.clone_from(&line.missing);
        }
        self.constraint(&mut question, was, line);
        self.expression(
            &mut question.relevant,
            was.and_then(|was| was.relevant.as_ref()),
            &line.relevant,
        );
        self.kind(&mut question, was, lines);
        question
    }

    /// What an answer must satisfy, where it is one condition: more than one stay as they are.
    fn constraint(&mut self, question: &mut Question, was: Option<&Question>, line: &Line) {
        let says = &self.written.says;
        let own = was.map(|was| was.constraints.as_slice()).unwrap_or_default();
        let said = !says.has(&Column::Constraint) || says.same(&limits(own), &line.constraint);
        let nothing = messages(own);
        let worded = says.languages(TextRole::Message).into_iter().all(|language| {
            let before = nothing.0.get(language).map(|before| plain(before)).unwrap_or_default();
            says.same(&before, line.text(TextRole::Message, language))
        });
        if said && worded {
            return;
        }
        let mut wrong = |code| {
            let problem = Problem::new(code, "");
            self.faults.push(Fault { at: line.at, problem });
        };
        let expression = match own {
            [_, _, ..] => return wrong("sheet-limits"),
            _ if says.has(&Column::Constraint) => line.constraint.clone(),
            [one] => one_line(&one.expression),
            [] => String::new(),
        };
        if expression.is_empty() {
            if line.texts.keys().any(|(role, _)| *role == TextRole::Message) {
                wrong("sheet-message-alone");
            }
            question.constraints.clear();
            return;
        }
        let mut limit = question.constraints.pop().unwrap_or_else(|| Constraint {
            expression: String::new(),
            message: Text::default(),
            soft: false,
        });
        if !said {
            limit.expression = renamed(&expression, &self.names);
        }
        self.text(&mut limit.message, &nothing, line, TextRole::Message);
        question.constraints = vec![limit];
    }

    fn kind(&mut self, question: &mut Question, was: Option<&Question>, lines: &QuestionLines<'_>) {
        let line = lines.line;
        let name = kind_of(line, was.map(|was| &was.kind), !lines.options.is_empty());
        let list = self.lists.list_of(line).unwrap_or(&question.name).to_owned();
        let old = was.map_or(Kind::Note, |_| question.kind.clone());
        match old.converted(name, &list) {
            Some(kind) => question.kind = kind,
            None => {
                let problem = Problem::new("written-kind-fixed", "");
                self.faults.push(Fault { at: line.at, problem });
                return;
            }
        }
        if question.kind.list().is_some() {
            set_list(&mut question.kind, &list);
        } else if let (Kind::Computed(computed), false) = (&mut question.kind, line.list.is_empty())
        {
            computed.list = Some(list);
        }
        let says = &self.written.says;
        if let Kind::Computed(computed) = &mut question.kind {
            if line.list.is_empty() && says.has(&Column::List) {
                computed.list = None;
            }
            let before = match was.map(|was| &was.kind) {
                Some(Kind::Computed(before)) => one_line(&before.expression),
                _ => String::new(),
            };
            if before != line.calculation && says.has(&Column::Calculation) {
                computed.expression = renamed(&line.calculation, &self.names);
            }
        } else if !line.calculation.is_empty() {
            self.faults
                .push(Fault { at: line.at, problem: Problem::new("written-no-calculation", "") });
        }
        if !lines.options.is_empty() && !writes_options(&question.kind) {
            let at = lines.options[0].at;
            self.faults.push(Fault { at, problem: Problem::new("written-no-options", "") });
        }
        let rows = self.rows(question, was, lines);
        match rows_mut(&mut question.kind) {
            Some(own) => *own = rows,
            None => {
                if let Some(row) = lines.rows.first() {
                    self.faults
                        .push(Fault { at: row.at, problem: Problem::new("written-no-rows", "") });
                }
            }
        }
    }

    fn rows(
        &mut self,
        question: &Question,
        was: Option<&Question>,
        lines: &QuestionLines<'_>,
    ) -> Vec<Row> {
        let nothing = Text::default();
        let stem = format!("{}_", question.name);
        lines
            .rows
            .iter()
            .map(|line| {
                let item = self.matches.item(line);
                let of = |question: &Question| {
                    question.kind.rows().iter().find(|row| Some(row.id) == item).cloned()
                };
                let before = was.and_then(of);
                let mut row = of(question).unwrap_or_else(|| Row {
                    id: self.fresh.id(),
                    name: String::new(),
                    wording: Text::default(),
                    relevant: None,
                });
                row.name = self.code(&row.name, line, &stem);
                let wording = before.as_ref().map_or(&nothing, |row| &row.wording);
                self.text(&mut row.wording, wording, line, TextRole::Wording);
                let relevant = before.as_ref().and_then(|row| row.relevant.as_ref());
                self.expression(&mut row.relevant, relevant, &line.relevant);
                row
            })
            .collect()
    }

    /// The lists that were there, as they are written now, and those that are new.
    fn all_lists(&mut self) -> Vec<OptionList> {
        let mut lists = Vec::new();
        for list in &self.followed.lists {
            let was = self.base.lists.iter().find(|one| one.id == list.id);
            let lines = self.lists.options_of(&list.name);
            if lines.is_none() && self.written.says.all_lists {
                continue;
            }
            let mut list = list.clone();
            if let Some(lines) = lines {
                list.options = self.options(&list, was, &lines);
            }
            lists.push(list);
        }
        for name in self.lists.added() {
            let lines = self.lists.options_of(&name).unwrap_or_default();
            let mut list = OptionList { id: self.fresh.id(), name, options: Vec::new() };
            list.options = self.options(&list, None, &lines);
            lists.push(list);
        }
        lists
    }

    fn options(
        &mut self,
        list: &OptionList,
        was: Option<&OptionList>,
        lines: &[&Line],
    ) -> Vec<ListOption> {
        let nothing = Text::default();
        let mut used: BTreeSet<String> = lines.iter().map(|line| line.code.clone()).collect();
        let by_id = |list: &OptionList| -> HashMap<ItemId, ListOption> {
            list.options.iter().map(|option| (option.id, option.clone())).collect()
        };
        let (mut of, earlier) = (by_id(list), was.map(by_id).unwrap_or_default());
        let matched = Matches::options(was, lines, &self.written.languages);
        let mut next = 1_u32;
        lines
            .iter()
            .map(|line| {
                let item = matched.get(&line.at);
                let before = item.and_then(|item| earlier.get(item));
                let mut option = match item.and_then(|item| of.remove(item)) {
                    Some(option) => option,
                    None => ListOption::new(self.fresh.id(), "", Text::default()),
                };
                if !line.code.is_empty() && line.code != option.code.trim() {
                    option.code.clone_from(&line.code);
                } else if option.code.is_empty() {
                    while used.contains(&next.to_string()) {
                        next += 1;
                    }
                    option.code = next.to_string();
                }
                used.insert(option.code.clone());
                let label = before.map_or(&nothing, |option| &option.label);
                self.text(&mut option.label, label, line, TextRole::Label);
                if self.written.says.has(&Column::Missing) {
                    option.missing = line.missing.first().copied();
                }
                option
            })
            .collect()
    }
}

/// Lets a kind choose from another list.
fn set_list(kind: &mut Kind, list: &str) {
    match kind {
        Kind::Battery(battery) => list.clone_into(&mut battery.list),
        Kind::BestWorst(pair) => list.clone_into(&mut pair.list),
        Kind::Arm(arm) => list.clone_into(&mut arm.list),
        Kind::Computed(computed) => computed.list = Some(list.to_owned()),
        Kind::ChoiceSet(set) => list.clone_into(&mut set.list),
        kind => {
            if let Some(choice) = kind.choice_mut() {
                list.clone_into(&mut choice.list);
            }
        }
    }
}

/// Whether something can be a code that expressions name.
fn is_name(code: &str) -> bool {
    let first = |sign: char| sign.is_alphabetic() || sign == '_';
    code.starts_with(first)
        && code.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '.' | '-'))
}

/// Lines that stand for parts with a name.
fn has_name(line: &Line) -> bool {
    matches!(line.sort, Sort::Question | Sort::Row)
}
