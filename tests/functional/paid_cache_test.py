"""Answers that are kept for equal calls, as those see it who pay: what hits and what does not, what it costs, and how much is kept."""
import hashlib
import json
import pathlib
import struct
import unittest

from support import adder, processes
from support import onnx_file as onnx
from support.adder_line import AdderLine, table
from support.node import Node
from support.voucher_caller import VoucherCaller

FAILS = 3  # the version that cannot answer every call
MS_PRICE, MOST_MS = 1_000, 50
CACHE_BYTES = 64 << 10
WIDE = 4096  # bytes of an answer of the wide model


class Line(AdderLine):
    PRICES = {1: "0.01", 2: "0.03", FAILS: "0.02"}
    PRICE_WORDS = ("--price-also", f"ms=0.001:{MOST_MS}")

    def content(self, version):
        return table() if version == FAILS else super().content(version)


def wide():
    """One FP32 given back WIDE / 4 times."""
    return onnx.model(onnx.graph([onnx.node("Expand", ["x", "shape"], ["y"])], [onnx.value("x", onnx.FLOAT, (1,))],
                                 [onnx.value("y", onnx.FLOAT, (WIDE // 4,))],
                                 [onnx.tensor("shape", onnx.INT64, [1], struct.pack("<q", WIDE // 4))]))


class Kept(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(processes.temporary_home())
        cls.node = cls.enterClassContext(Line(pathlib.Path(folder) / "wallet"))
        (cls.node.home / "wide.onnx").write_bytes(wide())
        cls.wide = {"name": "wide", "files": ["wide.onnx"], "cache": True}
        cls.callers = {}

    @classmethod
    def tearDownClass(cls):
        for caller in cls.callers.values():
            caller.close()

    def setUp(self):
        self.node.reload(self.node.model(cache=True), self.wide, cacheBytes=0)  # forgets what other tests left
        self.node.reload(self.node.model(cache=True), self.wide, cacheBytes=CACHE_BYTES)

    def caller(self, version):
        """Who pays for one version, each time on the same channel."""
        if version not in self.callers:
            self.callers[version] = VoucherCaller(self.node, f"/v2/models/m/versions/{version}/infer", tokens="5")
        return self.callers[version]

    def call(self, request, version=1, payment_id=None, **more):
        """A paid call that succeeds: it has a receipt of its own, over its own bytes, and costs what that says."""
        caller = self.caller(version)
        before = caller.charged
        answer = caller.call(request, payment_id, **more)
        self.assertEqual(answer.status, 200, answer.content)
        receipt = answer.receipt
        calls, ms = receipt["units"]
        self.assertEqual((receipt["ver"], calls, int(receipt["charged"])),
                         (version, 1, self.node.price(version) + MS_PRICE * min(ms, MOST_MS)))
        self.assertEqual(caller.charged, before + int(receipt["charged"]))
        self.assertEqual((receipt["reqHash"], receipt["respHash"]),
                         tuple("0x" + hashlib.sha256(each).hexdigest() for each in (answer.sent, answer.content)))
        return answer

    def hits(self, request, **more):
        """Whether a call is answered from what was kept, by the header and by what ran; it is answered right either way."""
        version = more.get("version", 1)
        before = self.counts(version)
        answer = self.call(request, **more)
        self.assertEqual(adder.answer(answer.told), request["inputs"][0]["data"][0] + (1 if version == FAILS else version))
        hit = answer.headers.get("Millrace-Cache") == "hit"
        self.assertEqual(self.since(before, version), {"hits": hit, "misses": not hit, "runs": not hit})
        return hit

    def counts(self, version):
        told = self.node.statistics(version)
        self.assertEqual(told["inference_count"], told["execution_count"], "calls of one row that nobody shares")
        counts = {"hits": told["inference_stats"]["cache_hit"]["count"], "misses": told["inference_stats"]["cache_miss"]["count"],
                  "runs": told["execution_count"]}
        for name in ("hits", "misses"):  # the metrics count since the start, the statistics since the version was loaded
            counts["metric " + name] = self.node.metric(f"nv_cache_num_{name}_per_model", model="m", version=version)
        return counts

    def since(self, before, version):
        now = self.counts(version)
        changes = {name: now[name] - before[name] for name in now}
        for name in ("hits", "misses"):
            self.assertEqual(changes.pop("metric " + name), changes[name])
        return changes

    def test_an_equal_call_runs_nothing_costs_the_same_and_has_a_receipt_of_its_own(self):
        before = self.counts(1)
        first = self.call(adder.request(7.0), payment_id="first-call-of-all")
        self.assertNotIn("Millrace-Cache", first.headers)
        second = self.call(adder.request(7.0), payment_id="the-second-of-them")
        self.assertEqual(second.headers["Millrace-Cache"], "hit")
        self.assertEqual(second.content, first.content)
        self.assertEqual(self.since(before, 1), {"hits": 1, "misses": 1, "runs": 1})
        one, two = first.receipt, second.receipt
        self.assertEqual(two["seq"], one["seq"] + 1)
        for name in ("units", "charged", "sheet", "ver", "reqHash", "respHash"):
            self.assertEqual(one[name], two[name], name)
        for name in ("maxClaimable", "chargedCumulative", "signature"):
            self.assertNotEqual(one[name], two[name], name)
        channel = self.caller(1).channel
        stored = self.node.receipts(channel)
        self.assertEqual([receipt["seq"] for receipt in stored[-2:]], [one["seq"], two["seq"]])
        self.assertEqual(self.node.charged(channel), self.caller(1).charged)

        # Asked again, each is what it was, and neither is another call.
        for answer, name in ((first, "first-call-of-all"), (second, "the-second-of-them")):
            again = self.caller(1).call(adder.request(7.0), payment_id=name)
            self.assertEqual((again.status, again.receipt, again.content), (200, answer.receipt, answer.content))
            self.assertEqual(again.headers.get("Millrace-Cache"), answer.headers.get("Millrace-Cache"))
        # A payment that was made for one call buys no other, kept or not.
        self.assertEqual(self.caller(1).call(adder.request(8.0), payment_id="first-call-of-all").status, 409)
        self.assertEqual(self.since(before, 1), {"hits": 1, "misses": 1, "runs": 1})
        self.assertEqual(self.node.charged(channel), self.caller(1).charged)
        self.assertEqual(self.node.receipts(channel), stored)

    def test_what_does_not_decide_the_answer_does_not_matter_and_each_caller_has_her_own_form(self):
        request = adder.request(9.0)
        self.assertFalse(self.hits(request))
        self.assertTrue(self.hits({**request, "parameters": {"priority": 1, "timeout": 30_000_000}}))
        self.assertTrue(self.hits({**request, "outputs": [{"name": "y"}]}), "all there are")
        named = self.call({**request, "id": "mine"})
        self.assertEqual((named.told["id"], named.headers["Millrace-Cache"]), ("mine", "hit"))
        head = json.dumps({"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "parameters": {"binary_data_size": 4}}],
                           "parameters": {"binary_data_output": True}}).encode()
        binary = self.call(head + struct.pack("<f", 9.0), headers={"Inference-Header-Content-Length": str(len(head))})
        self.assertEqual((binary.headers["Millrace-Cache"], binary.content[-4:]), ("hit", struct.pack("<f", 10.0)))

    def test_another_input_other_parameters_or_another_version_is_another_call(self):
        request = adder.request(11.0)
        others = [request, adder.request(11.5), *({**request, "parameters": {"temperature": value}} for value in (0.5, 0.25, "0.5"))]
        for expected in (False, True):
            self.assertEqual([self.hits(each) for each in others], [expected] * len(others))
            self.assertEqual(self.hits(request, version=2), expected)

    def test_behind_an_alias_each_version_has_its_own_answer(self):
        self.node.point("1=1", "2=1")
        caller = VoucherCaller(self.node, self.node.TARGET, tokens="5")
        self.addCleanup(caller.close)
        before = {version: self.counts(version) for version in (1, 2)}
        calls = {1: 0, 2: 0}
        for _ in range(20):
            answer = caller.call(adder.request(13.0))
            version = int(answer.told["model_version"])
            self.assertEqual((answer.status, adder.answer(answer.told), answer.receipt["ver"]), (200, 13.0 + version, version))
            self.assertEqual(int(answer.receipt["charged"]), self.node.price(version) + MS_PRICE * answer.receipt["units"][1])
            calls[version] += 1
        for version in (1, 2):
            self.assertEqual(self.since(before[version], version), {"hits": calls[version] - 1, "misses": 1, "runs": 1})

    def test_a_call_that_failed_is_not_kept_and_not_charged(self):
        caller = self.caller(FAILS)
        before = self.counts(FAILS)
        for tries in (1, 2):
            failed = caller.call(adder.request(50.0))
            self.assertEqual(failed.status, 500, failed.content)
            self.assertNotIn("Millrace-Cache", failed.headers)
            self.assertEqual({name: self.since(before, FAILS)[name] for name in ("hits", "misses")}, {"hits": 0, "misses": tries})
        # Nor one that ran out of time: the same without that deadline is run.
        late = caller.call({**adder.request(2.0), "parameters": {"timeout": 1}})
        self.assertEqual(late.status, 504, late.content)
        self.assertFalse(self.hits(adder.request(2.0), version=FAILS))
        self.assertTrue(self.hits(adder.request(2.0), version=FAILS))
        self.assertEqual(self.node.charged(caller.channel), caller.charged)
        self.assertEqual(len(self.node.receipts(caller.channel)), 2, "and neither of those that failed")

    def is_kept(self, x):
        """Whether the wide model's answer to x was kept."""
        status, headers, body = self.caller(1).ask(json.dumps(adder.request(x)).encode(), path="/v2/models/wide/infer")
        self.assertEqual((status, set(json.loads(body)["outputs"][0]["data"])), (200, {x}))
        return headers.get("Millrace-Cache") == "hit"

    def test_the_bound_holds_for_all_models_together_and_the_longest_unused_go_first(self):
        self.assertFalse(self.hits(adder.request(1.0)))
        room = CACHE_BYTES // WIDE
        for x in range(2 * room):
            self.assertFalse(self.is_kept(float(x)))
        self.assertFalse(self.hits(adder.request(1.0)), "the answer of another model had to go")
        kept = 0
        while kept <= room and self.is_kept(float(2 * room - 1 - kept)):
            kept += 1
        self.assertLessEqual(kept, room)
        self.assertGreater(kept, room // 2)
        # The call that was found missing is kept now. The newest first, that made number 2 * room - 1 the longest unused.
        self.assertTrue(self.is_kept(float(2 * room - 1 - kept)))
        self.assertFalse(self.is_kept(-1.0))
        self.assertTrue(self.is_kept(float(2 * room - kept)))
        self.assertFalse(self.is_kept(float(2 * room - 1)))

    def test_the_operator_changes_the_bound_while_the_node_runs(self):
        self.assertEqual([self.is_kept(3.0), self.is_kept(3.0)], [False, True])
        # No answer may take more than an eighth of all.
        self.node.reload(self.node.model(cache=True), self.wide, cacheBytes=4 * WIDE)
        self.assertTrue(self.is_kept(3.0), "it fits")
        self.assertEqual([self.is_kept(4.0), self.is_kept(4.0)], [False, False])
        self.node.reload(self.node.model(cache=True), self.wide, cacheBytes=0)
        self.assertEqual([self.is_kept(3.0), self.is_kept(3.0)], [False, False])
        self.assertEqual([self.hits(adder.request(1.0)), self.hits(adder.request(1.0))], [False, False])

    def test_nothing_is_kept_of_another_content_nor_where_the_operator_does_not_say_so(self):
        (self.node.home / "changing.onnx").write_bytes(adder.adder(5))
        changing = {"name": "changing", "files": ["changing.onnx"], "cache": True}
        ask = lambda: self.caller(1).ask(json.dumps(adder.request(1.0)).encode(), path="/v2/models/changing/infer")
        told = lambda: (lambda answer: (adder.answer(json.loads(answer[2])), answer[1].get("Millrace-Cache")))(ask())
        self.node.reload(self.node.model(cache=True), changing)
        self.assertEqual([told(), told()], [(6.0, None), (6.0, "hit")])
        (self.node.home / "changing.onnx").write_bytes(adder.adder(6))
        self.node.reload(self.node.model(cache=True), changing)
        self.assertEqual([told(), told()], [(7.0, None), (7.0, "hit")])
        self.node.reload(self.node.model(), {**changing, "cache": False})
        self.assertEqual([told(), told()], [(7.0, None), (7.0, None)])
        for _ in range(2):
            before = self.counts(1)
            self.assertNotIn("Millrace-Cache", self.call(adder.request(1.0)).headers)
            self.assertEqual(self.since(before, 1), {"hits": 0, "misses": 0, "runs": 1})

    def test_the_answers_of_another_server_are_never_kept(self):
        with Node() as back:
            back.program.stop()
            (back.home / "near.onnx").write_bytes(adder.adder(20))
            back.configure(host={"models": [{"name": "near", "files": ["near.onnx"]}]})
            back.start()
            far = {"name": "far", "backend": {"kind": "oip", "url": back.url(""), "model": "near"}}
            refused = self.node.reload(self.node.model(cache=True), {**far, "cache": True}, status=400)
            self.assertIn("are not kept", json.dumps(refused))
            self.node.reload(self.node.model(cache=True), far)
            refused = self.node.operate("/v2/repository/models/far/load", 400,
                                        {"parameters": {"config": json.dumps({"cache": True})}})
            self.assertIn("are not kept", json.dumps(refused))
            for _ in range(3):
                status, headers, body = self.caller(1).ask(json.dumps(adder.request(1.0)).encode(), path="/v2/models/far/infer")
                self.assertEqual((status, adder.answer(json.loads(body)), headers.get("Millrace-Cache")), (200, 21.0, None))
            self.assertEqual(back.get("/v2/models/near/stats")[1]["model_stats"][0]["inference_count"], 3)


if __name__ == "__main__":
    unittest.main()
