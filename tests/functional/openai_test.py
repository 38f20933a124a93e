"""An OpenAI-compatible server behind a node: free and paid by token, whatever the server does."""
import json
import os
import pathlib
import threading
import unittest

from support import processes, x402
from support.node import Node
from support.paid_node import PaidNode
from support.scripted_http import Fault, ScriptedServer

CHAT = {"model": "talk", "messages": [{"role": "user", "content": "hi"}]}
ANSWER = {"id": "1", "object": "chat.completion", "model": "theirs",
          "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
          "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}}
SECRET = "sk-very-secret-7"


class Server(ScriptedServer):
    """Answers as `says` is set to."""

    def __init__(self):
        self.says = lambda: (200, {}, json.dumps(ANSWER).encode())
        super().__init__(self._answer)

    def _answer(self, method, path, headers, body):
        if headers.get("Authorization") != f"Bearer {SECRET}":
            return 401, {}, b'{"error":{"message":"who are you?"}}'
        if path == "/base/v1/models":
            return 200, {}, b'{"object":"list","data":[]}'
        return self.says()


def model(server, folder, **more):
    key = pathlib.Path(folder) / "openai.key"
    key.touch(mode=0o600)
    key.write_text(SECRET + "\n")
    return {"name": "talk", "backend": {"kind": "openai", "url": server.url + "/base/v1", "model": "theirs", "probeMs": 100,
                                        "credentialFile": str(key), "answerBytes": 100_000}, **more}


class Free(unittest.TestCase):
    def test_calls_go_through_and_faults_become_answers(self):
        over = threading.Event()

        def reset():
            raise Fault

        def slow():
            over.wait(60)
            return 200, {}, b"{}"

        with Server() as server, processes.temporary_home() as folder, \
                Node(host={"models": [model(server, folder)], "runMs": 2_000}, log={"level": "trace"}) as node:
            for path in ("/v1/chat/completions", "/v1/chat/completions?model=talk", "/openai/talk/v1/chat/completions"):
                status, answer = node.post(path, {**CHAT, "max_tokens": 5})
                self.assertEqual((status, answer), (200, ANSWER))
                method, there, _, sent = server.requests[-1]
                if there != "/base/v1/models":
                    self.assertEqual((method, there), ("POST", "/base/v1/chat/completions"))
                    self.assertEqual(json.loads(sent), {**CHAT, "model": "theirs", "max_tokens": 5})
            embedding = {"model": "talk", "input": ["a", "b"]}
            self.assertEqual(node.post("/v1/embeddings", embedding)[0], 200)
            self.assertEqual(node.post("/v1/completions", {"model": "talk", "prompt": "a"})[0], 200)
            listed = node.get("/v1/models")[1]
            self.assertEqual([entry["id"] for entry in listed["data"]], ["talk"])
            self.assertEqual(listed["items"], [])
            self.assertEqual(node.get("/openai/talk/v1/models")[1]["object"], "list")

            for wrong, status in (({"model": "other", "messages": CHAT["messages"]}, 404), ({"model": "talk"}, 400),
                                  ({**CHAT, "stream": True}, 400), ([], 400), ({**CHAT, "n": 1000}, 400)):
                before = len([1 for request in server.requests if request[0] == "POST"])
                self.assertEqual(node.post("/v1/chat/completions", wrong)[0], status, wrong)
                self.assertEqual(len([1 for request in server.requests if request[0] == "POST"]), before)
            self.assertEqual(node.post("/openai/none/v1/chat/completions", CHAT)[0], 404)

            faults = {
                "their refusal": (lambda: (400, {}, b'{"error":{"message":"too long for us"}}'), 400),
                "a crash": (lambda: (500, {}, b"oops"), 500),
                "busy": (lambda: (429, {}, b"{}"), 429),
                "nonsense": (lambda: (200, {}, b"<html>"), 502),
                "deep nonsense": (lambda: (200, {}, b"[" * 90_000), 502),
                "a reset": (reset, 503),
                "an early end": (lambda: (200, {"Content-Length": "1000"}, b"{"), 503),
                "a huge answer": (lambda: (200, {}, b" " * 200_000), 413),
                "an endless answer": (lambda: (200, {}, (b" " * 9_000 for _ in range(10 ** 6))), 413),
                "too slow": (slow, 504),
            }
            for name, (says, status) in faults.items():
                with self.subTest(name):
                    server.says = says
                    got = node.post("/v1/chat/completions", CHAT)
                    self.assertEqual(got[0], status, got)
                    self.assertTrue(got[1]["error"]["message"])
                    if name == "their refusal":
                        self.assertIn("too long for us", got[1]["error"]["message"])
            over.set()
            server.says = lambda: (200, {}, json.dumps(ANSWER).encode())
            processes.wait_until(lambda: node.post("/v1/chat/completions", CHAT)[0] == 200, "it works again")
            self.assertNotIn(SECRET, node.program.log())


class Paid(unittest.TestCase):
    def test_a_stock_client_pays_by_token_and_never_more_than_its_ceiling(self):
        client = x402.install(os.environ["MILLRACE_BUILD"])
        with Server() as server, processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            described = node.folder / "talk.json"
            described.write_text(json.dumps({"kind": "chat", "server": "example"}))
            published = node.wallet("model", "publish", described, "--remote", "--name", "talk", "--license", "none",
                                    "--price", "0.001", "--price-unit", "token_in", "--max-units", "100",
                                    "--price-also", "token_out=0.01:50", "--host", "host", account="owner")
            card = json.loads(pathlib.Path(published["cardFile"]).read_text())
            self.assertIs(card["model"]["unverified"], True)
            node.program.stop()
            node.configure(host={"account": node.accounts["host"], "models": [model(server, folder, model=published["model"])]})
            node.start()

            url = node.url("/openai/talk/v1/chat/completions")
            def pay(body=CHAT, scenario="one_call"):
                key = node.wallet.key_file("caller").read_text().strip()
                results = x402.drive(client, url, key, node.identity["asset"], node.identity["chainId"], json.dumps(body), [scenario])
                self.assertTrue(results[scenario]["passed"], results)
                return results[scenario]

            self.assertEqual(node.post("/openai/talk/v1/chat/completions", CHAT)[0], 402)
            self.assertEqual(node.post("/v1/chat/completions", CHAT)[0], 402)
            self.assertEqual(server.count("/base/v1/chat/completions"), 0, "nothing is asked before it is paid for")
            first = pay()
            self.assertEqual(first["charged"], str(9 * 1_000 + 4 * 10_000))
            self.assertEqual(json.loads(first["body"]), ANSWER)
            sent = json.loads([request for request in server.requests if request[0] == "POST"][-1][3])
            self.assertEqual(sent["max_tokens"], 50, "no more is asked for than is paid for")
            pay({**CHAT, "max_tokens": 7}, "vouchers")
            pay(scenario="exact")
            receipts = node.receipts(first["channel"])
            self.assertEqual([receipt["units"] for receipt in receipts], [[9, 4]] if isinstance(receipts[0]["units"][0], int) else [["9", "4"]])

            # Counts beyond what was asked for are not charged; an answer without counts is not charged at all.
            server.says = lambda: (200, {}, json.dumps({**ANSWER, "usage": {"prompt_tokens": 10 ** 9, "completion_tokens": 10 ** 9}}).encode())
            most = int(pay()["charged"])
            self.assertLessEqual(most, 100 * 1_000 + 50 * 10_000)
            server.says = lambda: (200, {}, json.dumps({**ANSWER, "usage": None}).encode())
            failed = x402.drive(client, url, node.wallet.key_file("caller").read_text().strip(), node.identity["asset"],
                                node.identity["chainId"], json.dumps(CHAT), ["one_call"])["one_call"]
            self.assertFalse(failed["passed"])
            self.assertIn("502", failed["error"])
            self.assertEqual(node.program.stop(), 0)
            node.verify()


if __name__ == "__main__":
    unittest.main()
