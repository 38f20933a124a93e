"""A device sends what it sealed to a node by itself; who contributes puts it on the ledger, sells it, and opens it."""
import json
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from support import processes
from support.market_case import MarketCase
from support.node import BIN, Node
from support.paid_node import Wallet

NAMES = ("farmer", "buyer")


class EdgeNetwork(MarketCase):
    def setUp(self):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.frames = self.folder / "frames"
        self.frames.mkdir()
        self.wallet = Wallet(self.folder / "wallet")
        self.accounts = {name: self.wallet("key", "new", name, "--light", "--no-words")["address"] for name in NAMES}
        self.node = Node(self.accounts.values(), 1_000)
        self.node.__enter__()
        self.addCleanup(self.node.__exit__, None, None, None)
        self.wallet.environment["MILLRACE_NODE"] = self.node.url("")
        self.master = self.wallet("master", "new", "farm", "--light")["publicKey"]
        self.device = self.folder / "device.key"
        key = json.loads(self.edge("key", "new", self.device, "--json").stdout)["publicKey"]
        self.data("register", "orchard", "--owner-ppm", "600000")
        self.dataset = self.data("list")["items"][0]["id"]
        self.data("enroll", "orchard", key, "--daily", "1000000000")
        self.network = self.node.get("/v1/status")[1]["genesisId"]
        self.canary = b"canary-" + random.Random(5).randbytes(16).hex().encode()

    def open_inbox(self):
        self.node.program.stop()
        self.node.configure(inbox={"datasets": [self.dataset]})
        self.node.start()

    def data(self, *words, who="farmer", status=0):
        return self.wallet("data", *map(str, words), account=who, status=status)

    def edge(self, *words, status=0):
        done = subprocess.run([BIN / "millrace-edge", *map(str, words)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def seal_words(self, *words):
        return ["seal", "--key", self.device, "--queue", self.folder / "queue", "--network", self.network, "--dataset", self.dataset,
                "--to", self.master, "--from", self.frames, "--quiet-ms", 0, "--poll-ms", 20, "--cut-bytes", "200kb", *words]

    def send(self, status=0):
        return self.edge("send", "--key", self.device, "--queue", self.folder / "queue", "--node", self.node.url(""), "--json",
                         status=status)

    def record(self, count, size=60_000, begin=0):
        source = random.Random(begin + 1)
        made = {}
        for i in range(begin, begin + count):
            made[f"{i:04}.jpg"] = self.canary + source.randbytes(size)
            hidden = self.frames / f".{i:04}"
            hidden.write_bytes(made[f"{i:04}.jpg"])
            hidden.rename(self.frames / f"{i:04}.jpg")
        return made

    def waiting(self):
        status, answer = self.node.get(f"/v1/datasets/{self.dataset}/inbox")
        self.assertEqual(status, 200, answer)
        return answer["items"]

    def opened(self, roots):
        """Every item of these batches, fetched from the node and opened with the master key."""
        items = {}
        for place, root in enumerate(roots):
            fetched, out = self.folder / "fetched", self.folder / f"opened-{place}"
            self.data("fetch", root, "--from", self.node.url(""), "--to", fetched)
            self.data("open", fetched / root, "--master", "farm", "--out", out)
            items |= {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        return items

    def test_what_a_device_recorded_reaches_the_ledger_and_its_owner_through_a_node_that_cannot_read_it(self):
        frames = {}
        for begin in (0, 4, 8):
            frames |= self.record(4, begin=begin)
            self.edge(*self.seal_words("--once"))
        said = self.send(status=4)
        self.assertIn("no inbox", said.stderr)
        self.open_inbox()
        sent = json.loads(self.send().stdout)
        self.assertEqual(sent["sent"], 3)
        self.assertEqual(json.loads(self.send().stdout)["sent"], 0, "nothing is left")
        items = self.waiting()
        self.assertEqual([item["complete"] for item in items], [True] * sent["sent"])

        done = self.data("collect", self.dataset, who="buyer")
        self.assertEqual(done["contributed"], [], "these are the farmer's to contribute")
        done = self.data("collect", "orchard")
        self.assertEqual(len(done["contributed"]), sent["sent"])
        self.assertEqual((done["refused"], self.waiting()), ([], []))
        batches = self.data("show", "orchard")["batches"]
        self.assertEqual({batch["root"] for batch in batches}, {batch["root"] for batch in done["contributed"]})
        self.assertEqual(self.opened([batch["root"] for batch in batches]), frames)
        self.node.program.stop()
        for path in [*self.node.home.rglob("*"), *(self.folder / "queue").rglob("*")]:
            if path.is_file():
                self.assertNotIn(self.canary, path.read_bytes(), path)
        self.assertIn("verified", self.node.verify())

    def test_nothing_is_lost_or_there_twice_when_device_and_node_are_killed_while_it_is_sent(self):
        self.open_inbox()
        frames = {}
        source = random.Random(int(os.environ.get("MILLRACE_SEED", "7")))
        watching = processes.Program([BIN / "millrace", "--json", "--yes", "-a", "farmer", "data", "collect", "orchard", "--watch"],
                                     self.folder, "collect", self.wallet.environment)
        self.addCleanup(watching.kill)
        for life in range(6):
            frames |= self.record(6, begin=6 * life)
            sealing = subprocess.Popen([BIN / "millrace-edge", *map(str, self.seal_words("--after", "delete", "--node", self.node.url("")))],
                                       stderr=subprocess.DEVNULL)
            time.sleep(source.uniform(0.2, 1.5))
            if life % 2:
                self.node.program.kill()
            sealing.send_signal(signal.SIGKILL)
            sealing.wait()
            if life % 2:
                self.node.start()
        self.edge(*self.seal_words("--once"))
        self.send()
        try:
            processes.wait_until(lambda: not self.waiting(), "everything is on the ledger", 60, 0.5)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.waiting()}\n{watching.log()[-2000:]}") from None
        watching.stop()
        batches = self.data("show", "orchard")["batches"]
        self.assertEqual(len({batch["root"] for batch in batches}), len(batches))
        items = self.opened([batch["root"] for batch in batches])
        self.assertEqual({name: len(content) for name, content in items.items()}, {name: len(content) for name, content in frames.items()})
        self.assertEqual(items, frames)
        self.node.program.stop()
        self.assertIn("verified", self.node.verify())

    def test_a_batch_from_a_stick_is_put_on_the_ledger_as_the_device_signed_it(self):
        self.record(3)
        stick = self.folder / "stick"
        stick.mkdir()
        self.edge(*self.seal_words("--once", "--outbox", stick))
        batch = next(iter(stick.iterdir()))
        self.data("contribute", batch)
        self.assertEqual(self.data("show", "orchard")["batches"][0]["root"], json.loads((batch / "batch.json").read_text())["root"])
        self.refused(self.data("contribute", batch, status=2), "batch_used")
        text = (batch / "contribution.json").read_text()
        (batch / "contribution.json").write_text(text.replace('"batch": "1"', '"batch": "2"'))
        self.assertIn("not signed by the device", self.data("contribute", batch, status=1)["error"]["message"])


if __name__ == "__main__":
    unittest.main()
