"""What an operator gets wrong is told in one clear line, and the program ends with its exit code."""
import pathlib
import shutil
import unittest

from support import processes
from support.node import BIN, Node
from support.paid_node import PaidNode


class OperatorErrors(unittest.TestCase):
    def refused(self, node, status, *words):
        """The program does not start; its last line names what is wrong."""
        with node.launch("refused") as program:
            processes.wait_until(lambda: not program.running(), "the program ends")
            lines = [line for line in program.log().splitlines() if " info " not in line and " warning " not in line]
            self.assertEqual(len(lines), 1, program.log())
            self.assertTrue(lines[0].startswith("millraced: "), lines[0])
            for word in words:
                self.assertIn(word, lines[0])
            self.assertEqual(program.stop(), status)
            program.log_path.unlink()

    def test_a_home_that_is_none(self):
        with Node() as node:
            node.program.stop()
            shutil.rmtree(node.home)
            self.refused(node, 2, str(node.home))

    def test_keys_and_home_open_to_others(self):
        with Node() as node:
            node.program.stop()
            for name in ("keys/host.key", "keys/validator.key"):
                path = node.home / name
                path.chmod(0o644)
                self.refused(node, 2, name, "chmod 600")
                path.chmod(0o600)
            node.home.chmod(0o755)
            self.refused(node, 2, "chmod 700")

    def test_the_genesis_of_another_network(self):
        with Node() as node, Node() as other:
            node.program.stop()
            other.program.stop()
            shutil.copy(other.home / "genesis.json", node.home / "genesis.json")
            self.refused(node, 2, "genesis")

    def test_the_genesis_of_another_network_for_the_same_validator(self):
        with Node() as node:
            node.program.stop()
            genesis = node.home / "genesis.json"
            genesis.write_text(genesis.read_text().replace('"name": "dev"', '"name": "other"', 1)
                               .replace('"name":"dev"', '"name":"other"', 1))
            self.assertIn("other", genesis.read_text())
            self.refused(node, 2, "genesis")

    def test_a_configuration_that_names_what_is_not_there(self):
        with Node() as node:
            node.program.stop()
            node.configure(http={"prot": 1})
            self.refused(node, 2, "prot")

    def test_models_that_are_missing_damaged_or_not_the_registered_ones(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            node.program.stop()
            model = node.home / "digits.onnx"
            content = model.read_bytes()
            model.unlink()
            self.refused(node, 2, "digits", str(model))
            model.write_bytes(content[:-100])
            self.refused(node, 2, "digits", str(model))
            processes.run([BIN / "millrace-demo-digits", "--seed", "2", "--samples", "1000", "--held-out", "100",
                           "--epochs", "1", "--out", model], node.folder)
            self.refused(node, 2, "digits", "registered")
            model.write_bytes(content)
            node.start()


if __name__ == "__main__":
    unittest.main()
