# Texts of the respondent's pages. {$you} and {$You} are the study's address form.

nav-continue = Continue
nav-back = Back
nav-submit = Submit your answers
nav-save-later = Save and finish later
nav-skip-to-main = Skip to main content
nav-language = Language
nav-progress = Section {$i} of {$n}
field-optional = (optional)
field-dk = Don’t know
field-refuse = Prefer not to say
welcome-title = You are invited to take part in a survey
welcome-body = The survey has { $n ->
    [one] 1 question
   *[other] {$n} questions
 } and takes about { $min ->
    [one] 1 minute
   *[other] {$min} minutes
 }. You can stop part-way and finish later.
welcome-start = Start
welcome-who = Run by {$org}. For help, call {$phone}.
consent-title = Before you start
consent-voluntary = Taking part is voluntary. You can stop at any time.
consent-use = Your answers are used for statistics only. No one is named in the results.
error-title-prefix = Error:{" "}
error-expired-title = This page was not saved
error-expired = This page was open too long, so it has to be sent again. Your answers are still below. Check them and press “Continue”.
soft-missing = Something on this page is not answered. Please answer it if you can. To skip it, press “Continue” again.
save-done-title = Your answers are saved
save-done = To carry on, open this same link on any phone or computer by the end of {$date}.
resume-title = Welcome back
resume-body = You have completed {$done} of {$n} sections. Your earlier answers are saved.
resume-continue = Carry on
resume-review = Review from the start
resume-not-me = I am not the person invited
thanks-title = Thank you for taking part
thanks-body = Your answers were received at {$time} on {$date}. Confirmation code: {$code}. You can close this page.
thanks-quota = Thank you for your time. We have enough answers for this group, so the survey ends here.
closed-title = This survey is not open
closed-body = Last day for answers: {$date}. Thank you for your interest.
already-title = This questionnaire has already been submitted
unsub-title = Stop survey emails
unsub-body = Once you confirm, we will send no more emails to {$contact}, about this survey or any other run here. You can still answer through the link you have.
unsub-confirm = Stop emails
unsub-done = We will send no more emails to {$contact}.
code-label = Enter the code from your invitation
code-hint = It has 12 characters, for example HKWR 7M4P 2TXD
code-unknown = We cannot find that code. Check each character against your invitation.
offline-web = You are offline. The answers on this page have not been sent. When you are back online, press “Continue”.
error-summary = { $n ->
    [one] There is 1 problem
   *[other] There are {$n} problems
}

# What is wrong with one answer
mistake-choose-one = Choose an answer for “{$question}”
mistake-choose-some = Select at least one answer for “{$question}”
mistake-unknown-option = Choose an answer for “{$question}” again
mistake-exclusive = If you choose “{$option}”, leave the other options empty
mistake-too-many = Select no more than {$max}. {$You} have selected {$n}
mistake-too-few = Select at least {$min}. {$You} have selected {$n}
mistake-number = Enter a number for “{$question}”, for example 12
mistake-whole-number = Enter a whole number
mistake-decimals = Enter a number with no more than {$max} decimal places
mistake-digits = Enter digits only
mistake-email = Enter an email address, for example name@example.com
mistake-phone = Enter a telephone number, for example 0901 234 567
mistake-url = Enter an address that starts with https://
mistake-number-range = Enter a number from {$min} to {$max}
mistake-number-minimum = Enter a number of {$min} or more
mistake-number-maximum = Enter a number of {$max} or less
mistake-number-ambiguous = “{$typed}” could be {$whole} or {$decimal}. Enter it again, for example {$whole}
mistake-text-too-long = Use no more than {$max} characters. {$You} have written {$n}
mistake-date = Enter a day, month and year, for example 02/09/1985
mistake-date-range = Enter a date from {$min} to {$max}
mistake-constraint = Your answer to “{$question}” cannot be right. Check it and correct it
soft-title = Some questions have no answer yet
respond-help = Need help? Call {$phone}
respond-characters = Up to {$max} characters
code-title = Enter your code
code-submit = Continue
already-body = Each link is for one person only. If you did not submit it, please call {$phone}.
already-body-day = It was submitted on {$date}. Each link is for one person only. If you did not submit it, please call {$phone}.
thanks-screened = Thank you for your time. This survey is for a different group of people, so it ends here.
thanks-refused-title = Thank you
refused-body = You chose not to take part. We will not ask you again.
refused-body-day = On {$date} you chose not to take part. We will not ask you again.
off-path-title = This question does not apply to you
off-path-body = Because of your earlier answers, this page does not apply. Nothing has been changed.
off-path-continue = Go to the next question
link-unknown-title = This link does not work
link-unknown-body = Check the link in your invitation, or enter the 12-character code.
review-title = Submit your answers
review-body = You have reached the end of the survey. Press “Submit your answers” to finish, or go back to check or change them.
not-me-title = Not the person invited
not-me-body = This survey is only for the person who was invited. If it reached you by mistake, just close this page; nothing is saved. If you have questions, please call {$phone}.
mail-invitation-subject = Invitation: {$title}
mail-reminder-subject = Reminder: {$title}
mail-greeting = Dear {$name},
mail-invitation-body = {$org} invites you to take part in the survey “{$title}”. It takes about {$min} minutes. Taking part is voluntary.
mail-reminder-body = {$org} invited you earlier to take part in the survey “{$title}”. If you have not answered yet, you still can. If you have, please ignore this email.
mail-link = Answer here:
mail-code = Or go to {$address} and enter the code: {$code}
mail-phone = For help, please call {$phone}.
mail-unsubscribe = To stop receiving these emails: {$link}
mail-apart = Your answers are not linked to your name.
field-acknowledge = I confirm
field-example = For example {$example}
field-place = Rank {$n}
doubt-title = Please check your answers
doubt-text = If your answer is right, press “Continue”. If not, change it.
mistake-time = Enter a time, for example 18:30
mistake-date-time = Enter a date and a time, for example 02/09/2026 18:30
mistake-month = Enter a month and year, for example 09/1985
mistake-year = Enter a year, for example 1985
mistake-ranking-twice = Choose each answer once only for “{$question}”
mistake-best-worst-same = Choose two different answers: one best, one worst
mistake-total = The numbers must add up to {$total}. Yours add up to {$sum}
mistake-doubt = Check your answer to “{$question}”
mistake-members-lost = With this answer we no longer ask about {$names}, and what you told us about them is set aside. It comes back if you change this answer back.

# The list of the members of a roster
members-title = Is there anything to add?
members-none = The list is empty.
members-add = Add another
members-change = Change
members-remove = Remove
members-removed = Removed; the answers are kept until {$you} submit
members-restore = Restore
members-number = Number {$number}

# Files, places, long lists, reasons
field-search = Type part of the name, with or without accents
field-search-ranked = Choose in order: your first choice ranks first.
field-found = Found:
field-found-none = No match. Try another spelling
field-found-more = There are more matches. Type more letters
field-file-kept = The file {$you} sent
field-file-remove = Remove this file
field-file-limit = Up to {$max}
field-file-kinds = File types: {$endings}
field-draw = Sign here with a finger or mouse, or upload a picture of your signature above
field-draw-clear = Clear the signature
field-locate = Use my current location
field-locate-waiting = Finding your location…
field-locate-failed = Your device did not give a location. Type it in the box above
field-reason = If the answer is right, {$you} can say why (optional)
field-task = Choice {$n} of {$all}
mistake-search-none = “{$typed}” is not in the list for “{$question}”. Try another spelling
mistake-search-many = More than one entry matches “{$typed}”. Choose one for “{$question}”
mistake-file-kind = Choose a file of one of these types: {$endings}
mistake-file-size = Choose a file no larger than {$max}
mistake-file-empty = The file is empty. Choose another
mistake-file-broken = The file is damaged. Choose another
mistake-place = Enter latitude and longitude, for example 10.7769, 106.7009
mistake-place-range = “{$typed}” is not a valid location. Enter latitude first (-90 to 90), then longitude
mistake-place-few = Enter at least {$min} locations, one per line
mistake-place-many = Enter no more than {$max} locations
other-person-title = Somebody else's questionnaire is open here
other-person-body = Another person has opened their questionnaire in this browser since. To go on with yours, open your own link or enter your access code again.
other-person-saved-title = Your page is saved
other-person-saved-body = What you entered is saved with your own answers. Another person has opened their questionnaire in this browser since. To go on with yours, open your own link or enter your access code again.
no-cookies-title = This browser keeps no cookies
no-cookies-body = The questionnaire needs one cookie to know which answers are yours, and uses it for nothing else. Allow cookies for this site and open your link again, or use another browser.
mistake-answered-elsewhere = In another window you answered: {$answers}. If you continue, what is shown here takes its place.

trial-name = This is a test
trial-told = Your answers are in no result. The team that writes the questionnaire reads them: please write nothing about real people.
trial-changed = The questionnaire was changed after you began. You go on with the one you began with.
trial-again = Begin again
trial-none-title = This test link does not work
trial-none-body = It has expired or was ended, or the questionnaire has been published. Ask whoever sent it for a new one.
trial-full-title = No more tests can begin now
trial-full-body = As many tests are kept as there can be. Please tell whoever sent you the link.
trial-complete-title = The test is finished
trial-complete-body = Here respondents are thanked and told that their answers have arrived. Nothing was submitted.
trial-screened-title = The interview ends here
trial-screened-body = Respondents with these answers are not asked further. Nothing was submitted.
trial-refused-title = The interview ends here
trial-refused-body = Respondents who do not take part are not asked further, and nothing of theirs is kept.
