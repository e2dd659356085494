#!/usr/bin/env Rscript
# What R makes of the answers in *.csv[.gz] beside this file, for ItemStatisticsTests: writes *.expected.csv, a figure a line.
#
#   apt-get install r-cran-psych r-cran-erm      (Debian 12: R 4.2.2, psych 2.2.9, eRm 1.0-2)
#   Rscript expected.R                           (half a minute; from any folder)
#
# A file of answers has a line for each pattern (1 correct, 0 wrong, a character an item) with the number of its takers. Those named
# simulated-* and edge-* are made here, always the same; textbook.csv is the example of QuestionTests, learning-git.csv that exam of the data set.

suppressMessages({ library(psych); library(eRm) })
folder <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))))
setwd(folder)
RNGversion("4.0.0")

# ---- Answers -------------------------------------------------------------------------------------------------------------------

write_answers <- function(name, x, compress = FALSE) {
  patterns <- table(apply(x, 1, paste, collapse = ""))
  lines <- c("answers,takers", paste(names(patterns), patterns, sep = ","))
  out <- if (compress) gzfile(paste0(name, ".csv.gz"), "w") else file(paste0(name, ".csv"), "w")
  writeLines(lines, out)
  close(out)
}

read_answers <- function(file) {
  counts <- read.csv(file, colClasses = c("character", "integer"))
  x <- do.call(rbind, lapply(strsplit(counts$answers, ""), as.integer))
  x <- x[rep(seq_len(nrow(x)), counts$takers), , drop = FALSE]
  dimnames(x) <- list(paste0("P", seq_len(nrow(x))), paste0("q", seq_len(ncol(x)) - 1))
  x
}

# Answers of n takers by the model of Birnbaum; slope 1 for all is the Rasch model, a negative slope a wrong key.
simulate <- function(seed, ability, difficulty, slope = 1) {
  set.seed(seed)
  logit <- t(slope * t(outer(ability(), difficulty, "-")))
  matrix(as.integer(runif(length(logit)) < plogis(logit)), nrow(logit))
}

write_answers("simulated-500x20", simulate(1, function() rnorm(500), seq(-2, 2, length.out = 20)))
write_answers("simulated-misfit-200x10", simulate(2, function() rnorm(200), seq(-1.5, 1.5, length.out = 10), c(1, 1, 1, 0.1, 3, 1, -1, 1, 0.4, 1)))
write_answers("simulated-5000x40", simulate(3, function() rnorm(5000, 0.5, 1.2), seq(-3, 3, length.out = 40)), compress = TRUE)
write_answers("edge-wide-300x12", simulate(4, function() rnorm(300, 0, 2), c(-5, -4, -4, -2, -1, 0, 0, 1, 2, 4, 4, 5)))
write_answers("edge-perfect-and-zero-items", cbind(1L, simulate(5, function() rnorm(150), c(-1, -0.5, 0, 0.5, 1)), 0L))
write_answers("edge-three-items", simulate(6, function() rnorm(80), c(-1, 0, 1)))
write_answers("edge-extreme-takers", rbind(
  simulate(7, function() rnorm(60), c(-1, -0.5, 0, 0, 0.5, 1)), matrix(1L, 500, 6), matrix(0L, 300, 6)))

# ---- Classical test theory -----------------------------------------------------------------------------------------------------

figures <- NULL
put <- function(figure, values, keys = "") figures <<- rbind(figures, data.frame(figure, key = keys, value = as.numeric(values)))

classical <- function(x) {
  items <- colnames(x)
  total <- rowSums(x)
  percent <- 100 * total / ncol(x)
  put("mean", mean(percent))
  put("sd", sd(percent))
  put("quartile", quantile(percent, c(0.25, 0.5, 0.75), type = 7), c("25", "50", "75"))

  # Type 2 is k3 / k2^1.5 and k4 / k2^2, as Moodle's; psych's own default is type 3.
  put("skew", skew(percent, type = 2))
  put("kurtosis", kurtosi(percent, type = 2))
  if (all(apply(x, 2, var) > 0)) { # psych drops the others before it begins.
    a <- suppressWarnings(psych::alpha(as.data.frame(x), check.keys = FALSE, warnings = FALSE))
    put("raw_alpha", a$total$raw_alpha)
    if (ncol(x) > 2) put("alpha.drop", a$alpha.drop$raw_alpha, items)
    put("r.drop", a$item.stats$r.drop, items)
    put("raw.r", a$item.stats$raw.r, items)
    put("item.mean", a$item.stats$mean, items)
    put("item.sd", a$item.stats$sd, items)
  }
}

# Moodle, Quiz statistics calculations (docs.moodle.org/dev): as published, from the takers' marks x and totals t.
moodle <- function(x) {
  items <- colnames(x)
  p <- ncol(x)
  s <- nrow(x)
  t <- rowSums(x)
  put("moodle.facility", 100 * colMeans(x), items)
  put("moodle.sd", 100 * apply(x, 2, sd), items)
  for (i in items) {
    rest <- t - x[, i]
    put("moodle.discrimination", suppressWarnings(100 * cor(x[, i], rest)), i)
    put("moodle.efficiency", 100 * cov(x[, i], rest) / cov(sort(x[, i]), sort(rest)), i)
  }
  with_total <- apply(x, 2, cov, t)
  put("moodle.weight", suppressWarnings(100 * sqrt(with_total) / sum(sqrt(pmax(0, with_total)))), items)
  m <- function(power) mean((t - mean(t))^power)
  k2 <- s / (s - 1) * m(2)
  k3 <- s^2 / ((s - 1) * (s - 2)) * m(3)
  k4 <- s^2 / ((s - 1) * (s - 2) * (s - 3)) * ((s + 1) * m(4) - 3 * (s - 1) * m(2)^2)
  consistency <- 100 * p / (p - 1) * (1 - sum(apply(x, 2, var)) / var(t))
  put("moodle.skewness", k3 / k2^1.5)
  put("moodle.kurtosis", k4 / k2^2)
  put("moodle.consistency", consistency)
  put("moodle.errorRatio", 100 * sqrt(1 - consistency / 100))
  put("moodle.standardError", 100 * sqrt(1 - consistency / 100) / 100 * 100 * sd(t) / p)

  # The upper and lower 27 %, takers with equal totals sharing the last places.
  share <- function(order) {
    place <- rank(order * t, ties.method = "min") - 1
    equal <- ave(t, t, FUN = length)
    pmin(1, pmax(0, (0.27 * s - place) / equal))
  }
  put("upper-lower", colSums(x * share(-1)) / (0.27 * s) - colSums(x * share(1)) / (0.27 * s), items)
}

# ---- Rasch ---------------------------------------------------------------------------------------------------------------------
# eRm maximizes by nlm with numeric gradients and stops some 1e-5 before the maximum, in difficulties as in abilities. So its estimates are
# polished here by Newton's steps on the same likelihoods, written straight from their definitions, and eRm's own functions
# (itemfit, SepRel, interpSpline) go on from there. What eRm itself gave is kept under the names eRm.*.

gamma_of <- function(eps) Reduce(function(g, e) c(g, 0) + c(0, e * g), eps, 1)

conditional <- function(x, beta) {
  k <- ncol(x)
  eps <- exp(beta)
  n <- tabulate(factor(rowSums(x), levels = 1:(k - 1)), k - 1)
  gam <- gamma_of(eps)[2:k]
  p1 <- sapply(1:k, function(i) eps[i] * gamma_of(eps[-i])[1:(k - 1)] / gam)
  p1 <- matrix(p1, k - 1)
  information <- matrix(0, k, k)
  for (i in 1:k) for (j in 1:i) {
    p2 <- if (i == j) p1[, i] else eps[i] * eps[j] * c(0, gamma_of(eps[-c(i, j)]))[1:(k - 1)] / gam
    information[i, j] <- information[j, i] <- sum(n * (p2 - p1[, i] * p1[, j]))
  }
  informative <- x[rowSums(x) > 0 & rowSums(x) < k, , drop = FALSE]
  scores <- colSums(informative)
  list(gradient = scores - colSums(n * p1), information = information, loglik = sum(scores * beta) - sum(n * log(gam)))
}

polish <- function(x, beta) {
  w <- rbind(-1, diag(ncol(x) - 1)) # sum zero, as eRm's design matrix
  repeat {
    at <- conditional(x, beta)
    covariance <- w %*% solve(t(w) %*% at$information %*% w) %*% t(w)
    step <- as.vector(covariance %*% at$gradient)
    beta <- beta + step
    if (max(abs(step)) < 1e-11) return(list(beta = beta, se = sqrt(diag(covariance)), loglik = at$loglik))
  }
}

rasch <- function(x) {
  model <- suppressWarnings(RM(x, sum0 = TRUE))
  kept <- model$X
  items <- colnames(kept)
  put("eRm.difficulty", -model$betapar, items)
  put("eRm.se.beta", model$se.beta, items)
  put("eRm.loglik", model$loglik)
  best <- polish(kept, as.vector(model$betapar))
  cat(sprintf("  eRm's difficulties lie %.1e from the maximum, its standard errors %.1e\n",
    max(abs(best$beta - model$betapar)), max(abs(best$se - model$se.beta))))
  model$betapar[] <- best$beta
  put("difficulty", -best$beta, items)
  put("se.beta", best$se, items)
  put("loglik", best$loglik)

  persons <- suppressMessages(person.parameter(model))
  total <- rowSums(kept)
  informative <- total > 0 & total < ncol(kept)
  totals <- sort(unique(total[informative]))
  theta <- sapply(totals, function(r) {
    at <- unname(persons$thetapar[[1]][match(r, total[informative])])
    for (step in 1:20) { p <- plogis(at + best$beta); at <- at + (r - sum(p)) / sum(p * (1 - p)) }
    at
  })
  se <- sapply(theta, function(at) { p <- plogis(at + best$beta); 1 / sqrt(sum(p * (1 - p))) })
  put("eRm.ability", persons$thetapar[[1]][match(totals, total[informative])], totals)
  persons$thetapar[[1]][] <- theta[match(total[informative], totals)]
  persons$se.theta[[1]][] <- se[match(total[informative], totals)]
  persons$theta.table[informative, "Person Parameter"] <- theta[match(total[informative], totals)]
  put("ability", theta, totals)
  put("ability.se", se, totals)
  if (length(totals) > 3) {
    ends <- predict(splines::interpSpline(totals, theta), c(0, ncol(kept)))
    put("ability", ends$y, ends$x)
  }
  put("sep.rel", SepRel(persons)$sep.rel)
  fit <- itemfit(persons)
  put("infit", fit$i.infitMSQ, items)
  put("outfit", fit$i.outfitMSQ, items)
  put("infit.t", fit$i.infitZ, items)
  put("outfit.t", fit$i.outfitZ, items)
}

for (file in sort(grep("expected", list.files(pattern = "\\.csv(\\.gz)?$"), value = TRUE, invert = TRUE))) {
  cat(file, "\n")
  figures <- NULL
  x <- read_answers(file)
  classical(x)
  moodle(x)
  rasch(x)
  figures$value <- ifelse(is.finite(figures$value), sprintf("%.17g", figures$value), "") # nothing where R has none
  write.csv(figures, sub("\\.csv(\\.gz)?$", ".expected.csv", file), row.names = FALSE, quote = FALSE)
}
