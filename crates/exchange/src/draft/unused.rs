//! What nobody is asked: lists that no question chooses from, rosters that nothing is
//! asked about, sections without questions. They are left out of the document; what their
//! author wrote in them is kept as a remark and told.

use std::collections::{BTreeSet, HashSet};

use survey_builder::problem::{Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::document::{
    Block, Document, ListOption, Members, OptionList, Remark, Roster, Section, Text,
};

/// Leaves out what nobody is asked; says what that was.
pub(crate) fn drop_unused(document: &mut Document) -> Vec<Finding> {
    let sections = without_questions(document);
    let lists = without_use(document);
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for section in document.all_sections() {
        asked.extend(section.each.as_ref().map(|each| each.roster.clone()));
    }
    let rosters = document.rosters.extract_if(.., |roster| !asked.contains(&roster.name));
    let rosters: Vec<Left> = rosters.filter_map(|roster| of_roster(&roster)).collect();
    let mut told = Vec::new();
    for (role, code, left) in [
        ("section", "import_section_empty", sections),
        ("list", "import_list_unused", lists),
        ("roster", "import_roster_unused", rosters),
    ] {
        if left.is_empty() {
            continue;
        }
        let places = first_places(left.iter().map(|(name, _)| name.as_str()));
        let problem = Problem::new(code, places).with("count", left.len());
        told.push(Finding { severity: Severity::Note, problem });
        let role = || role.to_owned();
        let remarks = left.into_iter().map(|(name, said)| Remark {
            item: None,
            role: role(),
            original: if said.is_empty() { name } else { format!("{name}: {said}") },
        });
        document.remarks.extend(remarks);
    }
    told
}

/// The name of something that is left out, and what it says.
type Left = (String, String);

/// Takes out sections without questions, the inner ones first, and pages without any,
/// which say nothing.
fn without_questions(document: &mut Document) -> Vec<Left> {
    fn is_asked(section: &mut Section, left: &mut Vec<Left>) -> bool {
        section.blocks.retain_mut(|block| match block {
            Block::Page(page) => !page.questions.is_empty(),
            Block::Section(inner) => is_asked(inner, left),
        });
        if section.blocks.is_empty() {
            let title = Some(said(&section.title)).filter(|title| !title.is_empty());
            let parts: Vec<String> = title.into_iter().chain(section.relevant.take()).collect();
            left.push((section.name.clone(), parts.join("; ")));
        }
        !section.blocks.is_empty()
    }
    let mut left = Vec::new();
    document.sections.retain_mut(|section| is_asked(section, &mut left));
    left
}

/// Takes out lists that no question chooses from. One that another list repeats with
/// more options, as those with "other" do, is there in that one.
fn without_use(document: &mut Document) -> Vec<Left> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for question in document.questions() {
        used.extend(question.kind.lists().into_iter().map(str::to_owned));
    }
    let unused: Vec<OptionList> =
        document.lists.extract_if(.., |list| !used.contains(&list.name)).collect();
    if unused.is_empty() {
        return Vec::new();
    }
    let there: HashSet<String> =
        document.lists.iter().flat_map(|list| &list.options).map(of_option).collect();
    let own = unused.into_iter().filter_map(|list| {
        let options: Vec<String> = list.options.iter().map(of_option).collect();
        let is_there = options.iter().all(|option| there.contains(option));
        (!is_there).then(|| (list.name, options.join("; ")))
    });
    own.collect()
}

fn of_option(option: &ListOption) -> String {
    let mut whole = format!("{} = {}", option.code, said(&option.label));
    let further = option.attributes.iter().map(|(name, value)| format!("{name}: {value}"));
    let image = option.image.iter().map(|image| format!("image: {image}"));
    let further: Vec<String> = further.chain(image).collect();
    if !further.is_empty() {
        whole.push_str(&format!(" ({})", further.join(", ")));
    }
    whole
}

/// What a roster says; nothing of one that only has a name.
fn of_roster(roster: &Roster) -> Option<Left> {
    let label = Some(said(&roster.label)).filter(|label| !label.is_empty());
    let members = match &roster.members {
        Members::Fixed { members } => members.as_slice(),
        _ => &[],
    };
    let members = members.iter().map(|one| format!("{} = {}", one.code, said(&one.label)));
    let parts: Vec<String> = label.into_iter().chain(members).collect();
    (!parts.is_empty()).then(|| (roster.name.clone(), parts.join("; ")))
}

/// A text in each of its languages, once where they say the same.
fn said(text: &Text) -> String {
    let mut all: Vec<&str> = text.0.values().map(|words| words.trim()).collect();
    all.dedup();
    all.join(" / ")
}
