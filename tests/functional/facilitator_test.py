"""The node as a facilitator: somebody else's stock server and stock clients, paid on this network."""
import hashlib
import json
import os
import pathlib
import unittest

from support import processes, x402
from support.paid_node import PaidNode

SHOP = "0x00000000000000000000000000000000000000a7"
KEY = "a key of the shop's"
OPEN = {"open": True, "servers": [{"keySha256": "0x" + hashlib.sha256(KEY.encode()).hexdigest(), "payTo": SHOP}]}


class Facilitator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = x402.install(os.environ["MILLRACE_BUILD"])

    def drive(self, node, scenarios):
        asset = node.get("/v1/status")[1]["asset"]
        results = x402.drive(self.client, node.url(node.TARGET), node.wallet.key_file("caller").read_text().strip(),
                             node.identity["asset"], node.identity["chainId"], json.dumps(node.REQUEST), scenarios,
                             shop={"TOKEN": asset["name"], "VERSION": asset["version"], "PAY_TO": SHOP, "SHOP_KEY": KEY,
                                   "AUTHORIZER": node.wallet.key_file("shopkey").read_text().strip()})
        for name, result in results.items():
            self.assertTrue(result["passed"], f"{name}: {result.get('error')}")
        return results

    def test_a_stock_shop_is_paid_by_every_scheme(self):
        with processes.temporary_home() as folder, \
                PaidNode(pathlib.Path(folder) / "wallet", facilitator=OPEN) as node:
            key = node.wallet("key", "new", "shopkey", "--light", "--no-words")["address"]
            node.wallet("host", "key", "add", key, account="host")
            results = self.drive(node, ["shop_exact", "shop_upto", "shop_channel"])
            self.assertEqual(set(results), {"shop_exact", "shop_upto", "shop_channel"})
            paid = int(results["shop_exact"]["paid"]) + int(results["shop_upto"]["paid"])
            self.assertEqual(node.get(f"/v1/accounts/{SHOP}")[1]["balance"], str(paid))
            for transaction in ("claim", "settle", "refund"):
                status, known = node.get(f"/v1/transactions/{results['shop_channel'][transaction]}")
                self.assertEqual((status, known["receipt"]["status"]), (200, "applied"))
            self.assertEqual(node.program.stop(), 0)
            node.verify()

    def test_it_is_closed_unless_it_is_opened(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            self.assertEqual(node.get("/supported")[0], 404)

    def test_it_spends_no_more_than_its_budget(self):
        with processes.temporary_home() as folder, \
                PaidNode(pathlib.Path(folder) / "wallet", facilitator={**OPEN, "feesPerDay": "0"}) as node:
            node.wallet("key", "new", "shopkey", "--light", "--no-words")
            asset = node.get("/v1/status")[1]["asset"]
            results = x402.drive(self.client, node.url(node.TARGET),
                                 node.wallet.key_file("caller").read_text().strip(), node.identity["asset"],
                                 node.identity["chainId"], json.dumps(node.REQUEST), ["shop_exact"],
                                 shop={"TOKEN": asset["name"], "VERSION": asset["version"], "PAY_TO": SHOP, "SHOP_KEY": KEY})
            self.assertFalse(results["shop_exact"]["passed"])
            self.assertIn("402", results["shop_exact"]["error"])
            self.assertEqual(node.get(f"/v1/accounts/{SHOP}")[1]["balance"], "0")


if __name__ == "__main__":
    unittest.main()
