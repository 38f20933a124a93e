"""Sealed batches on real nodes: put, fetched from many at once, killed, damaged, full; nothing of the text is anywhere."""
import json
import os
import signal
import subprocess
import unittest

from support import processes
from support.batch_case import CHUNK, BatchCase, metric


class StoredBatches(BatchCase):
    def test_a_batch_comes_from_three_nodes_though_one_is_killed_and_one_is_damaged(self):
        sealed, source = self.seal(24)
        root = sealed["root"]
        first, second, third = (self.node() for _ in range(3))
        for node in (first, second, third):
            self.assertEqual(self.put(node)["sent"], sealed["bytes"])
        self.assertEqual(self.put(first)["sent"], 0, "nothing is sent twice")

        second.program.kill()
        [chunks] = (second.home / "data/batches").rglob("*.chunks")
        with open(chunks, "r+b") as file:
            for chunk in (3, 400):
                file.seek(chunk * CHUNK + 99)
                byte = file.read(1)
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([byte[0] ^ 1]))
        second.start()
        processes.wait_until(lambda: metric(second, "millrace_batch_damaged_chunks_total") == 2, "the scrub finds both")
        self.assertEqual(self.status(second, root)["have"], ["0-2", "4-399", f"401-{sealed['chunks'] - 1}"])
        self.assertIn("damaged", second.program.log())

        started = subprocess.Popen(self.command("data", "fetch", root, *(word for node in (first, second, third)
                                                                         for word in ("--from", node.url(""))),
                                                "--to", self.folder / "fetched", "--rate", 8 << 20),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        partial = self.folder / "fetched" / f"{root}.partial" / "batch.sealed"
        processes.wait_until(lambda: partial.exists() and partial.stat().st_blocks > 4 << 11, "some chunks have come")
        third.program.kill()
        out, errors = started.communicate(timeout=120)
        self.assertEqual(started.returncode, 0, errors)
        providers = {provider["url"]: provider["bytes"] for provider in json.loads(out)["batches"][0]["providers"]}
        self.assertGreater(providers[first.url("")], 0)
        self.assertGreater(providers[second.url("")], 0)
        folder = self.folder / "fetched" / root
        self.assertEqual((folder / "batch.sealed").read_bytes(), (self.folder / "batch/batch.sealed").read_bytes())
        self.open(folder, source)
        self.assert_no_text_in(first, second, third)

    def test_a_killed_wallet_goes_on_where_it_was(self):
        sealed, source = self.seal(16)
        node = self.node()
        self.put(node)
        words = ["data", "fetch", sealed["root"], "--from", node.url(""), "--to", self.folder / "fetched"]
        started = subprocess.Popen(self.command(*words, "--rate", 2 << 20), stdout=subprocess.DEVNULL)
        partial = self.folder / "fetched" / f"{sealed['root']}.partial" / "batch.sealed"
        processes.wait_until(lambda: partial.exists() and partial.stat().st_blocks > 4 << 11, "some chunks have come")
        started.send_signal(signal.SIGKILL)
        started.wait()
        with open(partial, "r+b") as file:
            file.write(b"x" * 100)  # what is damaged meanwhile comes again
        done = self.millrace(*words)["batches"][0]
        self.assertLess(done["fetched"], sealed["bytes"] - (3 << 20))
        self.open(self.folder / "fetched" / sealed["root"], source)
        self.assertIn("is there already", self.millrace(*words, status=5))

    def test_a_node_fetches_for_its_operator_and_goes_on_after_a_kill(self):
        sealed, _ = self.seal(24)
        root = sealed["root"]
        first, second = self.node(), self.node()
        for node in (first, second):
            self.put(node)
        slow = self.node(fetchBytesPerS=3 << 20)
        self.assertEqual(self.ask(slow, "POST", f"/v1/batches/{root}/fetch", b"{}", by_operator=False)[0], 401)
        self.fetch_to(slow, root, [first, second])

        def some_are_here():
            status = self.status(slow, root)
            return status.get("present", 0) > 50
        processes.wait_until(some_are_here, "some chunks are here and on the disk")
        slow.program.kill()
        slow.configure(blobs={"fetchBytesPerS": 0})
        slow.start()
        before = self.status(slow, root)["present"]
        self.assertGreater(before, 50)
        self.fetch_to(slow, root, [first, second])
        fetch = self.fetched(slow, root)
        self.assertEqual(fetch["state"], "done", fetch)
        self.assertLessEqual(fetch["bytes"], sealed["bytes"] - (before - 1) * CHUNK)
        self.assertTrue(self.status(slow, root)["complete"])
        self.assertNotIn("fetch", [k for k, v in json.loads(self.ask(slow, "GET", f"/v1/batches/{root}",
                                                                    by_operator=False)[1]).items() if v])
        sealed_bytes = (self.folder / "batch/batch.sealed").read_bytes()
        self.assertEqual(self.ask(slow, "GET", f"/v1/batches/{root}/chunks/700-730")[1],
                         sealed_bytes[700 * CHUNK:731 * CHUNK])
        self.assert_no_text_in(first, second, slow)

    def test_full_quotas_and_wrong_chunks_are_refused(self):
        sealed, _ = self.seal(4)
        root = sealed["root"]
        little = self.node(quotaBytes=2 << 20)
        self.assertIn("full", self.put(little, status=9))
        present = self.status(little, root)["present"]
        self.assertGreater(present, 30)
        self.assertLess(metric(little, "millrace_batch_stored_bytes"), 2 << 20)

        node = self.node()
        self.put(node)
        self.assertEqual(self.ask(node, "DELETE", f"/v1/batches/{root}")[0], 200)
        manifest = (self.folder / "batch/batch.json").read_bytes()
        self.assertEqual(self.ask(node, "PUT", f"/v1/batches/{root}", manifest, by_operator=False)[0], 401)
        self.assertEqual(self.ask(node, "PUT", f"/v1/batches/{root}", manifest)[0], 201)
        leaves = (self.folder / "batch/batch.leaves").read_bytes()
        table = f"/v1/batches/{root}/table/0-{sealed['chunks'] - 1}"
        self.assertEqual(self.ask(node, "PUT", table, bytes(len(leaves)), by_operator=False)[0], 422)
        self.assertEqual(self.ask(node, "PUT", table, leaves, by_operator=False)[0], 200)
        status, body = self.ask(node, "PUT", f"/v1/batches/{root}/chunks/5", bytes(CHUNK), by_operator=False)
        self.assertEqual((status, json.loads(body)["error"]["code"]), (422, "wrong_chunk"))
        good = (self.folder / "batch/batch.sealed").read_bytes()[5 * CHUNK:6 * CHUNK]
        self.assertEqual(self.ask(node, "PUT", f"/v1/batches/{root}/chunks/5", good, by_operator=False)[0], 200)
        self.assertEqual(self.status(node, root)["have"], ["5"])


if __name__ == "__main__":
    unittest.main()
