"""GPU time is let by programs that run by themselves: `millrace train`, `gpu serve` and `gpu verify` find each other by the
ledger and meet on a node's board."""
import stat
import unittest

from support.lease_case import MICRO, RATE, VERIFIERS
from support.node import BIN
from support.rental_case import SEGMENTS, RentalCase


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
        self.until_lease("slashed")
        lease = self.only_lease()
        self.assertEqual((lease["status"], lease["outcome"]), ("slashed", "faked"), lease)
        self.assertNotEqual(self.ended("tenant")._process.returncode, 0, "what came is not what was committed to")
        self.assertIn("not the one that the provider committed to", self.programs["tenant"].log())
        self.assertFalse(self.out.exists())
        self.assertLess(self.balance("provider"), 1_000 * MICRO - MICRO, "a part of the bond is gone")
        self.whole()

    def test_a_job_that_cannot_be_done_ends_at_once_and_the_provider_says_why(self):
        self.data.write_text("label,a,b,c\n0,1,2,3\n1,2,3,4\n")
        self.train()
        tenant = self.ended("tenant")
        self.assertEqual(tenant._process.returncode, 1, "it is tried here first")
        self.assertIn("features", tenant.log())
        self.assertEqual(self.gpu("orders", "--all")["items"], [])
        self.serve("--once")
        self.train("--skip-trial")
        tenant = self.ended("tenant")
        self.assertNotEqual(tenant._process.returncode, 0)
        self.assertIn("the provider cannot do the job", tenant.log())
        self.assertIn("features", tenant.log() + self.programs["provider"].log())
        lease = self.only_lease()
        self.assertEqual((lease["status"], lease["reason"]), ("settled", "done"), lease)
        self.assertEqual((int(lease["segments"]), int(lease["held"])), (0, 0))
        self.assertLessEqual(int(lease["paidS"]), 3 * self.LEASE["intervalS"])
        self.whole()

    def test_an_order_that_nobody_bids_for_is_taken_back_and_the_command_ends(self):
        before = self.balance("tenant")
        # What failed before anything was ordered leaves nothing that a later command would take up.
        recipe = self.recipe.read_text()
        self.recipe.write_text('{"steps": 7}')
        self.assertEqual(self.wallet_status("train", str(self.model), "--data", str(self.data), "--recipe", str(self.recipe), "--budget",
                                            "999999", "--max-rate", "1", "--class", self.CLASS, "--out", str(self.out),
                                            account="tenant"), 2, "more than there is")
        self.recipe.write_text(recipe)
        self.train("--patience", 4)
        tenant = self.ended("tenant")
        self.assertEqual(tenant._process.returncode, 7, tenant.log())
        self.assertIn("nobody bid within 4 s", tenant.log())
        self.assertEqual([order["status"] for order in self.gpu("orders", "--all")["items"]], ["cancelled"])
        self.assertEqual(int(self.gpu("orders", "--all")["items"][0]["job"]["totalSteps"]), self.steps)
        self.assertLess(before - self.balance("tenant"), MICRO // 10, "the escrow is back")
        self.train("--patience", 4)
        self.assertEqual(self.ended("tenant")._process.returncode, 2, "that order is over")
        self.train("--patience", 4, "--bond", 3)
        tenant = self.ended("tenant")
        self.assertEqual(tenant._process.returncode, 1, tenant.log())
        self.assertIn("for other terms", tenant.log())


class RentalOnFourNodes(RentalCase):
    """Tenant, provider and verifiers each ask a node of their own; they meet at the tenant's."""

    NODES = 4

    def test_parties_of_different_nodes_find_each_other(self):
        # A batch that was sealed to a master key before: what is bought comes like this.
        self.wallet("master", "new", "farm", "--light")
        self.wallet("data", "seal", self.data, "--to", "farm", "--dataset", "0x" + "5a" * 32, "--out", self.folder / "rows.batch")
        self.source = ["--batch", self.folder / "rows.batch", "--master", "farm"]
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
