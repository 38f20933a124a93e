"""kill -9 at random moments under load. MILLRACE_CRASH_ROUNDS sets how often, MILLRACE_CRASH_SEED repeats a run."""
import os
import pathlib
import random
import time
import unittest

from support import processes
from support.load import Load
from support.paid_node import PaidNode

ROUNDS = int(os.environ.get("MILLRACE_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("MILLRACE_CRASH_SEED", time.time_ns() % 2**32))


def enough(counts):
    """Whether there were answers to lose: final transfers, paid calls, calls paid by a transfer of their own."""
    final, paid, alone = counts
    return final > ROUNDS and paid > ROUNDS and alone > ROUNDS // 2


class Crash(unittest.TestCase):
    def test_what_was_answered_survives_kills_at_any_moment(self):
        print(f"{ROUNDS} rounds, seed {SEED}", flush=True)
        chance = random.Random(SEED)
        with processes.temporary_home() as folder:
            folder = pathlib.Path(folder)
            # Claims all the time, so that kills meet settlements too.
            with PaidNode(folder / "wallet", tokens=1_000_000, claims={"everyS": 1}) as node:
                load = Load(node, folder / "load")
                number = 0
                # On a machine too busy to answer between two kills, more of them until it did.
                while number < ROUNDS or (number < 4 * ROUNDS and not enough(load.counts())):
                    self.kill_once(node, load, chance, as_it_starts=number % 4 == 3)
                    number += 1
                final, paid, alone = counts = load.check()
                print(f"{final} final transfers, {paid} calls paid by vouchers, {alone} by transfers, all there",
                      flush=True)
                self.assertTrue(enough(counts), counts)
                self.assertEqual(node.program.stop(), 0)
                node.verify()

    @staticmethod
    def kill_once(node, load, chance, as_it_starts):
        if as_it_starts:  # and catches up
            node.program.kill()
            node.program = node.launch()
            time.sleep(chance.uniform(0.0, 0.5))
            node.program.kill()
            node.start()
        with load.launch() as running:
            time.sleep(chance.uniform(0.05, 1.0))
            node.program.kill()
            load.end(running)
        node.start()


if __name__ == "__main__":
    unittest.main()
