"""A version that gets copies of paid calls: who pays has the first version's answer, once and at its price, whatever becomes of the copy."""
import json
import pathlib
import unittest

from support import adder, processes
from support import onnx_file as onnx
from support.adder_line import AdderLine, table
from support.voucher_caller import VoucherCaller

FAILS, SLOW = 3, 4  # versions that the ledger does not know: a shadow needs no price
MICRO = 1_000_000


class Shadow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(processes.temporary_home())
        cls.node = cls.enterClassContext(AdderLine(pathlib.Path(folder) / "wallet", host={"runMs": 3000}))
        (cls.node.home / f"m-{FAILS}.onnx").write_bytes(table())
        (cls.node.home / f"m-{SLOW}.onnx").write_bytes(onnx.slow(10**7, 64))
        cls.caller = VoucherCaller(cls.node, cls.node.TARGET)
        cls.addClassCleanup(cls.caller.close)

    def shadowed_by(self, version, percent=100, tolerance=0, **more):
        """Serves version 1 with this shadow; what is counted from now on is of this test."""
        shadow = {"version": version, "percent": percent, "toleranceMillionths": tolerance * MICRO}
        self.node.reload(self.node.model(versions=sorted({1, 2, version}), shadow=shadow, **more))
        self.version, self.before = version, self.outcomes(version)

    def outcomes(self, version):
        return {outcome: self.node.metric("millrace_shadow_calls_total", model="m", version=version, outcome=outcome)
                for outcome in ("EQUAL", "DIFFERS", "FAILED", "DROPPED")}

    def counted(self):
        """Outcomes since shadowed_by, without those that there were none of."""
        now = self.outcomes(self.version)
        return {outcome: int(now[outcome] - self.before[outcome]) for outcome in now if now[outcome] != self.before[outcome]}

    def wait_for(self, outcomes):
        processes.wait_until(lambda: sum(self.counted().values()) >= sum(outcomes.values()), f"copies: {outcomes}")
        self.assertEqual(self.counted(), outcomes)

    def pay(self, xs):
        """A paid call for each x: each is charged once, for version 1, and answered by it."""
        before = len(self.node.receipts(self.caller.channel))
        charged = self.caller.charged
        for x in xs:
            answer = self.caller.call(adder.request(float(x)))
            self.assertEqual((answer.status, answer.told.get("model_version")), (200, "1"), answer.content)
            self.assertEqual(adder.answer(answer.told), x + 1)
            self.assertEqual((answer.receipt["ver"], int(answer.receipt["charged"])), (1, self.node.price(1)))
        receipts = self.node.receipts(self.caller.channel)[before:]
        self.assertEqual([receipt["ver"] for receipt in receipts], [1] * len(xs))
        self.assertEqual(self.node.charged(self.caller.channel), charged + len(xs) * self.node.price(1))

    def test_is_compared_and_neither_answers_nor_costs(self):
        for tolerance, outcome in ((0, "DIFFERS"), (1, "EQUAL")):
            self.shadowed_by(2, tolerance=tolerance)
            ran = self.node.runs(2)
            for x in range(5):  # one by one: of copies that meet, some are dropped
                self.pay([x])
                self.wait_for({outcome: x + 1})
            self.assertEqual(self.node.runs(2) - ran, 5)

    def test_gets_the_share_that_the_operator_says(self):
        self.shadowed_by(2, percent=25)
        self.pay(range(60))
        processes.wait_until(lambda: sum(self.counted().values()) >= 15 - 2, "copies")
        self.assertLessEqual(sum(self.counted().values()), 15 + 2)

    def test_that_fails_is_counted_and_nobody_else_hears_of_it(self):
        self.shadowed_by(FAILS)
        self.pay([3])
        self.wait_for({"EQUAL": 1})
        for failed, x in enumerate((4, 50, 1000), 1):
            self.pay([x])
            self.wait_for({"EQUAL": 1, "FAILED": failed})
        self.pay([0])
        self.wait_for({"EQUAL": 2, "FAILED": 3})

    def test_that_is_slow_keeps_nobody_waiting_and_takes_two_copies_at_most(self):
        self.shadowed_by(SLOW)
        self.pay(range(8))
        now = self.counted()
        # Whatever it was given still runs, so nothing waited for it.
        self.assertEqual(set(now), {"DROPPED"}, now)
        self.assertIn(now["DROPPED"], (6, 7))
        processes.wait_until(lambda: sum(self.counted().values()) == 8, "the copies run out of time")
        self.assertEqual(self.counted(), {**now, "FAILED": 8 - now["DROPPED"]})
        # Nor does the end of the node wait for it.
        self.pay([1])
        self.assertEqual(self.node.program.stop(), 0)
        self.caller.close()  # the next call connects again
        self.node.start()

    def test_gets_no_copy_of_what_it_answers_itself_nor_of_an_answer_that_was_kept(self):
        self.shadowed_by(2, cache=True)
        self.pay([70, 70, 70])
        self.wait_for({"DIFFERS": 1})
        own = VoucherCaller(self.node, "/v2/models/m/versions/2/infer")
        self.addCleanup(own.close)
        answer = own.call(adder.request(80.0))
        self.assertEqual((answer.status, adder.answer(answer.told), answer.receipt["ver"]), (200, 82.0, 2))
        self.assertEqual(int(answer.receipt["charged"]), self.node.price(2))
        self.pay([81])
        self.wait_for({"DIFFERS": 2})

    def test_gets_no_copy_of_a_call_that_failed(self):
        self.shadowed_by(2)
        charged = self.node.charged(self.caller.channel) if self.caller.charged else 0
        late = self.caller.call({**adder.request(90.0), "parameters": {"timeout": 1}})
        self.assertEqual(late.status, 504, late.content)
        self.pay([91])
        self.wait_for({"DIFFERS": 1})
        self.assertEqual(self.node.charged(self.caller.channel), charged + self.node.price(1))

    def test_that_is_not_served_is_refused_and_what_was_served_stays(self):
        self.shadowed_by(2)
        refused = self.node.reload(self.node.model(versions=[1], shadow={"version": 2, "percent": 100}), status=400)
        self.assertIn("shadow version 2 is not served", json.dumps(refused))
        self.pay([5])
        self.wait_for({"DIFFERS": 1})


if __name__ == "__main__":
    unittest.main()
