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

/// What a remark was there, in words; what the other system calls by a name of
/// its own keeps that name.
pub(crate) fn said(role: &str) -> Argument {
    match role {
        "relevant" => phrase("phrase-role-relevant").into(),
        "constraint" => phrase("phrase-role-constraint").into(),
        "filter" => phrase("phrase-role-filter").into(),
        "calculation" => phrase("phrase-role-calculation").into(),
        "default" => phrase("phrase-role-default").into(),
        "required" => phrase("phrase-role-required").into(),
        "count" => phrase("phrase-role-count").into(),
        "total" => phrase("phrase-role-total").into(),
        "check" => phrase("phrase-role-check").into(),
        "checks" => phrase("phrase-role-checks").into(),
        "text" => phrase("phrase-role-text").into(),
        "note" => phrase("phrase-role-note").into(),
        "list" => phrase("phrase-role-list").into(),
        "skip" => phrase("phrase-role-skip").into(),
        "branch" => phrase("phrase-role-branch").into(),
        "routing" => phrase("phrase-role-routing").into(),
        "flow" => phrase("phrase-role-flow").into(),
        "loop" => phrase("phrase-role-loop").into(),
        "name" => phrase("phrase-role-name").into(),
        "value" => phrase("phrase-role-value").into(),
        "script" => phrase("phrase-role-script").into(),
        "choices" => phrase("phrase-role-choices").into(),
        "members" => phrase("phrase-role-members").into(),
        "attribute" => phrase("phrase-role-attribute").into(),
        "selection" => phrase("phrase-role-selection").into(),
        "items" => phrase("phrase-role-items").into(),
        "unit" => phrase("phrase-role-unit").into(),
        "offers" => phrase("phrase-role-offers").into(),
        "ends" => phrase("phrase-role-ends").into(),
        "modes" => phrase("phrase-role-modes").into(),
        "shuffled" => phrase("phrase-role-shuffled").into(),
        "form" => phrase("phrase-role-form").into(),
        "relation" => phrase("phrase-role-relation").into(),
        "bound" => phrase("phrase-role-bound").into(),
        "annotation" => phrase("phrase-role-annotation").into(),
        "validation" => phrase("phrase-role-validation").into(),
        "validator" => phrase("phrase-role-validator").into(),
        "occurrences" => phrase("phrase-role-occurrences").into(),
        "randomization" => phrase("phrase-role-randomization").into(),
        "randomizer" => phrase("phrase-role-randomizer").into(),
        "end of survey" => phrase("phrase-role-end-of-survey").into(),
        "repeated block" => phrase("phrase-role-repeated-block").into(),
        "groups of choices" => phrase("phrase-role-groups-of-choices").into(),
        "labels of the scale" => phrase("phrase-role-labels-of-the-scale").into(),
        "label of the middle" => phrase("phrase-role-label-of-the-middle").into(),
        "matrix ranking" => phrase("phrase-role-matrix-ranking").into(),
        "item with subitems" => phrase("phrase-role-item-with-subitems").into(),
        "value set" => phrase("phrase-role-value-set").into(),
        "further value set" => phrase("phrase-role-further-value-set").into(),
        "external data" => phrase("phrase-role-external-data").into(),
        "parameters" => phrase("phrase-role-parameters").into(),
        "options" => phrase("phrase-role-options").into(),
        "code" => phrase("phrase-role-code").into(),
        "kind" => phrase("phrase-role-kind").into(),
        "format" => phrase("phrase-role-format").into(),
        "minimum" | "at_least" => phrase("phrase-role-minimum").into(),
        "maximum" | "at_most" => phrase("phrase-role-maximum").into(),
        "decimals" => phrase("phrase-role-decimals").into(),
        "shown" => phrase("phrase-role-shown").into(),
        "member-label" => phrase("phrase-role-member-label").into(),
        "translation" => phrase("phrase-role-translation").into(),
        "language" => phrase("phrase-role-language").into(),
        "label" => phrase("phrase-role-label").into(),
        "message" => phrase("phrase-role-message").into(),
        "section" => phrase("phrase-role-section").into(),
        "page" => phrase("phrase-role-page").into(),
        "question" => phrase("phrase-role-question").into(),
        "wording" => phrase("phrase-role-wording").into(),
        "hint" => phrase("phrase-role-hint").into(),
        "instruction" => phrase("phrase-role-instruction").into(),
        "title" => phrase("phrase-role-title").into(),
        "number" => phrase("phrase-role-number").into(),
        "constraints" => phrase("phrase-role-constraints").into(),
        "roster" => phrase("phrase-role-roster").into(),
        "version" => phrase("phrase-role-version").into(),
        "image" => phrase("phrase-role-image").into(),
        "exclusive" => phrase("phrase-role-exclusive").into(),
        "missing" => phrase("phrase-role-missing").into(),
        "soft" => phrase("phrase-role-soft").into(),
        "roles" => phrase("phrase-role-roles").into(),
        "anchored" => phrase("phrase-role-anchored").into(),
        "other" => phrase("phrase-role-other").into(),
        "file" => phrase("phrase-role-file").into(),
        "option" => phrase("phrase-role-option").into(),
        "high" => phrase("phrase-role-high").into(),
        "low" => phrase("phrase-role-low").into(),
        "media" => phrase("phrase-role-media").into(),
        "source" => phrase("phrase-role-source").into(),
        "attributes" => phrase("phrase-role-attributes").into(),
        "shape" => phrase("phrase-role-shape").into(),
        "address_form" => phrase("phrase-role-address-form").into(),
        "precision" => phrase("phrase-role-precision").into(),
        theirs => theirs.into(),
    }
}
