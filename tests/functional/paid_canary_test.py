"""Two versions behind one alias, with a price each: what share of paid calls each gets, what is charged, who is credited, and
that nothing fails or is mixed up while the shares change."""
import http.client
import json
import pathlib
import socket
import threading
import time
import unittest

from support import adder, processes
from support.adder_line import AdderLine, check
from support.voucher_caller import VoucherCaller, from_header, transfer_payment

CALLS = 120
OFF = 4  # calls by which a share of so many may miss: they are spread by a sequence, not by chance
HOST_PPM = 100_000
ROYALTY_BPS = 2_000


class Line(AdderLine):
    PARENT = (2, ROYALTY_BPS)


class Callers:
    """Threads that pay for calls on a channel each, without a pause, and note what came when."""

    def __init__(self, node, salts):
        self._callers = [VoucherCaller(node, node.TARGET, salt=salt) for salt in salts]
        self._over = threading.Event()
        self.calls = []  # (begun, ended, version that the answer names)
        self.faults = []
        self._threads = [threading.Thread(target=self._run, args=(caller,), daemon=True) for caller in self._callers]
        for thread in self._threads:
            thread.start()

    def _run(self, caller):
        number = 0
        while not self._over.is_set() and not self.faults:
            number += 1
            before, begun = caller.charged, time.monotonic()
            try:
                answer = caller.call(adder.request(float(number)))
                problem = check(answer, number, before)
            except Exception as fault:  # whatever it is, the test says so
                problem = repr(fault)
            if problem:
                self.faults.append(problem)
            else:
                self.calls.append((begun, time.monotonic(), answer.receipt["ver"]))

    def wait_for(self, count, since):
        """The versions of the first so many calls that began later than `since`."""
        def found():
            later = [version for begun, _, version in list(self.calls) if begun > since]
            return later[:count] if self.faults or len(later) >= count else None
        return processes.wait_until(found, f"{count} calls")

    def stop(self):
        self._over.set()
        for thread, caller in zip(self._threads, self._callers):
            thread.join(60)
            caller.close()


def ask(node, body, payment=None):
    """(status, headers, body as bytes) of one call on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
    try:
        connection.request("POST", node.TARGET, body, {"PAYMENT-SIGNATURE": payment} if payment else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Shares(unittest.TestCase):
    """Nothing is claimed until the test wants it."""

    def setUp(self):
        folder = self.enterContext(processes.temporary_home())
        self.node = self.enterContext(
            Line(pathlib.Path(folder) / "wallet", claims={"everyS": 10**6, "cap": str(10**15)}))

    def balance(self, name):
        return int(self.node.get(f"/v1/accounts/{self.node.accounts[name]}")[1]["balance"])

    def uses_claimed(self, channel, from_height):
        """What the claims of a channel since a height say that each version earned."""
        for height in range(from_height, self.node.get("/v1/status")[1]["height"] + 1):
            for transaction in self.node.get(f"/v1/blocks/{height}")[1]["txs"]:
                message = self.node.get(f"/v1/transactions/{transaction}")[1]["tx"]["message"]
                if message["type"] == "ChannelClaim":
                    yield from ({use["ver"]: int(use["amount"]) for use in row["uses"]} for row in message["rows"]
                                if row["totalClaimed"] == str(self.node.charged(channel)))

    def test_follow_the_weights_and_each_version_earns_for_its_own_owners(self):
        node = self.node
        node.point("1=1", "2=1")  # what the dearer of them may cost is offered from the first call on
        caller = VoucherCaller(node, node.TARGET)
        self.addCleanup(caller.close)
        earned, receipts = {1: 0, 2: 0}, []
        for weights in ({1: 9, 2: 1}, {1: 1, 2: 3}):
            node.point(*(f"{version}={weight}" for version, weight in weights.items()))
            counts = {1: 0, 2: 0}
            for number in range(CALLS):
                before = caller.charged
                answer = caller.call(adder.request(float(number)))
                self.assertIsNone(check(answer, number, before))
                counts[answer.receipt["ver"]] += 1
                receipts.append({name: value for name, value in answer.receipt.items() if name != "signature"})
            for version, weight in weights.items():
                self.assertLessEqual(abs(counts[version] - CALLS * weight / sum(weights.values())), OFF, (weights, counts))
                earned[version] += counts[version] * node.price(version)
        self.assertEqual(node.receipts(caller.channel), receipts)
        self.assertEqual(node.charged(caller.channel), sum(earned.values()))
        self.assertEqual([node.runs(version) for version in (1, 2)],
                         [earned[version] // node.price(version) for version in (1, 2)], "each call ran once")

        names = ("owner", "ancestor", "host")
        before = {name: self.balance(name) for name in names}
        height = node.get("/v1/status")[1]["height"]
        self.assertEqual(node.program.stop(), 0)
        node.configure(claims={"everyS": 1})
        node.start()
        processes.wait_until(lambda: node.get(f"/v1/channels/{caller.channel}")[1]["totalClaimed"] == str(sum(earned.values())),
                             "all is settled")
        self.assertEqual(list(self.uses_claimed(caller.channel, height)), [earned])
        gained = {name: self.balance(name) - before[name] for name in names}
        self.assertEqual(gained, self.shares_of(earned))
        self.assertEqual(node.program.stop(), 0)
        node.verify()

    def shares_of(self, earned):
        """What of it is minted to whom: less the network's fee, the host's part, and of version 2 what its ancestor gets."""
        delta_bps = self.node.get("/v1/status")[1]["params"]["deltaBps"]
        gained = {"owner": 0, "ancestor": 0, "host": 0}
        for version, amount in earned.items():
            minted = amount - -(-amount * delta_bps // 10_000)
            host = minted * HOST_PPM // 1_000_000
            ancestor = (minted - host) * ROYALTY_BPS // 10_000 if version == 2 else 0
            gained["host"] += host
            gained["ancestor"] += ancestor
            gained["owner"] += minted - host - ancestor
        return gained


class Changes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(processes.temporary_home())
        cls.node = cls.enterClassContext(Line(pathlib.Path(folder) / "wallet"))

    def setUp(self):
        self.node.reload(self.node.model())

    def near(self, versions, weights):
        total = sum(weights.values())
        for version in (1, 2):
            self.assertLessEqual(abs(versions.count(version) - len(versions) * weights.get(version, 0) / total), OFF,
                                 (weights, versions))

    def test_of_weights_and_of_what_is_loaded_fail_no_call_and_mix_no_two_versions(self):
        node = self.node
        node.point("1=1", "2=1")
        callers = Callers(node, salts=(10, 11, 12))
        try:
            for weights in ({1: 9, 2: 1}, {1: 1, 2: 9}, {1: 1, 2: 1}):
                node.point(*(f"{version}={weight}" for version, weight in weights.items()))
                self.near(callers.wait_for(60, since=time.monotonic()), weights)
                node.reload(node.model(queue=32 + weights[1]))  # every version is loaded anew
                self.near(callers.wait_for(60, since=time.monotonic()), weights)
            node.reload(node.model(versions=[1]))
            self.assertEqual(set(callers.wait_for(30, since=time.monotonic())), {1})
            node.reload(node.model())
            self.near(callers.wait_for(60, since=time.monotonic()), {1: 1, 2: 1})
        finally:
            callers.stop()
        self.assertEqual(callers.faults, [])

    def test_that_begin_a_canary_leave_a_call_on_its_way_with_the_version_that_it_was_offered(self):
        node = self.node
        node.point("1")
        caller = VoucherCaller(node, node.TARGET, salt=20)
        self.addCleanup(caller.close)
        body = json.dumps(adder.request(5.0)).encode()
        with socket.create_connection(("127.0.0.1", node.port), timeout=60) as connection:
            connection.sendall(f"POST {node.TARGET} HTTP/1.1\r\nHost: node\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
                               f"Expect: 100-continue\r\nPAYMENT-SIGNATURE: {caller.payment()}\r\n\r\n".encode())
            self.assertIn(b" 100 ", connection.recv(1024), "it has taken the payment and waits for the body")
            node.point("1=1", f"2={10**9}")
            connection.sendall(body)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, content = received.partition(b"\r\n\r\n")
        self.assertIn(b" 200 ", head.splitlines()[0], received)
        self.assertEqual((json.loads(content)["model_version"], adder.answer(json.loads(content))), ("1", 6.0))
        self.assertEqual(node.charged(caller.channel), node.price(1))
        self.assertEqual([receipt["ver"] for receipt in node.receipts(caller.channel)], [1])

    def test_that_end_a_canary_leave_a_transfer_with_the_version_that_it_was_signed_for(self):
        node = self.node
        body = json.dumps(adder.request(5.0)).encode()
        node.point("2")
        required = from_header(ask(node, body)[1]["PAYMENT-REQUIRED"])
        payment = transfer_payment(required, node.wallet.secret("caller"), node.accounts["caller"], node.identity["chainId"])
        node.point("1")
        again = from_header(ask(node, body)[1]["PAYMENT-REQUIRED"])
        self.assertLess(max(int(offer["amount"]) for offer in again["accepts"]), node.price(2), "it is offered no more")
        status, headers, content = ask(node, body, payment)
        told, settled = json.loads(content), from_header(headers["PAYMENT-RESPONSE"])
        self.assertEqual((status, settled.get("errorReason")), (200, None), told)
        self.assertEqual((told["model_version"], adder.answer(told)), ("2", 7.0))
        receipt = settled["extra"]["receipt"]
        self.assertEqual((receipt["ver"], receipt["charged"]),
                         (2, next(offer["amount"] for offer in required["accepts"] if offer["scheme"] == "exact")))

    def test_are_followed_by_payments_for_one_call_too(self):
        node = self.node
        request = node.folder / "request.json"
        request.write_text(json.dumps(adder.request(5.0)))
        for version in (1, 2):
            other = 3 - version
            node.point(f"{other}=1", f"{version}={10**9}")
            for pay in ("upto", "exact"):
                answer = node.wallet("infer", "m", "--input", request, "--pay", pay, account="caller")
                payment = answer["payment"]
                self.assertEqual((answer["version"], answer["outputs"][0]["data"], payment["receipt"]["ver"]),
                                 (str(version), [5.0 + version], version))
                # A transfer moves whole: offers of it are a little above the price, each by another amount.
                most = node.price(version) * (1 if pay == "upto" else 65 / 64) + (0 if pay == "upto" else 15)
                self.assertLessEqual(node.price(version), int(payment["charged"]))
                self.assertLessEqual(int(payment["charged"]), most)

    def test_of_a_free_models_weights_by_a_reload_hold_from_then_on(self):
        node = self.node
        free = lambda *weights: {"name": "free", "files": ["1=m-1.onnx", "2=m-2.onnx"],
                                 "canary": [{"version": 1 + at, "weight": weight} for at, weight in enumerate(weights)]}
        for weights in ((9, 1), (1, 9)):
            node.reload(node.model(), free(*weights))
            versions = []
            for number in range(CALLS):
                status, told = node.post("/v2/models/free/infer", adder.request(float(number)))
                self.assertEqual((status, adder.answer(told)), (200, number + int(told["model_version"])))
                versions.append(int(told["model_version"]))
            self.near(versions, {1: weights[0], 2: weights[1]})


if __name__ == "__main__":
    unittest.main()
