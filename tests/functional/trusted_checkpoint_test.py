"""Whoever trusts a checkpoint of one chain takes no block of another, whoever signed that, and follows the right one where it can."""
import shutil
import unittest

from support import processes
from support.two_chains import TwoChains

ELSEWHERE = "does not lead through the trusted checkpoint"


class TrustedCheckpoint(TwoChains):
    def refuses(self, node, height):
        """Until a peer has brought the other chain: it is named, and nothing of it is here."""
        why = processes.wait_until(lambda: node.head() and node.status()["refusedChain"], "the other chain is refused")
        self.assertIn(ELSEWHERE, why)
        self.assertIn(f"block {self.anchor} is {self.other.blocks()[self.anchor]}", why)
        self.assertIn(f"says {self.right.blocks()[self.anchor]} at block {self.anchor}", why)
        self.assertIn(f"misbehaves: {why}", node.log())
        self.assertEqual((node.head()[0], node.status()["halted"]), (height, ""))

    def follows(self, node, chain):
        processes.wait_until(lambda: node.head() == chain.head() and node.blocks() == chain.blocks(),
                             f"{node.name} is where {chain.name} is")

    def test_there_are_two_chains_and_both_are_valid(self):
        right, other = self.right.blocks(), self.other.blocks()
        self.assertEqual([height for height in right if right[height] == other[height]], list(range(self.common, -1, -1)))
        self.assertEqual(self.anchor, int(self.other.get("/v1/checkpoint")[1]["anchor"]["height"]))
        self.assertGreater(len(other), len(right), "the other one is longer, should that matter to anybody")
        self.assertGreater(min(len(right), len(other)), self.anchor + 1)
        self.assertEqual([node.get("/v1/consensus")[1]["silenced"] for node in (self.right, self.other)], ["", ""])

    def test_without_a_checkpoint_whatever_is_signed_is_followed(self):
        node = self.node("trusting", self.fresh).dials(self.other).start()
        self.follows(node, self.other)
        self.assertEqual(node.status()["refusedChain"], "")

    def test_a_peer_of_the_other_chain_is_hung_up_on_each_time_until_one_of_the_right_chain_is_named(self):
        node = self.node("strict", self.fresh).dials(self.other).trusts(self.checkpoint)
        node.launch()
        self.refuses(node, 0)
        # The operator's own peers are never barred, so it comes again, and is refused again.
        processes.wait_until(lambda: node.complaints() >= 2, "it is refused a second time")
        self.refuses(node, 0)
        self.assertEqual(node.get("/healthz")[0], 200)
        health, found = self.doctor(node, 2)["checkpoint"]
        self.assertEqual(health, "fail")
        self.assertIn(ELSEWHERE, found)
        self.assertEqual(node.stop(), 0)
        node.dials(self.right).start()
        self.follows(node, self.right)
        self.assertEqual(node.status()["refusedChain"], "")
        self.assertEqual(self.doctor(node)["checkpoint"][0], "ok")

    def test_a_stranger_that_brings_the_other_chain_is_barred_and_one_that_brings_the_right_one_followed(self):
        node = self.node("strict", self.fresh).trusts(self.checkpoint).start()
        stranger = self.node("stranger", self.fresh).dials(self.other, node).start()
        self.refuses(node, 0)
        self.follows(stranger, self.other)
        processes.wait_until(lambda: "refused_by_peer banned" in stranger.log(), "it may not come back")
        self.assertEqual(node.complaints(), 1)
        # One that is where the right chain is: who is not and trusts no checkpoint could be told of the other one, too.
        honest = self.node("honest", self.fresh).dials(self.right).start()
        self.follows(honest, self.right)
        self.assertEqual(honest.stop(), 0)
        honest.dials(self.right, node).start()
        self.follows(node, self.right)
        self.assertEqual(node.complaints(), 1)
        # The ledger is through the checkpoint: what somebody has tried is told, and nothing is wrong here.
        health, found = self.doctor(node)["checkpoint"]
        self.assertEqual(health, "warn", found)
        self.assertIn(ELSEWHERE, found)

    def test_what_the_other_chain_has_certified_does_not_stand_in_the_way_of_the_right_one(self):
        # Its validator voted for another block where the right chain has the checkpoint's, in the very same view.
        short = self.forks("short")
        self.send(self.wallet(short), "4", self.anchor - self.common)
        self.assertEqual((short.head()[0], short.epoch()), (self.anchor, 0))
        node = self.node("strict", self.fresh).dials(short).trusts(self.checkpoint)
        node.launch()
        processes.wait_until(lambda: node.head() and node.status()["refusedChain"], "the other chain is refused")
        self.assertEqual(node.head()[0], 0)
        self.assertEqual(node.stop(), 0)
        node.dials(self.right).start()
        self.follows(node, self.right)
        # Both votes are here now: whoever gave them is convicted.
        processes.wait_until(lambda: "has broken the rules: two_finalizations" in node.log(), "the double vote is seen")

    def test_among_peers_of_both_chains_the_right_one_is_followed(self):
        node = self.node("strict", self.fresh).dials(self.other, self.right).trusts(self.checkpoint).start()
        self.follows(node, self.right)
        self.assertEqual(node.status()["halted"], "")

    def test_a_checkpoint_ahead_of_the_tip_is_no_reason_to_stop_and_bounds_what_is_taken(self):
        node = self.node("strict", self.behind).trusts(self.checkpoint).start()
        self.assertEqual((node.head()[0], node.status()["halted"], node.status()["refusedChain"]), (self.common, "", ""))
        self.assertEqual(self.doctor(node)["checkpoint"][0], "ok")
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.doctor(node)["checkpoint"][0], "ok")
        node.dials(self.other).launch()
        self.refuses(node, self.common)
        self.assertEqual(node.stop(), 0)
        node.dials(self.right).start()
        self.follows(node, self.right)

    def test_a_ledger_that_already_went_elsewhere_takes_no_work_until_it_is_removed(self):
        node = self.node("strict", self.fresh).dials(self.other).start()
        self.follows(node, self.other)
        self.assertEqual(node.stop(), 0)
        node.dials(self.right).trusts(self.checkpoint)
        health, found = self.doctor(node, 2)["checkpoint"]
        self.assertEqual(health, "fail", "before the node is started")
        self.assertIn(ELSEWHERE, found)
        node.launch()
        halted = processes.wait_until(lambda: node.head() and node.status()["halted"], "it serves what it has")
        self.assertIn(f"this ledger {ELSEWHERE}: block {self.anchor} is {self.other.blocks()[self.anchor]}", halted)
        self.assertIn(f"no work is taken: {halted}", node.log())
        self.assertEqual(node.get("/healthz")[0], 503)
        self.assertEqual(node.head(), self.other.head(), "the right chain is not put on top of it")
        health, found = self.doctor(node, 2)["ledger"]
        self.assertEqual(health, "fail")
        self.assertIn(halted, found)
        self.assertEqual(node.stop(), 0)
        shutil.rmtree(node.home / "data")
        node.start()
        self.follows(node, self.right)
        self.assertEqual(node.status()["halted"], "")


if __name__ == "__main__":
    unittest.main()
