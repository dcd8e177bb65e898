"""What the benchmarks share: building, measuring a process, statistics, the facts of the machine, and where results go.

Needs Python 3.9 or newer on Linux, and nothing else.
"""
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"


def help_if_asked():
    """Says what a benchmark without options of argparse does, in place of running it."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(sys.modules["__main__"].__doc__.strip())
        sys.exit(0)


def target_dir():
    return pathlib.Path(subprocess.check_output([ROOT / "scripts" / "target-dir"], text=True).strip())


def work_dir():
    """A folder for generated input and peers' packages, kept between runs."""
    folder = target_dir() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def binary():
    """The release binary, built now, or the one that AUTONOMOS_BIN names."""
    named = os.environ.get("AUTONOMOS_BIN")
    if named:
        return pathlib.Path(named)
    subprocess.check_call([ROOT / "scripts" / "fetch-duckdb"])
    subprocess.check_call([ROOT / "scripts" / "build-ui"])
    return cargo_build("--package", "autonomos")


def cargo_build(*what, name="autonomos"):
    subprocess.check_call(["cargo", "build", "--release", "--locked", "--quiet", *what], cwd=ROOT)
    return target_dir() / "release" / name


def load_program(name):
    """A peer or load program of bench/load, built now, or the one in the folder that BENCH_LOAD names."""
    named = os.environ.get("BENCH_LOAD")
    if named:
        return pathlib.Path(named) / name
    folder = ROOT / "bench" / "load"
    target = target_dir() / "bench-load"
    subprocess.check_call(["cargo", "build", "--release", "--quiet", "--target-dir", target, "--bin", name], cwd=folder)
    return target / "release" / name


def peers_python(name, *packages):
    """The peers' own Python, with what they need from PyPI; made once."""
    venv = work_dir() / name
    python = venv / "bin" / "python"
    if not (venv / "complete").exists():
        subprocess.check_call([sys.executable, "-m", "venv", venv])
        subprocess.check_call([python, "-m", "pip", "install", "--quiet", *packages])
        (venv / "complete").touch()
    return python


def wait_for_port(port, limit_s=30):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} after {limit_s} s")


def measure(command, **options):
    """Runs a command to its end. Wall time, processor time and peak memory are the kernel's own figures for this process."""
    out = tempfile.TemporaryFile()
    err = tempfile.TemporaryFile()
    started = time.perf_counter()
    child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, **options)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0)
    err.seek(0)
    figures = {
        "wall_s": round(wall, 4),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 4),
        "peak_rss_mb": round(usage.ru_maxrss / 1024, 1),
        "exit_code": child.returncode,
    }
    return figures, out.read().decode(), err.read().decode()


def apart(function, *arguments):
    """Calls it in a process of its own. A child's peak memory, as the kernel counts it, begins with that of the process that starts it
    (getrusage(2), signal->maxrss over execve), so whoever measures must stay small."""
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        return pool.submit(function, *arguments).result()


def summary(values):
    values = sorted(values)
    return {"median": round(statistics.median(values), 4), "min": values[0], "max": values[-1], "runs": len(values)}


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError(f"process {pid} has no VmRSS")


class Server:
    """A server process, from the moment it is started to its end."""

    def __init__(self, command, env=None):
        self.started = time.perf_counter()
        self.child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        self.lines = []

    def wait_line(self, start):
        """Returns the rest of the first output line that starts so."""
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(start):
                return line[len(start):].strip()
        raise RuntimeError("the server ended:\n" + "\n".join(self.lines))

    def wait_healthy(self, url, limit_s=30):
        while time.perf_counter() - self.started < limit_s:
            try:
                if urllib.request.urlopen(url, timeout=1).status == 200:
                    return time.perf_counter() - self.started
            except OSError:
                time.sleep(0.001)
        raise RuntimeError(f"{url} did not answer within {limit_s} s")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def machine(program):
    memory = pathlib.Path("/proc/meminfo").read_text().split()[1]
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    git = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu_model": model,
        "memory_gb": round(int(memory) / 1024 / 1024, 1),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "commit": git.stdout.strip(),
        "build": pathlib.Path(program).resolve().parent.name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def keep(name, facts, result, folder=RESULTS):
    """Writes the raw result beside those of the other benchmarks, or into a folder of its own, and says where."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"benchmark": name, "machine": facts, **result}, indent=2) + "\n")
    print(f"\nraw result: {path.relative_to(ROOT)}")
    if facts["load_before"] > 0.5:
        print(f"the machine was busy before this began (load {facts['load_before']}); repeat it on a quiet one before quoting it")


def table(header, rows):
    widths = [max(len(str(cell)) for cell in column) for column in zip(header, *rows)]
    for row in (header, *rows):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
    sys.stdout.flush()
