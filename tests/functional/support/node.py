"""A real node in a temporary home: made, started, asked, killed, started again."""
import json
import os
import pathlib
import urllib.error
import urllib.request

from support import processes

BIN = pathlib.Path(os.environ.get("MILLRACE_BIN", "build/dev/bin")).resolve()


def set_parameters(home, **parameters):
    """Changes the parameters of a home's genesis document, which names the network: before its first start."""
    genesis = home / "genesis.json"
    document = json.loads(genesis.read_text())
    document["params"] |= parameters
    genesis.write_text(json.dumps(document))


class Node:
    """One validator's home and, while it runs, its program. Use in a with statement."""

    def __init__(self, balances=(), tokens=1_000, **config):
        """balances: addresses that begin with so many tokens each."""
        self._folder = processes.temporary_home()
        self.folder = pathlib.Path(self._folder.name)
        self.home = self.folder / "node"
        made = processes.run([BIN / "millraced", "init", "--home", self.home,
                              *(f"--balance={address}={tokens * 1_000_000}" for address in balances)], self.folder)
        self.identity = json.loads(made)
        self.port = processes.free_port()
        self.configure(http={"address": "127.0.0.1", "port": self.port}, peers={"port": 0}, **config)
        self.program = None

    def configure(self, **sections):
        """Changes config.json; takes effect at the next start."""
        path = self.home / "config.json"
        config = json.loads(path.read_text())
        for section, members in sections.items():
            config[section] = {**config.get(section, {}), **members}
        path.write_text(json.dumps(config, indent=2))

    def launch(self, name="millraced", before=(), environment=None):
        """Starts the program without waiting for it; for starts that are meant to fail."""
        return processes.Program([*before, BIN / "millraced", "run", "--home", self.home], self.folder, name, environment)

    def start(self, **options):
        self.program = self.launch(**options)
        self.program.ready(lambda: processes.listens(self.port) and self.get("/healthz")[0] == 200)
        return self

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path):
        """(status, parsed JSON or text) of a GET."""
        return self._ask(urllib.request.Request(self.url(path)))

    def post(self, path, value):
        return self._ask(urllib.request.Request(self.url(path), json.dumps(value).encode(),
                                                {"Content-Type": "application/json"}))

    @staticmethod
    def _ask(request):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, body = response.status, response.read()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read()
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body.decode(errors="replace")

    def verify(self):
        """Re-executes the stopped node's blocks from genesis; its output. Anything wrong fails the test."""
        return processes.run([BIN / "millraced", "verify", "--home", self.home], self.folder)

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        if self.program:
            self.program.__exit__(*error)
        self._folder.cleanup()
