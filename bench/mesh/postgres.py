"""A PostgreSQL table of opportunities (20 columns, every common type), read into canonical rows beside what else takes tables out of PostgreSQL.
Each is a process of its own, from its start to its end, in the same run, in turns. README.md beside this file says what each of them does.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

import bench
import server

NAMES = ("ours", "pages", "copy", "sling", "dlt_arrow", "dlt_rows")
PEERS = pathlib.Path(__file__).with_name("postgres_peers.py")
ROWS_DLT = 100_000
TABLE = """
    CREATE TABLE opportunity (
        opportunity_id text PRIMARY KEY, name text NOT NULL, account_id text, amount numeric(18,2), currency text, close_date date, stage text,
        probability double precision, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, lead_source text, is_closed boolean,
        competitor text, owner_email text, region text, score int, attempts bigint, tags text[], details jsonb, external_id uuid);
    INSERT INTO opportunity
    SELECT '0061x' || lpad(n::text, 10, '0'), 'Opportunity number ' || n || ' for a company', '001' || (n * 7919 % 1000000000),
           (n * 104729 % 90000000) / 100.0, 'USD', date '2026-01-01' + (n % 365)::int, (ARRAY['Prospecting','Negotiation/Review','Closed Won'])[1 + n % 3],
           (n % 100) / 100.0, timestamptz '2025-11-03 10:20:30+00' + n * interval '1 second', timestamptz '2026-01-03 10:20:30+00' + n * interval '1 second',
           'Web', n % 2 = 0, NULL, 'owner' || n % 500 || '@example.com', 'EMEA', n % 1000, n % 7, ARRAY['a', 'b' || n % 10],
           jsonb_build_object('seats', n % 50, 'note', 'text ' || n % 1000), md5(n::text)::uuid
      FROM generate_series(1, {rows}::bigint) n;
    ANALYZE opportunity;
"""


def measure(program, rows, runs, names):
    found = server.programs()
    if found is None:
        sys.exit("bench/mesh: there is no PostgreSQL here; apt-get install postgresql")
    pages = bench.cargo_build("--package", "aos-connectors", "--example", "postgres_speed", name="examples/postgres_speed") if "pages" in names else None
    skipped, measured = {}, []
    pythons = peers(names, skipped)
    with tempfile.TemporaryDirectory(prefix="autonomos-bench-", ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        # The server does not run as root.
        folder.chmod(0o755)
        with server.Server(folder / "server", found) as source:
            source.psql(TABLE.format(rows=rows))
            source.psql(f"CREATE TABLE opportunity_small (LIKE opportunity INCLUDING ALL); INSERT INTO opportunity_small SELECT * FROM opportunity LIMIT {ROWS_DLT}; ANALYZE opportunity_small")
            for number in range(runs):
                print(f"run {number + 1} of {runs}")
                for name in names:
                    if name not in skipped:
                        measured.append(one(name, program, pages, source, pythons, rows))
                        print(f"  {name:10} {measured[-1]['rows_per_s']:>10,.0f} rows/s  {measured[-1]['peak_rss_mb']:>7.1f} MB", flush=True)
    for name, reason in skipped.items():
        print(f"skipped {name}: {reason}")
    what = f"{rows} rows of 20 columns out of PostgreSQL; whole process, start to end (dlt_rows: {min(ROWS_DLT, rows)} rows)"
    return {"what": what, "measured": measured, "skipped": skipped}


def one(name, program, pages, source, pythons, rows):
    rows = min(rows, ROWS_DLT) if name == "dlt_rows" else rows
    url = f"postgres://postgres@{source.host}:{source.port}/postgres?sslmode=disable"
    before = source.cpu_s()
    with tempfile.TemporaryDirectory(prefix="autonomos-bench-", dir=bench.work_dir()) as folder:
        out = pathlib.Path(folder) / "out"
        environment = {**os.environ, "SOURCE_URL": url, "DATABASE_URL": url}
        if name == "ours":
            command = [program, folder, "postgresql", json.dumps({"url": "env:SOURCE_URL"}), "opportunity"]
        elif name == "pages":
            command = [pages, "opportunity"]
        elif name == "copy":
            command = [source.bin / "psql", url, "-qX", "-c", f"\\copy opportunity TO '{out}'"]
        else:
            command = [pythons[name], PEERS, name, url, out]
        figures, said, complaint = bench.measure(command, env=environment)
        if figures["exit_code"] != 0:
            sys.exit(f"{name} failed:\n{complaint[-3000:]}{said[-3000:]}")
        told = json.loads(said) if name in ("ours", "pages") else {}
        if name == "ours":
            held = max((entry["rows"] for entry in told["held"]), default=0)
            if not told["balanced"] or (told["landed"], held) != (rows, rows):
                sys.exit(f"ours kept something else than {rows} rows: {told}")
        if name == "pages" and told["records"] != rows:
            sys.exit(f"pages brought something else than {rows} rows: {told}")
    return {"name": name, "rows": rows, "rows_per_s": round(rows / figures["wall_s"]), "server_cpu_s": round(source.cpu_s() - before, 2), **told, **figures}


def peers(wanted, skipped):
    pythons = {}
    if "sling" in wanted:
        pythons["sling"] = install(["sling==1.3.5"], skipped, ["sling"])
    dlt = [name for name in ("dlt_arrow", "dlt_rows") if name in wanted]
    if dlt:
        python = install(["dlt[sql_database,duckdb]>=1.20", "sqlalchemy>=2,<2.1", "psycopg2-binary", "pyarrow", "connectorx"], skipped, dlt)
        pythons.update({name: python for name in dlt})
    return pythons


def install(packages, skipped, names):
    folder = bench.work_dir() / f"venv-mesh-{names[0]}"
    python = folder / "bin" / "python"
    marker = folder / "installed"
    if marker.exists() and marker.read_text() == " ".join(packages):
        return python
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True, capture_output=True, text=True, timeout=900)
    except (subprocess.SubprocessError, OSError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        skipped.update({name: f"cannot be installed: {reason}" for name in names})
        return None
    marker.write_text(" ".join(packages))
    return python
