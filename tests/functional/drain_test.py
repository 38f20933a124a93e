"""SIGTERM: not ready first, then no new callers, what runs is finished, what was earned is claimed."""
import http.client
import json
import pathlib
import threading
import time
import unittest

from support import onnx_file, processes
from support.free_node import FreeNode
from support.paid_node import PaidNode

QUICK = json.dumps({"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [1], "data": [1]}]})
SLOW = json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}], "parameters": {"timeout": 4_000_000}})


class Callers:
    """Threads that call without a pause, each on one connection, until a load balancer would send them elsewhere."""

    def __init__(self, port, count):
        self.port = port
        self.unready = threading.Event()
        self.answers, self.failures, self.closings = 0, [], 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call) for _ in range(count)]
        self._threads.append(threading.Thread(target=self._watch))
        for thread in self._threads:
            thread.start()

    def _watch(self):
        while not self.unready.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", "/v2/health/ready")
                if connection.getresponse().status == 503:
                    self.unready.set()
            except OSError as error:
                self.failures.append(f"readiness: {error!r}")
                self.unready.set()
            finally:
                connection.close()
            time.sleep(0.02)

    def _call(self):
        connection = None
        while not self.unready.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("POST", "/v2/models/one/infer", QUICK, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                good = answer.status == 200 and json.loads(answer.read())["outputs"][0]["data"] == [1]
                closes = answer.getheader("Connection") == "close"
            except (OSError, http.client.HTTPException, ValueError) as error:
                with self._lock:
                    self.failures.append(repr(error))
                return
            with self._lock:
                self.answers += 1
                self.closings += closes
                if not good:
                    self.failures.append(answer.status)
            if closes:
                connection.close()
                connection = None
        if connection:
            connection.close()

    def end(self):
        for thread in self._threads:
            thread.join()


class Drain(unittest.TestCase):
    def test_no_call_fails_of_callers_that_heed_readiness_and_what_runs_is_finished(self):
        models = {"one": onnx_file.echo(["FP32"]), "slow": onnx_file.slow(10**9)}
        with FreeNode(models, http={"drainMs": 5_000}, log={"level": "warn"}) as node:
            callers = Callers(node.port, 8)
            processes.wait_until(lambda: callers.answers > 200 or callers.failures, "calls are answered")
            slow = []
            running = threading.Thread(target=lambda: slow.append(node.ask("POST", "/v2/models/slow/infer", SLOW)))
            running.start()
            pending = 'nv_inference_pending_request_count{model="slow",version="1"} 1'
            processes.wait_until(lambda: pending in node.get("/metrics")[1], "the slow call runs")
            before = callers.answers
            began = time.monotonic()
            self.assertEqual(node.program.stop(60), 0)
            took = time.monotonic() - began
            callers.end()
            running.join()
            self.assertEqual(callers.failures, [])
            self.assertGreaterEqual(callers.answers, before)
            self.assertEqual(slow[0][0], 504, "its own deadline ended it, not the stop")
            self.assertLess(took, 45)

    def test_readiness_ends_before_service_does(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}, http={"drainMs": 60_000}) as node:
            held = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
            held.request("GET", "/v2/health/ready")
            self.assertEqual(held.getresponse().read(), b'{"live":true,"ready":true}')
            stopping = threading.Thread(target=lambda: node.program.stop(90))
            stopping.start()
            processes.wait_until(lambda: node.get("/v2/health/ready")[0] == 503, "it says that it is not ready")
            self.assertEqual(node.get("/v2/models/one/ready")[0], 503)
            self.assertEqual(node.infer("one", QUICK)[0], 200, "whoever has not heard is served")
            held.request("POST", "/v2/models/one/infer", QUICK)
            answer = held.getresponse()
            self.assertEqual((answer.status, answer.getheader("Connection")), (200, "close"))
            answer.read()
            held.close()
            stopping.join()  # nobody is connected: long before the time for draining is over
            self.assertFalse(node.program.running())

    def test_what_was_earned_is_claimed_before_the_node_ends(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet",
                                                            claims={"everyS": 1_000_000, "cap": str(10**15)}) as node:
            paid = node.wallet("infer", "digits", "--input", node.request_file, account="caller")
            channel = paid["payment"]["channelId"]
            self.assertIsNone(node.get(f"/v1/channels/{channel}")[1]["pending"])
            self.assertIn(f"\nmillrace_owed_micros {paid['charged']}\n", node.get("/metrics")[1])
            self.assertEqual(node.program.stop(60), 0)
            node.start()
            known = node.get(f"/v1/channels/{channel}")[1]
            claimed = known["pending"]["total"] if known["pending"] else known["totalClaimed"]
            self.assertEqual(claimed, paid["charged"])


if __name__ == "__main__":
    unittest.main()
