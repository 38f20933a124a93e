"""Sealed data is sold on a network of four: seller and buyer are at different nodes, each may cheat, and no node ever knows what is sold."""
import json
import pathlib
import random
import time
import unittest

from support import canaries, processes
from support.network import BIN, Network
from support.node import set_parameters
from support.paid_node import Wallet
from support.sealed_files import CHUNK, spoil

PRICE = 5_000_000
RELEASE_S, DISPUTE_S = 20, 6
SLACK = 100_000  # fees and deposits of bytes


class NetworkSale(unittest.TestCase):
    """Each test sells another dataset on the same network."""

    @classmethod
    def setUpClass(cls):
        home = processes.temporary_home()
        cls.addClassCleanup(home.cleanup)
        cls.folder = pathlib.Path(home.name)
        cls.wallets = {name: Wallet(cls.folder / name) for name in ("owner", "buyer")}
        cls.accounts = {name: wallet("key", "new", name, "--light", "--no-words")["address"] for name, wallet in cls.wallets.items()}
        cls.accounts["camera"] = cls.wallets["owner"]("key", "new", "camera", "--light", "--no-words")["address"]
        cls.network = Network(cls.folder, validators=4,
                              arguments=[f"--balance={address}=1000000000" for address in cls.accounts.values()])
        for member in cls.network.members:
            set_parameters(member.home, tRelS=RELEASE_S, tDispS=DISPUTE_S)
        cls.addClassCleanup(lambda: [member.kill() for member in cls.network.members if member.running()])
        cls.network.start()
        cls.taps = []
        for place, name in enumerate(("owner", "buyer")):
            tap = canaries.Wiretap(int(cls.network.members[place].url.rsplit(":", 1)[1]))
            cls.addClassCleanup(tap.__exit__)
            cls.taps.append(tap)
            cls.wallets[name].environment["MILLRACE_NODE"] = f"http://127.0.0.1:{tap.port}"
        cls.wallets["owner"]("master", "new", "farm", "--light")
        cls.license = cls.folder / "license.txt"
        cls.license.write_text("for research\n")
        cls.canary = b"canary-" + random.Random(5).randbytes(16).hex().encode()

    def data(self, *words, who="owner", status=0, account=None):
        return self.wallets[who]("data", *map(str, words), account=account or who, status=status)

    def balance(self, name, node=2):
        return int(self.network.members[node].get(f"/v1/accounts/{self.accounts[name]}")[1]["balance"])

    def sale(self, sale, node=3):
        """As a node has it that neither party talks to, once it has come there."""
        return processes.wait_until(lambda: (answer := self.network.members[node].get(f"/v1/sales/{sale}"))[0] == 200 and answer[1],
                                    "the sale has come to the other nodes")

    def becomes(self, sale, status):
        processes.wait_until(lambda: self.sale(sale)["status"] == status, f"{sale} is {status}")

    def bought(self, name, spoiled=None):
        """Contributed and offered at one node, fetched and paid for at another: (sale, the buyer's batch, the files)."""
        files = self.folder / name
        files.mkdir()
        source = random.Random(name)
        (files / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + source.randbytes(100_000))
        (files / "rows.csv").write_bytes(b"t,x\n" + b"".join(b"%d,%s\n" % (i, self.canary) for i in range(1000)))
        sealed, fetched = self.folder / f"{name}.sealed", self.folder / f"{name}.fetched"
        self.data("register", name, "--owner-ppm", "600000")
        self.data("enroll", name, self.accounts["camera"], "--daily", "1000000000")
        self.data("seal", files, "--to", "farm", "--dataset", name, "--out", sealed)
        if spoiled is not None:
            spoil(sealed, spoiled)
        self.data("contribute", sealed, "--device", "camera")
        self.data("put", sealed, "--token-file", self.network.members[0].home / "keys/operator.token")
        offer = self.data("offer", name, "--price", "5", "--license", self.license, "--master", "farm")["txId"]
        root = json.loads((sealed / "batch.json").read_text())["root"]
        self.data("fetch", root, "--from", self.wallets["owner"].environment["MILLRACE_NODE"], "--to", fetched, who="buyer")
        fetched = next(path.parent for path in fetched.rglob("batch.json"))
        return self.data("buy", offer, fetched, "--max-price", "5", who="buyer")["txId"], fetched, files

    def compare(self, opened, files):
        for path in files.iterdir():
            self.assertEqual((opened / files.name / path.name).read_bytes(), path.read_bytes())

    def released(self, name, **options):
        sale, batch, files = self.bought(name, **options)
        self.data("release", sale, "--master", "farm")
        return sale, batch, files

    def test_a_sale_between_two_nodes_and_no_node_knows_what_was_sold(self):
        sale, batch, files = self.released("plain")
        self.data("unlock", sale, batch, "--out", self.folder / "plain.opened", who="buyer")
        self.compare(self.folder / "plain.opened", files)
        secrets = [self.canary, (files / "a.png").read_bytes()[1000:1032]]
        for name in self.accounts:
            text = self.wallets["buyer" if name == "buyer" else "owner"].key_file(name).read_text().strip().removeprefix("0x")
            secrets += [text.encode(), bytes.fromhex(text)]
        mine = processes.Program(["sleep", "60"], self.folder, "sleep", {"CANARY": self.canary.decode()})
        self.addCleanup(mine.kill)
        self.assertIn(canaries.in_memory(mine.pid, [self.canary]), ({self.canary}, None), "what is there is found")
        for member in self.network.members:
            self.assertFalse(canaries.in_memory(member.program.pid, secrets), member.name)
            self.assertEqual(canaries.in_files(member.home, secrets), [])
            self.assertFalse(any(secret in member.program.log_path.read_bytes() for secret in secrets))
        for tap in self.taps:
            self.assertGreater(len(tap.heard), 100_000)
            self.assertFalse(tap.has(secrets))
        time.sleep(DISPUTE_S)
        before = self.balance("owner")
        self.data("finalize", sale, who="buyer")
        self.becomes(sale, "finalized")
        self.data("claim", "plain")
        processes.wait_until(lambda: self.balance("owner") > before + PRICE * 9 // 10 - SLACK, "the owner has the money")

    def test_a_seller_who_never_releases_pays_it_back(self):
        sale, *_ = self.bought("silent")
        before = self.balance("buyer")
        time.sleep(RELEASE_S)
        self.data("refund", sale, who="buyer")
        self.becomes(sale, "refunded")
        self.assertGreaterEqual(self.balance("buyer", 1), before + PRICE - SLACK)

    def test_a_wrong_key_is_refused_by_every_node(self):
        sale, *_ = self.bought("wrong")
        message = self.folder / "wrong.json"
        message.write_text(json.dumps({"type": "DataRelease", "sale": sale, "t": ["0x" + "11" * 32]}))
        said = self.wallets["owner"]("tx", "sign", message, account="owner", status=2)
        self.assertEqual(said["error"]["detail"]["rejection"], "scalar_does_not_fit")
        self.assertEqual(self.sale(sale)["status"], "funded")

    def test_a_bad_chunk_costs_the_seller_its_bond(self):
        sale, batch, _ = self.released("spoiled", spoiled=1)
        self.data("unlock", sale, batch, "--out", self.folder / "spoiled.opened", who="buyer", status=1)
        before = self.balance("buyer", 1)
        self.data("dispute", sale, batch, who="buyer")
        self.becomes(sale, "slashed")
        self.assertGreaterEqual(self.balance("buyer", 1), before + PRICE + PRICE // 2 - SLACK)

    def false_dispute(self, sale, batch, shown):
        """Says of a chunk that opens well, whose key everybody knows, that it does not."""
        preview = self.wallets["owner"]("tx", "show", shown["sent"]["txId"])["tx"]["message"]
        index = shown["chunk"]
        with open(batch / "batch.sealed", "rb") as sealed:
            sealed.seek(index * CHUNK)
            chunk = sealed.read(CHUNK)
        message = self.folder / f"false-{sale}.json"
        message.write_text(json.dumps({"type": "DataDispute", "sale": sale, "kind": "chunk", "batch": 0, "index": index,
                                       "secret": preview["key"], "chunk": "0x" + chunk.hex(), "leaf": preview["leaf"],
                                       "path": preview["path"]}))
        return message

    def test_a_false_dispute_costs_its_bond_and_the_sale_goes_on(self):
        sale, batch, _ = self.released("false")
        shown = self.data("preview", batch, "--master", "farm", "--most", "1")["shown"][0]
        message = self.false_dispute(sale, batch, shown)
        before = self.balance("owner", 0)
        self.wallets["buyer"]("tx", "sign", message, account="buyer")
        self.assertEqual(self.sale(sale)["status"], "released")
        processes.wait_until(lambda: self.balance("owner", 0) > before, "half of the bond is the owner's")
        said = self.wallets["buyer"]("tx", "sign", message, account="buyer", status=2)
        self.assertEqual(said["error"]["detail"]["rejection"], "no_dispute_bond")
        time.sleep(DISPUTE_S)
        self.data("finalize", sale)
        self.becomes(sale, "finalized")

    def test_a_buyer_whose_machine_is_gone_opens_what_it_bought_from_its_key_and_the_ledger(self):
        sale, batch, files = self.released("again")
        again = Wallet(self.folder / "again-wallet")
        again.environment["MILLRACE_NODE"] = self.network.members[3].url
        again("key", "import", "buyer", "--hex", "--file", self.wallets["buyer"].key_file("buyer"), "--light")
        again("data", "unlock", sale, str(batch), "--out", str(self.folder / "again.opened"), account="buyer")
        self.compare(self.folder / "again.opened", files)

    def test_where_both_cheat_at_once_each_gets_what_its_own_cheating_costs(self):
        # The seller releases late while the buyer takes its money back: one of both comes first, and stands.
        sale, *_ = self.bought("late")
        time.sleep(RELEASE_S + 1)
        before = self.balance("buyer", 1)
        both = [processes.Program([BIN / "millrace", "--json", "--yes", "-a", who, "data", *words], self.folder, words[0],
                                  self.wallets[who].environment)
                for who, words in (("owner", ("release", sale, "--master", "farm", "--late")), ("buyer", ("refund", sale)))]
        for program in both:
            self.addCleanup(program.kill)
        processes.wait_until(lambda: not any(program.running() for program in both), "both have been answered")
        processes.wait_until(lambda: self.sale(sale)["status"] != "funded", "one of both came first")
        status = self.sale(sale)["status"]
        self.assertIn(status, ("refunded", "released"))
        self.network.same_head()
        gained = self.balance("buyer", 1) - before
        self.assertEqual(gained > PRICE - SLACK, status == "refunded", (status, gained))

        # A seller with a bad chunk, a buyer who disputes a good one: the buyer's bond is lost, and the seller's with what follows.
        sale, batch, _ = self.released("both", spoiled=1)
        shown = next(each for each in self.data("preview", batch, "--master", "farm")["shown"] if each["chunk"] != 1)
        self.wallets["buyer"]("tx", "sign", self.false_dispute(sale, batch, shown), account="buyer")
        self.data("dispute", sale, batch, who="buyer", status=2)  # without a bond there is no second one
        time.sleep(DISPUTE_S)
        self.data("finalize", sale)
        self.becomes(sale, "finalized")


if __name__ == "__main__":
    unittest.main()
