"""The board of a real node: who waits for notes is answered before the node ends; it can be left out."""
import pathlib
import threading
import time
import unittest

from support import processes
from support.node import Node
from support.paid_node import Wallet


class Board(unittest.TestCase):
    def setUp(self):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        self.wallet = Wallet(pathlib.Path(folder.name) / "wallet")
        self.tenant = self.wallet("key", "new", "tenant", "--light", "--no-words")["address"]

    def node(self, **board):
        node = Node([self.tenant], board=board)
        self.addCleanup(node.__exit__, None, None, None)
        node.start()
        self.wallet.environment["MILLRACE_NODE"] = node.url("")
        order = self.wallet("gpu", "order", "--raw", "--max-rate", "0.001", "--escrow", "5", account="tenant")["txId"]
        return node, f"/v1/gpu/orders/{order}/notes"

    def test_answers_who_waits_before_it_ends(self):
        node, path = self.node()
        answers = []
        readers = [threading.Thread(target=lambda: answers.append(node.get(f"{path}?wait=30"))) for _ in range(3)]
        for reader in readers:
            reader.start()
        processes.wait_until(lambda: "millrace_board_waiting 3\n" in node.get("/metrics")[1], "three readers wait")
        began = time.monotonic()
        self.assertEqual(node.program.stop(), 0)
        for reader in readers:
            reader.join()
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual([status for status, _ in answers], [200, 200, 200], answers)
        self.assertTrue(all(answer["items"] == [] and answer["next"] == 0 for _, answer in answers), answers)

    def test_has_another_name_after_each_start_and_none_where_it_is_left_out(self):
        node, path = self.node()
        first = node.get(path)[1]["board"]
        node.program.stop()
        node.start()
        self.assertNotEqual(node.get(path)[1]["board"], first)
        node.program.stop()
        node.configure(board={"enabled": False})
        node.start()
        self.assertEqual(node.get(path)[0], 404)
        self.assertEqual(node.post(path, {})[0], 404)
        self.assertNotIn("millrace_board", node.get("/metrics")[1])


if __name__ == "__main__":
    unittest.main()
