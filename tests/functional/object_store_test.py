"""Sealed batches whose chunks lie in a real object store: put, fetched, damaged there, unreachable, refused, killed in the middle."""
import json
import os
import subprocess
import unittest

from support import processes
from support.batch_case import CHUNK, BatchCase, metric
from support.node import BIN, Node
from support.object_store import ObjectStore

OBJECT_CHUNKS = 31


class ChunksInAnObjectStore(BatchCase):
    def store(self, **options):
        folder = processes.temporary_home()
        self.addCleanup(folder.cleanup)
        store = ObjectStore(folder.name, **options)
        self.addCleanup(store.stop)
        return store

    def bucket_node(self, store, start=True, **blobs):
        node = Node(blobs={"scrubBytesPerS": 200 << 20, "scrubRestS": 1})
        self.addCleanup(node.__exit__, None, None, None)
        node.configure(blobs={"bucket": store.config(node.home), **blobs})
        return node.start() if start else node

    def assert_secret_only_in_its_file(self, store, *nodes):
        places = [path for node in nodes for path in node.folder.rglob("*") if path.is_file()]
        self.assertEqual({path.name for path in places if store.secret.encode() in path.read_bytes()}, {"bucket.secret"})
        for node in nodes:
            for path in ("/metrics", "/v1/status", "/openapi.json"):
                self.assertNotIn(store.secret, str(node.get(path)[1]))

    def doctor(self, node, environment=None):
        """What it finds of the bucket."""
        done = subprocess.run([BIN / "millraced", "doctor", "--home", node.home, "--json"], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **(environment or {})})
        found = {found["check"]: found for found in json.loads(done.stdout)["checks"]}["bucket"]
        if found["health"] == "fail":
            self.assertEqual(done.returncode, 2, done.stdout)
        return found

    def test_a_batch_goes_there_and_comes_back_to_nodes_and_wallets(self):
        store = self.store().start()
        sealed, source = self.seal(6)
        root = sealed["root"]
        node = self.bucket_node(store)
        self.assertEqual(self.put(node)["sent"], sealed["bytes"])
        self.assertEqual(len(store.objects()), -(-sealed["chunks"] // OBJECT_CHUNKS), "an object a MiB")
        self.assertTrue(store.objects()[0].parent.as_posix().endswith(f"nodes/one/{root.removeprefix('0x')}"))
        self.assertEqual(list(node.home.rglob("*.chunks")), [])
        self.assertEqual(metric(node, "millrace_bucket_up"), 1)
        self.assertEqual(metric(node, "millrace_bucket_sent_bytes_total"), sealed["bytes"])

        self.assertEqual(node.program.stop(), 0)
        node.start()
        self.assertTrue(self.status(node, root)["complete"])
        other = self.node()
        self.fetch_to(other, root, [node])
        self.assertEqual(self.fetched(other, root)["state"], "done")
        self.millrace("data", "fetch", root, "--from", node.url(""), "--to", self.folder / "fetched")
        folder = self.folder / "fetched" / root
        self.assertEqual((folder / "batch.sealed").read_bytes(), (self.folder / "batch/batch.sealed").read_bytes())
        self.open(folder, source)
        part = (self.folder / "batch/batch.sealed").read_bytes()[40 * CHUNK:70 * CHUNK]
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}/chunks/40-69")[1], part)

        self.assert_secret_only_in_its_file(store, node)
        self.assert_no_text_in(node, other)
        self.assertNotIn(self.canary, b"".join(path.read_bytes() for path in store.objects()))
        self.assertEqual(self.ask(node, "DELETE", f"/v1/batches/{root}")[0], 200)
        self.assertEqual(store.objects(), [], "what is removed is removed there")
        self.assertEqual(metric(node, "millrace_batch_stored_bytes"), 0)

    def test_what_is_lost_or_damaged_there_is_never_served_and_comes_again_from_others(self):
        store = self.store().start()
        sealed, _ = self.seal(4)
        root = sealed["root"]
        source, node = self.node(), self.bucket_node(store)
        self.put(source)
        self.fetch_to(node, root, [source])
        self.assertEqual(self.fetched(node, root)["state"], "done")
        # What was written in pieces has been written more than once.
        processes.wait_until(lambda: len(store.objects()) == -(-sealed["chunks"] // OBJECT_CHUNKS), "one object of each is left", 60, 0.5)
        before = [path.read_bytes() for path in store.objects()]
        lost, damaged = store.objects()[:2]
        lost.unlink()
        broken = bytearray(damaged.read_bytes())
        broken[5 * CHUNK + 7] ^= 1
        damaged.write_bytes(broken)
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}/chunks/0-9")[0], 404)
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}/chunks/{OBJECT_CHUNKS + 5}")[0], 404)

        def is_whole_again():
            return metric(node, "millrace_batch_damaged_chunks_total") > OBJECT_CHUNKS - 2 and self.status(node, root)["complete"]
        processes.wait_until(is_whole_again, "the scrub finds it, and it is fetched again", 180, 0.5)
        processes.wait_until(lambda: [path.read_bytes() for path in store.objects()] == before, "what is left over is removed", 60, 0.5)
        self.assertIn("damaged and thrown away", node.program.log())

    def test_a_store_that_is_down_refuses_batches_and_loses_none(self):
        store = self.store()
        sealed, _ = self.seal(3)
        root = sealed["root"]
        manifest = (self.folder / "batch/batch.json").read_bytes()
        node = self.bucket_node(store)

        def refused(method, path, body=b""):
            status, answer = self.ask(node, method, path, body)
            self.assertEqual(status, 503, answer)
            self.assertIn(f"the bucket sealed at 127.0.0.1:{store.port} cannot be reached", answer.decode())
        refused("PUT", f"/v1/batches/{root}", manifest)
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}")[0], 404)
        self.assertEqual(node.get("/healthz")[0], 200, "all else goes on")
        self.assertEqual(metric(node, "millrace_bucket_up"), 0)
        self.assertEqual(node.program.log().count("cannot be reached"), 1, "one line for all of it")

        store.start()
        processes.wait_until(lambda: self.ask(node, "PUT", f"/v1/batches/{root}", manifest)[0] == 201, "it is asked again", 30, 0.5)
        self.put(node)
        store.stop()
        refused("GET", f"/v1/batches/{root}/chunks/0-9")
        refused("DELETE", f"/v1/batches/{root}")
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}")[0], 404, "it is gone, for callers")
        again, _ = self.seal(2, "again")
        refused("PUT", f"/v1/batches/{again['root']}", (self.folder / "again/batch.json").read_bytes())
        node.program.kill()
        node.start()
        store.start()
        processes.wait_until(lambda: self.ask(node, "PUT", f"/v1/batches/{root}", manifest)[0] == 201, "it is asked again", 30, 0.5)
        self.assertEqual(store.objects(), [], "what could not be removed is")
        self.assertEqual(self.put(node)["sent"], sealed["bytes"])
        store.stop()
        node.program.kill()
        node.start()
        self.assertTrue(self.status(node, root)["complete"], "what was acknowledged is not forgotten")
        refused("GET", f"/v1/batches/{root}/chunks/0-9")
        store.start()
        want = (self.folder / "batch/batch.sealed").read_bytes()[:10 * CHUNK]
        processes.wait_until(lambda: self.ask(node, "GET", f"/v1/batches/{root}/chunks/0-9") == (200, want), "it is served again", 30, 0.5)
        self.assertNotIn("thrown away", node.program.log())

    def test_passing_trouble_is_waited_for(self):
        store = self.store().start()
        sealed, _ = self.seal(2)
        node = self.bucket_node(store)
        store.trouble(status=503, code="SlowDown", method="PUT")
        putting = subprocess.Popen(self.command("--node", node.url(""), "data", "put", self.folder / "batch", "--token-file",
                                                node.home / "keys/operator.token"), stdout=subprocess.PIPE, text=True)
        processes.wait_until(lambda: metric(node, "millrace_bucket_retries_total") > 0, "a request is sent again")
        store.trouble()
        self.assertEqual(json.loads(putting.communicate(timeout=60)[0])["sent"], sealed["bytes"])
        self.assertEqual(metric(node, "millrace_bucket_failures_total"), 0)

    def test_a_wrong_secret_is_one_clear_line_and_a_public_one_no_start(self):
        store = self.store().start()
        sealed, _ = self.seal(2)
        node = self.bucket_node(store, start=False)
        file = node.home / "keys/bucket.secret"
        file.write_text("wrong-secret-of-somebody\n")
        node.start()
        manifest = (self.folder / "batch/batch.json").read_bytes()

        def was_refused_again():
            # The wallet would wait for the node two minutes each time.
            status, answer = self.ask(node, "PUT", f"/v1/batches/{sealed['root']}", manifest)
            self.assertEqual(status, 503, answer)
            self.assertIn("SignatureDoesNotMatch", answer.decode())
            return metric(node, "millrace_bucket_failures_total") > 2
        processes.wait_until(was_refused_again, "the store is asked again", 60, 0.5)
        lines = [line for line in node.program.log().splitlines() if "SignatureDoesNotMatch" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("look at blobs.bucket.accessKey, its secretFile", lines[0])
        for path in node.folder.rglob("*"):
            if path.is_file() and path != file:
                self.assertNotIn(b"wrong-secret-of-somebody", path.read_bytes(), path)
        self.assertEqual(self.doctor(node)["health"], "fail")
        node.program.stop()

        store.config(node.home)
        file.chmod(0o644)
        failing = node.launch()
        processes.wait_until(lambda: not failing.running(), "it ends")
        self.assertIn("blobs.bucket.secretFile", failing.log())
        file.chmod(0o600)
        node.start()
        self.assertEqual(self.put(node)["sent"], sealed["bytes"])

    def test_a_removal_that_the_store_carries_out_late_removes_nothing_that_came_since(self):
        store = self.store().start()
        sealed, _ = self.seal(2)
        root = sealed["root"]
        node = self.bucket_node(store)
        self.put(node)
        store.trouble(late=True, method="POST")
        self.assertEqual(self.ask(node, "DELETE", f"/v1/batches/{root}")[0], 503)
        store.trouble()
        manifest = (self.folder / "batch/batch.json").read_bytes()
        processes.wait_until(lambda: self.ask(node, "PUT", f"/v1/batches/{root}", manifest)[0] == 201, "it is asked again", 30, 0.5)
        self.assertEqual(self.put(node)["sent"], sealed["bytes"])
        before = store.objects()
        store.trouble(carryOut=True)
        want = (self.folder / "batch/batch.sealed").read_bytes()[:10 * CHUNK]
        self.assertEqual(self.ask(node, "GET", f"/v1/batches/{root}/chunks/0-9"), (200, want))
        self.assertIn("late POST", store.program.log())
        self.assertEqual(store.objects(), before)

    def test_a_node_killed_in_the_middle_of_an_upload_goes_on(self):
        store = self.store().start()
        sealed, source = self.seal(8)
        root = sealed["root"]
        node = self.bucket_node(store)
        store.trouble(delayMs=200, method="PUT")
        putting = subprocess.Popen(self.command("--node", node.url(""), "data", "put", self.folder / "batch", "--token-file",
                                                node.home / "keys/operator.token"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes.wait_until(lambda: self.status(node, root).get("present", 0) >= 2 * OBJECT_CHUNKS, "some chunks are there")
        acknowledged = self.status(node, root)["present"]
        node.program.kill()
        self.assertNotEqual(putting.wait(60), 0)
        store.trouble()
        node.start()
        there = self.status(node, root)["present"]
        self.assertGreaterEqual(there, acknowledged)
        self.assertLess(there, sealed["chunks"])
        self.assertEqual(self.put(node)["sent"], sealed["bytes"] - there * CHUNK)
        self.millrace("data", "fetch", root, "--from", node.url(""), "--to", self.folder / "fetched")
        self.open(self.folder / "fetched" / root, source)
        processes.wait_until(lambda: sum(path.stat().st_size for path in store.objects()) == sealed["bytes"],
                             "what the killed node left over is removed", 60, 0.5)
        self.assertNotIn("thrown away", node.program.log())

    def test_https_and_the_doctor(self):
        store = self.store(tls=True).start()
        sealed, _ = self.seal(2)
        node = self.bucket_node(store)
        self.assertEqual(self.put(node)["sent"], sealed["bytes"])
        found = self.doctor(node)
        self.assertEqual(found["health"], "ok", found)
        self.assertIn("takes objects, gives them back and removes them", found["found"])
        self.assertEqual(len(store.objects()), -(-sealed["chunks"] // OBJECT_CHUNKS))
        found = self.doctor(node, {"MILLRACE_BLOBS_BUCKET_REGION": "us-east-1"})
        self.assertIn("look at blobs.bucket.region", found["found"])
        found = self.doctor(node, {"MILLRACE_BLOBS_BUCKET_AUTHORITIES": ""})
        self.assertIn("certificate that does not hold", found["found"])

    def test_the_place_of_chunks_is_not_changed_by_mistake(self):
        store = self.store().start()
        self.seal(2)
        node = self.node()
        self.put(node)
        node.program.stop()
        node.configure(blobs={"bucket": store.config(node.home)})
        failing = node.launch()
        processes.wait_until(lambda: not failing.running(), "it ends")
        self.assertIn("lie in this folder, not in http://127.0.0.1", failing.log())
        node.configure(blobs={"dir": "data/far"})
        node.start()
        node.program.stop()
        node.configure(blobs={"dir": "data/batches", "bucket": {"url": ""}})
        node.start()
        self.assertEqual(self.put(node)["sent"], 0, "all is there")


if __name__ == "__main__":
    unittest.main()
