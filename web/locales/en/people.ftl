# Units, people, accounts, second factor
person-role-owner = Owner
person-role-designer = Designer
person-role-field_manager = Field manager
person-role-analyst = Analyst
person-role-viewer = Viewer
right-view = see studies, counts and tables
right-design = create studies, write questionnaires, draw samples
right-field = open and close surveys, send invitations and reminders
right-work-cases = work on cases, with names and addresses
right-download-units = download sampled units and routes
right-download = download tables and reports
right-download-responses = download responses, never with a name
right-administer = invite people, give roles, change units
admin-nav = Administration
admin-title = Units and people
admin-units = Units
admin-unit = Unit
admin-people = People
admin-person = Person
admin-role = Role and rights
admin-factor = Second factor
admin-seen = Last here
admin-people-count = { $n ->
    [one] 1 person
   *[other] {$n} people
}
admin-part-of = Part of {$above}.
admin-reach = Roles in this unit also apply to all units below it.
admin-from = from {$unit}
admin-elsewhere = looked after in {$unit}
admin-factor-on = on
admin-factor-off = off
admin-factor-missing = required, not set up yet
admin-factor-since = on since {$day}
admin-disabled = may not sign in
admin-enabled = may sign in
admin-not-seen = not known
admin-nobody = Nobody has a role here yet. Invite the first person below.
admin-waiting = Waiting invitations
admin-letter-waits = The letter has not been sent yet. Invited on {$day}.
admin-letter-sent = The letter was sent on {$day}.
admin-letter-failed = The letter could not be sent. Invited on {$day}.
admin-letter-expired = The link expired on {$day}. Send the invitation again.
admin-again = Send again
admin-again-link = Show a new link
admin-withdraw = Withdraw invitation
admin-invite = Invite a person
admin-invite-submit = Send invitation
admin-invite-link = Create invitation link
admin-invite-hint = The link in the letter works once, for {$days} days. Whoever opens it chooses a password.
admin-invite-no-relay = No mail is set up: the page that follows shows a link to pass on. It works once, for {$days} days.
admin-role-in = Role in {$unit}
admin-language = Language of the letter and the pages
admin-unit-change = This unit
admin-unit-name = Name of the unit
admin-rename = Rename unit
admin-new-unit = Name of a new unit below {$unit}
admin-add-unit = Add unit
admin-link-title = Invitation link
admin-link-body = Pass this link on to {$email}. It works once, for {$days} days. Whoever opens it chooses a password.
admin-link-once = This link is shown only now. If it is lost, create a new one on the page of the unit.
admin-back-to = Back to {$unit}
admin-since = Account since
admin-sign-in = Sign-in
admin-oneself = This is you. Change your name, password and second factor on your own page.
admin-roles = Roles
admin-role-change = Change role
admin-role-none = No role (end it)
admin-role-more = Give a role in another unit
admin-go-on = See what changes
admin-no-role = This person has no role in your units.
admin-enable = Let this person sign in again
admin-disable = Stop this person from signing in
admin-factor-remove = Take away the second factor
admin-not-whole = This person also has a role in a unit that you do not look after. Only somebody who looks after both can stop the sign-in or take away the second factor.
admin-done-added = The unit has been added.
admin-done-renamed = The unit has its new name.
admin-done-invited = The invitation is on its way. Until it is accepted, it is listed under Waiting invitations.
admin-done-granted = Somebody with this address already has an account and now has the role.
admin-done-again = The invitation is sent again with a new link.
admin-done-withdrawn = The invitation has been withdrawn. Its link no longer works.
admin-done-role-set = The role applies from now on.
admin-done-role-ended = The role has ended.
admin-done-disabled = This person can no longer sign in. All sessions have ended.
admin-done-enabled = This person may sign in again.
admin-done-factor-removed = The second factor has been taken away. A letter tells the person.
study-people = Who may see this study
study-people-hint = Each person with role, the unit it comes from, and what it allows.
study-people-show = Show people
study-people-why = The study belongs to {$unit}. Whoever has a role there or in a unit above it may see the study.
study-people-change = Change roles
study-people-from = Why
study-people-above = role in {$unit}, above it
study-people-you = you
home-title = Home
home-bar = { $n ->
    [one] thing waits
   *[other] things wait
}
home-waiting = { $n ->
    [one] 1 thing waits for you
   *[other] {$n} things wait for you
}
home-since = since {$day}
home-nothing = Nothing waits for you.
home-letters-failed = { $n ->
    [one] 1 letter could not be sent
   *[other] {$n} letters could not be sent
}
home-comments = { $n ->
    [one] 1 comment on the questionnaire waits for an answer
   *[other] {$n} comments on the questionnaire wait for an answer
}
home-invitations = { $n ->
    [one] 1 invitation has not been accepted yet
   *[other] {$n} invitations have not been accepted yet
}
home-backup-old = The last backup is more than a week old
home-backup-none = There is no backup yet
home-backup-how = Make one on the command line:
home-empty = There is no study yet. A study goes through four steps, one after the other, and this page says which is next.
home-empty-ask = As soon as there is one that you may see, it is here.
home-step-design = write a questionnaire or read it in from a file, and check it
home-step-sample = upload the list of people and draw the sample
home-step-field = open the survey, send invitations and reminders
home-step-results = read weighted tables, download files, write the report
step-person = Person
step-unit = Unit
step-before = Role until now
step-after = Role from now on
step-studies = Studies of the unit and the units below
step-role-none = none
step-role-set = Make {$name} {$role} in {$unit}
step-role-end = End the role of {$name} in {$unit}
step-gains = From now on may: {$rights}.
step-loses = May no longer: {$rights}.
step-role-at-once = This applies at once, also in pages that are open.
step-role-elsewhere = Roles in other units stay as they are.
step-log-stays = What this person has done stays in the activity log.
step-role-undo = This can be changed back at any time.
step-role-same = {$name} already has exactly this role in {$unit}.
step-changed = The role has been changed since you opened this page. Nothing has been done. Read what would change now before you continue.
step-sessions-end = { $n ->
    [0] No session is open.
    [one] 1 open session ends at once.
   *[other] {$count} open sessions end at once.
}
step-disabling = Stop {$name} from signing in
step-disabling-happens = Neither the password nor any link that was sent works from now on.
step-disabling-stays = Roles, password and second factor are kept.
step-disabling-undo = The person can be allowed to sign in again at any time.
step-disabling-done = {$name} may not sign in already.
step-enabling = Let {$name} sign in again
step-enabling-happens = The person signs in with the same password and second factor and has the same roles as before.
step-enabling-undo = The person can be stopped from signing in at any time.
step-enabling-done = {$name} may sign in already.
step-second-factor = Take away the second factor of {$name}
step-factor-codes = Codes of the app and recovery codes no longer work.
step-factor-letter = A letter to {$email} says so.
step-factor-stays = The password and the roles stay as they are. Whoever must have a second factor sets up a new one at the next sign-in.
step-second-factor-undo = This cannot be undone. Do it only if you know that the request really comes from this person: until a new second factor is set up, the password alone opens the account.
step-withdrawal = Withdraw the invitation of {$name}
step-withdrawal-happens = The link that was sent no longer works.
step-withdrawal-stays = No letter about this is sent.
step-withdrawal-undo = The person can be invited again at any time.
join-title = Join
join-body = {$name}, you are invited to {$unit} as {$role}.
join-rights = You may: {$rights}.
join-submit = Create account
join-done = The account is ready. Sign in with your email address and the password.
join-expired-title = This invitation no longer works
join-expired-body = It has been used, withdrawn or has expired. If you have an account, sign in. Otherwise ask the person who invited you to send it again.
account-title = Your account
account-who = Name and language
account-language = Language of the pages
account-save = Save
account-password = Password
account-password-body = A new password ends all other sessions.
account-password-submit = Change password
account-sessions = Sessions
account-sessions-body = Where you are signed in. A session ends by itself after 12 hours.
account-device-unknown = Unknown device
account-session-present = this one
account-session-times = Since {$began}; last used {$seen}
account-session-end = End session
account-sessions-end = End all other sessions
account-done-saved = Saved.
account-done-password = The password has been changed. All other sessions have ended.
account-done-sessions = The session has ended.
account-done-factor-removed = The second factor is off.
field-present = Present password
field-language = Language
field-role = Role
factor-title = Second factor
factor-on = On since {$day}.
factor-off = Off. With a second factor, nobody gets into your account by the password alone.
factor-codes-left = { $n ->
    [0] No recovery codes are left.
    [one] 1 recovery code is left.
   *[other] {$n} recovery codes are left.
}
factor-manage = Recovery codes, new device, turn off
factor-begin = Set up second factor
factor-must = Your role shows names and addresses, so your account needs a second factor. Set it up now; after that the other pages open.
factor-what = At sign-in you also type a six-digit code that an app on your phone shows. It takes two minutes to set up.
factor-step-app = Install an authenticator app on your phone, for example Aegis, FreeOTP, Google Authenticator or Microsoft Authenticator.
factor-step-picture = In the app, add an account and scan this picture.
factor-picture = QR code with the secret key for the app
factor-typed = Without a camera, type this key into the app:
factor-step-code = Type the code that the app now shows.
factor-code = Code from the app
factor-code-or-recovery = Code from the app, or a recovery code
factor-turn-on = Turn on
factor-now-on = The second factor is on.
factor-codes-title = Recovery codes
factor-codes-body = If you lose your phone, each of these codes lets you sign in once. Print them or write them down, and keep them apart from your phone.
factor-codes-once = These codes are shown only now.
factor-codes-kept = I have kept the codes
factor-codes-renew-body = New codes replace all earlier ones.
factor-codes-renew = Create new codes
factor-replace-title = New device, or turn off
factor-replace-body = To move to a new phone, turn the second factor off and set it up again. If your role requires one, you are asked to do so at once.
factor-turn-off = Turn off second factor
factor-ask-title = Second factor
factor-ask-body = The password for {$email} is right. Now type the code that your app shows.
factor-ask-hint = Each code works once. If you have no phone at hand, use a recovery code.
factor-ask-failed = This code is not right, has been used or has expired. Wait for the next one and type it again.
factor-ask-elsewhere = Sign in as somebody else
problem-name-line = write a name on one line, at most {$most} characters
problem-unit-exists = there is already a unit with this name here; choose another
problem-invited-already = an invitation to this address is waiting; send it again from the list
problem-role-held = this person already has a role in this unit; change it on the person’s page
problem-person-disabled = the account with this address may not sign in; let the person sign in again first
problem-last-owner = this is the last owner of the organisation; make somebody else owner first
problem-not-oneself = you cannot stop yourself from signing in; ask another owner
problem-factor-code = this code is not right, has been used or has expired; type the next one
problem-password-wrong = this is not your present password; type it again
missing-unit-title = Unit not found
missing-unit-body = There is no such unit, or you do not look after it.
missing-invitation-title = Invitation not found
missing-invitation-body = It has been accepted or withdrawn meanwhile.
missing-role-title = Role not found
missing-role-body = This person no longer has a role in this unit.
clash-factor-set-up-title = The second factor is on already
clash-factor-set-up-body = To move to a new device, turn it off first.
clash-no-factor-title = There is no second factor
clash-no-factor-body = This account has no second factor, so there is nothing to take away.
error-factor-needed-title = Set up a second factor first
error-factor-needed-body = Your role shows names and addresses, so your account needs a second factor before it opens this page.
way-second-factor = Set up second factor
audit-unit-added = Unit added
audit-unit-renamed = Unit renamed
audit-person-invited = Person invited
audit-invitation-sent-again = Invitation of a person sent again
audit-invitation-withdrawn = Invitation of a person withdrawn
audit-person-joined = Person joined
audit-role-set = Role given or changed
audit-role-ended = Role ended
audit-person-disabled = Person stopped from signing in
audit-person-enabled = Person allowed to sign in again
audit-account-changed = Name or language changed
audit-password-changed = Password changed
audit-sessions-ended = Sessions ended
audit-factor-set-up = Second factor set up
audit-factor-removed = Second factor taken away
audit-recovery-codes-made = New recovery codes created
audit-recovery-code-used = Recovery code used
mail-join-subject = Invitation to {$unit}
mail-join-body = {$by} invites you to work in {$unit} at {$address}.
mail-join-role = Your role is {$role}. You may: {$rights}.
mail-join-link = Choose a password here:
mail-join-valid = The link works once, for {$days} days.
mail-join-ignore = If you did not expect this, ignore this letter: without the link nothing happens.
mail-factor-removed-subject = Second factor taken away at {$address}
mail-factor-removed-body = Somebody who looks after the accounts at {$address} has taken away the second factor of your account. All your sessions have ended.
mail-factor-removed-next = At the next sign-in your password is enough, unless your role requires a new second factor.
mail-factor-removed-alarm = If you did not ask for this, change your password at once and tell whoever looks after the accounts.

search-title = Search
search-label = Search studies, questions, areas and people
search-hint = Search (Ctrl K)
search-button = Search
search-studies = Studies
search-questions = Questions
search-areas = Areas
search-people = People
search-more = The first { $n } are shown: add a word to find fewer.
search-nothing = Nothing was found for “{ $asked }”.
search-what = Beginnings of words are found, with or without accents. Answers and the people on lists are never searched.
search-opened = { $n ->
    [one] Questions and areas were looked for in one study.
   *[other] Questions and areas were looked for in the { $n } newest studies.
 }
