"""Data is labelled by processes: people are paid for what is accepted, lose by junk and silence, appeal, and nobody else reads a thing."""
import csv
import json
import pathlib
import random
import time
import unittest

from support import processes
from support.market_case import MarketCase
from support.node import Node, set_parameters
from support.paid_node import Wallet

PRICE, BOND, FEE = 200_000, 5_000_000, 1_000_000
LEAST_S = 4  # of every window, in this network
WORK_S, REVIEW_S, APPEAL_S, DECIDE_S = 60, 60, 15, 60
NAMES = ("owner", "bob", "carol", "judy", "camera")
ITEMS = 12
SLACK = 100_000  # fees and deposits of bytes


class Annotation(MarketCase):
    """An owner with sealed files on a node, two annotators and an arbiter."""

    @classmethod
    def setUpClass(cls):
        folder = processes.temporary_home()
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        cls.wallet = Wallet(cls.home / "wallet")
        cls.accounts = {name: cls.wallet("key", "new", name, "--light", "--no-words")["address"] for name in NAMES}
        cls.node = Node(cls.accounts.values(), 1_000)
        set_parameters(cls.node.home, tRelS=LEAST_S, tDispS=LEAST_S)
        cls.node.__enter__()
        cls.addClassCleanup(cls.node.__exit__, None, None, None)
        cls.wallet.environment["MILLRACE_NODE"] = cls.node.url("")
        cls.wallet("master", "new", "farm", "--light")
        cls.canary = "canary-" + random.Random(7).randbytes(16).hex()
        files = cls.home / "leaves"
        files.mkdir()
        for i in range(ITEMS):
            (files / f"{i:02}.txt").write_text(f"{cls.canary} leaf {i}\n")
        cls.truth = ["rust" if i % 3 == 0 else "healthy" for i in range(ITEMS)]
        cls.batch = cls.home / "batch"
        token = cls.node.home / "keys/operator.token"
        for words in (("register", "leaves", "--owner-ppm", "1000000"),
                      ("enroll", "leaves", cls.accounts["camera"], "--daily", "1000000000"),
                      ("seal", files, "--to", "farm", "--dataset", "leaves", "--out", cls.batch),
                      ("contribute", cls.batch, "--device", "camera"), ("put", cls.batch, "--token-file", token)):
            cls.wallet("data", *map(str, words), account="owner")

    def setUp(self):
        self.folder = self.home / self.id().rsplit(".", 1)[1]
        self.folder.mkdir()

    def annotate(self, *words, who="owner", status=0):
        return self.wallet("data", "annotate", *map(str, words), account=who, status=status)

    def table(self, labels, name="labels.csv"):
        """A table of these labels by number; None for none."""
        path = self.folder / name
        with open(path, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["number", "label", "confidence"])
            rows.writerows([i, label, 90] for i, label in enumerate(labels) if label is not None)
        return path

    def order(self, *more, work_s=WORK_S):
        gold = self.folder / "gold.csv"
        gold.write_text("item,label\n" + "".join(f"leaves/{i:02}.txt,{self.truth[i]}\n" for i in (0, 4, 8)))
        key = self.annotate("key", who="judy")["key"]
        order = self.annotate("order", "leaves", self.batch, "--master", "farm", "--classes", "healthy,rust", "--question",
                              "Is there rust?", "--price", "0.2", "--bond", "5", "--arbiter", "judy", "--arbiter-key", key,
                              "--arbiter-fee", "1", "--gold", gold, "--gold-errors", "1", "--work-for", work_s,
                              "--review-within", REVIEW_S, "--appeal-within", APPEAL_S, "--decide-within", DECIDE_S,
                              *more)["txId"]
        self.annotate("agree", order, who="judy")
        return order

    def label(self, order, who, labels):
        """Takes a seat, gets the keys, looks and submits."""
        self.annotate("take", order, who=who)
        self.assertEqual(self.annotate("hand", order, "--master", "farm")["handed"], 1)
        seen = self.annotate("items", order, "--out", self.folder / f"work-{who}", who=who)
        self.assertEqual(seen["items"], ITEMS)
        self.annotate("submit", order, self.table(labels, f"{who}.csv"), who=who)

    def work(self, order, who):
        status, answer = self.node.get(f"/v1/labels/orders/{order}/work/{self.accounts[who]}")
        self.assertEqual(status, 200, answer)
        return answer

    def status(self, order, who):
        return self.work(order, who)["status"]

    def other(self, *items):
        """The truth, but for these items."""
        return [label if i not in items else {"rust": "healthy", "healthy": "rust"}[label] for i, label in enumerate(self.truth)]

    def test_annotators_are_paid_for_what_they_agree_on_and_an_adjudicator_finds_right(self):
        order = self.order()
        listed = self.annotate("orders", "--dataset", "owner/leaves", who="bob")["items"]
        self.assertIn(order, [item["id"] for item in listed])
        before = {who: self.balance(who) for who in ("bob", "carol")}
        self.label(order, "bob", self.truth)
        for opened in (self.folder / "work-bob/items/leaves").iterdir():
            self.assertEqual(opened.read_bytes(), (self.home / "leaves" / opened.name).read_bytes())
        # What one has cannot be had by the other, nor by somebody who has no seat.
        self.annotate("labels", order, "bob", "--out", self.folder / "stolen.csv", who="carol", status=2)
        self.annotate("items", order, "--out", self.folder / "stolen", who="carol", status=3)
        self.label(order, "carol", self.other(5))

        out = self.folder / "labels"
        found = self.annotate("collect", order, "--out", out)
        self.assertEqual((found["items"], found["differ"]), (ITEMS, 1))
        self.assertGreater(found["alpha"], 0.7)
        self.assertEqual({sheet["goldWrong"] for sheet in found["annotators"]}, {0})
        rows = [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]
        self.assertEqual(len(rows), 2 * ITEMS)
        self.assertEqual({row["source"] for row in rows}, {self.accounts["bob"], self.accounts["carol"]})
        with open(out / "differ.csv", newline="") as file:
            differ = list(csv.DictReader(file))
        self.assertEqual([(row["number"], row["item"]) for row in differ], [("5", "leaves/05.txt")])
        self.assertEqual(sorted(differ[0]["votes"].split("|")), ["healthy", "rust"])
        self.assertEqual(differ[0]["label"], "", "nothing decides between two")
        said = self.annotate("review", order, "--adjudicated", out / "differ.csv", status=1)
        self.assertIn("1 items have labels and no right one", said["error"]["message"])
        decided = self.folder / "decided.csv"
        decided.write_text(f"item,label\nleaves/05.txt,{self.truth[5]}\n")

        self.annotate("review", order, "--adjudicated", decided, "--dry-run")
        self.assertEqual(self.status(order, "bob"), "submitted")
        said = self.annotate("review", order, "--adjudicated", decided)["reviewed"]
        self.assertEqual({one["annotator"]: one["accepted"] for one in said},
                         {self.accounts["bob"]: ITEMS, self.accounts["carol"]: ITEMS - 1})
        self.assertEqual(self.status(order, "bob"), "paid")
        self.assertEqual(self.status(order, "carol"), "reviewed")
        time.sleep(APPEAL_S)
        self.assertEqual(self.annotate("settle", order, who="carol")["settled"], [self.accounts["carol"]])
        for who, labels in (("bob", ITEMS), ("carol", ITEMS - 1)):
            self.assertEqual(self.work(order, who)["accepted"], labels)
            gained = self.balance(who) - before[who]
            self.assertAlmostEqual(gained, labels * PRICE * 97 // 100, delta=SLACK)
        self.annotate("close", order)
        shown = self.annotate("show", order)
        self.assertEqual((shown["escrow"], shown["accepted"]), ("0", 2 * ITEMS - 1))

    def test_junk_is_shown_by_the_gold_and_silence_by_the_clock(self):
        order = self.order(work_s=30)
        before = self.balance("bob")
        self.label(order, "bob", self.other(*range(ITEMS)))
        self.annotate("take", order, who="carol")
        self.annotate("hand", order, "--master", "farm")
        said = self.annotate("review", order, "bob")["reviewed"]
        self.assertEqual(said, [{"annotator": self.accounts["bob"], "accepted": 0, "void": True}])
        self.assertEqual(self.status(order, "bob"), "reviewed", "it may appeal")
        ended = set()

        def both_ended():
            ended.update(self.annotate("settle", order)["settled"])
            return len(ended) == 2
        processes.wait_until(both_ended, "their time is over")
        self.assertEqual((self.status(order, "bob"), self.status(order, "carol")), ("failed", "lapsed"))
        self.assertAlmostEqual(self.balance("bob"), before - BOND, delta=SLACK)
        self.refused(self.annotate("appeal", order, who="bob", status=2), "work_not_reviewed")
        mine = self.annotate("work", who="carol")["items"]
        self.assertEqual([one["status"] for one in mine if one["order"] == order], ["lapsed"])

    def test_labels_that_nobody_can_read_cost_their_bond_and_keep_nobody_waiting(self):
        order = self.order()
        before = {who: self.balance(who) for who in NAMES}
        self.annotate("take", order, who="bob")
        self.annotate("hand", order, "--master", "farm")
        self.label(order, "carol", self.truth)
        source = random.Random(3)
        message = {"type": "LabelSubmit", "order": order, "labels": ITEMS, "root": "0x" + source.randbytes(32).hex(),
                   "sealed": "0x" + source.randbytes(32 + 3 * ITEMS + 16).hex(),
                   "ownerWrap": "0x" + source.randbytes(80).hex(), "arbiterWrap": "0x" + source.randbytes(80).hex()}
        junk = self.folder / "junk.json"
        junk.write_text(json.dumps(message))
        self.wallet("tx", "sign", str(junk), account="bob")

        found = self.annotate("collect", order, "--out", self.folder / "labels")
        self.assertEqual([one["annotator"] for one in found["unreadable"]], [self.accounts["bob"]])
        self.assertEqual(len(found["annotators"]), 1)
        self.annotate("collect", order, "--out", self.folder / "labels", status=1)  # somebody may have edited these
        self.annotate("review", order)
        self.assertEqual((self.status(order, "carol"), self.status(order, "bob")), ("paid", "submitted"))
        self.annotate("review", order, status=3)
        self.annotate("review", order, "--void-unreadable")
        self.annotate("appeal", order, who="bob")
        self.annotate("decide", order, "bob", "--accept", ITEMS, who="judy", status=6)  # it cannot have read them
        self.annotate("decide", order, "bob", "--unreadable", who="judy")
        self.assertEqual(self.status(order, "bob"), "failed")
        self.assertAlmostEqual(self.balance("bob"), before["bob"] - BOND - FEE, delta=SLACK)
        self.assertAlmostEqual(self.balance("judy"), before["judy"] + FEE * 97 // 100, delta=SLACK)
        self.assertAlmostEqual(self.balance("carol"), before["carol"] + ITEMS * PRICE * 97 // 100, delta=SLACK)

    def test_an_owner_that_cannot_open_what_it_ordered_pays_for_it(self):
        order = self.node.get(f"/v1/labels/orders/{self.order('--seats', '1')}")[1]
        names = ("dataset", "batches", "picks", "items", "itemsRoot", "classes", "question", "gold", "goldRoot", "goldErrors",
                 "seats", "annotators", "price", "bond", "arbiter", "arbiterX25519", "arbiterWraps", "arbiterFee", "openS",
                 "workS", "reviewS", "appealS", "decideS")
        message = {name: order[name] for name in names} | {"type": "LabelOrder"}
        message["ownerX25519"] = self.annotate("key", who="carol")["key"]
        file = self.folder / "order.json"
        file.write_text(json.dumps(message))
        order = self.wallet("tx", "sign", str(file), account="owner")["txId"]
        self.annotate("agree", order, who="judy")
        before = self.balance("bob")
        self.label(order, "bob", self.truth)
        self.annotate("review", order, "--void-unreadable")
        self.annotate("appeal", order, who="bob")
        self.annotate("decide", order, "bob", "--unreadable", who="judy", status=2)  # it can read them
        self.annotate("decide", order, "bob", "--accept", ITEMS, who="judy")
        self.assertEqual(self.status(order, "bob"), "paid")
        self.assertAlmostEqual(self.balance("bob"), before + ITEMS * PRICE * 97 // 100, delta=SLACK)

    def test_an_arbiter_decides_between_an_owner_and_an_annotator(self):
        order = self.order("--seats", "1")
        before = self.balance("bob")
        self.label(order, "bob", self.truth)
        wrong = self.table(self.other(1, 2, 3, 5, 6, 7), "wrong.csv")
        self.annotate("review", order, "--final", wrong)
        self.assertEqual(self.work(order, "bob")["reviewed"], ITEMS - 6)
        self.annotate("appeal", order, who="bob")
        seen = self.annotate("items", order, "--as-arbiter", "--out", self.folder / "court", who="judy")
        self.assertEqual((seen["items"], seen["question"]), (ITEMS, "Is there rust?"))
        self.annotate("labels", order, "bob", "--out", self.folder / "court.csv", who="judy")
        self.annotate("labels", order, "bob", "--out", self.folder / "court.csv", who="judy", status=5)  # nothing is written over
        with open(self.folder / "court.csv", newline="") as file:
            self.assertEqual([row["label"] for row in csv.DictReader(file)], self.truth)
        self.annotate("decide", order, "bob", "--accept", ITEMS, who="carol", status=2)
        self.annotate("decide", order, "bob", "--accept", ITEMS, who="judy")
        self.assertEqual(self.work(order, "bob")["accepted"], ITEMS)
        self.assertAlmostEqual(self.balance("bob"), before + ITEMS * PRICE * 97 // 100, delta=SLACK)

    def test_a_seat_is_given_back_and_some_files_alone_are_labelled(self):
        some = self.folder / "some.csv"
        some.write_text("item\nleaves/03.txt\nleaves/10.txt\n")
        key = self.annotate("key", who="judy")["key"]
        words = ("order", "leaves", self.batch, "--master", "farm", "--classes", "healthy,rust", "--price", "0.02", "--arbiter",
                 "judy", "--arbiter-key", key, "--seats", "1", "--annotator", "bob")
        order = self.annotate(*words, "--only", some)["txId"]
        self.refused(self.annotate("take", order, who="bob", status=2), "arbiter_not_agreed")
        self.annotate("agree", order, who="carol", status=2)
        self.annotate("agree", order, who="judy")
        self.refused(self.annotate("take", order, who="carol", status=2), "not_invited")
        self.annotate("take", order, who="bob")
        self.refused(self.annotate("take", order, who="carol", status=2), "no_seat")
        self.annotate("return", order, who="bob")
        self.assertEqual(self.status(order, "bob"), "returned")

        order = self.annotate(*words, "--only", some)["txId"]
        self.annotate("agree", order, who="judy")
        self.annotate("take", order, who="bob")
        self.annotate("hand", order, "--master", "farm")
        out = self.folder / "two"
        self.assertEqual(self.annotate("items", order, "--out", out, who="bob")["items"], 2)
        with open(out / "labels.csv", newline="") as file:
            self.assertEqual([row["item"] for row in csv.DictReader(file)], ["leaves/03.txt", "leaves/10.txt"])
        bad = self.annotate("submit", order, self.table(["rust", "blue"]), who="bob", status=1)
        self.assertIn("row 3 of the table: blue is none of the classes", bad["error"]["message"])
        self.annotate("submit", order, self.table(["rust", None]), who="bob")
        self.annotate("review", order)
        self.assertEqual(self.work(order, "bob")["accepted"], 1)

    def test_the_node_knows_neither_items_nor_labels(self):
        order = self.order("--seats", "1")
        self.label(order, "bob", self.truth)
        self.annotate("review", order)
        self.node.program.stop()
        texts = [self.canary.encode(), (self.folder / "bob.csv").read_bytes()[25:60]]
        for path in [*self.node.home.rglob("*"), self.node.program.log_path]:
            if path.is_file():
                data = path.read_bytes()
                self.assertFalse(any(text in data for text in texts), path)
        self.node.start()


if __name__ == "__main__":
    unittest.main()
