"""Passes and free calls: bought and used by the wallet, counted beyond a kill, shown by a stock OpenAI key's way."""
import json
import pathlib
import unittest
import urllib.error
import urllib.request

from support import processes
from support.paid_node import PaidNode

CALLS = 4
PRICE = 120_000


class Pass(unittest.TestCase):
    """A node whose model gives two calls a day away and sells four for 0.12."""

    def setUp(self):
        self.folder = processes.temporary_home()
        self.addCleanup(self.folder.cleanup)
        self.node = PaidNode(pathlib.Path(self.folder.name) / "wallet").publish()
        model = {"name": "digits", "model": self.node.published["model"], "alias": "latest", "files": ["1=digits.onnx"],
                 "free": {"calls": 2}, "subscription": {"calls": CALLS, "periodS": 3600, "price": str(PRICE)}}
        self.node.configure(host={"account": self.node.accounts["host"], "models": [model]})
        self.node.start()
        self.addCleanup(self.node.__exit__, None, None, None)

    def infer(self, *words, status=0):
        return self.node.wallet("infer", "digits", "--input", self.node.request_file, *words, account="caller", status=status)

    def buy(self, pay):
        bought = self.node.wallet("pass", "buy", "digits", "--pay", pay, account="caller")
        self.assertEqual((bought["left"], "pass" in bought), (CALLS, False))
        # Offers are a little above the price, each by another amount; a permit is settled at the price.
        most = PRICE if pay == "upto" else PRICE + PRICE // 64 + 15
        self.assertIn(int(bought["payment"]["charged"]), range(PRICE, most + 1))
        return bought

    def token(self):
        (path,) = (self.node.wallet.folder / "home" / "passes").iterdir()
        return json.loads(path.read_text())["pass"]

    def call(self, token):
        """The status of a call by hand, and what is left of the pass."""
        request = urllib.request.Request(self.node.url(self.node.TARGET), json.dumps(self.node.REQUEST).encode(), {
            "Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers.get("Millrace-Pass-Left")
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers.get("Millrace-Pass-Left")

    def test_free_calls_come_first_and_then_a_price(self):
        self.assertEqual([self.call("")[0] for _ in range(3)], [200, 200, 402])

    def test_a_pass_is_bought_used_and_used_up(self):
        for _ in range(2):
            self.call("")
        for pay in ("exact", "upto"):
            self.buy(pay)
            left = [self.infer("--pay", "pass")["passLeft"] for _ in range(CALLS)]
            self.assertEqual(left, list(reversed(range(CALLS))))
            refused = self.infer("--pay", "pass", status=8)
            self.assertIn("pass buy", refused["error"]["message"])
        listed = self.node.wallet("pass", "list")["passes"]
        self.assertEqual([one["left"] for one in listed], [0, 0])
        offers = self.node.wallet("pass", "offers")["passes"]
        self.assertEqual(offers[0]["subscription"], {"calls": CALLS, "periodS": 3600, "price": str(PRICE)})

    def test_what_was_used_outlives_a_kill_and_the_secret_is_nowhere_in_a_log(self):
        self.buy("exact")
        token = self.token()
        self.assertEqual(self.call(token), (200, "3"))
        self.assertEqual(self.call(token), (200, "2"))
        self.node.program.kill()
        self.node.start()
        self.assertEqual(self.call(token), (200, "1"))
        self.assertEqual(self.call(token[:-3] + "AA=")[0], 401)
        self.assertNotIn(token[8:40], self.node.program.log())
        self.assertIn('millrace_payments_total{outcome="pass"} 1', self.node.get("/metrics")[1])


if __name__ == "__main__":
    unittest.main()
