"""The state of a node written as a snapshot, proven, damaged, and begun from by another."""
import json
import pathlib
import shutil
import subprocess
import time
import unittest

from support import processes
from support.network import BIN, Network


class Snapshots(unittest.TestCase):
    def command(self, member, *words, status=0):
        """(standard output, standard error) of millraced snapshot."""
        done = subprocess.run([BIN / "millraced", "snapshot", words[0], "--home", member.home, *map(str, words[1:])],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def verify(self, member):
        return json.loads(processes.run([BIN / "millraced", "verify", "--json", "--home", member.home],
                                        member.network.logs))

    @staticmethod
    def balances(network, member):
        """What the node says of every account of the network."""
        return [member.get(f"/v1/accounts/{facts['account']}")[1] for facts in network.facts["nodes"]]

    @staticmethod
    def rests(member):
        before = member.head()
        time.sleep(0.5)
        return member.head() == before

    def with_blocks(self, network, first, count=5):
        """`first` runs until there are some blocks, and ends; its height and balances."""
        first.start()
        network.load([first])
        processes.wait_until(lambda: network.loaders[first.name].count() >= count, "some blocks")
        network.loaders.pop(first.name).stop()
        processes.wait_until(lambda: self.rests(first), "what was in flight is in a block")
        height, balances = first.head()[0], self.balances(network, first)
        self.assertEqual(first.stop(), 0)
        return height, balances

    def test_a_home_begins_with_a_snapshot_and_follows(self):
        with processes.temporary_home() as folder, Network(folder, validators=1, followers=1) as network:
            first, fresh = network.members
            out = pathlib.Path(folder) / "state"
            self.assertIn("no block yet", self.command(first, "create", status=2)[1])
            height, balances = self.with_blocks(network, first)

            made = json.loads(self.command(first, "create", "--json", "--out", out)[0])
            self.assertEqual(made["height"], height)
            self.assertIn("not an empty folder", self.command(first, "create", "--out", out, status=2)[1])
            self.assertEqual(json.loads(self.command(first, "list", "--json")[0]), [])
            self.command(first, "create")
            listed = json.loads(self.command(first, "list", "--json")[0])
            self.assertEqual([(one["height"], one["id"]) for one in listed], [(height, made["id"])])
            for which in ((), (height,), (out,)):
                checked = json.loads(self.command(first, "verify", "--json", *which)[0])
                self.assertTrue(checked["verified"])
                self.assertEqual(checked["entries"], made["entries"])

            restored = json.loads(self.command(fresh, "restore", "--json", out)[0])
            self.assertEqual((restored["id"], restored["silenced"]), (made["id"], ""))
            self.assertIn("a ledger already", self.command(fresh, "restore", out, status=2)[1])
            report = self.verify(fresh)
            self.assertEqual((report["from"], report["stateRoot"]), (height, made["stateRoot"]))
            self.assertIn(f"blocks 1 to {height - 1}", report["notChecked"][0])

            fresh.start()  # alone, it answers what it was given
            self.assertEqual(self.balances(network, fresh), balances)
            status, answer = fresh.get(f"/v1/blocks/{height - 1}")
            self.assertEqual((status, answer["error"]["code"]), (410, "pruned"), answer)
            first.start()
            network.load([first])
            processes.wait_until(lambda: fresh.head()[0] > height + 3, "the follower goes on")
            network.end_load()
            processes.wait_until(lambda: self.rests(first), "what was in flight is in a block")
            network.same_head()
            self.assertEqual(self.balances(network, fresh), self.balances(network, first))
            network.stop()
            self.assertEqual(self.verify(fresh)["blocks"], self.verify(first)["blocks"] - height)
            # It has all it takes to write one of its own.
            self.assertGreater(json.loads(self.command(fresh, "create", "--json")[0])["height"], height)

    def test_a_flipped_byte_is_named_and_refused(self):
        with processes.temporary_home() as folder, Network(folder, validators=1, followers=1) as network:
            first, fresh = network.members
            whole, damaged = pathlib.Path(folder) / "whole", pathlib.Path(folder) / "damaged"
            self.with_blocks(network, first, 1)
            self.command(first, "create", "--out", whole)
            for name, found in (("chunk-00000", "chunk 0"), ("manifest", "")):
                shutil.copytree(whole, damaged, dirs_exist_ok=True)
                bytes_ = bytearray((damaged / name).read_bytes())
                bytes_[len(bytes_) // 2] ^= 1
                (damaged / name).write_bytes(bytes_)
                for member, word in ((first, "verify"), (fresh, "restore")):
                    problem = self.command(member, word, damaged, status=3)[1]
                    self.assertIn(str(damaged), problem)
                    self.assertIn(found, problem)
            (damaged / "manifest").write_bytes((whole / "manifest").read_bytes())
            (damaged / "chunk-00000").unlink()
            self.assertIn("chunk-00000 is missing", self.command(fresh, "restore", damaged, status=3)[1])
            self.command(fresh, "restore", whole)  # what was refused stands in nobody's way

    def test_a_key_that_voted_in_it_is_silent_afterwards(self):
        with processes.temporary_home() as folder, Network(folder, validators=1, followers=0) as network:
            first, = network.members
            out = pathlib.Path(folder) / "state"
            self.with_blocks(network, first, 1)
            self.command(first, "create", "--out", out)
            shutil.rmtree(first.home / "data")
            self.assertIn("will not vote", self.command(first, "restore", out)[1])
            with first.launch() as program:
                processes.wait_until(lambda: not program.running(), "the program ends")
                self.assertIn("must not vote", program.log())

    def test_another_network_does_not_take_it(self):
        with processes.temporary_home() as one, processes.temporary_home() as two:
            with Network(one, validators=1) as network, Network(two, validators=1) as other:
                out = pathlib.Path(one) / "state"
                self.with_blocks(network, network.members[0], 1)
                self.command(network.members[0], "create", "--out", out)
                self.assertIn(str(out), self.command(other.members[0], "restore", out, status=3)[1])


if __name__ == "__main__":
    unittest.main()
