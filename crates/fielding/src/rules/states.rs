//! The states and kinds that the store knows. The migrations hold the same words
//! (a test compares); a word that is in neither list is an error.

use survey_builder::questionnaire::library::Shape;

use super::words::words;

words! {
    /// How far a study keeps answers apart from the people who gave them.
    pub enum Privacy {
        /// A response can never be matched with its case.
        Anonymous = "anonymous",
        /// It can until a day that was fixed before the field.
        Confidential = "confidential",
        /// It can, and those asked have agreed to that.
        Identified = "identified",
    }
}

words! {
    /// Where a study stands.
    pub enum StudyStatus {
        /// It is being made.
        Draft = "draft",
        /// It takes answers.
        Open = "open",
        /// It takes none any more.
        Closed = "closed",
    }
}

words! {
    /// Whether a study is the example, whose people are invented, and how far that is.
    pub enum Example {
        /// It is a real one.
        No = "no",
        /// It is being brought into the field and answered.
        Filling = "filling",
        /// Everybody has answered who will.
        Filled = "filled",
    }
}

words! {
    /// What an expert thinks of a questionnaire as a whole.
    pub enum Verdict {
        /// Nothing said yet.
        None = "none",
        /// It is good as it is.
        Good = "good",
        /// It is good once what must change has changed.
        GoodAfterChanges = "good-after-changes",
        /// It is not good yet.
        NotYet = "not-yet",
    }
}

words! {
    /// How much a comment matters to whoever wrote it.
    pub enum CommentWeight {
        /// Something to know.
        Remark = "remark",
        /// Something that would be better.
        Suggestion = "suggestion",
        /// Something that may not stay.
        MustChange = "must-change",
    }
}

words! {
    /// How far somebody came who tries a draft.
    pub enum TrialState {
        /// They are under way.
        Open = "open",
        /// To the end.
        Complete = "complete",
        /// Somebody like that is not asked.
        ScreenedOut = "screened-out",
        /// They said that they do not take part.
        Refused = "refused",
    }
}

words! {
    /// What a block of the library is.
    pub enum BlockShape {
        /// One question.
        Question = "question",
        /// One question with rows.
        Battery = "battery",
        /// Questions that are shown at once.
        Page = "page",
        /// A section.
        Section = "section",
    }
}

impl From<Shape> for BlockShape {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Question => Self::Question,
            Shape::Battery => Self::Battery,
            Shape::Page => Self::Page,
            Shape::Section => Self::Section,
        }
    }
}

words! {
    /// What is prepared in portions, before anybody sees it.
    pub enum Prepared {
        /// A sample that is being stored, with its cases.
        Sample = "sample",
        /// Messages that are being queued.
        Messages = "messages",
        /// Interviews that are being ended with their study.
        Closing = "closing",
        /// Cases that are being opened with their replicates.
        Release = "release",
    }
}

words! {
    /// Where a case stands. In an anonymous study it stays open whatever the
    /// person does: that they answered is a mark that only the keys can read.
    pub enum CaseStatus {
        /// Its replicate has not been released: nobody is written to, its link
        /// opens nothing, and no rate counts it.
        Waiting = "waiting",
        /// It may answer.
        Open = "open",
        /// It has answered.
        Done = "done",
        /// It does not take part.
        Refused = "refused",
        /// It was broken off when the study closed.
        Closed = "closed",
        /// Another unit took the place of its own: it answers no more, and its
        /// outcome counts.
        Replaced = "replaced",
    }
}

words! {
    /// How an interview of an anonymous study ended, in its mark.
    pub enum Ended {
        /// Submitted.
        Done = "done",
        /// Outside the population asked.
        ScreenedOut = "screened_out",
        /// The person does not take part.
        Refused = "refused",
        /// Broken off when the study closed.
        Closed = "closed",
    }
}

words! {
    /// Where a response stands.
    pub enum ResponseState {
        /// It is being answered.
        Open = "open",
        /// Submitted.
        Complete = "complete",
        /// Broken off with enough answers to count.
        Partial = "partial",
        /// Outside the population asked.
        ScreenedOut = "screened_out",
        /// Broken off with too few answers to count.
        BrokenOff = "broken_off",
    }
}

words! {
    /// By which way a person was reached or answered.
    pub enum Mode {
        /// A page in the person's browser.
        Web = "web",
        /// E-mail.
        Email = "email",
        /// A text message.
        Sms = "sms",
        /// A letter on paper.
        Letter = "letter",
        /// A telephone call.
        Telephone = "telephone",
        /// A visit.
        InPerson = "in_person",
        /// A questionnaire on paper.
        Paper = "paper",
    }
}

words! {
    /// What a link to an account does.
    pub enum LinkPurpose {
        /// It signs in.
        SignIn = "sign_in",
        /// It sets a new password.
        Password = "password",
    }
}

words! {
    /// What a letter to an account is.
    pub enum AccountLetterKind {
        /// The link that sets a new password.
        Password = "password",
        /// The link by which somebody who was invited joins.
        Invitation = "invitation",
        /// Somebody took the second factor away.
        FactorRemoved = "factor_removed",
    }
}

words! {
    /// What a session still waits for before it opens anything.
    pub enum SessionStage {
        /// Nothing.
        Whole = "whole",
        /// A code of the second factor.
        Code = "code",
        /// That a second factor is set up.
        Setup = "setup",
    }
}

words! {
    /// What a message is.
    pub enum MessageKind {
        /// The first one.
        Invitation = "invitation",
        /// A later one; reminders are numbered from 1.
        Reminder = "reminder",
    }
}

words! {
    /// Where a message stands.
    pub enum MessageState {
        /// It waits to be sent.
        Queued = "queued",
        /// A worker has it.
        Sending = "sending",
        /// The relay took it over.
        Sent = "sent",
        /// It cannot be sent.
        Failed = "failed",
        /// It was taken back before it was sent.
        Cancelled = "cancelled",
        /// The program died while it was being sent: nobody knows.
        Unsure = "unsure",
    }
}

words! {
    /// Where the rows of a frame are.
    pub enum FrameState {
        /// They are still coming in.
        Arriving = "arriving",
        /// They wait for a draw.
        Kept = "kept",
        /// They are gone.
        LetGo = "let_go",
    }
}

words! {
    /// Why an address gets no more mail.
    pub enum SuppressionReason {
        /// Its owner asked for that.
        Unsubscribed = "unsubscribed",
    }
}

words! {
    /// What the count of days counts.
    pub enum DayCount {
        /// Interviews begun.
        Began = "began",
        /// Interviews ended, in whatever way.
        Ended = "ended",
    }
}

words! {
    /// What an edit of a draft is in its author's line of edits.
    pub enum EditStep {
        /// Something new.
        Change = "change",
        /// An edit is taken back.
        Undo = "undo",
        /// What was taken back is done again.
        Redo = "redo",
    }
}

words! {
    /// What somebody who works here did.
    pub enum AuditAction {
        /// The first unit and its owner were made.
        SetUp = "set-up",
        /// A person was added.
        UserAdded = "user-added",
        /// A one-time sign-in link was made.
        SignInLinkMade = "sign-in-link-made",
        /// A link that sets a new password was made.
        PasswordLinkMade = "password-link-made",
        /// A new password was set.
        PasswordSet = "password-set",
        /// Somebody signed in.
        SignedIn = "signed-in",
        /// Somebody signed out.
        SignedOut = "signed-out",
        /// A unit was added below another.
        UnitAdded = "unit-added",
        /// A unit got another name.
        UnitRenamed = "unit-renamed",
        /// Somebody was asked to work here.
        PersonInvited = "person-invited",
        /// The letter of an invitation was asked for again.
        InvitationSentAgain = "invitation-sent-again",
        /// An invitation was taken back.
        InvitationWithdrawn = "invitation-withdrawn",
        /// Somebody who was invited joined.
        PersonJoined = "person-joined",
        /// Somebody got a role in a unit, or another one.
        RoleSet = "role-set",
        /// A role in a unit ended.
        RoleEnded = "role-ended",
        /// Somebody may not sign in any more.
        PersonDisabled = "person-disabled",
        /// Somebody may sign in again.
        PersonEnabled = "person-enabled",
        /// Somebody changed the own name or language.
        AccountChanged = "account-changed",
        /// Somebody changed the own password.
        PasswordChanged = "password-changed",
        /// Sessions were ended before their time.
        SessionsEnded = "sessions-ended",
        /// A second factor was set up.
        FactorSetUp = "factor-set-up",
        /// A second factor was taken away.
        FactorRemoved = "factor-removed",
        /// New recovery codes took the place of those before.
        RecoveryCodesMade = "recovery-codes-made",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery-code-used",
        /// A study was made.
        StudyMade = "study-made",
        /// Somebody worked on the draft of its questionnaire.
        QuestionnaireEdited = "questionnaire-edited",
        /// An expert was asked to read it, or given a new link.
        ExpertAsked = "expert-asked",
        /// An expert's link was taken back.
        ExpertEnded = "expert-ended",
        /// Somebody commented on a question, or answered.
        CommentWritten = "comment-written",
        /// Somebody deleted a comment of their own.
        CommentRemoved = "comment-removed",
        /// A comment was settled.
        CommentResolved = "comment-resolved",
        /// A comment was opened again.
        CommentReopened = "comment-reopened",
        /// An expert said what they think of the whole.
        VerdictGiven = "verdict-given",
        /// A link was made by which anybody can try the draft.
        TrialLinkMade = "trial-link-made",
        /// That link was ended.
        TrialLinkEnded = "trial-link-ended",
        /// Tests of the draft were deleted.
        TrialsRemoved = "trials-removed",
        /// Somebody gave the draft as it was a name.
        StateNamed = "state-named",
        /// That name was taken away.
        StateForgotten = "state-forgotten",
        /// The draft was brought back to what it was.
        DraftRestored = "draft-restored",
        /// A part of it was saved as a block, or as the next version of one.
        BlockSaved = "block-saved",
        /// A block was given another name.
        BlockRenamed = "block-renamed",
        /// A block is offered no more.
        BlockWithdrawn = "block-withdrawn",
        /// A block was put into its draft.
        BlockInserted = "block-inserted",
        /// A newer version of a block was looked through for its draft.
        BlockUpdated = "block-updated",
        /// A part of another questionnaire was put into its draft.
        PartCopied = "part-copied",
        /// Somebody stands for its texts in a language.
        LanguageSignedOff = "language-signed-off",
        /// Nobody stands for its texts in a language any more.
        SignOffWithdrawn = "sign-off-withdrawn",
        /// Its questionnaire was published.
        Published = "published",
        /// What is set for it was changed.
        SettingsChanged = "settings-changed",
        /// The accent colour or the logo of a unit or a study was changed.
        AppearanceChanged = "appearance-changed",
        /// It was opened for answers.
        Opened = "opened",
        /// It was closed.
        Closed = "closed",
        /// It was put out of the way.
        StudyArchived = "study-archived",
        /// It was brought back.
        StudyRestored = "study-restored",
        /// It was deleted, with everything that belonged to it.
        StudyDeleted = "study-deleted",
        /// Invitations were queued.
        Invited = "invited",
        /// Reminders were queued.
        Reminded = "reminded",
        /// Population shares were set or taken back.
        MarginsSet = "margins-set",
        /// A frame was read.
        FrameRead = "frame-read",
        /// Its columns were named.
        FrameColumnsNamed = "frame-columns-named",
        /// It was let go without a draw.
        FrameLetGo = "frame-let-go",
        /// A plan was kept.
        PlanKept = "plan-kept",
        /// A sample was drawn.
        SampleDrawn = "sample-drawn",
        /// Replicates were released.
        ReplicatesReleased = "replicates-released",
        /// A unit took another's place.
        UnitReplaced = "unit-replaced",
        /// Areas were given to somebody, or to nobody.
        AreasAssigned = "areas-assigned",
        /// A file that the questionnaire shows was added.
        MediaAdded = "media-added",
        /// One was removed.
        MediaRemoved = "media-removed",
        /// Messages whose sending was in doubt were queued again.
        SentAgain = "sent-again",
        /// A file was downloaded.
        Downloaded = "downloaded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back_as_what_it_was() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_word(action.word()), Some(*action));
            let json = serde_json::to_string(action).expect("text");
            assert_eq!(json, format!("\"{action}\""));
        }
        assert_eq!(Privacy::from_word("secret"), None);
    }
}
