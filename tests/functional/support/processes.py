"""Starts real programs for a test and ends them, whatever happens to the test."""
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import time


def free_base(offsets, step=1):
    """A port P such that all P + offset are free at this moment. Below the range that connections get their own ports
    from: one of those would keep a program that starts again from its port, or, on loopback, connect to itself."""
    for base in random.sample(range(10_000, 32_000 - max(offsets), step), 200):
        try:
            for offset in offsets:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue
    raise AssertionError("no free ports")


def free_port():
    """A TCP port nobody listens on at this moment."""
    return free_base([0])


def wait_until(check, what, seconds=60.0, step=0.02):
    """Returns the first true value of check(). Polls, because another process's readiness sends no event."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(step)


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A running program; use in a with statement. Its output goes to log_path and is shown when the test fails."""

    def __init__(self, arguments, home, name, environment=None):
        self.name = name
        self.log_path = pathlib.Path(home) / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def ready(self, check, seconds=60.0):
        """Waits until check() is true; a program that ended meanwhile is an error at once."""
        def alive_and_ready():
            if not self.running():
                raise AssertionError(f"{self.name} ended with {self._process.returncode}:\n{self.log()[-4000:]}")
            return check()
        try:
            return wait_until(alive_and_ready, f"{self.name} ready", seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.log()[-4000:]}") from None

    def stop(self, seconds=30.0):
        """Asks it to end; its exit status."""
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within {seconds:.0f} s:\n{self.log()[-4000:]}") from None

    def kill(self):
        """SIGKILL, as a power cut would."""
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill()
        if kind is not None:
            print(f"---- {self.name} (last lines) ----\n{self.log()[-4000:]}")


def temporary_home():
    """A folder that is gone after the test; a short path, as sockets need."""
    return tempfile.TemporaryDirectory(prefix="millrace-", dir="/tmp")


def run(arguments, home, seconds=120.0, status=0, **options):
    """Runs a program to its end and returns its standard output; another exit status fails the test."""
    done = subprocess.run([str(a) for a in arguments], cwd=home, stdin=options.pop("stdin", subprocess.DEVNULL),
                          capture_output=True, text=True, timeout=seconds, **options)
    if done.returncode != status:
        raise AssertionError(f"{' '.join(map(str, arguments))}: exit {done.returncode}, wanted {status}\n"
                             f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout
