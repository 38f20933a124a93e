"""Models that another server runs: a node in front of a node, and in front of a server that does everything wrong."""
import json
import pathlib
import shutil
import threading
import unittest
import urllib.request

from support import processes
from support.node import Node
from support.onnx_file import identities
from support.paid_node import PaidNode
from support.scripted_http import Fault, ScriptedServer

IO = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}], "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 2]}]}
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1.5, -2]}]}
OUTPUT = {"name": "y", "datatype": "FP32", "shape": [1, 2]}
BYTES = bytes.fromhex("0000c03f000000c0")
SECRET = "sk-very-secret-7"


def behind(server, **backend):
    """A model whose calls go to that server."""
    return {"name": "far", "backend": {"kind": "oip", "url": server, "model": "near", "probeMs": 100, **backend}}


def binary(output=None, tail=BYTES, length=None):
    """An answer of the protocol, as right or wrong as asked for."""
    document = {"model_name": "near", "outputs": [{**OUTPUT, "parameters": {"binary_data_size": len(tail)}, **(output or {})}]}
    text = json.dumps(document).encode()
    return 200, {"Inference-Header-Content-Length": str(len(text) if length is None else length)}, text + tail


class NodeBehindNode(unittest.TestCase):
    def test_a_call_goes_through_and_the_front_notices_when_the_back_goes_and_comes(self):
        with Node() as back:
            (back.home / "near.onnx").write_bytes(identities([("x", "y", "FP32", [-1, 2]), ("s", "t", "BYTES", [-1])]))
            back.program.stop()
            back.configure(host={"models": [{"name": "near", "files": ["3=near.onnx"]}]})
            back.start()
            front = Node(host={"models": [{**behind(back.url("")), "files": ["1=3"]}]})
            with front:
                status, metadata = front.get("/v2/models/far")
                self.assertEqual((status, metadata["unverified"], metadata["platform"]), (200, True, "remote"))
                self.assertEqual(metadata["inputs"], back.get("/v2/models/near")[1]["inputs"])
                self.assertIn("unverified", front.program.log())
                self.assertIs(front.get("/v2/models/far/openapi.json")[1]["x-millrace-unverified"], True)

                request = {"inputs": REQUEST["inputs"] + [{"name": "s", "datatype": "BYTES", "shape": [2], "data": ["é", ""]}]}
                status, answer = front.post("/v2/models/far/infer", request)
                self.assertEqual(status, 200, answer)
                self.assertEqual([output["data"] for output in answer["outputs"]], [[1.5, -2], ["é", ""]])
                one = front.post("/v2/models/far/infer", {**request, "outputs": [{"name": "t"}]})[1]
                self.assertEqual([output["name"] for output in one["outputs"]], ["t"])
                self.assertEqual(front.post("/v2/models/far/infer", {"inputs": REQUEST["inputs"]})[0], 400)
                self.assertEqual(back.get("/v2/models/near/stats")[1]["model_stats"][0]["inference_count"], 2)

                back.program.kill()
                processes.wait_until(lambda: front.get("/v2/models/far/ready")[0] == 503, "the front notices")
                self.assertEqual(front.post("/v2/models/far/infer", request)[0], 503)
                self.assertEqual(front.get("/v2/health/ready")[0], 200)
                back.start()
                processes.wait_until(lambda: front.get("/v2/models/far/ready")[0] == 200, "the front notices again")
                self.assertEqual(front.post("/v2/models/far/infer", request)[0], 200)


class WrongServer(unittest.TestCase):
    def test_whatever_the_server_does_the_caller_gets_an_answer_in_time_with_the_right_status(self):
        answers = {}
        over = threading.Event()

        def answer(method, path, headers, body):
            if method == "GET":
                return 200, {}, json.dumps({"name": "near", **IO}).encode()
            if headers.get("X-Key") != SECRET:
                return 401, {}, b"{}"
            return answers["now"]()

        def reset():
            raise Fault

        def slow():
            over.wait(60)
            return binary()

        wrong = {
            "right": (lambda: binary(), 200),
            "its own error": (lambda: (400, {}, b'{"error":"no such thing"}'), 400),
            "a crash": (lambda: (500, {}, b"{}"), 500),
            "busy": (lambda: (429, {}, b"{}"), 429),
            "a reset": (reset, 503),
            "too few bytes": (lambda: binary(tail=BYTES[:5]), 500),
            "too many bytes": (lambda: binary(tail=BYTES + b"x"), 500),
            "a length beyond the answer": (lambda: binary(length=10 ** 6), 500),
            "a length that is none": (lambda: binary(length="x"), 500),
            "another type": (lambda: binary({"datatype": "INT32"}), 500),
            "another shape": (lambda: binary({"shape": [2, 1]}), 500),
            "another name": (lambda: binary({"name": "z"}), 500),
            "no JSON": (lambda: (200, {}, b"<html>"), 500),
            "a head that ends early": (lambda: (200, {"Content-Length": "100"}, b"short"), 503),
            "a huge answer": (lambda: (200, {}, bytes(3_000_000)), 413),
            "an endless answer": (lambda: (200, {}, (bytes(60_000) for _ in range(10 ** 6))), 413),
            "right again": (lambda: binary(), 200),
        }
        with ScriptedServer(answer) as server, processes.temporary_home() as folder:
            key = pathlib.Path(folder) / "key"
            key.touch(mode=0o600)
            key.write_text(SECRET)
            credentials = {"credentialFile": str(key), "credentialHeader": "X-Key"}
            node = Node(host={"models": [behind(server.url, answerBytes=2_000_000, **credentials)]}, log={"level": "trace"})
            with node:
                for name, (say, status) in wrong.items():
                    with self.subTest(name):
                        answers["now"] = say
                        got = node.post("/v2/models/far/infer", REQUEST)
                        self.assertEqual(got[0], status, got)
                        if status == 200:
                            self.assertEqual(got[1]["outputs"][0]["data"], [1.5, -2])
                        if name == "its own error":
                            self.assertIn("no such thing", got[1]["error"])

                answers["now"] = slow
                late = {**REQUEST, "parameters": {"timeout": 300_000}}
                self.assertEqual(node.post("/v2/models/far/infer", late)[0], 504)
                over.set()
                answers["now"] = lambda: binary()
                processes.wait_until(lambda: node.post("/v2/models/far/infer", REQUEST)[0] == 200, "it works again")
                self.assertNotIn(SECRET, node.program.log())
                self.assertNotIn(SECRET, json.dumps(node.get("/metrics")[1]))

    def test_a_node_does_not_start_where_the_server_is_not_what_it_should_be(self):
        with ScriptedServer(lambda *_: (200, {}, b'{"inputs":[{"name":"x"}],"outputs":[]}')) as server:
            key_error = {"credentialFile": "nowhere"}
            for model in (behind(server.url), behind("http://127.0.0.1:1"), behind("ftp://x"), behind(server.url, **key_error)):
                node = Node(host={"models": [model]})
                try:
                    with node.launch() as program:
                        processes.wait_until(lambda: not program.running(), "it ends")
                        self.assertIn("model far: ", program.log())
                finally:
                    node.__exit__(None, None, None)


class Paid(unittest.TestCase):
    def test_a_paid_call_is_run_by_the_back_and_a_failed_one_costs_nothing(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as front, Node() as back:
            shutil.copy(front.home / "digits.onnx", back.home / "digits.onnx")
            back.program.stop()
            back.configure(host={"models": [{"name": "net", "files": ["digits.onnx"]}]})
            back.start()
            front.program.stop()
            front.configure(host={"models": [{
                "name": "digits", "model": front.published["model"], "alias": "latest",
                "backend": {"kind": "oip", "url": back.url(""), "model": "net", "probeMs": 100}}]})
            front.start()

            def pay(**more):
                return front.wallet("infer", "digits", "--input", front.request_file, account="caller", **more)

            first = pay()
            self.assertEqual(first["charged"], "50000")
            self.assertEqual(back.get("/v2/models/net/stats")[1]["model_stats"][0]["inference_count"], 1)

            back.program.kill()
            failed = pay(status=4)
            self.assertIn("the server that runs this model", json.dumps(failed))
            back.start()
            processes.wait_until(lambda: front.get("/v2/models/digits/ready")[0] == 200, "the front notices")
            again = pay()
            channel = again["payment"]["channelId"]
            self.assertEqual(front.charged(channel), 100_000)
            self.assertEqual(len(front.receipts(channel)), 2)
            self.assertEqual(front.program.stop(), 0)
            front.verify()


if __name__ == "__main__":
    unittest.main()
