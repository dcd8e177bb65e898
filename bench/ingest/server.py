"""A PostgreSQL server of its own for a benchmark: durable as in production, on this machine only, gone when it is left."""
import os
import pathlib
import shutil
import socket
import subprocess

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "'1GB'",
}
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def programs():
    """The folder of the newest server that is installed, or None."""
    named = os.environ.get("AOS_TEST_POSTGRES")
    folders = [pathlib.Path(named)] if named else pathlib.Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder for folder in folders if (folder / "initdb").exists() and (folder / "psql").exists()]
    return max(found, key=lambda folder: float(folder.parent.name) if folder.parent.name.replace(".", "").isdigit() else 0, default=None)


class Server:
    def __init__(self, folder, bin_dir):
        self.folder, self.bin = pathlib.Path(folder), bin_dir
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host, self.port = free.getsockname()

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            # The server refuses to run as root; every system that packages it has this user.
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        options = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": self.port, "unix_socket_directories": f"'{self.folder}'"}.items())
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "-w", "start")
        self.pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        command = [str(part) for part in (self.bin / program, *arguments)]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        said = self.folder / "said"
        # Into a file: what the server inherits stays open as long as it runs.
        with open(said, "ab") as out:
            done = subprocess.run(command, stdout=out, stderr=out, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{program} ended with code {done.returncode}:\n{said.read_text()}")

    def psql(self, sql, database="postgres"):
        """Runs SQL as the superuser and gives the rows, one line each."""
        command = [self.bin / "psql", "-h", self.host, "-p", self.port, "-U", "postgres", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        done = subprocess.run([str(part) for part in command], input=sql, check=True, capture_output=True, text=True)
        return done.stdout.splitlines()

    def url(self, user, database):
        return f"postgres://{user}:private@{self.host}:{self.port}/{database}"

    def cpu_s(self):
        """Processor seconds of the whole server so far. A session counts once it has ended, so leave none open."""
        ticks = 0
        for pid in [self.pid, *self._children()]:
            try:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
            except OSError:
                continue
            fields = stat[stat.rindex(")") + 2:].split()
            ticks += sum(int(field) for field in (fields[11:15] if pid == self.pid else fields[11:13]))
        return ticks / TICKS_PER_S

    def _children(self):
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            yield from (int(pid) for pid in (task / "children").read_text().split())
