"""`millraced doctor` finds what is wrong before the node does, and says what to do."""
import json
import os
import pathlib
import resource
import shutil
import socket
import unittest

from support import bombs, onnx_file, processes
from support.free_node import FreeNode
from support.node import BIN, Node
from support.paid_node import PaidNode


def doctor(node, status=0, **more):
    """{check: (health, found, remedy)}; nothing may be wrong without a remedy."""
    said = json.loads(processes.run([BIN / "millraced", "doctor", "--json", "--home", node.home], node.folder, status=status, **more))
    checks = {}
    for one in said["checks"]:
        assert one["check"] not in checks, one
        assert bool(one["remedy"]) == (one["health"] != "ok"), one
        checks[one["check"]] = (one["health"], one["found"], one["remedy"])
    worst = max((one[0] for one in checks.values()), key=["ok", "warn", "fail"].index)
    assert said["health"] == worst and (status == 2) == (worst == "fail"), said
    return checks


class Doctor(unittest.TestCase):
    def healthy(self, checks, *names):
        for name in names:
            self.assertEqual(checks[name][0], "ok", checks[name])

    def sick(self, checks, name, *words, health="fail"):
        self.assertEqual(checks[name][0], health, checks[name])
        for word in words:
            self.assertIn(word, checks[name][1])

    def test_a_new_home_a_running_node_and_one_that_was_stopped_are_well(self):
        node = Node()
        try:
            checks = doctor(node)
            self.healthy(checks, "home", "key.host", "key.validator", "key.peer", "genesis", "config", "limits", "ledger",
                         "port.http", "http.publicUrl", "onnxruntime")
            self.assertIn("first start", checks["ledger"][1])
            node.start()
            checks = doctor(node)
            self.healthy(checks, "ledger", "clock.ledger", "validator")
            self.assertIn(node.url(""), checks["ledger"][1])
            self.assertNotIn("port.http", checks)
            self.assertEqual(node.program.stop(), 0)
            checks = doctor(node)
            self.healthy(checks, "ledger", "validator", "port.http")
            self.assertIn("store", checks["ledger"][1])
            text = processes.run([BIN / "millraced", "doctor", "--home", node.home], node.folder)
            self.assertIn("ok    genesis: network dev", text)
            node.start()
            self.assertEqual(node.program.stop(), 0)
            node.verify()
        finally:
            node.__exit__(None, None, None)

    def test_home_and_keys(self):
        node = Node()
        try:
            node.home.chmod(0o755)
            self.sick(doctor(node, 2), "home", "chmod 700")
            node.home.chmod(0o700)
            host, validator = node.home / "keys/host.key", node.home / "keys/validator.key"
            host.chmod(0o644)
            self.sick(doctor(node, 2), "key.host", "chmod 600")
            host.chmod(0o600)
            kept = validator.read_bytes()
            validator.write_bytes(host.read_bytes())
            self.sick(doctor(node, 2), "key.validator", "stands here already")
            validator.write_text("rubbish\n")
            self.sick(doctor(node, 2), "key.validator", "no key file")
            validator.unlink()
            self.assertIn("follows", doctor(node)["key.validator"][1])
            validator.touch(mode=0o600)
            validator.write_bytes(kept)
            shutil.rmtree(node.home)
            checks = doctor(node, 2)
            self.assertEqual(list(checks), ["home"])
            self.assertIn("millraced init", checks["home"][2])
        finally:
            node.__exit__(None, None, None)

    def test_configuration_limits_and_addresses(self):
        node = Node()
        try:
            node.configure(http={"prot": 1})
            self.sick(doctor(node, 2), "config", "prot")
            config = json.loads((node.home / "config.json").read_text())
            del config["http"]["prot"]
            (node.home / "config.json").write_text(json.dumps(config))
            for url, health in (("http://example.org", "ok"), ("https://example.org:8443", "ok"), ("example.org", "fail"),
                                ("https://example.org/", "fail"), ("ftp://example.org", "fail"), ("https://", "fail")):
                node.configure(http={"publicUrl": url})
                checks = doctor(node, 2 if health == "fail" else 0)
                self.assertEqual(checks["http.publicUrl"][0], health, checks["http.publicUrl"])
            node.configure(http={"publicUrl": "", "address": "0.0.0.0"})
            self.sick(doctor(node), "http.publicUrl", "not set", health="warn")
            node.configure(http={"publicUrl": "http://example.org"})
            self.sick(doctor(node), "http.publicUrl", "without TLS", health="warn")
            node.configure(http={"publicUrl": "", "address": "127.0.0.1"})
            node.configure(consensus={"trustedCheckpoint": "trusted.json"})
            self.sick(doctor(node, 2), "checkpoint", "trusted.json")
            (node.home / "trusted.json").write_text("{}")
            self.sick(doctor(node, 2), "checkpoint", "trusted.json")
            node.configure(consensus={"trustedCheckpoint": ""})
            self.assertNotIn("checkpoint", doctor(node))
            with socket.create_server(("127.0.0.1", node.port)):
                self.sick(doctor(node, 2), "port.http", str(node.port))
            few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))
            self.sick(doctor(node, preexec_fn=few), "limits", "512", health="warn")
        finally:
            node.__exit__(None, None, None)

    def test_a_checkpoint_that_is_trusted_and_one_that_is_lost(self):
        with Node() as node:
            trusted = node.home / "trusted.json"
            trusted.write_text(json.dumps(node.get("/v1/checkpoint")[1]))
            node.program.stop()
            node.configure(consensus={"trustedCheckpoint": "trusted.json"})
            node.start()
            self.assertEqual((node.get("/v1/status")[1]["halted"], node.get("/v1/status")[1]["refusedChain"]), ("", ""))
            self.healthy(doctor(node), "ledger", "checkpoint")
            self.assertEqual(node.program.stop(), 0)
            trusted.unlink()
            self.sick(doctor(node, 2), "checkpoint", "trusted.json")
            with node.launch("lost") as program:
                processes.wait_until(lambda: not program.running(), "it does not start without what it shall trust")
                self.assertIn("trusted.json", program.log().splitlines()[-1])

    def test_genesis_and_ledger(self):
        with Node() as node, Node() as other:
            node.program.stop()
            other.program.stop()
            genesis = node.home / "genesis.json"
            kept = genesis.read_text()
            shutil.copy(other.home / "genesis.json", genesis)
            self.sick(doctor(node, 2), "ledger", "genesis")
            genesis.write_text("{}")
            self.sick(doctor(node, 2), "genesis")
            genesis.write_text(kept)
            self.healthy(doctor(node), "genesis", "ledger")
            named = list((node.home / "data/store").rglob("CURRENT"))
            self.assertTrue(named)
            for file in named:
                file.write_bytes(b"damaged")
            self.sick(doctor(node, 2), "ledger")

    def test_what_a_host_needs_to_be_paid(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            for running in (True, False):
                if not running:
                    node.program.stop()
                checks = doctor(node)
                self.healthy(checks, "host", "model.digits.1")
                self.assertIn("as registered", checks["model.digits.1"][1])
                self.sick(checks, "host.fees", "little left", health="warn") if checks["host.fees"][0] != "ok" else None
                model = node.home / "digits.onnx"
                content = model.read_bytes()
                model.unlink()
                self.sick(doctor(node, 2), "model.digits.1", "digits.onnx")
                model.write_bytes(onnx_file.echo(["FP32"]))
                self.sick(doctor(node, 2), "model.digits.1", "registered")
                model.write_bytes(content)
                node.configure(host={"account": node.accounts["caller"]})
                self.sick(doctor(node, 2), "host", "no host")
                node.configure(host={"account": node.accounts["host"]})


class Bombs(unittest.TestCase):
    def test_each_hostile_model_is_refused_with_the_reason_and_none_is_loaded(self):
        self.assertGreaterEqual(len(bombs.BOMBS), 25)
        models = {f"bomb{number}": content for number, (_, content, _) in enumerate(bombs.BOMBS)}
        operators = ["Identity", "Add", "Constant", "If", "Exec", "Gelu"]
        node = FreeNode({"good": bombs.GOOD, **models}, host={"operators": operators})
        try:
            checks = doctor(node, 2)
            self.assertEqual(checks["model.good.1"][0], "ok", checks["model.good.1"])
            for number, (name, _, reason) in enumerate(bombs.BOMBS):
                with self.subTest(name):
                    health, found, _ = checks[f"model.bomb{number}.1"]
                    self.assertEqual(health, "fail")
                    self.assertIn(reason, found)
            # The node takes the same way, and says the same: a few of them, as each is a start.
            config = json.loads((node.home / "config.json").read_text())
            every = config["host"]["models"]
            for number in (1, 7, 14, 20):
                node.configure(host={"models": [every[0], every[1 + number]]})
                with node.launch("refused") as program:
                    processes.wait_until(lambda: not program.running(), "the program ends")
                    self.assertEqual(program.stop(), 2)
                    self.assertIn(bombs.BOMBS[number][2], program.log())
                    program.log_path.unlink()
            node.configure(host={"models": every[:1]})
            node.start()
            one = {"name": "x", "datatype": "FP32", "shape": [1], "data": [7]}
            self.assertEqual(node.infer("good", {"inputs": [one]})[1]["outputs"][0]["data"], [7])
        finally:
            node.__exit__(None, None, None)


if __name__ == "__main__":
    unittest.main()
