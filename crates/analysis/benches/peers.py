"""svy and rimpy on the files of the bench `peers`; see peers.sh for what it prints."""

import sys
import time
from importlib.metadata import version
from pathlib import Path

import polars

DIRECTORY = Path(sys.argv[1])


def report(package, task, times, note, work):
    """Times `work`, says `times` its seconds."""
    start = time.perf_counter()
    try:
        work()
        seconds = str(times * (time.perf_counter() - start))
    except Exception as problem:  # whatever a peer may raise; the others still run
        seconds, note = "failed", str(problem).strip().replace("\n", " ")[:200]
    print(package, version(package), sep=" ", end="\t")
    print(task, seconds, note, sep="\t", flush=True)


def targets(margins, names):
    """Totals by level of each margin."""
    return {
        name: {
            row["level"]: row["total"]
            for row in margins.filter(polars.col("variable") == name).iter_rows(named=True)
        }
        for name in names
    }


def svy_tasks(rows, margins):
    import svy

    design = svy.Design(stratum="stratum", psu="cluster", wgt="weight")
    sample = svy.Sample(rows, design)

    def tables():
        for question, banner in (("q1", "b1"), ("q3", "b2"), ("q4", "b4")):
            sample.categorical.tabulate(question, banner, share_of="col", drop_nulls=True)

    def rake(names):
        controls = targets(margins, names)
        return sample.weighting.rake(controls=controls, tol=1e-10, max_iter=500)

    report("svy", "tables", 100 / 3, "3 of 100 tables", tables)
    report("svy", "rake3", 1, "", lambda: rake(["b1", "b2", "b4"]))
    every = margins["variable"].unique(maintain_order=True).to_list()
    report("svy", "rake10", 1, "", lambda: rake(every))

    def quantiles():
        sample.estimation.quantile("y1", p=[0.25, 0.5, 0.75], by="domain")

    report("svy", "quantiles", 5, "1 of 5 columns", quantiles)
    terms = [name for name in rows.columns if name.startswith("x")]

    def logistic():
        sample.glm.fit("outcome", x=terms, family="binomial")

    report("svy", "logistic", 1, "", logistic)


def rimpy_tasks(rows, margins):
    import rimpy

    def rake(names):
        controls = targets(margins, names)
        total = sum(controls[names[0]].values())
        shares = {
            name: {level: value / total for level, value in levels.items()}
            for name, levels in controls.items()
        }
        # It starts from equal weights, which for speed is the same.
        rimpy.rake(
            rows.select(names),
            shares,
            convergence_threshold=1e-10,
            weight_column="raked",
            total=total,
        )

    report("rimpy", "rake3", 1, "", lambda: rake(["b1", "b2", "b4"]))
    every = margins["variable"].unique(maintain_order=True).to_list()
    report("rimpy", "rake10", 1, "", lambda: rake(every))


def main():
    rows = polars.read_csv(DIRECTORY / "rows.csv")
    margins = polars.read_csv(DIRECTORY / "margins.csv")
    for package, tasks in (("svy", svy_tasks), ("rimpy", rimpy_tasks)):
        try:
            tasks(rows, margins)
        except ImportError as problem:
            print(package, "all", "skipped", problem, sep="\t", flush=True)


main()
