//! Dispositions: what became of a case, by the codes of AAPOR's Standard
//! Definitions, derived from everything that happened to it.
//!
//! The outcome is not the last event but the strongest evidence in the whole
//! history (AAPOR 2016, 9th edition): an interview outranks everything; proof
//! of ineligibility outranks a refusal; once a household or person is proven,
//! silence is a non-contact and never "unknown" again. The map from events to
//! codes is a proposal of ours, not of AAPOR.

/// The version of this rule; stored beside rates so that they can be repeated.
pub const RULE_VERSION: u32 = 2;

/// The eight groups that rates are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// UH: not known whether there is a household or person.
    UnknownHousehold,
    /// UO: not known for another reason.
    UnknownOther,
    /// NC: eligible, never reached.
    NonContact,
    /// O: eligible, reached, unable.
    Other,
    /// R: refused or broke off.
    Refusal,
    /// NE: not in the population.
    NotEligible,
    /// P: enough answers to count as a respondent.
    Partial,
    /// I: a complete interview.
    Complete,
}

impl Group {
    /// AAPOR's letters.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Complete => "I",
            Self::Partial => "P",
            Self::Refusal => "R",
            Self::NonContact => "NC",
            Self::Other => "O",
            Self::UnknownHousehold => "UH",
            Self::UnknownOther => "UO",
            Self::NotEligible => "NE",
        }
    }

    /// The group of a code: by its first figures.
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "1.1" => Self::Complete,
            "1.2" => Self::Partial,
            _ if code.starts_with("2.1") => Self::Refusal,
            _ if code.starts_with("2.2") => Self::NonContact,
            _ if code.starts_with("2.") => Self::Other,
            _ if code.starts_with("3.1") || code == "3.0" => Self::UnknownHousehold,
            _ if code.starts_with("3.") => Self::UnknownOther,
            _ if code.starts_with("4.") => Self::NotEligible,
            _ => return None,
        })
    }
}

/// What can happen to a case, and what it means when nothing stronger follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// Its name in the store.
    pub name: &'static str,
    /// What it is, in words.
    pub description: &'static str,
    /// The code if it is the strongest evidence.
    pub code: &'static str,
    /// The code's group.
    pub group: Group,
    /// Whether the code is only temporary while the field is open.
    pub temporary: bool,
}

const fn event(
    name: &'static str,
    description: &'static str,
    code: &'static str,
    group: Group,
    temporary: bool,
) -> EventKind {
    EventKind { name, description, code, group, temporary }
}

/// Every event with a code, as this version of the rule reads it.
#[rustfmt::skip]
pub const EVENTS: &[EventKind] = &[
    event("released", "case released, no attempt made", "3.11", Group::UnknownHousehold, false),
    event("invited", "invitation accepted by mail server, no sign of life", "3.19", Group::UnknownHousehold, true),
    event("hard_bounce", "hard bounce (5.1.x) of every address", "3.30", Group::UnknownOther, true),
    event("soft_bounce", "soft bounce (4.x.x) until queue expiry", "3.30", Group::UnknownOther, true),
    event("out_of_office", "automatic out-of-office reply covering the field period", "2.26", Group::NonContact, true),
    event("opened", "link opened (page viewed by a person), no item answered", "2.1121", Group::Refusal, true),
    event("opted_out", "reply or unsubscribe that says no / opt-out button", "2.112", Group::Refusal, false),
    event("broke_off", "started, answered items below the partial threshold", "2.12", Group::Refusal, true),
    event("partial", "started, at or above the partial threshold", "1.2", Group::Partial, true),
    event("completed", "all required items answered or submitted at the end", "1.1", Group::Complete, false),
    event("screened_out", "screened out by the screener", "4.10", Group::NotEligible, false),
    event("nobody_eligible", "no eligible person in household roster", "4.70", Group::NotEligible, false),
    event("over_quota", "over-quota stop", "4.80", Group::NotEligible, false),
    event("duplicate", "second record of the same person or address", "4.81", Group::NotEligible, false),
    event("busy", "busy", "3.12", Group::UnknownHousehold, true),
    event("no_answer", "ring, no answer", "3.13", Group::UnknownHousehold, true),
    event("voicemail_unknown", "voicemail, greeting does not identify household", "3.14", Group::UnknownHousehold, true),
    event("voicemail_household_silent", "voicemail of household, no message left", "2.221", Group::NonContact, true),
    event("voicemail_household_message", "voicemail of household, message left", "2.222", Group::NonContact, true),
    event("call_blocked", "call blocked by handset or carrier", "3.15", Group::UnknownHousehold, true),
    event("not_in_service", "number not in service", "4.31", Group::NotEligible, false),
    event("appointment_missed", "callback or appointment agreed, never kept", "2.21", Group::NonContact, true),
    event("household_refused", "household refuses before selection", "2.111", Group::Refusal, true),
    event("person_refused", "selected person refuses", "2.112", Group::Refusal, true),
    event("hung_up", "hang-up before household status known", "3.90", Group::UnknownOther, true),
    event("screener_incomplete", "contact made, roster or screener not completed (no refusal)", "3.21", Group::UnknownOther, true),
    event("nobody_home_occupied", "nobody home, dwelling occupied (neighbour or signs of life)", "2.24", Group::NonContact, true),
    event("nobody_home_unknown", "nobody home, cannot tell if occupied", "3.10", Group::UnknownHousehold, true),
    event("access_denied", "gate, guard or building access denied", "2.23", Group::NonContact, true),
    event("address_not_found", "address not found", "3.18", Group::UnknownHousehold, true),
    event("area_unreachable", "area unsafe, flooded or unreachable", "3.17", Group::UnknownHousehold, true),
    event("vacant", "dwelling vacant", "4.61", Group::NotEligible, false),
    event("second_home", "second home, nobody resident", "4.62", Group::NotEligible, false),
    event("not_a_dwelling", "shop, office, demolished or not a dwelling", "4.50", Group::NotEligible, false),
    event("away_whole_period", "selected person away the whole field period", "2.25", Group::NonContact, true),
    event("never_reachable", "selected person never reachable by phone", "2.21", Group::NonContact, true),
    event("unable", "ill or unable", "2.32", Group::Other, false),
    event("language_problem", "no common language", "2.332", Group::Other, true),
    event("died", "died after selection", "2.31", Group::Other, false),
    event("blank_returned", "blank questionnaire sent back", "2.113", Group::Refusal, false),
    event("arrived_late", "paper arrived after closing", "2.27", Group::NonContact, false),
];

/// What is recorded of a case and says nothing of its outcome. To stop mail
/// without a word on the survey is neither of the refusals that AAPOR lists
/// (2023, 10th edition: explicit, 2.111 and 2.112; implicit, 2.113 and 2.12):
/// the case keeps the code that everything else gives it, gets no more mail,
/// and its link still opens.
pub const WITHOUT_OUTCOME: &[&str] = &["unsubscribed"];

/// The event with that name, if it has a code.
pub fn event_kind(name: &str) -> Option<&'static EventKind> {
    EVENTS.iter().find(|kind| kind.name == name)
}

/// The outcome of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// AAPOR's code.
    pub code: &'static str,
    /// Its group.
    pub group: Group,
    /// Whether it may still change while the field is open.
    pub temporary: bool,
}

/// Derives the disposition from the names of all events, oldest first. A case
/// without events was released and not yet worked (3.11).
pub fn disposition<'a>(events: impl IntoIterator<Item = &'a str>) -> Disposition {
    let strongest = events
        .into_iter()
        .filter_map(event_kind)
        // Of equals the later one stands: max_by_key keeps the last.
        .max_by_key(|kind| kind.group)
        .unwrap_or(&EVENTS[0]);
    Disposition { code: strongest.code, group: strongest.group, temporary: strongest.temporary }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(events: &[&str]) -> &'static str {
        disposition(events.iter().copied()).code
    }

    #[test]
    fn the_strongest_evidence_stands() {
        assert_eq!(code(&[]), "3.11");
        assert_eq!(code(&["invited"]), "3.19");
        assert_eq!(code(&["invited", "opened", "broke_off"]), "2.12");
        assert_eq!(code(&["invited", "opened", "broke_off", "partial", "completed"]), "1.1");
        assert_eq!(code(&["person_refused", "completed"]), "1.1", "a refusal can be converted");
        assert_eq!(
            code(&["voicemail_household_message", "no_answer"]),
            "2.222",
            "a proven household stays proven"
        );
        assert_eq!(code(&["vacant", "household_refused"]), "4.61");
    }

    #[test]
    fn to_stop_mail_is_no_refusal() {
        for before in
            [&[][..], &["invited"], &["invited", "out_of_office"], &["invited", "partial"]]
        {
            let after: Vec<&str> = before.iter().copied().chain(["unsubscribed"]).collect();
            assert_eq!(code(&after), code(before), "{before:?}");
        }
        assert_eq!(code(&["invited", "unsubscribed", "completed"]), "1.1", "the link still opens");
        assert_eq!(code(&["opted_out", "unsubscribed"]), "2.112", "words are a refusal");
    }

    #[test]
    fn every_code_is_in_its_group() {
        for kind in EVENTS {
            assert_eq!(Group::of_code(kind.code), Some(kind.group), "{}", kind.name);
        }
    }
}
