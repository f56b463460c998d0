//! Settles what waited for all names: each formula is translated, checked as
//! its place needs it, and put there; otherwise it stays as a remark.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Finding, phrase};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Hidden, Kind, Question, Section, Source, Text,
};
use survey_builder::questionnaire::expression::{Expected, Scope, Symbol, Type, compile};
use survey_builder::questionnaire::piping::{Insertion, parts};

use super::early::settle_early;
use super::order::behind_what_they_read;
use super::silent::where_they_are_known;
use super::unused::drop_unused;
use super::ways::{Ways, rows};
use super::{Draft, Pending, Slot};
use crate::formula::translate::{Choice, Meanings, Place, Translated, translate};
use crate::formula::{Fault, Formula};

/// A formula that could not be put in its place.
pub(crate) struct Unsettled {
    pub pending: Pending,
    pub fault: Fault,
}

/// Where things stand: the rosters around each name and each identity.
#[derive(Default)]
struct Places {
    of_name: BTreeMap<String, Vec<String>>,
    of_id: BTreeMap<ItemId, Vec<String>>,
    /// Inside each section that is asked for members.
    inside_each: BTreeMap<ItemId, Vec<String>>,
}

/// The document, with everything settled that can be.
pub(crate) fn settle(draft: &mut Draft) -> Vec<Unsettled> {
    draft.renamed.follow(&mut draft.document, &mut draft.pending);
    draft.tell_renamed();
    let mut settler = Settler::new(&draft.document);
    let mut faults = Vec::new();
    let pending = std::mem::take(&mut draft.pending);
    let (calculations, others): (Vec<Pending>, Vec<Pending>) =
        pending.into_iter().partition(|one| matches!(one.slot, Slot::Calculation(_)));
    // One that could not even be read has no value here.
    let waiting: BTreeSet<ItemId> = calculations.iter().filter_map(|one| one.slot.item()).collect();
    let unread = |question: &&Question| {
        matches!(&question.kind, Kind::Computed(computed) if computed.expression.is_empty())
            && !waiting.contains(&question.id)
    };
    let lost: Vec<ItemId> = draft.document.questions().filter(unread).map(|one| one.id).collect();
    for id in lost {
        settler.without_value(&mut draft.document, id);
    }
    // A calculation gives its type to those that read it.
    let unknown: BTreeSet<String> = draft
        .document
        .questions()
        .filter(|question| matches!(question.kind, Kind::Computed(_)))
        .map(|question| question.name.clone())
        .collect();
    let (rounds, calculations) =
        in_order(calculations, &unknown, |one| settler.name_of(&draft.document, one.slot.item()?));
    for one in rounds {
        settler.calculation(&mut draft.document, one, &mut faults);
    }
    for one in calculations {
        let fault = Fault::NotCarried(phrase("phrase-calculation-that-reads-itself").into());
        if let Some(id) = one.slot.item() {
            settler.without_value(&mut draft.document, id);
        }
        faults.push(Unsettled { pending: one, fault });
    }
    for one in others {
        settler.settle_one(&mut draft.document, one, &mut faults);
    }
    mend_texts(&mut draft.document);
    let unused = drop_unused(&mut draft.document);
    draft.problems.extend(unused);
    where_they_are_known(draft);
    behind_what_they_read(&mut draft.document);
    settle_early(draft);
    faults
}

/// Calculations in an order in which each comes behind those that it reads, and those
/// that none such order has: they read each other. The first that is ready comes first.
fn in_order(
    calculations: Vec<Pending>,
    unknown: &BTreeSet<String>,
    name_of: impl Fn(&Pending) -> Option<String>,
) -> (Vec<Pending>, Vec<Pending>) {
    let mut waits = vec![0_usize; calculations.len()];
    let mut readers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, one) in calculations.iter().enumerate() {
        let mut names = BTreeSet::new();
        one.formula.each(&mut |part| {
            if let Formula::Question(name) = part
                && unknown.contains(name)
            {
                names.insert(name.clone());
            }
        });
        waits[place] = names.len();
        for name in names {
            readers.entry(name).or_default().push(place);
        }
    }
    let names: Vec<String> =
        calculations.iter().map(|one| name_of(one).unwrap_or_default()).collect();
    let mut ready: BTreeSet<usize> = (0..waits.len()).filter(|place| waits[*place] == 0).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(place) = ready.pop_first() {
        order.push(place);
        for reader in readers.remove(&names[place]).unwrap_or_default() {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.insert(reader);
            }
        }
    }
    let mut calculations: Vec<Option<Pending>> = calculations.into_iter().map(Some).collect();
    let ordered = order.into_iter().filter_map(|place| calculations[place].take()).collect();
    (ordered, calculations.into_iter().flatten().collect())
}

/// The same, with every fault told and kept as a remark.
pub(crate) fn finish(mut draft: Draft) -> (Document, Vec<Finding>) {
    for Unsettled { pending, fault } in settle(&mut draft) {
        let reason = match fault {
            Fault::NotCarried(construct) => phrase("phrase-no-counterpart").with("what", construct),
            Fault::UnknownName(name) => phrase("phrase-no-question-is-called").with("name", name),
            Fault::Unfit(text, problem) => {
                phrase("phrase-formula-became").with("text", text).with("problem", problem)
            }
        };
        let (item, role) = (pending.slot.item(), pending.slot.role());
        draft.condition_lost(item, role, &pending.original, pending.place, reason);
    }
    (draft.document, draft.problems)
}

struct Settler {
    ways: Ways,
    places: Places,
    types: BTreeMap<String, Type>,
    lists: BTreeMap<String, Vec<Choice>>,
    codes: BTreeMap<String, Vec<String>>,
    rosters: BTreeSet<String>,
    cached: BTreeMap<Vec<String>, Meanings>,
}

struct FormScope<'m> {
    meanings: &'m Meanings,
    codes: &'m BTreeMap<String, Vec<String>>,
    rosters: &'m BTreeSet<String>,
    own: Option<Type>,
}

impl Scope for FormScope<'_> {
    fn question(&self, name: &str) -> Option<Symbol> {
        let kind = self.meanings.written.get(name)?.clone();
        Some(Symbol { id: name.to_owned(), kind })
    }

    fn options(&self, list: &str) -> Option<&[String]> {
        self.codes.get(list).map(Vec::as_slice)
    }

    fn self_type(&self) -> Option<Type> {
        self.own.clone()
    }

    fn roster(&self, name: &str) -> Option<String> {
        self.rosters.get(name).cloned()
    }
}

impl Settler {
    fn new(document: &Document) -> Self {
        let mut places = Places::default();
        for section in &document.sections {
            places.section(section, &mut Vec::new());
        }
        // A roster stands outside itself, where it is first asked about.
        for section in document.all_sections() {
            let roster = section.each.as_ref().and_then(|each| document.roster(&each.roster));
            if let Some(roster) = roster {
                let around = places.of_id.get(&section.id).cloned().unwrap_or_default();
                places.of_id.entry(roster.id).or_insert(around);
            }
        }
        let mut types = BTreeMap::new();
        for question in document.questions() {
            for item in question.items() {
                if let Some(kind) = item.kind.clone() {
                    types.insert(item.name.to_string(), kind);
                }
            }
        }
        let lists = document.lists.iter().map(|list| {
            let choices = list.options.iter().map(|option| Choice {
                code: option.code.clone(),
                missing: option.missing,
                columns: option.attributes.clone(),
            });
            (list.name.clone(), choices.collect())
        });
        let codes = document.lists.iter().map(|list| {
            let codes = list.options.iter().map(|option| option.code.clone()).collect();
            (list.name.clone(), codes)
        });
        Self {
            ways: Ways::new(document),
            places,
            types,
            lists: lists.collect(),
            codes: codes.collect(),
            rosters: document.rosters.iter().map(|roster| roster.name.clone()).collect(),
            cached: BTreeMap::new(),
        }
    }

    /// What names mean inside these rosters.
    fn meanings(&mut self, around: &[String]) -> &Meanings {
        if !self.cached.contains_key(around) {
            let mut meanings = Meanings {
                lists: self.lists.clone(),
                rosters: self.rosters.clone(),
                ..Meanings::default()
            };
            for (name, kind) in &self.types {
                self.places.add(&mut meanings, around, name, kind);
            }
            self.cached.insert(around.to_vec(), meanings);
        }
        &self.cached[around]
    }

    fn name_of(&self, document: &Document, id: ItemId) -> Option<String> {
        self.ways.question(document, id).map(|question| question.name.clone())
    }

    /// What a calculation gives is known from now on, wherever names are looked up.
    fn learn(&mut self, name: String, kind: Type) {
        for (around, meanings) in &mut self.cached {
            self.places.add(meanings, around, &name, &kind);
        }
        self.types.insert(name, kind);
    }

    fn around(&self, one: &Pending) -> Vec<String> {
        match &one.slot {
            Slot::Each(id) => {
                return self.places.inside_each.get(id).cloned().unwrap_or_default();
            }
            // A check is about the members whose answers it reads.
            Slot::Check { .. } => {
                let mut longest = Vec::new();
                one.formula.each(&mut |part| {
                    if let Formula::Question(name) = part
                        && let Some(around) = self.places.of_name.get(name)
                        && around.len() > longest.len()
                    {
                        longest.clone_from(around);
                    }
                });
                return longest;
            }
            _ => {}
        }
        let slot = &one.slot;
        slot.item().and_then(|id| self.places.of_id.get(&id)).cloned().unwrap_or_default()
    }

    fn translated(
        &mut self,
        one: &Pending,
        place: Place<'_>,
        expected: &dyn Fn(&Translated) -> Expected,
    ) -> Result<(Translated, Type), Fault> {
        let around = self.around(one);
        self.meanings(&around);
        let meanings = &self.cached[&around];
        let translated = translate(&one.formula, meanings, place).map_err(|mut faults| {
            // A name that nobody has matters more than the rest.
            let unknown = faults.iter().position(|fault| matches!(fault, Fault::UnknownName(_)));
            faults.swap_remove(unknown.unwrap_or(0))
        })?;
        let own = match place {
            Place::Constraint(kind) => Some(kind.clone()),
            Place::Filter(list) => Some(Type::Option(list.to_owned())),
            Place::Relevance | Place::Calculation => None,
        };
        let scope = FormScope { meanings, codes: &self.codes, rosters: &self.rosters, own };
        match compile(&translated.text, &scope, Some(expected(&translated))) {
            Ok(expression) => Ok((translated, expression.kind)),
            Err(problems) => {
                let problem = problems.first().map_or_else(
                    || phrase("phrase-cannot-be-read"),
                    |first| first.told("", &translated.text).into_phrase(),
                );
                Err(Fault::Unfit(translated.text, problem))
            }
        }
    }

    fn calculation(&mut self, document: &mut Document, one: Pending, faults: &mut Vec<Unsettled>) {
        let Some(id) = one.slot.item() else { return };
        let name = self.name_of(document, id).unwrap_or_default();
        let said = self.ways.question(document, id).and_then(|question| match &question.kind {
            Kind::Computed(computed) => computed.list.clone(),
            _ => None,
        });
        let own_list =
            said.or_else(|| self.gives_codes_of(&name, &one.formula).then(|| name.clone()));
        let attempt = |settler: &mut Self, own_list: Option<String>| {
            let list_of = |translated: &Translated| match &translated.kind {
                Type::Option(list) => Some(list.clone()),
                Type::Text => own_list.clone(),
                _ => None,
            };
            let result = settler.translated(&one, Place::Calculation, &|translated| {
                list_of(translated)
                    .map_or(Expected::Single, |list| Expected::Value(Type::Option(list)))
            });
            result.map(|(translated, kind)| (list_of(&translated), translated, kind))
        };
        // Where it gives more than written codes, it is the text that it is.
        let result = attempt(self, own_list).or_else(|_| attempt(self, None));
        match result {
            Ok((list, translated, kind)) => {
                self.ways.with_question(document, id, |question| {
                    if let Kind::Computed(computed) = &mut question.kind {
                        computed.expression.clone_from(&translated.text);
                        computed.list = list;
                    }
                });
                self.learn(name, kind);
            }
            Err(fault) => {
                self.without_value(document, id);
                faults.push(Unsettled { pending: one, fault });
            }
        }
    }

    /// A calculation that is not carried over is a value that somebody else
    /// must provide.
    fn without_value(&mut self, document: &mut Document, id: ItemId) {
        let source = Source::Outside("calculation".to_owned());
        let mut name = String::new();
        self.ways.with_question(document, id, |question| {
            question.kind = Kind::Hidden(Hidden { source, ..Hidden::default() });
            name.clone_from(&question.name);
        });
        self.learn(name, Type::Text);
    }

    /// Whether a formula gives nothing but codes of the list of that name.
    fn gives_codes_of(&self, list: &str, formula: &Formula) -> bool {
        fn branches<'f>(formula: &'f Formula, found: &mut Vec<&'f str>) -> bool {
            match formula {
                Formula::Text(text) => {
                    found.push(text);
                    true
                }
                Formula::Call(name, arguments) => match (name.as_str(), &arguments[..]) {
                    ("if", [_, yes, no]) => branches(yes, found) && branches(no, found),
                    _ => false,
                },
                _ => false,
            }
        }
        let Some(codes) = self.codes.get(list) else { return false };
        let mut found = Vec::new();
        branches(formula, &mut found)
            && found.iter().all(|code| codes.iter().any(|known| known == code))
    }

    /// A constraint that names its own question; of several rows none is meant.
    fn about_itself(&self, document: &Document, one: &Pending) -> Pending {
        let mut one = one.clone();
        let own = one.slot.item().and_then(|id| self.ways.question(document, id));
        if let Some(question) = own.filter(|own| own.items().iter().any(|it| it.id == own.id)) {
            one.formula = about(one.formula, &question.name);
        }
        one
    }

    fn settle_one(&mut self, document: &mut Document, one: Pending, faults: &mut Vec<Unsettled>) {
        let condition: &dyn Fn(&Translated) -> Expected = &|_| Expected::Condition;
        let any: &dyn Fn(&Translated) -> Expected = &|_| Expected::Single;
        let own = one.slot.item().and_then(|id| self.ways.type_of(document, id));
        let list = one.slot.item().and_then(|id| self.ways.list_of(document, id));
        let result = match (&one.slot, &own, &list) {
            (Slot::Constraint { .. }, Some(kind), _) => {
                let one = self.about_itself(document, &one);
                self.translated(&one, Place::Constraint(kind), condition)
            }
            (Slot::Filter(_), _, Some(list)) => {
                self.translated(&one, Place::Filter(list), condition)
            }
            (Slot::Default(_), Some(kind), _) => {
                let kind = kind.clone();
                let one =
                    Pending { formula: literal_of(one.formula.clone(), &kind), ..one.clone() };
                self.translated(&one, Place::Calculation, &move |_| Expected::Value(kind.clone()))
            }
            (Slot::Count(_) | Slot::Total(_), _, _) => {
                let expected: &dyn Fn(&Translated) -> Expected = &|_| Expected::Value(Type::Number);
                self.translated(&one, Place::Calculation, expected)
            }
            (Slot::Constraint { .. } | Slot::Filter(_) | Slot::Default(_), _, _) => Err(
                Fault::NotCarried(phrase("phrase-formula-about-an-answer-without-value").into()),
            ),
            (Slot::Calculation(_), _, _) => self.translated(&one, Place::Calculation, any),
            (Slot::Check { .. }, _, _) => {
                self.translated(&one, Place::Constraint(&Type::Bool), condition)
            }
            _ => self.translated(&one, Place::Relevance, condition),
        };
        match result {
            Ok((translated, _)) => self.ways.put(document, &one.slot, translated.text),
            Err(fault) => faults.push(Unsettled { pending: one, fault }),
        }
    }
}

/// What a constraint says of its own question is about the answer being checked.
pub(crate) fn about(formula: Formula, name: &str) -> Formula {
    formula.replaced(&mut |part| match part {
        Formula::Question(of) if of == name => Formula::SelfValue,
        other => other,
    })
}

/// A written default as a value of the question's type.
fn literal_of(formula: Formula, kind: &Type) -> Formula {
    match (&formula, kind) {
        (Formula::Text(text), Type::Number) => text.trim().parse().map_or(formula, Formula::Number),
        (Formula::Number(number), Type::Text | Type::Option(_)) => {
            Formula::Text(survey_builder::questionnaire::expression::print_number(*number))
        }
        (Formula::Text(text), Type::Date) if text.len() > 10 && text.is_char_boundary(10) => {
            Formula::call("date", vec![Formula::text(&text[..10])])
        }
        (Formula::Text(_), Type::Date) => Formula::call("date", vec![formula]),
        (Formula::Text(_), Type::Time) => Formula::call("time", vec![formula]),
        (Formula::Text(text), Type::Bool) => {
            let truth = matches!(text.to_lowercase().as_str(), "ok" | "true" | "yes" | "1");
            Formula::call(if truth { "true" } else { "false" }, Vec::new())
        }
        _ => formula,
    }
}

impl Places {
    /// Adds a question to what names mean inside these rosters.
    fn add(&self, meanings: &mut Meanings, around: &[String], name: &str, kind: &Type) {
        let own = self.of_name.get(name).map_or(&[][..], Vec::as_slice);
        match own.last().filter(|_| !around.starts_with(own)) {
            Some(roster) => {
                let written = format!("{roster}.{name}");
                meanings.add(name, &written, Type::List(Box::new(kind.clone())));
            }
            None => meanings.add(name, name, kind.clone()),
        }
    }

    fn section(&mut self, section: &Section, around: &mut Vec<String>) {
        self.of_id.insert(section.id, around.clone());
        let within = section.each.as_ref().map(|each| each.roster.clone());
        if let Some(roster) = &within {
            let inside = around.iter().chain([roster]).cloned().collect();
            self.inside_each.insert(section.id, inside);
        }
        if let Some(roster) = &within {
            around.push(roster.clone());
        }
        for block in &section.blocks {
            match block {
                Block::Section(inner) => self.section(inner, around),
                Block::Page(page) => {
                    self.of_id.insert(page.id, around.clone());
                    for question in &page.questions {
                        self.of_id.insert(question.id, around.clone());
                        for item in question.items() {
                            self.of_id.insert(item.id, around.clone());
                            self.of_name.insert(item.name.to_string(), around.clone());
                        }
                        for row in rows(&question.kind) {
                            self.of_id.insert(row.id, around.clone());
                        }
                        // Computed values have no type yet, but a place.
                        self.of_name.insert(question.name.clone(), around.clone());
                    }
                }
            }
        }
        if within.is_some() {
            around.pop();
        }
    }
}

/// A text that inserts what no question is called shows the name instead.
fn mend_texts(document: &mut Document) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for question in document.questions() {
        names.extend(question.items().iter().map(|item| item.name.to_string()));
        if !matches!(question.kind, Kind::Note) {
            names.insert(question.name.clone());
        }
    }
    names.extend(document.rosters.iter().map(|roster| roster.name.clone()));
    names.extend(["you", "You"].map(str::to_owned));
    let mend = |text: &mut Text| {
        for words in text.0.values_mut() {
            if words.contains("${") {
                *words = mended(words, &names);
            }
        }
    };
    mend(&mut document.title);
    for list in &mut document.lists {
        list.options.iter_mut().for_each(|option| mend(&mut option.label));
    }
    for roster in &mut document.rosters {
        mend(&mut roster.label);
    }
    document.sections.iter_mut().for_each(|section| titles(section, &mend));
    for page in document.pages_mut() {
        for question in &mut page.questions {
            mend(&mut question.wording);
            mend(&mut question.hint);
            mend(&mut question.instruction);
            for constraint in &mut question.constraints {
                mend(&mut constraint.message);
            }
            match &mut question.kind {
                Kind::Battery(battery) => {
                    battery.rows.iter_mut().for_each(|row| mend(&mut row.wording));
                }
                Kind::Grid(grid) => {
                    grid.rows.iter_mut().for_each(|row| mend(&mut row.wording));
                    grid.columns.iter_mut().for_each(|column| mend(&mut column.label));
                }
                _ => {}
            }
        }
    }
}

/// Every title of a section and of those within it.
fn titles(section: &mut Section, mend: &impl Fn(&mut Text)) {
    mend(&mut section.title);
    for block in &mut section.blocks {
        if let Block::Section(inner) = block {
            titles(inner, mend);
        }
    }
}

fn mended(text: &str, names: &BTreeSet<String>) -> String {
    // Everybody's answers are called by the roster and the question.
    let known = |name: &str| {
        names.contains(name)
            || name
                .split_once('.')
                .is_some_and(|(one, other)| names.contains(one) && names.contains(other))
    };
    let mend = |part: Result<Insertion<'_>, &str>| match part {
        Err(words) => words.to_owned(),
        Ok(Insertion { name, form: None }) if known(name) => format!("${{{name}}}"),
        Ok(Insertion { name, form: Some(form) }) if known(name) => format!("${{{name}|{form}}}"),
        Ok(Insertion { name, .. }) => format!("[{name}]"),
    };
    parts(text).into_iter().map(mend).collect()
}
