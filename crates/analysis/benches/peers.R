# R's survey on the files of the bench `peers`; see peers.sh for what it prints.
suppressPackageStartupMessages({ library(survey); library(data.table) })
directory <- commandArgs(TRUE)[1]
peer <- paste("R survey", packageVersion("survey"))
say <- function(task, seconds, note) cat(peer, task, seconds, note, sep = "\t", fill = FALSE)
report <- function(task, times, note, work) {
  seconds <- tryCatch(
    as.character(times * system.time(work())[["elapsed"]]),
    error = function(problem) {
      message(conditionMessage(problem))
      "failed"
    }
  )
  say(task, seconds, note)
  cat("\n")
}

rows <- as.data.frame(fread(file.path(directory, "rows.csv")))
margins <- as.data.frame(fread(file.path(directory, "margins.csv")))
coded <- grep("^[qbm][0-9]+$", names(rows), value = TRUE)
rows[coded] <- lapply(rows[coded], factor)
target <- function(name) {
  own <- margins[margins$variable == name, ]
  answer <- data.frame(factor(own$level), own$total)
  names(answer) <- c(name, "Freq")
  answer
}
# The first rows alone, where all of them would take minutes; seconds are scaled by the rows.
first <- function(most) rows[seq_len(min(most, nrow(rows))), ]
design_of <- function(data) {
  svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
}
raked <- function(names, design) {
  rake(design, lapply(names, function(name) reformulate(name)), lapply(names, target),
    control = list(maxit = 500, epsilon = 1e-10, verbose = FALSE))
}
table_of <- function(question, banner, design) {
  shares <- svyby(reformulate(question), reformulate(banner), design, svymean,
    na.rm = TRUE, vartype = c("se", "ci"))
  svychisq(reformulate(c(question, banner)), design, statistic = "F")
  shares
}

design <- design_of(rows)
report("tables", 50, "2 of 100 tables", function() {
  table_of("q1", "b1", design)
  table_of("q3", "b2", design)
})
report("rake3", 1, "", function() raked(c("b1", "b2", "b4"), design))
# Each round makes the table of all margins crossed, 2.9 million cells, so rows hardly count: fewer rows
# give a time below that of all.
few <- design_of(first(20000))
report("rake10", 1, "the first 20,000 rows, not scaled: at least", function() {
  raked(unique(margins$variable), few)
})
few <- first(100000)
after <- raked(c("b1", "b2", "b4"), design_of(few))
few_times <- 100 * nrow(rows) / nrow(few)
few_note <- paste("1 of 100 tables, without its test, the first", nrow(few), "rows")
report("after", few_times, few_note, function() {
  svyby(~q1, ~b1, after, svymean, na.rm = TRUE, vartype = c("se", "ci"))
})
rm(after)
report("quantiles", 125, "1 of 5 columns in 2 of 50 domains", function() {
  svyby(~y1, ~domain, subset(design, domain <= 2), svyquantile,
    quantiles = c(0.25, 0.5, 0.75), ci = TRUE, vartype = "ci")
})
terms <- grep("^x[0-9]+$", names(rows), value = TRUE)
report("logistic", 1, "", function() {
  svyglm(reformulate(terms, "outcome"), design, family = quasibinomial())
})
replicated <- as.svrepdesign(design_of(few), type = "subbootstrap", replicates = 200)
report("bootstrap", few_times, paste0(few_note, ", replicates made before"), function() {
  svyby(~q1, ~b1, replicated, svymean, na.rm = TRUE, vartype = c("se", "ci"))
})
