"""Measuring models from the command line, against the same numbers worked out here by the definitions."""
import hashlib
import json
import math
import os
import pathlib
import random
import struct
import unittest
import xml.etree.ElementTree

from support import onnx_file as onnx
from support import processes
from support.node import BIN
from support.paid_node import PaidNode

CLASSES = ["amber", "blue", "coral"]  # in the order of the model's outputs, and of the alphabet
SAMPLES = 400


def single(number):
    """A number as FP32 has it."""
    return struct.unpack("<f", struct.pack("<f", number))[0]


def linear(weights, bias, output="logits"):
    """output = x * weights + bias, for rows of two numbers."""
    width = len(bias)
    raw = struct.pack(f"<{2 * width}f", *(number for row in weights for number in row))
    return onnx.model(onnx.graph([onnx.node("MatMul", ["x", "w"], ["m"]), onnx.node("Add", ["m", "b"], [output])],
                                 [onnx.value("x", onnx.FLOAT, ("n", 2))], [onnx.value(output, onnx.FLOAT, ("n", width))],
                                 [onnx.tensor("w", onnx.FLOAT, [2, width], raw),
                                  onnx.tensor("b", onnx.FLOAT, [width], struct.pack(f"<{width}f", *bias))]))


GOOD = ([[2, -1, -1], [0, 1.5, -1.5]], [0, 0, 0.25])
WORSE = ([[2, -1, -1], [0, 0.1, -0.1]], [0, 0, 0.25])


def samples():
    """[(x, y, class, slice)] from a seed: three clouds that overlap."""
    draw = random.Random(7)
    rows = []
    for i in range(SAMPLES):
        label = draw.randrange(3)
        centre = [(1, 0), (-1, 1), (-1, -1)][label]
        rows.append((round(draw.gauss(centre[0], 1), 3), round(draw.gauss(centre[1], 1), 3), label, "day" if i % 3 else "night"))
    return rows


def probabilities(model, row):
    weights, bias = model
    logits = [single(row[0]) * weights[0][k] + single(row[1]) * weights[1][k] + bias[k] for k in range(3)]
    powers = [math.exp(logit - max(logits)) for logit in logits]
    return [power / sum(powers) for power in powers]


def predicted(scores):
    return scores.index(max(scores))


def clopper_pearson(hits, n):
    def at_least(k, share):
        return sum(math.comb(n, i) * share**i * (1 - share)**(n - i) for i in range(k, n + 1))

    def root(grows):
        low, high = 0.0, 1.0
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (low, middle) if grows(middle) else (middle, high)
        return low
    return root(lambda p: at_least(hits, p) >= 0.025), root(lambda p: at_least(hits + 1, p) >= 0.975)


def area(scores, flags):
    pairs = [(a, b) for a, flag in zip(scores, flags) if flag for b, other in zip(scores, flags) if not other]
    return sum(1 if a > b else 0.5 if a == b else 0 for a, b in pairs) / len(pairs)


def expected(model, rows):
    """The metrics, by their definitions."""
    scores = [probabilities(model, row) for row in rows]
    answers = [predicted(each) for each in scores]
    labels = [row[2] for row in rows]
    f1 = []
    for k in range(3):
        hits = sum(a == k == b for a, b in zip(answers, labels))
        f1.append(2 * hits / (answers.count(k) + labels.count(k)))
    bins = {}
    for each, answer, label in zip(scores, answers, labels):
        place = bins.setdefault(max(0, math.ceil(max(each) * 15) - 1), [0, 0])
        place[0] += answer == label
        place[1] += max(each)
    return {"accuracy": sum(a == b for a, b in zip(answers, labels)) / len(rows),
            "macro_f1": sum(f1) / 3,
            "weighted_f1": sum(labels.count(k) * f1[k] for k in range(3)) / len(rows),
            "macro_auc": sum(area([each[k] for each in scores], [label == k for label in labels]) for k in range(3)) / 3,
            "log_loss": -sum(math.log(each[label]) for each, label in zip(scores, labels)) / len(rows),
            "brier": sum(sum((each[k] - (k == label))**2 for k in range(3)) for each, label in zip(scores, labels)) / len(rows),
            "ece": sum(abs(right - sure) for right, sure in bins.values()) / len(rows),
            "top2": sum(sorted(each)[-2] <= each[label] for each, label in zip(scores, labels)) / len(rows)}


def merkle(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def dataset_root(rows):
    def piece(data):
        return struct.pack("<Q", len(data)) + data
    leaves = [hashlib.sha256(b"\x00" + piece(struct.pack("<2f", row[0], row[1])) + b"\x01" + piece(CLASSES[row[2]].encode()) +
                             piece(row[3].encode())).digest() for row in rows]
    head = struct.pack("<Q", 1) + piece(b"x") + piece(b"FP32") + struct.pack("<Qq", 1, 2) + struct.pack("<Q", len(rows))
    tag = hashlib.sha256(b"millrace/samples/1").digest()
    return "0x" + hashlib.sha256(tag + tag + head + merkle(leaves)).hexdigest()


class EvalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = processes.temporary_home()
        cls.folder = pathlib.Path(cls._folder.name)
        cls.rows = samples()
        cls.data = cls.folder / "test.csv"
        cls.data.write_text("x,y,label,slice\n" + "".join(f"{x},{y},{CLASSES[k]},{where}\n" for x, y, k, where in cls.rows))
        cls.good, cls.worse = cls.folder / "good.onnx", cls.folder / "worse.onnx"
        cls.good.write_bytes(linear(*GOOD))
        cls.worse.write_bytes(linear(*WORSE))

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def millrace(self, *words, status=0):
        return processes.run([BIN / "millrace", *words], self.folder, status=status,
                             env={**os.environ, "MILLRACE_HOME": str(self.folder / "home")})

    def measured(self, *words):
        return json.loads(self.millrace("--json", "eval", self.good, "--data", self.data, *words))

    def check(self, metrics, wanted, tolerance=2e-6):
        found = {metric["name"]: metric for metric in metrics}
        for name, value in wanted.items():
            self.assertAlmostEqual(found[name]["value"], value, delta=tolerance, msg=name)
            if found[name]["low"] is not None:
                self.assertLessEqual(found[name]["low"], found[name]["value"] + 1e-12, name)
                self.assertGreaterEqual(found[name]["high"], found[name]["value"] - 1e-12, name)

    def test_metrics_are_those_of_their_definitions(self):
        report = self.measured("--top", "2")["report"]
        self.assertEqual(report["task"], "classification")
        self.assertEqual(report["settings"]["scores"], "logits")
        wanted = expected(GOOD, self.rows)
        self.check(report["metrics"], wanted)
        low, high = clopper_pearson(round(wanted["accuracy"] * SAMPLES), SAMPLES)
        self.assertAlmostEqual(report["metrics"][0]["low"], low, delta=1e-9)
        self.assertAlmostEqual(report["metrics"][0]["high"], high, delta=1e-9)
        counts = [[0] * 3 for _ in range(3)]
        for row in self.rows:
            counts[row[2]][predicted(probabilities(GOOD, row))] += 1
        self.assertEqual(report["confusion"], {"classes": CLASSES, "counts": counts})

    def test_groups_are_measured_alone(self):
        report = self.measured("--slice", "--top", "2")["report"]
        self.assertEqual(sorted(each["name"] for each in report["slices"]), ["day", "night"])
        for each in report["slices"]:
            rows = [row for row in self.rows if row[3] == each["name"]]
            self.assertEqual(each["samples"], len(rows))
            self.check(each["metrics"], expected(GOOD, rows))

    def test_the_root_names_the_samples(self):
        report = self.measured()["report"]
        self.assertEqual(report["dataset"]["root"], dataset_root(self.rows))
        self.assertEqual(report["dataset"]["samples"], SAMPLES)
        inspected = json.loads(self.millrace("--json", "model", "inspect", self.good))
        self.assertEqual(report["model"]["contentId"], inspected["contentId"])

    def test_reports_are_files_that_hash_to_what_is_said(self):
        paths = {name: self.folder / f"report.{name}" for name in ("json", "md", "svg")}
        shown = self.measured("--slice", "--report", paths["json"], "--markdown", paths["md"], "--svg", paths["svg"])
        written = paths["json"].read_bytes()
        self.assertEqual(json.loads(written), shown["report"])
        self.assertEqual("0x" + hashlib.sha256(written).hexdigest(), shown["reportHash"])
        self.assertIn("| accuracy | ", paths["md"].read_text())
        picture = xml.etree.ElementTree.parse(paths["svg"]).getroot()
        self.assertEqual(picture.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertGreater(len(picture), 50)
        again = self.measured("--slice")
        self.assertEqual(again["reportHash"], shown["reportHash"])

    def test_people_get_tables(self):
        text = self.millrace("eval", self.good, "--data", self.data, "--slice")
        accuracy = expected(GOOD, self.rows)["accuracy"]
        self.assertIn(f"accuracy                 {accuracy:.4f}", text)
        self.assertIn("night, ", text)
        self.assertIn("docs/evaluation.md", self.millrace("eval", "--help"))

    def test_compare_says_which_is_better(self):
        both = [[predicted(probabilities(model, row)) == row[2] for row in self.rows] for model in (GOOD, WORSE)]
        only_a = sum(a and not b for a, b in zip(*both))
        only_b = sum(b and not a for a, b in zip(*both))
        n, less = only_a + only_b, min(only_a, only_b)
        p = min(1, 2 * sum(math.comb(n, i) for i in range(less + 1)) / 2**n)
        report = json.loads(self.millrace("--json", "model", "compare", self.good, self.worse, "--data", self.data, "--slice"))
        self.assertEqual((report["counts"]["onlyA"], report["counts"]["onlyB"]), (only_a, only_b))
        self.assertAlmostEqual(report["results"][0]["p"], p, delta=1e-9)
        self.assertEqual(report["verdict"], "worse")
        self.assertEqual(report["results"][0]["nonInferiority"], "refuted")
        self.assertEqual(len(report["slices"]), 2)
        turned = json.loads(self.millrace("--json", "model", "compare", self.worse, self.good, "--data", self.data))
        self.assertEqual(turned["verdict"], "better")
        same = json.loads(self.millrace("--json", "model", "compare", self.good, self.good, "--data", self.data))
        self.assertEqual(same["verdict"], "no difference shown")
        self.assertIn("B: worse", self.millrace("model", "compare", self.good, self.worse, "--data", self.data))

    def test_numbers_have_errors(self):
        model, data = self.folder / "numbers.onnx", self.folder / "numbers.csv"
        model.write_bytes(linear([[0.5], [-2]], [1], "y"))
        rows = [(x, y, round(0.5 * x - 2 * y + 1 + 0.1 * ((i * 7) % 11 - 5), 3)) for i, (x, y, _, _) in enumerate(self.rows)]
        data.write_text("x,y,wanted\n" + "".join(f"{x},{y},{wanted}\n" for x, y, wanted in rows))
        report = json.loads(self.millrace("--json", "eval", model, "--data", data, "--target", "wanted"))["report"]
        self.assertEqual(report["task"], "regression")
        errors = [0.5 * x - 2 * y + 1 - wanted for x, y, wanted in rows]
        mean = sum(wanted for _, _, wanted in rows) / len(rows)
        squares = sum(error**2 for error in errors)
        self.check(report["metrics"], {"mae": sum(map(abs, errors)) / len(rows), "rmse": math.sqrt(squares / len(rows)),
                                       "r2": 1 - squares / sum((wanted - mean)**2 for _, _, wanted in rows)})

    def test_clusters_have_a_silhouette(self):
        model, data = self.folder / "clusters.onnx", self.folder / "points.csv"
        model.write_bytes(linear([[1, -1], [0, 0]], [0, 0], "distances"))  # x below 0 is the first cluster
        points = [(x, y) for x, y, _, _ in self.rows[:100]]
        data.write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in points))
        report = json.loads(self.millrace("--json", "eval", model, "--data", data))["report"]
        self.assertEqual(report["task"], "clustering")
        clusters = [[p for p in points if p[0] <= 0], [p for p in points if p[0] > 0]]
        total = 0
        for own, other in (clusters, clusters[::-1]):
            for point in own:
                a = sum(math.dist(point, each) for each in own) / (len(own) - 1)
                b = sum(math.dist(point, each) for each in other) / len(other)
                total += (b - a) / max(a, b)
        self.check(report["metrics"], {"silhouette": total / len(points)})

    def test_what_does_not_fit_is_refused_with_the_reason(self):
        broken = self.folder / "broken.csv"
        broken.write_text("x,y,label\n1,2,amber\n1,nonsense,blue\n")
        self.assertEqual(self.millrace("eval", self.good, "--data", broken, status=1), "")
        self.assertEqual(self.millrace("eval", self.good, "--data", self.folder / "none.csv", status=3), "")
        self.assertEqual(self.millrace("eval", self.folder / "none.onnx", "--data", self.data, status=3), "")
        self.assertEqual(self.millrace("eval", self.good, "--data", self.data, "--task", "regression", status=1), "")
        self.assertEqual(self.millrace("eval", self.good, "--data", self.data, "--register", "good", status=1), "")

    def test_metrics_are_registered_for_the_version_with_this_content(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            published = node.wallet("model", "publish", self.good, "--name", "tiny", "--license", "MIT", "--price", "0.01",
                                    "--card", node.folder / "card.json", account="owner")
            shown = node.wallet("eval", self.good, "--data", self.data, "--register", "tiny@1", account="owner")
            self.assertEqual(shown["report"]["evaluator"], node.accounts["owner"])
            metrics = shown["report"]["metrics"]
            self.assertEqual(len(shown["registered"]["transactions"]), len(metrics))
            status, answer = node.get(f"/v1/models/{published['model']}/versions")
            self.assertEqual(status, 200)
            records = answer["items"][0]["evaluations"]
            self.assertEqual({record["evaluation"]["metric"]: int(record["evaluation"]["valuePpm"]) for record in records},
                             {metric["name"]: round(metric["value"] * 1e6) for metric in metrics})
            for record in records:
                self.assertEqual(record["evaluation"]["envHash"], shown["reportHash"])
                self.assertEqual(record["evaluation"]["suiteHash"], shown["suiteHash"])
                self.assertEqual(record["evaluator"], node.accounts["owner"])
            node.wallet("eval", self.worse, "--data", self.data, "--register", "tiny@1", account="owner", status=2)
            node.wallet("eval", self.good, "--data", self.data, "--register", "tiny@7", account="owner", status=3)


if __name__ == "__main__":
    unittest.main()
