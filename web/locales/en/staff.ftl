# Pages of the people who work here
staff-nav = Main navigation
sign-in-title = Sign in
sign-in-submit = Sign in
sign-in-failed = The email address or password is not right, or the link has been used or has expired.
sign-in-link-body = Press the button to sign in. The link works once.
sign-in-respondent = Answer a survey with a code
sign-out = Sign out
field-email = Email address
field-password = Password
field-name = Full name
field-organisation = Organisation
field-code = Set-up code
setup-title = First-time set-up
setup-body = Create the first organisation and its owner account. You do this once.
setup-code-hint = The 12-character code printed in the terminal where Sondage runs
setup-password-hint = At least {$min} characters
setup-submit = Finish set-up
studies-title = Studies
studies-new = Create a study
studies-create = Create study
studies-none = There are no studies yet. Start by creating one from a questionnaire file.
studies-more = Show more studies
restarted-mail = { $n ->
    [one] Sending of mail failed once since the program started and was started again. The program’s log says why.
   *[other] Sending of mail failed {$n} times since the program started and was started again. The program’s log says why.
}
restarted-pool = { $n ->
    [one] Moving the answers of ended interviews on failed once since the program started and was started again. The program’s log says why.
   *[other] Moving the answers of ended interviews on failed {$n} times since the program started and was started again. The program’s log says why.
}
restarted-portions = { $n ->
    [one] The look for samples, messages and closings that stopped half way failed once since the program started and was started again. The program’s log says why.
   *[other] The look for samples, messages and closings that stopped half way failed {$n} times since the program started and was started again. The program’s log says why.
}
restarted-example = { $n ->
    [one] Filling the example study failed once since the program started and was started again. The program’s log says why.
   *[other] Filling the example study failed {$n} times since the program started and was started again. The program’s log says why.
}
preparing-sample = The sample is being stored. It is shown here as soon as all of it is.
preparing-messages = Messages are being queued. They are sent as soon as all of them are.
preparing-closing = The survey takes no more answers. Interviews that were under way are being ended; until that is done the numbers here still change.
preparing-release = Replicates are being released. Until all their cases are open the numbers here still grow, and nobody can be written to.
study-name = Study name
study-title = Questionnaire title
study-status = Status
study-cases = Cases
study-interviews = Interviews
study-organisation = Organisation (shown to respondents)
study-phone = Help telephone number (shown to respondents)
study-closes-on = Last day for answers
study-closes-hint = Day, month, year, for example 31/12/2026. Leave empty if not decided.
study-privacy = Privacy
study-questionnaire = Questionnaire
study-questionnaire-file = Questionnaire file
study-questionnaire-hint = XLSForm (.xlsx, .xls, or survey.csv, choices.csv and settings.csv together), ODK XForm (.xml), LimeSurvey, SurveyJS, Qualtrics, REDCap, CSPro, Survey Solutions (.zip), ONS questionnaire runner, Word (.docx), or a Sondage document (.json)
study-texts-in = Language, where the file does not say it
study-texts-in-hint = Many files have one text for each question and do not say its language. Choose it here if it was not recognised.
study-texts-in-found = As recognised
study-questionnaire-read = View and print the questionnaire
study-length = Length
study-length-value = { $n ->
    [one] 1 question
   *[other] {$n} questions
 }, about { $min ->
    [one] 1 minute
   *[other] {$min} minutes
 }
study-version = Version
study-fieldwork = Fieldwork
study-results = Results
study-tables = Tables
study-open = Open survey
study-close = Close survey
study-invite = Send invitations
study-remind = Send reminders
study-audit = Activity log
privacy-anonymous = Anonymous: once submitted, the program cannot tell whose response is whose
privacy-confidential = Confidential: linked to the case until a set date
privacy-identified = Identified: each response stays linked to the person. Use only with their consent
status-draft = Not open yet
status-open = Open
status-closed = Closed
sample-frame = Sampling frame
sample-units = {$n} units
sample-plan = Sampling plan
sample-seed = Random seed
sample-seed-hint = Leave empty and the program picks one. The same frame, plan and seed always give the same sample.
sample-drawn = Drawn on
sample-stratum = Stratum
sample-psus = Primary sampling units (PSUs)
sample-sampled = Sampled
fieldwork-outcomes = Outcomes by AAPOR group
group-I = Complete interviews
group-P = Partial interviews
group-R = Refusals and break-offs
group-NC = Non-contacts
group-O = Other non-response
group-UH = Unknown eligibility
group-UO = Unknown eligibility, other
group-NE = Not eligible
fieldwork-total = Total
fieldwork-codes = Outcomes by AAPOR code
fieldwork-rates = All 16 AAPOR rates
fieldwork-mail = Emails
mail-kind = { $number ->
    [0] Invitations
   *[other] Reminder {$number}
}
mail-state-queued = waiting
mail-state-sending = being sent
mail-state-sent = sent
mail-state-failed = failed
mail-state-cancelled = cancelled before sending
mail-state-unsure = may have been sent
mail-doubtful = { $n ->
    [one] 1 message was being sent when the program or the connection stopped. It may have arrived. Sent again, it is known as the same message, but somebody may see it twice.
   *[other] {$n} messages were being sent when the program or the connection stopped. They may have arrived. Sent again, each is known as the same message, but somebody may see it twice.
}
mail-doubtful-case = Case {$case}
mail-doubtful-list = Show these messages
mail-send-again = Send these messages again
rate-RR1 = minimum response rate
rate-RR3 = response rate
rate-COOP1 = cooperation rate
rate-REF1 = refusal rate
rate-CON1 = contact rate
rate-undefined = not available yet
rate-e-method = share eligible among cases of known eligibility (CASRO)
download-xlsx = All tables (xlsx)
download-csv = All tables (csv)
download-report = Report (HTML)
download-responses = Responses (csv)
download-members = Responses, a row for each “{ $roster }” (csv)
download-codebook = Codebook (csv)
download-checks = { $n ->
    [one] Results of 1 check (csv)
   *[other] Results of { $n } checks (csv)
}
margins-set = Add population shares for weighting
margins-change = Change population shares
margins-file = Population shares file
margins-hint = CSV or Excel with the columns variable, code and share. The shares of each variable add up to 1. An empty file removes the shares.
margins-kept-hint = It need not be sent again: it waits on this page and is not stored.
margins-submit = Save shares
problems-title = { $n ->
    [one] There is 1 problem to fix
   *[other] There are {$n} problems to fix
}
problems-title-some = There are {$n} problems to fix; {$listed} are shown
problems-nothing-stored = Nothing has been saved.
audit-study-made = Study created
audit-published = Questionnaire published
audit-opened = Survey opened
audit-closed = Survey closed
audit-invited = Invitations sent
audit-reminded = Reminders sent
audit-sent-again = Messages in doubt sent again
audit-margins-set = Population shares set
audit-sample-drawn = Sample drawn
audit-frame-read = Sampling frame uploaded
audit-frame-let-go = Sampling frame deleted
audit-replicates-released = Replicates released
audit-unit-replaced = Unit replaced
tables-title = Tables
tables-none = There are no interviews yet.
tables-failed = The results cannot be calculated yet
tables-unweighted-n = Unweighted n
tables-effective-n = Effective n
tables-total = Total
tables-interval = 95% confidence interval
tables-base = Base: people who were asked this question and answered it.
tables-weighted = Weights adjusted (raked) to: {$variables}. Design effect of the weights (Kish): {$kish}; effective n {$neff} of {$n}; the largest weight is {$ratio} times the smallest.
tables-unraked = Design weights only, not adjusted to the population.
tables-not-fitted = Design weights only: they could not be adjusted to the population shares.
tables-unfitted = The weights could not be adjusted to the population shares
tables-unfitted-shown = The tables below use the design weights and are not adjusted to the population.
tables-nobody = Nobody has answered this question yet, so there is nothing to estimate. Figures appear once it is answered.
tables-empty-groups = Nobody in these groups answered this question: {$groups}. Their columns stay empty; to get figures, merge small answers in the questionnaire or draw more people of these groups.
tables-single-clusters = { $n ->
    [one] In one stratum only one primary sampling unit has interviews; its variance is measured from the mean of all strata, which errs on the safe side. More interviews from other units of that stratum help.
   *[other] In {$n} strata only one primary sampling unit has interviews; their variance is measured from the mean of all strata, which errs on the safe side. More interviews from other units of these strata help.
}
merging-title = What merging small groups changed
merging-why = In an anonymous study, strata and clusters with fewer than 5 interviews were merged when the survey closed, so that nobody stands alone.
merging-changed = Of {$n} interviews, {$changed} got another stratum, cluster or weight.
merging-blanked = What the sampling frame said was removed from {$n} interviews.
merging-before = Drawn
merging-after = After merging
merging-strata = Strata
merging-clusters = Clusters (PSU)
merging-unknown = What these figures would be without merging cannot be calculated: who belonged to which group was deleted on purpose. The sum of the weights is unchanged; intervals and design effects follow the merged groups.
merging-figures = Key figures after merging
merging-figure = Figure
weight-fitted = Weight adjusted to the population shares
weight-of-design = Design weight; no population shares were given
weight-not-fitted = Design weight: it could not be adjusted to the population shares, see the tables page
tables-method = 95% confidence intervals (on the logit scale for percentages, Student for means; wider where some clusters weigh much more than others). Standard errors follow the sample design (Taylor linearisation, {$psus} primary sampling units in {$strata} strata, at most {$df} degrees of freedom).
tables-design-record = The design is that of the sample’s record: every stage with the size of its lists, units taken for certain, and what was released or replaced since.
tables-design-groups = The design is the strata and primary units that travel with the answers, taken as drawn with replacement: on average intervals are too wide rather than too narrow.
tables-design-units = The design is the strata that travel with the answers, each interview taken as drawn with replacement: on average intervals are too wide rather than too narrow.
tables-design-unfit = The record of the sample could not be used: {$reason}.
r-code = The same design in R
r-code-hint = With responses.csv from this page, R’s survey package gets the design from these lines. The weights are those before they were adjusted to population shares.
r-code-part = The sample also has joint probabilities, phases or units drawn one by one, which these columns cannot hold: standard errors in R differ from those here.
stage-column-stratum = Stage {$stage}: number of the list that the unit was drawn from
stage-column-cluster = Stage {$stage}: number of the unit drawn
stage-column-probability = Stage {$stage}: probability in that list, given how many answered
tables-alpha = Reliability of the scale “{$name}” (Cronbach’s alpha, {$items} items): {$alpha}, 95% confidence interval {$low}–{$high}
tables-flag-review = * review before publishing (fewer than 8 degrees of freedom, or 0% or 100%)
tables-flag-suppress = – not published: too uncertain, or could identify a person
tables-mean = Mean
tables-question = Answer
tables-choose = Choose a question
tables-show = Show table
chart-description = Bar chart with 95% confidence intervals. The figures are in the table below.
plan-stage = Stage {$stage}: {$units}, {$method}, {$amount}.
plan-clusters = clusters
plan-units = units
plan-simple = simple random
plan-systematic = systematic with equal probability
plan-pps-count = systematic with probability proportional to the number of units
plan-pps-column = systematic with probability proportional to the size in the frame
plan-allocated = {$n} in total, allocated to the strata {$share}, at least {$least} in each
plan-equal = equally
plan-proportional = in proportion to their size
plan-power = by a power of their size
plan-neyman = by size and spread (Neyman)
plan-fixed = by fixed numbers
plan-each = {$n} per cluster
plan-each-or-all = {$n} per cluster, or all where there are fewer
plan-rate = {$rate} of each list
plan-rates = a rate of its own in each stratum
report-title = Methods and results report
report-not-stated = not stated
report-outcomes = Outcomes and response rates
report-weighting = Weighting
report-sponsor = Paid for by
report-conducted-by = Conducted by
report-population = Population
report-frame-title = Sampling frame
report-frame = {$name}, {$units}, SHA-256 {$hash}
report-design = Sample design
report-drawn = {$plan} Seed {$seed}; drawn on {$day}.
report-modes = Mode of data collection
report-mode-web = online self-completion
report-dates = Dates of fieldwork
report-languages = Languages
report-questionnaire = Questionnaire
report-version = version {$number}, SHA-256 {$hash}
report-incentives = Incentives
report-quality = Quality control
report-limits = Limitations
report-limits-text = Sampling error does not include error from people who did not answer, from an incomplete frame, or from how questions were worded.
report-contact = Contact
report-sizes = Sample size
report-cases = { $n ->
    [one] 1 case
   *[other] {$count} cases
 }
report-interviews = { $n ->
    [one] 1 interview
   *[other] {$count} interviews
 }
report-precision = Precision
report-precision-sampling = The intervals are margins of sampling error.
report-precision-model = People were not drawn at random, so the intervals rest on a model of who took part and are not margins of sampling error.
report-design-effects = Design effects of the shares: {$low} to {$high}.
error-invalid-title = There is a problem
error-invalid-body = Check the following. Nothing has been saved.
error-unauthorised-title = Sign in to continue
error-unauthorised-body = Sign in and try again.
error-forbidden-title = You do not have permission
error-forbidden-body = Your account cannot do this, or the page was open too long. Reload the page and try again.
error-refused-title = This cannot be calculated yet
error-refused-body = Check the following. Nothing has been changed.
error-too-many-title = Too many attempts
error-too-many-body = Please wait 15 minutes and try again.
error-busy-title = The system is busy
error-busy-body = Nothing was saved. Try again in a few seconds.
problems-more = and {$count} more; fix these first
error-slow-title = The data arrived too slowly
error-slow-body = Nothing was saved. Check your connection and send it again.
error-too-long-title = Reading this file takes too long
error-too-long-body = Nothing was saved. Check that it is the right file, or divide it into smaller ones.
error-stopping-title = The system is restarting
error-stopping-body = Nothing was saved. Send it again in a minute.
error-internal-title = Something went wrong on our side
error-internal-body = Try again in a few minutes. What was saved before is still there.
error-number = Error reference: {$number}
disposition-1-1 = Complete
disposition-1-2 = Partial
disposition-2-11 = Refused
disposition-2-111 = Refused by another household member
disposition-2-112 = Refused by the selected person
disposition-2-1121 = Opened, nothing answered
disposition-2-113 = Blank questionnaire returned (implicit refusal)
disposition-2-12 = Broke off
disposition-2-21 = Selected person never available
disposition-2-221 = Answering machine, no message
disposition-2-222 = Answering machine, message left
disposition-2-23 = No access to the building
disposition-2-24 = Nobody at home
disposition-2-25 = Away for the whole field period
disposition-2-26 = Automatic away reply
disposition-2-27 = Arrived after closing
disposition-2-31 = Died
disposition-2-32 = Unable to answer (health)
disposition-2-332 = Language barrier
disposition-3-10 = Not known if occupied
disposition-3-11 = No attempt made yet
disposition-3-12 = Line busy
disposition-3-13 = No answer
disposition-3-14 = Answering machine, household unknown
disposition-3-15 = Call blocked
disposition-3-17 = Area could not be reached
disposition-3-18 = Address not found
disposition-3-19 = Invited, no response yet
disposition-3-21 = Screening not finished
disposition-3-30 = Invitation not delivered
disposition-3-90 = Unknown, other
disposition-4-10 = Outside the population
disposition-4-31 = Number not in service
disposition-4-50 = Not a dwelling
disposition-4-61 = Vacant dwelling
disposition-4-62 = Not a main residence
disposition-4-70 = No eligible person
disposition-4-80 = Quota full
disposition-4-81 = Duplicate
cli-serving = Running at {$address} (Ctrl-C to stop)
cli-setup = Open that address and enter the set-up code: {$code}
import-label = Import
import-notes = { $n ->
    [one] 1 note from reading the file
   *[other] {$n} notes from reading the file
}
review-label = Review
review-notes = { $n ->
    [one] 1 point to check
   *[other] {$n} points to check
}
cli-warning = check: {$text}
cli-import-questions = {$format}, questions: {$n} ({$kinds})
cli-import-options = options: {$n}, lists: {$lists}
cli-import-sections = sections: {$n}
cli-import-rosters = rosters: {$n}
cli-import-conditions = conditions: {$n}
cli-import-languages = languages: {$languages}
cli-import-warnings = points to check: {$n}
cli-import-remarks = kept only as remarks: {$n}
cli-import-publishable = can be published: yes
cli-import-unpublishable = can be published: no, because
cli-import-obstacle = {"  "}{$text}
cli-prove-none = not compared with other programs: name the folder of their engines by --engines, or ODK Validate’s archive by --javarosa
cli-prove-empty = not compared with other programs: what --engines and --javarosa name holds no engine that is known
cli-prove-original = {$engine}, with the file itself: {$respondents} respondents, {$questions} times a question was shown or not, questions that differ: {$found}
cli-prove-written = {$engine}, with what is written for it: {$respondents} respondents, {$questions} times a question was shown or not, questions that differ: {$found}
cli-prove-seconds = {$engine} was not done after {$what} seconds and was ended: nothing is compared (--engine-seconds)
cli-prove-megabytes = {$engine} needed more than {$what} MB and was ended: nothing is compared (--engine-megabytes)
cli-prove-failed = {$engine} did not run: {$what}
cli-prove-unread = {$engine} does not take the file: {$what}
cli-prove-here = {"  "}{$question}: asked here and not there, {$n} times ({$how})
cli-prove-there = {"  "}{$question}: asked there and not here, {$n} times ({$how})
cli-prove-value = {"  "}{$question}: worked out otherwise, {$n} times ({$how})
cli-prove-other = {"  "}{$question}: not taken there, {$n} times ({$how})
cli-repair-none = repair: nothing to change
cli-repair = repair: can be published with these changes, none of which can be left out: {$n}
cli-repair-some = repair: changes that help: {$n}; what follows them has to be corrected by hand
cli-repair-cannot = repair: no change that is known makes it publishable; this has to be corrected by hand
cli-repair-written = the repaired questionnaire is in {$file}
cli-diff-cosmetic = cosmetic
cli-diff-compatible = compatible
cli-diff-breaking = breaking
cli-diff-nothing = nothing changed
cli-diff-all = {$n} changes: {$weight}
change-name = name
change-title = title
change-address-form = form of address
change-language-added = language added
change-language-removed = language removed
change-option-added = option added
change-option-removed = option removed
change-option-code = code of an option
change-option-label = text of an option
change-option-missing = whether an option counts as no answer
change-option-effect = what choosing an option does
change-option-order = order of options
change-relevant = who is asked
change-each = members it is asked about
change-members = where the members come from
change-question-added = question added
change-question-removed = question removed
change-question-order = order of questions
change-wording = wording
change-hint = hint
change-instruction = interviewer instruction
change-required = whether it must be answered
change-constraints = what an answer must satisfy
change-offers = no-answer options offered (don’t know, prefer not to say)
change-kind = question type
change-settings = how the question is asked
change-answers = type of answer
change-scale = points of the scale
change-low = text at the low end
change-high = text at the high end
change-unit = unit
change-calculation = calculation
change-item-added = row added
change-item-removed = row removed
cli-dry-run-progress = answering
cli-dry-run = {$n} simulated respondents, version {$hash}
cli-dry-run-ends = finished {$finished}, refused {$refused}, screened out {$screened}, stuck {$stuck}
cli-dry-run-lengths = questions asked: fewest {$least}, quartiles {$lower} {$middle} {$upper}, most {$most}
cli-dry-run-minutes = estimated time to read and answer: {$minutes} minutes
cli-dry-run-stuck = could not get past {$page}: {$n}
cli-dry-run-never-asked = nobody was asked: {$question}
cli-dry-run-never-offered = nobody was offered: {$question}, option {$code}
cli-dry-run-check = check {$check} fails for {$n}
cli-dry-run-rejected = answers to {$item} not accepted: {$rate} ({$codes})
cli-publishable = The questionnaire can be published: {$questions} questions, content hash {$hash}
cli-unknown-database = unknown database address “{$scheme}”; use sqlite:PATH or postgresql://USER@HOST/NAME
cli-folder = cannot write to the folder {$folder}: {$reason}; choose another with --data or make room
cli-unreachable = cannot connect to the database: {$reason}
cli-listen = cannot use the port at {$address}: {$reason}; choose another port with --listen 127.0.0.1:PORT
cli-demo-import = Questionnaire imported: {$questions} questions, {$languages} languages, version {$hash}
cli-demo-frame = Fictional frame: {$units} people in {$wards} wards of {$areas} areas
cli-demo-draw = Sample drawn: {$psus} wards by PPS within areas, {$cases} cases, seed {$seed}
cli-demo-mail = Invitations
cli-demo-answer = Answers
cli-demo-exists = This folder already has the demonstration study; using it again.
cli-demo-tables = Key results (weighted, 95% confidence intervals)
cli-demo-rates = Response rates (AAPOR)
cli-demo-files = Files written: {$files}
cli-demo-sign-in = Sign in (works once): {$link}
book-contents = Contents
book-base = Base
book-base-default = those who were asked this question and answered it
book-complement = † the rest to 100% is too uncertain to publish
book-notes = Notes
audit-downloaded = File downloaded
audit-set-up = First-time set-up done

media-title = Pictures, audio and video
media-missing = The questionnaire uses these files. Upload them before you open the survey:
media-files = Files
media-hint = {$endings}, up to 10 MB each, named as in the questionnaire. A file with the same name is replaced.
media-send = Upload files
media-remove = Remove
download-files = Files sent by respondents (ZIP)
audit-media-added = File added
audit-media-removed = File removed
gallery-title = All question types
gallery-intro = Shown as respondents see them. Nothing you enter here is sent or saved.
gallery-parts = Parts
gallery-part = Part {$n}
gallery-components = Components of staff pages
gallery-components-intro = Each with its examples. What is pressed here changes nothing.
study-pooled = { $n ->
    [one] One completed interview waits until at least five can be stored together, so that nobody can tell whose it is. It joins the results then, or when the survey closes.
   *[other] {$n} completed interviews wait until at least five can be stored together, so that nobody can tell whose they are. They join the results then, or when the survey closes.
}
audit-user-added = Person added
audit-sign-in-link-made = Sign-in link created
audit-signed-in = Signed in
audit-signed-out = Signed out
audit-frame-columns-named = Columns of the sampling frame named
audit-plan-kept = Sampling plan saved
audit-areas-assigned = Areas assigned
study-privacy-reason = Reason for asking who people are
study-privacy-reason-hint = The reason is stored with the study. Answers to these questions can tell who gave them.

# What an act will do, before it is done
confirm-happens = What happens
confirm-stays = What does not happen
confirm-not-yet = Not yet
confirm-back = Go back
confirm-changed = Something has changed since you opened this page: the numbers are new. Nothing has been done. Check them before you continue.
confirm-nothing-done = Nothing has been done.
confirm-type-number = To continue, type the number {$count}
confirm-type-name = To continue, type the name of the study: {$name}
confirm-cases = { $n ->
    [one] 1 case
   *[other] {$count} cases
}
confirm-whom = To
confirm-when = When
confirm-when-now = As soon as you press the button
confirm-from = From
confirm-no-relay = No mail relay is set: letters are only written to a folder. Ask the administrator.
confirm-nobody-written = Nobody is written to. Invitations are a separate step.
confirm-letter-hint = The letter as it will be sent. Each person’s name, link and code are filled in when it is sent.
confirm-letter-invitation = { $n ->
    [one] Invitation in {$language} (1 letter)
   *[other] Invitation in {$language} ({$count} letters)
}
confirm-letter-reminder = { $n ->
    [one] Reminder in {$language} (1 letter)
   *[other] Reminder in {$language} ({$count} letters)
}
confirm-letters-each = Each case gets the letter below, with its own link and code.
confirm-letters-log = The activity log records how many letters were sent and who sent them.
confirm-letters-none = Cases without an email address and people who asked for no more mail get no letter, although the number includes them.
confirm-letters-undo = This cannot be undone. A letter that has been sent cannot be called back.
confirm-invite-title = { $n ->
    [one] Send 1 invitation
   *[other] Send {$count} invitations
}
confirm-invite-others = Cases that have been invited already, have finished or have refused get no letter.
confirm-invite-nothing = Every open case has been invited. There is no invitation to send.
confirm-remind-title = { $n ->
    [one] Send 1 reminder (reminder {$number})
   *[other] Send {$count} reminders (reminder {$number})
}
confirm-remind-late = Whoever has finished or refused gets no letter, also when that happens just before the letter is sent.
confirm-remind-anonymous = Whoever has answered gets no letter. The number includes these people, because in an anonymous study nobody can see who they are.
confirm-remind-gap = { $n ->
    [one] The next reminder can be sent in 1 day at the earliest.
   *[other] The next reminder can be sent in {$count} days at the earliest.
}
confirm-remind-nothing = No case is open. There is no reminder to send.
confirm-resend-title = { $n ->
    [one] Send 1 message again
   *[other] Send {$count} messages again
}
confirm-resend-same = Each letter keeps its message number, so that mail programs can recognise it.
confirm-resend-undo = This cannot be undone. Some people may get the same letter twice.
confirm-resend-nothing = There is no message left whose delivery is in doubt.
confirm-open-title = Open the survey “{$name}”
confirm-open-no-sample = nobody yet: no sample has been drawn
confirm-open-no-end = none set
confirm-open-answers = Answers are taken from now on, by whoever has a link or a code of this survey.
confirm-open-fixed = A change of the questionnaire is from now on a new version; interviews in progress keep theirs.
confirm-open-sample = The sample that was drawn stays as it is: it can be added to, not drawn again.
confirm-open-ended = Interviews that ended when it was closed stay as they are.
confirm-open-undo = This cannot be undone: the survey can be closed, and does not become a draft again.
confirm-open-nothing = The survey takes answers already.
confirm-close-title = Close the survey “{$name}”
confirm-close-answers = No more answers are accepted. Links and codes then say that the survey is closed.
confirm-close-none = No interview is in progress.
confirm-close-open = { $n ->
    [one] 1 interview in progress ends. It counts as a partial interview if enough questions have been answered, otherwise as a break-off.
   *[other] {$count} interviews in progress end. Each counts as a partial interview if enough questions have been answered, otherwise as a break-off.
}
confirm-close-queued = { $n ->
    [one] 1 letter that is waiting is not sent.
   *[other] {$count} letters that are waiting are not sent.
}
confirm-close-pooled = { $n ->
    [one] 1 completed interview that is waiting joins the results.
   *[other] {$count} completed interviews that are waiting join the results.
}
confirm-close-stays = No interview, table or file is deleted.
confirm-close-undo = This cannot be undone. Interviews that end now cannot be continued, even if the survey is opened again.
confirm-release-title = { $n ->
    [one] Release 1 case
   *[other] Release {$count} cases
}
confirm-release-one = {$from} of {$all}
confirm-release-span = {$from} to {$to} of {$all}
confirm-release-open = These cases can be invited and can answer.
confirm-release-rates = They count in all response rates.
confirm-release-reserve = Replicates of the reserve are among them. Their units can no longer replace others.
confirm-release-nothing = These replicates have no case that is waiting.
confirm-release-undo = This cannot be undone. A replicate that has been released stays released.
confirm-frame-title = Delete the sampling frame {$name}
confirm-frame-rows = { $n ->
    [one] 1 row is deleted.
   *[other] All {$count} rows are deleted.
}
confirm-frame-plan = A sampling plan that was written for this frame can no longer be used.
confirm-frame-stays = The frame’s name, date and checksum stay in the list of uploaded frames.
confirm-frame-undo = This cannot be undone. To draw a sample, you have to upload a frame again.
confirm-media-title = Delete the file {$name}
confirm-media-button = Delete file
confirm-media-size = Size
confirm-media-shown = The questionnaire uses this file. The survey cannot be opened until the file is uploaded again.
confirm-media-unused = The file is deleted. The questionnaire does not use it.
confirm-media-undo = This cannot be undone.
confirm-draw-title = { $n ->
    [one] Draw 1 case
   *[other] Draw {$count} cases
}
confirm-draw-about = { $n ->
    [one] Draw about 1 case
   *[other] Draw about {$count} cases
}
confirm-draw-strata = Cases per stratum
confirm-draw-expected = {$completes} completed interviews, margin of error ±{$margin}
confirm-draw-kept = Shared with {$study}, which is kept
confirm-draw-avoided = Shared with {$study}, which is avoided
confirm-draw-common = about {$n} expected
confirm-draw-cases = Each unit drawn becomes a case with its own link and code. Cases of replicates wait until their replicate is released.
confirm-draw-record = Plan, seed and result are recorded, so that anyone with the frame can repeat the draw.
confirm-draw-erased = { $n ->
    [one] The row of the frame is deleted. Only the contact details of sampled units are kept, encrypted.
   *[other] All {$count} rows of the frame are deleted. Only the contact details of sampled units are kept, encrypted.
}
confirm-draw-undo = This cannot be undone. A study has one sample: whoever chose between several draws would no longer have a random sample.
mail-any-name = [name]
mail-any-code = [code]

# What is not there, and what something clashes with
missing-page-title = Page not found
missing-page-body = This page does not exist, or your account cannot view it.
missing-study-title = Study not found
missing-study-body = This study does not exist, or your account cannot view it.
missing-file-title = File not found
missing-file-body = There is no file of this name. It may have been deleted or renamed.
missing-frame-title = There is no sampling frame
missing-frame-body = No sampling frame is waiting to be drawn from, or its columns have not been described yet. It may have been deleted, or the sample may have been drawn.
missing-sample-title = No sample has been drawn
missing-sample-body = This needs a sample. Upload a sampling frame and draw one first.
missing-sampled-unit-title = Unit not found
missing-sampled-unit-body = The sample has no unit with this ID.
missing-area-title = Area not found
missing-area-body = The sample has no such area. Reload the page of the sample.
missing-questionnaire-title = There is no questionnaire
missing-questionnaire-body = This study has no published questionnaire.
missing-version-title = Version not found
missing-version-body = This version of the questionnaire does not exist.
missing-block-title = Block not found
missing-block-body = There is no such block in the library, or it belongs to a unit that is not yours.
missing-question-title = Question not found
missing-question-body = The questionnaire does not ask this here.
missing-round-title = Round not found
missing-round-body = This study has no such round of data collection.
missing-case-title = Case not found
missing-case-body = This study has no such case.
missing-contact-title = There are no contact details
missing-contact-body = No contact details are stored for this case.
missing-link-title = This link is not known
missing-link-body = Check that the whole address was copied from the letter.
missing-user-title = Person not found
missing-user-body = No account has this email address.
missing-organisation-title = Set-up has not been done
missing-organisation-body = Create the first organisation before adding people.
clash-preparing-title = Something of this survey is still being stored
clash-preparing-body = A sample, messages, the release of replicates or the closing of the survey. Wait a moment, then try again.
clash-taken-back-title = Nothing was stored
clash-taken-back-body = What was being stored had stopped and was taken back. Do it again.
clash-study-not-open-title = The survey is not open
clash-study-not-open-body = This works only while the survey takes answers: after it has been opened and until its last day.
clash-study-open-title = The survey is open
clash-study-open-body = Respondents may be looking at this file, so it cannot be deleted before the survey is closed.
clash-nobody-invited-title = Nobody has been invited yet
clash-nobody-invited-body = A reminder goes to people who have had an invitation. Send the invitations first.
clash-sample-drawn-title = The sample has been drawn
clash-sample-drawn-body = A study has one sample, and this one has been drawn. For another sample, create a new study.
clash-frame-changed-title = The sampling frame has changed
clash-frame-changed-body = Another sampling frame has been uploaded meanwhile, or this one has been deleted. Nothing has been saved.
clash-no-interviews-title = There are no interviews yet
clash-no-interviews-body = Tables and files are made from completed interviews. They can be downloaded as soon as there are some.
clash-no-files-title = There are no files
clash-no-files-body = No respondent has sent a file.
clash-interview-ended-title = This interview has ended
clash-interview-ended-body = The answers have been submitted and can no longer be changed.
clash-already-set-up-title = Set-up has been done
clash-already-set-up-body = The first account exists already. Sign in with it.
clash-user-exists-title = This address has an account
clash-user-exists-body = Each email address can have one account.
way-studies = Go to the studies
way-code = Enter a code
way-interview = Go to the survey
way-sign-in = Sign in
way-study = Go to the study
way-sample = Go to the sample
way-invitations = Go to the invitations

# A forgotten password
password-title = Forgotten password
password-body = Enter the email address of your account. You get a letter with a link that sets a new password. The link works once, for {$min} minutes.
password-submit = Send the link
password-sent = If an account has this address, a letter with a link is on its way. The link works for {$min} minutes.
password-sent-hint = If no letter arrives, look in the spam folder and check the address. Your administrator can also give you a link.
password-again = Enter another address
password-no-relay = This installation cannot send letters. Ask the administrator for a sign-in link.
password-changed = The password has been changed and all devices have been signed out. Sign in with the new password.
password-expired-title = This link no longer works
password-expired-body = It has been used, has expired, or a newer one has been sent. Ask for a new link.
new-password-title = Set a new password
new-password-body = All devices are signed out when the password changes.
new-password-field = New password
new-password-submit = Save password
mail-password-subject = New password for {$address}
mail-password-body = Somebody has asked for a new password for your account at {$address}.
mail-password-link = Set a new password here:
mail-password-valid = The link works once, for {$min} minutes.
mail-password-ignore = If you did not ask for it, ignore this letter: your password stays as it is.
code-staff = Sign in to work on studies
audit-password-link-made = Link for a new password created
audit-password-set = New password set

# The bar, the road of a study, its overview
nav-menu = Menu
nav-close = Close
nav-overview = Overview
stage-design = Design
stage-sample = Sample
stage-field = Fieldwork
stage-results = Results
stage-report = Report
mark-done = done
mark-now = under way
mark-blocked = blocked
mark-later = later
days-left = { $n ->
    [0] today is the last day
    [one] 1 day left
   *[other] {$n} days left
}
head-done = {$done} interviews of {$of} cases
head-next = Next: {$step}
privacy-word-anonymous = Anonymous
privacy-word-confidential = Confidential
privacy-word-identified = Identified
overview-from-to = {$from} to {$to}
overview-from = Since {$from}
overview-to = Until {$to}
overview-road = Stages
overview-stands = Where it stands
overview-days = Interviews by day
overview-days-measure = Interviews ended, added up from the first day
overview-days-table = The same as a table
overview-day = Day
overview-ended = Ended by then
overview-attention = Needs attention
overview-latest = Latest
overview-record = Whole activity log
next-send-media = Send the files that the questionnaire shows
next-send-media-why = Pictures, sounds or films are named in the questionnaire and are not here yet. Until they are, the survey cannot be opened.
next-send-media-do = Send the files
next-send-list = Send the list of people
next-send-list-why = The sample is drawn from a list: a file with one row for each person or household. Nobody is written to by that.
next-send-list-do = Choose the file
next-name-columns = Say what the columns of the list are
next-name-columns-why = The list was read. Which column is the identifier, the area, the address?
next-name-columns-do = Look at the columns
next-plan = Plan the sample
next-plan-why = Say how many people are drawn and how. The page works out what that will give before anything is drawn.
next-plan-do = Make the plan
next-draw = Draw the sample
next-draw-why = The plan is there. The next page says whom it will give; nobody is written to by drawing.
next-draw-do = Go on to the draw
next-open = Open the survey
next-open-why = The questionnaire and the sample are there. Once it is open, links and codes take answers; nobody is written to by opening.
next-open-do = Open survey
next-invite = Send the invitations
next-invite-why = Nobody has been written to yet. The next page shows the letter and how many will get it.
next-invite-do = Read the letter
next-resend = Decide about letters in doubt
next-resend-why = Some letters were being sent when the program or the connection stopped. They may have arrived.
next-resend-do = Look at them
next-remind = Send a reminder
next-remind-why = Some have not answered yet. The next page shows the letter and how many will get it; nothing is sent before that.
next-remind-do = Read the letter
next-close = Close the survey
next-close-why = Everybody has answered, or the last day is over. The next page says what ends with it.
next-close-do = Go on to closing
next-read = Read the results
next-read-why = The survey is closed. Tables, files and the report are ready.
next-read-do = Open the tables
next-nothing = Nothing to do just now
next-nothing-why = Answers are coming in. What is next will stand here.
fact-media = { $n ->
    [one] 1 file is missing
   *[other] {$count} files are missing
}
fact-design = { $n ->
    [one] 1 question, version {$version}
   *[other] {$count} questions, version {$version}
}
fact-drawn = { $n ->
    [one] 1 case, drawn on {$day}
   *[other] {$count} cases, drawn on {$day}
}
fact-listed = { $n ->
    [one] A list of 1 person, nobody drawn yet
   *[other] A list of {$count} people, nobody drawn yet
}
fact-no-list = No list yet
fact-not-open = Not open yet
fact-unanswered = { $n ->
    [one] 1 has not answered yet
   *[other] {$count} have not answered yet
}
fact-closed = Closed on {$day}
fact-no-results = No interviews yet
fact-results = { $n ->
    [one] 1 interview, without population shares
   *[other] {$count} interviews, without population shares
}
fact-weighted = { $n ->
    [one] 1 interview, weighted to population shares
   *[other] {$count} interviews, weighted to population shares
}
fact-no-report = Nothing to report yet
fact-report = Ready to be read
fact-preliminary = Preliminary until the survey is closed
figure-interviews = Interviews
figure-interviews-note = of {$cases} cases
figure-response = Response rate
figure-response-note = AAPOR RR3
figure-refused = Refused
figure-refused-note = AAPOR REF1: {$count} people, with break-offs
figure-unanswered = No answer yet
figure-unanswered-note = {$share} of the sample
attention-media = { $n ->
    [one] 1 file that the questionnaire shows is missing
   *[other] {$count} files that the questionnaire shows are missing
}
attention-media-detail = The survey cannot be opened without
attention-doubtful = { $n ->
    [one] 1 letter may have been sent
   *[other] {$count} letters may have been sent
}
attention-doubtful-detail = Send again or leave it
attention-failed = { $n ->
    [one] 1 letter could not be sent
   *[other] {$count} letters could not be sent
}
attention-failed-detail = Wrong or closed addresses
attention-least = {$stratum} answers least: {$rate}
attention-least-detail = All together {$rate}
fieldwork-strata = By stratum
study-languages = Languages
study-version-value = Version {$number}, published on {$day}
study-version-hash = Fingerprint of the version
details = Details
study-files = Files
margins-title = Population shares
record-day = Day
record-what = What was done
record-none = Nothing has been done yet.
record-more = The latest {$n} entries. Older ones are kept and not shown here.
report-page-none = There is nothing to report before there are interviews.
report-page-ready = The survey is closed. The report is one file that can be read, printed and sent.
report-page-preliminary = Preliminary: the survey is open and the figures still change.
report-page-open = Open the report
report-page-stated = What it says of the method
report-page-unstated = { $n ->
    [one] 1 fact is not stated
   *[other] {$n} facts are not stated
}
report-page-unstated-why = The report names each of them as not stated.
nav-settings = Settings
settings-save = Save settings
settings-gap = Days between two messages to one person
settings-gap-hint = No reminder goes out sooner than that, 0 to 90
settings-review = Publish only when the experts agree
settings-review-hint = Every expert who may comment has said that it is good, as it is or after the changes, and nothing that must change is open.
settings-statement = For the report
settings-statement-hint = What only people know. What is left empty is named as not stated.
settings-population-hint = For example: residents aged 18 and over in the 40 wards of the city
settings-quality-hint = For example: 10 in 100 interviews checked by telephone
settings-fixed = Fixed with the study
settings-fixed-why = Respondents were or will be promised this. It cannot be changed.
settings-zone = Time zone
report-page-state = State them in the settings
audit-settings-changed = Settings changed
audit-questionnaire-edited = Questionnaire edited
clash-study-closed-title = The survey is closed
clash-study-closed-body = Its questionnaire cannot be published anew.
next-write = Write the questionnaire
next-write-why = Nothing is published yet. Write it in the builder, or go on with the draft; publishing opens nothing.
next-write-do = Open the builder
fact-unpublished = not published yet

studies-archived = Archived studies
studies-archived-none = No study is archived.
studies-archived-show = { $n ->
    [one] 1 archived study
   *[other] { $n } archived studies
 }
studies-deleted = The study was deleted.
study-archived = This study is archived: it is not in the list of studies.
study-archive = Archive study
study-restore = Bring back from the archive
study-delete = Delete study
settings-end = Archive or delete
settings-end-open = A survey that takes answers can be neither archived nor deleted. Close it first.
settings-archive-what = An archived study is not in the list of studies and nothing is asked of you about it. Nothing is deleted, and it can be brought back at any time.
settings-delete-what = Deleting removes the study with everything that belongs to it: answers, people and their addresses, sample and questionnaire.
settings-delete-who = Only owners may delete a study.
confirm-delete-title = Delete the study “{$name}”
confirm-delete-all = Everything that belongs to it is deleted: interviews and their files, the list and the sample with names and addresses, letters, the questionnaire with all its versions.
confirm-delete-links = Links and codes of the study lead nowhere.
confirm-delete-record = The unit’s page keeps that the study was deleted, when and by whom.
confirm-delete-suppressed = Who asked for no more mail is still not written to by other studies.
confirm-delete-backups = Backups made before and files downloaded before still contain the study. Delete them where they are kept.
confirm-delete-undo = This cannot be undone.
admin-deleted = Deleted studies
audit-study-archived = Study archived
audit-study-restored = Study brought back from the archive
audit-study-deleted = Study deleted
record-who = By
record-program = the program
mail-reasons = Why messages failed, as the relay said it
audit-state-named = State of the draft named
audit-state-forgotten = Name of a state taken away
audit-block-saved = Part saved as a block
audit-block-renamed = Block renamed
audit-block-withdrawn = Block offered no more
audit-block-inserted = Block put into the questionnaire
audit-block-updated = Newer version of a block looked through
audit-part-copied = Part copied from another study
audit-draft-restored = Draft brought back
audit-trial-link-made = Link for testing the draft made
audit-trial-link-ended = Link for testing the draft ended
audit-trials-removed = Tests of the draft deleted
audit-expert-asked = Expert asked to review
audit-expert-ended = Expert’s link taken back
audit-comment-written = Comment written
audit-comment-removed = Comment deleted
audit-comment-resolved = Comment resolved
audit-comment-reopened = Comment opened again
audit-verdict-given = Verdict given
example-name = Public services in wards
example-mark = example
example-offer = Only looking around?
example-what = The example study shows the whole road: a questionnaire, a sample of 1,200 people, answers that come in, weighted tables. Its people are invented, no letter is sent, and it is removed with one click.
example-make = Make the example study
example-there = Open the example study
example-is = This is the example study: its people are invented, and no letter of it is sent. Try whatever you like.
example-filling = They are answering just now; the figures grow for about a minute.
example-remove = Remove the example study
appearance-title = Logo and colour
appearance-what = Respondents see who asks: the organisation’s logo and one accent colour, on their pages, on the printed questionnaire and in the report. Letters have the colour.
appearance-of-study = This study has its own; it began with what its unit had.
appearance-of-unit = Studies that are made in this unit or below it from now on begin with these.
appearance-change = Change logo and colour
appearance-accent = Accent colour
appearance-accent-hint = Six digits, such as #0b5a66. It must be readable on a light page; on dark pages a lighter one is worked out. Leave it empty for the program’s own.
appearance-logo = Logo
appearance-logo-other = Another logo
appearance-logo-goes = Remove the logo
appearance-logo-hint = A picture of at most {$most} kB. Respondents load it once.
appearance-words = What the logo says
appearance-words-hint = For whoever does not see it, usually the name written in it; in at least one language.
audit-appearance-changed = Logo or colour changed
audit-language-signed-off = Translation signed off
audit-sign-off-withdrawn = Sign-off of a translation withdrawn
