"""The Open Inference Protocol as a caller sees it: docs/conformance.md says which test covers what."""
import gzip
import json
import math
import os
import pathlib
import struct
import subprocess
import threading
import unittest

from support import onnx_file, processes, raw_http
from support.free_node import FreeNode
from support.tensors import HALVES, LENGTH, VALUES, binary, described

NODE = None


def setUpModule():
    global NODE
    json_types = [kind for kind in onnx_file.TYPES if kind not in HALVES]
    NODE = FreeNode(
        {"echo": onnx_file.echo(), "texts": onnx_file.echo(json_types), "scores": {1: onnx_file.scores(), 3: onnx_file.scores(3)},
         "one": onnx_file.echo(["FP32"]), "string": onnx_file.echo(["BYTES"]), "slow": onnx_file.slow(1_000_000)},
        {"slow": {"queue": 1}, "scores": {"labels": ["ant", "bee", "cat", "dog"]}},
        host={"runMs": 20_000}, http={"bodyBytes": 1 << 20}).start()


def tearDownModule():
    NODE.__exit__(None, None, None)


class Conformance(unittest.TestCase):
    @property
    def node(self):
        return NODE

    def refused(self, answer, status, *words):
        """The protocol's error: JSON with the one member `error`, which is text."""
        self.assertEqual(answer[0], status, answer)
        body = answer[-1] if isinstance(answer[-1], bytes) else json.dumps(answer[1])
        document = json.loads(body)
        self.assertEqual(list(document), ["error"])
        self.assertIsInstance(document["error"], str)
        for word in words:
            self.assertIn(word, document["error"])

    def good(self, model, body, headers=None, version=None):
        status, document, tail, given = self.node.infer(model, body, headers, version)
        self.assertEqual(status, 200, document)
        return document, tail, given


class Endpoints(Conformance):
    def test_health_is_told_by_status_and_by_both_spellings(self):
        for path, members in (("/v2/health/live", {"live": True}), ("/v2/health/ready", {"live": True, "ready": True})):
            status, headers, body = self.node.ask("GET", path)
            self.assertEqual((status, json.loads(body)), (200, members))
            self.assertEqual(headers["Content-Type"], "application/json")
            status, headers, body = self.node.ask("HEAD", path)
            self.assertEqual((status, body), (200, b""))

    def test_the_server_names_itself_with_or_without_a_slash(self):
        for path in ("/v2", "/v2/"):
            status, _, body = self.node.ask("GET", path)
            document = json.loads(body)
            self.assertEqual(status, 200)
            self.assertEqual(set(document), {"name", "version", "extensions"})
            self.assertLessEqual({"binary_tensor_data", "classification", "model_repository", "statistics"},
                                 set(document["extensions"]))

    def test_a_model_is_described_with_open_sizes_as_minus_one(self):
        for path in ("/v2/models/scores", "/v2/models/scores/versions/3"):
            status, _, body = self.node.ask("GET", path)
            document = json.loads(body)
            self.assertEqual(status, 200)
            self.assertEqual(document["name"], "scores")
            self.assertEqual(document["versions"], ["1", "3"])
            self.assertEqual(document["platform"], "onnx_onnxv1")
            self.assertEqual(document["inputs"], [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}])
            self.assertEqual([output["name"] for output in document["outputs"]], ["scores", "best"])
        older = json.loads(self.node.ask("GET", "/v2/models/scores/versions/1")[2])
        self.assertEqual(older["inputs"][0]["shape"], [-1, 4])

    def test_a_model_says_whether_it_is_ready(self):
        for path in ("/v2/models/scores/ready", "/v2/models/scores/versions/1/ready"):
            status, _, body = self.node.ask("GET", path)
            self.assertEqual((status, json.loads(body)), (200, {"name": "scores", "ready": True}))

    def test_unknown_models_versions_and_paths_are_404(self):
        for path in ("/v2/models/none", "/v2/models/none/ready", "/v2/models/none/stats", "/v2/models/scores/versions/2",
                     "/v2/models/scores/versions/01", "/v2/models/scores/versions/x", "/v2/none"):
            with self.subTest(path):
                self.refused(self.node.ask("GET", path), 404)
        self.refused(self.node.ask("POST", "/v2/models/none/infer", {"inputs": []}), 404, "none")
        self.refused(self.node.ask("POST", "/v2/models/scores/versions/2/infer", {"inputs": []}), 404, "version 2")

    def test_a_method_that_a_path_does_not_know_is_405_with_the_ones_it_knows(self):
        answer = self.node.ask("DELETE", "/v2/models/scores")
        self.refused(answer, 405)
        self.assertEqual(answer[1]["Allow"], "GET, HEAD, OPTIONS")
        self.refused(self.node.ask("GET", "/v2/models/scores/infer"), 405, "POST")
        self.refused(self.node.ask("BREW", "/v2/models/scores"), 501)

    def test_a_version_that_is_named_answers_and_the_newest_without(self):
        row = {"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}
        document, _, _ = self.good("scores", {"inputs": [row]}, version=1)
        self.assertEqual((document["model_name"], document["model_version"]), ("scores", "1"))
        row = {**row, "shape": [1, 3], "data": [1, 2, 3]}
        document, _, _ = self.good("scores", {"inputs": [row]})
        self.assertEqual(document["model_version"], "3")

    def test_the_repository_lists_every_version(self):
        for body in (None, {}, {"ready": True}):
            status, _, answer = self.node.ask("POST", "/v2/repository/index", body)
            self.assertEqual(status, 200)
            entries = json.loads(answer)
            self.assertIn({"name": "scores", "version": "3", "state": "READY", "reason": ""}, entries)
            self.assertEqual(len([entry for entry in entries if entry["name"] == "scores"]), 2)

    def test_the_operator_unloads_and_loads_a_model_again(self):
        token = {"Authorization": "Bearer " + (self.node.home / "keys/operator.token").read_text().strip()}
        repository = "/v2/repository/models/string"
        state = lambda body: {one["name"]: one["state"] for one in json.loads(self.node.ask("POST", "/v2/repository/index", body)[2])}
        self.assertEqual(self.node.ask("POST", f"{repository}/unload", {}, token)[0], 200)
        self.assertEqual(state({})["string"], "UNAVAILABLE")
        self.assertNotIn("string", state({"ready": True}))
        self.refused(self.node.ask("POST", "/v2/models/string/infer", {"inputs": []}), 404, "string")
        self.assertEqual(self.node.ask("POST", f"{repository}/load", {}, token)[0], 200)
        self.assertEqual(state({"ready": True})["string"], "READY")
        self.refused(self.node.ask("POST", "/v2/repository/models/nobody/load", {}, token), 404, "nobody")
        files = {"parameters": {"file:1/model.onnx": "AAAA"}}
        self.refused(self.node.ask("POST", f"{repository}/load", files, token), 501)

    def test_statistics_count_items_and_runs_of_each_version(self):
        row = {"name": "x", "datatype": "FP32", "shape": [2, 4], "data": [0] * 8}
        before = json.loads(self.node.ask("GET", "/v2/models/scores/versions/1/stats")[2])["model_stats"][0]
        self.good("scores", {"inputs": [row]}, version=1)
        for path, count in (("/v2/models/scores/versions/1/stats", 1), ("/v2/models/scores/stats", 2), ("/v2/models/stats", 7)):
            status, _, body = self.node.ask("GET", path)
            self.assertEqual(status, 200)
            stats = json.loads(body)["model_stats"]
            self.assertEqual(len(stats), count)
            mine = next(one for one in stats if (one["name"], one["version"]) == ("scores", "1"))
            self.assertEqual(mine["inference_count"], before["inference_count"] + 2)
            self.assertEqual(mine["execution_count"], before["execution_count"] + 1)
            self.assertGreater(mine["last_inference"], 1_600_000_000_000)
            for name in ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"):
                self.assertEqual(set(mine["inference_stats"][name]), {"count", "ns"})


class Json(Conformance):
    def test_every_type_that_json_has_comes_back_exactly(self):
        inputs = [described("in", kind, data=data) for kind, (data, _) in VALUES.items() if data is not None]
        document, _, headers = self.good("texts", {"inputs": inputs})
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertIsNone(headers[LENGTH])
        for output in document["outputs"]:
            kind = output["datatype"]
            self.assertEqual(output["shape"], [2])
            if kind == "FP32":
                self.assertEqual([struct.pack("<f", one) for one in output["data"]],
                                 [struct.pack("<f", one) for one in VALUES[kind][0]])
            else:
                self.assertEqual(output["data"], VALUES[kind][0], kind)

    def test_half_precision_has_no_json(self):
        for kind in HALVES:
            one = described("in", kind, data=[1, 2])
            self.refused(self.node.infer("echo", {"inputs": [one]})[:2], 400, kind)

    def test_data_may_be_nested_or_flat_and_before_its_shape(self):
        flat = {"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6]}
        nested = {**flat, "data": [[1, 2, 3], [4, 5, 6]]}
        first = {"data": [1, 2, 3, 4, 5, 6], **{name: flat[name] for name in ("name", "datatype", "shape")}}
        answers = [self.good("scores", {"inputs": [one]})[0] for one in (flat, nested, first)]
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0], answers[2])
        self.assertEqual(answers[0]["outputs"][1]["data"], [3, 6])

    def test_the_id_is_echoed_and_absent_where_there_was_none(self):
        row = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
        for name in ("42", "", "\u00e9 \"\\ \n"):
            self.assertEqual(self.good("scores", {"id": name, "inputs": [row]})[0]["id"], name)
        self.assertNotIn("id", self.good("scores", {"inputs": [row]})[0])

    def test_outputs_are_those_asked_for_in_that_order(self):
        row = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
        names = lambda outputs: [one["name"] for one in self.good("scores", {"inputs": [row], **outputs})[0]["outputs"]]
        self.assertEqual(names({}), ["scores", "best"])
        self.assertEqual(names({"outputs": []}), ["scores", "best"])
        self.assertEqual(names({"outputs": [{"name": "best"}]}), ["best"])
        self.assertEqual(names({"outputs": [{"name": "best"}, {"name": "scores"}]}), ["best", "scores"])
        self.refused(self.node.infer("scores", {"inputs": [row], "outputs": [{"name": "none"}]})[:2], 400, "none")

    def test_what_the_protocol_does_not_name_is_let_be(self):
        row = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3], "more": [1], "parameters": {"own": "x"}}
        self.good("scores", {"inputs": [row], "more": {"a": 1}, "parameters": {"triton_enable": True, "headers": "x", "own": 1.5}})

    def test_numbers_that_json_has_not_are_null_in_answers_and_exact_in_binary(self):
        raw = struct.pack("<3f", math.nan, math.inf, -math.inf)
        one = {"name": "in_fp32", "datatype": "FP32", "shape": [3], "parameters": {"binary_data_size": 12}}
        document, _, _ = self.good("one", *binary({"inputs": [one]}, raw))
        self.assertEqual(document["outputs"][0]["data"], [None, None, None])
        _, tail, _ = self.good("one", *binary({"inputs": [one], "parameters": {"binary_data_output": True}}, raw))
        self.assertEqual(tail, raw)

    def test_an_empty_batch_is_answered_with_one(self):
        document, _, _ = self.good("scores", {"inputs": [{"name": "x", "datatype": "FP32", "shape": [0, 3], "data": []}],
                                              "outputs": [{"name": "scores"}]})
        self.assertEqual((document["outputs"][0]["shape"], document["outputs"][0]["data"]), ([0, 3], []))


class Binary(Conformance):
    def test_every_type_comes_back_exactly(self):
        inputs = [described("in", kind, parameters={"binary_data_size": len(raw)}) for kind, (_, raw) in VALUES.items()]
        document, tail, headers = self.good("echo", *binary({"inputs": inputs, "parameters": {"binary_data_output": True}},
                                                            *(raw for _, raw in VALUES.values())))
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        self.assertEqual(len(document["outputs"]), len(VALUES))
        for output in document["outputs"]:
            size = output["parameters"]["binary_data_size"]
            self.assertNotIn("data", output)
            self.assertEqual(tail[:size], VALUES[output["datatype"]][1], output["datatype"])
            tail = tail[size:]
        self.assertEqual(tail, b"")

    def mixed(self, **request):
        inputs = [described("in", kind, data=data) if data is not None and kind != "INT8"
                  else described("in", kind, parameters={"binary_data_size": len(raw)}) for kind, (data, raw) in VALUES.items()]
        raws = [raw for kind, (data, raw) in VALUES.items() if data is None or kind == "INT8"]
        return self.good("echo", *binary({"inputs": inputs, **request}, *raws))

    def test_binary_and_json_mix_in_requests_and_answers(self):
        outputs = [{"name": f"out_{kind.lower()}", "parameters": {"binary_data": kind in (*HALVES, "BYTES")}} for kind in VALUES]
        document, tail, _ = self.mixed(outputs=outputs)
        for output in document["outputs"]:
            if "data" in output:
                continue
            size = output["parameters"]["binary_data_size"]
            self.assertEqual(tail[:size], VALUES[output["datatype"]][1])
            tail = tail[size:]
        self.assertEqual(tail, b"")

    def test_what_an_output_says_overrides_what_the_request_says(self):
        outputs = [{"name": "out_fp32", "parameters": {"binary_data": False}}, {"name": "out_fp16"}]
        document, tail, _ = self.mixed(outputs=outputs, parameters={"binary_data_output": True})
        self.assertIn("data", document["outputs"][0])
        self.assertEqual(tail, VALUES["FP16"][1])

    def test_the_raw_form_is_the_only_input_and_its_answer_is_binary(self):
        raw = struct.pack("<3f", 1, 2, 3)
        document, tail, headers = self.good("one", raw, {LENGTH: "0"})
        self.assertEqual((document["outputs"][0]["shape"], tail), ([3], raw))
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        _, tail, _ = self.good("string", b"any bytes \xff", {LENGTH: "0"})
        self.assertEqual(tail, struct.pack("<I", 11) + b"any bytes \xff")
        self.refused(self.node.infer("one", b"abc", {LENGTH: "0"})[:2], 400, "FP32")
        self.refused(self.node.infer("echo", b"abcd", {LENGTH: "0"})[:2], 400, "one input")

    def test_lengths_that_do_not_add_up_are_refused(self):
        one = lambda size: {"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [1], "parameters": {"binary_data_size": size}}]}
        good, headers = binary(one(4), bytes(4))
        self.good("one", good, headers)
        wrong = {
            "fewer bytes than announced": binary(one(8), bytes(4)),
            "more bytes than the shape": binary(one(8), bytes(8)),
            "bytes left over": binary(one(4), bytes(5)),
            "no bytes": binary(one(4)),
            "a size below zero": binary(one(-1), bytes(4)),
            "a size that is no number": binary(one("4"), bytes(4)),
            "a size beyond 64 bits": binary(one(2**64), bytes(4)),
            "a header above the body": (good, {LENGTH: str(len(good) + 1)}),
            "a header within the JSON": (good, {LENGTH: "10"}),
            "a header that is no number": (good, {LENGTH: "x"}),
            "a header below zero": (good, {LENGTH: "-1"}),
            "a header beyond 64 bits": (good, {LENGTH: "18446744073709551616"}),
            "no header": (good, {}),
        }
        for name, (body, given) in wrong.items():
            with self.subTest(name):
                self.refused(self.node.infer("one", body, given)[:2], 400)
        both = {"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [1], "data": [1], "parameters": {"binary_data_size": 4}}]}
        self.refused(self.node.infer("one", *binary(both, bytes(4)))[:2], 400, "both")

    def test_strings_whose_lengths_lie_are_refused(self):
        for raw in (struct.pack("<I", 5) + b"abc", struct.pack("<I", 2**32 - 1), b"\x01\x00", struct.pack("<I", 1) + b"a" + b"rest"):
            one = {"name": "in_bytes", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": len(raw)}}
            self.refused(self.node.infer("string", *binary({"inputs": [one]}, raw))[:2], 400)


class Extensions(Conformance):
    ROW = {"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [0.5, 0.25, 2, 0]}

    def test_classification_gives_the_best_classes_with_their_labels(self):
        ask = lambda count: {"inputs": [self.ROW], "outputs": [{"name": "scores", "parameters": {"classification": count}}]}
        output = self.good("scores", ask(2), version=1)[0]["outputs"][0]
        self.assertEqual((output["datatype"], output["shape"]), ("BYTES", [1, 2]))
        self.assertEqual([text.split(":")[1:] for text in output["data"]], [["2", "cat"], ["0", "ant"]])
        self.assertEqual(self.good("scores", ask(9), version=1)[0]["outputs"][0]["shape"], [1, 4])
        self.refused(self.node.infer("scores", ask(1001), version=1)[:2], 400, "classification")
        self.refused(self.node.infer("scores", ask(-1), version=1)[:2], 400, "classification")

    def test_a_timeout_ends_the_run_and_a_priority_is_taken(self):
        one = {"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}
        self.refused(self.node.infer("slow", {"inputs": [one], "parameters": {"timeout": 100_000, "priority": 1}})[:2], 504)
        self.good("scores", {"inputs": [self.ROW], "parameters": {"priority": 2, "timeout": 0}}, version=1)
        for wrong in (-1, "soon", 1.5):
            self.refused(self.node.infer("scores", {"inputs": [self.ROW], "parameters": {"timeout": wrong}}, version=1)[:2], 400, "timeout")

    def test_sequences_and_shared_memory_are_501(self):
        for name, value in (("sequence_id", 7), ("sequence_id", "a"), ("sequence_start", True), ("sequence_end", True),
                            ("shared_memory_region", "x")):
            with self.subTest(name):
                self.refused(self.node.infer("scores", {"inputs": [self.ROW], "parameters": {name: value}}, version=1)[:2], 501)


class Errors(Conformance):
    ROW = {"name": "in_fp32", "datatype": "FP32", "shape": [1], "data": [1]}

    def test_every_way_to_get_an_input_wrong_is_400(self):
        wrong = {
            "no inputs": {},
            "inputs that are no list": {"inputs": {}},
            "an input that is no object": {"inputs": [1]},
            "none of the model's inputs": {"inputs": []},
            "another name": {"inputs": [{**self.ROW, "name": "y"}]},
            "the input twice": {"inputs": [self.ROW, self.ROW]},
            "another type": {"inputs": [{**self.ROW, "datatype": "FP64"}]},
            "no such type": {"inputs": [{**self.ROW, "datatype": "FP8"}]},
            "no type": {"inputs": [{k: v for k, v in self.ROW.items() if k != "datatype"}]},
            "no shape": {"inputs": [{k: v for k, v in self.ROW.items() if k != "shape"}]},
            "no data": {"inputs": [{k: v for k, v in self.ROW.items() if k != "data"}]},
            "the example of the specification: three places, one value": {"inputs": [{**self.ROW, "shape": [3]}]},
            "more data than the shape": {"inputs": [{**self.ROW, "data": [1, 2]}]},
            "another rank": {"inputs": [{**self.ROW, "shape": [1, 1]}]},
            "a size below zero": {"inputs": [{**self.ROW, "shape": [-1]}]},
            "a size that is no number": {"inputs": [{**self.ROW, "shape": ["1"]}]},
            "a size that is a fraction": {"inputs": [{**self.ROW, "shape": [1.5]}]},
            "a shape that wraps around": {"inputs": [{**self.ROW, "shape": [2**62, 4]}]},
            "a shape beyond 64 bits": {"inputs": [{**self.ROW, "shape": [2**64]}]},
            "text for a number": {"inputs": [{**self.ROW, "data": ["1"]}]},
            "null for a number": {"inputs": [{**self.ROW, "data": [None]}]},
            "an id that is no text": {"id": 7, "inputs": [self.ROW]},
            "parameters that are no object": {"inputs": [self.ROW], "parameters": []},
        }
        for name, document in wrong.items():
            with self.subTest(name):
                self.refused(self.node.infer("one", document)[:2], 400)

    def test_what_is_no_json_is_400(self):
        row = '{"inputs":[{"name":"in_fp32","datatype":"FP32","shape":[1],"data":[%s]}]}'
        for text in ("", "x", "[]", "null", '{"inputs":', row % "NaN", row % "Infinity", row % "-Infinity", row % "1e999", row % "01",
                     row % "1" + "}", "\ufeff" + row % "1", row % "1" + row % "1"):
            with self.subTest(text[-40:]):
                self.refused(self.node.infer("one", text.encode())[:2], 400)
        self.refused(self.node.infer("one", b'{"inputs":"\xff"}')[:2], 400)

    def test_deep_and_huge_json_costs_an_error_and_nothing_else(self):
        for text in (b"[" * 500_000, b'{"a":' * 100_000, b'{"x":' + b"[" * 300_000 + b"]" * 300_000 + b"}",
                     b'{"inputs":[' + b'{"name":"in_fp32"},' * 30_000 + b"{}]}", b'{"' + b"k" * 900_000 + b'":1}'):
            with self.subTest(text[:20]):
                self.refused(self.node.infer("one", text)[:2], 400)
        self.good("one", {"inputs": [self.ROW]})

    def test_a_body_above_the_limit_is_413_before_it_is_sent(self):
        raw = b"POST /v2/models/one/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"
        answer, closed = raw_http.exchange(self.node.port, raw)
        self.assertEqual(raw_http.statuses(answer), [413])
        self.assertTrue(closed)
        self.assertEqual(list(json.loads(answer.split(b"\r\n\r\n", 1)[1])), ["error"])
        # And what would become too large once it is unpacked.
        self.refused(self.node.infer("one", {"inputs": [{**self.ROW, "shape": [10**12]}]})[:2], 413, "too large")

    def test_compressed_bodies_are_415(self):
        body = gzip.compress(json.dumps({"inputs": [self.ROW]}).encode())
        self.refused(self.node.infer("one", body, {"Content-Encoding": "gzip"})[:2], 415)

    def test_a_full_queue_is_429_with_a_time_to_come_back(self):
        one = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}], "parameters": {"timeout": 5_000_000}}
        answers = []
        callers = [threading.Thread(target=lambda: answers.append(self.node.infer("slow", one))) for _ in range(6)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        statuses = sorted(answer[0] for answer in answers)
        self.assertEqual(set(statuses), {429, 504}, statuses)
        busy = next(answer for answer in answers if answer[0] == 429)
        self.refused(busy[:2], 429, "busy")
        self.assertEqual(busy[3]["Retry-After"], "1")

    def test_models_are_loaded_by_the_operator_alone(self):
        for what in ("load", "unload"):
            self.refused(self.node.ask("POST", f"/v2/repository/models/one/{what}", {}), 401, "operator")
            wrong = {"Authorization": "Bearer " + "0" * 64}
            self.refused(self.node.ask("POST", f"/v2/repository/models/one/{what}", {}, wrong), 403, "token")
        self.good("one", {"inputs": [self.ROW]})

    def test_a_path_of_an_extension_that_is_not_offered_is_404(self):
        for method, path in (("GET", "/v2/trace/setting"), ("GET", "/v2/logging"), ("POST", "/v2/models/one/generate"),
                             ("GET", "/v2/systemsharedmemory/status")):
            with self.subTest(path):
                self.refused(self.node.ask(method, path), 404)


class Curl(Conformance):
    """A stock client: the examples of the protocol's own documents."""

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", "--max-time", "60", "-w", "\n%{http_code} %{content_type}", *arguments],
                              capture_output=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, last = done.stdout.rpartition(b"\n")
        status, kind = last.decode().split(" ", 1)
        return int(status), kind, body

    def test_json_binary_and_a_body_that_waits_to_be_asked_for(self):
        with processes.temporary_home() as folder:
            folder = pathlib.Path(folder)
            url = self.node.url("/v2/models/one/infer")
            request = {"id": "curl", "inputs": [{"name": "in_fp32", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}
            status, kind, body = self.curl(url, "-H", "Content-Type: application/json", "-d", json.dumps(request))
            self.assertEqual((status, kind, json.loads(body)["id"]), (200, "application/json", "curl"))

            raw = os.urandom(4 * 100_000)
            request["inputs"][0] |= {"shape": [100_000], "parameters": {"binary_data_size": len(raw)}}
            del request["inputs"][0]["data"]
            content, headers = binary({**request, "outputs": [{"name": "out_fp32", "parameters": {"binary_data": True}}]}, raw)
            (folder / "body").write_bytes(content)
            # As one body, in chunks, and announced with Expect.
            for more in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue")):
                status, kind, body = self.curl(url, "-H", f"{LENGTH}: {headers[LENGTH]}", "--data-binary", f"@{folder / 'body'}", *more)
                self.assertEqual((status, kind), (200, "application/octet-stream"))
                self.assertEqual(body[-len(raw):], raw)

    def test_two_requests_on_one_connection(self):
        done = subprocess.run(["curl", "-sSv", self.node.url("/v2/health/live"), self.node.url("/v2/health/ready")],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, '{"live":true}{"live":true,"ready":true}')
        self.assertIn("Re-using existing connection", done.stderr)


if __name__ == "__main__":
    unittest.main()
