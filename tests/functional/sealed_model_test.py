"""Weights are sold sealed: who bought them opens the version that the ledger knows, and nobody else opens anything."""
import json
import pathlib
import unittest

from support import canaries, processes
from support.node import set_parameters
from support.paid_node import PaidNode, Wallet


class SealedModel(unittest.TestCase):
    """The owner of `digits` seals its file to a vault and sells it to the host."""

    @classmethod
    def setUpClass(cls):
        home = processes.temporary_home()
        cls.addClassCleanup(home.cleanup)
        cls.folder = pathlib.Path(home.name)
        cls.node = PaidNode(cls.folder / "wallet")
        set_parameters(cls.node.home, tRelS=200, tDispS=4)
        cls.node.__enter__()
        cls.addClassCleanup(cls.node.__exit__, None, None, None)
        cls.model = cls.node.home / "digits.onnx"
        cls.batch = cls.folder / "weights.batch"
        wallet = cls.node.wallet
        wallet("master", "new", "vault", "--light")
        wallet("key", "new", "press", "--light", "--no-words")
        (cls.folder / "license.txt").write_text("may be served, may not be passed on\n")
        cls.data("register", "weights", "--owner-ppm", "1000000")
        cls.data("enroll", "weights", "press", "--daily", "1000000000")
        cls.sealed = cls.data("seal", cls.model, "--to", "vault", "--dataset", "weights", "--out", cls.batch)
        cls.data("contribute", cls.batch, "--device", "press")
        cls.data("put", cls.batch, "--token-file", cls.node.home / "keys/operator.token")
        cls.offer = cls.data("offer", "weights", "--price", "3", "--license", cls.folder / "license.txt", "--master", "vault")["txId"]
        cls.version = f"{cls.node.published['model']}@{cls.node.published['ver']}"

    @classmethod
    def data(cls, *words, who="owner", status=0):
        return cls.node.wallet("data", *map(str, words), account=who, status=status)

    def fetch(self, *words, who="host", status=0):
        return self.node.wallet("model", "fetch", *map(str, words), account=who, status=status)

    def test_who_bought_the_weights_gets_the_very_model_that_the_ledger_names(self):
        root = json.loads((self.batch / "batch.json").read_text())["root"]
        self.data("fetch", root, "--from", self.node.url(""), "--to", self.folder / "brought", who="host")
        brought = next(path.parent for path in (self.folder / "brought").rglob("batch.json"))
        self.assertEqual(canaries.in_files(brought, [self.model.read_bytes()[200:264]]), [], "it travels sealed")
        sale = self.data("buy", self.offer, brought, "--max-price", "3", who="host")["txId"]
        out = self.folder / "host.onnx"
        wanted = (self.version, "--sale", sale, "--batch", brought, "--out", out)
        self.fetch(*wanted, status=3)  # nobody has released anything yet
        self.data("release", sale, "--master", "vault")
        said = self.fetch(*wanted)
        self.assertEqual(out.read_bytes(), self.model.read_bytes())
        self.assertEqual(said["contentId"], self.node.published["contentId"])
        self.assertEqual(out.stat().st_mode & 0o077, 0, "its owner did not give it to everybody on this machine")

        stranger = Wallet(self.folder / "stranger")
        stranger.environment["MILLRACE_NODE"] = self.node.url("")
        stranger("key", "new", "eve", "--light", "--no-words")
        stranger("model", "fetch", *map(str, wanted[:-1]), str(self.folder / "theirs.onnx"), account="eve", status=3)
        self.fetch(*wanted[:-1], self.folder / "short.onnx", "--most-bytes", "1000", status=3)
        self.fetch(self.model, *wanted[1:-1], self.folder / "odd.onnx", status=1)
        self.assertEqual(sorted(path.name for path in self.folder.glob("*.onnx")), ["host.onnx"])


if __name__ == "__main__":
    unittest.main()
