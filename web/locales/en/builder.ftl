# The builder
builder-title = Write the questionnaire
builder-open = Edit the questionnaire
builder-tabs = Pages of the builder
builder-tab-outline = Outline
builder-tab-translation = Translation
builder-tab-history = History
builder-tab-publication = Check and publish
builder-version = Draft; version {$number} is published
builder-version-same = Version {$number}, published without changes since
builder-version-none = Draft; nothing is published yet
builder-saved = Everything is saved
builder-saving = Saving…
builder-not-saved = Not saved. It will be tried again; keep this page open.
builder-signed-out = Not saved: you are signed out. Sign in in another tab; what you typed stays here.
builder-others = Also here:
builder-others-question = question {$number}
builder-others-at = {$names} is here
builder-newer = The draft has changed since this page was opened.
builder-newer-show = Show it as it is now
builder-unkept = This browser keeps nothing: if it is closed before “Everything is saved” stands here, what was typed last is lost.
builder-figures = { $questions ->
    [one] One question
   *[other] {$questions} questions
}, about { $minutes ->
    [one] one minute
   *[other] {$minutes} minutes
}
builder-add = Add a question
builder-undo = Undo
builder-redo = Redo
builder-empty-title = There is no question yet
builder-empty-body = Add the first one, or paste a whole questionnaire from a document: each question with its answers below it.
builder-section-untitled = Section without a title
builder-page = Page {$number}
builder-asked-if = if
builder-page-asked-if = These are asked if
builder-errors = { $n ->
    [one] {$count} error
   *[other] {$count} errors
}
builder-warnings = { $n ->
    [one] {$count} suggestion
   *[other] {$count} suggestions
}
builder-disputed = two versions of its words
builder-question = Question {$number}
builder-document = The questionnaire
builder-section = Section
builder-page-panel = Page
builder-nothing-chosen = Choose a question in the outline to change it.
builder-kind = Kind
builder-kind-open = By its options: choose one, or a short text
builder-rare = Name in data, order, use
builder-settings = Settings
builder-more = More
builder-options = Options
builder-options-shared = { $n ->
    [one] {$count} question chooses from this list. What is changed here is changed there too.
   *[other] {$count} questions choose from this list. What is changed here is changed for all of them.
}
builder-rows = Rows
builder-new-options = More options
builder-new-rows = More rows
builder-new-lines-hint = One per line; lines can be pasted from a document or a spreadsheet.
builder-row-up = Move up
builder-row-down = Move down
builder-row-remove = Delete
builder-save = Save
builder-save-hint = Saved by itself while you type.
builder-move = Move, copy, delete
builder-up = Move up
builder-down = Move down
builder-deeper = Into the section before it
builder-out = Out of its section
builder-copy = Copy
builder-remove = Delete
builder-remove-hint = Undo brings it back with all its words.
builder-move-after = Move to after question
builder-move-after-hint = Its number in the outline; 0 is the very beginning.
builder-move-go = Move
builder-several = Choose several
builder-several-title = Several questions
builder-several-hint = Tick them in the outline: Shift ticks all between two. What is done here is done with all of them, and Undo takes it back at once.
builder-several-ticked = { $n ->
    [one] {$count} question is ticked
   *[other] {$count} questions are ticked
}
builder-several-like = The same options as question
builder-several-like-hint = They then share one list. What is no choice yet becomes one of the same kind.
builder-several-like-go = Use these options
builder-several-remove = Delete what is ticked
builder-several-done = Back to one question
builder-preview = Preview
builder-preview-none = Nothing to show yet.
builder-preview-note = The page respondents see, 320 px wide.
builder-preview-alone = Open it alone
builder-shown-in = Language of the preview
builder-add-after = After question {$number}
builder-add-first = The first question
builder-add-wording = Wording
builder-add-options = Options, one per line
builder-add-options-hint = Leave empty for a number or a text.
builder-add-go = Add question
builder-paste = Paste a questionnaire
builder-paste-lines = Questions with their options
builder-paste-hint = A line for each question, its options on the lines below, an empty line before the next question. Numbers, letters and bullets are recognised.
builder-paste-go = Add all of them
builder-section-add = Add a section
builder-section-title = Title of the section
builder-section-go = Add section
builder-refused = { $n ->
    [one] One change could not be made
   *[other] {$n} changes could not be made
}
builder-refused-words = What you typed:
builder-conflict = Two people changed the same words ({$language})
builder-conflict-body = Both versions stay until one is chosen.
builder-conflict-before = Before
builder-conflict-first = In the questionnaire now
builder-conflict-second = The other version
builder-keep-first = Keep what is there
builder-keep-second = Use the other version
builder-keys = Keys
builder-keys-list = In the outline: Enter on what is chosen adds a question after it, / goes to its kind, Ctrl+D copies it, Shift+↓ takes several; Alt+↑ and Alt+↓ or dragging moves it, Alt+Shift+→ and ← move a section in and out. Anywhere: Alt+N adds a question, Ctrl+Z outside a field undoes.
builder-required = If left blank
builder-required-no = accept at once
builder-required-soft = ask once more
builder-required-hard = must be answered
builder-offers = Offer beside it
builder-offers-dont-know = Don’t know
builder-offers-refused = Prefer not to say
builder-offers-not-applicable = Does not apply
builder-roles = Used for
builder-roles-key-outcome = reported first
builder-roles-sensitive = sensitive
builder-roles-weighting = adjusting the weights
builder-roles-consent = consent
builder-roles-design-weight = the design weight
builder-roles-split-ballot = split ballot
builder-modes = Only for
builder-modes-web = web
builder-modes-phone = phone
builder-modes-face-to-face = in person
builder-modes-paper = paper
builder-number = Printed number
builder-name = Name in data
builder-code = Code in data
builder-default = Filled in before anyone answers
builder-read-only = Show without letting it be changed
builder-anchored = Keep its place in random order
builder-shuffled = Random order
builder-exclusive = Choosing it clears the others
builder-missing = Counts as
builder-missing-none = an answer
builder-missing-dont-know = don’t know
builder-missing-refused = refused
builder-missing-not-applicable = not applicable
builder-ends = Then the interview
builder-ends-none = goes on
builder-ends-refused = ends: does not take part
builder-ends-screened-out = ends: screened out
builder-languages = Languages
builder-languages-vi = Tiếng Việt
builder-languages-en = English
builder-default-language = Shown first
builder-needs-all-languages = Publish only when every text is in every language
builder-at-least = At least
builder-at-most = At most
builder-shown = Shown as
builder-shown-list = a list
builder-shown-buttons = buttons side by side
builder-shown-dropdown = a drop-down
builder-shown-search = a search box
builder-shown-images = pictures
builder-filter = Offer an option only if
builder-total = Columns must add up to
builder-from = From
builder-to = To
builder-step = Step
builder-points = Shown as
builder-points-numbers = numbers
builder-points-stars = stars
builder-points-slider = a slider
builder-minimum = Smallest
builder-maximum = Largest
builder-decimals = Decimals at most
builder-longest = Characters at most
builder-format = Must be
builder-format-any = any text
builder-format-email = an email address
builder-format-phone = a phone number
builder-format-url = a web address
builder-format-digits = digits only
builder-format-barcode = a barcode
builder-earliest = Earliest day
builder-latest = Latest day
builder-precision = Asks for
builder-precision-day = day, month and year
builder-precision-month = month and year
builder-precision-year = the year
builder-expression = Worked out as
builder-text-title = Title
builder-text-address-form = Respondents are addressed as
builder-text-label = Label
builder-text-wording = Wording
builder-text-hint = Hint
builder-text-instruction = For interviewers only
builder-text-message = Message
builder-text-unit = Unit
builder-text-low = Lowest point
builder-text-high = Highest point
builder-text-best = The best is called
builder-text-worst = The worst is called
builder-text-primary = The person who answers is called
kind-name-single = Choose one
kind-short-single = one of {$options}
kind-name-multiple = Choose several
kind-short-multiple = several of {$options}
kind-name-ranking = Put in order
kind-short-ranking = rank {$options}
kind-name-best-worst = Best and worst
kind-short-best-worst = best and worst of {$options}
kind-name-item-count = Count of items
kind-short-item-count = how many of {$options}
kind-name-choice-set = Choice experiment
kind-short-choice-set = choice experiment
kind-name-battery = Grid, one choice per row
kind-short-battery = grid {$rows} × {$columns}
kind-name-grid = Grid with several columns
kind-short-grid = table {$rows} × {$columns}
kind-name-scale = Scale with numbers
kind-short-scale = scale
kind-name-integer = Whole number
kind-short-integer = number
kind-name-decimal = Number with decimals
kind-short-decimal = number
kind-name-duration = Length of time
kind-short-duration = length of time
kind-name-short-text = Short text
kind-short-short-text = short text
kind-name-long-text = Long text
kind-short-long-text = long text
kind-name-date = Date
kind-short-date = date
kind-name-time = Time of day
kind-short-time = time
kind-name-date-time = Date and time
kind-short-date-time = date and time
kind-name-file = File
kind-short-file = file
kind-name-signature = Signature
kind-short-signature = signature
kind-name-geo = Place on a map
kind-short-geo = place
kind-name-acknowledge = Box to tick
kind-short-acknowledge = box to tick
kind-name-note = Text to read
kind-short-note = text to read
kind-name-consent = Consent
kind-short-consent = consent
kind-name-hidden = Value known beforehand
kind-short-hidden = not shown
kind-name-arm = Random group
kind-short-arm = random group
kind-name-computed = Worked out from answers
kind-short-computed = worked out
kind-name-selection = Who of the household
kind-short-selection = who is asked
edit-gone = It is not there any more: somebody has deleted it.
edit-changed-since = Somebody has changed it since; their version is kept.
edit-within-itself = A section cannot be moved into itself.
edit-twice = It is there already.
edit-does-not-fit = It cannot be placed there.
history-title = Who changed what
history-empty = Nothing has been changed in the builder yet.
history-step-change = changed
history-step-undo = took back
history-step-redo = did again
history-rest = { $n ->
    [one] and one more change
   *[other] and {$n} more changes
}
history-more = Show earlier changes
history-gone = (deleted since)
edit-did-insert = Added: {$what}
edit-did-remove = Deleted: {$what}
edit-did-move = Moved: {$what}
edit-did-write = Words
edit-did-set = Settings: {$what}
edit-did-dispute = Two versions of the same words
edit-did-settle = Chose between two versions: {$what}
words-gone = deleted
words-new = added
replace-title = Find and replace
replace-find = Find
replace-by = Replace with
replace-in = In
replace-in-all = all languages
replace-same-case = Match capital and small letters
replace-whole-words = Whole words only
replace-look = Preview
replace-none = Nothing was found.
replace-found = { $n ->
    [one] One text will change
   *[other] {$n} texts will change
}
replace-more = { $n ->
    [one] There is one more; replace in those below and look again.
   *[other] There are {$n} more; replace in those below and look again.
}
replace-do = Replace in the chosen texts
replace-done = { $n ->
    [0] No text was changed.
    [one] One text was changed. You can undo it in the outline.
   *[other] {$n} texts were changed. You can undo it in the outline.
}
replace-back = Back to the outline
translation-title = Translation
translation-one-language = The questionnaire has one language. Add another to translate it.
translation-languages = Add a language
translation-to = Translate into
translation-from = From {$language}
translation-missing = { $n ->
    [0] Nothing is missing
    [one] One text is missing
   *[other] {$n} texts are missing
}
translation-doubtful = { $n ->
    [one] In one text the inserted answers differ
   *[other] In {$n} texts the inserted answers differ
}
translation-older = { $n ->
    [one] One original was changed since it was translated
   *[other] {$n} originals were changed since they were translated
}
translation-mark-older = The original was changed since
translation-changed = The original was changed:
translation-fits = The translation still fits
translation-files = Send to translators, take translations back
translation-files-hint = Download a file, send it to a translator, and send the translated file back here. What others write meanwhile is not lost.
translation-as-csv = Spreadsheet (CSV)
translation-as-xliff-1-2 = XLIFF 1.2
translation-as-xliff-2-0 = XLIFF 2.0
translation-take = Take the translation
translation-file = Translated file
translation-file-hint = CSV, Excel or XLIFF 1.2, 2.0. Keep the column id as it is.
translation-taken = { $n ->
    [0] No text has changed
    [one] One text was taken
   *[other] {$n} texts were taken
}
translation-same = { $n ->
    [one] one stayed as it was
   *[other] {$n} stayed as they were
}
translation-empty = { $n ->
    [one] one is not translated
   *[other] {$n} are not translated
}
translation-unknown = { $n ->
    [one] one is not in the questionnaire
   *[other] {$n} are not in the questionnaire
}
translation-outdated = These were not taken, because their originals were changed after the file was downloaded. Check them and copy them by hand.
translation-more = { $n ->
    [one] and one more
   *[other] and {$n} more
}
translation-mark-missing = Missing
translation-mark-insertions = The inserted answers differ from the original
translation-save = Save the translation
sign-off-go = Sign off this translation
sign-off-hint = Whoever signs off stands for every text of this language as it is now. Changes made later are told.
sign-off-stands = {$name} stands for this translation since {$day}.
sign-off-changed = { $n ->
    [one] {$name} signed it off on {$day}; {$count} text has changed since or is new.
   *[other] {$name} signed it off on {$day}; {$count} texts have changed since or are new.
}
sign-off-withdraw = Withdraw the sign-off
sign-off-since = Changed since the sign-off.
sign-off-none = nobody has signed it off
sign-off-languages = Translations
translation-text = Text
publication-title = Check and publish
publication-ready = Version {$number} can be published
publication-not-ready = { $n ->
    [one] One thing keeps it from being published
   *[other] {$n} things keep it from being published
}
publication-unchanged = Nothing has changed since version {$number}
publication-closed = The survey is closed: its questionnaire stays as it is
publication-errors = To be corrected
publication-review = Review by experts
publication-demands = { $n ->
    [one] One of them says that something must change.
   *[other] { $n } of them say that something must change.
 }
publication-to-review = Read the comments
publication-warnings = Worth a look
publication-no-warnings = The checks found nothing to suggest.
publication-mend = Go to it
publication-changes = What is different from the published version
publication-breaking = { $n ->
    [one] One change breaks the comparison with answers so far
   *[other] {$n} changes break the comparison with answers so far
}
publication-harmless = Answers so far can be compared with those to come
publication-before = Before
publication-after = Now
publication-weight-breaking = Breaking
publication-weight-compatible = Compatible
publication-weight-cosmetic = Cosmetic
publication-means = What publishing does
publication-means-first = The questionnaire becomes version 1. The study is not opened by this.
publication-means-next = Whoever begins from now on answers version {$number}.
publication-means-going-on = Whoever is answering finishes the version they began; what they said stays.
publication-means-data = { $n ->
    [one] The {$count} interview so far stays as it is; tables join both versions where questions are the same.
   *[other] The {$count} interviews so far stay as they are; tables join both versions where questions are the same.
}
publication-means-fixed = A published version can never be changed; the draft can be changed and published again.
publication-go = Publish version {$number}
publication-reason = Why the study may ask this and still be called anonymous
study-from-here = Write it here
study-from-file = Take it from a file
builder-rules = What answers must satisfy
builder-rule = Rule {$number}
builder-rule-new = One more rule
builder-rule-message = What is said otherwise
builder-rule-soft = May be passed with a reason
study-from-study = Begin from another study
study-from-starter = Take one of ours to try with
study-copy-of = Study to begin from
study-copy-of-hint = Used only if that is chosen above. The copy can be changed freely.
builder-in-words = In words:
condition-relevant = Asked if
condition-relevant-none = Asked of everyone
condition-required-when = Must be answered if
condition-required-when-none = No condition makes it required
condition-add = Add a condition
condition-change = Change
edit-did-confirm = Translation still fits: {$what}
edit-did-relevant = Who is asked: {$what}
edit-did-required-when = When it must be answered: {$what}
history-no-condition = no condition
condition-title-relevant = { $called }: when it is asked
condition-title-required-when = { $called }: when it must be answered
condition-look = Show what fits
condition-look-hint = After choosing a question: shows how its answers can be compared.
condition-expression = Expression
condition-expression-hint = Names and functions are suggested as you type; ↓ chooses one.
condition-completion = Suggestions
condition-beyond-lines = This condition says more than lines can show, so it stays an expression.
condition-join = It holds when
condition-all = all of these are true
condition-any = at least one of these is true
condition-group-any = At least one of these
condition-group-all = All of these together
condition-line = Line {$number}
condition-add-to-group = Add a line to this group
condition-add-line = Add a line
condition-add-group = Add a group
condition-drop = Delete this line
condition-question = Question
condition-choose-question = Choose a question
condition-comparison = Comparison
condition-value = Value
condition-choose-value = Choose an answer
condition-from = from
condition-to = to
condition-in-words = In words
condition-lead-relevant = Asked if
condition-lead-required-when = Must be answered if
condition-not-read = It cannot be read yet.
condition-around = “{$whose}” counts here too: asked if
condition-save = Save condition
condition-clear-relevant = Ask everyone
condition-clear-required-when = Delete this condition
condition-back = Back without saving
condition-by-lines = Choose instead of writing
condition-by-text = Write it as an expression
condition-names = Names that can be used here
condition-functions = Functions
how-is = is
how-is-not = is not
how-one-of = is one of
how-none-of = is none of
how-includes = includes
how-excludes = does not include
how-less = is less than
how-at-most = is at most
how-more = is more than
how-at-least = is at least
how-between = is from … to …
how-contains = contains
how-starts-with = begins with
how-ends-with = ends with
how-yes = is true or ticked
how-no = is false or not ticked
how-answered = is answered
how-not-answered = is not answered
how-refused = is answered “prefer not to say”
how-dont-know = is answered “don’t know”
how-day-less = is before
how-day-at-most = is on or before
how-day-more = is after
how-day-at-least = is on or after
how-count-is = number chosen is
how-count-at-least = number chosen is at least
how-count-at-most = number chosen is at most
builder-tab-map = Logic
map-title = Who is asked what
map-hint = Each question stands under the one that decides whether it is asked. The bars are the share of { $n ->
    [one] one simulated respondent
   *[other] {$count} simulated respondents
} who are asked; they answer by chance.
map-as = Shown as
map-drawn = Map
map-list = List
map-never = { $n ->
    [one] One question is never asked
   *[other] {$n} questions are never asked
}
map-never-both = {$called} needs both at once, which cannot be:
map-never-one = {$called} needs what cannot be:
map-and = and
map-change = Change its condition
map-unfold = { $n ->
    [one] Show one question
   *[other] Show {$n} questions
}
map-svg-title = Questions of “{$section}”
map-svg-desc = Each box is a question and leads to its condition; a line leads to it from the question that decides. The list says the same.
map-far = Decided by question {$number}
map-everyone = everyone
condition-effect = Of { $n ->
    [one] one simulated respondent
   *[other] {$count} simulated respondents
}, who answer by chance, are asked
condition-effect-now = now
condition-effect-then = with this condition
condition-to-map = See it on the map
why-title = Why is this asked?
why-hint = With the answers given in this preview. They are stored nowhere.
why-forget = Forget these answers
why-at-end = That was the last page.
why-others = All other questions
why-everyone = Everyone is asked.
why-asked = Asked, because
why-not-asked = Not asked; this does not hold:
why-ended = the interview has ended before it
why-other-mode = it is not for the web
why-no-members = there is nobody it could be asked about
why-of-section = condition of the section “{$title}”
why-of-page = condition of its page
why-blank = still blank
why-blank-not-asked = blank: {$question} is not asked

builder-tab-review = Review
reviewing-title = Review of the questionnaire
reviewing-head = { $questions ->
    [one] 1 question
   *[other] { $questions } questions
 }, about { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
 } to answer.
reviewing-link = This link is yours until { $day }: whoever has it is you.
reviewing-link-writes = Your name and comments go to the team that writes the questionnaire. Answers of respondents are not shown here.
reviewing-link-reads = It lets you read the questionnaire. Answers of respondents are not shown here.
reviewing-sections = Sections
reviewing-said = { $n ->
    [0] no comments
    [one] 1 comment
   *[other] { $n } comments
 }
reviewing-comment = Comment on this question
reviewing-body = Your comment
reviewing-weight = How much it matters
reviewing-weight-remark = A remark
reviewing-weight-suggestion = A suggestion
reviewing-weight-must-change = This must change
reviewing-send = Send comment
reviewing-answer = Answer
reviewing-answer-to = Your answer to { $name }
reviewing-answer-send = Send answer
reviewing-remove = Delete comment
reviewing-resolve = Mark as resolved
reviewing-reopen = Open again
reviewing-resolved = Resolved on { $day }:
reviewing-you = (you)
reviewing-expert = outside the team
reviewing-was = The question then said:
reviewing-gone = Questions that are no longer in the questionnaire
reviewing-verdict = Your verdict on the whole
reviewing-verdict-good = Good as it is
reviewing-verdict-good-after-changes = Good after the changes
reviewing-verdict-not-yet = Not good yet
reviewing-verdict-none = No verdict yet
reviewing-verdict-send = Send verdict
reviewing-verdict-given = You gave your verdict on { $day }. You can change it.
reviewing-must-change = { $n ->
    [one] One of your comments says that something must change and is not resolved.
   *[other] { $n } of your comments say that something must change and are not resolved.
 }
reviewing-none-title = This link does not work
reviewing-none-body = It has expired or was taken back. Ask whoever sent it for a new one.
reviewing-open = { $n ->
    [one] One comment is not resolved.
   *[other] { $n } comments are not resolved.
 }
reviewing-open-none = No comment waits.
reviewing-experts = Experts outside the team
reviewing-experts-what = They read this draft through a link of their own, without an account, and see neither the study nor any answer.
reviewing-reads-only = reads only
reviewing-link-made = Send this link to the expert. It is shown only once.
reviewing-link-until = link until { $day }
reviewing-link-ended = the link no longer works
reviewing-link-renew = Make a new link
reviewing-link-end = Take the link back
reviewing-ask = Ask an expert
reviewing-ask-do = Make the link
reviewing-ask-name = Name
reviewing-ask-name-hint = It stands beside each comment.
reviewing-ask-until = Last day of the link
reviewing-ask-reads = May read, not comment
reviewing-record = Record of the review
reviewing-record-show = Record of the review, for printing
reviewing-record-of = { $study }, as of { $day }
reviewing-record-verdicts = Verdicts
reviewing-record-nobody = Nobody outside the team was asked.
reviewing-record-nothing = Nothing was said about the questions.
reviewing-record-open = Not resolved
reviewing-record-resolved = Resolved on { $day }
reviewing-texts-in = Language of the questionnaire

builder-tab-trials = Try it
trials-title = Try the draft
trials-what = Anybody with the link answers the draft on the pages that respondents will see. What they answer is a test: it is in no result, file, rate or case. All tests are deleted when the draft is published.
trials-errors = { $n ->
    [one] One error keeps the draft from being published; what it is about may be missing in a test.
   *[other] { $n } errors keep the draft from being published; what they are about may be missing in a test.
}
trials-full = { $n } tests are kept and no more can begin. Delete some.
trials-link = The link
trials-link-until = It works until { $day }, on any device and without an account.
trials-link-none = No link works now. A link works for { $n } days, on any device and without an account.
trials-link-make = Make a link
trials-link-renew = Make a new link
trials-link-end = End the link
trials-link-end-what = With a new link, or when it ends, nobody goes on by the old one; tests stay.
trials-open = Open in { $language }
trials-qr = The link as a QR code
trials-list-blank = What comes from the list of people is blank in a test.
trials-tests = { $n ->
    [0] Tests
    [one] One test
   *[other] { $n } tests
}
trials-kept = Tests are deleted after { $n } days.
trials-none = Nobody has tried this draft yet.
trials-pages = { $n ->
    [0] no page saved
    [one] one page saved
   *[other] { $n } pages saved
}
trials-changed = the draft was changed since
trials-remove = Delete
trials-remove-what = { $n ->
    [one] The test goes with all that was answered. This cannot be undone.
   *[other] The { $n } tests go with all that was answered. This cannot be undone.
}
trials-remove-all = Delete all tests
trial-state-open = under way
trial-state-complete = finished
trial-state-screened-out = ended: not asked further
trial-state-refused = ended: does not take part
trial-title = Test of { $day }, { $time }
trial-back = All tests
trial-draft-changed = The draft was changed after this test began. Questions and texts below are as they were then.
trial-path = The path that was taken
trial-no-steps = No page was saved.
trial-page = Page { $number }
trial-members = The list of members
trial-again-mistakes = The page came back: something had to be corrected.
trial-again-doubts = The page came back once: something was asked about.
trial-again-blanks = The page came back once: something was left blank.
trial-answer-none = not answered
trial-answer-blank = left blank
trial-answer-dont-know = don’t know
trial-answer-refused = does not want to answer
trial-answer-not-applicable = does not apply
trial-answer-file = a file (not kept)
trial-unasked = { $n ->
    [one] One question was not asked
   *[other] { $n } questions were not asked
}
trial-remove = Delete this test
publication-means-trials = { $n ->
    [one] One test of the draft is deleted, and its link ends.
   *[other] { $n } tests of the draft are deleted, and their link ends.
}

builder-tab-versions = Versions
versions-title = Versions
versions-name = Name the draft as it is now
versions-name-what = A name keeps this state findable: it can be compared with any other and brought back. Nothing is published by it.
versions-name-label = Name
versions-name-hint = For example: for the minister; after the pretest
versions-name-do = Keep this state
versions-kept = Named states and published versions
versions-none = Nothing has a name yet and no version is published.
versions-now = The draft now
versions-version = Version { $number }
versions-since = { $n ->
    [0] nothing edited since
    [one] one edit since
   *[other] { $n } edits since
}
versions-compare = Compare two
versions-from = From
versions-to = To
versions-compare-do = Compare
versions-compare-now = Compare with the draft now
versions-forget = Take the name away
versions-compared = What is different
versions-same = They are the same.
versions-unlisted = They differ only in what is not listed here: order, descriptions or settings that change neither questions nor answers.
versions-count = { $n ->
    [one] One difference; answers stay comparable.
   *[other] { $n } differences; answers stay comparable.
}
versions-restore = Bring the draft back to this state
versions-restore-what = The draft becomes what it was. That is one edit like any other: it is in the history and you can undo it. What others write meanwhile stays.
versions-unknown = The draft cannot be brought back to this version: it was published before Sondage kept which edits it holds.
publication-nothing = (nothing)

## The library

builder-tab-library = Library
library-title = Library
library-what = Blocks of questions to use again, with their answers, translations and conditions. A block that is put into a questionnaire becomes part of it; later versions are offered there and never change it by themselves.
library-who-sees = Blocks of a unit are seen by its people and by those of the units above and below it. Who may write questionnaires there may change them. They hold no answers and nobody’s name.
library-words = Words in it
library-kind = Kind
library-kind-any = Any kind
library-language = In
library-language-any = Any language
library-show = Show
library-shape-question = Question
library-shape-battery = Questions in rows
library-shape-page = Questions on one page
library-shape-section = Section
library-questions = { $n ->
    [one] { $n } question
   *[other] { $n } questions
}
library-of-program = comes with Sondage
library-used = { $n ->
    [one] put into { $n } study
   *[other] put into { $n } studies
}
library-nothing = No block fits. Take a word away or choose any kind.
library-count = { $shown } of { $all } blocks.
library-more = There are more: narrow the search.
library-version = Version { $number }
library-withdrawn = This block is offered no more. Studies that have it keep it.
library-insert = Put it into a study
library-insert-what = Choose the study. What will be called otherwise and what will be missing is shown before anything is changed.
library-says = What it says
library-text-missing = no text
library-known = Where it comes from and how reliable it is
library-known-nothing = Written in your organisation. Nothing is known here about how reliably it measures; the command sondage reliability works that out from the data of a study.
library-scale-unmeasured = How reliably it measures is not known: no study with these words has been evaluated yet. Work it out from your own data with the command sondage reliability before you add the answers up.
library-no-scale = It is not a scale: its answers are not added up, so there is no reliability to report.
library-written-by-us = Written by us in Vietnamese and English, both at once. Neither wording was tested in a study yet: pretest it.
library-known-sex = Male, female, other, and a way not to say.
library-known-birth-year = The year of birth as four digits. Age is worked out from it; asking the year gives fewer round numbers than asking the age.
library-known-age-group = Five groups for adults from 18 years. Where ages must be weighted to other groups, ask the year of birth instead.
library-known-ethnicity = The 54 ethnic groups of Viet Nam with the two-digit codes of the statistical office, and foreign nationals. Check them against the list in force before fieldwork.
library-known-education = The highest level completed, by the levels of Viet Nam’s education system.
library-known-work = The main activity in the last seven days. It is too short for official labour statistics, which need a series of questions.
library-known-marital-status = Five states.
library-known-household-size = Everybody who shares meals and housing for six months or longer.
library-known-income-band = Monthly income of the whole household in six bands. The limits are ours and of 2026: move them to fit your population.
library-known-province = The 34 provinces and cities since 1 July 2025, with the codes of Decision 19/2025/QĐ-TTg.
library-known-demographics = Sex, year of birth, education, work, marital status, household size and province in one section.
library-known-satisfaction = Five aspects of a service point, each answered from very dissatisfied to very satisfied.
library-known-satisfaction-overall = One question on satisfaction as a whole, with the same answers as the five aspects.
library-known-trust = Six institutions, each answered from distrust to trust in five steps.
library-known-agreement = Five statements about where people live, each answered in five steps of agreement. They are meant as examples: put your own statements in.
library-where-used = Where it is used
library-used-nowhere = In no study that you may see.
library-use-held = in the draft
library-use-gone = taken out again
library-use-closed = closed, stays as it is
library-see-update = See what version { $number } changes
library-versions = Versions
library-from = cut out of
library-from-unseen = cut out of a study that you may not see or that was deleted
library-published-then = after its published version { $number }
library-unpublished-then = before anything was published
library-change = Change it
library-name = Name
library-name-hint = For example: Satisfaction with service points
library-rename = Rename it
library-new-version-how = A new version is saved from a questionnaire that has the block: change it there, choose it in the outline, then Library.
library-withdraw = Offer it no more
library-withdraw-what = Nobody finds it in the library any more. Studies that have it keep it. This cannot be undone.
library-withdraw-do = Offer this block no more
library-offer = Put in: { $name }
library-after = It comes after { $place }.
library-at-end = It comes at the end.
library-renamed = { $n ->
    [one] This name is in use here. It becomes another, also where the block itself uses it:
   *[other] These names are in use here. They become others, also where the block itself uses them:
}
library-outside = { $n ->
    [one] It names something that is not part of it. The condition or text comes along as it is:
   *[other] It names things that are not part of it. The conditions and texts come along as they are:
}
library-outside-means = here that is { $place }
library-outside-lacks = there is nothing of that name here; it must be settled before publishing
library-untranslated = Not all of it is in { $languages }: it waits there for translation.
library-unread = It also speaks { $languages }. Those words come along and are shown once the questionnaire has that language.
library-media = It shows files that do not come along. Send them to this study: { $files }
library-put-in = Put it in
library-copy-in = Copy it here
library-other = Another block
library-other-part = Another part
library-copy = Copy from another study
library-copy-study = Choose a study, then the section or question.
library-copy-from = Copy from { $name }
library-copy-what = Its answers, translations and conditions come along. The two are not tied to each other afterwards.
library-save = Save “{ $what }” as a block
library-save-what = It is saved as it is now, in all languages.
library-save-do = Save the block
library-around = { $n ->
    [one] A condition of what is around it stays behind.
   *[other] { $n } conditions of what is around it stay behind.
}
library-unit = Kept by
library-next = Or as the next version of a block
library-next-of = Block
library-note = What was changed
library-next-do = Save the next version
library-uses = Blocks in this questionnaire
library-put-in-block = Put a block in
library-choose-first = What you put in comes at the end. To put it elsewhere or to save something, choose it in the outline first.
library-update = { $name }: what the newer version changes
library-update-versions = here version { $before }, newest version { $now }
library-update-newest = This questionnaire has the newest version.
library-update-same = The newer version changes nothing here.
library-update-note = Note that it is the newest version
library-update-what = { $n ->
    [one] The newer version changes { $n } thing.
   *[other] The newer version changes { $n } things.
}
library-update-local = { $n ->
    [one] { $n } of them was changed here too: it is not ticked, and what you wrote stays unless you tick it.
   *[other] { $n } of them were changed here too: they are not ticked, and what you wrote stays unless you tick them.
}
library-update-here = Changed here too
library-update-rest = What is not ticked stays as it is here. All of it is one edit that you can undo.
library-update-take = Take what is ticked
library-update-not-yet = Not yet
library-was = In the block before
library-here = Here now
library-there = In the newer version
library-change-added = new
library-change-removed = taken out
library-change-order = order
library-text-in = { $what }, { $language }
library-text-title = title
library-text-addressform = form of address
library-text-label = label
library-text-wording = wording
library-text-hint = help
library-text-instruction = help for interviewers
library-text-message = message
library-text-unit = unit
library-text-low = low end of the scale
library-text-high = high end of the scale
library-text-best = word for the best
library-text-worst = word for the worst
library-text-primary = word for who answers
library-set-relevant = when it is asked
library-set-each = for whom it is repeated
library-set-shuffled = random order
library-set-anchored = keeps its place
library-set-kind = kind and its settings
library-set-required = whether it must be answered
library-set-required-when = when it must be answered
library-set-default = what its box holds at first
library-set-read-only = whether it can be changed
library-set-constraints = what an answer must satisfy
library-set-offers = reasons for no answer
library-set-roles = what it is used for
library-set-modes = modes
library-set-media = pictures and sounds
library-set-appearance = looks in other systems
library-set-code = code
library-set-missing = counts as no answer
library-set-exclusive = clears the others
library-set-ends = ends the interview
library-set-image = picture
library-set-attributes = attributes
library-set-members = members
library-set-expression = condition
library-from-panel = Save it in the library, or put something in after it

# The text view
builder-tab-text = Text
text-title = Questionnaire as text
text-lead = Read and edit the whole draft as plain text. Nothing changes before you have seen what the text would change. Texts in other languages, and everything the text does not say, stay as they are.
text-language = Language of the text
text-label = The questionnaire
text-hint = A part keeps its history and translations as long as its code in square brackets stays.
text-preview = See changes
text-apply = Apply these changes
text-changes = What this text changes
text-added = { $n ->
    [one] { $n } part added
   *[other] { $n } parts added
}
text-removed = { $n ->
    [one] { $n } part deleted, with everything in it
   *[other] { $n } parts deleted, with everything in them
}
text-moved = { $n ->
    [one] { $n } part moved
   *[other] { $n } parts moved
}
text-worded = { $n ->
    [one] { $n } text written
   *[other] { $n } texts written
}
text-set = { $n ->
    [one] { $n } setting changed
   *[other] { $n } settings changed
}
text-meanwhile = The draft was edited by others after you opened this text. Their changes stay; where both wrote in the same words, both versions are kept until someone chooses.
text-lines = Line by line
text-left = Unchanged lines
text-more = More lines change than are shown here.
text-meaning = What this means for answers
text-same = The text says what the draft says. Nothing changes.
text-done = { $n ->
    [one] One change was applied.
   *[other] { $n } changes were applied.
}
text-done-none = Nothing was changed.
text-notation = How the text is written
text-kinds = Kinds of questions:
text-sign-section = # [s1] Household
text-sign-what-section = A section. ## is a section in a section; “## /” ends it.
text-sign-page = --- [p1]
text-sign-what-page = A new page. Questions without one between them are on the same page.
text-sign-question = [age] whole number, must be answered, number 3
text-sign-what-question = A question: its code, its kind, then if you want “must be answered” or “may be left blank”, and its printed number. [] gets a code by itself.
text-sign-wording = shown if: age >= 18
text-sign-what-wording = The lines below are its wording. Lines that begin with “hint:”, “for interviewers:”, “shown if:” or “calculated as:” say the rest.
text-sign-option = - [1] Yes
text-sign-what-option = An option with its code. “- Yes” gets a code by itself.
text-sign-row = * [trust_a] Neighbours
text-sign-what-row = A row of a question with one choice per row.
text-sign-list = @ [agree]
text-sign-what-list = A list of options for several questions: choose one @[agree].
text-sign-more = | and on
text-sign-what-more = Another line of the text above.
text-sign-kept = ~ limits, random order
text-sign-what-kept = Settings that stay whatever the text says. Change them in the outline.
text-sign-escape = \# a line
text-sign-what-escape = A line of a wording that begins with a sign of the notation.

# The sheet
builder-tab-sheet = Table
sheet-title = Questionnaire as a table
sheet-lead = Edit the whole draft in rows and columns, here or in a spreadsheet. Nothing changes before you have seen what the table would change. What the table does not say stays as it is.
sheet-label = The questionnaire as a table
sheet-hint = Cells are separated by tabs, as spreadsheets copy them: copy all of it into Excel, LibreOffice or Google Sheets, and paste what you edited back here. A row keeps its history and comments as long as its code stays.
sheet-keys = Arrow keys move, Shift and arrows select. Enter or F2 edits a cell, Alt and Enter starts a line in it, Escape leaves it, Tab goes to the next. Ctrl and C, X, V, Z copy, cut, paste and undo, also from and to a spreadsheet. Alt and N adds a row, Alt and arrows move rows. To leave the table, press Escape, then Tab.
sheet-tools = Rows and cells
sheet-insert = Add row below
sheet-remove = Delete rows
sheet-undo = Undo
sheet-copy = Copy the whole table
sheet-copied = Copied.
sheet-pasted = Pasted.
sheet-rows-removed = Rows deleted. Undo brings them back.
sheet-kept = What you typed before and had not applied is here again. Undo takes it away.
sheet-row = Row
sheet-changes = What this table changes
sheet-same = The table says what the draft says. Nothing changes.
sheet-cells = Cell by cell
sheet-plain-show = As tab-separated text
sheet-notation = How the table is written
sheet-tables = The first table has a row for each section, page, question and row of a question, in their order; the second has a row for each option of a list. A row without a code gets one by itself. A row that is gone is deleted; a column or a table that is missing leaves everything it is about as it is. Headings and words may be in English or Vietnamese.
sheet-headings = Columns:
sheet-kinds = Kind:
sheet-required = If left blank:
sheet-missing = No answer:
sheet-spreadsheet = An apostrophe before a cell, as in '01, keeps spreadsheets from turning it into a number, a date or a formula; it is not part of what you write. LibreOffice copies line breaks as spaces: texts that differ in nothing else stay as they are.
