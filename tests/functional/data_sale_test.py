"""Sealed data is sold by processes: released, refunded, disputed, recovered from the ledger, and readable nowhere else."""
import json
import pathlib
import random
import time
import unittest

from support import processes
from support.market_case import MarketCase
from support.node import BIN, Node, set_parameters
from support.paid_node import Wallet
from support.sealed_files import spoil

PRICE = 5_000_000
RELEASE_S, DISPUTE_S = 16, 12
NAMES = ("owner", "buyer", "camera")


class Sale(MarketCase):
    """An owner with a master key and a camera, and a buyer, on one node."""

    def setUp(self):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.wallet = Wallet(self.folder / "wallet")
        self.accounts = {name: self.wallet("key", "new", name, "--light", "--no-words")["address"] for name in NAMES}
        self.node = Node(self.accounts.values(), 1_000)
        set_parameters(self.node.home, tRelS=RELEASE_S, tDispS=DISPUTE_S)
        self.node.__enter__()
        self.addCleanup(self.node.__exit__, None, None, None)
        self.wallet.environment["MILLRACE_NODE"] = self.node.url("")
        self.wallet("master", "new", "farm", "--light")
        self.license = self.folder / "license.txt"
        self.license.write_text("for research\n")
        source = random.Random(5)
        self.canary = "canary-" + source.randbytes(16).hex()
        (self.folder / "photos/deep").mkdir(parents=True)
        (self.folder / "photos/deep/a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + source.randbytes(100_000))
        (self.folder / "rows.csv").write_text("t,x\n" + "".join(f"{i},{self.canary}\n" for i in range(2000)))
        self.data("register", "leaves", "--owner-ppm", "600000")
        self.data("enroll", "leaves", self.accounts["camera"], "--daily", "1000000000")

    def data(self, *words, who="owner", status=0):
        return self.wallet("data", *map(str, words), account=who, status=status)

    def contribute(self, spoiled=None):
        batch = self.folder / "batch"
        self.data("seal", self.folder / "photos", self.folder / "rows.csv", "--to", "farm", "--dataset", "leaves", "--out", batch)
        if spoiled is not None:
            spoil(batch, spoiled)
        self.data("contribute", batch, "--device", "camera")
        return batch

    def offer(self):
        return self.data("offer", "leaves", "--price", "5", "--license", self.license, "--master", "farm")["txId"]

    def buy(self, offer, batch):
        return self.data("buy", offer, batch, "--max-price", "5", who="buyer")["txId"]

    def sale(self, sale):
        status, answer = self.node.get(f"/v1/sales/{sale}")
        self.assertEqual(status, 200, answer)
        return answer

    def compare(self, opened):
        for path in [*(self.folder / "photos").rglob("*.png"), self.folder / "rows.csv"]:
            self.assertEqual((opened / path.relative_to(self.folder)).read_bytes(), path.read_bytes())

    def test_drawn_chunks_can_be_looked_at_before_anything_is_paid(self):
        batch = self.contribute()
        self.wallet("send", self.accounts["camera"], "0.1", account="buyer")  # the block after the contribution's
        self.data("preview", batch, "--master", "farm", who="buyer", status=2)
        shown = self.data("preview", batch, "--master", "farm", "--most", "2")["shown"]
        self.assertEqual(len(shown), 2)
        self.data("preview", batch, "--master", "farm", "--most", "1")
        looked = self.data("look", batch, "--out", self.folder / "looked", who="buyer")["chunks"]
        self.assertEqual(len(looked), 3)
        # Without files in order the pieces are still those of the stream: names, pixels and rows as they are.
        stream = b"".join(pathlib.Path(each["file"]).read_bytes() for each in looked)
        whole = (self.folder / "photos/deep/a.png").read_bytes() + (self.folder / "rows.csv").read_bytes()
        self.assertTrue(any(whole[i:i + 64] in stream for i in range(0, len(whole) - 64, 4096)))

    def test_the_buyer_gets_the_files_and_the_owner_the_money(self):
        batch = self.contribute()
        before = self.balance("owner")
        sale = self.buy(self.offer(), batch)
        self.data("unlock", sale, batch, "--out", self.folder / "early", who="buyer", status=3)
        self.data("release", sale, "--master", "farm")
        self.data("unlock", sale, batch, "--out", self.folder / "opened", who="buyer")
        self.compare(self.folder / "opened")
        self.data("dispute", sale, batch, who="buyer", status=2)
        self.refused(self.data("finalize", sale, status=2), "window_not_over")
        time.sleep(DISPUTE_S)
        self.data("finalize", sale, who="buyer")
        self.assertEqual(self.sale(sale)["status"], "finalized")
        self.data("claim", "leaves")
        # What is minted is the price less the protocol's fee; deposits and fees are the owner's.
        self.assertGreater(self.balance("owner"), before - PRICE + PRICE * 9 // 10)
        bought = self.data("sales", who="buyer")["items"]
        self.assertEqual([item["id"] for item in bought], [sale])

    def test_only_the_seller_hands_a_key_over(self):
        batch = self.contribute()
        sale = self.buy(self.offer(), batch)
        said = self.data("release", sale, "--master", "farm", who="camera", status=2)
        self.assertIn("not of this account", said["error"]["message"])
        self.assertEqual(self.sale(sale)["status"], "funded")

    def test_an_unattended_seller_releases_what_comes_also_after_its_node_was_gone(self):
        batch, offer = self.contribute(), self.offer()
        watch = processes.Program([BIN / "millrace", "--yes", "-a", "owner", "data", "release", "--watch", "--master", "farm"],
                                  self.folder, "watch", self.wallet.environment)
        self.addCleanup(watch.kill)
        self.node.program.kill()
        processes.wait_until(lambda: "millrace" in watch.log() or "node" in watch.log() or "connect" in watch.log(),
                             "the watch has noticed")
        self.node.start()
        sale = self.buy(offer, batch)
        processes.wait_until(lambda: self.sale(sale)["status"] == "released", "the release")
        self.data("unlock", sale, batch, "--out", self.folder / "opened", who="buyer")
        self.compare(self.folder / "opened")

    def test_a_buyer_who_has_nothing_but_its_key_opens_what_it_bought(self):
        batch = self.contribute()
        sale = self.buy(self.offer(), batch)
        self.data("release", sale, "--master", "farm")
        key = self.wallet.key_file("buyer")
        again = Wallet(self.folder / "again")
        again.environment["MILLRACE_NODE"] = self.node.url("")
        again("key", "import", "buyer", "--hex", "--file", key, "--light")
        again("data", "unlock", sale, str(batch), "--out", str(self.folder / "opened"), account="buyer")
        self.compare(self.folder / "opened")

    def test_money_comes_back_from_a_seller_who_never_releases(self):
        batch = self.contribute()
        sale = self.buy(self.offer(), batch)
        before = self.balance("buyer")
        self.refused(self.data("refund", sale, who="buyer", status=2), "window_not_over")
        time.sleep(RELEASE_S)
        late = self.data("release", sale, "--master", "farm", status=2)
        self.assertIn("--late", late["error"]["message"])
        self.data("refund", sale, who="buyer")
        self.assertEqual(self.sale(sale)["status"], "refunded")
        self.assertGreaterEqual(self.balance("buyer"), before + 2 * PRICE - 100_000)
        self.refused(self.data("finalize", sale, status=2), "sale_not_released")

    def test_a_wrong_key_is_refused_by_the_ledger(self):
        batch = self.contribute()
        sale = self.buy(self.offer(), batch)
        message = self.folder / "message.json"
        message.write_text(json.dumps({"type": "DataRelease", "sale": sale, "t": ["0x" + "11" * 32]}))
        said = self.wallet("tx", "sign", message, account="owner", status=2)
        self.refused(said, "scalar_does_not_fit")
        self.data("release", sale, "--master", "farm")
        self.assertEqual(self.sale(sale)["status"], "released")

    def test_a_bad_chunk_costs_the_seller_its_bond(self):
        batch = self.contribute(spoiled=1)
        sale = self.buy(self.offer(), batch)
        self.data("release", sale, "--master", "farm")
        self.data("unlock", sale, batch, "--out", self.folder / "opened", who="buyer", status=1)
        before = self.balance("buyer")
        self.data("dispute", sale, batch, who="buyer")
        self.assertEqual(self.sale(sale)["status"], "slashed")
        # Price and bond back, and half of the seller's.
        self.assertGreaterEqual(self.balance("buyer"), before + 2 * PRICE + PRICE // 2 - 100_000)

    def test_nothing_is_bought_that_is_not_here_whole(self):
        batch = self.contribute()
        offer = self.offer()
        with open(batch / "batch.sealed", "r+b") as sealed:
            sealed.write(b"damage")
        self.data("buy", offer, batch, "--max-price", "5", who="buyer", status=6)
        self.assertEqual(self.data("sales", who="buyer")["items"], [])
        self.data("buy", offer, batch, "--max-price", "4.99", who="buyer", status=2)

    def test_nothing_of_what_was_sealed_and_no_account_key_is_in_the_nodes_home(self):
        batch = self.contribute()
        sale = self.buy(self.offer(), batch)
        self.data("release", sale, "--master", "farm")
        self.data("unlock", sale, batch, "--out", self.folder / "opened", who="buyer")
        secrets = [self.canary.encode()]
        for name in ("owner", "buyer", "camera"):
            text = self.wallet.key_file(name).read_text().strip().removeprefix("0x")
            secrets += [text.encode(), bytes.fromhex(text)]
        self.node.program.stop()
        for path in [*self.node.home.rglob("*"), self.node.program.log_path]:
            if path.is_file():
                data = path.read_bytes()
                self.assertFalse(any(secret in data for secret in secrets), path)
        self.node.start()


if __name__ == "__main__":
    unittest.main()
