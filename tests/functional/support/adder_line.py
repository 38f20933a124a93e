"""A line of models on the ledger, each version with a price of its own, served for pay: which version ran is told by its answer."""
import hashlib
import json
import re
import struct
import urllib.request

from support import adder
from support import onnx_file as onnx
from support.paid_node import PaidNode

MICRO = 1_000_000


def table():
    """x + 1 for whole numbers from 0 to 3, looked up; anything above makes the run fail."""
    values = struct.pack("<4f", 1, 2, 3, 4)
    return onnx.model(onnx.graph(
        [onnx.node("Cast", ["x"], ["at"], [onnx.attribute("to", 2, onnx.field(3, onnx.INT64))]),
         onnx.node("Gather", ["values", "at"], ["y"])],
        [onnx.value("x", onnx.FLOAT, (1,))], [onnx.value("y", onnx.FLOAT, (1,))],
        [onnx.tensor("values", onnx.FLOAT, [4], values)]))


class AdderLine(PaidNode):
    """Version v of `m` answers x + v for PRICES[v] tokens a call. Use in a with statement."""

    PEOPLE = ("owner", "host", "caller", "ancestor")
    TARGET = "/v2/models/m/infer"
    PRICES = {1: "0.01", 2: "0.03"}
    PARENT = None  # or the version that has one, and its royalty in ten thousandths
    PRICE_WORDS = ()  # what else `millrace model publish` is told of a price

    def content(self, version):
        """The file of a version; for a test to say otherwise."""
        return adder.adder(version)

    def publish(self):
        self.start()
        self.register_host()
        publish = lambda path, name, price, *words, account="owner": self.wallet(
            "model", "publish", path, "--name", name, "--license", "MIT", "--price", price, "--host", "host", "--alias", "",
            *self.PRICE_WORDS, *words, account=account)
        ancestor = None
        if self.PARENT:
            (self.home / "ancestor.onnx").write_bytes(adder.adder(1000))
            ancestor = publish(self.home / "ancestor.onnx", "ancestor", "0.01", account="ancestor")["model"]
        for version, price in self.PRICES.items():
            path = self.home / f"m-{version}.onnx"
            path.write_bytes(self.content(version))
            made_from = ["--parent", f"{ancestor}@1={self.PARENT[1]}"] if self.PARENT and self.PARENT[0] == version else []
            self.published = publish(path, "m", price, *made_from)
            assert self.published["ver"] == version, self.published
        self.line = self.published["model"]
        self.point("1")
        self.program.stop()
        self.configure(host={"account": self.accounts["host"], "models": [self.model()]})
        return self

    def model(self, versions=None, **more):
        """The entry of the configuration."""
        return {"name": "m", "model": self.line, "alias": "latest",
                "files": [f"{version}=m-{version}.onnx" for version in versions or self.PRICES], **more}

    def point(self, *targets):
        """Points the alias at versions, VERSION or VERSION=WEIGHT; on the ledger when it comes back."""
        return self.wallet("model", "alias", "m", "latest", *targets, account="owner")

    def reload(self, *models, status=200, **host):
        """Makes this the configuration of the node while it runs."""
        self.configure(host={"models": list(models), **host})
        return self.operate("/v1/operator/reload", status)

    def operate(self, path, status=200, value=None):
        token = (self.home / "keys/operator.token").read_text().strip()
        answer = self._ask(urllib.request.Request(
            self.url(path), b"" if value is None else json.dumps(value).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}))
        assert answer[0] == status, answer
        return answer[1]

    @classmethod
    def price(cls, version):
        """In micros."""
        return round(float(cls.PRICES[version]) * MICRO)

    def metric(self, name, **labels):
        """The sum of a metric's samples that have these labels."""
        total = 0
        for found, value in re.findall(rf"^{name}{{(.*)}} (\S+)$", self.get("/metrics")[1], re.M):
            if dict(re.findall(r'(\w+)="([^"]*)"', found)).items() >= {key: str(value) for key, value in labels.items()}.items():
                total += float(value)
        return total

    def runs(self, version):
        """How many runs a version has made, whoever wanted them."""
        return self.statistics(version)["execution_count"]

    def statistics(self, version, name="m"):
        status, answer = self.get(f"/v2/models/{name}/versions/{version}/stats")
        assert status == 200, answer
        return answer["model_stats"][0]


def check(answer, x, charged_before):
    """What is wrong with a paid answer; nothing if answer, receipt and price are of one version."""
    if answer.status != 200:
        return f"{answer.status}: {answer.content[:300]}"
    version, receipt = int(answer.told["model_version"]), answer.receipt
    found = (adder.answer(answer.told) - x, receipt["ver"], int(receipt["charged"]), int(receipt["chargedCumulative"]),
             receipt["reqHash"], receipt["respHash"])
    wanted = (version, version, AdderLine.price(version), charged_before + AdderLine.price(version),
              "0x" + hashlib.sha256(answer.sent).hexdigest(), "0x" + hashlib.sha256(answer.content).hexdigest())
    return None if found == wanted else f"{found} instead of {wanted}"
