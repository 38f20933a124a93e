"""A node that serves a model for pay: accounts, a trained net, host and version on the ledger."""
import json
import os
import secrets
import subprocess

from support import processes
from support.node import BIN, Node


class Wallet:
    """The command line wallet in a home of its own, asked for JSON."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        passphrase = folder / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_hex(8) + "\n")
        self.environment = {"MILLRACE_HOME": str(folder / "home"), "MILLRACE_PASSPHRASE_FILE": str(passphrase)}

    def __call__(self, *words, account=None, status=0):
        account = ["-a", account] if account else []
        return json.loads(processes.run([BIN / "millrace", "--json", "--yes", *account, *words], self.folder,
                                        status=status, env={**os.environ, **self.environment}))

    def key_file(self, name):
        """The bare key of an account, in a file, for programs that are no wallet."""
        path = self.folder / f"{name}.hex"
        if not path.exists():
            processes.run([BIN / "millrace", "--yes", "key", "export", name, "--hex", "--out", path], self.folder,
                          env={**os.environ, **self.environment})
        return path

    def secret(self, name):
        """The same as bytes, to sign with."""
        return bytes.fromhex(self.key_file(name).read_text().strip().removeprefix("0x"))


class PaidNode(Node):
    """owner, host and caller with so many tokens each; `digits` served for 0.05 a row. Use in a with statement."""

    PEOPLE = ("owner", "host", "caller")
    TARGET = "/v2/models/digits/infer"
    REQUEST = {"inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28], "data": [0.5] * 784}]}

    def __init__(self, folder, tokens=1_000, **config):
        """folder: where the wallet lives, as it outlives the node's home."""
        self.wallet = Wallet(folder)
        self.accounts = {name: self.wallet("key", "new", name, "--light", "--no-words")["address"] for name in self.PEOPLE}
        super().__init__(self.accounts.values(), tokens, **config)
        self.wallet.environment["MILLRACE_NODE"] = self.url("")
        self.request_file = self.folder / "request.json"
        self.request_file.write_text(json.dumps(self.REQUEST))

    def register_host(self):
        key = self.identity["account"]
        self.wallet("send", key, "50", account="host")
        self.wallet("host", "register", "--endpoint", self.url(""), "--bond", "100", "--key", key, account="host")

    def publish(self):
        """What the parties do before the first call; the node is started for it and stopped again."""
        self.start()
        self.register_host()
        model = self.home / "digits.onnx"
        subprocess.run([BIN / "millrace-demo-digits", "--samples", "1000", "--held-out", "100", "--epochs", "1",
                        "--out", model], check=True, capture_output=True, timeout=120)
        self.published = self.wallet("model", "publish", model, "--name", "digits", "--license", "MIT", "--price", "0.05",
                                     "--price-unit", "row", "--max-units", "8", "--host", "host", account="owner")
        self.program.stop()
        self.configure(host={"account": self.accounts["host"], "models": [
            {"name": "digits", "model": self.published["model"], "alias": "latest", "files": ["1=digits.onnx"]}]})
        return self

    def __enter__(self):
        self.publish()
        return self.start()

    def receipts(self, channel):
        """Every receipt of a channel, oldest first."""
        found, page = [], 1
        while page:
            status, answer = self.get(f"/v1/channels/{channel}/receipts?from={page}&limit=1000")
            assert status == 200, answer
            found += [item["receipt"] for item in answer["items"]]
            page = answer["next"]
        return found

    def charged(self, channel):
        """What the node says it has charged on a channel in all, in micros."""
        status, answer = self.get(f"/v1/channels/{channel}/charges")
        assert status == 200, answer
        return int(answer["charged"])
