//! Dispositions: what became of a case, by the codes of AAPOR's Standard
//! Definitions, derived from everything that happened to it.
//!
//! The outcome is not the last event but the strongest evidence in the whole
//! history (AAPOR 2016, 9th edition): an interview outranks everything; proof
//! of ineligibility outranks a refusal; once a household or person is proven,
//! silence is a non-contact and never "unknown" again. The map from events to
//! codes is a proposal of ours, not of AAPOR.

use super::words::words;

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

words! {
    /// What became of a case: AAPOR's codes, as far as an event of ours leads to one.
    pub enum Disposition {
        /// A complete interview.
        Complete = "1.1",
        /// A partial interview.
        Partial = "1.2",
        /// A refusal that says nothing more.
        RefusalOther = "2.11",
        /// The household refused.
        HouseholdRefused = "2.111",
        /// The person refused.
        PersonRefused = "2.112",
        /// The link was opened and nothing answered: an implicit refusal.
        OpenedOnly = "2.1121",
        /// A blank questionnaire came back.
        BlankReturned = "2.113",
        /// Broken off with too few answers.
        BrokeOff = "2.12",
        /// The person was never reached.
        NeverReached = "2.21",
        /// Voicemail of a household, no message left.
        VoicemailSilent = "2.221",
        /// Voicemail of a household, a message left.
        VoicemailMessage = "2.222",
        /// No way into the building.
        AccessDenied = "2.23",
        /// Nobody at home in a dwelling that is occupied.
        NobodyHome = "2.24",
        /// Away the whole field period.
        Away = "2.25",
        /// An automatic reply for the whole field period.
        OutOfOffice = "2.26",
        /// Came after the closing.
        ArrivedLate = "2.27",
        /// Died after the selection.
        Died = "2.31",
        /// Ill or unable.
        Unable = "2.32",
        /// No common language.
        LanguageProblem = "2.332",
        /// Nobody at home; not known whether occupied.
        NobodyHomeUnknown = "3.10",
        /// Released and not yet worked.
        NotAttempted = "3.11",
        /// Always busy.
        Busy = "3.12",
        /// Nobody picked up.
        NoAnswer = "3.13",
        /// Voicemail of nobody knows whom.
        VoicemailUnknown = "3.14",
        /// The call was blocked.
        CallBlocked = "3.15",
        /// The area could not be reached.
        AreaUnreachable = "3.17",
        /// The address was not found.
        AddressNotFound = "3.18",
        /// Invited, no sign of life.
        Invited = "3.19",
        /// The screener was not completed.
        ScreenerIncomplete = "3.21",
        /// Mail came back.
        Bounced = "3.30",
        /// Hung up before the household was known.
        HungUp = "3.90",
        /// Outside the population.
        ScreenedOut = "4.10",
        /// The number is not in service.
        NotInService = "4.31",
        /// No dwelling.
        NotADwelling = "4.50",
        /// A vacant dwelling.
        Vacant = "4.61",
        /// A second home.
        SecondHome = "4.62",
        /// Nobody eligible in the household.
        NobodyEligible = "4.70",
        /// The quota was full.
        OverQuota = "4.80",
        /// The same person a second time.
        Duplicate = "4.81",
    }
}

impl Disposition {
    /// The group that rates count it in.
    pub fn group(self) -> Group {
        match self {
            Self::Complete => Group::Complete,
            Self::Partial => Group::Partial,
            Self::RefusalOther
            | Self::HouseholdRefused
            | Self::PersonRefused
            | Self::OpenedOnly
            | Self::BlankReturned
            | Self::BrokeOff => Group::Refusal,
            Self::NeverReached
            | Self::VoicemailSilent
            | Self::VoicemailMessage
            | Self::AccessDenied
            | Self::NobodyHome
            | Self::Away
            | Self::OutOfOffice
            | Self::ArrivedLate => Group::NonContact,
            Self::Died | Self::Unable | Self::LanguageProblem => Group::Other,
            Self::NobodyHomeUnknown
            | Self::NotAttempted
            | Self::Busy
            | Self::NoAnswer
            | Self::VoicemailUnknown
            | Self::CallBlocked
            | Self::AreaUnreachable
            | Self::AddressNotFound
            | Self::Invited => Group::UnknownHousehold,
            Self::ScreenerIncomplete | Self::Bounced | Self::HungUp => Group::UnknownOther,
            Self::ScreenedOut
            | Self::NotInService
            | Self::NotADwelling
            | Self::Vacant
            | Self::SecondHome
            | Self::NobodyEligible
            | Self::OverQuota
            | Self::Duplicate => Group::NotEligible,
        }
    }
}

words! {
    /// What can happen to a case.
    pub enum Event {
        /// Case released, no attempt made.
        Released = "released",
        /// Invitation accepted by mail server, no sign of life.
        Invited = "invited",
        /// Hard bounce (5.1.x) of every address.
        HardBounce = "hard_bounce",
        /// Soft bounce (4.x.x) until queue expiry.
        SoftBounce = "soft_bounce",
        /// Automatic out-of-office reply covering the field period.
        OutOfOffice = "out_of_office",
        /// Link opened (page viewed by a person), no item answered.
        Opened = "opened",
        /// Reply or unsubscribe that says no / opt-out button.
        OptedOut = "opted_out",
        /// Started, answered items below the partial threshold.
        BrokeOff = "broke_off",
        /// Started, at or above the partial threshold.
        Partial = "partial",
        /// All required items answered or submitted at the end.
        Completed = "completed",
        /// Screened out by the screener.
        ScreenedOut = "screened_out",
        /// No eligible person in household roster.
        NobodyEligible = "nobody_eligible",
        /// Over-quota stop.
        OverQuota = "over_quota",
        /// Second record of the same person or address.
        Duplicate = "duplicate",
        /// Busy.
        Busy = "busy",
        /// Ring, no answer.
        NoAnswer = "no_answer",
        /// Voicemail, greeting does not identify household.
        VoicemailUnknown = "voicemail_unknown",
        /// Voicemail of household, no message left.
        VoicemailHouseholdSilent = "voicemail_household_silent",
        /// Voicemail of household, message left.
        VoicemailHouseholdMessage = "voicemail_household_message",
        /// Call blocked by handset or carrier.
        CallBlocked = "call_blocked",
        /// Number not in service.
        NotInService = "not_in_service",
        /// Callback or appointment agreed, never kept.
        AppointmentMissed = "appointment_missed",
        /// Household refuses before selection.
        HouseholdRefused = "household_refused",
        /// Selected person refuses.
        PersonRefused = "person_refused",
        /// Hang-up before household status known.
        HungUp = "hung_up",
        /// Contact made, roster or screener not completed (no refusal).
        ScreenerIncomplete = "screener_incomplete",
        /// Nobody home, dwelling occupied (neighbour or signs of life).
        NobodyHomeOccupied = "nobody_home_occupied",
        /// Nobody home, cannot tell if occupied.
        NobodyHomeUnknown = "nobody_home_unknown",
        /// Gate, guard or building access denied.
        AccessDenied = "access_denied",
        /// Address not found.
        AddressNotFound = "address_not_found",
        /// Area unsafe, flooded or unreachable.
        AreaUnreachable = "area_unreachable",
        /// Dwelling vacant.
        Vacant = "vacant",
        /// Second home, nobody resident.
        SecondHome = "second_home",
        /// Shop, office, demolished or not a dwelling.
        NotADwelling = "not_a_dwelling",
        /// Selected person away the whole field period.
        AwayWholePeriod = "away_whole_period",
        /// Selected person never reachable by phone.
        NeverReachable = "never_reachable",
        /// Ill or unable.
        Unable = "unable",
        /// No common language.
        LanguageProblem = "language_problem",
        /// Died after selection.
        Died = "died",
        /// Blank questionnaire sent back.
        BlankReturned = "blank_returned",
        /// Paper arrived after closing.
        ArrivedLate = "arrived_late",
        /// Unsubscribe without words, list mail headers.
        Unsubscribed = "unsubscribed",
    }
}

/// What an event means when nothing stronger follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// The event.
    pub event: Event,
    /// What it is, in words.
    pub description: &'static str,
    /// The code if it is the strongest evidence.
    pub disposition: Disposition,
    /// Whether the code is only temporary while the field is open.
    pub temporary: bool,
}

const fn kind(
    event: Event,
    description: &'static str,
    disposition: Disposition,
    temporary: bool,
) -> EventKind {
    EventKind { event, description, disposition, temporary }
}

/// Every event with a code, in their order, as this version of the rule reads it.
#[rustfmt::skip]
pub const EVENTS: &[EventKind] = &[
    kind(Event::Released, "case released, no attempt made", Disposition::NotAttempted, false),
    kind(Event::Invited, "invitation accepted by mail server, no sign of life", Disposition::Invited, true),
    kind(Event::HardBounce, "hard bounce (5.1.x) of every address", Disposition::Bounced, true),
    kind(Event::SoftBounce, "soft bounce (4.x.x) until queue expiry", Disposition::Bounced, true),
    kind(Event::OutOfOffice, "automatic out-of-office reply covering the field period", Disposition::OutOfOffice, true),
    kind(Event::Opened, "link opened (page viewed by a person), no item answered", Disposition::OpenedOnly, true),
    kind(Event::OptedOut, "reply or unsubscribe that says no / opt-out button", Disposition::PersonRefused, false),
    kind(Event::BrokeOff, "started, answered items below the partial threshold", Disposition::BrokeOff, true),
    kind(Event::Partial, "started, at or above the partial threshold", Disposition::Partial, true),
    kind(Event::Completed, "all required items answered or submitted at the end", Disposition::Complete, false),
    kind(Event::ScreenedOut, "screened out by the screener", Disposition::ScreenedOut, false),
    kind(Event::NobodyEligible, "no eligible person in household roster", Disposition::NobodyEligible, false),
    kind(Event::OverQuota, "over-quota stop", Disposition::OverQuota, false),
    kind(Event::Duplicate, "second record of the same person or address", Disposition::Duplicate, false),
    kind(Event::Busy, "busy", Disposition::Busy, true),
    kind(Event::NoAnswer, "ring, no answer", Disposition::NoAnswer, true),
    kind(Event::VoicemailUnknown, "voicemail, greeting does not identify household", Disposition::VoicemailUnknown, true),
    kind(Event::VoicemailHouseholdSilent, "voicemail of household, no message left", Disposition::VoicemailSilent, true),
    kind(Event::VoicemailHouseholdMessage, "voicemail of household, message left", Disposition::VoicemailMessage, true),
    kind(Event::CallBlocked, "call blocked by handset or carrier", Disposition::CallBlocked, true),
    kind(Event::NotInService, "number not in service", Disposition::NotInService, false),
    kind(Event::AppointmentMissed, "callback or appointment agreed, never kept", Disposition::NeverReached, true),
    kind(Event::HouseholdRefused, "household refuses before selection", Disposition::HouseholdRefused, true),
    kind(Event::PersonRefused, "selected person refuses", Disposition::PersonRefused, true),
    kind(Event::HungUp, "hang-up before household status known", Disposition::HungUp, true),
    kind(Event::ScreenerIncomplete, "contact made, roster or screener not completed (no refusal)", Disposition::ScreenerIncomplete, true),
    kind(Event::NobodyHomeOccupied, "nobody home, dwelling occupied (neighbour or signs of life)", Disposition::NobodyHome, true),
    kind(Event::NobodyHomeUnknown, "nobody home, cannot tell if occupied", Disposition::NobodyHomeUnknown, true),
    kind(Event::AccessDenied, "gate, guard or building access denied", Disposition::AccessDenied, true),
    kind(Event::AddressNotFound, "address not found", Disposition::AddressNotFound, true),
    kind(Event::AreaUnreachable, "area unsafe, flooded or unreachable", Disposition::AreaUnreachable, true),
    kind(Event::Vacant, "dwelling vacant", Disposition::Vacant, false),
    kind(Event::SecondHome, "second home, nobody resident", Disposition::SecondHome, false),
    kind(Event::NotADwelling, "shop, office, demolished or not a dwelling", Disposition::NotADwelling, false),
    kind(Event::AwayWholePeriod, "selected person away the whole field period", Disposition::Away, true),
    kind(Event::NeverReachable, "selected person never reachable by phone", Disposition::NeverReached, true),
    kind(Event::Unable, "ill or unable", Disposition::Unable, false),
    kind(Event::LanguageProblem, "no common language", Disposition::LanguageProblem, true),
    kind(Event::Died, "died after selection", Disposition::Died, false),
    kind(Event::BlankReturned, "blank questionnaire sent back", Disposition::BlankReturned, false),
    kind(Event::ArrivedLate, "paper arrived after closing", Disposition::ArrivedLate, false),
];

impl Disposition {
    /// What stands after one more event: of equals the later one.
    #[must_use]
    pub fn after(self, event: Event) -> Self {
        match event.kind().map(|kind| kind.disposition) {
            Some(new) if new.group() >= self.group() => new,
            _ => self,
        }
    }
}

impl Event {
    /// What it means for the outcome, if it says anything of that. To stop mail
    /// without a word on the survey is neither of the refusals that AAPOR lists
    /// (2023, 10th edition: explicit, 2.111 and 2.112; implicit, 2.113 and 2.12):
    /// the case keeps the code that everything else gives it, gets no more mail,
    /// and its link still opens.
    pub fn kind(self) -> Option<&'static EventKind> {
        // The table has the order of the events; a test compares.
        EVENTS.get(self as usize)
    }
}

/// Derives the disposition from all events, oldest first. A case without events
/// was released and not yet worked (3.11).
pub fn disposition(events: impl IntoIterator<Item = Event>) -> Disposition {
    events
        .into_iter()
        .filter_map(|event| Some(event.kind()?.disposition))
        // Of equals the later one stands: max_by_key keeps the last.
        .max_by_key(|disposition| disposition.group())
        .unwrap_or(Disposition::NotAttempted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(events: &[Event]) -> &'static str {
        disposition(events.iter().copied()).word()
    }

    #[test]
    fn the_strongest_evidence_stands() {
        use Event::{
            BrokeOff, Completed, HouseholdRefused, Invited, NoAnswer, Opened, Partial,
            PersonRefused, Vacant, VoicemailHouseholdMessage,
        };
        assert_eq!(code(&[]), "3.11");
        assert_eq!(code(&[Invited]), "3.19");
        assert_eq!(code(&[Invited, Opened, BrokeOff]), "2.12");
        assert_eq!(code(&[Invited, Opened, BrokeOff, Partial, Completed]), "1.1");
        assert_eq!(code(&[PersonRefused, Completed]), "1.1", "a refusal can be converted");
        assert_eq!(
            code(&[VoicemailHouseholdMessage, NoAnswer]),
            "2.222",
            "a proven household stays proven"
        );
        assert_eq!(code(&[Vacant, HouseholdRefused]), "4.61");
    }

    #[test]
    fn the_table_has_the_order_of_the_events() {
        for (event, kind) in Event::ALL.iter().zip(EVENTS) {
            assert_eq!(*event, kind.event);
        }
        assert_eq!(Event::ALL[EVENTS.len()..], [Event::Unsubscribed]);
    }

    #[test]
    fn to_stop_mail_is_no_refusal() {
        use Event::{Completed, Invited, OptedOut, OutOfOffice, Partial, Unsubscribed};
        for before in [&[][..], &[Invited], &[Invited, OutOfOffice], &[Invited, Partial]] {
            let after: Vec<Event> = before.iter().copied().chain([Unsubscribed]).collect();
            assert_eq!(code(&after), code(before), "{before:?}");
        }
        assert_eq!(code(&[Invited, Unsubscribed, Completed]), "1.1", "the link still opens");
        assert_eq!(code(&[OptedOut, Unsubscribed]), "2.112", "words are a refusal");
    }

    #[test]
    fn every_code_is_in_its_group() {
        for code in Disposition::ALL {
            assert_eq!(Group::of_code(code.word()), Some(code.group()), "{code}");
        }
    }
}
