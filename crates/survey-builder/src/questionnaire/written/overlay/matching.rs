//! Which line stands for which part of the document: by code; where a code is gone and a
//! new one came, by the same words.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::super::answer::ItemId;
use super::super::super::document::{Document, OptionList, Question, Text};
use super::super::{At, Line, plain};
use super::tree::{PageLines, Tree};

/// The parts that lines stand for.
pub(super) struct Matches {
    items: BTreeMap<At, ItemId>,
    pages: BTreeMap<At, ItemId>,
    places: HashMap<ItemId, usize>,
}

/// A part that a line may stand for: its identity, its code and its words.
struct Known<'a> {
    id: ItemId,
    code: &'a str,
    words: &'a Text,
}

impl Matches {
    pub fn of(base: &Document, tree: &Tree<'_>, languages: &[String]) -> Self {
        let mut items = BTreeMap::new();
        let sections: Vec<Known<'_>> = base
            .all_sections()
            .into_iter()
            .map(|one| Known { id: one.id, code: &one.name, words: &one.title })
            .collect();
        meet(&tree.all_sections(), &sections, languages, &mut items);
        let asked: Vec<&Question> = base.questions().collect();
        let questions: Vec<Known<'_>> = asked
            .iter()
            .map(|one| Known { id: one.id, code: &one.name, words: &one.wording })
            .collect();
        let lines: Vec<&Line> = tree.questions().iter().map(|one| one.line).collect();
        meet(&lines, &questions, languages, &mut items);
        let places: HashMap<ItemId, usize> =
            asked.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
        for question in tree.questions() {
            let was = items.get(&question.line.at).and_then(|item| asked.get(*places.get(item)?));
            let rows: Vec<Known<'_>> = was
                .map(|was| was.kind.rows())
                .unwrap_or_default()
                .iter()
                .map(|row| Known { id: row.id, code: &row.name, words: &row.wording })
                .collect();
            meet(&question.rows, &rows, languages, &mut items);
        }
        let pages = pages(base, tree, &items);
        Self { items, pages, places }
    }

    /// The part that a line stands for.
    pub fn item(&self, line: &Line) -> Option<ItemId> {
        self.items.get(&line.at).copied()
    }

    /// The page that lines stand for.
    pub fn page(&self, lines: &PageLines<'_>) -> Option<ItemId> {
        self.pages.get(&place(lines)?).copied()
    }

    /// The question with that identity, in a document with the same questions in the same
    /// order as the one that was matched.
    pub fn question<'a>(&self, document: &'a Document, item: ItemId) -> Option<&'a Question> {
        let at = *self.places.get(&item)?;
        document.questions().nth(at).filter(|question| question.id == item)
    }

    /// The options of a list that lines stand for.
    pub fn options(
        list: Option<&OptionList>,
        lines: &[&Line],
        languages: &[String],
    ) -> BTreeMap<At, ItemId> {
        let known: Vec<Known<'_>> = list
            .map(|list| list.options.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|one| Known { id: one.id, code: &one.code, words: &one.label })
            .collect();
        let mut items = BTreeMap::new();
        meet(lines, &known, languages, &mut items);
        items
    }
}

fn place(lines: &PageLines<'_>) -> Option<At> {
    lines.line.or_else(|| lines.questions.first().map(|first| first.line)).map(|line| line.at)
}

/// Lines and parts with the same code; then those of both that are left, where the same
/// words are in one of each.
fn meet(
    lines: &[&Line],
    known: &[Known<'_>],
    languages: &[String],
    items: &mut BTreeMap<At, ItemId>,
) {
    let by_code: HashMap<&str, ItemId> =
        known.iter().map(|one| (one.code.trim(), one.id)).collect();
    let mut taken = HashSet::new();
    let mut left = Vec::new();
    for line in lines {
        match by_code.get(line.code.as_str()).filter(|_| !line.code.is_empty()) {
            Some(id) if taken.insert(*id) => {
                items.insert(line.at, *id);
            }
            _ => left.push(*line),
        }
    }
    let mut by_words: HashMap<Vec<String>, Vec<ItemId>> = HashMap::new();
    for one in known.iter().filter(|one| !taken.contains(&one.id)) {
        let said = |language: &String| one.words.0.get(language).map(|text| plain(text));
        let words = languages.iter().map(|one| said(one).unwrap_or_default()).collect();
        by_words.entry(words).or_default().push(one.id);
    }
    let mut alone: HashMap<Vec<String>, Vec<At>> = HashMap::new();
    for line in left {
        let said = languages.iter().map(|one| line.text(line.role(), one).to_owned());
        alone.entry(said.collect()).or_default().push(line.at);
    }
    for (words, places) in alone {
        let says = words.iter().any(|said| !said.is_empty());
        if let ([at], Some([id]), true) =
            (places.as_slice(), by_words.get(&words).map(Vec::as_slice), says)
        {
            items.insert(*at, *id);
        }
    }
}

/// Pages by their codes; those without one are that of the first of their questions whose
/// page is nobody else's.
fn pages(base: &Document, tree: &Tree<'_>, items: &BTreeMap<At, ItemId>) -> BTreeMap<At, ItemId> {
    let mut found = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let by_code: HashMap<&str, ItemId> =
        base.pages().map(|(_, page)| (page.name.trim(), page.id)).collect();
    let mut of_question = HashMap::new();
    for (_, page) in base.pages() {
        of_question.extend(page.questions.iter().map(|question| (question.id, page.id)));
    }
    let laid = tree.pages();
    let code = |page: &PageLines<'_>| {
        page.line.map(|line| line.code.clone()).filter(|code| !code.is_empty())
    };
    for page in &laid {
        let named = code(page).and_then(|code| by_code.get(code.as_str()));
        if let (Some(id), Some(at)) = (named, place(page))
            && taken.insert(*id)
        {
            found.insert(at, *id);
        }
    }
    for page in &laid {
        let Some(at) = place(page).filter(|at| !found.contains_key(at)) else { continue };
        let mut theirs = page
            .questions
            .iter()
            .filter_map(|question| of_question.get(items.get(&question.line.at)?));
        if let Some(id) = theirs.find(|id| !taken.contains(*id)) {
            taken.insert(*id);
            found.insert(at, *id);
        }
    }
    found
}
