"""GPU time is let by processes: a training is paid by vouchers, committed to, executed again, and a made-up segment costs its provider."""
import json
import time
import unittest

from support.lease_case import MICRO, RATE, VERIFIERS, LeaseCase

STEPS, SEGMENT = 60, 10
LEASE = {"intervalS": 1, "starvationS": 2, "tMoveS": 20, "tJuryS": 10, "windowS": 300, "samples": 6, "jury": 3,
         "juryQuorum": 2, "minStake": str(5 * MICRO), "disputeBond": str(MICRO)}


class Lease(LeaseCase):
    """The job is a small training."""

    LEASE = LEASE

    def matched(self, order, bond="6", notice=0):
        bid = self.gpu("bid", order, "--offer", self.offer, "--rate", "0.001", "--bond", bond, "--start-in",
                       60, "--notice", notice, who="provider")["txId"]
        return self.gpu("accept", order, bid)["txId"]

    def pay(self, lease, seconds):
        voucher = self.folder / "voucher.json"
        voucher.write_text(json.dumps(self.gpu("voucher", lease, "--seconds", seconds)))
        return voucher

    # --- the job

    def make_job(self):
        self.data = self.rows("rows.csv")
        self.model = self.folder / "new.onnx"
        self.wallet("model", "new", "--kind", "logistic", "--input", "2", "--outputs", "2", self.model)
        self.recipe = self.folder / "recipe.json"
        self.recipe.write_text(json.dumps({"steps": STEPS, "batch": 16, "seed": 4, "optimiser": {"rate": 0.05}}))
        self.job = [self.model, "--data", self.data, "--recipe", self.recipe, "--threads", "1"]
        self.log, self.segments = self.folder / "trainer.log", self.folder / "segments"
        return self.gpu("order", "--model", self.model, "--recipe", self.recipe, "--data-root", "0x" + "11" * 32, "--steps",
                        STEPS, "--segment", SEGMENT, "--samples", 6, "--report-fee", "0.1", "--class", "cpu", "--decoys", 2,
                        "--max-rate", "0.001", "--escrow", "1")["txId"]

    def train(self):
        self.trainer("train", *self.job, "--out", self.folder / "better.onnx", "--segment", SEGMENT, "--segments",
                     self.segments, "--log", self.log, "--quiet")

    def replayed(self, segment):
        """What an honest verifier gets for a segment, from the checkpoint before it."""
        before = [] if segment == 0 else ["--from", self.segments / f"segment-{segment - 1:06}"]
        return json.loads(self.trainer("replay", *self.job, "--take", SEGMENT, *before, "--json"))["commitment"]

    def started(self):
        order = self.make_job()
        for name in VERIFIERS:
            self.gpu("verify-join", "cpu", "--stake", "10", who=name)
        lease = self.matched(order)
        self.train()
        self.gpu("start", lease, "--initial", "0x" + "22" * 32, who="provider")
        return lease

    def closed(self, lease, log=None):
        """All segments are committed to, five seconds are paid, the lease is closed and its checks are drawn."""
        self.gpu("checkpoint", lease, "--log", log or self.log, who="provider")
        self.gpu("claim", self.pay(lease, 5), who="provider")
        self.gpu("close", lease, who="provider")
        self.block()
        self.gpu("assign", lease)
        return self.lease(lease)["verification"]["slots"]

    # --- what happens

    def test_an_honest_training_is_executed_again_and_paid(self):
        before = {name: self.balance(name) for name in self.accounts}
        lease = self.started()
        slots = self.closed(lease)
        self.assertEqual(sorted(int(slot["segment"]) for slot in slots), list(range(6)), "all that there are")
        for slot in slots:
            segment = int(slot["segment"])
            self.gpu("report", lease, segment, self.replayed(segment), who=self.name_of(slot["verifier"]))
        self.gpu("reveal", lease, "--log", self.log, who="provider")
        self.gpu("reveal", lease)  # the tenant's decoys
        self.settled(lease)
        ended = self.lease(lease)
        self.assertEqual((ended["status"], ended["outcome"]), ("settled", "verified"), ended)
        after = {name: self.balance(name) for name in self.accounts}
        paid = before["tenant"] - after["tenant"]
        self.assertGreaterEqual(paid, 5 * RATE + 6 * MICRO // 10)
        self.assertLess(paid, 5 * RATE + 6 * MICRO // 10 + MICRO, "fees and deposits of bytes beside it")
        self.assertEqual(int(ended["paidS"]), 5)
        self.whole()

    def test_a_made_up_segment_costs_the_provider_its_bond(self):
        lease = self.started()
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        wrong = next(line for line in lines if line.get("segment") == 3)
        wrong["commitment"] = "0x" + "ab" * 32
        faked = self.folder / "faked.log"
        faked.write_text("".join(json.dumps(line) + "\n" for line in lines))
        slots = self.closed(lease, faked)
        for slot in slots:
            segment = int(slot["segment"])
            self.gpu("report", lease, segment, self.replayed(segment), who=self.name_of(slot["verifier"]))
        said = self.gpu("reveal", lease, "--log", self.log, who="provider", status=2)
        self.assertIn("committed to something else", said["error"]["message"])
        self.gpu("reveal", lease, "--log", faked, who="provider")
        self.gpu("reveal", lease)
        truth = self.replayed(3)  # before the jury is seated: it has seconds
        self.settled(lease)
        self.assertEqual(self.lease(lease)["status"], "disputed")
        self.block()
        self.settled(lease)
        dispute = self.lease(lease)["dispute"]
        self.assertEqual(int(dispute["segment"]), 3)
        jurors = [self.name_of(juror["account"]) for juror in dispute["jurors"]]
        self.assertGreaterEqual(len(jurors), 2)
        for name in jurors:
            self.gpu("jury-commit", lease, 3, truth, who=name)
        deadline = time.monotonic() + 60
        for name in jurors:
            while True:
                try:
                    self.gpu("jury-reveal", lease, 3, truth, who=name)
                    break
                except AssertionError:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(1)
        while self.lease(lease)["status"] == "disputed":
            self.assertLess(time.monotonic(), deadline + 60)
            time.sleep(1)
            self.block()
            self.assertIn(self.wallet_status("gpu", "settle", lease, account="dan"), (0, 2))
        ended = self.lease(lease)
        self.assertEqual((ended["status"], ended["outcome"]), ("slashed", "faked"), ended)
        self.whole()

    def test_a_tenant_who_stops_paying_owes_what_it_signed_and_no_more(self):
        before = self.balance("provider")
        order = self.gpu("order", "--raw", "--max-rate", "0.001", "--escrow", "1")["txId"]
        lease = self.matched(order, bond="0.000001")
        self.gpu("start", lease, who="provider")
        first, last = self.pay(lease, 2), None
        self.gpu("claim", first, who="provider")
        self.refused(self.gpu("claim", first, who="provider", status=2), "claim_not_above_the_last")
        last = self.pay(lease, 4)
        forged = json.loads(last.read_text()) | {"seconds": 400}
        other = self.folder / "forged.json"
        other.write_text(json.dumps(forged))
        self.gpu("claim", other, who="provider", status=2)
        deadline = time.monotonic() + 60
        while self.wallet_status("gpu", "close", lease, "--reason", "starved", account="provider") != 0:
            self.assertLess(time.monotonic(), deadline, "starves within its time")
            time.sleep(0.5)
            self.block()
        self.gpu("claim", last, who="provider")
        self.settled(lease, 90)  # when the time to claim is over
        ended = self.lease(lease)
        self.assertEqual((ended["status"], ended["reason"], int(ended["paidS"])), ("settled", "starved", 4), ended)
        self.assertEqual(int(ended["held"]), 0)
        self.assertLess(abs(self.balance("provider") - before - 4 * RATE), MICRO)
        self.whole()

    def test_bids_and_orders_can_be_taken_back_and_are_listed(self):
        order = self.gpu("order", "--raw", "--max-rate", "0.001", "--escrow", "1")["txId"]
        self.refused(self.gpu("bid", order, "--offer", self.offer, "--rate", "0.002", who="provider",
                              status=2), "rate_above_the_maximum")
        bid = self.gpu("bid", order, "--offer", self.offer, "--rate", "0.001", who="provider")["txId"]
        self.assertEqual([each["id"] for each in self.gpu("orders")["items"]], [order])
        self.assertEqual([each["id"] for each in self.gpu("order-show", order)["waiting"]], [bid])
        self.gpu("cancel", "bid", bid, who="provider")
        self.assertEqual(self.gpu("order-show", order)["waiting"], [])
        self.gpu("cancel", "order", order)
        self.assertEqual(self.gpu("orders")["items"], [])
        self.assertEqual([each["id"] for each in self.gpu("orders", "--all")["items"]], [order])
        self.assertEqual([each["id"] for each in self.gpu("offers")["items"]], [self.offer])
        self.assertEqual(self.gpu("leases")["items"], [])


if __name__ == "__main__":
    unittest.main()
