"""Real files are sealed and opened by the program: byte for byte, in constant memory, whole or not at all."""
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import tempfile
import unittest

from support import processes

BIN = pathlib.Path(os.environ["MILLRACE_BIN"])
DATASET = "0x" + "5a" * 32
# Freed memory that a checked build keeps for a while would count as the program's.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"}


class SealedData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "passphrase").write_text("correct horse\n")
        (self.folder / "passphrase").chmod(0o600)
        self.master = self.millrace("master", "new", "farm", "--light")

    def command(self, *words):
        return [BIN / "millrace", "--home", self.folder / "home", "--json", "--passphrase-file",
                self.folder / "passphrase", *words]

    def millrace(self, *words, status=0):
        done = subprocess.run([str(w) for w in self.command(*words)], capture_output=True, text=True, env=ENVIRONMENT)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def seal(self, *paths, out="batch"):
        return self.millrace("data", "seal", *paths, "--to", "farm", "--dataset", DATASET, "--out", self.folder / out)

    def open(self, batch="batch", out="out"):
        return self.millrace("data", "open", self.folder / batch, "--master", "farm", "--out", self.folder / out)

    def peak_memory(self, *words):
        """KiB that the program held at most."""
        started = subprocess.Popen([str(w) for w in self.command(*words)], stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(started.returncode, 0)
        return usage.ru_maxrss

    def test_pictures_and_sensor_rows_come_back_byte_for_byte(self):
        source = random.Random(1)
        photos = self.folder / "photos"
        for name in ("a.png", "deep/b.png", "deep/er/c.png"):
            (photos / name).parent.mkdir(parents=True, exist_ok=True)
            (photos / name).write_bytes(b"\x89PNG\r\n\x1a\n" + source.randbytes(source.randrange(200_000)))
        rows = self.folder / "rows.csv"
        rows.write_text("t,x\n" + "".join(f"{i},{source.random()}\n" for i in range(5000)))
        sealed = self.seal(photos, rows)
        self.assertEqual(sealed["items"], 4)
        self.assertEqual(self.millrace("data", "verify", self.folder / "batch")["root"], sealed["root"])
        self.open()
        for path in [*photos.rglob("*.png"), rows]:
            self.assertEqual((self.folder / "out" / path.relative_to(self.folder)).read_bytes(), path.read_bytes())

    def test_a_lost_master_key_comes_back_from_enough_shares_and_from_no_fewer(self):
        (self.folder / "rows.csv").write_text("1,2\n" * 100)
        self.seal(self.folder / "rows.csv")
        split = self.millrace("master", "split", "farm", "-t", "2", "-n", "3", "--out", self.folder / "shares")
        files = [pathlib.Path(name) for name in split["shares"]]
        self.assertEqual([oct(file.stat().st_mode & 0o777) for file in files], ["0o600"] * 3)
        for file in (self.folder / "home").rglob("farm*"):
            file.unlink()
        self.millrace("data", "open", self.folder / "batch", "--master", "farm", "--out", self.folder / "none", status=3)
        lone = self.millrace("master", "recover", "farm", "--file", files[0], status=1)
        self.assertIn("1 more", lone["error"]["message"])
        back = self.millrace("master", "recover", "farm", "--file", files[2], "--file", files[0], "--light")
        self.assertEqual(back["publicKey"], self.master["publicKey"])
        self.open()
        self.assertEqual((self.folder / "out" / "rows.csv").read_text(), "1,2\n" * 100)

    def test_what_was_sealed_stands_nowhere_in_the_open(self):
        canary = "canary-" + random.Random(2).randbytes(16).hex()
        (self.folder / f"{canary}.txt").write_text(canary * 1000)
        self.seal(self.folder / f"{canary}.txt")
        for path in [*(self.folder / "batch").iterdir(), *(self.folder / "home").rglob("*")]:
            if path.is_file():
                self.assertNotIn(canary.encode(), path.read_bytes(), path)

    def test_a_large_file_takes_no_more_memory_than_a_small_one(self):
        sizes = {"small": 1 << 20, "large": 256 << 20}
        peaks = {}
        for name, size in sizes.items():
            with open(self.folder / name, "wb") as file:
                file.truncate(size)
            sealing = self.peak_memory("data", "seal", self.folder / name, "--to", "farm", "--dataset", DATASET,
                                       "--out", self.folder / f"{name}.batch")
            opening = self.peak_memory("data", "open", self.folder / f"{name}.batch", "--master", "farm",
                                       "--out", self.folder / f"{name}.out")
            peaks[name] = max(sealing, opening)
        self.assertEqual((self.folder / "large.out" / "large").stat().st_size, sizes["large"])
        self.assertLess(peaks["large"] - peaks["small"], 24 << 10, peaks)

    def test_a_killed_program_leaves_nothing_under_the_name(self):
        with open(self.folder / "large", "wb") as file:
            file.truncate(1 << 30)
        started = subprocess.Popen([str(w) for w in self.command("data", "seal", self.folder / "large", "--to", "farm",
                                                                 "--dataset", DATASET, "--out", self.folder / "batch")],
                                   stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        processes.wait_until(lambda: any(p.stat().st_size > 1 << 20 for p in self.folder.glob(".new-*/.new-*")),
                             "some chunks are written")
        started.send_signal(signal.SIGKILL)
        self.assertEqual(started.wait(), -signal.SIGKILL)
        self.assertFalse((self.folder / "batch").exists())
        (self.folder / "little").write_text("x")
        self.seal(self.folder / "little")

    def test_a_full_disk_is_told_and_leaves_nothing(self):
        (self.folder / "file").write_bytes(bytes(4 << 20))

        def little_space():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        done = subprocess.run([str(w) for w in self.command("data", "seal", self.folder / "file", "--to", "farm",
                                                            "--dataset", DATASET, "--out", self.folder / "batch")],
                              capture_output=True, text=True, env=ENVIRONMENT, preexec_fn=little_space)
        self.assertEqual(done.returncode, 9, done.stderr)
        self.assertIn("batch.sealed", done.stderr)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith((".new", "batch"))], [])


if __name__ == "__main__":
    unittest.main()
