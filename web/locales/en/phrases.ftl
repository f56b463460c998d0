# Words that stand inside other sentences: what a quantity is called, what a value must be, why something is so.
phrase-between = between {$low} and {$high}
phrase-above = above {$low}
phrase-from-to = from {$low} to {$high}
phrase-from-1-to-those-of-the-plan = from 1 to the {$most} of the plan
phrase-all = all strata
phrase-name-at-least-one-variable = name at least one variable
phrase-standard-error-of = standard error of {$name}
phrase-cost-in = cost in {$stratum}
phrase-joint-probabilities = computing joint probabilities
phrase-quota-sample = quota
phrase-open-link-sample = open-link
phrase-replicates-with-some-in-reserve = {$replicates} with {$reserve} in reserve
phrase-number-for-a-unit = {$number} for unit {$unit}
phrase-a-number = a number
phrase-side-of-a-cell = side of a cell
phrase-above-0-for-one-of-them = above 0 for at least one of them, so that the budget has a price
phrase-row = row {$row}
