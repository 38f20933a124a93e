"""Tenant, provider and verifiers as programs that run by themselves."""
import json
import os

from support import processes
from support.lease_case import MICRO, VERIFIERS, LeaseCase
from support.node import BIN

SEGMENTS, SEGMENT = 8, 50
# In its sandbox the trainer cannot look for leaks, which a checked build does at the end.
LEAKS = {"ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}


class RentalCase(LeaseCase):
    """The programs, and how they are looked at."""

    LEASE = {"intervalS": 2, "starvationS": 14, "tMoveS": 25, "tJuryS": 20, "windowS": 240, "samples": 4, "jury": 3,
             "juryQuorum": 2, "minStake": str(5 * MICRO), "disputeBond": str(MICRO)}
    steps = SEGMENTS * SEGMENT
    segment = SEGMENT

    def setUp(self):
        super().setUp()
        self.wallet.environment |= LEAKS
        self.data = self.rows("rows.csv")
        self.holdout = self.rows("holdout.csv", seed=9)
        self.model = self.folder / "new.onnx"
        self.wallet("model", "new", "--kind", "logistic", "--input", "2", "--outputs", "2", self.model)
        self.recipe = self.folder / "recipe.json"
        self.recipe.write_text(json.dumps({"batch": 16, "seed": 4, "optimiser": {"rate": 0.05}}))
        self.source = ["--data", self.data]
        self.out = self.folder / "better.onnx"
        self.programs = {}

    # --- the programs

    def start(self, who, *words):
        program = processes.Program([BIN / "millrace", "--json", "--yes", "-a", who, *map(str, words)], self.folder, who,
                                    {**self.wallet.environment, "MILLRACE_NODE": self.url_of(who)})
        self.programs[who] = program
        self.addCleanup(program.kill)
        return program

    def serve(self, *words, commit_s=2):
        return self.start("provider", "gpu", "serve", self.offer, "--board", self.url_of("tenant"), "--work", self.folder / "rented-out", "--commit-every", commit_s,
                          "--claim-every", 4, *words)

    def verify(self, names=VERIFIERS, *words):
        for name in names:
            self.start(name, "gpu", "verify", "--work", self.folder / f"verifying-{name}", *words)

    def join(self):
        for name in VERIFIERS:
            self.gpu("verify-join", self.CLASS, "--stake", "10", who=name)

    def train(self, *words):
        return self.start("tenant", "train", self.model, *self.source, "--holdout", self.holdout, "--recipe", self.recipe,
                          "--steps", self.steps, "--segment", self.segment, "--budget", 1, "--max-rate", "0.001",
                          "--class", self.CLASS, "--report-fee", "0.1", "--bids", 0, "--out", self.out, *words)

    def ended(self, who, seconds=400):
        program = self.programs[who]
        self.until(lambda: not program.running(), f"{who} ended", seconds)
        return program

    def report(self, who):
        """The document at the end of what a program printed, the last one of that name."""
        log = self.ended(who).log()
        document, _ = json.JSONDecoder().raw_decode(log[("\n" + log).rindex("\n{\n"):])
        self.assertNotIn("error", document, log)
        return document

    def only_lease(self):
        leases = self.gpu("leases")["items"]
        return leases[0] if leases else None

    def until(self, check, what, seconds=300):
        def alive_and_true():
            for who, program in self.programs.items():
                if not program.running() and program._process.returncode == 1 and not check():
                    raise AssertionError(f"{who} was used wrongly")
            return check()
        try:
            return processes.wait_until(alive_and_true, what, seconds, 0.2)
        except AssertionError as late:
            logs = "\n".join(f"---- {who}\n{program.log()[-1500:]}" for who, program in self.programs.items())
            raise AssertionError(f"{late}\nlease: {self.only_lease()}\n{logs}") from None

    def until_lease(self, *states, seconds=400):
        def there():
            lease = self.only_lease()
            return lease if lease and lease["status"] in states else None
        return self.until(there, f"a lease that is {states}", seconds)

    def trained_here(self):
        """What the same training gives on this machine: the same bits."""
        out = self.folder / "here.onnx"
        self.trainer("train", self.model, "--data", self.data, "--recipe", self.recipe, "--threads", "1", "--steps", self.steps,
                     "--out", out, "--quiet")
        return out.read_bytes()

    def long(self):
        """A training of so many seconds that something can happen meanwhile."""
        self.steps, self.segment = 60_000, 60_000 // SEGMENTS
