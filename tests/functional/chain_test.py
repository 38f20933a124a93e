"""Calls paid by links of a hash chain: the wallet, kills under load, stale and forged links, a host that is not the channel's."""
import base64
import hashlib
import json
import os
import pathlib
import random
import time
import unittest
import urllib.error
import urllib.request

from support import processes
from support.load import Load
from support.node import BIN
from support.paid_node import PaidNode

ROUNDS = int(os.environ.get("MILLRACE_CRASH_ROUNDS", "6"))
SEED = int(os.environ.get("MILLRACE_CRASH_SEED", time.time_ns() % 2**32))


def link(channel, chain, index):
    """Link `index` of a chain as the wallet's file has it."""
    prefix = hashlib.sha256(b"millrace/chain/v1").digest() + bytes.fromhex(channel[2:])
    value = bytes.fromhex(chain["seed"][2:])
    for _ in range(int(chain["terms"]["length"]) - index):
        value = hashlib.sha256(prefix + value).digest()
    return "0x" + value.hex()


class Chain(unittest.TestCase):
    """One node and a wallet that has paid a few calls by links."""

    def setUp(self):
        self.folder = processes.temporary_home()
        self.addCleanup(self.folder.cleanup)
        self.node = PaidNode(pathlib.Path(self.folder.name) / "wallet", claims={"everyS": 3600}).__enter__()
        self.addCleanup(self.node.__exit__, None, None, None)
        self.calls = [self.infer() for _ in range(3)]
        self.channel = self.calls[0]["channelId"]

    def infer(self, status=0):
        answer = self.node.wallet("infer", "digits", "--input", self.node.request_file, "--pay", "chain",
                                  account="caller", status=status)
        return answer["payment"] if status == 0 else answer

    def chain(self):
        path = self.node.wallet.folder / "home" / "channels" / f"{self.channel}.json"
        return json.loads(path.read_text())["chain"]

    def present(self, index, shown, amount=None, body=None):
        """The status and, of a 402, the reason for a link shown by hand."""
        chain = self.chain()
        payment = {"x402Version": 2, "accepted": {"scheme": "hash-chain", "amount": amount or chain["offered"]},
                   "payload": {"channelId": self.channel, "index": index, "link": shown}}
        request = urllib.request.Request(
            self.node.url(self.node.TARGET), json.dumps(body or self.node.REQUEST).encode(),
            {"Content-Type": "application/json",
             "PAYMENT-SIGNATURE": base64.b64encode(json.dumps(payment).encode()).decode()})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as refused:
            offer = refused.headers.get("PAYMENT-REQUIRED")
            return refused.code, json.loads(base64.b64decode(offer))["error"] if offer else ""

    def claimed(self):
        return int(self.node.get(f"/v1/channels/{self.channel}")[1]["totalClaimed"])

    def test_calls_add_up_and_the_ledger_gets_the_links_that_were_charged(self):
        receipts = self.node.receipts(self.channel)
        self.assertEqual([call["receipt"] for call in self.calls], receipts)
        total = sum(int(receipt["charged"]) for receipt in receipts)
        self.assertEqual(self.node.charged(self.channel), total)
        self.assertEqual({call["scheme"] for call in self.calls}, {"hash-chain"})
        # The first call's chain was for one call: signed at its end.
        status, proof = self.node.get(f"/v1/channels/{self.channel}/receipts/1/proof")
        self.assertEqual((status, proof["record"]), (200, receipts[0]))
        self.assertEqual(self.node.program.stop(), 0)
        self.node.configure(claims={"everyS": 1})
        self.node.start()
        processes.wait_until(lambda: self.claimed() == total, "the claim settles", 120)
        self.assertEqual(self.node.program.stop(), 0)
        self.node.verify()

    def test_stale_and_forged_links_buy_nothing(self):
        before = self.node.charged(self.channel)
        chain = self.chain()
        ahead = chain["used"] + -(-int(chain["offered"]) // int(chain["terms"]["unit"]))
        self.assertEqual(self.present(ahead, "0x" + "ab" * 32), (402, "invalid_hash_chain_link"))
        self.assertEqual(self.present(ahead, link(self.channel, chain, ahead - 1)), (402, "invalid_hash_chain_link"))
        self.assertEqual(self.present(ahead + 1, link(self.channel, chain, ahead + 1)),
                         (402, "invalid_hash_chain_index"))
        self.assertEqual(self.present(chain["used"], link(self.channel, chain, chain["used"])),
                         (402, "invalid_hash_chain_index"))
        self.assertEqual(self.present(ahead, link(self.channel, chain, ahead), amount="1"),
                         (402, "accepted_not_offered"))
        other = {**self.node.REQUEST, "id": "other"}
        self.assertEqual(self.present(ahead, link(self.channel, chain, ahead)), (200, ""))
        once = self.node.charged(self.channel)
        self.assertGreater(once, before)
        self.assertEqual(self.present(ahead, link(self.channel, chain, ahead)), (200, ""), "the stored answer")
        self.assertEqual(self.present(ahead, link(self.channel, chain, ahead), body=other)[0], 409)
        self.assertEqual(self.node.charged(self.channel), once)
        # The wallet does not know of that call and shows its link for another one: nothing runs, nothing is charged.
        self.assertIn("another request", json.dumps(self.infer(status=2)))
        self.assertEqual(self.node.charged(self.channel), once)

    def test_another_host_cannot_claim_by_the_links(self):
        self.node.wallet("host", "register", "--endpoint", "http://other", "--bond", "100", account="owner")
        receipts = self.node.get(f"/v1/channels/{self.channel}")[1]
        chain = self.chain()
        row = {"config": receipts["config"], "chain": chain["terms"], "voucherSignature": chain["signature"],
               "index": chain["used"], "link": link(self.channel, chain, chain["used"]), "uses": []}
        message = self.node.folder / "claim.json"
        message.write_text(json.dumps({"type": "ChannelChainClaim", "rows": [row]}))
        answer = self.node.wallet("--fee", "0.1", "tx", "sign", message, account="owner", status=2)
        self.assertIn("not_a_party", json.dumps(answer))
        self.assertEqual(self.claimed(), 0)

    def test_a_withdrawal_loses_against_the_links_shown_before(self):
        charged = self.node.charged(self.channel)
        self.assertEqual(self.claimed(), 0, "claims are due in an hour")
        self.node.wallet("channel", "close", self.channel, account="caller")
        processes.wait_until(lambda: self.claimed() == charged, "the host claims at once", 120)


class Crash(unittest.TestCase):
    def test_kills_under_load_lose_and_double_nothing(self):
        print(f"{ROUNDS} rounds, seed {SEED}", flush=True)
        chance = random.Random(SEED)
        with processes.temporary_home() as folder:
            folder = pathlib.Path(folder)
            with PaidNode(folder / "wallet", tokens=1_000_000, claims={"everyS": 1}) as node:
                load = Load(node, folder / "load", transfers=1, calls=1, single_calls=0, chain_calls=2)
                number = 0
                while number < ROUNDS or (number < 4 * ROUNDS and load.counts()[1] < 10 * ROUNDS):
                    with load.launch() as running:
                        time.sleep(chance.uniform(0.1, 2.0))
                        node.program.kill()
                        load.end(running)
                    node.start()
                    number += 1
                load.run(10)
                _, paid, _ = load.check()
                self.assertGreater(paid, ROUNDS)
                channels = list(load.told()[1])
                self.assertEqual(len(channels), 3, "each caller stayed on its channel")
                for channel in channels:
                    self.claims_equal_receipts(node, channel)
                self.assertEqual(node.program.stop(), 0)
                node.verify()

    def claims_equal_receipts(self, node, channel):
        receipts = node.receipts(channel)
        total = int(receipts[-1]["chargedCumulative"])
        claimed = lambda: int(node.get(f"/v1/channels/{channel}")[1]["totalClaimed"])
        processes.wait_until(lambda: claimed() == total, f"{channel} is claimed to the last unit", 120)
        status, page = node.get(f"/v1/channels/{channel}/receipts?from=1&limit=1000")
        unsigned = [item["receipt"]["seq"] for item in page["items"] if item["signature"] is None]
        proven = [seq for seq in unsigned
                  if node.get(f"/v1/channels/{channel}/receipts/{seq}/proof")[0] == 200]
        self.assertLess(len(unsigned) - len(proven), 64, "all but the last batch are signed")


if __name__ == "__main__":
    unittest.main()
