//! What conditions ask of all members of a roster: `people.Count(x => x.age > 17)`,
//! `.Any`, `.All`, `.Sum`, with `.Where` and `.Select` before them.
//!
//! What is asked of one member is a value of its own, worked out for each of them in the
//! roster; over all members it is summed.

use survey_builder::problem::Phrase;
use survey_builder::questionnaire::document::{Block, Computed, Kind, Question, Section, Text};

use super::Reader;
use super::condition::{Found, Standing, without};
use super::syntax::Syntax;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// What stands for the name of a value of members until it has one: no name begins so.
const UNNAMED: char = '\u{1f}';

/// A value that is worked out for each member.
#[derive(Clone, Debug)]
pub(super) struct OfMember {
    pub roster: String,
    pub formula: Formula,
}

/// The members that something is asked of.
pub(super) struct Members<'s> {
    roster: &'s str,
    /// Which of them, and what of each.
    filter: Option<Syntax>,
    value: Option<Syntax>,
}

impl Standing<'_> {
    /// The members that a piece stands for, where it does.
    pub(super) fn members(&self, of: &Syntax) -> Option<Members<'_>> {
        if let Some(roster) = self.roster_of(of) {
            return Some(Members { roster, filter: None, value: None });
        }
        let Syntax::Call(called, arguments) = of else { return None };
        let Syntax::Member(inner, name) = &**called else { return None };
        let mut members = self.members(inner)?;
        match (name.as_str(), arguments.as_slice()) {
            ("ToList" | "ToArray" | "AsEnumerable", []) => {}
            ("Where", [Syntax::Function(one, body)]) if members.value.is_none() => {
                members.filter = both(members.filter, Some(body.of_member(one)));
            }
            ("Select", [Syntax::Function(one, body)]) if members.value.is_none() => {
                members.value = Some(body.of_member(one));
            }
            _ => return None,
        }
        Some(members)
    }

    /// What is asked of them.
    pub(super) fn of_members(
        &self,
        members: Members<'_>,
        name: &str,
        arguments: &[Syntax],
    ) -> Found {
        let Members { roster, filter, value } = members;
        let own = match arguments {
            [] => None,
            [Syntax::Function(one, body)] => Some(body.of_member(one)),
            _ => return Err(without(format!(".{name}()"))),
        };
        match (name, own) {
            ("Count" | "Any", own) => match both(filter, own) {
                // The members themselves.
                None => {
                    let count = Formula::call("count", vec![Formula::question(roster)]);
                    Ok(counted(name, count))
                }
                Some(test) => {
                    let sum = self.sum_of(roster, Some(&test), &whole(1.0))?;
                    Ok(counted(name, sum))
                }
            },
            ("All", Some(own)) => {
                let not = Syntax::Not(Box::new(own));
                let test = both(filter, Some(not));
                let sum = self.sum_of(roster, test.as_ref(), &whole(1.0))?;
                Ok(Formula::binary(Operator::Equal, sum, Formula::Number(0.0)))
            }
            ("Sum", own) => match own.or(value) {
                Some(value) => self.sum_of(roster, filter.as_ref(), &value),
                None => Err(without(".Sum()")),
            },
            ("Min" | "Max" | "Average", own) => match own.or(value) {
                Some(value) => {
                    let ours = if name == "Average" { "mean" } else { &name.to_lowercase() };
                    let value =
                        self.value_of(roster, filter.as_ref(), &value, Formula::text(""))?;
                    Ok(Formula::call(ours, vec![value]))
                }
                None => Err(without(format!(".{name}()"))),
            },
            _ => Err(without(format!(".{name}()"))),
        }
    }

    /// A sum over members; of none it is 0 there.
    fn sum_of(&self, roster: &str, test: Option<&Syntax>, value: &Syntax) -> Found {
        let value = self.value_of(roster, test, value, Formula::Number(0.0))?;
        let sum = Formula::call("sum", vec![value]);
        Ok(Formula::call("coalesce", vec![sum, Formula::Number(0.0)]))
    }

    /// A value of each member that fits; `other` of those that do not. The answer to a
    /// question stands for itself.
    fn value_of(
        &self,
        roster: &str,
        test: Option<&Syntax>,
        value: &Syntax,
        other: Formula,
    ) -> Found {
        // Inside the roster a name is the answer of one member alone.
        if self.around.iter().any(|own| own == roster) {
            return Err(without("=>"));
        }
        let around: Vec<String> = self.around.iter().cloned().chain([roster.to_owned()]).collect();
        let inside = Standing { around: &around, own: None, ..*self };
        let mut formula = inside.part(value)?;
        if let Some(test) = test {
            formula = Formula::call("if", vec![inside.part(test)?, formula, other]);
        }
        if let Formula::Question(_) = formula {
            return Ok(formula);
        }
        let mut all = self.of_members.borrow_mut();
        let name = format!("{UNNAMED}{}", all.len());
        all.push(OfMember { roster: roster.to_owned(), formula });
        Ok(Formula::Question(name))
    }
}

/// How many there are, or whether there is any.
fn counted(name: &str, count: Formula) -> Formula {
    match name {
        "Count" => count,
        _ => Formula::binary(Operator::Greater, count, Formula::Number(0.0)),
    }
}

fn whole(value: f64) -> Syntax {
    Syntax::Number { value, is_whole: true }
}

fn both(one: Option<Syntax>, other: Option<Syntax>) -> Option<Syntax> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(Syntax::Binary(Operator::And, Box::new(one), Box::new(other)))
        }
        (one, other) => one.or(other),
    }
}

impl Reader<'_> {
    /// Names the values of members that a condition needs; those asked of one in another
    /// come first.
    pub(super) fn name_of_members(
        &mut self,
        found: Result<Formula, Phrase>,
        of_members: Vec<OfMember>,
        original: &str,
    ) -> Result<Formula, Phrase> {
        let formula = found?;
        let mut names: Vec<String> = Vec::with_capacity(of_members.len());
        let named = |formula: Formula, names: &[String]| {
            formula.replaced(&mut |part| match &part {
                Formula::Question(name) => {
                    let place = name.strip_prefix(UNNAMED).and_then(|at| at.parse::<usize>().ok());
                    let known = place.and_then(|place| names.get(place));
                    known.map_or(part, |name| Formula::question(name))
                }
                _ => part,
            })
        };
        for one in of_members {
            let name = self.draft.name_of_ours(&format!("{}_each", one.roster));
            let formula = named(one.formula, &names);
            self.of_members.push((name.clone(), one.roster, formula, original.to_owned()));
            names.push(name);
        }
        Ok(named(formula, &names))
    }

    /// Puts the values of members behind everything that is asked about them.
    pub(super) fn put_of_members(&mut self, sections: &mut [Section]) {
        for (name, roster, formula, original) in std::mem::take(&mut self.of_members) {
            let kind = Kind::Computed(Computed { expression: String::new(), list: None });
            let id = self.draft.id("question", &name);
            let question = Question::new(id, &name, Text::default(), kind);
            let page = self.draft.page(&name, vec![question]);
            if let Some(section) = last_of(sections, &roster) {
                section.blocks.push(Block::Page(page));
                self.draft.later(Slot::Calculation(id), Ok(formula), &original, name);
            }
        }
    }
}

/// The last section that is asked for each member of a roster.
fn last_of<'s>(sections: &'s mut [Section], roster: &str) -> Option<&'s mut Section> {
    sections.iter_mut().rev().find_map(|section| of_roster(section, roster))
}

fn of_roster<'s>(section: &'s mut Section, roster: &str) -> Option<&'s mut Section> {
    if section.each.as_ref().is_some_and(|each| each.roster == roster) {
        return Some(section);
    }
    section.blocks.iter_mut().rev().find_map(|block| match block {
        Block::Section(inner) => of_roster(inner, roster),
        Block::Page(_) => None,
    })
}
