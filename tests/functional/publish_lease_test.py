"""What a lease has brought is published when the work is verified, and once, whenever the wallet is killed meanwhile."""
import collections
import json
import unittest

from support.killing_proxy import KillingProxy
from support.rental_case import SEGMENTS, RentalCase

VERIFIERS = ("ada", "bob")
HOST = "provider"
UNVERIFIED = 6


class PublishLease(RentalCase):
    def setUp(self):
        super().setUp()
        self.proxy = KillingProxy(self.node.url("")).__enter__()
        self.addCleanup(self.proxy.__exit__, None, None, None)

    def serve(self, *words):
        return self.start("provider", "gpu", "serve", self.offer, "--once", "--work", self.folder / "rented-out", "--commit-every", 2,
                          "--claim-every", 4, *words)

    def train(self):
        """Asks the node by the proxy, and meets the others at the node."""
        program = super().train("--board", self.node.url(""), "--skip-trial", "--publish", "sorter", "--price", "0.05", "--license", "MIT",
                                "--host", HOST)
        self.proxy.program = program
        return program

    def url_of(self, who):
        return self.proxy.url if who == "tenant" else super().url_of(who)

    def register_host(self):
        key = self.node.identity["account"]
        self.wallet("send", key, "50", account=HOST)
        self.wallet("host", "register", "--endpoint", self.node.url(""), "--bond", "100", "--key", key, account=HOST)

    def sent(self):
        """The tenant's messages on the ledger that are about models, oldest first."""
        found = []
        for height in range(1, self.node.get("/v1/status")[1]["height"] + 1):
            block = self.node.get(f"/v1/blocks/{height}")[1]
            for id_, receipt in zip(block["txs"], block["receipts"]):
                tx = self.node.get(f"/v1/transactions/{id_}")[1]["tx"]
                if tx["sender"] == self.accounts["tenant"] and tx["message"]["type"].startswith("Model"):
                    found.append((tx["message"], receipt))
        return found

    def types(self):
        return collections.Counter(message["type"] for message, _ in self.sent())

    def refuses_to_publish(self, status, why):
        """The model is there all the same; said again, nothing else happens."""
        for again in (False, True):
            if again:
                self.out.unlink()
                self.train()
            tenant = self.ended("tenant")
            self.assertEqual(tenant._process.returncode, status, tenant.log())
            self.assertIn("not published: " + why, tenant.log())
            self.assertTrue(self.out.exists())
            self.assertFalse(self.card().exists())
            self.assertEqual(self.types(), {"ModelRegister": 1}, "the name alone, before the lease")

    def card(self):
        return self.out.with_name(self.out.name + ".card.json")

    def test_whatever_the_wallet_is_killed_at_the_version_is_published_once(self):
        for name in VERIFIERS:
            self.gpu("verify-join", self.CLASS, "--stake", "10", who=name)
        self.register_host()

        def killed(message):
            for when in (KillingProxy.BEFORE, KillingProxy.AFTER):
                self.proxy.kill_at(when, message)
                program = self.train()
                self.until(lambda: not program.running(), f"it is killed {when} {message}", 400)
                self.assertFalse(self.proxy.waits(), program.log())
                self.assertEqual(self.types()[message], int(when == KillingProxy.AFTER))
        killed("ModelRegister")
        self.assertEqual(self.gpu("orders", "--all")["items"], [], "nothing was ordered before the name was there")

        # What is not verified yet is not published, though the model is here.
        self.serve()
        program = self.train()
        self.until(lambda: f"the model of segment {SEGMENTS - 1} is here" in program.log(), "the model", 400)
        self.assertEqual(self.until_lease("verifying")["outcome"], "none")
        self.until(lambda: self.lease(self.only_lease()["id"])["verification"], "a draw")
        self.assertTrue(program.running())
        program.kill()
        self.verify(VERIFIERS)
        for message in ("ModelVersion", "ModelEval", "ModelAlias", "ModelHost"):
            self.assertNotIn(message, self.types())
            killed(message)

        self.train()
        report = self.report("tenant")
        self.assertEqual((report["outcome"], report["published"]["ver"], report["published"]["transactions"]), ("verified", 1, []), report)
        sent = self.sent()
        self.assertEqual({receipt["rejection"] for _, receipt in sent}, {"none"}, sent)
        self.assertEqual(len({json.dumps(message, sort_keys=True) for message, _ in sent}), len(sent), "nothing twice")
        types = self.types()
        metrics = [message["metric"] for message, _ in sent if message["type"] == "ModelEval"]
        self.assertGreater(len(metrics), 1)
        self.assertEqual(sorted(set(metrics)), sorted(metrics))
        self.assertEqual(types, {"ModelRegister": 1, "ModelVersion": 1, "ModelEval": len(metrics), "ModelAlias": 1, "ModelHost": 1})
        line = report["published"]["model"]
        self.assertEqual(self.node.get(f"/v1/models/{line}")[1]["versions"], 1)
        version = self.node.get(f"/v1/models/{line}/versions/1")[1]
        self.assertEqual((version["contentId"], version["cardHash"]), (report["published"]["contentId"], report["published"]["cardHash"]))
        card = json.loads(self.card().read_text())
        self.assertEqual((card["train"]["order"], card["train"]["outcome"]), (report["order"], "verified"))
        self.assertEqual(self.out.read_bytes(), self.trained_here())
        self.whole()

    def test_work_that_nobody_has_verified_is_not_published(self):
        self.register_host()
        self.serve()
        self.train()
        lease = self.until_lease("settled")
        self.assertEqual((lease["outcome"], int(lease["segments"])), ("silent", SEGMENTS), lease)
        self.refuses_to_publish(UNVERIFIED, "nobody has verified the work")
        self.whole()


if __name__ == "__main__":
    unittest.main()
