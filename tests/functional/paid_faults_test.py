"""Paid calls of which most go wrong on their way, while node and callers are killed. MILLRACE_FAULT_CALLS says how many calls
must have been paid for at the end, MILLRACE_FAULT_SEED repeats a run; ./dev bench calls makes a hundred thousand."""
import json
import os
import pathlib
import random
import time
import unittest

from support import processes
from support.load import Load
from support.paid_node import PaidNode

CALLS = int(os.environ.get("MILLRACE_FAULT_CALLS", "250"))
SEED = int(os.environ.get("MILLRACE_FAULT_SEED", time.time_ns() % 2**32))
FAULTS = 50  # of a hundred calls


def settled(node, channels):
    """{channel: (receipted, claimed and settled on the ledger)} in micros."""
    return {channel: (sum(int(receipt["charged"]) for receipt in node.receipts(channel)),
                      int(node.get(f"/v1/channels/{channel}")[1]["totalClaimed"])) for channel in channels}


class PaidFaults(unittest.TestCase):
    def test_nothing_is_charged_twice_answered_for_nothing_or_lost_to_its_host(self):
        print(f"{CALLS} calls, seed {SEED}", flush=True)
        chance = random.Random(SEED)
        began = time.monotonic()
        endings = dict.fromkeys(("node killed", "caller killed", "node stopped", "run to its end"), 0)
        with processes.temporary_home() as folder:
            folder = pathlib.Path(folder)
            with PaidNode(folder / "wallet", tokens=10_000_000, claims={"everyS": 1}, log={"level": "warn"}) as node:
                load = Load(node, folder / "load", transfers=0, calls=4, faults=FAULTS, seed=SEED)
                paid = 0
                while paid < CALLS or not all(endings.values()):
                    ending = chance.choice(list(endings))
                    endings[ending] += 1
                    self.once(node, load, chance, ending)
                    paid = sum(load.counts()[1:])
                load.run(2)  # what was in flight is asked for again
                _, calls, alone = load.check()
                channels = load.told()[1]
                # The last claim of a channel rests on its last receipt: to the last unit.
                equal = lambda: all(receipted == claimed for receipted, claimed in settled(node, channels).values())
                processes.wait_until(equal, f"the ledger settles what was receipted: {settled(node, channels)}", 120, 0.2)
                for channel, answers in channels.items():
                    self.assertEqual(node.charged(channel), settled(node, channels)[channel][1])
                    self.assertGreaterEqual(node.charged(channel), max(answers.values()))
                metrics = node.get("/metrics")[1]
                self.assertIn("\nmillrace_owed_micros 0\n", metrics)
                self.assertEqual(node.program.stop(), 0)
                node.verify()
                print(f"{calls} calls paid by vouchers, {alone} by transfers, {load.faults_made()} requests spoiled by callers that "
                      f"lived to tell, {json.dumps(endings)}, {time.monotonic() - began:.0f} s", flush=True)

    @staticmethod
    def once(node, load, chance, ending):
        if ending == "run to its end":
            load.run(chance.uniform(0.5, 1.5))
            return
        with load.launch() as running:
            time.sleep(chance.uniform(0.2, 1.5))
            if ending == "caller killed":
                running.kill()
                return
            if ending == "node killed":
                node.program.kill()
            elif node.program.stop(90) != 0:
                raise AssertionError(node.program.log()[-2000:])
            load.end(running)
        node.start()


if __name__ == "__main__":
    unittest.main()
