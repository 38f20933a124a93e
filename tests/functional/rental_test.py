"""GPU time is let by programs that run by themselves: `millrace train`, `gpu serve` and `gpu verify` find each other by the
ledger, meet on a node's board, and whoever of them is killed goes on where it was."""
import json
import os
import stat
import unittest

from support import processes
from support.lease_case import MICRO, RATE, VERIFIERS, LeaseCase
from support.node import BIN

SEGMENTS, SEGMENT = 8, 50
# In its sandbox the trainer cannot look for leaks, which a checked build does at the end.
LEAKS = {"ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}


class RentalCase(LeaseCase):
    """The programs, and how they are looked at."""

    LEASE = {"intervalS": 2, "starvationS": 8, "tMoveS": 25, "tJuryS": 20, "windowS": 240, "samples": 4, "jury": 3,
             "juryQuorum": 2, "minStake": str(5 * MICRO), "disputeBond": str(MICRO)}
    steps = SEGMENTS * SEGMENT
    segment = SEGMENT

    def setUp(self):
        super().setUp()
        self.data = self.rows("rows.csv")
        self.holdout = self.rows("holdout.csv", seed=9)
        self.model = self.folder / "new.onnx"
        self.wallet("model", "new", "--kind", "logistic", "--input", "2", "--outputs", "2", self.model)
        self.recipe = self.folder / "recipe.json"
        self.recipe.write_text(json.dumps({"batch": 16, "seed": 4, "optimiser": {"rate": 0.05}}))
        self.out = self.folder / "better.onnx"
        self.programs = {}

    # --- the programs

    def start(self, who, *words):
        program = processes.Program([BIN / "millrace", "--json", "--yes", "-a", who, *map(str, words)], self.folder, who,
                                    {**self.wallet.environment, **LEAKS, "MILLRACE_NODE": self.url_of(who)})
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
        return self.start("tenant", "train", self.model, "--data", self.data, "--holdout", self.holdout, "--recipe", self.recipe,
                          "--steps", self.steps, "--segment", self.segment, "--budget", 1, "--max-rate", "0.001",
                          "--class", self.CLASS, "--report-fee", "0.1", "--bids", 0, "--out", self.out, *words)

    def ended(self, who, seconds=180):
        program = self.programs[who]
        self.until(lambda: not program.running(), f"{who} ended", seconds)
        return program

    def report(self, who):
        """The document at the end of what a program printed."""
        log = self.ended(who).log()
        document, _ = json.JSONDecoder().raw_decode(log[log.index("{\n"):])
        self.assertNotIn("error", document, log)
        return document

    def only_lease(self):
        leases = self.gpu("leases")["items"]
        return leases[0] if leases else None

    def until(self, check, what, seconds=120):
        def alive_and_true():
            for who, program in self.programs.items():
                if not program.running() and program._process.returncode == 1:
                    raise AssertionError(f"{who} was used wrongly")
            return check()
        try:
            return processes.wait_until(alive_and_true, what, seconds, 0.2)
        except AssertionError as late:
            logs = "\n".join(f"---- {who}\n{program.log()[-1500:]}" for who, program in self.programs.items())
            raise AssertionError(f"{late}\nlease: {self.lease(self.only_lease()['id'])}\n{logs}") from None

    def until_lease(self, *states, seconds=120):
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
        self.steps, self.segment = 40_000, 40_000 // SEGMENTS


class Rental(RentalCase):
    def test_a_training_is_bought_done_checked_and_paid_by_programs_alone(self):
        before = {name: self.balance(name) for name in self.accounts}
        self.join()
        self.serve("--once")
        self.verify()
        self.train()
        report = self.report("tenant")
        self.assertEqual((report["status"], report["outcome"], report["reason"]), ("settled", "verified", "done"), report)
        self.assertEqual(report["segments"], SEGMENTS)
        self.assertEqual(self.out.read_bytes(), self.trained_here(), "what was paid for")
        self.assertGreater(report["after"]["accuracy"]["value"], 0.95)
        self.assertGreater(report["after"]["accuracy"]["value"], report["before"]["accuracy"]["value"])
        self.assertEqual(self.ended("provider")._process.returncode, 0)
        lease = self.only_lease()
        self.assertEqual(int(lease["held"]), 0)
        verdicts = {name: self.balance(name) - before[name] for name in VERIFIERS}
        self.assertGreater(sum(verdicts.values()), -4 * 10 * MICRO, verdicts)
        paid = before["tenant"] - self.balance("tenant")
        self.assertGreaterEqual(paid, report["paidS"] * RATE + 4 * MICRO // 10)
        self.assertLess(paid, report["paidS"] * RATE + 4 * MICRO // 10 + MICRO, "fees beside it")
        plain = self.data.read_bytes()[:200]
        for folder in ("rented-out", *(f"verifying-{name}" for name in VERIFIERS)):
            for path in (self.folder / folder).rglob("*"):
                if path.is_file():
                    self.assertNotIn(plain, path.read_bytes(), f"samples lie open in {path}")
        self.whole()

    def test_whoever_is_killed_goes_on_where_it_was(self):
        self.long()
        self.join()
        self.serve("--once")
        self.train()
        self.until(lambda: (lease := self.only_lease()) and int(lease["segments"]) >= 1, "a segment that is committed to")
        for who, again in (("provider", lambda: self.serve("--once")), ("tenant", self.train)):
            self.assertEqual(self.only_lease()["status"], "active", "it was killed while it ran")
            self.programs[who].kill()
            again()
        seen = int(self.only_lease()["paidS"])
        self.until(lambda: int(self.only_lease()["paidS"]) > seen, "pay after that")
        self.node.program.kill()  # with it the board is gone
        self.node.start()
        self.verify()
        lease = self.until_lease("verifying", "disputed", seconds=240)
        self.until(lambda: self.lease(lease["id"])["verification"], "a draw")
        for name in VERIFIERS:
            self.programs[name].kill()
        self.programs["provider"].kill()
        self.programs["tenant"].kill()
        self.verify()
        self.serve("--once")
        self.train()
        report = self.report("tenant")
        self.assertEqual((report["status"], report["outcome"]), ("settled", "verified"), report)
        self.assertEqual(report["segments"], SEGMENTS)
        self.assertEqual(self.out.read_bytes(), self.trained_here(), "as if nothing had happened")
        self.assertEqual(int(self.only_lease()["held"]), 0)
        self.ended("provider")
        self.whole()

    def test_a_made_up_segment_is_found_by_programs_alone(self):
        self.join()
        cheat = self.folder / "cheat"
        cheat.write_text(f"""#!/usr/bin/env python3
import json, os, subprocess, sys
real = [{str(BIN / "millrace-trainer")!r}, *sys.argv[1:]]
if sys.argv[1] != "train":
    os.execv(real[0], real)
status = subprocess.run(real).returncode
log = sys.argv[sys.argv.index("--log") + 1]
lines = [json.loads(line) for line in open(log)]
for line in lines:
    if "segment" in line:
        line["commitment"] = "0x" + "ab" * 31 + "%02x" % line["segment"]
open(log, "w").write("".join(json.dumps(line) + "\\n" for line in lines))
sys.exit(status)
""")
        cheat.chmod(cheat.stat().st_mode | stat.S_IXUSR)
        self.serve("--once", "--trainer", cheat, commit_s=3600)
        self.verify()
        self.train()
        self.until_lease("slashed", seconds=240)
        lease = self.only_lease()
        self.assertEqual((lease["status"], lease["outcome"]), ("slashed", "faked"), lease)
        self.assertNotEqual(self.ended("tenant")._process.returncode, 0, "what came is not what was committed to")
        self.assertIn("not the one that the provider committed to", self.programs["tenant"].log())
        self.assertFalse(self.out.exists())
        self.assertLess(self.balance("provider"), 1_000 * MICRO - MICRO, "a part of the bond is gone")
        self.whole()

    def test_a_provider_that_nobody_pays_stops_on_its_last_voucher(self):
        self.long()
        self.serve("--once")
        self.train()
        self.until_lease("active")
        self.until(lambda: int(self.only_lease()["paidS"]) > 0, "a first claim")
        self.programs["tenant"].kill()
        report = self.report("provider")["leases"][0]
        self.assertEqual((report["status"], report["reason"]), ("settled", "starved"), report)
        lease = self.only_lease()
        self.assertEqual(int(lease["held"]), 0)
        run_s = (int(lease["closedMs"]) - int(lease["startedMs"])) / 1_000
        self.assertLessEqual(int(lease["paidS"]), run_s, "it stopped when its time was used up")
        self.whole()

    def test_a_tenant_whose_provider_is_gone_pays_the_last_voucher_and_no_more(self):
        self.long()
        self.serve("--once", commit_s=3600)
        self.train()
        self.until_lease("active")
        self.until(lambda: int(self.only_lease()["paidS"]) > 0, "a first claim")
        self.programs["provider"].kill()
        self.assertNotEqual(self.ended("tenant")._process.returncode, 0)
        lease = self.only_lease()
        self.assertEqual((lease["status"], lease["reason"]), ("settled", "stalled"), lease)
        self.assertEqual(int(lease["held"]), 0)
        self.assertFalse(self.out.exists())
        self.whole()

    def test_a_job_that_cannot_be_done_ends_at_once_and_the_provider_says_why(self):
        self.data.write_text("label,a,b,c\n0,1,2,3\n1,2,3,4\n")
        self.serve("--once")
        self.train()
        tenant = self.ended("tenant")
        self.assertNotEqual(tenant._process.returncode, 0)
        self.assertIn("the provider cannot do the job", tenant.log())
        self.assertIn("features", tenant.log() + self.programs["provider"].log())
        lease = self.only_lease()
        self.assertEqual((lease["status"], lease["reason"]), ("settled", "done"), lease)
        self.assertEqual((int(lease["segments"]), int(lease["held"])), (0, 0))
        self.assertLessEqual(int(lease["paidS"]), 3 * self.LEASE["intervalS"])
        self.whole()


class RentalOnFourNodes(RentalCase):
    """Tenant, provider and verifiers each ask a node of their own; they meet at the tenant's."""

    NODES = 4

    def test_parties_of_different_nodes_find_each_other(self):
        self.join()
        self.network.same_head()
        self.serve("--once")
        self.verify()
        self.train()
        report = self.report("tenant")
        self.assertEqual((report["status"], report["outcome"], report["reason"]), ("settled", "verified", "done"), report)
        self.assertEqual(self.out.read_bytes(), self.trained_here())
        self.ended("provider")
        self.assertEqual(int(self.only_lease()["held"]), 0)
        self.whole()


if __name__ == "__main__":
    unittest.main()
