"""From purchase to better model: data are bought, trained on by rented time, and what comes out is the next version of a model;
then whoever's data it was made of earns with each call of it."""
import json
import shutil
import unittest

from support import processes
from support.lease_case import MICRO
from support.rental_case import RentalCase

VERIFIERS = ("ada", "bob")
FARMER, CALLER, HOST = "cyd", "dan", "provider"
HOST_PPM, USUAL_DATA_PPM = 100_000, 200_000


class BetterModel(RentalCase):
    """The tenant has the model, somebody else the data."""

    def setUp(self):
        super().setUp()
        for name in VERIFIERS:
            self.gpu("verify-join", self.CLASS, "--stake", "10", who=name)

    def bought(self):
        """A batch of the farmer's, and the purchase whose keys open it."""
        def data(*words, who=FARMER):
            return self.wallet("data", *map(str, words), account=who)
        self.wallet("master", "new", "farm", "--light")
        camera = self.wallet("key", "new", "camera", "--light", "--no-words")["address"]
        self.wallet("send", camera, "10", account=FARMER)
        data("register", "orchard", "--owner-ppm", "400000")
        data("enroll", "orchard", camera, "--daily", "1000000000")
        batch = self.folder / "orchard.batch"
        data("seal", self.data, "--to", "farm", "--dataset", "orchard", "--out", batch)
        data("contribute", batch, "--device", "camera")
        license = self.folder / "license.txt"
        license.write_text("for training\n")
        offer = data("offer", "orchard", "--price", "5", "--license", license, "--master", "farm")["txId"]
        sale = data("buy", offer, batch, "--max-price", "5", who="tenant")["txId"]
        data("release", sale, "--master", "farm")
        return batch, sale

    def register_host(self):
        key = self.node.identity["account"]
        self.wallet("send", key, "50", account=HOST)
        self.wallet("host", "register", "--endpoint", self.node.url(""), "--bond", "100", "--key", key, account=HOST)

    def train(self, model, *words, steps=200, who="tenant"):
        return self.start(who, "train", model, "--holdout", self.holdout, "--recipe", self.recipe, "--steps", steps,
                          "--budget", 1, "--max-rate", "0.001", "--class", self.CLASS, "--report-fee", "0.1", "--bids", 0, *words)

    def trained(self, model, *words, who="tenant"):
        """The exit status of a training that is let, done and verified."""
        serving = self.start("provider", "gpu", "serve", self.offer, "--once", "--work", self.folder / f"rented-out-{who}-{model.stem}",
                             "--commit-every", 2)
        self.verify(VERIFIERS)
        self.train(model, *words, who=who)
        status = self.ended(who)._process.returncode
        for name in VERIFIERS:
            self.programs.pop(name).stop(2)
        processes.wait_until(lambda: not serving.running(), "the provider is done")
        return status

    def version(self, ver):
        status, answer = self.node.get(f"/v1/models/{self.line}/versions/{ver}")
        self.assertEqual(status, 200, answer)
        return answer

    def versions(self):
        return self.node.get(f"/v1/models/{self.line}")[1]["versions"]

    def call(self, published):
        """Serves it, and pays for one call; what is minted for that is on the ledger then."""
        shutil.copy(self.out, self.node.home / "sorter.onnx")
        self.node.program.stop()
        self.node.configure(claims={"everyS": 1}, host={"account": self.accounts[HOST], "models": [
            {"name": "sorter", "model": published["model"], "alias": "latest", "files": ["1=sorter.onnx"]}]})
        self.node.start()
        began = self.node.get("/v1/status")[1]["height"]  # the lease was settled before
        row = self.folder / "row.json"
        row.write_text("[[0.1, 0.5]]")
        payment = self.wallet("infer", "sorter", "--input", row, account=CALLER)["payment"]

        def settled():
            return next((receipt for height in range(began + 1, self.node.get("/v1/status")[1]["height"] + 1)
                         for receipt in self.node.get(f"/v1/blocks/{height}")[1]["receipts"]
                         if any(event["kind"] == "settled" for event in receipt["events"])), None)
        receipt = processes.wait_until(settled, "the call is settled", 120, 1)
        minted = sum(int(event["amount"]) for event in receipt["events"] if event["kind"] == "minted")
        return int(payment["charged"]), minted

    def test_contributors_of_bought_data_earn_with_the_model_that_was_made_of_them(self):
        batch, sale = self.bought()
        bought = ["--batch", batch, "--sale", sale]
        terms = ["--publish", "sorter", "--price", "0.05", "--host", HOST, "--host-ppm", HOST_PPM, "--out", self.out]
        before = self.balance("tenant")
        self.train(self.model, *bought, *terms)  # a first version wants a licence too
        self.assertEqual(self.ended("tenant")._process.returncode, 1)
        self.assertIn("wants --price and --license", self.programs["tenant"].log())
        self.assertEqual(self.balance("tenant"), before, "nothing was locked")
        terms += ["--license", "MIT", "--only-if-better", "--min-derivative-bps", 1500]
        self.train(self.model, *bought, *terms)
        self.assertEqual(self.ended("tenant")._process.returncode, 2)
        self.assertIn("no registered host", self.programs["tenant"].log())
        self.register_host()
        self.assertEqual(self.trained(self.model, *bought, *terms), 0, self.programs["tenant"].log())
        report = self.report("tenant")
        published = report["published"]
        self.line = published["model"]
        self.assertEqual((published["ver"], report["outcome"], report["gain"]["verdict"]), (1, "verified", "better"), report)
        first = self.version(1)
        record = first["version"] if "version" in first else first
        self.assertEqual([entry["weight"] > 0 for entry in record["datasets"]], [True])
        self.assertEqual(record["dataPpm"], USUAL_DATA_PPM)
        card = json.loads((self.folder / "better.onnx.card.json").read_text())
        self.assertEqual((card["train"]["order"], card["train"]["steps"], card["semver"]), (report["order"], 200, "1.0.0"))
        self.assertIn("accuracy", [metric["metric"] for metric in card["metrics"]])

        # Said again, as after a kill at the end: there is nothing left to do.
        self.train(self.model, *bought, *terms)
        self.assertEqual(self.report("tenant")["published"]["transactions"], [])
        self.assertEqual(self.versions(), 1)

        charged, minted = self.call(published)
        self.assertGreater(minted, 0)
        before = self.balance(FARMER)
        self.wallet("data", "claim", "orchard", account=FARMER)
        earned = self.balance(FARMER) - before + MICRO // 100  # its fee
        self.assertGreater(earned, minted * USUAL_DATA_PPM // MICRO // 2, (charged, minted))

        # A second training begins with that version: what was bought before keeps its part.
        again = self.folder / "again.onnx"
        terms = ["--publish", "sorter", "--host", HOST, "--out", again]
        self.assertEqual(self.trained(self.out, "--data", self.data, *terms, "--only-if-better"), 2, self.programs["tenant"].log())
        self.assertIn("not shown to be better", self.programs["tenant"].log())
        self.assertEqual(self.versions(), 1)
        self.train(self.out, "--data", self.data, *terms)
        self.assertEqual(self.report("tenant")["published"]["ver"], 2)
        second = self.version(2)
        second = second["version"] if "version" in second else second
        self.assertEqual([entry["dataset"] for entry in second["datasets"]], [entry["dataset"] for entry in record["datasets"]])
        self.assertEqual((second["dataPpm"], second["license"], second["priceSheet"]), (USUAL_DATA_PPM, "MIT", record["priceSheet"]))

        # Somebody else who begins with it owes what its owner asks for; so much only knowingly.
        other = self.folder / "other.onnx"
        terms = ["--data", self.data, "--publish", "mine", "--price", "0.01", "--license", "MIT", "--out", other]
        self.train(self.out, *terms, who=CALLER)
        self.assertEqual(self.ended(CALLER)._process.returncode, 2)
        self.assertIn("1500 bps", self.programs[CALLER].log())
        royalty = ["--parent", f"{self.line}@1=1500"]
        self.assertEqual(self.trained(self.out, *terms, *royalty, who=CALLER), 0, self.programs[CALLER].log())
        self.line = self.report(CALLER)["published"]["model"]
        mine = self.version(1)
        mine = mine["version"] if "version" in mine else mine
        self.assertEqual([(parent["model"], parent["ver"], parent["royaltyBps"]) for parent in mine["parents"]],
                         [(published["model"], 1, 1500)])
        self.whole()


if __name__ == "__main__":
    unittest.main()
