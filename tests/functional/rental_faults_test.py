"""Whoever of tenant, provider, verifiers and node is killed goes on where it was; whoever stays away costs the others what was
signed, and no more."""
import unittest

from support.lease_case import VERIFIERS
from support.rental_case import SEGMENTS, RentalCase


class RentalFaults(RentalCase):
    def assert_sealed(self, *folders):
        """Whoever computes has the samples on the disk only as they were sealed."""
        files = [path for folder in folders for path in (self.folder / folder).rglob("*") if path.is_file()]
        self.assertTrue(files)
        plain = self.data.read_bytes()[100:160]
        for path in files:
            self.assertNotIn(plain, path.read_bytes(), f"samples lie open in {path}")

    def test_whoever_is_killed_goes_on_where_it_was(self):
        self.long()
        self.join()
        self.serve("--once")
        self.train()
        self.until(lambda: (lease := self.only_lease()) and int(lease["segments"]) >= 1, "a segment that is committed to")
        for who, again in (("provider", lambda: self.serve("--once")), ("tenant", self.train)):
            self.assertEqual(self.only_lease()["status"], "active", "it was killed while it ran")
            self.programs[who].kill()
            if who == "provider":
                self.assert_sealed("rented-out")
            again()
        seen = int(self.only_lease()["paidS"])
        self.until(lambda: int(self.only_lease()["paidS"]) > seen, "pay after that")
        self.node.program.kill()  # with it the board is gone
        self.node.start()
        self.verify()
        lease = self.until_lease("verifying", "disputed")
        self.until(lambda: self.lease(lease["id"])["verification"], "a draw")
        for name in VERIFIERS:
            self.programs[name].kill()
        self.assert_sealed(*(f"verifying-{name}" for name in VERIFIERS))
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

    def test_a_provider_that_commits_to_nothing_is_paid_for_a_while_and_no_longer(self):
        self.long()
        self.serve("--once", commit_s=3600)
        trust_s = 6
        self.train("--trust", trust_s)
        lease = self.until_lease("verifying", "settled")
        self.assertIn(lease["reason"], ("stalled", "starved"), "whichever side sees it first")
        self.assertLessEqual(int(lease["paidS"]), trust_s + 3 * self.LEASE["intervalS"], "whatever its heartbeats say")

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


if __name__ == "__main__":
    unittest.main()
