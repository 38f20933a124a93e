"""One fault on one network: load before, during and after it, and an auditor who forgives nothing."""
import os
import random
import shutil
import statistics
import time

import sandbox
from support import processes
from support.network import BIN, Network
from support.paid_node import Wallet

# On a machine that is busy with other things besides, times may be this many times as long.
PATIENCE = float(os.environ.get("MILLRACE_CHAOS_PATIENCE", "1"))
T_MAX_MS = 4_000
FAULTS = []


class Skip(Exception):
    """This machine cannot make the fault; the message says what is missing."""


def fault(number, selected=None, needs=()):
    """Registers a fault of ledger.md, "Real-process fault tests". `selected`: seconds it gets in the selection that
    `./dev test` runs; None: only in full runs. `needs`: programs, or "wires" for name spaces."""
    def register(function):
        FAULTS.append((number, function, selected, needs))
        return function
    return register


class Trial:
    """What a fault works with. Everything it makes is ended when it is over."""

    def __init__(self, folder, seconds, seed, in_sandbox):
        self.folder = folder
        self.seconds = seconds
        self.chance = random.Random(seed)
        self.in_sandbox = in_sandbox
        self.idle = None
        self.network = None
        self.wires = None
        self._ends = []
        self._final = {}

    def begin(self, validators=4, followers=1, wires=False, start=True, **config):
        """Makes and starts the network, with load on every node, and measures the idle round trip."""
        consensus = {"t0Ms": 1_000, "tMaxMs": T_MAX_MS, "skipMs": 2_000, **config.pop("consensus", {})}
        self.network = Network(self.folder, validators, followers, consensus=consensus, **config)
        if wires:
            self.wires = sandbox.Wires(self.network)
            self._ends.append(self.wires.end)
        if start:
            self.network.start()
            self.calm()
        return self.network

    def at_end(self, action):
        self._ends.append(action)

    def calm(self, seconds=3.0):
        """The load on, and how long a transfer takes until it is final when nothing is wrong."""
        if not self.network.loaders:
            self.network.load()
        self.wait_for_finality(self.network.members, 60)
        before = {name: loader.count() for name, loader in self.network.loaders.items()}
        time.sleep(seconds)
        times = [seconds / max(1, loader.count() - before[name]) for name, loader in self.network.loaders.items()]
        self.idle = statistics.median(times)
        say(f"idle round trip {self.idle * 1000:.0f} ms")

    def small_disk(self, member, **options):
        if not self.in_sandbox:
            raise Skip("this user may not mount a small disk")
        disk = sandbox.SmallDisk(member, self.folder, **options)
        self._ends.append(disk.end)
        return disk

    def wallet(self, member):
        """The command line wallet with the key of the node's account, before that node."""
        wallet = Wallet(self.folder / f"wallet-{member.name}")
        wallet.environment["MILLRACE_NODE"] = member.url
        wallet("key", "import", member.name, "--hex", "--file", member.home / "keys/host.key", "--light")
        return wallet

    def wait_for_finality(self, members, seconds):
        """Until each node has answered something new as final; how long the last took."""
        began = time.monotonic()
        loaders = [self.network.loaders[member.name] for member in members]
        before = [loader.count() for loader in loaders]

        def final_again():
            for loader in loaders:
                loader.check()
            return all(loader.count() > old for loader, old in zip(loaders, before))
        processes.wait_until(final_again, f"{', '.join(m.name for m in members)} final again", seconds)
        return time.monotonic() - began

    def recovers(self, members=None, cut=0.0):
        """The fault is over: within ten idle round trips and a timeout all nodes are final again. The timeout is the
        longest of a view, and after a network that was cut as long again as the cut: TCP doubles its own."""
        members = [m for m in (members or self.network.members) if m.running()]
        bound = (10 * self.idle + T_MAX_MS / 1000 + cut) * PATIENCE
        took = self.wait_for_finality(members, bound)
        say(f"final again after {took:.1f} s (at most {bound:.1f})")

    def stands_still(self, members, seconds):
        """Nothing more becomes final on these nodes than what was so on one of them when they were cut off: another
        may still fetch that, and may first have asked somebody who does not hear it."""
        time.sleep(2)
        height = max(member.head()[0] for member in members)
        before = {member.name: len(self.network.loaders[member.name].heights()) for member in members}
        time.sleep(seconds)
        now = max(member.head()[0] for member in members)
        told = {name: self.network.loaders[name].heights()[count:] for name, count in before.items()}
        assert now == height and all(at <= height for new in told.values() for at in new), \
            f"final without a quorum: block {now} after {height}, {told}"

    def audit(self, members=None, verify=1):
        """The same blocks everywhere; everything that was answered as final is in them, where it was said to be. Ends
        the network; `verify` nodes execute their chain again."""
        self.network.end_load()
        members = [m for m in (members or self.network.members) if m.running()]
        height = self.network.same_head(members, 60 * PATIENCE)
        chains = [member.blocks() for member in members]
        for at in range(height + 1):
            ids = {chain[at] for chain in chains if at in chain}
            assert len(ids) == 1, f"fork at height {at}: {ids}"
        final = self.network.final()
        witness = members[0]
        for transaction, at in final.items():
            status, known = witness.get(f"/v1/transactions/{transaction}")
            assert status == 200, f"{transaction} was final in block {at} and is lost"
            assert known["height"] == at and known["receipt"]["status"] == "applied", known
        self.network.stop()
        for member in members[:verify]:
            processes.run([BIN / "millraced", "verify", "--home", member.home], self.folder, 300)
        say(f"{height} blocks, {len(final)} final transfers, all there on {len(members)} nodes")

    def end(self, error):
        if self.network:
            self.network.__exit__(type(error) if error else None, error, None)
        for end in reversed(self._ends):
            end()


def check_needs(needs, in_sandbox):
    for need in needs:
        if need == "wires":
            if not in_sandbox:
                raise Skip("network name spaces need root")
            need = "ip"
        if not shutil.which(need):
            raise Skip(f"{need} is not installed: ./dev setup")


def say(text):
    print(f"    {text}", flush=True)
