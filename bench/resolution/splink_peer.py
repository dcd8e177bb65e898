"""Splink with what its documentation proposes for such columns. Called by `run`: splink_peer.py SETTINGS.json.

The last line of output is JSON; which record is in which cluster at each threshold is written to the file that the settings name.
"""
import csv
import json
import logging
import sys
import time

logging.disable(logging.WARNING)


def clean(kind, value):
    """What one does before Splink: no blanks, and of numbers only what counts."""
    value = value.strip().lower()
    if kind in ("code", "exact"):
        value = "".join(character for character in value if character.isalnum())
    return value or None


def main():
    asked = json.load(open(sys.argv[1]))
    import pyarrow
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    begun = time.perf_counter()
    tables = {}
    for path in asked["files"]:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        names = [name.strip() for name in rows[0]]
        columns = {name: [clean(asked["comparisons"].get(name), row[at]) for row in rows[1:]] for at, name in enumerate(names)}
        columns["unique_id"] = columns.pop(asked["key"])
        tables[path.rsplit("/", 1)[-1].rsplit(".", 1)[0]] = pyarrow.table(columns)
    kinds = {
        "name": lambda column: cl.NameComparison(column),
        "text": lambda column: cl.JaroWinklerAtThresholds(column, [0.9, 0.7]).configure(term_frequency_adjustments=True),
        "exact": lambda column: cl.ExactMatch(column).configure(term_frequency_adjustments=True),
        "code": lambda column: cl.DamerauLevenshteinAtThresholds(column, [1, 2]),
        "email": lambda column: cl.EmailComparison(column),
    }
    linking = len(tables) > 1
    settings = SettingsCreator(
        link_type="link_only" if linking else "dedupe_only",
        comparisons=[kinds[kind](column) for column, kind in asked["comparisons"].items()],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in asked["blocking"]],
    )
    api = DuckDBAPI()
    frames = [api.register(table, dataset_display_name=name) for name, table in tables.items()]
    linker = Linker(frames if linking else frames[0], settings)
    linker.training.estimate_probability_two_random_records_match([block_on(*rule) for rule in asked["deterministic"]], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in asked["training"]:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        except Exception as error:  # No pair shares what the rule asks for: others train on.
            print(f"training on {rule}: {error}", file=sys.stderr)
    predictions = linker.inference.predict(threshold_match_probability=min(asked["thresholds"]))
    took = None
    with open(asked["out"], "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for threshold in asked["thresholds"]:
            clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=threshold)
            rows = clusters.as_record_list()
            # One threshold is what a user would wait for.
            took = took or time.perf_counter() - begun
            for row in rows:
                writer.writerow([threshold, row.get("source_dataset", next(iter(tables))), row["unique_id"], row["cluster_id"]])
    import splink

    print(json.dumps({"seconds": round(took, 3), "version": splink.__version__}))


if __name__ == "__main__":
    main()
