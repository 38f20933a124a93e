"""Hosts and payers that cheat, by processes: what a host signs too much is taken from its bond."""
import concurrent.futures
import json
import pathlib
import unittest

from support import claims, processes
from support.node import set_parameters
from support.paid_node import PaidNode

WINDOW_S = 60  # longer than any of these tests takes, so that nothing is settled meanwhile


class Claims(unittest.TestCase):
    def test_the_digest_of_a_claim_is_that_of_the_contracts(self):
        channel = "0xc4c5c8c79ed441465ab1385b5731b8ff945b1522c31a50cf0c2230ac42289178"
        self.assertEqual(claims.claim_digest(402077, [(channel, 1000, 700)]).hex(),
                         "48c9aef14d9872f88d12d43054bb5401ec7d7cfabc3a34ab82c3eede118a5e8f")


class Cheating(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(processes.temporary_home())
        node = PaidNode(pathlib.Path(self.folder) / "wallet", claims={"everyS": 10**6, "cap": str(10**15)})
        set_parameters(node.home, wDispS=WINDOW_S, wUnbondS=4 * WINDOW_S)
        self.node = node.__enter__()
        self.addCleanup(node.__exit__, None, None, None)
        self.secret = bytes.fromhex((node.home / "keys/host.key").read_text().strip())
        self.chain = node.identity["chainId"]

    @property
    def home(self):
        return self.node.wallet.folder / "home"

    def pay(self):
        """One paid call; its channel and what the wallet keeps of it."""
        paid = self.node.wallet("infer", "digits", "--input", self.node.request_file, account="caller")["payment"]
        channel, number = paid["channelId"], paid["receipt"]["seq"]
        return channel, json.loads((self.home / "receipts" / channel / f"{number}.json").read_text())

    def config(self, channel):
        return json.loads((self.home / "channels" / f"{channel}.json").read_text())["config"]

    def send(self, message, account, status=0, lane=0):
        """What the wallet says of a message that is given to it as JSON."""
        path = self.node.folder / f"message-{account}-{lane}.json"
        path.write_text(json.dumps(message))
        return self.node.wallet("--lane", str(lane), "tx", "sign", path, account=account, status=status)

    def claim(self, channel, receipt, total, **more):
        return claims.claim(self.secret, self.chain, channel, self.config(channel), receipt, total, **more)

    def refused(self, said, rejection):
        self.assertEqual(said["error"]["detail"]["rejection"], rejection, said)

    def bond(self):
        return int(self.node.get(f"/v1/hosts/{self.node.accounts['host']}")[1]["bond"])

    def balance(self, name):
        return int(self.node.get(f"/v1/accounts/{self.node.accounts[name]}")[1]["balance"])

    def pending(self, channel):
        return self.node.get(f"/v1/channels/{channel}")[1]["pending"]

    def test_an_over_claim_is_found_disputed_and_slashed(self):
        self.pay()
        channel, receipt = self.pay()
        charged, ceiling = int(receipt["receipt"]["chargedCumulative"]), int(receipt["voucherMax"])
        self.assertLess(charged, ceiling)
        looked = self.node.wallet("dispute", account="caller")
        self.assertEqual((looked["channels"], looked["disputes"], looked["unproven"]), (1, [], []))
        self.send(self.claim(channel, receipt, ceiling), "host")
        self.assertEqual(self.pending(channel)["total"], str(ceiling))

        would = self.node.wallet("dispute", "--dry-run", account="caller")["disputes"]
        self.assertEqual([(one["channel"], one["kind"], one["seq"], one["over"]) for one in would],
                         [(channel, "claim", 2, str(ceiling - charged))])
        self.assertEqual(self.pending(channel)["total"], str(ceiling), "nothing was sent")
        bond, balance = self.bond(), self.balance("caller")
        done = self.node.wallet("dispute", account="caller")["disputes"]
        self.assertEqual(done[0]["status"], "final")
        fee = int(done[0]["receipt"]["fee"])
        slashed = max(10 * (ceiling - charged), 1_000_000)
        known = self.node.get(f"/v1/channels/{channel}")[1]
        self.assertEqual((known["pending"], known["totalClaimed"]), (None, str(charged)))
        self.assertEqual(bond - self.bond(), slashed)
        self.assertEqual(self.balance("caller") - balance, slashed // 2 - fee)
        self.assertEqual(self.node.wallet("dispute", account="caller")["disputes"], [])
        self.assertEqual(self.node.program.stop(60), 0)
        self.node.verify()

    def test_a_receipt_of_another_claim_and_one_that_was_changed_prove_nothing(self):
        channel, first = self.pay()
        _, second = self.pay()
        charged = int(second["receipt"]["chargedCumulative"])
        self.send(self.claim(channel, second, charged), "host")
        bond = self.bond()
        # Replayed: it says less, but of another ceiling.
        dispute = lambda one: {"type": "ChannelDispute", "kind": "claim", "receipt": one["receipt"],
                               "receiptSignature": one["signature"], "voucherSignature": one["voucherSignature"]}
        self.refused(self.send(dispute(first), "caller", status=2), "receipt_of_another_ceiling")
        # Forged: it says less than what was signed.
        forged = json.loads(json.dumps(second))
        forged["receipt"]["chargedCumulative"] = str(charged - 1)
        self.refused(self.send(dispute(forged), "caller", status=2), "wrong_signature")
        # Of a stranger's ceiling: the voucher's signature is another one's.
        forged = json.loads(json.dumps(first))
        forged["receipt"]["maxClaimable"] = second["receipt"]["maxClaimable"]
        self.refused(self.send(dispute(forged), "caller", status=2), "wrong_signature")
        # The honest receipt itself shows that the claim is right, and nobody else may dispute.
        self.refused(self.send(dispute(second), "caller", status=2), "receipt_not_below_the_claim")
        self.refused(self.send(dispute(first), "owner", status=2), "not_a_party")
        self.assertEqual(self.node.wallet("dispute", account="caller")["disputes"], [])
        # A wallet whose stored receipt was tampered with is told so by the ledger, at no cost to the host.
        path = self.home / "receipts" / channel / "2.json"
        forged = json.loads(path.read_text())
        forged["receipt"]["chargedCumulative"] = str(charged - 1)
        path.write_text(json.dumps(forged))
        self.refused(self.node.wallet("dispute", account="caller", status=2), "wrong_signature")
        self.assertEqual(self.bond(), bond)

    def test_a_stale_voucher_buys_nothing_and_claims_nothing(self):
        channel, first = self.pay()
        kept = (self.home / "channels" / f"{channel}.json").read_bytes()
        _, second = self.pay()
        charged = int(second["receipt"]["chargedCumulative"])
        before = self.node.charged(channel)
        # A wallet that was put back from a copy signs under the old count: the node corrects it, and charges once.
        (self.home / "channels" / f"{channel}.json").write_bytes(kept)
        again = self.node.wallet("infer", "digits", "--input", self.node.request_file, account="caller")["payment"]
        self.assertEqual(again["receipt"]["seq"], 3)
        self.assertEqual(self.node.charged(channel), before + int(again["charged"]))
        # The host's side: a claim on the last voucher stands; one on an older voucher cannot go back or above its ceiling.
        self.refused(self.send(self.claim(channel, first, int(first["voucherMax"]) + 1), "host", status=2), "claim_above_the_ceiling")
        self.send(self.claim(channel, second, charged), "host")
        self.refused(self.send(self.claim(channel, first, 1), "host", status=2), "claim_pending")

    def test_of_two_claims_at_once_one_stands_and_no_other_host_has_a_part_in_it(self):
        channel, receipt = self.pay()
        charged = int(receipt["receipt"]["chargedCumulative"])
        # The same host on two machines, each with its own idea of the total.
        with concurrent.futures.ThreadPoolExecutor(2) as both:
            said = list(both.map(lambda lane: self.race(self.claim(channel, receipt, charged - lane), lane), (0, 1)))
        self.assertEqual(sorted(said), [False, True], said)
        total = int(self.pending(channel)["total"])
        self.assertIn(total, (charged, charged - 1))
        # Another host, registered like the first, with a key of its own.
        rogue = bytes.fromhex(self.node.wallet.key_file("owner").read_text().strip().removeprefix("0x"))
        self.node.wallet("host", "register", "--endpoint", "http://rogue", "--bond", "100", account="owner")
        other, paid = self.pay_on_another_channel()
        stolen = claims.claim(rogue, self.chain, other, self.config(other), paid, 1)
        self.refused(self.send(stolen, "owner", status=2), "uses_need_the_host")
        self.refused(self.send(stolen, "host", status=2), "wrong_signature")
        self.assertIsNone(self.pending(other))

    def race(self, message, lane):
        """Whether it was applied; the loser may be refused before it is sent, or in its block."""
        path = self.node.folder / f"race-{lane}.json"
        path.write_text(json.dumps(message))
        try:
            self.node.wallet("--lane", str(lane), "tx", "sign", path, account="host")
            return True
        except AssertionError as refused:
            self.assertIn("claim_pending", str(refused))
            return False

    def pay_on_another_channel(self):
        """A second payer's call."""
        self.node.wallet("key", "new", "second", "--light", "--no-words")
        self.node.wallet("send", "second", "20", account="caller")
        paid = self.node.wallet("infer", "digits", "--input", self.node.request_file, account="second")["payment"]
        channel = paid["channelId"]
        return channel, json.loads((self.home / "receipts" / channel / "1.json").read_text())

    def test_a_withdrawal_that_races_a_claim_gets_what_no_call_has_used(self):
        channel, receipt = self.pay()
        charged = int(receipt["receipt"]["chargedCumulative"])
        config = self.config(channel)
        balance = int(self.node.get(f"/v1/channels/{channel}")[1]["balance"])
        # All of it, the part that is owed too: the host has not claimed yet.
        self.send({"type": "ChannelWithdrawInit", "config": config, "amount": str(balance)}, "caller")
        known = processes.wait_until(lambda: (c := self.node.get(f"/v1/channels/{channel}")[1])["pending"] and c, "the node claims at once")
        self.assertEqual(known["pending"]["total"], str(charged))
        self.refused(self.send({"type": "ChannelWithdrawFinal", "config": config}, "caller", status=2), "claim_pending")
        self.assertGreaterEqual(int(known["withdraw"]["endMs"]), int(known["pending"]["endMs"]))
        self.assertEqual(self.node.charged(channel), charged)


if __name__ == "__main__":
    unittest.main()
