"""A real PostgreSQL for tests: a server of their own, on loopback, gone when they are."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

OWNER = "postgres"
"""PostgreSQL refuses to run as root; Debian's package makes this user."""


@dataclass(frozen=True)
class Server:
    """A running server with the database `postgres` and the user `postgres`, who needs no password."""

    port: int

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query; none for a statement that gives none."""
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user=OWNER, dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def make_reader(self, name: str) -> None:
        """A user who can log in and write nothing."""
        self.query(f"create role {name} login")
        self.query(f"alter role {name} set default_transaction_read_only = on")

    def profile(self, schema: str = "analytics") -> str:
        """An output of a dbt profile that reaches this server."""
        return (
            f"{{type: postgres, host: 127.0.0.1, port: {self.port}, user: {OWNER}, password: unused, "
            f"dbname: postgres, schema: {schema}, threads: 2}}"
        )


def find_binaries() -> Path | None:
    """The folder with the server's programs."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def run_server(binaries: Path) -> Generator[Server]:
    """Start a server in a new folder, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    owner = OWNER if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"

    def run(program: str, *words: str) -> None:
        command = [str(binaries / program), *words]
        subprocess.run(command, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={"LC_ALL": "C"})

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    try:
        run("initdb", "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        yield Server(port)
    finally:
        if data.exists():
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
