"""What tests of sealed batches on real nodes have in common: a batch with a canary in it, nodes, and what one does with both."""
import json
import pathlib
import random
import re
import subprocess
import unittest
import urllib.error
import urllib.request

from support import processes
from support.node import BIN, Node

DATASET = "0x" + "5a" * 32
CHUNK = 32_784


def metric(node, name):
    text = node.get("/metrics")[1]
    return int(float(re.search(rf"^{name} (\S+)$", text, re.M)[1]))


class BatchCase(unittest.TestCase):
    def setUp(self):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "passphrase").write_text("correct horse\n")
        (self.folder / "passphrase").chmod(0o600)
        self.millrace("master", "new", "farm", "--light")
        self.canary = b"canary-" + random.Random(7).randbytes(24).hex().encode()

    def command(self, *words):
        return [str(word) for word in (BIN / "millrace", "--home", self.folder / "home", "--json", "--passphrase-file",
                                       self.folder / "passphrase", *words)]

    def millrace(self, *words, status=0):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout) if status == 0 else done.stderr

    def seal(self, mib, name="batch"):
        """A batch of so many MiB of text with a canary all over it."""
        source = self.folder / f"{name}.txt"
        line = self.canary + b" " + random.Random(mib).randbytes(500).hex().encode() + b"\n"
        source.write_bytes((line * ((mib << 20) // len(line) + 1))[:mib << 20])
        sealed = self.millrace("data", "seal", source, "--to", "farm", "--dataset", DATASET,
                               "--out", self.folder / name)
        return sealed, source

    def node(self, **blobs):
        node = Node(blobs={"scrubBytesPerS": 200 << 20, **blobs})
        self.addCleanup(node.__exit__, None, None, None)
        return node.start()

    def put(self, node, batch="batch", status=0):
        return self.millrace("--node", node.url(""), "data", "put", self.folder / batch,
                             "--token-file", node.home / "keys/operator.token", status=status)

    def ask(self, node, method, path, body=b"", by_operator=True):
        """(status, body) of one request."""
        headers = {}
        if by_operator:
            headers["Authorization"] = "Bearer " + (node.home / "keys/operator.token").read_text().strip()
        request = urllib.request.Request(node.url(path), data=body if method != "GET" else None, headers=headers,
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def fetch_to(self, node, root, providers):
        order = json.dumps({"providers": [provider.url("") for provider in providers]}).encode()
        status, body = self.ask(node, "POST", f"/v1/batches/{root}/fetch", order)
        self.assertEqual(status, 202, body)

    def status(self, node, root):
        return json.loads(self.ask(node, "GET", f"/v1/batches/{root}")[1])

    def fetched(self, node, root):
        """The status of a fetch that has ended."""
        def ended():
            fetch = self.status(node, root).get("fetch") or {}
            return fetch if fetch.get("state") in ("done", "failed") else None
        return processes.wait_until(ended, "the fetch ends", 120)

    def open(self, folder, source):
        out = self.folder / "opened"
        self.millrace("data", "open", folder, "--master", "farm", "--out", out)
        self.assertEqual((out / source.name).read_bytes(), source.read_bytes())

    def assert_no_text_in(self, *nodes):
        for node in nodes:
            for path in node.folder.rglob("*"):
                if path.is_file():
                    self.assertNotIn(self.canary, path.read_bytes(), path)
