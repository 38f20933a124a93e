"""A network of one whose log is damaged says so, and goes on when its owner takes the risk."""
import json
import unittest

from support import processes
from support.node import BIN, Node


class Recovery(unittest.TestCase):
    def recover(self, node, *flags):
        return processes.run([BIN / "millraced", "recover", "--home", node.home, *flags], node.folder)

    def test_the_only_validator_goes_on_after_its_log_was_lost(self):
        with Node() as node:
            node.program.stop()
            for segment in (node.home / "data" / "log").iterdir():
                segment.unlink()
            with node.launch("refused") as program:
                processes.wait_until(lambda: not program.running(), "the program ends")
                self.assertIn("millraced recover", program.log())
                self.assertEqual(program.stop(), 2)
            with self.assertRaisesRegex(Exception, "accept-fork-risk"):
                self.recover(node)
            report = json.loads(self.recover(node, "--accept-fork-risk", "--json"))
            self.assertEqual(report["height"], 0)
            self.assertEqual(report["nullifiedTo"], 63)  # votes again from view 64 on
            node.start(name="again")
            self.assertEqual(node.get("/v1/consensus")[1]["silenced"], "")
            node.program.stop()
            node.verify()

    def test_nothing_is_given_up_where_the_log_is_well(self):
        with Node() as node:
            node.program.stop()
            with self.assertRaisesRegex(Exception, "nothing to recover"):
                self.recover(node, "--accept-fork-risk")


if __name__ == "__main__":
    unittest.main()
