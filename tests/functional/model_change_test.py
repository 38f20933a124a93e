"""Models that change while the node runs: swapped under load, loaded and unloaded by the operator, reconfigured by SIGHUP."""
import http.client
import json
import os
import signal
import threading
import time
import unittest
import urllib.request

from support import adder, processes
from support.node import Node


class AdderNode(Node):
    """Serves m: each version v answers x + v."""

    def __init__(self, **model):
        super().__init__()
        self.write(1)
        self.models(self.model("m", 1, **model))

    def write(self, version, constant=None):
        folder = self.home / "models"
        folder.mkdir(exist_ok=True)
        (folder / f"{version}.onnx").write_bytes(adder.adder(version if constant is None else constant))

    @staticmethod
    def model(name, *versions, **more):
        return {"name": name, "files": [f"{v}=models/{v}.onnx" for v in versions], **more}

    def models(self, *models, **host):
        self.configure(host={"models": list(models), **host})

    @property
    def token(self):
        return (self.home / "keys/operator.token").read_text().strip()

    def operate(self, path, value=None, token=None):
        """POST with the operator's token, or another one; (status, answer)."""
        return self._ask(urllib.request.Request(
            self.url(path), b"" if value is None else json.dumps(value).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}"}))

    def load(self, name, config=None, **more):
        parameters = {"parameters": {"config": json.dumps(config)}} if config else None
        return self.operate(f"/v2/repository/models/{name}/load", parameters, **more)

    def call(self, name="m", x=0.0):
        """(status, version, answer)"""
        status, body = self.post(f"/v2/models/{name}/infer", adder.request(x))
        return (status, int(body["model_version"]), adder.answer(body)) if status == 200 else (status, None, None)

    def index(self, ready=False):
        return {(entry["name"], entry.get("version")): entry["state"]
                for entry in self.post("/v2/repository/index", {"ready": True} if ready else {})[1]}

    def hang_up(self, line):
        """Sends SIGHUP, and waits until the log has one more line with this in it."""
        before = self.program.log().count(line)
        os.kill(self.program.pid, signal.SIGHUP)
        processes.wait_until(lambda: self.program.log().count(line) > before, line)


class Callers:
    """Threads that call m, `rate` times a second together, and note what came when."""

    def __init__(self, node, rate, threads=4):
        self._node = node
        self._over = threading.Event()
        self.calls = []  # (begun, ended, version, what was added), all of the same clock
        self.faults = []
        self.began = time.monotonic()
        self._threads = [threading.Thread(target=self._call, args=(rate / threads, i / rate), daemon=True)
                         for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def _call(self, rate, offset):
        connection = http.client.HTTPConnection("127.0.0.1", self._node.port, timeout=60)
        due = self.began + offset
        number = 0
        while not self._over.is_set():
            due += 1 / rate
            time.sleep(max(0.0, due - time.monotonic()))
            number += 1
            x = float(number % 1000)
            begun = time.monotonic()
            try:
                connection.request("POST", "/v2/models/m/infer", json.dumps(adder.request(x)))
                response = connection.getresponse()
                body = response.read()
                assert response.status == 200, f"{response.status}: {body[:200]}"
                told = json.loads(body)
                self.calls.append((begun, time.monotonic(), int(told["model_version"]), adder.answer(told) - x))
            except (OSError, AssertionError, ValueError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))
                connection.close()
        connection.close()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(60)
        return len(self.calls) / (time.monotonic() - self.began)


class HotSwap(unittest.TestCase):
    def test_no_call_fails_and_none_is_answered_by_a_version_that_was_not_served_then(self):
        with AdderNode() as node:
            callers = Callers(node, 200)
            swaps = [(callers.began, callers.began)]  # of version i + 1: when it was asked for, when it was there
            end = callers.began + 120
            while (len(callers.calls) < 2_000 or len(swaps) < 40) and time.monotonic() < end:
                version = len(swaps) + 1
                node.write(version)
                asked = time.monotonic()
                self.assertEqual(node.load("m", {"files": [f"{version}=models/{version}.onnx"]}), (200, ""))
                swaps.append((asked, time.monotonic()))
                if version % 10 == 0:  # one that cannot be loaded changes nothing
                    self.assertEqual(node.load("m", {"files": ["9=models/none.onnx"]})[0], 400)
                time.sleep(0.1)
            rate = callers.stop()
            print(f"{len(callers.calls)} calls, {rate:.0f}/s, {len(swaps) - 1} swaps, {len(callers.faults)} failed")
            self.assertEqual(callers.faults, [])
            self.assertGreaterEqual(len(callers.calls), 2_000)
            self.assertGreaterEqual(len(swaps), 40)
            for begun, ended, version, added in callers.calls:
                self.assertEqual(version, added, "the answer is of the version it names")
                self.assertLessEqual(swaps[version - 1][0], ended, "answered by a version before it was loaded")
                if version < len(swaps):
                    self.assertLessEqual(begun, swaps[version][1], "answered by a version after it was replaced")
            self.assertEqual(node.program.stop(), 0)


class Operator(unittest.TestCase):
    def test_loads_and_unloads_with_the_token_and_nobody_else_does(self):
        with AdderNode() as node:
            self.assertEqual((node.home / "keys/operator.token").stat().st_mode & 0o777, 0o600)
            for path in ("/v2/repository/models/m/load", "/v2/repository/models/m/unload", "/v1/operator/reload"):
                self.assertEqual(node.post(path, {})[0], 401, path)
                self.assertEqual(node.operate(path, {}, token="0" * 64)[0], 403, path)
            self.assertEqual(node.call(), (200, 1, 1.0))
            self.assertEqual(node.operate("/v2/repository/models/m/unload"), (200, ""))
            self.assertEqual(node.call()[0], 404)
            self.assertEqual(node.index(), {("m", None): "UNAVAILABLE"})
            self.assertEqual(node.index(ready=True), {})
            self.assertEqual(node.load("m"), (200, ""))
            self.assertEqual(node.call(), (200, 1, 1.0))
            node.write(1, 7)  # the same file with another content
            self.assertEqual(node.load("m"), (200, ""))
            self.assertEqual(node.call(), (200, 1, 7.0))
            node.write(2)
            self.assertEqual(node.load("new", {"files": ["2=models/2.onnx"]}), (200, ""))
            self.assertEqual(node.index(), {("m", "1"): "READY", ("new", "2"): "READY"})
            self.assertEqual(node.call("new"), (200, 2, 2.0))
            self.assertEqual(node.load("other")[0], 404)
            self.assertEqual(node.load("new", {"files": ["/etc/hostname"]})[0], 400)
            (node.home / "models/1.onnx").write_bytes(b"no model")
            status, refused = node.load("m")
            self.assertEqual(status, 400)
            self.assertIn("models/1.onnx", refused["error"])
            self.assertEqual(node.call(), (200, 1, 7.0), "what was served stays")
            self.assertNotIn(node.token, node.program.log())

    def test_finds_the_versions_in_a_folder(self):
        with AdderNode() as node:
            node.write(2)
            node.write(3)
            self.assertEqual(node.load("m", {"files": ["models"], "versions": {"latest": 2}}), (200, ""))
            self.assertEqual(node.index(), {("m", "2"): "READY", ("m", "3"): "READY"})
            self.assertEqual(node.call(), (200, 3, 3.0))


class Reload(unittest.TestCase):
    def test_the_hangup_signal_takes_over_models_levels_and_limits(self):
        with AdderNode() as node:
            node.write(2)
            node.models(node.model("m", 2), node.model("n", 1), limits={"free": {"quota": 3, "quotaS": 86400}})
            node.configure(log={"level": "debug"}, http={"threads": 3})
            node.hang_up("configuration read again")
            self.assertIn("only a restart makes it so: http.threads", node.program.log())
            self.assertEqual([node.call(), node.call("n")], [(200, 2, 2.0), (200, 1, 1.0)])
            self.assertEqual(node.call()[0], 200)
            self.assertEqual(node.call()[0], 429)
            node.models(node.model("n", 1), limits={})
            self.assertEqual(node.operate("/v1/operator/reload"),
                             (200, {"applied": ["host.limits.free.quota", "host.models"], "forRestart": ["http.threads"]}))
            self.assertEqual([node.call()[0], node.call("n")], [404, (200, 1, 1.0)])
            self.assertEqual(node.program.stop(), 0)

    def test_a_bad_configuration_changes_nothing_and_says_why(self):
        with AdderNode() as node:
            path = node.home / "config.json"
            good = path.read_text()
            node.write(2)

            def refused(word):
                node.hang_up("configuration not taken over")
                lines = [line for line in node.program.log().splitlines() if "configuration not taken over" in line]
                self.assertIn(word, lines[-1])
                status, answer = node.operate("/v1/operator/reload")
                self.assertEqual(status, 400)
                self.assertIn(word, json.dumps(answer))
                self.assertEqual(node.call(), (200, 1, 1.0))
                self.assertEqual(node.index(), {("m", "1"): "READY"})

            path.write_text("{")
            refused("config.json")
            path.write_text(good)
            node.configure(http={"prot": 1})
            refused("prot")
            path.write_text(good)
            node.models(node.model("m", 2), node.model("n", 9))  # the first is good
            refused("models/9.onnx")
            path.write_text(good)
            node.hang_up("configuration read again; changed: nothing")

    def test_idle_models_are_let_go_and_come_back_when_they_are_called(self):
        with AdderNode(idleS=1) as node:
            self.assertEqual(node.call(), (200, 1, 1.0))
            processes.wait_until(lambda: node.index() == {("m", None): "UNAVAILABLE"}, "the model is let go")
            self.assertEqual(node.call(), (200, 1, 1.0))


if __name__ == "__main__":
    unittest.main()
