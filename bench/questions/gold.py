#!/usr/bin/env python3
"""Computes the right answers of questions.txt from the raw sample files, with SQLite and nothing of ours.

    bench/questions/gold.py            write gold.json
    bench/questions/gold.py --check    fail when gold.json is not what the files give
"""
import csv
import json
import pathlib
import sqlite3
import sys

HERE = pathlib.Path(__file__).parent
SAMPLES = HERE / "../../samples"
GOLD = HERE / "gold.json"


def load():
    base = sqlite3.connect(":memory:")
    for path in sorted(SAMPLES.glob("*/*.csv")):
        if path.parent.name == "replay":
            continue
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        name = f"{path.parent.name}_{path.stem}".lower()
        columns = ", ".join(f'"{column}" TEXT' for column in rows[0])
        base.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" for _ in rows[0])
        base.executemany(f"INSERT INTO {name} VALUES ({marks})", [[cell or None for cell in row] for row in rows[1:]])
    return base


def questions():
    """Yields question, SQL and whether only the first column counts; no SQL for what must be refused."""
    asked = None
    for line in (HERE / "questions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("? "):
            asked = line[2:]
        elif line.startswith("= "):
            yield asked, line[2:], False
        elif line.startswith("#= "):
            yield asked, line[3:], True
        elif line.startswith("! "):
            yield line[2:], None, False


def main():
    base = load()
    gold = []
    for question, sql, keys in questions():
        entry = {"question": question}
        if sql:
            entry["keys" if keys else "rows"] = [list(row) for row in base.execute(sql)]
        gold.append(entry)
    lines = ",\n".join(" " + json.dumps(entry, ensure_ascii=False) for entry in gold)
    text = f"[\n{lines}\n]\n"
    if "--check" not in sys.argv:
        GOLD.write_text(text, encoding="utf-8")
    elif GOLD.read_text(encoding="utf-8") != text:
        sys.exit("gold.json is not what questions.txt and samples/ give; run bench/questions/gold.py")


main()
