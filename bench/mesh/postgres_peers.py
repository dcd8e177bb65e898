"""What else takes a table out of PostgreSQL. Each peer is a process of its own, started by `postgres`:
postgres_peers.py NAME URL FILE.
"""
import os
import pathlib
import subprocess
import sys
import tempfile


def sling(url, out):
    """Sling's full read of a table into one CSV file, which is what it writes fastest without another server."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(SLING_TELEMETRY="false", SLING_DISABLE_TELEMETRY="TRUE", SLING_HOME_DIR=home, SOURCE=url)
        program = pathlib.Path(sys.executable).with_name("sling")
        command = [program, "run", "--src-conn", "SOURCE", "--src-stream", "public.opportunity", "--tgt-object", f"file://{out}.csv", "--mode", "full-refresh"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout[-3000:])
        rows = sum(1 for _ in open(f"{out}.csv", encoding="utf-8")) - 1
        print(f"{rows} rows")
        os.unlink(f"{out}.csv")


def dlt_arrow(url, out):
    """dlt at its fastest: Arrow tables by way of ConnectorX, into DuckDB."""
    _dlt(url, out, "opportunity", "connectorx")


def dlt_rows(url, out):
    """dlt as its documentation begins: rows by way of SQLAlchemy, into DuckDB."""
    _dlt(url, out, "opportunity_small", "sqlalchemy")


def _dlt(url, out, table, backend):
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", DLT_DATA_DIR=home, RUNTIME__LOG_LEVEL="ERROR")
        import dlt
        from dlt.sources.sql_database import sql_table

        # What the fast backends cannot carry (arrays, jsonb, uuid) they carry as text.
        source = sql_table(url.replace("postgres://", "postgresql://"), table=table, backend=backend, chunk_size=50_000, reflection_level="minimal")
        pipeline = dlt.pipeline("peer", destination=dlt.destinations.duckdb(f"{out}.duckdb"), dataset_name="peer", pipelines_dir=home)
        pipeline.run(source)
        print(f"{pipeline.last_trace.last_normalize_info.row_counts[table]} rows")
        os.unlink(f"{out}.duckdb")


PEERS = {"sling": sling, "dlt_arrow": dlt_arrow, "dlt_rows": dlt_rows}

if __name__ == "__main__":
    name, url, out = sys.argv[1:]
    PEERS[name](url, out)
