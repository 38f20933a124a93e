"""A paid model labels what it is sure of: by a sample that people verified, and asking nothing twice."""
import csv
import hashlib
import json
import pathlib
import subprocess
import unittest

from support import processes
from support.node import BIN
from support.paid_node import PaidNode

DIGITS, EACH = 4, 24
PRICE = 50_000


class Prelabel(unittest.TestCase):
    """Pictures of some of the ten digits; nobody is told which is which."""

    @classmethod
    def setUpClass(cls):
        cls.home = processes.temporary_home()
        cls.addClassCleanup(cls.home.cleanup)
        cls.folder = pathlib.Path(cls.home.name)
        cls.node = PaidNode(cls.folder / "wallet")
        cls.node.__enter__()
        cls.addClassCleanup(cls.node.__exit__, None, None, None)
        cls.pictures = cls.folder / "pictures"
        cls.pictures.mkdir()
        cls.truth = {}
        for number in range(DIGITS * EACH):
            name = f"{number:03}.png"
            subprocess.run([BIN / "millrace-demo-digits", "--draw", str(number % DIGITS), "--seed", str(1000 + number), "--out",
                            cls.pictures / name], check=True, capture_output=True, timeout=60)
            cls.truth[f"pictures/{name}"] = str(number % DIGITS)

    def prelabel(self, *words, status=0):
        return self.node.wallet("data", "annotate", "prelabel", str(self.pictures), "--model", "digits", "--classes",
                                "0,1,2,3,4,5,6,7,8,9", "--out", str(self.folder / "out"), "--epsilon", "0.3", "--level", "0.8",
                                *words, account="caller", status=status)

    def labelled_by_people(self, asked):
        """What an annotator on the market says of these items: a table for --verified."""
        wallet, batch, accounts = self.node.wallet, str(self.folder / "batch"), self.node.accounts

        def data(*words, who="caller"):
            return wallet("data", *map(str, words), account=who)
        wallet("master", "new", "farm", "--light")
        camera = wallet("key", "new", "camera", "--light", "--no-words")["address"]
        data("register", "shapes", "--owner-ppm", "1000000")
        data("enroll", "shapes", camera, "--daily", "1000000000")
        data("seal", self.pictures, "--to", "farm", "--dataset", "shapes", "--out", batch)
        data("contribute", batch, "--device", "camera")
        data("put", batch, "--token-file", self.node.home / "keys/operator.token")
        key = data("annotate", "key", who="owner")["key"]
        order = data("annotate", "order", "shapes", batch, "--master", "farm", "--classes", ",".join(map(str, range(10))), "--only",
                     asked, "--price", "0.02", "--seats", "1", "--arbiter", accounts["owner"], "--arbiter-key", key)["txId"]
        data("annotate", "agree", order, who="owner")
        data("annotate", "take", order, who="host")
        data("annotate", "hand", order, "--master", "farm")
        work = self.folder / "work"
        data("annotate", "items", order, "--out", work, who="host")
        with open(work / "labels.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["label"] = self.truth[row["item"]]
        with open(work / "labels.csv", "w", newline="") as file:
            table = csv.DictWriter(file, ["number", "item", "label", "confidence"])
            table.writeheader()
            table.writerows(rows)
        data("annotate", "submit", order, work / "labels.csv", who="host")
        out = self.folder / "people"
        data("annotate", "collect", order, "--out", out)
        data("annotate", "review", order)
        self.assertEqual(self.node.get(f"/v1/labels/orders/{order}")[1]["accepted"], len(rows))
        return str(out / "labels.csv")

    def rows(self, name):
        with open(self.folder / "out" / name, newline="") as file:
            return list(csv.DictReader(file))

    def test_what_it_is_sure_of_labels_itself_once_people_have_verified_a_sample(self):
        said = self.prelabel("--budget", "1", "--max-price", "0.5", status=2)
        self.assertIn("--budget", said["error"]["message"])
        answers = self.folder / "out" / "answers.jsonl"
        paid = answers.read_text().count('"charged"')
        self.assertEqual(paid, 11, "the next one may cost 0.5")
        with open(answers, "a") as file:
            file.write('{"item":"0x12')  # the power went away

        said = self.prelabel()
        self.assertEqual(said["items"], DIGITS * EACH)
        self.assertEqual(int(said["charged"]), DIGITS * EACH * PRICE)
        self.assertEqual(int(said["chargedNow"]), (DIGITS * EACH - paid) * PRICE)
        self.assertEqual((said["labelled"], said["verified"]), (0, 0), "nobody has verified anything")
        self.assertEqual(said["leastVerified"], 5)
        self.assertEqual(said["toVerify"], "verify.csv")
        sample = self.rows("verify.csv")
        self.assertEqual(len(sample) + len(self.rows("queue.csv")), DIGITS * EACH)
        self.assertEqual(sample, [{"item": row["item"], "label": ""} for row in sample], "nobody is told what the model says")
        self.assertTrue(all(len(of["sample"]) <= 10 for of in said["classes"]))
        self.assertEqual(sum(len(of["sample"]) for of in said["classes"]), len(sample))

        people = self.labelled_by_people(self.folder / "out" / "verify.csv")
        said = self.prelabel("--verified", people)
        self.assertEqual(int(said["chargedNow"]), 0)
        self.assertNotIn("toVerify", said)
        self.assertEqual(said["verified"], len(sample))
        automatic, queue = self.rows("auto.csv"), self.rows("queue.csv")
        self.assertEqual(len(automatic) + len(queue) + len(sample), DIGITS * EACH)
        self.assertGreater(len(automatic), 10)
        wrong = sum(row["label"] != self.truth[row["item"]] for row in automatic)
        self.assertLessEqual(wrong, 0.3 * len(automatic))
        certificate = json.loads((self.folder / "out" / "certificate.json").read_text())
        for row in automatic:
            of = certificate["classes"][int(row["label"])]
            self.assertGreaterEqual(float(row["probability"]) + 1e-6, of["threshold"])
            self.assertLessEqual(of["bound"], 0.3)
            self.assertEqual(row["source"], "digits/1")
            self.assertEqual(row["sha256"], hashlib.sha256((self.folder / row["item"]).read_bytes()).hexdigest())
        said = self.prelabel("--verified", str(self.folder / "out" / "auto.csv"), status=1)
        self.assertIn("auto.csv is what models say", said["error"]["message"])
        said = self.prelabel("--verified", people, "--sample", "7", status=1)
        self.assertIn("which is not changed once it is drawn", said["error"]["message"])
        said = self.prelabel("--verified", people, "--invert", status=1)
        self.assertIn("name another --out", said["error"]["message"])

    def refusal(self, *words, classes="0,1,2,3,4,5,6,7,8,9", model="digits"):
        before = int(self.node.get(f"/v1/accounts/{self.node.accounts['caller']}")[1]["balance"])
        said = self.node.wallet("data", "annotate", "prelabel", *map(str, words), "--model", model, "--classes", classes, "--out",
                                str(self.folder / "other"), account="caller", status=1)
        self.assertEqual(int(self.node.get(f"/v1/accounts/{self.node.accounts['caller']}")[1]["balance"]), before)
        return said["error"]["message"]

    def test_what_cannot_come_out_well_is_refused_before_it_costs_anything(self):
        self.assertIn("no output of digits/1 is a score for each of the 2", self.refusal(self.pictures, classes="a,b"))
        self.assertIn("--classes names two or more", self.refusal(self.pictures, classes="a"))
        self.assertIn("digits/1 is named twice", self.refusal(self.pictures, "--model", "digits/1"))
        mixed = self.folder / "mixed"
        mixed.mkdir()
        (mixed / "a.png").write_bytes(next(self.pictures.iterdir()).read_bytes())
        (mixed / "b.txt").write_text("no picture")
        self.assertIn("mixed/b.txt is nothing that digits/1 takes", self.refusal(mixed))


if __name__ == "__main__":
    unittest.main()
