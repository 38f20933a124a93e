"""An OpenAI-compatible server behind a node: free and paid by token, whatever the server does."""
import http.client
import json
import os
import pathlib
import threading
import time
import unittest
import urllib.request

from support import processes, x402
from support.node import Node
from support.paid_node import PaidNode
from support.scripted_http import Fault, ScriptedServer

CHAT = {"model": "talk", "messages": [{"role": "user", "content": "hi"}]}
ANSWER = {"id": "1", "object": "chat.completion", "model": "theirs",
          "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
          "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}}
SECRET = "sk-very-secret-7"
STREAM = {**CHAT, "stream": True}
DONE = b"data: [DONE]\n\n"


def event(value):
    return f"data: {json.dumps(value)}\n\n".encode()


def delta(content):
    return event({"choices": [{"index": 0, "delta": {"content": content}}]})


USED = event({"choices": [], "usage": ANSWER["usage"]})


def streams(pieces):
    """What the server says: its pieces as they come."""
    return lambda: (200, {"Content-Type": "text/event-stream"}, pieces())


def goes_on():
    """A first event, and then signs of life until somebody hangs up."""
    yield delta("hel")
    while True:
        time.sleep(0.05)
        yield b": still here\n\n"


class Reading:
    """A stream as a client reads it, line by line. Use in a with statement."""

    def __init__(self, node, body, path="/v1/chat/completions", headers=None):
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        self.response = self._connection.getresponse()

    def event(self):
        """The next event with its empty line; empty at the end."""
        found = b""
        while not found.endswith(b"\n\n"):
            line = self.response.readline()
            if not line:
                break
            found += line
        return found

    def rest(self):
        return self.response.read()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.response.close()
        self._connection.close()


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

    def forget_the_gone(self):
        """What comes from `gone` afterwards is of a later answer."""
        while self.gone.acquire(blocking=False):
            pass


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
                                  ({**CHAT, "stream": "yes"}, 400), ([], 400), ({**CHAT, "n": 1000}, 400)):
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


    def test_streams_come_event_by_event_and_faults_become_events(self):
        with Server() as server, processes.temporary_home() as folder, \
                Node(host={"models": [model(server, folder)], "runMs": 6_000}) as node:
            seen = threading.Event()

            def waits_for_its_reader():
                yield delta("hel")
                seen.wait(5)
                yield delta("lo") + USED
                yield DONE

            for wanted in (False, True):
                seen.clear()
                server.says = streams(waits_for_its_reader)
                with Reading(node, {**STREAM, "stream_options": {"include_usage": wanted}}) as stream:
                    self.assertEqual(stream.response.status, 200)
                    self.assertEqual(stream.response.headers["Content-Type"], "text/event-stream")
                    self.assertEqual(stream.response.headers["Cache-Control"], "no-store")
                    self.assertEqual(stream.event(), delta("hel"), "it is here while the server waits for it")
                    seen.set()
                    self.assertEqual(stream.rest(), delta("lo") + (USED if wanted else b"") + DONE)
            asked = [json.loads(request[3])["stream_options"] for request in server.requests if request[0] == "POST"]
            self.assertEqual(asked, [{"include_usage": True}] * 2, "the node wants to know in any case")

            def dies():
                yield delta("hel")
                time.sleep(0.2)
                raise Fault

            def is_cut_short():
                yield delta("hel")

            def talks_nonsense():
                yield delta("hel")
                time.sleep(0.2)
                yield b"data: <html>\n\n" + DONE

            for fault in (dies, is_cut_short, talks_nonsense):
                server.says = streams(fault)
                with Reading(node, STREAM) as stream:
                    text = stream.rest()
                self.assertTrue(text.startswith(delta("hel") + b'data: {"error":'), text)
                self.assertNotIn(b"[DONE]", text)
            for fault, status in ((lambda: iter((b"data: <html>\n\n",)), 502), (lambda: iter((b"{}",)), 502)):
                server.says = streams(fault)
                got = node.post("/v1/chat/completions", STREAM)
                self.assertEqual(got[0], status, got)
                self.assertTrue(got[1]["error"]["message"])

            server.forget_the_gone()
            server.says = streams(goes_on)
            with Reading(node, STREAM) as stream:
                self.assertEqual(stream.event(), delta("hel"))
            self.assertTrue(server.gone.acquire(timeout=4), "the server is stopped when the caller hangs up")

            server.says = streams(goes_on)
            with Reading(node, STREAM) as stream:
                stream.event()
                ended = []
                stopping = threading.Thread(target=lambda: ended.append(node.program.stop(60)))
                stopping.start()
                text = stream.rest()
                self.assertIn(b'"cut_off"', text)
                self.assertTrue(text.endswith(DONE), "a node that stops lets a stream come to its end, here by its time")
            stopping.join()
            self.assertEqual(ended, [0])


class Paid(unittest.TestCase):
    def serve(self, server, folder, node):
        """Publishes the model and serves it; the address that is paid."""
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
        return node.url("/openai/talk/v1/chat/completions")

    def test_a_stock_client_pays_by_token_and_never_more_than_its_ceiling(self):
        client = x402.install(os.environ["MILLRACE_BUILD"])
        with Server() as server, processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            url = self.serve(server, folder, node)
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

    def test_a_stream_is_charged_for_what_came_and_not_where_the_server_fails(self):
        client = x402.install(os.environ["MILLRACE_BUILD"])
        with Server() as server, processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            url = self.serve(server, folder, node)

            def pay(scenario):
                key = node.wallet.key_file("caller").read_text().strip()
                results = x402.drive(client, url, key, node.identity["asset"], node.identity["chainId"], json.dumps(STREAM), [scenario])
                self.assertTrue(results[scenario]["passed"], results)
                return results[scenario]

            def units(channel):
                return [[int(count) for count in receipt["units"]] for receipt in node.receipts(channel)]

            def slow():
                yield delta("hel")
                time.sleep(2)
                yield delta("lo") + USED + DONE

            server.says = streams(slow)
            whole = pay("streamed")
            self.assertEqual(whole["charged"], str(9 * 1_000 + 4 * 10_000))
            self.assertGreater(whole["spread"], 1_000, "the first event does not wait for the last")
            self.assertTrue(whole["body"].startswith((delta("hel") + delta("lo")).decode() + ": PAYMENT-RESPONSE "))
            self.assertTrue(whole["body"].endswith(DONE.decode()))
            self.assertEqual(units(whole["channel"]), [[9, 4], [9, 4]])
            pay("exact")

            server.forget_the_gone()
            server.says = streams(goes_on)
            left = pay("hung_up")
            self.assertTrue(server.gone.acquire(timeout=15), "the server is stopped when the caller hangs up")
            processes.wait_until(lambda: node.receipts(left["channel"]), "what came is charged")
            self.assertEqual(units(left["channel"]), [[0, 1]])
            again = urllib.request.Request(url, json.dumps(STREAM).encode(),
                                           {"Content-Type": "application/json", "PAYMENT-SIGNATURE": left["payment"]})
            with urllib.request.urlopen(again, timeout=30) as response:
                text = response.read()
                self.assertTrue(response.headers["PAYMENT-RESPONSE"])
            self.assertTrue(text.startswith(delta("hel") + b'data: {"error":'), text)
            self.assertIn(b"hung up", text)
            self.assertTrue(text.endswith(DONE), "who asks again gets what was paid for")
            self.assertEqual(units(left["channel"]), [[0, 1]])

            def dies():
                yield delta("hel")
                time.sleep(0.2)
                raise Fault

            server.says = streams(dies)
            broken = pay("broken")
            self.assertIn('data: {"error":', broken["body"])
            self.assertNotIn("[DONE]", broken["body"])
            self.assertEqual(node.receipts(broken["channel"]), [])
            self.assertEqual(node.program.stop(), 0)
            node.verify()


if __name__ == "__main__":
    unittest.main()
