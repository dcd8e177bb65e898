"""The same file into PostgreSQL: a first load, then one with every row changed. Ours writes the raw copy, every event and the rows that
hold, and fills the query engine; the peers write one table. All in one run, on one server of its own that is as durable as in production.
"""
import csv
import json
import os
import pathlib
import shutil
import sys
import tempfile

import bench
from server import Server, SETTINGS, programs

PEERS = pathlib.Path(__file__).with_name("postgres_peers.py")
TENANT_ROLE = "app"


def measure(binary, first, rows, peers_python, runs):
    """Gives what was measured, one entry per load, and the server's facts."""
    found = programs()
    if not found:
        sys.exit("there is no PostgreSQL 15 or newer here; install it (apt-get install postgresql), or name its programs in AOS_TEST_POSTGRES")
    changed = change(first)
    measured = []
    with tempfile.TemporaryDirectory(prefix="autonomos-bench-", dir="/tmp") as folder:
        pathlib.Path(folder).chmod(0o755)
        with Server(pathlib.Path(folder) / "server", found) as server:
            facts = {"version": server.psql("SHOW server_version")[0], **SETTINGS}
            for number in range(runs):
                print(f"run {number + 1} of {runs}")
                measured += ours(server, binary, [first, changed], rows)
                for name in ("copy", "sling", "dlt_arrow", "dlt_rows"):
                    python = sys.executable if name == "copy" else peers_python.get(name.split("_")[0])
                    if python:
                        measured += peer(server, name, python, [first, changed], rows)
    return measured, facts


def change(first):
    """Writes the file again with every row changed, as the source would: another amount, a later time of change."""
    second = first.parents[1] / "changed" / first.parent.name / first.name
    if not second.exists():
        second.parent.mkdir(parents=True, exist_ok=True)
        partial = second.with_suffix(".partial")
        with open(first, newline="", encoding="utf-8") as old, open(partial, "w", newline="", encoding="utf-8") as new:
            reader, writer = csv.DictReader(old), None
            for row in reader:
                row["amount"] = f"{float(row['amount'] or 0) + 1:.2f}"
                row["updated_at"] = f"{int(row['updated_at'][:4]) + 1}{row['updated_at'][4:]}".replace("-02-29", "-02-28")
                writer = writer or csv.DictWriter(new, reader.fieldnames)
                if new.tell() == 0:
                    writer.writeheader()
                writer.writerow(row)
        partial.rename(second)
    return second


def ours(server, binary, files, rows):
    database = "autonomos"
    server.psql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE); CREATE DATABASE {database};")
    addresses = {"DATABASE_URL": server.url(TENANT_ROLE, database), "AUTONOMOS_MIGRATE_DATABASE_URL": server.url("postgres", database)}
    kept = []
    with tempfile.TemporaryDirectory(prefix="autonomos-bench-", dir=bench.work_dir()) as folder:
        data, source = pathlib.Path(folder) / "data", pathlib.Path(folder) / "exports"
        (source / "crm").mkdir(parents=True)
        environment = {**os.environ, **addresses}
        run(server, [binary, "--data", data, "migrate"], environment)
        for step, file in zip(("first", "changed"), files):
            # The same source, as it is at another time.
            shutil.copyfile(file, source / "crm" / file.name)
            figures, out = run(server, [binary, "--data", data, "connect", "--json", source], environment)
            report = json.loads(out)
            ledger = report["ledger"]
            landed = int(server.psql("SELECT sum(landed) FROM run_streams WHERE run_id = (SELECT id FROM runs ORDER BY id DESC LIMIT 1)", database)[0])
            if not ledger["balanced"] or report["entities"]["opportunity"]["records"] != rows or landed != rows:
                sys.exit(f"wrong answer: {landed} of {rows} rows landed, ledger {ledger}")
            stored_s = float(server.psql("SELECT (finished_at - started_at) / 1e6 FROM runs ORDER BY id DESC LIMIT 1", database)[0])
            kept.append(entry("autonomos", step, rows, figures, stored_s=round(stored_s, 3), stored_rows_per_s=round(rows / stored_s), **sizes(server, database)))
    return kept


def peer(server, name, python, files, rows):
    database = "peer"
    server.psql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE); CREATE DATABASE {database};")
    kept = []
    with tempfile.TemporaryDirectory(prefix="autonomos-bench-", dir=bench.work_dir()) as folder:
        for step, file in zip(("first", "changed"), files):
            environment = {**os.environ, "PSQL": str(server.bin / "psql")}
            figures, out = run(server, [python, PEERS, name, file, server.url("postgres", database), folder], environment)
            told = json.loads(out.splitlines()[-1])
            held, newest = server.psql(f"SELECT count(*), max(updated_at)::text FROM {told.pop('table')}", database)[0].split("|")
            if int(held) != rows or not newest:
                sys.exit(f"{name} holds {held} rows of {rows}")
            kept.append(entry(name, step, rows, figures, **told, **sizes(server, database)))
    return kept


def run(server, command, environment):
    # Nobody pays for what the one before left to be written.
    server.psql("CHECKPOINT")
    cpu, written = server.cpu_s(), server.psql("SELECT pg_current_wal_insert_lsn() - '0/0'")[0]
    figures, out, err = bench.measure(command, env=environment)
    if figures["exit_code"] != 0:
        sys.exit(f"{command[0]} ended with code {figures['exit_code']}:\n{err[-3000:]}{out[-1000:]}")
    figures["server_cpu_s"] = round(server.cpu_s() - cpu, 2)
    figures["wal_mb"] = (int(server.psql("SELECT pg_current_wal_insert_lsn() - '0/0'")[0]) - int(written)) >> 20
    return figures, out


def entry(who, step, rows, figures, **more):
    return {"who": who, "step": step, "rows": rows, "rows_per_s": round(rows / figures["wall_s"]), **figures, **more}


def sizes(server, database):
    return {"database_mb": int(server.psql("SELECT pg_database_size(current_database())", database)[0]) >> 20}


def show(measured):
    limits = {run["step"]: run["rows_per_s"] for run in measured if run["who"] == "copy"}
    header = ["who", "load", "rows/s", "of copy", "rows/s stored", "wall s", "cpu s", "server cpu s", "peak MB", "wal MB", "database MB"]
    lines = []
    for run in measured:
        limit, stored = limits.get(run["step"]), run.get("stored_rows_per_s")
        lines.append([run["who"], run["step"], f"{run['rows_per_s']:,}", f"{run['rows_per_s'] / limit:.2f}" if limit else "", f"{stored:,}" if stored else "", f"{run['wall_s']:.1f}", f"{run['cpu_s']:.1f}", f"{run['server_cpu_s']:.1f}", f"{run['peak_rss_mb']:.0f}", run["wal_mb"], run["database_mb"]])
    bench.table(header, lines)
