"""Transfers and paid calls without end, and what a node promised meanwhile."""
import pathlib

from support import processes
from support.node import BIN


class Load:
    """Runs functional_load again and again; what it wrote down is compared with the node afterwards."""

    def __init__(self, node, folder, transfers=2, calls=2, single_calls=2, chain_calls=0, faults=0, seed=1):
        """faults: of a hundred calls so many go wrong on their way first; seed: which, and how."""
        self.node = node
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.facts = self.folder / "facts"
        self.size = ["--transfers", transfers, "--calls", calls, "--single-calls", single_calls,
                     "--chain-calls", chain_calls]
        self.faults, self.seed = faults, seed

    def launch(self, seconds=60):
        self.seed += 100  # another run, other faults
        return processes.Program(
            [BIN / "functional_load", "--node", self.node.url(""), "--key", self.node.wallet.key_file("caller"),
             "--target", self.node.TARGET, "--body", self.node.request_file, "--folder", self.folder,
             "--seconds", seconds, *self.size, "--faults", self.faults, "--seed", self.seed], self.folder, "load")

    def run(self, seconds):
        with self.launch(seconds) as program:
            self.end(program, seconds + 60)

    def end(self, program, seconds=60):
        """Waits until it ended by itself; a promise broken so far fails the test."""
        processes.wait_until(lambda: not program.running(), "the load ends", seconds)
        status = program.stop()
        if status != 0:
            broken = [line for line in self.facts.read_text().splitlines() if line.startswith("fault ")]
            raise AssertionError(f"the load ended with {status}: {broken} {program.log()[-2000:]}")

    def told(self):
        """({transaction: height}, {channel: {seq: charged in all}}, {authorization: charged}) as the node has answered."""
        final, paid, alone = {}, {}, {}
        for line in self.facts.read_text().splitlines() if self.facts.exists() else []:
            kind, *values = line.split(" ")
            if kind == "final":
                final[values[0]] = int(values[1])
            elif kind == "paid":
                paid.setdefault(values[0], {})[int(values[1])] = int(values[2])
            elif kind == "alone":
                # With faults callers are killed too: one that had just written this down asks again, and is told the same.
                told_again = self.faults and alone.get(values[0]) == int(values[1])
                assert values[0] not in alone or told_again, f"the transfer {values[0]} was answered for two calls"
                alone[values[0]] = int(values[1])
            elif kind != "faults":
                raise AssertionError(line)
        return final, paid, alone

    def faults_made(self):
        """How many requests the runs that ended by themselves have spoiled."""
        lines = self.facts.read_text().splitlines()
        return sum(int(line.split(" ")[1]) for line in lines if line.startswith("faults "))

    def counts(self):
        """How many answers of each kind there were so far."""
        final, paid, alone = self.told()
        return len(final), sum(map(len, paid.values())), len(alone)

    def check(self):
        """Nothing that was answered is lost, nothing is charged twice, every paid answer has its receipt."""
        final, paid, alone = self.told()
        for transaction, height in final.items():
            status, known = self.node.get(f"/v1/transactions/{transaction}")
            assert status == 200, f"{transaction} was final and is lost"
            assert known["height"] == height and known["receipt"]["status"] == "applied", known
        for channel, answers in paid.items():
            receipts = self.node.receipts(channel)
            total = 0
            for number, receipt in enumerate(receipts, 1):
                total += int(receipt["charged"])
                assert receipt["seq"] == number, f"receipt {number} of {channel} is missing"
                assert int(receipt["chargedCumulative"]) == total, f"receipt {number} of {channel} does not add up"
            assert self.node.charged(channel) == total, "the node charged more than it gave receipts for"
            for number, charged in answers.items():
                assert number <= len(receipts), f"the paid answer {number} of {channel} has no receipt"
                assert int(receipts[number - 1]["chargedCumulative"]) == charged
            # At most the one call whose answer was lost last.
            assert len(receipts) - len(answers) in (0, 1), f"{len(receipts)} receipts, {len(answers)} answers"
        for authorization, charged in alone.items():
            receipts = self.node.receipts(authorization)
            assert [int(receipt["charged"]) for receipt in receipts] == [charged], f"{authorization}: {receipts}"
        return self.counts()
