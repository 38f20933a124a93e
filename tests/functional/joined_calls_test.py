"""Calls of many callers that share runs of a model: each gets what a run of its own gives."""
import concurrent.futures
import random
import subprocess
import unittest

from support import processes
from support.node import BIN, Node


def request(draws, rows, priority):
    return {"inputs": [{"name": "image", "datatype": "FP32", "shape": [rows, 1, 28, 28],
                        "data": [draws.randrange(256) / 256 for _ in range(rows * 784)]}],
            "parameters": {"priority": priority}}


class JoinedCalls(unittest.TestCase):
    def node(self, **host):
        node = Node()
        subprocess.run([BIN / "millrace-demo-digits", "--samples", "500", "--held-out", "100", "--epochs", "1",
                        "--out", node.home / "digits.onnx"], check=True, capture_output=True, timeout=120)
        node.configure(host={"models": [
            {"name": "alone", "files": ["digits.onnx"]},
            {"name": "joined", "files": ["digits.onnx"], "batch": {"max": 16, "preferred": [8], "delayUs": 20_000},
             "warmup": 2, "priorities": 2, "defaultPriority": 2}], **host})
        return node

    def statistics(self, node, model):
        status, answer = node.get(f"/v2/models/{model}/stats")
        self.assertEqual(status, 200, answer)
        return answer["model_stats"][0]

    def test_each_gets_its_own_rows(self):
        draws = random.Random(7)
        requests = [request(draws, draws.choice([1, 1, 1, 2, 3]), draws.randrange(3)) for _ in range(96)]
        with self.node() as node:
            def outputs(model, body):
                status, answer = node.post(f"/v2/models/{model}/infer", body)
                self.assertEqual(status, 200, answer)
                return answer["outputs"]

            expected = [outputs("alone", body) for body in requests]
            with concurrent.futures.ThreadPoolExecutor(24) as callers:
                answers = list(callers.map(lambda body: outputs("joined", body), requests))
            self.assertEqual(answers, expected)

            joined, alone = self.statistics(node, "joined"), self.statistics(node, "alone")
            rows = sum(body["inputs"][0]["shape"][0] for body in requests)
            self.assertEqual(joined["inference_count"], rows)
            self.assertEqual(joined["inference_stats"]["success"]["count"], len(requests))
            self.assertLess(joined["execution_count"], len(requests))
            sizes = {size["batch_size"]: size["compute_infer"]["count"] for size in joined["batch_stats"]}
            self.assertEqual(sum(sizes.values()), joined["execution_count"])
            self.assertEqual(sum(size * runs for size, runs in sizes.items()), rows)
            self.assertLessEqual(max(sizes), 16)
            self.assertEqual(alone["execution_count"], len(requests))
            self.assertEqual(joined["loading"]["max_batch_size"], 16)
            self.assertGreater(joined["loading"]["warm_up_ns"], 0)
            self.assertGreater(joined["memory_usage"][0]["byte_size"], 0)
            metrics = node.get("/metrics")[1]
            label = '{model="joined",version="1"}'
            self.assertIn(f"nv_inference_batch_size_sum{label} {rows}", metrics)
            self.assertIn(f"nv_inference_exec_count{label} {joined['execution_count']}", metrics)
            self.assertIn(f"nv_inference_request_success{label} {len(requests)}", metrics)

    def test_what_does_not_fit_into_the_memory_of_models_is_refused(self):
        node = self.node(memoryBytes=20_000)
        try:
            with node.launch("refused") as program:
                processes.wait_until(lambda: not program.running(), "the program ends")
                self.assertIn("of the 20000 that models may hold, 0 are in use", program.log())
        finally:
            node.__exit__(None, None, None)


if __name__ == "__main__":
    unittest.main()
