//! What an import or an export tells: what it refused, changed or left to the
//! author.

use survey_builder::problem::{Argument, Finding, Problem, Severity, phrase};

/// The file is of that format but cannot be read: one error.
pub(crate) fn unreadable(place: impl Into<Argument>, reason: impl Into<Argument>) -> Vec<Finding> {
    refusal(Problem::new("import_unreadable", place).with("reason", reason))
}

/// The file is no questionnaire: one error that says what it is, by the key of
/// its words.
pub(crate) fn refused(what: &'static str) -> Vec<Finding> {
    refusal(Problem::new("import_no_questionnaire", "").with("what", phrase(what)))
}

/// A problem that leaves nothing.
pub(crate) fn refusal(problem: Problem) -> Vec<Finding> {
    vec![Finding { severity: Severity::Error, problem }]
}

/// A line of a file, as a place.
pub(crate) fn line(number: usize) -> Argument {
    phrase("phrase-line").with("line", number).into()
}

/// What parts and properties are called, by their roles.
const ROLES: [(&str, &str); 101] = [
    ("relevant", "phrase-role-relevant"),
    ("constraint", "phrase-role-constraint"),
    ("filter", "phrase-role-filter"),
    ("calculation", "phrase-role-calculation"),
    ("default", "phrase-role-default"),
    ("required", "phrase-role-required"),
    ("count", "phrase-role-count"),
    ("total", "phrase-role-total"),
    ("check", "phrase-role-check"),
    ("checks", "phrase-role-checks"),
    ("text", "phrase-role-text"),
    ("note", "phrase-role-note"),
    ("list", "phrase-role-list"),
    ("skip", "phrase-role-skip"),
    ("branch", "phrase-role-branch"),
    ("routing", "phrase-role-routing"),
    ("flow", "phrase-role-flow"),
    ("loop", "phrase-role-loop"),
    ("name", "phrase-role-name"),
    ("value", "phrase-role-value"),
    ("script", "phrase-role-script"),
    ("choices", "phrase-role-choices"),
    ("members", "phrase-role-members"),
    ("attribute", "phrase-role-attribute"),
    ("selection", "phrase-role-selection"),
    ("items", "phrase-role-items"),
    ("unit", "phrase-role-unit"),
    ("offers", "phrase-role-offers"),
    ("ends", "phrase-role-ends"),
    ("modes", "phrase-role-modes"),
    ("shuffled", "phrase-role-shuffled"),
    ("form", "phrase-role-form"),
    ("relation", "phrase-role-relation"),
    ("bound", "phrase-role-bound"),
    ("annotation", "phrase-role-annotation"),
    ("validation", "phrase-role-validation"),
    ("validator", "phrase-role-validator"),
    ("occurrences", "phrase-role-occurrences"),
    ("randomization", "phrase-role-randomization"),
    ("randomizer", "phrase-role-randomizer"),
    ("end of survey", "phrase-role-end-of-survey"),
    ("repeated block", "phrase-role-repeated-block"),
    ("groups of choices", "phrase-role-groups-of-choices"),
    ("labels of the scale", "phrase-role-labels-of-the-scale"),
    ("label of the middle", "phrase-role-label-of-the-middle"),
    ("matrix ranking", "phrase-role-matrix-ranking"),
    ("item with subitems", "phrase-role-item-with-subitems"),
    ("value set", "phrase-role-value-set"),
    ("further value set", "phrase-role-further-value-set"),
    ("external data", "phrase-role-external-data"),
    ("parameters", "phrase-role-parameters"),
    ("options", "phrase-role-options"),
    ("code", "phrase-role-code"),
    ("kind", "phrase-role-kind"),
    ("format", "phrase-role-format"),
    ("minimum", "phrase-role-minimum"),
    ("at_least", "phrase-role-minimum"),
    ("maximum", "phrase-role-maximum"),
    ("at_most", "phrase-role-maximum"),
    ("decimals", "phrase-role-decimals"),
    ("shown", "phrase-role-shown"),
    ("member-label", "phrase-role-member-label"),
    ("translation", "phrase-role-translation"),
    ("language", "phrase-role-language"),
    ("label", "phrase-role-label"),
    ("message", "phrase-role-message"),
    ("section", "phrase-role-section"),
    ("page", "phrase-role-page"),
    ("question", "phrase-role-question"),
    ("wording", "phrase-role-wording"),
    ("hint", "phrase-role-hint"),
    ("instruction", "phrase-role-instruction"),
    ("title", "phrase-role-title"),
    ("number", "phrase-role-number"),
    ("constraints", "phrase-role-constraints"),
    ("roster", "phrase-role-roster"),
    ("version", "phrase-role-version"),
    ("image", "phrase-role-image"),
    ("link", "phrase-role-link"),
    ("exclusive", "phrase-role-exclusive"),
    ("missing", "phrase-role-missing"),
    ("soft", "phrase-role-soft"),
    ("roles", "phrase-role-roles"),
    ("anchored", "phrase-role-anchored"),
    ("other", "phrase-role-other"),
    ("file", "phrase-role-file"),
    ("option", "phrase-role-option"),
    ("high", "phrase-role-high"),
    ("low", "phrase-role-low"),
    ("media", "phrase-role-media"),
    ("source", "phrase-role-source"),
    ("attributes", "phrase-role-attributes"),
    ("shape", "phrase-role-shape"),
    ("address_form", "phrase-role-address-form"),
    ("precision", "phrase-role-precision"),
    ("macros", "phrase-role-macros"),
    ("lookup tables", "phrase-role-lookup-tables"),
    ("files", "phrase-role-files"),
    ("special value", "phrase-role-special-value"),
    ("linked", "phrase-role-linked"),
    ("administration", "phrase-role-administration"),
];

/// What a remark was there, in words; what the other system calls by a name of
/// its own keeps that name.
pub(crate) fn role_in_words(role: &str) -> Argument {
    let known = ROLES.iter().find(|(own, _)| *own == role);
    known.map_or_else(|| role.into(), |(_, key)| phrase(key).into())
}
