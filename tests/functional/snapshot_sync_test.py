"""A home without a ledger begins with a snapshot of its peers, whatever ends its process meanwhile."""
import json
import pathlib
import random
import time
import unittest

from support import processes
from support.liar import Liar
from support.network import BIN, Network


class SnapshotSync(unittest.TestCase):
    def grow(self, network, blocks):
        """Blocks on all but the last node, until a snapshot of at least so many is there."""
        *members, late = network.members
        network.start(members)
        network.load([members[0]])
        processes.wait_until(lambda: self.newest(members[0]) >= blocks, "a snapshot", 120)
        return members, late

    @staticmethod
    def newest(member):
        offers = member.get("/v1/snapshots")[1]["items"]
        return offers[0]["height"] if offers else 0

    def follows(self, network, late):
        network.end_load()
        height = network.same_head()
        accounts = [facts["account"] for facts in network.facts["nodes"]]
        self.assertEqual([late.get(f"/v1/accounts/{account}")[1] for account in accounts],
                         [network.members[0].get(f"/v1/accounts/{account}")[1] for account in accounts])
        network.stop()
        report = json.loads(processes.run([BIN / "millraced", "verify", "--json", "--home", late.home], network.logs))
        self.assertGreater(report["from"], 0)
        self.assertEqual(report["from"] + report["blocks"], height + 1)

    def test_a_late_node_begins_with_its_peers_state_among_liars(self):
        with processes.temporary_home() as folder, \
                Network(folder, validators=2, followers=1, snapshots={"everyBlocks": 8, "keep": 2}) as network:
            members, late = self.grow(network, 16)
            status = members[0].status()
            checkpoint = members[0].get("/v1/checkpoint")[1]
            (late.home / "trusted.json").write_text(json.dumps(checkpoint))
            with Liar(pathlib.Path(folder), status, 7) as liar:
                fixed = json.loads((late.home / "config.json").read_text())["peers"]["fixed"]
                late.configure(peers={"fixed": [liar.fixed, *fixed]},
                               consensus={"sync": "snapshot", "trustedCheckpoint": "trusted.json"})
                late.start()
                self.assertGreater(liar.greeted, 0)
            self.assertIn("the ledger begins with the snapshot of block", late.log())
            self.assertIn("misbehaves", late.log())
            self.assertGreaterEqual(late.status()["oldestBlock"], 8)
            self.assertEqual(late.get("/v1/blocks/1")[0], 410)
            metrics = members[0].get("/metrics")[1]
            self.assertNotIn("millrace_snapshots_written_total 0", metrics)
            self.follows(network, late)

    def test_kills_at_any_moment_leave_a_node_that_begins_all_the_same(self):
        chance = random.Random(5)
        with processes.temporary_home() as folder, \
                Network(folder, validators=1, followers=1, snapshots={"everyBlocks": 8}) as network:
            _, late = self.grow(network, 8)
            late.configure(consensus={"sync": "snapshot"})
            for _ in range(6):
                late.launch()
                time.sleep(chance.uniform(0.3, 4.0))
                late.kill()
            late.start()
            self.follows(network, late)

    def test_without_a_snapshot_anywhere_it_says_so_and_waits(self):
        with processes.temporary_home() as folder, \
                Network(folder, validators=1, followers=1, snapshots={"everyBlocks": 0}) as network:
            first, late = network.members
            first.start()
            late.configure(consensus={"sync": "snapshot"})
            late.launch()
            processes.wait_until(lambda: "1 peers, and none has shown a snapshot" in late.log(), "what it waits for")
            status, answer = late.get("/healthz")
            self.assertEqual((status, answer["status"]), (503, "syncing"))
            self.assertEqual(late.status()["snapshotSync"]["chunks"], 0)
            self.assertEqual(late.stop(), 0)

    def test_a_pruned_node_says_what_it_has_not(self):
        with processes.temporary_home() as folder, \
                Network(folder, validators=1, ledger={"keepBlocks": 128, "keepVersions": 64}) as network:
            first, = network.members
            first.start()
            network.load([first], lanes=4)
            processes.wait_until(lambda: first.status()["oldestBlock"] > 1, "blocks are dropped", 200)
            network.end_load()
            base = first.status()["oldestBlock"]
            status, answer = first.get("/v1/blocks/1")
            self.assertEqual((status, answer["error"]["code"]), (410, "pruned"))
            self.assertEqual(first.get(f"/v1/blocks/{base}")[0], 200)
            self.assertEqual(min(first.blocks()), base)
            network.stop()
            report = json.loads(processes.run([BIN / "millraced", "verify", "--json", "--home", first.home], network.logs))
            self.assertEqual(report["from"], base)
            self.assertEqual(len(report["notChecked"]), 2)


if __name__ == "__main__":
    unittest.main()
