"""What a host claims of calls to a version that its alias has left meanwhile."""
import pathlib
import unittest

from support import adder, processes
from support.adder_line import AdderLine, check
from support.node import set_parameters
from support.voucher_caller import VoucherCaller


class CanaryThatEnds(unittest.TestCase):
    WINDOW_S = 20  # longer than it takes to turn an alias on a busy machine

    def test_is_paid_for_although_the_claim_before_still_waited_for_its_window(self):
        folder = self.enterContext(processes.temporary_home())
        cap = 5 * AdderLine.price(1)
        node = AdderLine(pathlib.Path(folder) / "wallet", claims={"everyS": 10**6, "cap": str(cap)})
        set_parameters(node.home, wDispS=self.WINDOW_S, wUnbondS=4 * self.WINDOW_S)
        self.enterContext(node)
        node.point("1=1", "2=1")
        caller = VoucherCaller(node, node.TARGET)
        self.addCleanup(caller.close)
        earned = {1: 0, 2: 0}

        def call_until(enough):
            for number in range(100):
                if enough():
                    return
                before = caller.charged
                answer = caller.call(adder.request(float(number)))
                self.assertIsNone(check(answer, number, before))
                earned[answer.receipt["ver"]] += int(answer.receipt["charged"])
            self.fail("not enough after a hundred calls")

        channel = lambda: node.get(f"/v1/channels/{caller.channel}")[1]
        call_until(lambda: caller.charged >= cap)
        first = processes.wait_until(lambda: channel()["pending"], "the first claim")
        claimed = {use["ver"]: int(use["amount"]) for use in first["uses"]}
        call_until(lambda: earned[2] > claimed.get(2, 0) and caller.charged >= int(first["total"]) + cap)
        node.point("1")
        self.assertEqual(channel()["pending"], first, "the canary is over while the first claim waits")
        second = processes.wait_until(lambda: (found := channel()["pending"]) != first and found, "the second claim", 90)
        self.assertEqual(second["total"], str(caller.charged))
        self.assertEqual({use["ver"]: int(use["amount"]) + claimed.get(use["ver"], 0) for use in second["uses"]}, earned)
        self.assertNotIn("use_not_served", node.program.log())
        self.assertEqual(node.program.stop(), 0)
        node.verify()


if __name__ == "__main__":
    unittest.main()
