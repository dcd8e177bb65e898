"""What else loads a CSV into PostgreSQL. Each peer is a process of its own, started by `postgres.py`:
postgres_peers.py NAME CSV URL FOLDER. It loads by key, so that a second load updates every row.
"""
import csv
import json
import os
import pathlib
import subprocess
import sys

BATCH_ROWS = 20_000
KEY = "opportunity_id"
TYPED = {"amount": "numeric(18,2)", "close_date": "date", "probability": "double precision", "is_closed": "boolean", "created_at": "timestamptz", "updated_at": "timestamptz"}
#: What our ontology has no field for. The loaders that pack it do as we do.
EXTRAS = ["lead_source", "forecast_category", "region", "is_closed", "competitor"]


def copy(path, url, folder):
    """The yardstick: COPY into an unlogged table of texts, then one INSERT … ON CONFLICT into typed columns and a JSON object."""
    columns = path.open(encoding="utf-8").readline().strip().split(",")
    fields = [column for column in columns if column not in EXTRAS]
    types = [f"{column} {TYPED.get(column, 'text')}" for column in fields]
    values = [f"nullif({column}, '')::{TYPED[column]}" if column in TYPED else f"nullif({column}, '')" for column in fields]
    extras = ", ".join(f"'{column}', {column}" for column in EXTRAS)
    updates = ", ".join(f"{column} = excluded.{column}" for column in [*fields, "extras"] if column != KEY)
    sql = f"""
        CREATE TABLE IF NOT EXISTS opportunity (tenant_id text NOT NULL, {", ".join(types)}, extras jsonb, synced_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, {KEY}));
        CREATE UNLOGGED TABLE IF NOT EXISTS staging ({", ".join(f"{column} text" for column in columns)});
        TRUNCATE staging;
        \\copy staging FROM '{path}' CSV HEADER
        INSERT INTO opportunity (tenant_id, {", ".join(fields)}, extras)
        SELECT 't1', {", ".join(values)}, jsonb_build_object({extras}) FROM staging
        ON CONFLICT (tenant_id, {KEY}) DO UPDATE SET {updates}, synced_at = now();
    """
    subprocess.run([os.environ["PSQL"], url, "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=sql, check=True, text=True)
    return {"table": "opportunity"}


def sling(path, url, folder):
    """Sling's incremental load on a primary key. It does less: no tenant, no packing, and its table has no unique key."""
    os.environ.update(SLING_TELEMETRY="false", SLING_DISABLE_TELEMETRY="TRUE", SLING_HOME_DIR=str(folder / "sling"), TARGET=f"{url}?sslmode=disable")
    program = pathlib.Path(sys.executable).with_name("sling")
    command = [program, "run", "--src-stream", f"file://{path}", "--tgt-conn", "TARGET", "--tgt-object", "public.opportunity", "--mode", "incremental", "--primary-key", KEY]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-3000:])
    from importlib.metadata import version

    return {"table": "opportunity", "version": version("sling")}


def dlt_arrow(path, url, folder):
    """dlt at its fastest: columns in bulk through Arrow, merged by key."""
    import pyarrow
    import pyarrow.csv

    instant = pyarrow.timestamp("us", "UTC")
    types = {"amount": pyarrow.decimal128(18, 2), "close_date": pyarrow.date32(), "probability": pyarrow.float64(), "is_closed": pyarrow.string(), "created_at": instant, "updated_at": instant}

    def pages():
        for batch in pyarrow.csv.open_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=types)):
            table = pyarrow.Table.from_batches([batch])
            packed = pyarrow.array([json.dumps(row) for row in table.select(EXTRAS).to_pylist()])
            yield table.drop_columns(EXTRAS).append_column("tenant_id", pyarrow.array(["t1"] * len(table))).append_column("extras", packed)

    return _dlt(pages, url, folder)


def dlt_rows(path, url, folder):
    """dlt as its documentation begins: one Python dict per row, merged by key."""

    def pages():
        with open(path, newline="", encoding="utf-8") as file:
            batch = []
            for row in csv.DictReader(file):
                extras = {column: row.pop(column) for column in EXTRAS}
                batch.append({"tenant_id": "t1", "extras": extras, **{name: value or None for name, value in row.items()}})
                if len(batch) == BATCH_ROWS:
                    yield batch
                    batch = []
            yield batch

    return _dlt(pages, url, folder)


def _dlt(pages, url, folder):
    os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", DLT_DATA_DIR=str(folder / "dlt"), RUNTIME__LOG_LEVEL="ERROR")
    import dlt

    kinds = {"tenant_id": "text", KEY: "text", "close_date": "date", "probability": "double", "created_at": "timestamp", "updated_at": "timestamp", "extras": "json"}
    columns = {name: {"data_type": kind} for name, kind in kinds.items()}
    columns["amount"] = {"data_type": "decimal", "precision": 18, "scale": 2}
    resource = dlt.resource(pages, name="opportunity", primary_key=("tenant_id", KEY), write_disposition={"disposition": "merge", "strategy": "upsert"}, columns=columns)
    destination = dlt.destinations.postgres(url)
    pipeline = dlt.pipeline("peer", destination=destination, dataset_name="peer", pipelines_dir=str(folder / "pipelines"))
    pipeline.run(resource())
    return {"table": "peer.opportunity", "version": dlt.__version__}


PEERS = {"copy": copy, "sling": sling, "dlt_arrow": dlt_arrow, "dlt_rows": dlt_rows}

if __name__ == "__main__":
    name, path, url, folder = sys.argv[1:]
    print(json.dumps(PEERS[name](pathlib.Path(path), url, pathlib.Path(folder))))
