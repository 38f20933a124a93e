"""A network of many real nodes: homes by `millraced testnet`, programs started, asked, killed and compared."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from support import processes

BIN = pathlib.Path(os.environ.get("MILLRACE_BIN", "build/dev/bin")).resolve()


class Member:
    """One node of a network; its program is only ever ended by its own process id."""

    def __init__(self, network, facts):
        self.network = network
        self.name = facts["name"]
        self.validator = facts["validator"]
        self.home = network.folder / facts["home"]
        self.url = facts["http"]
        self.account = facts["account"]
        self.peer_address = facts["peers"].rsplit(":", 1)
        self.before = []
        self.program = None

    def configure(self, **sections):
        """Changes config.json; takes effect at the next start."""
        path = self.home / "config.json"
        config = json.loads(path.read_text())
        for section, members in sections.items():
            config[section] = {**config.get(section, {}), **members}
        path.write_text(json.dumps(config, indent=2))

    def launch(self, before=(), environment=None):
        """Starts the program without waiting for it."""
        self.program = processes.Program([*self.before, *before, BIN / "millraced", "run", "--home", self.home],
                                         self.network.logs, self.name, environment)
        return self.program

    def start(self, seconds=60.0, **options):
        self.launch(**options).ready(lambda: self.healthy(), seconds)
        return self

    def running(self):
        return self.program is not None and self.program.running()

    def healthy(self):
        try:
            return self.get("/healthz", 2)[0] == 200
        except OSError:
            return False

    def kill(self):
        self.program.kill()

    def stop(self, seconds=60.0):
        return self.program.stop(seconds)

    def pause(self):
        os.kill(self.program.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.program.pid, signal.SIGCONT)

    def get(self, path, seconds=30):
        """(status, parsed JSON or text)"""
        try:
            with urllib.request.urlopen(self.url + path, timeout=seconds) as response:
                status, body = response.status, response.read()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read()
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as gone:
            raise ConnectionError(f"{self.name}: {gone}") from None
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body.decode(errors="replace")

    def status(self):
        return self.get("/v1/status")[1]

    def head(self):
        """(height, block id), or None when the node does not answer."""
        try:
            status = self.get("/v1/status", 5)[1]
            return int(status["height"]), status["blockId"]
        except (OSError, KeyError, TypeError):
            return None

    def blocks(self):
        """Block ids by height, from the newest down."""
        found, before = {}, None
        while before != 0:
            status, page = self.get("/v1/blocks?limit=100" + (f"&before={before}" if before else ""))
            assert status == 200, page
            for item in page["items"]:
                found[int(item["header"]["height"])] = item["id"]
            if page["next"] is None:
                break
            before = int(page["next"])
        return found

    def log(self):
        return self.program.log() if self.program else ""


class Loader:
    """Transfers from a node's own account, one after the other in each of `lanes` lanes, started again when it ends
    because the node is gone. It writes down what the node answered as final."""

    def __init__(self, member, folder, lanes=1):
        self.member = member
        self.folder = folder / f"load-{member.name}"
        self.folder.mkdir(exist_ok=True)
        self.lanes = lanes
        self._over = threading.Event()
        self._process = None
        self._faults = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        key = self.folder / "key"
        key.touch(mode=0o600)
        key.write_text("0x" + (self.member.home / "keys/host.key").read_text().strip())
        while not self._over.is_set():
            with open(self.folder / "log", "ab") as log:
                self._process = subprocess.Popen(
                    [BIN / "functional_load", "--node", self.member.url, "--key", key, "--target", "/none", "--body",
                     "/dev/null", "--folder", self.folder, "--seconds", "3600", "--transfers", str(self.lanes),
                     "--calls", "0"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            status = self._process.wait()
            if status not in (0, -signal.SIGTERM, -signal.SIGKILL):
                self._faults.append(f"the load of {self.member.name} ended with {status}")
                return
            self._over.wait(0.1)

    def facts(self):
        """What it has written down, a line each."""
        facts = self.folder / "facts"
        return facts.read_text().splitlines() if facts.exists() else []

    def final(self):
        """{transaction: height} as answered so far."""
        return {line.split(" ")[1]: int(line.split(" ")[2]) for line in self.facts() if line.startswith("final ")}

    def heights(self):
        """Of the blocks with what was answered as final, in that order."""
        return [int(line.split(" ")[2]) for line in self.facts() if line.startswith("final ")]

    def times(self):
        """Seconds from each transfer to its answer, in order."""
        return [int(line.split(" ")[3]) / 1e6 for line in self.facts() if line.startswith("final ")]

    def count(self):
        return len(self.facts())

    def check(self):
        """A load that ended otherwise than because its node is gone saw a promise broken."""
        if self._faults:
            raise AssertionError("; ".join(self._faults) + ":\n" + (self.folder / "log").read_text()[-2000:])

    def stop(self):
        self._over.set()
        while self._thread.is_alive():
            if self._process and self._process.poll() is None:
                self._process.terminate()
            self._thread.join(0.2)
        self.check()


class Network:
    """Homes and programs of validators and followers in one folder; use in a with statement."""

    def __init__(self, folder, validators=4, followers=0, arguments=(), **config):
        """config: sections of config.json for every node."""
        self.folder = pathlib.Path(folder) / "net"
        self.logs = pathlib.Path(folder)
        base = processes.free_base([10 * i + j for i in range(validators + followers) for j in (0, 1)], 10)
        self.facts = json.loads(processes.run(
            [BIN / "millraced", "testnet", "--validators", validators, "--followers", followers, "--out", self.folder,
             "--base-port", base, "--account-per-node", *arguments], folder))
        self.members = [Member(self, facts) for facts in self.facts["nodes"]]
        self.validators = self.members[:validators]
        self.followers = self.members[validators:]
        self.loaders = {}
        for member in self.members:
            member.configure(**config)

    def start(self, members=None, seconds=120.0):
        members = self.members if members is None else members
        for member in members:
            member.launch()
        for member in members:
            member.program.ready(member.healthy, seconds)
        return self

    def same_head(self, members=None, seconds=60.0):
        """Waits until the nodes agree on the newest block; its height."""
        members = self.members if members is None else members

        def agreed():
            heads = [member.head() for member in members]
            return heads[0] if heads[0] and all(head == heads[0] for head in heads) else None
        return processes.wait_until(agreed, f"the same head everywhere, not {[m.head() for m in members]}", seconds)[0]

    def load(self, members=None, lanes=1):
        for member in self.members if members is None else members:
            self.loaders[member.name] = Loader(member, self.logs, lanes)

    def end_load(self):
        for loader in self.loaders.values():
            loader.stop()

    def final(self):
        """{transaction: height} that any node answered as final so far."""
        return {transaction: height for loader in self.loaders.values() for transaction, height in loader.final().items()}

    def stop(self, seconds=60.0):
        """Ends every program in order; their exit statuses must be 0."""
        for member in self.members:
            if member.running():
                status = member.stop(seconds)
                assert status == 0, f"{member.name} ended with {status}:\n{member.log()[-3000:]}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for loader in self.loaders.values():
            loader._over.set()
            if loader._process and loader._process.poll() is None:
                loader._process.kill()
        for member in self.members:
            if member.program:
                if member.running():
                    member.go_on()
                member.program.__exit__(kind, error, trace)
