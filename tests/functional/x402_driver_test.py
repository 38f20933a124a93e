"""The x402 driver against a stub in the node's place: shows that a failure against a node is the node's."""
import os
import unittest

from support import processes, x402

SCENARIOS = {"vouchers", "top_up", "recover", "refund", "exact", "upto", "one_call"}


class X402Driver(unittest.TestCase):
    def test_every_scenario_passes_against_a_correct_node(self):
        home = x402.install(os.environ["MILLRACE_BUILD"])
        with processes.temporary_home() as logs, \
                processes.Program(["node", home / "stub_node.mjs"], logs, "stub") as stub:
            port = int(stub.ready(lambda: stub.log().strip()))
            results = x402.drive(home, f"http://127.0.0.1:{port}/infer", "0x" + "01" * 32,
                                 "0x00000000000000000000000000000000000000f1", 402077, "{}")
        self.assertEqual(set(results), SCENARIOS)
        for name, result in results.items():
            self.assertTrue(result["passed"], f"{name}: {result.get('error')}")

    def test_a_wrong_chain_is_noticed(self):
        home = x402.install(os.environ["MILLRACE_BUILD"])
        with processes.temporary_home() as logs, \
                processes.Program(["node", home / "stub_node.mjs"], logs, "stub") as stub:
            port = int(stub.ready(lambda: stub.log().strip()))
            results = x402.drive(home, f"http://127.0.0.1:{port}/infer", "0x" + "01" * 32,
                                 "0x00000000000000000000000000000000000000f1", 1, "{}", ["vouchers"])
        self.assertFalse(results["vouchers"]["passed"])


if __name__ == "__main__":
    unittest.main()
