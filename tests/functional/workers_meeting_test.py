"""Workers that are started one by one find each other, and nobody waits for long who has no part in it."""
import json
import shutil
import signal
import subprocess
import time
import unittest

from support.trainer_case import TRAINER
from support.workers_case import WorkersCase, children_of, wait_until


class WorkersMeetingTest(WorkersCase):
    def test_workers_that_are_started_one_by_one_meet(self):
        together = self.trained("--epochs", "1", "--workers", "2", "--out", self.folder / "together.onnx", "--json")
        for name, place in (("path", self.folder / "meet.socket"), ("port", "127.0.0.1:17411")):
            words = [*map(str, self.job), "--epochs", "1", "--workers", "2", "--rendezvous", str(place), "--json", "--join", "60"]
            programs = []
            for rank in (1, 0):
                out = self.folder / f"{name}{rank}.onnx"
                programs.append(subprocess.Popen([TRAINER, "train", *words, "--rank", str(rank), "--out", str(out)],
                                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
                self.addCleanup(self.end, programs[-1])
            outputs = [self.ended(each)[0] for each in programs]
            self.assertEqual(json.loads(outputs[1])["commitment"], together["commitment"])
            self.assertEqual(outputs[0], "", "the first tells it")
            self.assertTrue((self.folder / f"{name}0.onnx").exists())
            self.assertFalse((self.folder / f"{name}1.onnx").exists())
            self.assertFalse((self.folder / "meet.socket").exists())

    def test_workers_that_would_train_something_else_are_refused(self):
        place = self.folder / "unlike.socket"
        words = [*map(str, self.job), "--epochs", "1", "--workers", "2", "--rendezvous", str(place), "--quiet", "--join", "60"]
        programs = []
        for rank, rate in ((0, "0.1"), (1, "0.2")):
            programs.append(subprocess.Popen([TRAINER, "train", *words, "--rank", str(rank), "--rate", rate, "--out",
                                              str(self.folder / f"unlike{rank}.onnx")], stderr=subprocess.PIPE, text=True))
            self.addCleanup(self.end, programs[-1])
        for each in programs:
            _, error = each.communicate(timeout=120)
            self.assertEqual(each.returncode, 2, error)
            self.assertIn("worker 1 differs from worker 0 in the recipe\n", error)

    def one_of_two(self, rank, place, *words, data="train-images-idx3-ubyte"):
        """One of two workers that meet at `place`, in the background."""
        job = [self.folder / data if each == self.folder / "train-images-idx3-ubyte" else each for each in self.job]
        program = subprocess.Popen([TRAINER, "train", *map(str, job), "--workers", "2", "--rendezvous", str(place), "--rank",
                                    str(rank), "--out", str(self.folder / f"{place.name}{rank}.onnx"), "--quiet",
                                    *map(str, words)], stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, program)
        return program

    def test_workers_with_other_samples_are_refused(self):
        # As many of the same shape: one pixel of the last is another.
        shutil.copy(self.folder / "train-labels-idx1-ubyte", self.folder / "other-labels-idx1-ubyte")
        content = bytearray((self.folder / "train-images-idx3-ubyte").read_bytes())
        content[-1] ^= 1
        (self.folder / "other-images-idx3-ubyte").write_bytes(content)
        place = self.folder / "samples.socket"
        programs = [self.one_of_two(rank, place, "--epochs", "1", "--join", "60", data=data)
                    for rank, data in enumerate(("train-images-idx3-ubyte", "other-images-idx3-ubyte"))]
        for each in programs:
            _, error = self.ended(each, status=2)
            self.assertIn("worker 1 differs from worker 0 in the samples\n", error)
            self.assertNotIn("to measure on", error)

    def test_workers_that_would_end_elsewhere_are_refused(self):
        place = self.folder / "elsewhere.socket"
        programs = [self.one_of_two(rank, place, "--epochs", "1", "--join", "60", "--stop-after", 3 + rank) for rank in (0, 1)]
        for each in programs:
            _, error = self.ended(each, status=2)
            self.assertIn("worker 1 differs from worker 0 in --stop-after (4 instead of 3)", error)

    def test_who_comes_late_is_told_and_who_loses_the_first_ends(self):
        place, checkpoint = self.folder / "late.socket", self.folder / "late.checkpoint"
        words = ["--epochs", "2000", "--checkpoint", checkpoint]
        first, second = (self.one_of_two(rank, place, *words) for rank in (0, 1))
        wait_until(checkpoint.exists)
        began = time.monotonic()
        _, error = self.ended(self.one_of_two(1, place, "--epochs", "2000"), status=2)
        self.assertIn("the training has begun: nobody can join it any more", error)
        self.assertLess(time.monotonic() - began, 60, "long before the 600 seconds to join are over")
        _, error = self.ended(self.one_of_two(0, place, "--epochs", "2000"), status=4)
        self.assertIn("workers cannot meet there", error)
        self.assertIsNone(first.poll())
        first.kill()
        _, error = self.ended(second, status=5)
        self.assertIn("whoever adds up for the workers is gone", error)
        # The socket that it has left is in nobody's way.
        _, error = self.ended(self.one_of_two(0, place, "--epochs", "1", "--join", "1"), status=5)
        self.assertIn("these workers did not come: 1", error)

    def test_ctrl_c_ends_those_that_wait_for_each_other(self):
        place = self.folder / "waiting.socket"
        first = self.one_of_two(0, place, "--epochs", "1")
        wait_until(lambda: children_of(first.pid))
        first.send_signal(signal.SIGINT)
        _, error = self.ended(first, status=130)
        self.assertIn("interrupted, before training began", error)
        self.assertFalse(place.exists())

    def test_one_that_fails_ends_all_with_its_status(self):
        place = self.folder / "failing.socket"
        first = self.one_of_two(0, place, "--epochs", "1", "--join", "120")
        second = self.one_of_two(1, place, "--epochs", "1", "--join", "120", "--log", self.folder / "nowhere" / "log")
        for each in (first, second):
            _, error = self.ended(each, status=4)
            self.assertIn("nowhere/log cannot be opened", error)


if __name__ == "__main__":
    unittest.main()
