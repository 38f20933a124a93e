"""Paid calls end to end: the demo, the stock x402 client, restarts in between."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.request

from support import processes, x402
from support.load import Load
from support.node import BIN
from support.paid_node import PaidNode
from support.rental_case import LEAKS

DEMO = pathlib.Path(__file__).resolve().parents[2] / "demo" / "run"


class Demo(unittest.TestCase):
    def test_it_ends_well_and_its_last_line_says_so(self):
        done = subprocess.run([sys.executable, DEMO, "--seed", "1"], capture_output=True, text=True, timeout=600,
                              env={**os.environ, "MILLRACE_BIN": str(BIN), **LEAKS})
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        result = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(result["prediction"], result["expected"])
        self.assertEqual(result["charged"], "50000")
        self.assertEqual(result["minted"], "48500")
        self.assertEqual(result["owner_delta"], "36375")
        self.assertIs(result["verified"], True)


class StockClient(unittest.TestCase):
    """@x402/fetch and @x402/evm as npm has them, against the real node."""

    @classmethod
    def setUpClass(cls):
        cls.client = x402.install(os.environ["MILLRACE_BUILD"])

    def drive(self, node, scenarios=()):
        results = x402.drive(self.client, node.url(node.TARGET), node.wallet.key_file("caller").read_text().strip(),
                             node.identity["asset"], node.identity["chainId"], json.dumps(node.REQUEST), scenarios)
        for name, result in results.items():
            self.assertTrue(result["passed"], f"{name}: {result.get('error')}")
        return results

    def test_it_deposits_pays_tops_up_recovers_and_refunds(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            self.assertEqual(set(self.drive(node)), 
                             {"vouchers", "top_up", "recover", "refund", "exact", "upto", "one_call"})
            self.assertEqual(node.program.stop(), 0)
            node.verify()

    def test_a_call_asked_again_after_a_restart_is_answered_from_the_shelf(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            call = self.drive(node, ["one_call"])["one_call"]
            before = node.charged(call["channel"])
            self.assertEqual(str(before), call["charged"])
            for ending in (node.program.stop, lambda: node.program.kill()):
                ending()
                node.start()
                request = urllib.request.Request(
                    node.url(node.TARGET), json.dumps(node.REQUEST).encode(),
                    {"Content-Type": "application/json", "PAYMENT-SIGNATURE": call["payment"]})
                with urllib.request.urlopen(request, timeout=30) as again:
                    self.assertEqual(again.read().decode(), call["body"])
                    self.assertEqual(again.headers["PAYMENT-RESPONSE"], call["settled"])
                self.assertEqual(node.charged(call["channel"]), before)
            self.assertEqual(len(node.receipts(call["channel"])), 1)

    def test_our_wallet_asks_for_what_is_left_of_a_channel_that_it_never_kept(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            channel = self.drive(node, ["one_call"])["one_call"]["channel"]
            left = int(node.get(f"/v1/channels/{channel}")[1]["balance"]) - node.charged(channel)
            back = node.wallet("channel", "refund", channel, account="caller")
            self.assertEqual((back["channel"], int(back["refunded"])), (channel, left))

    def test_the_terms_can_be_read_with_get_and_nothing_is_run(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            self.assertEqual(node.get(node.TARGET)[0], 402)
            statistics = node.get("/v2/models/digits/stats")[1]
            self.assertEqual(statistics["model_stats"][0]["inference_count"], 0)


class OwnWallet(unittest.TestCase):
    def test_it_pays_a_call_by_a_permit_and_keeps_the_receipt(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            balance = lambda: int(node.wallet("balance", "caller")["balance"])
            before = balance()
            answer = node.wallet("infer", "digits", "--input", node.request_file, "--pay", "upto", account="caller")
            payment = answer["payment"]
            self.assertEqual((payment["scheme"], payment["charged"]), ("upto", "50000"))
            self.assertGreater(int(payment["receipt"]["maxClaimable"]), 50_000)
            self.assertEqual(before - balance(), 50_000)
            kept = list((node.wallet.folder / "home" / "receipts").glob("*/*.json"))
            self.assertEqual([json.loads(path.read_text())["receipt"] for path in kept], [payment["receipt"]])
            self.assertEqual(node.receipts(payment["receipt"]["channelId"]), [payment["receipt"]])

    def test_it_asks_for_what_is_left_of_a_channel_after_its_home_was_lost(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            payment = node.wallet("infer", "digits", "--input", node.request_file, account="caller")["payment"]
            channel, home = payment["channelId"], node.wallet.folder / "home"
            shutil.rmtree(home / "channels")
            shutil.rmtree(home / "receipts")
            back = node.wallet("channel", "refund", channel, account="caller")
            self.assertEqual(int(back["refunded"]), int(payment["deposited"]) - int(payment["charged"]))
            self.assertEqual(node.wallet("channel", "show", channel, account="caller")["charged"], payment["charged"])


class Restart(unittest.TestCase):
    def test_channels_and_counts_survive(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            load = Load(node, pathlib.Path(folder) / "load")
            for _ in range(3):
                load.run(0.7)
                self.assertEqual(node.program.stop(), 0)
                node.start()
            final, paid, alone = load.check()
            self.assertGreater(final, 3)
            self.assertGreater(paid, 3)
            self.assertGreater(alone, 3)
            self.assertEqual(len(load.told()[1]), 2, "each caller stayed on its channel")


if __name__ == "__main__":
    unittest.main()
