"""Callers that hold connections, drip bytes or send nothing: the node's memory stays bounded, and others are served."""
import contextlib
import json
import resource
import selectors
import socket
import time
import unittest

from support import onnx_file, processes, raw_http
from support.free_node import FreeNode

CROWD = 10_000
HEAD = b"POST /v2/models/one/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
ONE = {"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [1], "data": [7]}]}


def resident_mib(node):
    with open(f"/proc/{node.program.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20


def more_files():
    """As many open files as the system lets this process have; the node inherits them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Crowd:
    """Connections from as many loopback addresses as are needed, so that no limit of one address is met."""

    def __init__(self, port, per_address=200):
        self.port, self.per_address = port, per_address
        self.sockets = []

    def grow(self, count):
        """Connects so many more; how many were let in as far as TCP can tell."""
        for _ in range(count):
            number = len(self.sockets) // self.per_address
            caller = socket.socket()
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            caller.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
            caller.settimeout(30)
            caller.connect(("127.0.0.1", self.port))
            self.sockets.append(caller)

    def open(self):
        """How many the node has not closed or refused."""
        alive = 0
        for caller in self.sockets:
            caller.setblocking(False)
            try:
                caller.recv(1, socket.MSG_PEEK)  # the end, or a refusal
            except BlockingIOError:
                alive += 1
            except OSError:
                pass
        return alive

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for caller in self.sockets:
            caller.close()


class Hostile(unittest.TestCase):
    def served(self, node, seconds=10.0):
        """A newcomer is answered, after a try or two where it is crowded."""
        began = time.monotonic()

        def answered():
            with contextlib.suppress(OSError):
                return node.infer("one", ONE)[0] == 200
        processes.wait_until(answered, "others are served", seconds, 0.1)
        return time.monotonic() - began

    def test_ten_thousand_idle_connections_cost_little_and_others_are_served(self):
        if more_files() < CROWD + 2_000:
            self.skipTest("this system does not allow so many open files")
        with FreeNode({"one": onnx_file.echo(["FP32"])}, http={"connections": 12_000, "connectionsPerAddress": 256},
                      log={"level": "warn"}) as node, Crowd(node.port) as crowd:
            self.served(node)
            before = resident_mib(node)
            crowd.grow(CROWD // 2)
            # Half of them with the beginning of a request, which is where memory is kept.
            for caller in crowd.sockets:
                caller.sendall(HEAD)
            crowd.grow(CROWD - CROWD // 2)
            took = self.served(node)
            held = float(node.get("/metrics")[1].split("\nmillrace_http_connections ", 1)[1].split("\n", 1)[0])
            each = (resident_mib(node) - before) * 1024 / max(1.0, held)
            print(f"{held:.0f} connections, {each:.1f} KiB each, a newcomer served in {took:.2f} s", flush=True)
            self.assertGreater(held, CROWD * 0.4, "the node held them")
            self.assertLess(each, 64)
            self.assertLess(took, 10)
            # Their time runs out, and all of them are let go.
            idle = lambda: float(node.get("/metrics")[1].split("\nmillrace_http_connections ", 1)[1].split("\n", 1)[0]) < 100
            processes.wait_until(idle, "the idle ones are closed", 90, 0.5)
            self.served(node)

    def test_more_connections_than_there_are_places_cannot_keep_newcomers_out(self):
        if more_files() < 3_000:
            self.skipTest("this system does not allow so many open files")
        with FreeNode({"one": onnx_file.echo(["FP32"])}, http={"connections": 256, "connectionsPerAddress": 200},
                      log={"level": "warn"}) as node, Crowd(node.port) as crowd:
            for _ in range(8):
                crowd.grow(250)
                self.served(node)
            self.assertLessEqual(crowd.open(), 256)

    def test_one_address_gets_no_more_than_its_share(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}, http={"connectionsPerAddress": 20}) as node:
            with Crowd(node.port, 1_000) as crowd:
                crowd.grow(100)
                self.served(node)  # from another address
                self.assertLessEqual(crowd.open(), 20)
                refused = crowd.sockets[-1]
                refused.settimeout(10)
                answer = refused.recv(4096)
                self.assertIn(b"503", answer)
                self.assertIn(b"Retry-After", answer)

    def drip(self, node, beginning, pieces, seconds):
        """Fifty callers who send a byte now and then; the last status of each once the node has had enough."""
        with contextlib.ExitStack() as stack:
            callers = [stack.enter_context(socket.create_connection(("127.0.0.1", node.port))) for _ in range(50)]
            for caller in callers:
                caller.sendall(beginning)
                caller.setblocking(False)
            received = {caller: b"" for caller in callers}
            waiting = set(callers)
            end = time.monotonic() + seconds
            watch = selectors.DefaultSelector()
            for caller in callers:
                watch.register(caller, selectors.EVENT_READ)
            longest = 0.0
            while waiting:
                self.assertLess(time.monotonic(), end, f"{len(waiting)} are still being waited for")
                for key, _ in watch.select(0.5):
                    try:
                        data = key.fileobj.recv(4096)
                    except OSError:
                        data = b""
                    received[key.fileobj] += data
                    if not data:
                        waiting.discard(key.fileobj)
                        watch.unregister(key.fileobj)
                for caller in waiting:
                    with contextlib.suppress(OSError):
                        caller.send(pieces())
                began = time.monotonic()
                self.assertEqual(node.get("/healthz")[0], 200)
                longest = max(longest, time.monotonic() - began)
            self.assertLess(longest, 5, "others wait for nobody")
            return [raw_http.statuses(answer) for answer in received.values()]

    def test_heads_that_come_byte_by_byte_are_given_up(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}, log={"level": "warn"}) as node:
            for statuses in self.drip(node, b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ", lambda: b"a", 60):
                self.assertIn(statuses, ([408], []))
            self.served(node)

    def test_bodies_that_come_byte_by_byte_are_given_up(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}, log={"level": "warn"}) as node:
            for beginning, pieces in ((HEAD + b"\r\n{", lambda: b" "),
                                      (HEAD.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked") + b"\r\n", lambda: b"1\r\n \r\n")):
                for statuses in self.drip(node, beginning, pieces, 60):
                    self.assertIn(statuses, ([408], []))
            self.served(node)

    def test_answers_that_nobody_takes_are_given_up(self):
        with FreeNode({"one": onnx_file.echo(["FP32"])}, log={"level": "warn"}) as node:
            count = 400_000
            text = json.dumps({"inputs": [{"name": "in_fp32", "datatype": "FP32", "shape": [count], "data": [0.123] * count}]}).encode()
            request = b"POST /v2/models/one/infer HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(text) + text
            with contextlib.ExitStack() as stack:
                for _ in range(20):
                    caller = stack.enter_context(socket.socket())
                    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    caller.settimeout(60)
                    caller.connect(("127.0.0.1", node.port))
                    caller.sendall(request)
                self.served(node, 60)
                gone = lambda: float(node.get("/metrics")[1].split("\nmillrace_http_connections ", 1)[1].split("\n", 1)[0]) < 3
                processes.wait_until(gone, "they are cut off", 120, 0.5)
            self.served(node)


if __name__ == "__main__":
    unittest.main()
