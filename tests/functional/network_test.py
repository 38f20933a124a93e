"""Homes of a whole network by `millraced testnet`, and what a home says of itself."""
import json
import pathlib
import subprocess
import unittest

from support import processes
from support.network import BIN, Network


def refused(*arguments):
    """Standard error of a command of millraced that ends with status 2."""
    done = subprocess.run([BIN / "millraced", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, f"{arguments}: {done.returncode}, {done.stderr}"
    return done.stderr


class Testnet(unittest.TestCase):
    def test_makes_homes_that_name_each_other(self):
        with processes.temporary_home() as folder:
            network = Network(folder, validators=3, followers=1)
            self.assertEqual(json.loads((network.folder / "network.json").read_text()), network.facts)
            self.assertEqual([member.validator for member in network.members], [True] * 3 + [False])
            genesis = {(member.home / "genesis.json").read_text() for member in network.members}
            self.assertEqual(len(genesis), 1)
            for member, facts in zip(network.members, network.facts["nodes"]):
                fixed = json.loads((member.home / "config.json").read_text())["peers"]["fixed"]
                others = [f"{other['peerKey'][2:]}@{other['peers']}" for other in network.facts["nodes"] if other is not facts]
                self.assertEqual(fixed, others)

    def test_refuses_what_it_cannot_make(self):
        with processes.temporary_home() as folder:
            out = pathlib.Path(folder) / "net"
            self.assertIn("--validators", refused("testnet", "--validators", 0, "--out", out))
            self.assertIn("--base-port", refused("testnet", "--base-port", 65530, "--out", out))
            self.assertIn("--balance", refused("testnet", "--balance", "somebody=5", "--out", out))
            self.assertFalse(out.exists())
            processes.run([BIN / "millraced", "testnet", "--validators", 1, "--out", out], folder)
            self.assertIn("not empty", refused("testnet", "--validators", 1, "--out", out))

    def test_shows_keys_and_proves_possession_of_them(self):
        with processes.temporary_home() as folder:
            network = Network(folder, validators=1, followers=1)
            for member, facts in zip(network.members, network.facts["nodes"]):
                shown = json.loads(processes.run([BIN / "millraced", "validator", "show", "--home", member.home], folder))
                self.assertEqual(shown["consensusKey"], facts["consensusKey"])
                self.assertEqual(shown["peerKey"], facts["peerKey"])
                self.assertEqual(shown["inGenesis"], facts["validator"])
                proof = json.loads(processes.run([BIN / "millraced", "validator", "pop", "--home", member.home], folder))
                self.assertEqual(proof["account"], facts["account"])
                self.assertEqual(len(proof["proof"]), 2 + 128)
            self.assertIn("--account", refused("validator", "pop", "--home", network.members[0].home, "--account", "me"))
            (network.followers[0].home / "keys/validator.key").unlink()
            self.assertIn("validator.key", refused("validator", "pop", "--home", network.followers[0].home))

    def test_says_so_when_no_node_runs(self):
        with processes.temporary_home() as folder:
            network = Network(folder, validators=1)
            for command in (["peers"], ["validator", "status"]):
                done = subprocess.run([BIN / "millraced", *command, "--home", network.members[0].home], capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual(done.returncode, 4)
                self.assertIn("no node answers at http://127.0.0.1", done.stderr)


if __name__ == "__main__":
    unittest.main()
