"""A device's frames and rows, through kills at random moments, come back byte for byte with the master key."""
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time
import unittest

from support import processes
from support.slow_node import SlowNode

BIN = pathlib.Path(os.environ["MILLRACE_BIN"])
NETWORK = "0x" + "11" * 32
DATASET = "0x" + "5a" * 32
SEED = int(os.environ.get("MILLRACE_SEED", "20"))


class Edge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in ("frames", "outbox"):
            (self.folder / name).mkdir()
        (self.folder / "passphrase").write_text("correct horse\n")
        (self.folder / "passphrase").chmod(0o600)
        self.master = self.millrace("master", "new", "farm", "--light")["publicKey"]
        self.device = self.edge("key", "new", self.folder / "device.key", "--json")["publicKey"]

    def millrace(self, *words):
        command = [BIN / "millrace", "--home", self.folder / "home", "--json", "--passphrase-file", self.folder / "passphrase", *words]
        return json.loads(processes.run(command, self.folder))

    def edge(self, *words, status=0):
        done = subprocess.run([str(w) for w in (BIN / "millrace-edge", *words)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stderr

    def seal_words(self, *words):
        return [str(w) for w in (BIN / "millrace-edge", "seal", "--key", self.folder / "device.key", "--queue", self.folder / "queue",
                                 "--network", NETWORK, "--dataset", DATASET, "--to", self.master, "--quiet-ms", 0,
                                 "--poll-ms", 20, *words)]

    def files_words(self, *words):
        return self.seal_words("--from", self.folder / "frames", *words)

    def send(self, **more):
        return self.edge("send", "--key", self.folder / "device.key", "--queue", self.folder / "queue",
                         "--outbox", self.folder / "outbox", "--json", **more)

    def status(self):
        return self.edge("status", "--queue", self.folder / "queue", "--json")

    def open_outbox(self):
        """Every item of every delivered batch: its name and bytes, in the order of the batches."""
        items = []
        for batch in sorted((self.folder / "outbox").iterdir()):
            if batch.name.startswith("."):
                continue
            self.millrace("data", "verify", batch)
            out = self.folder / "opened" / batch.name
            self.millrace("data", "open", batch, "--master", "farm", "--out", out)
            items += [(path.relative_to(out).as_posix(), path.read_bytes()) for path in sorted(out.rglob("*")) if path.is_file()]
        return items

    def test_frames_come_back_once_through_kills_at_random_moments(self):
        source = random.Random(SEED)
        taken = {}
        for life in range(12):
            for _ in range(source.randrange(1, 8)):
                name = f"cam/{len(taken):04}.jpg"
                path = self.folder / "frames" / name
                path.parent.mkdir(exist_ok=True)
                taken[name] = b"\xff\xd8\xff" + source.randbytes(source.randrange(120_000))
                hidden = path.with_name("." + path.name)
                hidden.write_bytes(taken[name])
                hidden.rename(path)
            words = ["--cut-bytes", "200kb", "--budget", "16mb"]
            if life % 2:
                words += ["--outbox", self.folder / "outbox"]
            if life % 3 == 0:
                words += ["--after", "delete"]
            running = subprocess.Popen(self.files_words(*words), stderr=subprocess.DEVNULL)
            time.sleep(source.uniform(0.02, 0.6))
            running.send_signal(signal.SIGKILL)
            self.assertEqual(running.wait(), -signal.SIGKILL, f"seed {SEED}")
        done = subprocess.run(self.files_words("--once"), capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.send()
        items = self.open_outbox()
        self.assertEqual(sorted(name for name, _ in items), sorted(taken), f"seed {SEED}")
        for name, content in items:
            self.assertEqual(content, taken[name], f"{name}, seed {SEED}")
        self.assertEqual(self.status()["batches"], 0)

    def test_rows_that_were_acknowledged_come_back_in_order(self):
        source = random.Random(SEED + 1)
        rows, safe = [], []
        for life in range(4):
            running = subprocess.Popen(self.seal_words("--rows", "--acknowledge", "--sync-ms", 0, "--shares", "rows"), text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            mine = []
            for i in range(source.randrange(20, 60)):
                mine.append(f"{life},{i},{source.random()}")
                running.stdin.write(mine[-1] + "\n")
                running.stdin.flush()
            if life < 3:
                running.stdout.readline()
                running.send_signal(signal.SIGKILL)
                rest = running.stdout.read().split()
                running.wait()
                told = int(rest[-1]) if rest else 1
                safe += mine[:told]
            else:
                running.stdin.close()
                acknowledged = running.stdout.read().split()
                self.assertEqual(running.wait(), 0)
                self.assertEqual(int(acknowledged[-1]), len(mine))
                safe += mine
            running.stdin.close()
            running.stdout.close()
            rows += mine
        self.send()
        got = [line for name, content in self.open_outbox() for line in content.decode().splitlines()]
        self.assertEqual(len(got), len(set(got)), "no row is there twice")
        self.assertEqual([row for row in rows if row in set(got)], got, "in order, and only what was given")
        self.assertLessEqual(set(safe), set(got), "what was acknowledged is there")
        shares = sum(int(json.loads((batch / "contribution.json").read_text())["shares"])
                     for batch in (self.folder / "outbox").iterdir() if not batch.name.startswith("."))
        self.assertEqual(shares, len(got))

    def record(self, running, rows):
        """Writes these rows and returns when all that were written so far are safe."""
        running.stdin.write("".join(row + "\n" for row in rows))
        running.stdin.flush()
        self.written = getattr(self, "written", 0) + len(rows)
        while int(running.stdout.readline() or self.fail("it ended")) < self.written:
            pass

    def test_rows_are_recorded_while_a_batch_is_on_its_way(self):
        """The upload does not end before the recording does; a kill in the middle of both loses nothing."""
        rows = [f"{i},{random.Random(i).random()}" for i in range(4000)]
        words = ("--rows", "--acknowledge", "--sync-ms", 0, "--cut-bytes", "16kb")
        with SlowNode() as node:
            running = subprocess.Popen(self.seal_words(*words, "--node", node.url), text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.addCleanup(lambda: (running.kill(), running.wait(), running.stdin.close(), running.stdout.close()))
            self.record(running, rows[:1000])
            self.assertTrue(node.asked.wait(60), "a batch is on its way")
            for begin in range(1000, 4000, 500):
                self.record(running, rows[begin:begin + 500])
            self.assertGreaterEqual(self.status()["batches"], 3, "batches are closed meanwhile")
            self.assertEqual((self.status()["sent"], node.requests), (0, 1), "and that one is still on its way")
            running.send_signal(signal.SIGKILL)
            running.wait()
        self.send()
        got = [line for _, content in self.open_outbox() for line in content.decode().splitlines()]
        self.assertEqual(got, rows)

    def test_a_full_queue_drops_the_oldest_batches_but_the_one_on_its_way(self):
        words = ("--rows", "--acknowledge", "--sync-ms", 0, "--cut-bytes", "16kb", "--budget", "100kb", "--when-full", "drop-oldest")
        with SlowNode() as node:
            running = subprocess.Popen(self.seal_words(*words, "--node", node.url), text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.addCleanup(lambda: (running.kill(), running.wait(), running.stdin.close(), running.stdout.close(), running.stderr.close()))
            self.record(running, [f"first {i}" for i in range(3000)])
            self.assertTrue(node.asked.wait(60), "a batch is on its way")
            for part in range(20):
                self.record(running, [f"{part} {i} {'x' * 60}" for i in range(200)])
            self.assertGreater(self.status()["droppedBatches"], 0)
            self.assertLessEqual(self.status()["fileBytes"], 100 * 1024)
            running.send_signal(signal.SIGTERM)
            # What was recorded is closed before the upload is waited for.
            processes.wait_until(lambda: self.status()["openItems"] == 0, "the last batch is closed")
            self.assertIsNone(running.poll(), "it waits for the batch that is on its way")
            node.let_go()
            _, said = running.communicate(timeout=60)
            self.assertEqual(running.returncode, 0, said)
        self.send()
        got = [line for _, content in self.open_outbox() for line in content.decode().splitlines()]
        self.assertIn("first 0", got, "what was on its way is kept")
        self.assertIn(f"19 199 {'x' * 60}", got, "and what came last")
        self.assertLess(len(got), 3000 + 20 * 200)

    def test_stops_when_asked_and_closes_what_it_has(self):
        (self.folder / "frames/one").write_bytes(b"1")
        running = subprocess.Popen(self.files_words("--outbox", self.folder / "outbox"), stderr=subprocess.PIPE, text=True)
        processes.wait_until(lambda: (self.folder / "queue").exists() and self.status()["openItems"] == 1, "it is taken")
        self.edge("send", "--key", self.folder / "device.key", "--queue", self.folder / "queue", "--outbox", self.folder / "outbox", status=4)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0, said)
        self.assertEqual(self.open_outbox(), [("one", b"1")])
        self.assertEqual((self.folder / "frames/one").read_bytes(), b"1", "it is kept unless deleting was asked for")

    def test_nothing_in_the_queue_is_in_the_clear_and_no_secret_is(self):
        canary = "canary-" + random.Random(2).randbytes(16).hex()
        (self.folder / f"frames/{canary}.txt").write_text(canary * 3000)
        done = subprocess.run(self.files_words("--once"), capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = subprocess.run(self.seal_words("--rows"), input=(canary + "\n") * 100, capture_output=True, text=True, timeout=120)
        self.assertEqual(rows.returncode, 0, rows.stderr)
        self.send()
        key = (self.folder / "device.key").read_text().strip()
        looked_at = [path for folder in ("queue", "outbox") for path in (self.folder / folder).rglob("*") if path.is_file()]
        self.assertGreater(len(looked_at), 5)
        for path in looked_at:
            for secret in (canary.encode(), key.encode(), bytes.fromhex(key)):
                self.assertNotIn(secret, path.read_bytes(), path)
        self.assertEqual((self.folder / "queue").stat().st_mode & 0o777, 0o700)
        self.assertEqual((self.folder / "device.key").stat().st_mode & 0o777, 0o600)

    def test_a_contribution_says_what_the_manifest_says(self):
        (self.folder / "frames/one").write_bytes(b"x" * 100_000)
        subprocess.run(self.files_words("--once"), check=True, capture_output=True, timeout=120)
        self.assertEqual(self.send(), {"sent": 1, "setAside": 0, "refused": 0})
        self.assertEqual(self.send(), {"sent": 0, "setAside": 0, "refused": 0})
        (batch,) = [p for p in (self.folder / "outbox").iterdir() if not p.name.startswith(".")]
        said = json.loads((batch / "contribution.json").read_text())
        manifest = self.millrace("data", "verify", batch)
        for name in ("dataset", "point", "root", "chunks", "bytes"):
            self.assertEqual(said[name], str(manifest[name]))
        self.assertEqual(said["wraps"], [wrap["key"] for wrap in manifest["wraps"]])
        self.assertEqual((said["network"], said["batch"], said["shares"]), (NETWORK, "1", "100000"))
        self.assertEqual(said["device"], self.device)
        self.assertEqual(len(said["signature"]), 2 + 2 * 65)

    def test_a_full_queue_refuses_and_files_wait_until_there_is_room(self):
        contents = {f"f{i}": random.Random(i).randbytes(60_000) for i in range(4)}
        for name, content in contents.items():
            (self.folder / "frames" / name).write_bytes(content)
        words = ("--once", "--budget", "150kb", "--cut-bytes", "64kb")
        full = subprocess.run(self.files_words(*words), capture_output=True, text=True, timeout=120)
        self.assertEqual(full.returncode, 7, full.stderr)
        self.assertIn("budget", full.stderr)
        self.send()
        again = subprocess.run(self.files_words(*words), capture_output=True, text=True, timeout=120)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.send()
        self.assertEqual(dict(self.open_outbox()), contents)

    def test_settings_may_stand_in_a_file(self):
        (self.folder / "frames/one").write_bytes(b"1")
        settings = {"key": self.folder / "device.key", "queue": self.folder / "queue", "network": NETWORK, "dataset": DATASET,
                    "to": self.master, "from": self.folder / "frames"}
        (self.folder / "edge.toml").write_text("[seal]\nquiet-ms = 0\nonce = true\n" + "".join(f'{k} = "{v}"\n' for k, v in settings.items()))
        self.assertIn("took 1 files", self.edge("--config", self.folder / "edge.toml", "seal"))
        self.assertEqual(self.status()["batchItems"], 1)

    def test_says_what_is_wrong(self):
        nowhere = self.folder / "nowhere"
        self.assertIn("nowhere", self.edge("status", "--queue", nowhere, status=3))
        self.assertIn("no device key", self.edge("key", "show", self.bad_key(), status=1))
        self.edge("key", "new", self.folder / "device.key", status=5)
        self.edge("seal", status=1)
        self.edge(*self.seal_words()[1:], status=1)
        subprocess.run(self.files_words("--once"), check=True, capture_output=True, timeout=120)
        other = self.seal_words("--from", self.folder / "frames", "--once")
        other[other.index(DATASET)] = "0x" + "77" * 32
        self.assertIn("another network, dataset or device", self.edge(*other[1:], status=5))
        (self.folder / "outbox").rmdir()
        (self.folder / "frames/one").write_bytes(b"1")
        subprocess.run(self.files_words("--once"), check=True, capture_output=True, timeout=120)
        self.assertIn("is not there", self.send(status=4))

    def bad_key(self):
        path = self.folder / "bad.key"
        path.write_text("no key\n")
        path.chmod(0o600)
        return path


if __name__ == "__main__":
    unittest.main()
