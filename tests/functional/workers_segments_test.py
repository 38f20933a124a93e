"""What several workers commit to: every segment is there, and all its steps were taken by as many."""
import contextlib
import json
import os
import signal
import time
import unittest

from support.trainer_case import run
from support.workers_case import WorkersCase, children_of, has_ended, stat_of, wait_until


def stand_still(processes):
    """Whether all of them wait and compute nothing for a while."""
    before = [stat_of(each) for each in processes]
    time.sleep(2)
    return before == [stat_of(each) for each in processes] and all(each[1] == "S" for each in before)


def taken_from(pipe):
    """What is in a pipe now."""
    content = b""
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(pipe, 65536):
            content += piece
    return content


class WorkersSegmentsTest(WorkersCase):
    def test_a_segment_that_the_lost_one_has_not_written_is_written_by_the_next(self):
        # The log takes nothing more: whoever writes stops after the last step of the first segment, before it is kept.
        log, segments, checkpoint = (self.folder / f"full.{each}" for each in ("log", "segments", "checkpoint"))
        os.mkfifo(log)
        pipe = os.open(log, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, pipe)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(pipe, b"\n" * 4096)
        program = self.started("--epochs", "2", "--workers", "3", "--out", self.folder / "full.onnx", "--segment", "8",
                               "--segments", segments, "--log", log, "--checkpoint", checkpoint, "--every", "7", "--json")
        wait_until(checkpoint.exists)
        workers = children_of(program.pid)
        wait_until(lambda: stand_still(workers.values()))
        first = workers[0]
        self.assertFalse((segments / "segment-000000").exists(), "that is what is to be lost")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: has_ended(first))
        notes = bytearray()

        def is_over():
            notes.extend(taken_from(pipe))
            return program.poll() is not None

        wait_until(is_over)
        output, error = self.ended(program)
        notes.extend(taken_from(pipe))
        said = json.loads(output)
        self.assertEqual([(each["worker"], each["back_to"], each["left"]) for each in said["lost"]], [(0, 8, 2)], error)
        self.assertEqual(said["workers"], "3,2@8")
        ends = [json.loads(line) for line in notes.decode().splitlines() if '"segment"' in line]
        self.assertEqual([(each["segment"], each["step"], each["workers"]) for each in ends], [(0, 8, "3"), (1, 16, "3,2@8")])
        # Three have taken these steps, and whoever replays them agrees.
        again = run("replay", *self.job, "--epochs", "2", "--workers", "3", "--take", "8", "--expect", ends[0]["commitment"])
        self.assertEqual(again.returncode, 0, again.stderr)
        kept = run("replay", *self.job, "--epochs", "2", "--from", segments / "segment-000000", "--take", "0", "--expect",
                   ends[0]["commitment"])
        self.assertEqual(kept.returncode, 0, kept.stderr)

    def test_another_number_goes_on_from_the_end_of_a_segment(self):
        log, segments, checkpoint = (self.folder / f"other.{each}" for each in ("log", "segments", "checkpoint"))
        words = ["--epochs", "2", "--out", self.folder / "other.onnx", "--segment", "8", "--segments", segments, "--log", log,
                 "--checkpoint", checkpoint, "--every", "5", "--json"]
        stopped = self.trained(*words, "--workers", "2", "--stop-after", "13")
        self.assertEqual((stopped["ended"], stopped["steps"]), ("stopped", 13))
        said = self.trained(*words, "--workers", "3", "--resume")
        self.assertEqual(said["workers"], "2,3@8", "the steps after the 8th are taken again")
        ends = self.segments_in(log)
        self.assertEqual([(each["step"], each["workers"]) for each in ends], [(8, "2"), (16, "2,3@8")])
        again = run("replay", *self.job, "--epochs", "2", "--from", segments / "segment-000000", "--take", "8", "--workers", "3",
                    "--expect", ends[1]["commitment"])
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_a_checkpoint_in_the_midst_of_a_segment_is_refused_with_words(self):
        checkpoint = self.folder / "midst.checkpoint"
        words = ["--epochs", "3", "--out", self.folder / "midst.onnx", "--checkpoint", checkpoint]
        self.trained(*words, "--stop-after", "13", "--json")
        segments = self.folder / "midst.segments"
        words += ["--resume", "--segment", "8", "--segments", segments]
        refused = run("train", *self.job, *words, "--workers", "2")
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("the checkpoint is after step 13, in the midst of segment 1 of 8 steps", refused.stderr)
        self.assertIn(f"{segments}/segment-000000 in the place of {checkpoint} goes on from the end of the one before",
                      refused.stderr)
        # As many as before, one, may.
        self.assertEqual(self.trained(*words, "--stop-after", "17", "--json")["steps"], 17)


if __name__ == "__main__":
    unittest.main()
