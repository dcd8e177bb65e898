"""The simulated services: each is read once into a store of its own, and what was kept is compared with what the service says it has."""
import dataclasses
import decimal
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import bench

SECRETS = {"SOURCE_SECRET": "simulator-secret", "SOURCE_TOKEN": "simulator-token"}
# As the mesh marks a raw record that its source said is gone.
DELETED = "_autonomos_deleted"
# Vendors show changes after a while only; so much later all of them are there.
SETTLES_MS = 120_000
BULK_FROM = 50_000
BULK_SET = 50_000


@dataclasses.dataclass
class Service:
    """How a vendor is connected, which stream is its largest, and the most records that one request of its API brings."""

    connector: str
    config: dict
    stream: str
    key: str
    page: int
    # The stream as the simulator calls it, and how its records look where they are kept.
    truth: str
    shape: object = dict
    # Takes out of what is kept what the simulator's own record does not have.
    plain: object = dict


def salesforce(record):
    """Fields that are other fields together come as their parts."""
    return {name: value for name, value in record.items() if name != "attributes" and not isinstance(value, dict)}


def hubspot(record):
    """Associations with the account's own labels and without the vendor's types, each id once, and only those that are read with their record."""
    record = dict(record)
    kinds = {kind: {"results": linked(shown["results"])} for kind, shown in record.pop("associations", {}).items() if kind in ("companies", "contacts")}
    return {**record, "associations": kinds} if kinds else record


def linked(items):
    labels = {}
    for item in items:
        own = labels.setdefault(item["id"], [])
        # What the simulated account calls it, as a type and as people see it.
        if item["type"] == "decision_maker":
            own.append("Decision maker")
    return [{"id": key, **({"labels": own} if own else {})} for key, own in sorted(labels.items())]


def dynamics(record):
    return {name: value for name, value in record.items() if "@" not in name}


def zendesk(record):
    """Custom fields by their id, and once."""
    record = {name: value for name, value in record.items() if name != "fields"}
    record["custom_fields"] = {str(field["id"]): field["value"] for field in record.get("custom_fields", [])}
    return record


SERVICES = {
    "salesforce": Service("salesforce", {"auth": "client_credentials", "login_url": "{url}", "client_id": "simulator-client", "client_secret": "env:SOURCE_SECRET"}, "Account", "Id", 2_000, "Account", salesforce),
    "hubspot": Service("hubspot", {"base_url": "{url}", "access_token": "env:SOURCE_TOKEN"}, "deals", "id", 100, "deals", hubspot),
    "dynamics": Service("dynamics365", {"environment_url": "{url}", "login_url": "{url}", "tenant_id": "simulator", "client_id": "simulator-client", "client_secret": "env:SOURCE_SECRET"}, "account", "accountid", 5_000, "accounts", dynamics, dynamics),
    "pipedrive": Service("pipedrive", {"base_url": "{url}", "api_token": "env:SOURCE_TOKEN"}, "deals", "id", 500, "deals"),
    "zendesk": Service("zendesk", {"base_url": "{url}", "email": "simulator@example.com", "api_token": "env:SOURCE_TOKEN"}, "tickets", "id", 1_000, "tickets", zendesk),
}
NAMES = tuple(SERVICES)


def measure(program, autonomos, names, records, runs, chaos):
    measured = []
    for _ in range(runs):
        for name in names:
            measured.append(one(program, autonomos, name, SERVICES[name], records, chaos))
            print(f"  {name:10} {measured[-1]['records_per_s']:>9,.0f} records/s  {measured[-1]['requests']:>6} requests of {measured[-1]['requests_min']:>5}  {measured[-1]['peak_rss_mb']:>6.1f} MB  {measured[-1]['compared']} compared", flush=True)
    what = f"the largest stream of each simulated service, {records} records each, into an embedded store: raw segments, events, rows, ledger"
    return {"what": what + (", with every dial of trouble at full" if chaos else ""), "measured": measured}


def one(program, autonomos, name, service, records, chaos):
    with Simulator(autonomos, name, records) as simulator, tempfile.TemporaryDirectory(prefix="autonomos-bench-", dir=bench.work_dir()) as folder:
        if chaos:
            # Records that change while they are read, early and late in it, and one that goes.
            simulator.storm(service.truth, service.page, records)
        config = json.dumps(service.config).replace("{url}", simulator.url)
        command = [program, folder, service.connector, config, service.stream]
        figures, out, complaint = bench.measure(command, env={**os.environ, **SECRETS})
        if figures["exit_code"] != 0:
            sys.exit(f"reading {name} failed:\n{complaint[-3000:]}")
        told = json.loads(out)
        if chaos:
            # What changed meanwhile is for the next read, which finds it in the same storm.
            simulator.call("POST", "clock", {"advance_ms": SETTLES_MS})
            more, out, complaint = bench.measure(command, env={**os.environ, **SECRETS})
            if more["exit_code"] != 0:
                sys.exit(f"reading {name} again failed:\n{complaint[-3000:]}")
            told["again"] = json.loads(out)
            simulator.call("POST", "chaos", {})
        compared = bench.apart(compare, program, folder, name, service, simulator.url, told)
    return {
        "name": name,
        "records_per_s": round(told["read"] / told["took_s"]),
        "requests_min": requests_min(name, service, records),
        "compared": compared,
        **told,
        **figures,
    }


def requests_min(name, service, records):
    """Reads of Salesforce that are this large go through Bulk API 2.0: a job is asked for, looked at, and its results come in sets."""
    if name == "salesforce" and records >= BULK_FROM:
        return 2 + math.ceil(records / BULK_SET)
    return math.ceil(records / service.page)


def compare(program, folder, name, service, url, told):
    """Every record that the service has is kept as it is, nothing else is held, and the ledger says so."""
    for read in (told, told.get("again", told)):
        if not read["balanced"] or read["rejected"]:
            sys.exit(f"{name}: the ledger does not balance, or records were rejected: {read}")
    kept = {}
    reading = subprocess.Popen([program, folder], stdout=subprocess.PIPE, text=True)
    for line in reading.stdout:
        record = exact(line)
        # What was read later is what was there later.
        kept[str(record[service.key])] = None if record.get(DELETED) else record
    if reading.wait() != 0:
        sys.exit(f"{name}: what was kept cannot be read")
    kept = {key: record for key, record in kept.items() if record is not None}
    truth = {str(record[service.key]): service.shape(record) for record in truth_of(url, service.truth)}
    if lost := truth.keys() - kept.keys():
        sys.exit(f"{name}: {len(lost)} of {len(truth)} records are lost, such as {sorted(lost)[:3]}")
    if extra := kept.keys() - truth.keys():
        sys.exit(f"{name}: {len(extra)} records are not there any more, such as {sorted(extra)[:3]}")
    for key, record in truth.items():
        if not same(service.plain(kept[key]), record):
            sys.exit(f"{name}: record {key} is another one:\nkept  {kept[key]}\nthere {record}")
    held = {entry["entity"]: entry["rows"] for entry in told.get("again", told)["held"]}
    if held and max(held.values()) != len(truth):
        sys.exit(f"{name}: {held} rows are held of {len(truth)} records")
    return len(truth)


def truth_of(url, stream):
    """The records that the simulator has of a stream."""
    with urllib.request.urlopen(f"{url}/_simulator/truth/{stream}", timeout=600) as lines:
        for line in lines:
            yield exact(line)


def exact(line):
    """Reads a line of JSON with every digit of its numbers."""
    return json.loads(line, parse_float=decimal.Decimal)


def same(kept, there):
    """Compares values; a number that binary cannot hold is written as text where it is kept."""
    if isinstance(there, dict) and isinstance(kept, dict):
        return kept.keys() == there.keys() and all(same(kept[name], value) for name, value in there.items())
    if isinstance(there, list) and isinstance(kept, list):
        return len(kept) == len(there) and all(map(same, kept, there))
    if isinstance(there, (decimal.Decimal, int)) and isinstance(kept, str):
        return decimal.Decimal(kept) == there
    return kept == there


class Simulator:
    """A service on this machine, until the end of the block."""

    def __init__(self, autonomos, name, records):
        command = [autonomos, "simulate", name, "--port", "0", "--size", records, "--limit-factor", "1000", "--control"]
        self.child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url = next((found.group(1) for line in self.child.stdout if (found := re.search(r"listening on (\S+)", line))), None)
        if self.url is None:
            sys.exit(f"the simulator of {name} does not start")

    def storm(self, stream, page, records):
        """Every dial at full, without a pause for each refusal: those would be what is measured. And changes in the middle of the read."""
        kinds = ("rate_limits", "outages", "expired_tokens", "truncated_answers", "repeated_pages", "reordered_pages", "slow_answers", "late_commits", "clock_skew")
        # Each request is hindered twice before it is let through.
        requests = 3 * records // page
        changes = [{"op": "touch", "stream": stream, "count": 50, "seed": at, "after_requests": 10 + requests * at // 4} for at in range(4)]
        changes.append({"op": "delete", "stream": stream, "row": 17, "after_requests": 10 + requests // 2})
        self.call("POST", "changes", changes)
        self.call("POST", "chaos", {**{kind: 1.0 for kind in kinds}, "retry_after_s": 0})

    def call(self, method, what, body=None):
        body = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{what}", data=body, method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
