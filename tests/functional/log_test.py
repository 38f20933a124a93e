"""What a node writes to its log: one JSON document for each request, and nothing that somebody could pay or sign with."""
import json
import pathlib
import re
import secrets
import unittest

from support import onnx_file, processes, raw_http
from support.free_node import FreeNode
from support.paid_node import PaidNode

MEMBERS = {"time", "level", "type", "id", "peer", "method", "route", "status", "in", "out", "us"}


def access_lines(node):
    found = []
    for line in node.program.log().splitlines():
        if line.startswith("{"):
            document = json.loads(line)
            if document.get("type") == "access":
                found.append(document)
    return found


class AccessLog(unittest.TestCase):
    def test_each_request_is_one_line_by_its_route_and_the_model_it_was_for(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}) as node:
            node.ask("GET", "/v1/status")
            node.ask("GET", "/v2/models/nobody/ready")
            node.ask("GET", "/nowhere")
            one = {"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [1], "data": [1]}]}
            node.infer("one", one)
            raw_http.exchange(node.port, b"rubbish\r\n\r\n")
            lines = processes.wait_until(lambda: (l := access_lines(node)) and l[-1]["route"] == "none" and l[-1]["status"] == 400 and l,
                                         "the last request is logged")
            for line in lines:
                self.assertLessEqual(MEMBERS, set(line))
                self.assertLessEqual(set(line), MEMBERS | {"model", "payment"})
                self.assertEqual(line["peer"], "127.0.0.1")
            ids = [line["id"] for line in lines]
            self.assertEqual(len(set(ids)), len(ids))
            by_route = {(line["route"], line["status"]): line for line in lines}
            self.assertNotIn("model", by_route["/v2/models/{model}/ready", 404], "the caller's word is no model of ours")
            inferred = by_route["/v2/models/{model}/infer", 200]
            self.assertEqual((inferred["model"], inferred["method"]), ("one", "POST"))
            self.assertNotIn("payment", inferred)
            self.assertEqual(inferred["in"], len(json.dumps(one)))
            self.assertGreater(inferred["us"], 0)
            self.assertEqual(by_route["none", 404]["method"], "GET")
            self.assertEqual(by_route["none", 400]["method"], "-")

    def test_it_can_be_switched_off(self):
        with FreeNode({}, log={"access": False}) as node:
            node.ask("GET", "/v1/status")
            self.assertEqual(access_lines(node), [])


class Secrets(unittest.TestCase):
    def planted(self, node):
        """Sends secrets in every place of a request that a caller fills; what they were."""
        found = []

        def secret(kind):
            found.append(kind + secrets.token_hex(12))
            return found[-1]

        for path in (node.TARGET, "/v1/status", "/v2/models/digits", "/nowhere", "/rpc", "/v1/transactions", "/v1/quote"):
            for method in ("GET", "POST"):
                headers = {"PAYMENT-SIGNATURE": secret("payment"), "Authorization": "Bearer " + secret("token"),
                           "Cookie": "session=" + secret("cookie"), "X-Api-Key": secret("key"), "User-Agent": secret("agent"),
                           "Referer": "http://a/?key=" + secret("referer"), "Idempotency-Key": secret("idempotency"),
                           "X-Request-Id": secret("request")}
                raw = f"{method} {path}?key={secret('query')} HTTP/1.1\r\nHost: {secret('host')}\r\nConnection: close\r\n"
                body = json.dumps({"id": secret("id"), "inputs": secret("body"), "tx": secret("tx"), "model": secret("model")})
                raw += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                raw_http.exchange(node.port, (raw + f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        for raw in (f"GET /v1/accounts/{secret('path')} HTTP/1.1\r\nHost: a\r\n\r\n", f"GET /{secret('path')} HTTP/1.1\r\nHost: a\r\n\r\n",
                    f"{secret('method')} / HTTP/9\r\n\r\n", f"GET / HTTP/1.1\r\n{secret('field')}\r\n\r\n"):
            raw_http.exchange(node.port, raw.encode(), 2)
        return found

    def check(self, log_format):
        with processes.temporary_home() as folder:
            folder = pathlib.Path(folder)
            with PaidNode(folder / "wallet", log={"level": "trace", "format": log_format}) as node:
                found = self.planted(node)
                paid = node.wallet("infer", "digits", "--input", node.request_file, account="caller")
                self.assertEqual(node.program.stop(60), 0)
                log = node.program.log()
                for key in ("host", "validator", "peer"):
                    found.append((node.home / "keys" / f"{key}.key").read_text().strip())
                found += [paid["payment"]["voucher"]["signature"], paid["payment"]["receiptSignature"],
                          node.wallet.key_file("caller").read_text().strip().removeprefix("0x"),
                          (folder / "wallet/passphrase").read_text().strip()]
                for one in found:
                    self.assertNotIn(one.removeprefix("0x").lower(), log.lower())
                # Nothing that looks like a signature or a payment either.
                self.assertIsNone(re.search(r"[0-9a-fA-F]{128}|eyJ[A-Za-z0-9+/]{40}", log))
                outcomes = [line.get("payment") for line in access_lines(node)]
                self.assertLessEqual({"asked", "refused", "paid", None}, set(outcomes))
                return log

    def test_never_appear_in_a_log_of_text(self):
        self.check("text")

    def test_never_appear_in_a_log_of_json_of_which_each_line_is_a_document(self):
        for line in self.check("json").splitlines():
            self.assertIsInstance(json.loads(line), dict)


if __name__ == "__main__":
    unittest.main()
