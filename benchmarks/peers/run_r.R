# R survey: raking, tables and replicates as its documentation does them.
# Rscript run_r.R FOLDER TASK [question:break ...]; prints its figures as one line of JSON.
suppressMessages(library(survey))
options(digits = 17)
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]; task <- arguments[2]; tables <- strsplit(arguments[-(1:2)], ":")

bytes <- function(name, what, size, n) readBin(file.path(folder, name), what, n, size)
columns <- read.csv(file.path(folder, "columns.csv"))
targets <- read.csv(file.path(folder, "targets.csv"))
n <- file.size(file.path(folder, "start.float64")) / 8
panel <- data.frame(start = bytes("start.float64", "double", 8, n), school = bytes("school.int32", "integer", 4, n),
                    stratum = bytes("stratum.int32", "integer", 4, n))
needed <- c(unique(targets$name), unlist(tables))
codes <- file(file.path(folder, "codes.int8"), "rb")
for (i in seq_len(nrow(columns))) {
  code <- readBin(codes, "integer", n, 1)
  if (columns$name[i] %in% needed) panel[[columns$name[i]]] <- factor(code, levels = seq_len(columns$levels[i]) - 1)
}
close(codes)

margins <- unique(targets$name)
formulas <- lapply(margins, reformulate)
populations <- lapply(margins, function(m) setNames(data.frame(factor(targets$level[targets$name == m], levels = levels(panel[[m]])),
                                                               targets$total[targets$name == m]), c(m, "Freq")))
totals <- c("(Intercept)" = sum(populations[[1]]$Freq),
            unlist(lapply(seq_along(margins), function(i) with(populations[[i]], setNames(Freq, paste0(margins[i], populations[[i]][[1]]))[-1]))))
plain <- svydesign(ids = ~1, weights = ~start, data = panel)
clustered <- function() svydesign(ids = ~school, strata = ~stratum, weights = ~start, data = panel, nest = TRUE)
calibrated <- function(design) calibrate(design, reformulate(margins), totals, calfun = "raking", epsilon = 1e-11, maxit = 100)

# Shortest of a few runs, in seconds of processor time; more runs of shorter work.
best <- function(work, at_least = 2, budget = 1) {
  times <- c()
  while (length(times) < at_least || (length(times) < 50 && sum(times) < budget)) times <- c(times, sum(system.time(work())[1:2]))
  min(times)
}
peak_mb <- function() as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
say <- function(...) {
  figures <- c(list(...), list(peak_mb = if (file.exists("/proc/self/status")) peak_mb() else -1))
  cat("{", paste0('"', names(figures), '": ', sapply(figures, format, digits = 6), collapse = ", "), "}\n", sep = "")
}
save_weights <- function(design, name) writeBin(as.numeric(weights(design)), file.path(folder, name))
seconds_each <- function(work) { total <- 0; for (table in tables) total <- total + sum(system.time(work(table[1], table[2]))[1:2]); total }

tabulate_all <- function(design, name) {
  shares <- list(); tests <- list()
  seconds <- seconds_each(function(question, group) {
    shares[[length(shares) + 1]] <<- svyby(reformulate(question), reformulate(group), design, svymean, na.rm = TRUE, vartype = c("se", "ci"))
    tests[[length(tests) + 1]] <<- svychisq(reformulate(c(question, group)), design, statistic = "F")
  })
  rows <- lapply(seq_along(tables), function(i) {
    k <- nlevels(panel[[tables[[i]][1]]]); s <- shares[[i]]
    data.frame(question = tables[[i]][1], `break` = tables[[i]][2], group = rep(as.integer(as.character(s[[1]])), k),
               option = rep(seq_len(k) - 1, each = nrow(s)), share = unlist(s[2:(k + 1)]), se = unlist(s[(k + 2):(2 * k + 1)]), check.names = FALSE)
  })
  write.csv(do.call(rbind, rows), file.path(folder, paste0("r_", name, "_shares.csv")), row.names = FALSE)
  rows <- lapply(seq_along(tables), function(i) data.frame(question = tables[[i]][1], `break` = tables[[i]][2], F = tests[[i]]$statistic,
                 df1 = tests[[i]]$parameter[1], df2 = tests[[i]]$parameter[2], check.names = FALSE))
  write.csv(do.call(rbind, rows), file.path(folder, paste0("r_", name, "_tests.csv")), row.names = FALSE)
  say(seconds = seconds)
}

if (task == "rake") {
  # rake() stops at epsilon in units of weight, so it is set to the smallest target times 1e-13.
  by_rake <- best(function() raked <<- rake(plain, formulas, populations, control = list(maxit = 100, epsilon = min(targets$total) * 1e-13, verbose = FALSE)))
  by_calibrate <- best(function() equal <<- calibrated(plain))
  save_weights(raked, "r_rake_weights.float64"); save_weights(equal, "r_calibrate_weights.float64")
  say(rake = by_rake, calibrate = by_calibrate)
} else if (task == "weights") {
  tabulate_all(calibrated(plain), "weights")
} else if (task == "clusters") {
  tabulate_all(calibrated(clustered()), "clusters")
} else if (task == "replicates") {
  # Rao and Wu's n - 1 bootstrap of schools; every replicate is raked again.
  drawing <- sum(system.time(drawn <- as.svrepdesign(clustered(), type = "subbootstrap", replicates = 500, compress = FALSE))[1:2])
  raking <- sum(system.time(replicates <- calibrate(drawn, reformulate(margins), totals, calfun = "raking", epsilon = 1e-8, maxit = 100, compress = FALSE))[1:2])
  say(once = drawing + raking, seconds = seconds_each(function(question, group)
    svyby(reformulate(question), reformulate(group), replicates, svymean, na.rm = TRUE)))
}
