# R's survey on the files of the bench `peers`; see peers.sh for what it prints.
suppressPackageStartupMessages({ library(survey); library(data.table) })
directory <- commandArgs(TRUE)[1]
peer <- paste("R survey", packageVersion("survey"))
say <- function(task, seconds, note) cat(peer, task, seconds, note, sep = "\t", fill = FALSE)
report <- function(task, times, note, work) {
  seconds <- tryCatch(
    as.character(times * system.time(work())[["elapsed"]]),
    error = function(problem) "failed"
  )
  say(task, seconds, note)
  cat("\n")
}

rows <- as.data.frame(fread(file.path(directory, "rows.csv")))
margins <- as.data.frame(fread(file.path(directory, "margins.csv")))
coded <- grep("^[qbm][0-9]+$", names(rows), value = TRUE)
rows[coded] <- lapply(rows[coded], factor)
design <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, data = rows)
target <- function(name) {
  own <- margins[margins$variable == name, ]
  answer <- data.frame(factor(own$level), own$total)
  names(answer) <- c(name, "Freq")
  answer
}
raked <- function(names) {
  rake(design, lapply(names, function(name) reformulate(name)), lapply(names, target),
    control = list(maxit = 500, epsilon = 1e-10, verbose = FALSE))
}
table_of <- function(question, banner, design) {
  shares <- svyby(reformulate(question), reformulate(banner), design, svymean,
    na.rm = TRUE, vartype = c("se", "ci"))
  svychisq(reformulate(c(question, banner)), design, statistic = "F")
  shares
}

report("tables", 50, "2 of 100 tables", function() {
  table_of("q1", "b1", design)
  table_of("q3", "b2", design)
})
report("rake3", 1, "", function() raked(c("b1", "b2", "b4")))
report("rake10", 1, "", function() raked(unique(margins$variable)))
after <- raked(c("b1", "b2", "b4"))
report("after", 100, "1 of 100 tables, without its test", function() {
  svyby(~q1, ~b1, after, svymean, na.rm = TRUE, vartype = c("se", "ci"))
})
rm(after)
report("quantiles", 125, "1 of 5 columns in 2 of 50 domains", function() {
  svyby(~y1, ~domain, subset(design, domain <= 2), svyquantile,
    quantiles = c(0.25, 0.5, 0.75), ci = TRUE, vartype = "ci", keep.var = FALSE)
})
terms <- grep("^x[0-9]+$", names(rows), value = TRUE)
report("logistic", 1, "", function() {
  svyglm(reformulate(terms, "outcome"), design, family = quasibinomial())
})
replicated <- as.svrepdesign(design, type = "subbootstrap", replicates = 200)
report("bootstrap", 100, "1 of 100 tables, replicates made before", function() {
  svyby(~q1, ~b1, replicated, svymean, na.rm = TRUE, vartype = c("se", "ci"))
})
