//! Makes one change, and says what it was and what it became.

use uuid::Uuid;

use super::{Change, grid, rename};
use crate::problem::{Phrase, Problem, phrase};
use crate::questionnaire::document::{
    Block, Document, Hidden, Kind, ListOption, Members, Need, NumberRange, OptionList, Question,
    Section, Shown, Source, Text, Worded, identity_of,
};
use crate::questionnaire::piping::parts;

/// The optional expressions of a question, each with what it is.
fn optional(question: &mut Question) -> Vec<(&'static str, &mut Option<String>)> {
    let mut found = vec![
        ("phrase-role-relevant", &mut question.relevant),
        ("phrase-role-required", &mut question.required_when),
        ("phrase-role-default", &mut question.default),
    ];
    match &mut question.kind {
        Kind::Battery(battery) => found
            .extend(battery.rows.iter_mut().map(|row| ("phrase-role-relevant", &mut row.relevant))),
        Kind::Grid(grid) => {
            found.push(("phrase-role-total", &mut grid.total));
            let rows = grid.rows.iter_mut();
            found.extend(rows.map(|row| ("phrase-role-relevant", &mut row.relevant)));
        }
        kind => {
            let choice = kind.choice_mut();
            found.extend(choice.map(|choice| ("phrase-role-filter", &mut choice.filter)));
        }
    }
    found
}

/// Those of a section itself.
fn of_section(section: &mut Section) -> Vec<(&'static str, &mut Option<String>)> {
    let filter = section.each.as_mut().map(|each| ("phrase-role-filter", &mut each.filter));
    std::iter::once(("phrase-role-relevant", &mut section.relevant)).chain(filter).collect()
}

/// Every text in a section that can insert an answer, to change.
pub(super) fn section_texts(section: &mut Section, change: &mut dyn FnMut(&mut String)) {
    section.title.0.values_mut().for_each(&mut *change);
    for block in &mut section.blocks {
        match block {
            Block::Section(inner) => section_texts(inner, change),
            Block::Page(page) => {
                for question in &mut page.questions {
                    let texts =
                        [&mut question.wording, &mut question.hint, &mut question.instruction];
                    let messages = question.constraints.iter_mut().map(|one| &mut one.message);
                    for text in texts.into_iter().chain(messages) {
                        text.0.values_mut().for_each(&mut *change);
                    }
                    question.kind.each_text(question.id, |worded| {
                        worded.text.0.values_mut().for_each(&mut *change);
                    });
                }
            }
        }
    }
}

/// Every expression of a document.
pub(super) fn all_expressions(document: &Document) -> Vec<String> {
    let mut sections = document.sections.clone();
    let mut all = Vec::new();
    for section in &mut sections {
        section.each_expression(&mut |text| all.push(text.clone()));
    }
    all.extend(document.checks.iter().map(|check| check.expression.clone()));
    all
}

/// The expressions that can be taken away at a place.
pub(super) fn expressions_at(document: &Document, place: &str) -> Vec<String> {
    let mut document = document.clone();
    let mut found = Vec::new();
    for page in document.pages_mut() {
        if page.name == place {
            found.extend(page.relevant.clone());
        }
        for question in page.questions.iter_mut().filter(|one| one.name == place) {
            found.extend(question.constraints.iter().map(|one| one.expression.clone()));
            found.extend(optional(question).into_iter().filter_map(|(_, text)| text.clone()));
        }
    }
    each_section(&mut document.sections, &mut |section| {
        if section.name == place {
            found.extend(of_section(section).into_iter().filter_map(|(_, text)| text.clone()));
        }
    });
    found
}

fn each_section(sections: &mut [Section], visit: &mut dyn FnMut(&mut Section)) {
    for section in sections {
        visit(section);
        for block in &mut section.blocks {
            if let Block::Section(inner) = block {
                each_section(std::slice::from_mut(inner), visit);
            }
        }
    }
}

fn questions_mut(document: &mut Document) -> impl Iterator<Item = &mut Question> {
    document.pages_mut().into_iter().flat_map(|page| &mut page.questions)
}

fn question_mut<'d>(document: &'d mut Document, name: &str) -> Option<&'d mut Question> {
    questions_mut(document).find(|one| one.name == name)
}

impl Change {
    /// Makes the change; what was done, or nothing if there was nothing to do.
    pub(super) fn apply(&self, document: &mut Document) -> Option<Problem> {
        match self {
            Self::Condition { place, expression } => {
                // Of a row, the row is named.
                let row = grid::row_with(document, place, expression);
                let what = without(document, place, expression)?;
                let place = row.as_ref().unwrap_or(place);
                let told = Problem::new("repair-condition", place).with("what", what);
                Some(told.with("before", expression))
            }
            Self::Move { question, behind } => put_behind(document, question, behind),
            Self::Outside { question } => outside(document, question),
            Self::Rename { before, after } => {
                let (before, after) = rename::second(document, before, after)?;
                let told = Problem::new("repair-name", &after);
                Some(told.with("before", before).with("after", after))
            }
            Self::Identity { identity } => identify(document, identity),
            Self::Text { place, language } => fill(document, place, language),
            Self::Language { code } => {
                let before = std::mem::replace(&mut document.default_language, code.clone());
                let told = Problem::new("repair-language", &document.name);
                (before != *code).then(|| told.with("before", before).with("after", code))
            }
            Self::Options { list, codes } => options(document, list, codes),
            Self::Code { list, before, after } => {
                let list = document.lists.iter_mut().find(|one| one.name == *list)?;
                let option = list.options.iter_mut().filter(|one| one.code == *before).nth(1)?;
                option.code.clone_from(after);
                let told = Problem::new("repair-code", &list.name);
                Some(told.with("before", before).with("after", after))
            }
            Self::AsText { .. }
            | Self::MoveRow { .. }
            | Self::Bounds { .. }
            | Self::Search { .. } => self.apply_to_question(document),
            Self::Once { section } => {
                let mut found = None;
                each_section(&mut document.sections, &mut |one| {
                    if one.name == *section && found.is_none() {
                        found = one.each.take().map(|each| each.roster);
                    }
                });
                Some(Problem::new("repair-once", section).with("before", found?))
            }
            Self::Added { roster } => {
                let roster = document.rosters.iter_mut().find(|one| one.name == *roster)?;
                let added = Members::Added {
                    at_least: 0,
                    at_most: None,
                    wording: Text::default(),
                    primary: Text::default(),
                };
                let before = std::mem::replace(&mut roster.members, added);
                let before = match before {
                    Members::Added { .. } => return None,
                    Members::Count { expression, .. } => expression,
                    Members::Chosen { question } | Members::Listed { question } => question,
                    Members::Others { roster, .. } => roster,
                    Members::Fixed { members } => members.len().to_string(),
                };
                Some(Problem::new("repair-members", &roster.name).with("before", before))
            }
            Self::Insertion { place, name, form } => {
                plainly(document, place, name, form.as_deref())
            }
            Self::DropQuestion { question } => drop_question(document, question),
            Self::DropPage { page } => {
                let done = drop_block(&mut document.sections, page);
                done.then(|| Problem::new("repair-page", page))
            }
            Self::DropList { list } => {
                let is_used = document.questions().any(|one| one.kind.lists().contains(&&**list));
                let place = document.lists.iter().position(|one| one.name == *list);
                let place = place.filter(|_| !is_used)?;
                document.lists.remove(place);
                Some(Problem::new("repair-list", list))
            }
        }
    }

    fn apply_to_question(&self, document: &mut Document) -> Option<Problem> {
        match self {
            Self::AsText { question, list } => {
                let form = document.name.clone();
                let question = question_mut(document, question)?;
                let before = question.kind.name();
                grid::ask_as_text(&form, question, list)?;
                Some(Problem::new("repair-kind", &question.name).with("before", before))
            }
            Self::MoveRow { question, expression } => {
                let question = question_mut(document, question)?;
                let (row, behind) = grid::put_row_behind(question, expression)?;
                Some(Problem::new("repair-row", row).with("after", behind))
            }
            Self::Bounds { question } => {
                let question = question_mut(document, question)?;
                let said = match &mut question.kind {
                    Kind::Integer(range) | Kind::Decimal(range) => exchanged(range)?,
                    Kind::Grid(grid) => grid::exchange_bounds(grid)?,
                    Kind::Scale(scale) if scale.from > scale.to => {
                        std::mem::swap(&mut scale.from, &mut scale.to);
                        let (low, high) = (scale.from, scale.to);
                        [format!("{high}–{low}"), format!("{low}–{high}")]
                    }
                    _ => return None,
                };
                let [before, after] = said;
                let told = Problem::new("repair-bounds", &question.name);
                Some(told.with("before", before).with("after", after))
            }
            Self::Search { question } => {
                let question = question_mut(document, question)?;
                let choice = question.kind.choice_mut()?;
                let is_other = choice.shown != Shown::Search;
                choice.shown = Shown::Search;
                is_other.then(|| Problem::new("repair-search", &question.name))
            }
            _ => None,
        }
    }
}

/// The bounds of a number changed for each other: how they are written before and after.
pub(super) fn exchanged(range: &mut NumberRange) -> Option<[String; 2]> {
    let [high, low] = [range.minimum?, range.maximum?];
    (range.minimum, range.maximum) = (Some(low), Some(high));
    Some([format!("{high}–{low}"), format!("{low}–{high}")])
}

/// Takes an expression away at a place; what it was.
fn without(document: &mut Document, place: &str, expression: &str) -> Option<Phrase> {
    let mut found = None;
    let mut take = |what: &'static str, text: &mut Option<String>| {
        if text.as_deref() == Some(expression) {
            *text = None;
            found.get_or_insert_with(|| phrase(what));
        }
    };
    each_section(&mut document.sections, &mut |section| {
        if section.name == place {
            for (what, text) in of_section(section) {
                take(what, text);
            }
        }
    });
    for page in document.pages_mut() {
        if page.name == place {
            take("phrase-role-relevant", &mut page.relevant);
        }
        for question in page.questions.iter_mut().filter(|one| one.name == place) {
            for (what, text) in optional(question) {
                take(what, text);
            }
        }
    }
    for question in questions_mut(document).filter(|one| one.name == place) {
        let before = question.constraints.len();
        question.constraints.retain(|one| one.expression != expression);
        if question.constraints.len() < before {
            found.get_or_insert_with(|| phrase("phrase-role-constraint"));
        }
    }
    let before = document.checks.len();
    document.checks.retain(|one| one.name != place || one.expression != expression);
    if document.checks.len() < before {
        found.get_or_insert_with(|| phrase("phrase-role-check"));
    }
    found
}

/// Puts a question behind another, if it is not there yet.
fn put_behind(document: &mut Document, name: &str, behind: &str) -> Option<Problem> {
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    let place_of = |name: &str| names.iter().position(|one| *one == name);
    if place_of(name)? > place_of(behind)? {
        return None;
    }
    let mut taken = None;
    for page in document.pages_mut() {
        let place = page.questions.iter().position(|one| one.name == name);
        if let Some(place) = place.filter(|_| taken.is_none()) {
            taken = Some(page.questions.remove(place));
        }
    }
    let question = taken?;
    // A page that held nothing else goes with it.
    let mut pages = document.pages_mut().into_iter();
    let found = pages.find_map(|page| {
        let place = page.questions.iter().position(|one| one.name == behind)?;
        Some((page, place))
    });
    let (page, place) = found?;
    page.questions.insert(place + 1, question);
    prune(&mut document.sections);
    Some(Problem::new("repair-move", name).with("after", behind))
}

/// A value that is worked out comes from outside.
fn outside(document: &mut Document, name: &str) -> Option<Problem> {
    let question = question_mut(document, name)?;
    let Kind::Computed(computed) = &question.kind else { return None };
    let before = computed.expression.clone();
    let source = Source::Outside(name.to_owned());
    question.kind = Kind::Hidden(Hidden { source, ..Hidden::default() });
    Some(Problem::new("repair-value", name).with("before", before))
}

/// Gives all but the first thing of an identity others.
fn identify(document: &mut Document, identity: &str) -> Option<Problem> {
    let identity = Uuid::try_parse(identity).ok()?;
    let form = document.name.clone();
    let (mut is_first, mut named) = (true, Vec::new());
    let mut look = |id: &mut Uuid, name: &str| {
        if *id == identity && !std::mem::take(&mut is_first) {
            *id = identity_of(&form, "repaired", name);
            named.push(name.to_owned());
        }
    };
    each_section(&mut document.sections, &mut |section| look(&mut section.id, &section.name));
    for page in document.pages_mut() {
        look(&mut page.id, &page.name);
        for question in &mut page.questions {
            look(&mut question.id, &question.name);
            grid::look_at_rows(&mut question.kind, &mut look);
        }
    }
    document.lists.iter_mut().for_each(|one| look(&mut one.id, &one.name));
    document.rosters.iter_mut().for_each(|one| look(&mut one.id, &one.name));
    document.checks.iter_mut().for_each(|one| look(&mut one.id, &one.name));
    // Cells have theirs from their row and column.
    if named.is_empty() {
        named = grid::identify(document, identity);
    }
    (!named.is_empty()).then(|| Problem::new("repair-identity", named.join(", ")))
}

/// Fills in the texts of a place that are missing in a language.
fn fill(document: &mut Document, place: &str, language: &str) -> Option<Problem> {
    let default = document.default_language.clone();
    let mut said: Vec<String> = Vec::new();
    document.each_text(|Worded { place: own, name, need, text, .. }| {
        let is_due = match need {
            Need::Always => true,
            Need::Heading | Need::WhereSaid => !text.is_empty(),
            Need::Free => false,
        };
        if own != place || !is_due || text.is_in(language) {
            return;
        }
        let words = match text.get(&default, &default) {
            "" => name.to_owned(),
            words => words.to_owned(),
        };
        said.push(words.clone());
        text.0.insert(language.to_owned(), words);
    });
    let told = Problem::new("repair-text", place).with("language", language);
    (!said.is_empty()).then(|| told.with("after", said.join("; ")))
}

/// Gives a list the options with these codes.
fn options(document: &mut Document, name: &str, codes: &[String]) -> Option<Problem> {
    let (form, language) = (document.name.clone(), document.default_language.clone());
    let option = |code: &String| {
        let id = identity_of(&form, "option", &format!("{name}\u{1f}{code}"));
        ListOption::new(id, code, Text::new(&language, code))
    };
    let options: Vec<ListOption> = codes.iter().map(option).collect();
    match document.lists.iter_mut().find(|one| one.name == name) {
        Some(list) if list.options.is_empty() => list.options = options,
        Some(_) => return None,
        None => {
            let id = identity_of(&form, "list", name);
            document.lists.push(OptionList { id, name: name.to_owned(), options });
        }
    }
    Some(Problem::new("repair-options", name).with("after", codes.join(", ")))
}

/// Writes plainly what the texts of a place insert: without its form, or as its name.
fn plainly(
    document: &mut Document,
    place: &str,
    name: &str,
    form: Option<&str>,
) -> Option<Problem> {
    let after = if form.is_some() { format!("${{{name}}}") } else { format!("[{name}]") };
    let mut done = false;
    document.each_text(|worded| {
        if worded.place != place {
            return;
        }
        for words in worded.text.0.values_mut() {
            let mut written = String::new();
            for part in parts(words) {
                match part {
                    Err(words) => written.push_str(words),
                    Ok(one) if one.name == name && (form.is_none() || one.form == form) => {
                        done = true;
                        written.push_str(&after);
                    }
                    Ok(one) => {
                        let form = one.form.map(|form| format!("|{form}")).unwrap_or_default();
                        written.push_str(&format!("${{{}{form}}}", one.name));
                    }
                }
            }
            *words = written;
        }
    });
    let form = form.map(|form| format!("|{form}")).unwrap_or_default();
    let before = format!("${{{name}{form}}}");
    let told = Problem::new("repair-insertion", place).with("before", before);
    done.then(|| told.with("after", after))
}

fn drop_question(document: &mut Document, name: &str) -> Option<Problem> {
    let language = document.default_language.clone();
    let mut said = None;
    for page in document.pages_mut() {
        if said.is_none()
            && let Some(place) = page.questions.iter().position(|one| one.name == name)
        {
            let question = page.questions.remove(place);
            said = Some(question.wording.get(&language, &language).to_owned());
        }
    }
    let said = said?;
    prune(&mut document.sections);
    Some(Problem::new("repair-question", name).with("before", said))
}

/// Takes away a page without questions, and sections that are empty then.
fn drop_block(sections: &mut Vec<Section>, page: &str) -> bool {
    let mut done = false;
    each_section(sections, &mut |section| {
        let before = section.blocks.len();
        section.blocks.retain(|block| {
            !matches!(block, Block::Page(one) if one.name == page && one.questions.is_empty())
        });
        done |= section.blocks.len() < before;
    });
    prune(sections);
    done
}

/// Leaves out pages and sections that hold nothing.
fn prune(sections: &mut Vec<Section>) {
    fn keeps(section: &mut Section) -> bool {
        section.blocks.retain_mut(|block| match block {
            Block::Page(page) => !page.questions.is_empty(),
            Block::Section(inner) => keeps(inner),
        });
        !section.blocks.is_empty()
    }
    sections.retain_mut(keeps);
}
