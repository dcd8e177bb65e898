"""What else one could do with the file. Each peer is a process of its own, started by `run`: peers.py NAME CSV FOLDER.

The last line of output is JSON: how many rows the peer holds, and what it says about itself. All keep their result on disk.
"""
import csv
import json
import os
import pathlib
import sys
import time

BATCH_ROWS = 20_000
KEY = "opportunity_id"


def duckdb(path, folder):
    """The limit of reading: typed columns, no key, no raw copy, no events, no check of values against an ontology."""
    import duckdb

    database = duckdb.connect(str(folder / "peer.duckdb"), config={"threads": 2})
    database.execute("CREATE OR REPLACE TABLE opportunity AS SELECT * FROM read_csv(?)", [str(path)])
    database.execute("CHECKPOINT")
    rows = database.execute("SELECT count(*) FROM opportunity").fetchone()[0]
    database.close()
    return {"rows": rows, "version": duckdb.__version__}


def sqlite(path, folder):
    """The limit of keeping rows by key: one table, one upsert per row, cells as text, the same durability as our store."""
    import sqlite3

    database = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    for pragma in ("page_size = 16384", "journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536"):
        database.execute(f"PRAGMA {pragma}")
    parsing = time.perf_counter()
    with open(path, newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    parsing = time.perf_counter() - parsing
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = next(reader)
        key = columns.index(KEY)
        database.execute(f"CREATE TABLE IF NOT EXISTS opportunity ({', '.join(f'{name} TEXT' for name in columns)}, PRIMARY KEY ({KEY})) WITHOUT ROWID")
        updates = ", ".join(f"{name} = excluded.{name}" for at, name in enumerate(columns) if at != key)
        upsert = f"INSERT INTO opportunity VALUES ({', '.join('?' * len(columns))}) ON CONFLICT ({KEY}) DO UPDATE SET {updates}"
        loading = time.perf_counter()
        while True:
            batch = [row for _, row in zip(range(BATCH_ROWS), reader)]
            if not batch:
                break
            database.execute("BEGIN IMMEDIATE")
            database.executemany(upsert, batch)
            database.execute("COMMIT")
        loading = time.perf_counter() - loading
    rows = database.execute("SELECT count(*) FROM opportunity").fetchone()[0]
    database.close()
    # The file is parsed twice, once only to know what of the load is Python's parsing.
    upserting = max(loading - parsing, 0.001)
    return {"rows": rows, "version": sqlite3.sqlite_version, "parse_s": round(parsing, 2), "parse_and_upsert_s": round(loading, 2), "rows_per_s": round(rows / loading), "rows_per_s_without_parsing": round(rows / upserting)}


def dlt_arrow(path, folder):
    """dlt at its fastest: columns in bulk through Arrow, merged by key into DuckDB."""
    import duckdb

    def pages():
        yield from duckdb.sql(f"SELECT * FROM read_csv('{path}')").to_arrow_reader(100_000)

    return _dlt(pages, folder)


def dlt_rows(path, folder):
    """dlt as its documentation begins: one Python dict per row, merged by key into DuckDB."""

    def pages():
        with open(path, newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)

    return _dlt(pages, folder)


def _dlt(pages, folder):
    os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", DLT_DATA_DIR=str(folder / "dlt"), RUNTIME__LOG_LEVEL="ERROR")
    import dlt

    destination = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    pipeline = dlt.pipeline("peer", destination=destination, dataset_name="peer", pipelines_dir=str(folder / "pipelines"))
    resource = dlt.resource(pages, name="opportunity", primary_key=KEY, write_disposition="merge")
    # Its default for DuckDB, INSERT statements, is far slower and takes gigabytes.
    pipeline.run(resource(), loader_file_format="parquet")
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*) FROM opportunity")[0][0]
    return {"rows": rows, "version": dlt.__version__}


if __name__ == "__main__":
    name, path, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    print(json.dumps({"duckdb": duckdb, "sqlite": sqlite, "dlt_arrow": dlt_arrow, "dlt_rows": dlt_rows}[name](path, folder)))
