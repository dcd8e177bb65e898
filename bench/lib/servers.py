"""A PostgreSQL and a Redis for one run: private, on loopback, gone afterwards. PostgreSQL waits for the disk as it does by default."""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs():
    named = os.environ.get("AOS_TEST_POSTGRES")
    found = [pathlib.Path(named)] if named else sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        sys.exit("PostgreSQL is missing; install it (apt-get install postgresql), or name its programs' folder in AOS_TEST_POSTGRES")
    return found[-1]


class Postgres:
    """The server. `url(role, database)` leads to it, `sql` asks it as its superuser."""

    PASSWORD = "private"

    def __init__(self):
        self.programs = postgres_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="autonomos-bench-pg-"))
        # The server does not run as root, so root hands it to an ordinary user.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        self._as_user(self.programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.port = free_port()
        settings = ["shared_buffers=1GB", "listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}", "max_connections=200", "max_wal_size=4GB"]
        command = [self.programs / "postgres", "-D", data] + [part for setting in settings for part in ("-c", setting)]
        self.child = subprocess.Popen(self._command(*command), stdout=subprocess.DEVNULL, stderr=open(self.folder / "log", "wb"))
        self._wait()

    def _command(self, *command):
        command = [str(part) for part in command]
        if os.geteuid() == 0:
            return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups", *command]
        return command

    def _as_user(self, *command):
        done = subprocess.run(self._command(*command), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{done.stderr}")

    def _wait(self):
        for _ in range(200):
            if self.child.poll() is not None:
                sys.exit("PostgreSQL ended:\n" + (self.folder / "log").read_text())
            done = subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"])
            if done.returncode == 0:
                return
            time.sleep(0.1)
        sys.exit("PostgreSQL did not start within 20 s:\n" + (self.folder / "log").read_text())

    def url(self, role, database):
        return f"postgres://{role}:{self.PASSWORD}@127.0.0.1:{self.port}/{database}"

    def psql(self, database):
        return [str(self.programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]

    def sql(self, database, statement):
        done = subprocess.run(self.psql(database), input=statement, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{statement}\n{done.stderr}")
        return [line.split("|") for line in done.stdout.splitlines()]

    def one(self, database, statement):
        rows = self.sql(database, statement)
        return rows[0][0] if rows else None

    def hold_snapshot(self, database):
        """Opens a session that keeps today's snapshot, as a long report or a stuck client does."""
        session = subprocess.Popen(self.psql(database), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        session.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class;\n")
        session.stdin.flush()
        time.sleep(1)
        held = self.one(database, "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xmin IS NOT NULL")
        if held == "0":
            raise RuntimeError("the snapshot is not held")
        return session

    def cpu_s(self):
        """Processor seconds of the server and all its sessions, those that have ended included."""
        # A session that ends while it is looked at is missed in that look, never counted twice.
        return max(self._look() for _ in range(3)) / os.sysconf("SC_CLK_TCK")

    def _look(self):
        ticks = _ticks(self.child.pid, with_ended=True)
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry.name) == self.child.pid:
                ticks += _ticks(entry.name)
        return ticks

    def version(self):
        return self.one("postgres", "SHOW server_version")

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    def __init__(self):
        if not shutil.which("redis-server"):
            sys.exit("redis-server is missing; install it (apt-get install redis-server)")
        self.port = free_port()
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        self.url = f"redis://127.0.0.1:{self.port}"

    def version(self):
        return subprocess.check_output(["redis-server", "--version"], text=True).split("v=")[1].split()[0]

    def cpu_s(self):
        return process_cpu_s(self.child.pid)

    def stop(self):
        self.child.terminate()
        self.child.wait()


def process_cpu_s(pid):
    """Processor seconds of a process that runs, and of its children."""
    ticks = _ticks(pid, with_ended=True)
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry.name) == pid:
            ticks += _ticks(entry.name, with_ended=True)
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _parent(pid):
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def _ticks(pid, with_ended=False):
    stat = _stat(pid)
    if not stat:
        return 0
    own = int(stat[11]) + int(stat[12])
    return own + (int(stat[13]) + int(stat[14]) if with_ended else 0)
