"""What tests of leases share: a tenant, a provider with an offer, verifiers, and one node."""
import json
import os
import pathlib
import random
import subprocess
import time

from support import processes
from support.market_case import MarketCase
from support.network import Network
from support.node import BIN, Node
from support.paid_node import Wallet

MICRO = 1_000_000
RATE = 1_000  # micros a second
VERIFIERS = ("ada", "bob", "cyd", "dan")


def with_lease(home, parameters):
    """Changes a home's genesis document, which names the network."""
    genesis = home / "genesis.json"
    document = json.loads(genesis.read_text())
    document["params"]["lease"] |= parameters
    genesis.write_text(json.dumps(document))


class LeaseCase(MarketCase):
    """LEASE says what the network's parameters of leases are, NODES how many validators it has."""

    LEASE = {}
    CLASS = "cpu"
    NODES = 1

    def setUp(self):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.wallet = Wallet(self.folder / "wallet")
        self.accounts = {name: self.wallet("key", "new", name, "--light", "--no-words")["address"]
                         for name in ("tenant", "provider", *VERIFIERS)}
        if self.NODES == 1:
            self.node = Node(self.accounts.values(), 1_000)
            with_lease(self.node.home, self.LEASE)
            self.node.__enter__()
            self.addCleanup(self.node.__exit__, None, None, None)
            self.urls = [self.node.url("")]
        else:
            self.network = Network(self.folder, self.NODES, arguments=[
                f"--balance={address}={1_000 * MICRO}" for address in self.accounts.values()])
            for member in self.network.members:
                with_lease(member.home, self.LEASE)
                self.addCleanup(lambda member=member: member.program and member.kill())
            self.network.start()
            self.node = self.network.members[0]
            self.urls = [member.url for member in self.network.members]
        self.wallet.environment["MILLRACE_NODE"] = self.urls[0]
        self.offer = self.gpu("offer", "--device", "two cores", "--memory-mib", "1024", "--gflops", "10", "--bandwidth-mbs",
                              "1000", "--class", self.CLASS, "--deterministic", "--rate", "0.001", "--least", self.LEASE["intervalS"], "--most",
                              "3600", who="provider")["txId"]

    def gpu(self, *words, who="tenant", status=0):
        return self.wallet("gpu", *map(str, words), account=who, status=status)

    def wallet_status(self, *words, account):
        done = subprocess.run([BIN / "millrace", "--json", "--yes", "-a", account, *words], capture_output=True, text=True,
                              timeout=120, env={**os.environ, **self.wallet.environment})
        return done.returncode

    def lease(self, lease):
        status, answer = self.node.get(f"/v1/leases/{lease}")
        self.assertEqual(status, 200, answer)
        return answer

    def block(self):
        """One more block: what a draw waits for is the id of the one before."""
        self.wallet("send", self.accounts["dan"], "0.000001", account="dan")

    def settled(self, lease, patience=60):
        """What is due happens when anybody asks for it after its time, and not before."""
        deadline = time.monotonic() + patience
        while (status := self.wallet_status("gpu", "settle", lease, account="dan")) != 0:
            self.assertEqual(status, 2, "refused, and nothing else")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)
            self.block()

    def url_of(self, who):
        """The node that somebody uses."""
        return self.urls[list(self.accounts).index(who) % len(self.urls)]

    def whole(self):
        """The ledger executes to what it says, everywhere."""
        if self.NODES > 1:
            self.network.same_head()
        for node in [self.node] if self.NODES == 1 else self.network.members:
            node.program.stop()
            processes.run([BIN / "millraced", "verify", "--home", node.home], self.folder)

    def name_of(self, address):
        return next(name for name, each in self.accounts.items() if each == address)

    def trainer(self, *words):
        done = subprocess.run([BIN / "millrace-trainer", *map(str, words)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def rows(self, name, seed=3, count=200):
        """Two clouds of points that a line divides."""
        draws = random.Random(seed)
        rows = [(kind := draws.randrange(2), kind + draws.random() / 2, draws.random()) for _ in range(count)]
        path = self.folder / name
        path.write_text("label,a,b\n" + "".join(f"{kind},{a:.4f},{b:.4f}\n" for kind, a, b in rows))
        return path
