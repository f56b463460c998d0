# What to put right in files and forms. The place stands before the sentence.
problem-required = fill this in
problem-email = is not an email address; write it as name@example.org
problem-setup-code = this code is not right; check it in the terminal where Sondage runs
problem-password-common = this password is one of those guessed first; choose several words that do not belong together
problem-password-short = use at least {$min} characters
problem-date = is not a valid date; write it as 31/12/2026
problem-unknown-privacy = choose a privacy level
problem-form-broken = the form did not arrive complete; send it again
problem-form-too-large = the file is too large
problem-whole-number = enter a whole number above 0
problem-margin-columns = the file must have the columns variable, code and share
problem-margin-share = “{$value}” is not a number from 0 to 1
problem-margin-sum = the shares add up to {$sum} and must add up to 1
problem-margin-unknown = there is no question with this name and the code {$code}
problem-empty-file = the file has no rows
problem-contact-column-missing = the frame has no column “{$column}”
problem-small-design-cell = only {$smallest} sampled people share one cluster and weight; an anonymous study needs at least {$min}. Draw more people in each cluster
problem-default-language = the default language “{$language}” is not one of the questionnaire’s languages
problem-untranslated = the {$language} text is missing
problem-untranslated-some = { $count ->
    [one] one text is missing in {$language}; the {$default} text is shown instead
   *[other] {$count} texts are missing in {$language}; the {$default} texts are shown instead
}
problem-unknown-piped-name = the text inserts “{$name}”, but no question has that name
problem-unknown-form = “{$name}” is inserted as “{$form}”; there is no such form (number, date:long, date:month, date:year, and, or, count, plural, choose, upper, lower, capital)
problem-bad-form-case = the cases of “{$form}” must be written key=text;other=text; in a plural the keys are numbers or zero, one, two, few, many, other
problem-form-without-other = “{$form}” has no text for the remaining cases; add other=…
problem-unfit-form = answers to “{$name}” cannot be written as “{$form}”
problem-unnamed = an item has no name; give it one
problem-duplicate-name = more than one item is named “{$name}”; rename one
problem-duplicate-identity = two items have the identity {$identity}
problem-empty-list = the list has no options
problem-duplicate-code = two options have the code “{$code}”; change one
problem-unknown-list = there is no list “{$list}”
problem-empty-battery = the battery has no rows
problem-long-battery = {$rows} rows on one page; use 6 or fewer, so that each is answered with care
problem-no-heading = the table has no heading; people see only its rows
problem-check-rosters = the check reads members of two rosters, neither inside the other; use a sum or count over one of them
problem-not-fielded = “{$feature}” can be imported and exported but not yet asked on pages; remove it, then publish
problem-empty-scale = the scale’s highest point is below its lowest; swap them
problem-empty-grid = the grid has no rows or no columns
problem-empty-range = the minimum is above the maximum; correct them
problem-no-questions = the questionnaire has no questions
problem-empty-page = the page has no questions
problem-no-consent = there is no consent question; add one
problem-forward-reference = the condition “{$expression}” uses an answer that is asked later; move that question up
problem-document-json = is not a questionnaire document: {$reason}
problem-xlsform-unreadable = the file cannot be read as a workbook ({$reason}); save it as .xlsx or .csv
problem-xlsform-encoding = the text is not UTF-8; save the sheet as CSV in UTF-8
problem-xlsform-sheet-missing = the sheet {$sheet} is missing; add it
problem-xlsform-sheet-empty = the sheet is empty; add its header and rows
problem-xlsform-sheet-not-carried = this sheet, or what stands here far below it, is no part of a form that is read; it is kept as a remark, check whether you need it
problem-xlsform-sheet-cut = { $count ->
    [one] this sheet is too large for a remark: its last row is not kept; keep the file
   *[other] this sheet is too large for a remark: its last {$count} rows are not kept; keep the file
}
problem-xlsform-column-missing = the sheet has no column {$name}; add it
problem-xlsform-column-twice = two columns are named {$name}; remove one
problem-xlsform-column-unknown = unknown column; its cells are kept as remarks. Correct the heading if it is misspelt
problem-xlsform-column-not-carried = the cells of this column are kept as remarks; check whether they matter
problem-xlsform-cells-not-carried = { $count ->
    [one] a cell here has no meaning in its row; it is kept as a remark (row {$rows})
   *[other] {$count} cells of this column have no meaning in their rows; they are kept as remarks (rows {$rows})
}
problem-xlsform-no-questions = the form has no questions; add rows to the survey sheet
problem-xlsform-type-missing = the row has no type; write one, such as text or select_one LIST
problem-xlsform-type-unknown = {$name} is not a question type; see the XLSForm reference
problem-xlsform-type-not-carried = the type {$name} is not supported yet; remove the row or ask in another way
problem-xlsform-list-missing = {$name} needs the name of a list, as in {$name} LIST
problem-xlsform-list-unknown = the choices sheet has no list {$list}; add it or correct the name
problem-xlsform-name-missing = the row has no name; write one
problem-xlsform-name-bad = {$name} is not a valid name; start with a letter or _, then use letters, digits, _, - or .
problem-xlsform-name-reserved = {$name} is the name of the form's own metadata; use another name
problem-xlsform-parameter = this parameter is not valid: {$reason}
problem-xlsform-trigger = this trigger is not valid: {$reason}
problem-xlsform-entity = this entity is not valid: {$reason}
problem-xlsform-source-twice = {$name} names values from two sources; rename one of them
problem-xlsform-name-twice = the name {$name} is already used in row {$first}; change one
problem-xlsform-choice-renamed = the code {$option} in list {$list} is already used for another option; this one became {$other}
problem-xlsform-choice-twice = the option {$option} of {$list} is already in row {$first}; change one
problem-xlsform-choice-without-name = the option has no code; write one
problem-xlsform-label-missing = the row has no label; write the text people will read
problem-xlsform-group-open = the group opened here is never closed; add end_group
problem-xlsform-group-not-open = no group is open here; remove the row or open a group before it
problem-xlsform-group-mismatch = a repeat is closed by end_group, or a group by end_repeat; make them match
problem-xlsform-not-a-battery = this table-list group cannot become a battery: { $reason ->
    [mixed] not all its questions are select_one
    [lists] its questions use different lists
    [condition] one of its questions has its own condition
   *[empty] it is empty
}; its questions are asked one by one
problem-xlsform-value-unknown = {$value} is not known here and was left out; use one of {$known}
problem-xlsform-parameter-not-carried = the parameter {$name} is kept only as a remark; check whether you need it
problem-xlsform-calculation-missing = a calculation has no formula; write it in the calculation column
problem-xlsform-xpath = the formula is not valid XPath: {$reason} at character {$at}; correct it
problem-xlsform-xpath-not-carried = {$construct} cannot be converted; the formula is kept as a remark, write it again
problem-xlsform-xpath-unknown-name = no earlier question is named {$name}; correct the name
problem-xlsform-expression = the formula became {$expression}, which has a problem: {$problem}
problem-xlsform-default-language = the default language {$name} has no column; give it one or change the setting
problem-frame-unreadable = cannot be read: {$reason}; save it as CSV in UTF-8
problem-frame-damaged = the workbook is damaged or not whole; open it in its own program and save it again as .xlsx, or as CSV in UTF-8
problem-frame-empty = there are no rows; add the units, one per row
problem-frame-column-missing = there is no column {$column}; the columns are {$columns}
problem-frame-column-twice = two columns are named {$column}; rename one
problem-frame-row-length = row {$row} has {$found} cells, not {$expected}; check its commas and quotes
problem-frame-encoding = row {$row}, column {$column}: not UTF-8; save the file as CSV in UTF-8
problem-frame-id-missing = row {$row}, column {$column}: no unit ID; give every unit an ID
problem-frame-id-twice = row {$row}, column {$column}: ID {$id} is already in row {$first}; remove one row
problem-frame-stratum-missing = row {$row}, column {$column}: no stratum; fill it in
problem-frame-cluster-missing = row {$row}, column {$column}: no cluster; fill it in
problem-frame-size-bad = row {$row}, column {$column}: {$text} is not a number above zero; correct it
problem-frame-more = and {$count} more problems; fix these first
problem-plan-without-stage = the plan has no stage; say what is drawn
problem-plan-unreadable = the {$part} part of the plan cannot be read: {$reason}; see the example in the guide, page Samples
problem-plan-without-frame = the plan has no [frame]; name the frame's columns there: unit, strata, cluster, size
problem-plan-stages = the plan has {$found} stages; use one, or clusters and then units
problem-plan-stage-order = stage {$stage}: clusters are drawn before units; put them in that order
problem-plan-without-clusters = stage {$stage} draws clusters but the frame has none; name the cluster column
problem-plan-without-size = stage {$stage} draws in proportion to size but the frame has none; name its column
problem-plan-allocation-late = stage {$stage}: only the first stage is allocated to strata; give a number per cluster
problem-plan-without-allocation = stage {$stage}: the first stage needs a total and an allocation; give both
problem-plan-draws-nothing = stage {$stage}: nothing would be drawn; give a number above zero
problem-plan-total-too-small = stage {$stage}: a total of {$total} cannot give each of {$strata} strata {$minimum}; draw at least {$least}
problem-plan-over-population = stratum {$stratum}: {$wanted} to draw but only {$available} available; lower the total or change the allocation
problem-plan-stratum-left-out = stratum {$stratum}: nothing would be drawn; set a minimum of 1 or merge strata
problem-plan-unknown-stratum = the plan names the stratum {$stratum}, which is not in the frame; remove it
problem-plan-stratum-without-number = stratum {$stratum}: the plan gives no number for it; add one
problem-plan-bad-deviation = stratum {$stratum}: {$value} is not a standard deviation; give a number above zero
problem-plan-bad-exponent = the power allocation exponent is {$value}; it must be from 0 to 1
problem-plan-over-cluster = stratum {$stratum}, cluster {$cluster}: {$wanted} to draw but only {$available} available; draw fewer, merge clusters, or take all in small ones
problem-plan-over-phase = second phase, stratum {$stratum}: {$wanted} to draw but the first phase has only {$available}; draw fewer, or merge strata
problem-plan-one-cluster = stratum {$stratum}: one cluster is drawn, so no variance can be estimated there; set minimum = 2, or merge strata
problem-plan-one-unit = stratum {$stratum}: one unit is drawn, so no variance can be estimated there; set minimum = 2, or merge strata
problem-plan-one-complete = stratum {$stratum}: {$completes} completed interviews are expected, so it may be that no variance can be estimated there; draw more, or merge strata
problem-plan-one-inside = stage {$stage}: one unit is drawn from each list, so the variance of this stage cannot be estimated; draw two
problem-plan-not-of-extension = a plan of an extension has either stages or a second phase, beside [frame] and nothing else; leave the rest out
problem-sample-release = {$value} replicates cannot be released: {$released} of {$most} are in the field; give a number above that
problem-sample-reserve-released = replicate {$replicate}, which is in reserve, is released, so its units take nobody’s place
problem-sample-has-phase = the sample has a second phase; nothing is drawn after that
problem-sample-phase-repeats = a second phase goes with draws without replacement; choose another method
problem-sample-takes-clusters = the sample takes its clusters whole, so nothing is left to be drawn inside; draw the clusters as units of a list of clusters
problem-sample-listed-otherwise = the lists before were drawn from by other stages or columns; use the same plan for all clusters
problem-list-clusters-unknown = the list has {$count} clusters that were not drawn: {$first}; remove them or correct their names
problem-list-clusters-waiting = the list has {$count} clusters that are not in the field: {$first}; release them first, or remove them
problem-list-clusters-twice = the list has {$count} clusters of which a list came before: {$first}; remove them
problem-list-units-unknown = the list has {$count} units that are not in the field: {$first}; remove them or correct their IDs
problem-size-out-of-range = {$quantity} is {$value}; it must be {$bounds}
problem-expression-empty = “{$expression}”: there is no expression; write a condition or leave the cell empty
problem-expression-too-long = “{$expression}”: longer than {$limit} characters; move parts into calculations of their own
problem-expression-too-deep = “{$expression}”: nested more than {$limit} deep; move parts into calculations of their own
problem-expression-unexpected-character = “{$expression}”: unexpected character {$character}; remove it, or put text in quotes
problem-expression-unexpected-token = “{$expression}”: unexpected {$found}; remove it, or put text in quotes
problem-expression-unexpected-end = “{$expression}”: the expression is incomplete; finish it
problem-expression-unclosed-parenthesis = “{$expression}”: a parenthesis is not closed
problem-expression-unclosed-name = “{$expression}”: a name in braces is not closed
problem-expression-number-too-large = “{$expression}”: the number {$number} is too large
problem-expression-unterminated-text = “{$expression}”: a text has no closing quote
problem-expression-unknown-name = “{$expression}”: no question is named {$name}; correct the name, or put text in quotes
problem-expression-no-self = “{$expression}”: the dot (.) has no value here; name the question
problem-expression-roster-alone = “{$expression}”: {$name} is a roster, not a question
problem-expression-unknown-function = “{$expression}”: there is no function {$name}; see the list of functions
problem-expression-argument-count = “{$expression}”: {$function} does not take {$found} arguments
problem-expression-wrong-type = “{$expression}”: expected {$expected}, found {$found}
problem-expression-not-comparable = “{$expression}”: {$left} cannot be compared with {$right}; convert with number(x) or text(x)
problem-expression-not-ordered = “{$expression}”: {$found} has no order; only numbers, dates and times can be compared
problem-expression-set-comparison = “{$expression}”: a multiple choice cannot be compared; use selected(question, 'option')
problem-expression-options-of-other-list = “{$expression}”: options of {$left} and of {$right} come from different lists and cannot be compared
problem-expression-needs-question = “{$expression}”: {$function} is about one question; name it
problem-expression-unknown-option = “{$expression}”: {$list} has no option {$option}; the options are {$options}
problem-expression-chained-comparison = “{$expression}”: comparisons cannot be chained; use between(x, low, high)
problem-expression-pattern-not-written = “{$expression}”: put the pattern in quotes
problem-expression-bad-pattern = “{$expression}”: the pattern {$pattern} is not valid: {$reason}
problem-expression-bad-date = “{$expression}”: {$text} is not a date; write date('2026-11-23')
problem-expression-bad-time = “{$expression}”: {$text} is not a time; write time('18:30')
problem-expression-cycle = “{$expression}”: these depend on each other in a loop: {$names}; remove one of the links
problem-unknown-role = is not a role; use one of {$roles}
problem-import-no-file = there is no file; choose one
problem-import-which-file = choose one file, or survey.csv with choices.csv and settings.csv
problem-import-no-questionnaire = this is {$what}, not a questionnaire that can be read; export the questionnaire itself from its original system
problem-import-unreadable = the file cannot be read ({$reason}); export it again from its original system
problem-import-formula = {$role} “{$original}” cannot be converted ({$reason}); it is kept as a remark, write it again
problem-import-remark = kept only as a remark ({$role}): {$original}; check whether you need it
problem-import-remarks = kept only as a remark ({$role}), {$count} times, the first: {$original}; check whether you need it
problem-import-part = this file could not be read ({$reason}) and what it says is missing; open it in its own program, save it and import again
problem-import-left = {$property} has no counterpart here and is kept as a remark ({$count} in all, the first value: {$value}); check whether you need it
problem-import-left-looks = settings of how the other system shows or stores the survey are kept as a remark ({$count} in all: {$properties})
problem-import-word = {$lines} lines were read by their looks, {$questions} of them as questions; go through them once
problem-import-directions = {$count ->
    [one] one direction became a condition
   *[other] {$count} directions became conditions
} and stay as remarks too; check them
problem-import-type = the question type {$type} is not known; check what it became
problem-import-options-elsewhere = the options are not in the file; the question is asked as text, add the options as a list
problem-import-relationships = relationships are asked once for each member, not for each pair; check whether that is enough
problem-import-checkbox = the text field can hold several of its codes, so it became a multiple choice; check whether that is right
problem-import-hidden = this question is hidden in its original system but would be asked here; give it a condition or remove it
problem-import-markup = formatted texts became plain text; check those with tables, pictures or links
problem-import-unused = left out, as in the trash or outside every block: {$count} in all; move a question into a block if it is asked
problem-import-unshown = the flow never shows the block {$block}; it was left out
problem-import-section-empty = { $count ->
    [one] a section without questions was left out; its title and condition are kept as a remark
   *[other] {$count} sections without questions were left out; their titles and conditions are kept as remarks
}
problem-import-list-unused = { $count ->
    [one] no question chooses from this list; it was left out and is kept as a remark
   *[other] no question chooses from {$count} lists; they were left out and are kept as remarks
}
problem-import-roster-unused = { $count ->
    [one] nothing is asked about this roster; it was left out and is kept as a remark
   *[other] nothing is asked about {$count} rosters; they were left out and are kept as remarks
}
problem-import-shared = the variants of this question share one answer: they are questions of their own here, and {$name} is what was answered in any of them
problem-import-read-too-early = { $count ->
    [one] a condition reads what is asked only later; as in the other system, it is decided without that answer. Move the question if that is not meant
   *[other] {$count} conditions read what is asked only later; as in the other system, they are decided without those answers. Move the questions if that is not meant
}
problem-import-default-too-early = { $count ->
    [one] a default reads what is known only later, so it has no value when the question is asked; it was left out and is kept as a remark
   *[other] {$count} defaults read what is known only later, so they have no value when their questions are asked; they were left out and are kept as remarks
}
problem-import-constraints-moved = { $count ->
    [one] a check of an answer names what is asked only later; it is made there, or at the end, and is kept as a remark here
   *[other] {$count} checks of answers name what is asked only later; they are made there, or at the end, and are kept as remarks here
}
problem-import-values-moved = { $count ->
    [one] a value that nobody is asked was moved to where what it reads is known
   *[other] {$count} values that nobody is asked were moved to where what they read is known
}
problem-import-questions-moved = { $count ->
    [one] a question or section was moved so that it is asked after the answers that decide about it
   *[other] {$count} questions or sections were moved so that they are asked after the answers that decide about them
}
problem-import-renamed = { $count ->
    [one] the name “{$before}” had to change to “{$after}”; what reads it follows
   *[other] {$count} names had to change, such as “{$before}” to “{$after}”; what reads them follows
}
problem-import-code-renamed = the code “{$before}” stands for several options; one of them became “{$after}”, and what reads it follows
problem-import-split = options that depend on others of the same question became the question {$name} right behind it
problem-import-language = the texts name no language; they were taken as {$language}. Choose another at import if that is wrong
problem-import-language-unknown = the texts name no language and do not show it; they were taken as {$language}. Choose another at import if that is wrong
problem-import-message = { $count ->
    [one] one check says nothing to people; a general message was added
   *[other] {$count} checks say nothing to people; a general message was added
}
problem-import-without-text = { $count ->
    [one] one text is missing in every language; the name or code is shown instead
   *[other] {$count} texts are missing in every language; names and codes are shown instead
}
problem-import-default-text = { $count ->
    [one] one text is missing in {$language}, the language shown first; another language is shown instead
   *[other] {$count} texts are missing in {$language}, the language shown first; another language is shown instead
}
problem-import-member-value-left-out = { $count ->
    [one] one hidden value would be given to each member of a roster, which no link can do; nothing reads it, so it was left out
   *[other] {$count} hidden values would be given to each member of a roster, which no link can do; nothing reads them, so they were left out
}
problem-import-member-value = { $count ->
    [one] one value would be given to each member of a roster, which no link can do; it stays blank. Work it out from answers, or remove what reads it
   *[other] {$count} values would be given to each member of a roster, which no link can do; they stay blank. Work them out from answers, or remove what reads them
}
problem-import-kept-value = { $count ->
    [one] one value that the interview keeps is read by a condition; it must come with the link
   *[other] {$count} values that the interview keeps are read by conditions; they must come with the link
}
problem-export-lost = {$what} cannot be written in that format and was left out: {$original}
problem-export-changed = { $count ->
    [one] {$what} is different when the file is read again: “{$before}” becomes “{$after}”
   *[other] {$what} is different in {$count} places when the file is read again: “{$before}” becomes “{$after}”
}
problem-export-gone = { $count ->
    [one] {$what} is not there when the file is read again
   *[other] {$what} is not there in {$count} places when the file is read again
}
problem-export-not-read-again = the file was written, but cannot be read again here: {$reason}. Compare it with the questionnaire before it is used
problem-repair-move = it reads what is asked later and is asked right behind “{$after}”
problem-repair-row = the condition of this row reads a row further down; it is asked right behind “{$after}”
problem-repair-condition = {$what} is taken away, and what it decided is no longer decided: “{$before}”
problem-repair-value = it is no longer worked out by “{$before}” but expected with the link, under its name
problem-repair-name = “{$before}” was there twice; the second becomes “{$after}”, also where its section uses it
problem-repair-identity = its identity was that of something else; it gets one of its own
problem-repair-text = the missing text in {$language} becomes “{$after}”
problem-repair-language = the language shown first: “{$before}” becomes “{$after}”
problem-repair-options = the list had no options; it gets those that conditions ask about: {$after}
problem-repair-kind = it offered options that are not there ({$before}); it is asked as a text
problem-repair-code = the code “{$before}” was there twice; the second becomes “{$after}”
problem-repair-bounds = the bounds {$before} hold nothing; they become {$after}
problem-repair-once = the list of members “{$before}” is not there or already around it; it is asked once
problem-repair-members = what its members came from (“{$before}”) is not there; the respondent adds them
problem-repair-search = the list is too long to be shown whole; it is searched by typing
problem-repair-insertion = “{$before}” in its text becomes “{$after}”
problem-repair-question = it is taken away: “{$before}”
problem-repair-page = the page has no questions and is taken away
problem-repair-list = the list has no options and nothing uses it; it is taken away
problem-export-format = this file extension is not supported; use .json, .xlsx, .xml or .html
problem-xlsform-options-elsewhere = the options are not in the form ({$file}); the question is asked as text, add the options as a list
problem-no-file = choose a file
problem-unknown-roster = there is no roster “{$name}”
problem-roster-in-itself = this section repeats for each “{$name}” but lies inside a section that already does; separate them
problem-outside-value = another program gives this value: add it to the links, as ?{$name}=…
problem-no-value = nothing gives this hidden value; give it a source or a default, or remove it
problem-roster-question = “{$name}” is not a choice question, so its options cannot be the members
problem-selection-lacks = choosing by {$rule} needs “{$what}” of each member
problem-selection-inside = who is asked cannot be chosen inside a roster; put this question after the roster it chooses from
problem-item-count-alone = everyone sees the same items, so no share can be estimated; show one extra item to one arm of a split ballot
problem-choice-set-profiles = {$profiles} alternatives are compared: there must be two or more, and one option in the list for each; the list has {$options}
problem-choice-set-tasks = {$tasks} choice tasks are asked; use 1 to 20
problem-choice-set-attributes = the alternatives do not differ; give an attribute two or more levels
problem-roster-text = “{$name}” is not a text question, so it cannot hold the members’ names
problem-roster-others = the roster of the others of “{$name}” must be asked inside a section that repeats for each “{$name}”
problem-outside-roster = “{$name}” is asked once for each member and has no single value here; use a sum or count of all members’ answers
problem-media-file = is not a picture, audio or video file that browsers can show, or is larger than 10 MB
problem-media-missing = the questionnaire uses this file; upload it before you open the survey
problem-two-questions = {$language}: more than one question in one: “{$what}”
problem-and-or = {$language}: “{$what}” joins two things in one question
problem-leading = {$language}: “{$what}” suggests an answer
problem-absolute = {$language}: “{$what}” is too absolute
problem-long-sentence = {$language}: long sentence: “{$what}”
problem-double-negation = {$language}: double negative: “{$what}”
problem-abbreviation = {$language}: “{$what}” is not explained
problem-no-way-out = { $n ->
    [one] one required question offers neither “don’t know” nor “prefer not to say”: {$names}
   *[other] {$n} required questions offer neither “don’t know” nor “prefer not to say”: {$names}
}
problem-unbalanced-scale = unbalanced scale: {$up} favourable and {$down} unfavourable answers
problem-ranges-overlap = {$one} and {$other} overlap
problem-ranges-gap = {$one} and {$other} leave a gap
problem-frame-role-twice = column “{$column}”: another column already has this role; choose one of them
problem-frame-contact-kept = column “{$column}” identifies a person and is never stored with answers; clear “Use in the questionnaire”
problem-frame-no-unit = no column is set as the unit ID; choose one
problem-frame-half-place = latitude and longitude go together; choose both or neither
problem-xliff-unreadable = the XLIFF file cannot be read: line {$row}, column {$column} is wrong
problem-xliff-other-root = the file begins with <{$name}>, so it is not XLIFF
problem-xliff-other-version = XLIFF {$version} cannot be read; save it as 1.2 or 2.0
problem-translation-without-texts = the file has no texts
problem-translation-columns = the column id, source (…) or translation (…) is missing; download the file from this page and keep its first row
problem-translation-other-source = the file translates from “{$said}”, but the questionnaire is written in “{$own}”
problem-translation-other-target = the file translates into “{$said}”, but the questionnaire has: {$own}
problem-number-typed = must be a number
problem-number-ambiguous = “{$typed}” may be {$whole} or a decimal number; enter {$whole} or {$decimal}
problem-release-count = choose a replicate from {$from} to {$to}
problem-substitution-answered = {$unit} has begun to answer; a unit that answers is not replaced
problem-area-person = this person has no role in the study; choose someone else
problem-area-none = no area is selected; select at least one
problem-frame-numbers-unclear = column “{$column}” of the frame is used as numbers, and {$count} of its cells can be two numbers, such as {$text}; the sample was drawn before numbers were asked for. Take the column as text
problem-frame-column-not-kept = the questionnaire uses the column “{$column}” of the frame; select “Use in the questionnaire” for it

# Words of the plan and of sizes, as problems name them.

phrase-method-with-a-second-phase = the method with a second phase
phrase-without-replacement = without replacement
phrase-strata-of-stage-1 = strata of stage 1
phrase-the-frame-s-named-there = the strata of the frame, declared there
phrase-coordinates = coordinates
phrase-none = none
phrase-one-column-or-more = one or more columns
phrase-start = start
phrase-from-0-to-below-1 = from 0 to below 1
phrase-replicates = replicates
phrase-at-least-1-and-one-more-than-in-reserve = at least 1, and one more than in reserve
phrase-substitution = substitution
phrase-without-a-reserve = without a reserve
phrase-from-replicates-in-reserve = from replicates in reserve
phrase-multiplicity = multiplicity
phrase-1-or-more = 1 or more
phrase-number-of-replicates-to-release = number of replicates to release
phrase-not-allowed = not allowed
phrase-allowed-by-the-plan-before-the-draw = allowed by the plan before the draw
phrase-without-a-reason = without a reason
phrase-given-one = given a reason
phrase-a-unit-of-the-sample-that-is-not-in-reserve = a unit of the sample that is not in reserve
phrase-a-unit-that-was-not-replaced-before = a unit that has not been replaced before
phrase-of-a-stratum-and-cluster-with-a-reserve-left = a unit of a stratum and cluster that still has a reserve
phrase-proportion = proportion
phrase-intraclass-correlation = intraclass correlation
phrase-share-in-the-domain = share in the domain
phrase-share-that-is-eligible = share that is eligible
phrase-share-that-is-reached = share contacted
phrase-share-that-responds = share responding
phrase-confidence = confidence level
phrase-above-0-and-below-1 = above 0 and below 1
phrase-cost = cost
phrase-0-or-more = 0 or more
phrase-deviation = standard deviation
phrase-deviation-1 = standard deviation 1
phrase-deviation-2 = standard deviation 2
phrase-proportion-1 = proportion 1
phrase-proportion-2 = proportion 2
phrase-difference = difference
phrase-power = power
phrase-correlation = correlation
phrase-ratio = ratio
phrase-overlap = overlap
phrase-margin = margin of error
phrase-population = population size
phrase-response = response rate
phrase-design-effect = design effect
phrase-above-0 = above 0
phrase-above-0-and-at-most-1 = above 0 and at most 1
phrase-from-0-to-1 = from 0 to 1
phrase-smaller-than-the-margin = smaller than the margin of error
phrase-other-than-0 = other than 0
phrase-other-than-the-margin = other than the margin of error
phrase-above-one-less-the-confidence = above 1 minus the confidence level
phrase-lower-nothing-varies = lower: there is no variation
problem-confirm-number = the number does not match; type {$number} as shown on the page
problem-confirm-name = the name does not match; type “{$name}”
problem-plan-other = another plan or another frame has been saved since you opened this page; your form is shown again unchanged, check it against the saved plan
problem-plan-changed = the form has changed since the plan was saved; save it and see what to expect before you draw
problem-plan-text-changed = the text of the plan has changed too, and saving the form would lose it; save the text, or undo its changes
problem-plan-fields-changed = the form has changed too, and saving the text would lose it; save the form, or undo its changes
problem-reminder-gap = The last message was sent on {$last}. Wait { $days ->
    [one] one day
   *[other] {$days} days
} before the next.
problem-clock = Not a moment. Write it as 2027-01-15T08:00:00+07:00.
problem-anonymous-asks-identity = an anonymous study must not ask who people are, but these questions do: {$questions}; remove them, choose another privacy level, or give a reason
problem-anonymous-small-list = the sampling frame lists only {$units} people: an anonymous study cannot hide who answered among so few; use a longer list, or another privacy level
problem-not-a-language = “{$code}” is not the code of a language; give one such as vi, en or pt-BR
phrase-variation-of-units = coefficient of variation of what is measured
phrase-variation-wanted = coefficient of variation wanted
phrase-changed-1 = share from yes to no
phrase-changed-2 = share from no to yes
phrase-changed-together = the two shares together
phrase-at-most-1 = at most 1
phrase-cluster-size = people of a cluster
phrase-cluster-variation = coefficient of variation of the clusters’ sizes
phrase-cluster-cost = cost of a cluster
phrase-person-cost = cost of a person in a cluster
problem-gap-range = must be from 0 to {$most} days
problem-closed-has-its-day = the survey is closed: its last day stays as it is
problem-day-is-past = this day is past; to end the survey now, close it
problem-settings-changed-since = somebody has changed these settings since you opened the page; what you typed is still here: look at it and save again
problem-edit-too-large = the questionnaire would have more than {$most} parts; divide it
problem-edit-too-many = more than {$most} changes at once; paste a part at a time
problem-edit-too-long = a text has more than {$most} characters; shorten it
problem-edit-value = “{$value}” cannot be used here; nothing has been changed
problem-edit-nothing-pasted = there is no question in what was pasted; put each question on a line of its own
problem-sign-off-gone = the draft is not translated into that language any more, or nobody stands for it; this is how it is now
problem-sign-off-changed = the texts have changed since this page was opened; look at them as they are now, then sign off
problem-sign-off-missing = {$count ->
    [one] a text is missing in this language; write it before signing off
   *[other] {$count} texts are missing in this language; write them before signing off
}
problem-edit-no-wording = write what is asked
problem-edit-no-such-number = there is no question {$number}; type a number from the outline
problem-edit-nothing-ticked = tick the questions in the outline first
problem-edit-target-moves = question {$number} moves itself; type one that stays
problem-edit-shares-its-page = one of them stands on a page with others that stay, so it has no page to take along; move it after a question
problem-edit-no-options = question {$number} has no options; type the number of one that has
problem-draft-conflicts = { $count ->
    [one] one text has two versions; choose one in the outline
   *[other] {$count} texts have two versions; choose one of each in the outline
}
problem-draft-changed-since = the draft has been changed since this page was opened; look at the changes and publish again
problem-condition-no-question = choose a question, or delete the line
problem-condition-no-comparison = choose how the answer is compared
problem-condition-no-value = choose or type what the answer is compared with
problem-condition-value = “{$value}” is no such answer; type it as respondents do
problem-condition-too-early = {$question} is asked later, so it is still blank here; move it up, or ask about another
problem-condition-gone = what this condition belongs to is not there any more: somebody has deleted it
problem-condition-changed-since = somebody has changed this condition since; nothing has been saved. What you chose is still here; saving again puts it in the place of theirs
problem-condition-does-not-fit = it cannot have such a condition
problem-review-nobody = This study publishes only what experts have read: ask one under Review
problem-review-not-good = This study publishes only when every expert who may comment says that the questionnaire is good: { $names }
problem-review-demands = { $count ->
    [one] One comment says that something must change, and nobody has resolved it
   *[other] { $count } comments say that something must change, and nobody has resolved them
 }
problem-too-many-experts = A study can have { $most } experts at most.
problem-comment-too-long = A comment can have { $most } characters at most.
problem-too-many-comments = A study can have { $most } comments at most.
problem-comment-gone = This comment is no longer there.
problem-comment-answered = This comment has been answered: it can be resolved, not deleted.
problem-question-gone = This question is no longer in the questionnaire.

problem-too-many-trials = { $most } tests of a draft are kept; no more can begin.
problem-trial-too-large = This test has become too large to be kept. Begin again.
problem-state-name-too-long = A name can have { $most } characters at most.
problem-block-nothing-chosen = This is nothing that a block can be made of. Choose a question or a section in the outline.
problem-block-name-too-long = The name has more than {$most} characters. Shorten it.
problem-block-name-taken = Another block of this unit has this name. Choose another.
problem-too-many-blocks = This unit has {$most} blocks, and no more are kept.
problem-block-note-too-long = The note has more than {$most} characters. Shorten it.
problem-block-nothing-shared = No question here comes from this block. Save it as a block of its own.
problem-block-same = Nothing is different from the newest version of this block.
problem-state-name-taken = Another state has this name. Choose another.
problem-too-many-states = A questionnaire can have { $most } named states at most. Take a name away first.
problem-state-too-far = More than { $most } edits lie between: so far back the draft cannot be brought.
problem-state-not-kept = It is not known which edits this version holds, so the draft cannot be brought back to it.
problem-colour-unread = is not a colour: write six digits, such as #0b5a66
problem-colour-contrast = is too light to be read on a light page (contrast below {$least} to 1); the nearest that can be read is {$nearest}
problem-logo-large = has more than {$most} kB
problem-logo-no-picture = is not a picture that browsers show
problem-logo-words = is missing: write it for whoever does not see the logo

# The questionnaire as text
problem-written-bracket = a code has no closing bracket; write it as [code]
problem-written-not-read = “{$text}” is not understood here; a wording comes right after the line of its question, and | continues the text above
problem-written-list-code = a list needs a code; write @ [code]
problem-written-kind = there is no kind of question “{$kind}”; the kinds are listed below
problem-written-setting = “{$text}” is not understood after the kind; write “must be answered”, “may be left blank” or “number” and the number
problem-written-misplaced = “{$text}:” does not belong here; write it under a question
problem-written-title-twice = the questionnaire has a title already; use one line that begins with =
problem-written-long = the text has more than {$most} million characters; paste a part of it at a time
problem-written-not-made = the text cannot be taken as a whole; apply some of its changes first, then the others
problem-written-depth = a section is deeper than the one around it allows; use one # more at the most
problem-written-end = no section of that depth is open here
problem-written-no-section = there is no section yet; begin one with #
problem-written-no-question = there is no question or list to which this belongs
problem-written-code-twice = the code {$code} is also in line {$line}; give one of them another
problem-written-code = {$code} cannot be a code; use letters, digits and _, beginning with a letter
problem-written-list-twice = the options of the list {$list} are also in line {$line}; write them once
problem-written-no-list = there is no list {$list}; write it as @ [{$list}] with its options
problem-written-kind-fixed = a question cannot be turned into this kind here; add it in the outline
problem-written-no-calculation = only a value worked out from answers is calculated
problem-written-no-options = a question of this kind has no options of its own
problem-written-no-rows = a question of this kind has no rows
problem-sheet-no-head = there is no row of headings above this; a table of questions needs the headings “code” and “kind”, a table of options “list” and “code”
problem-sheet-head-twice = a table with these headings begins in row {$row} already; put its rows there
problem-sheet-column = there is no column “{$column}”; delete it, or use a heading that is listed below
problem-sheet-column-twice = the column “{$column}” is there twice; keep one
problem-sheet-language = the questionnaire has no language {$language}; add it on the page Translation, or delete the column
problem-sheet-no-heading = this column has no heading; write one, or empty its cells
problem-sheet-kind-missing = a row needs its kind, such as “section”, “page” or “choose one”; the kinds are listed below
problem-sheet-not-here = a row of this kind says nothing in this column; empty the cell
problem-sheet-required = “{$text}” is not understood; write “must be answered”, “asked once more” or “may be left blank”, or leave the cell empty
problem-sheet-missing = “{$text}” is no way not to answer; write “don’t know”, “prefer not to say” or “does not apply”
problem-sheet-one-reason = an option counts as no answer for one reason; keep one
problem-sheet-list-missing = an option needs the name of its list
problem-sheet-list-gone = the list {$list} has no rows any more, and the question {$question} chooses from it; keep a row of it, or give the question another list
problem-sheet-no-list = there is no list {$list}; give it rows in the table of options
problem-sheet-limits = this question has several limits; change them in the outline
problem-sheet-message-alone = a message needs the limit it belongs to; write one, or empty the message
problem-sheet-title-twice = the questionnaire has one title; keep one row of this kind
problem-sheet-depth = a section is deeper than the one around it allows; go one level deeper at the most
problem-sheet-end = no section of this level is open here
problem-sheet-no-section = there is no section yet; put a row of the kind “section” above
problem-sheet-no-question = there is no question to which this row belongs
problem-sheet-code-twice = the code {$code} is also in row {$line}; give one of them another
problem-sheet-long = the table has more than {$most} million characters; paste a part of it at a time
problem-sheet-not-made = the table cannot be taken as a whole; apply some of its changes first, then the others
