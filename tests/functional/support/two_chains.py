"""Two chains of one genesis that its only validator has signed both: what a sold key, or a forger with old ones, could show."""
import json
import pathlib
import shutil
import unittest

from support import processes
from support.network import BIN, Member, Network
from support.node import set_parameters
from support.paid_node import Wallet


class Copy(Member):
    """A member's home a second time, on ports of its own. It dials whom it is told to dial and nobody else."""

    def __init__(self, network, name, origin):
        port = processes.free_base([0, 1])
        shutil.copytree(origin, network.folder / name)
        super().__init__(network, {"name": name, "validator": False, "home": name, "http": f"http://127.0.0.1:{port}",
                                   "account": None, "peers": f"127.0.0.1:{port + 1}"})
        (self.home / "keys/peer.key").unlink()  # bans are by that key: the next start makes another
        self.configure(http={"port": port}, peers={"port": port + 1, "advertised": [], "fixed": [], "fullOutbound": 0})
        shown = json.loads(processes.run([BIN / "millraced", "validator", "show", "--home", self.home], network.logs))
        self.peer = shown["peerKey"][2:]

    def dials(self, *others):
        """From its next start on."""
        self.configure(peers={"fixed": [f"{other.peer}@{':'.join(other.peer_address)}" for other in others]})
        return self

    def trusts(self, checkpoint):
        (self.home / "trusted.json").write_text(json.dumps(checkpoint))
        self.configure(consensus={"trustedCheckpoint": "trusted.json"})
        return self

    def epoch(self):
        return self.get("/v1/consensus")[1]["epoch"]

    def complaints(self):
        """How often somebody was hung up on for what it brought."""
        return self.log().count("misbehaves: ")


class TwoChains(unittest.TestCase):
    """`right` and `other` make blocks, each on a copy of the validator's whole home: with the log of what it has voted for, so that
    neither knows of the other and both go on from the height `common`. Both have opened epoch 1 at the same height, with different
    blocks. `fresh` is a follower's home without a ledger, `behind` one whose ledger ends at `common`."""

    @classmethod
    def setUpClass(cls):
        folder = processes.temporary_home()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.network = Network(cls.folder, validators=1, followers=1)
        cls.validator, follower = cls.network.members
        for member in cls.network.members:
            set_parameters(member.home, unbondingS=256)  # an epoch may end after a quarter of a second
        cls.fresh, cls.behind = shutil.copytree(follower.home, cls.folder / "fresh"), follower.home
        with cls.network:
            cls.network.start()
            cls.send(cls.wallet(cls.validator), "1")
            cls.common = cls.network.same_head()
            cls.network.stop()
        cls.right = cls.chain("right", "2", more=2)
        cls.other = cls.chain("other", "3", more=6)
        cls.checkpoint = cls.right.get("/v1/checkpoint")[1]
        cls.anchor = int(cls.checkpoint["anchor"]["height"])

    @classmethod
    def wallet(cls, node):
        """With the validator's key, before that node."""
        wallet = Wallet(cls.folder / f"wallet-{node.name}")
        wallet.environment["MILLRACE_NODE"] = node.url
        wallet("key", "import", "validator", "--hex", "--file", node.home / "keys/host.key", "--light")
        return wallet

    @classmethod
    def send(cls, wallet, amount, times=1):
        """So many blocks of a transfer each."""
        for _ in range(times):
            wallet("send", cls.network.followers[0].account, amount, account="validator")

    @classmethod
    def forks(cls, name):
        """The validator once more, as it stood at `common`."""
        node = Copy(cls.network, name, cls.validator.home)
        cls.addClassCleanup(lambda: node.program and node.kill())
        return node.start()

    @classmethod
    def chain(cls, name, amount, more):
        """Two blocks, of which the second ends the epoch, and then `more` of them."""
        node = cls.forks(name)
        wallet = cls.wallet(node)
        cls.send(wallet, amount)
        wallet("validator", "power", "raise", "1", account="validator")
        processes.wait_until(lambda: node.epoch() == 1, f"the next epoch of the {name} chain", 90)
        cls.send(wallet, amount, more)
        return node

    def node(self, name, origin):
        """Not started yet; ended with the test."""
        node = Copy(self.network, f"{name}-{self.id().rsplit('.', 1)[1][:40]}", origin)
        self.addCleanup(lambda: node.program and node.kill())
        return node

    def doctor(self, node, status=0):
        """{check: (health, found)}"""
        said = json.loads(processes.run([BIN / "millraced", "doctor", "--json", "--home", node.home], self.folder, status=status))
        return {one["check"]: (one["health"], one["found"]) for one in said["checks"]}
