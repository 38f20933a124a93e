"""Trains by the command line: a model that learns, interruptions that lose nothing, segments that can be done again."""
import json
import os
import signal
import struct
import subprocess
import time
import unittest

from support.trainer_case import BIN, TrainerCase, run


# What a training says of itself by words, and the job file that says the same.
WORDS = ["--epochs", "2", "--batch", "32", "--seed", "5", "--rate", "0.002", "--threads", "1", "--kind", "idx", "--classes",
         "0,1,2,3,4,5,6,7,8,9", "--scale", "0.004", "--test", "10%", "--split-seed", "3", "--head-only"]
JOB = {"version": 1, "recipe": {"epochs": 2, "batch": 32, "seed": 5, "optimiser": {"rate": 0.002}}, "threads": 1,
       "samples": {"kind": "idx", "classes": [str(i) for i in range(10)], "scale": 0.004}, "test": "10%", "splitSeed": 3,
       "headOnly": True}


class TrainTest(TrainerCase):
    """Each start of a checked program that has libtorch takes seconds: tests share two trainings, one of few digits by
    WORDS, of which everything is kept, and one of all digits, which learns."""

    FEW = 400

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.folder / "model.onnx"
        cls.digits("--samples", "100", "--held-out", "100", "--epochs", "1", "--out", cls.model)
        (cls.folder / "few").mkdir()
        cls.digits("--samples", str(cls.FEW), "--held-out", "100", "--dataset", cls.folder / "few")
        cls.few = [cls.model, "--data", cls.folder / "few/train-images-idx3-ubyte"]
        cls.few_job = [*cls.few, "--validation", cls.folder / "few/t10k-images-idx3-ubyte", "--threads", "1"]
        cls.job_file = cls.folder / "job.json"
        cls.job_file.write_text(json.dumps(JOB))
        cls.segments, cls.log = cls.folder / "segments", cls.folder / "segments.log"
        cls.by_words = cls.train(*cls.few, *WORDS, "--out", cls.folder / "words.onnx", "--segment", "5", "--segments",
                                 cls.segments, "--log", cls.log)
        cls.learnt = cls.train(*cls.job, "--epochs", "3", "--rate", "0.02", "--out", cls.folder / "digits.onnx", "--log",
                               cls.folder / "digits.log")

    @staticmethod
    def train(*arguments):
        done = run("train", *arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def lines(self, log, kind):
        return [json.loads(line) for line in log.read_text().splitlines() if f'"{kind}"' in line]

    def test_learns_digits_that_it_has_not_seen(self):
        out = self.folder / "digits.onnx"
        self.assertEqual(self.learnt["ended"], "finished")
        self.assertEqual(self.learnt["steps"], 3 * 32)
        epochs = self.lines(self.folder / "digits.log", "epoch")
        self.assertEqual([each["epoch"] for each in epochs], [1, 2, 3])
        self.assertGreater(max(each["held_out"]["accuracy"] for each in epochs), 0.93)
        checked = run("check", out, "--json")
        self.assertEqual(checked.returncode, 0)
        self.assertEqual(out.stat().st_mode & 0o777, 0o644)

    def test_an_interrupted_training_goes_on_to_the_same_bits(self):
        out, checkpoint = self.folder / "broken.onnx", self.folder / "broken.checkpoint"
        command = [BIN / "millrace-trainer", "train", *self.job, "--epochs", "3", "--rate", "0.02", "--out", out, "--resume",
                   "--checkpoint", checkpoint, "--every", "7", "--json"]
        signals = [signal.SIGINT, signal.SIGKILL, signal.SIGTERM, None]
        for which in signals:
            program = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if which is not None:
                before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
                deadline = time.monotonic() + 60
                while program.poll() is None and time.monotonic() < deadline:
                    if checkpoint.exists() and checkpoint.stat().st_mtime_ns > before:
                        program.send_signal(which)
                        break
                    time.sleep(0.01)
            output, error = program.communicate(timeout=120)
            self.assertIn(program.returncode, (0, 130, -9), error)
            if which in (signal.SIGINT, signal.SIGTERM) and program.returncode == 130:
                self.assertIn("--resume goes on", error)
        said = json.loads(output)
        self.assertEqual(said["ended"], "finished")
        self.assertEqual(said["commitment"], self.learnt["commitment"])
        self.assertEqual(said["model_id"], self.learnt["model_id"])
        self.assertEqual(out.read_bytes(), (self.folder / "digits.onnx").read_bytes())

    def test_a_segment_can_be_done_again_by_a_job_file_and_a_wrong_one_is_found(self):
        ends = self.lines(self.log, "segment")
        steps = self.by_words["steps"]
        self.assertEqual([(each["segment"], each["step"]) for each in ends],
                         [(i, min(5 * (i + 1), steps)) for i in range((steps + 4) // 5)])
        second = self.segments / "segment-000001"
        again = ["replay", *self.few, "--job", self.job_file, "--take", "5"]
        third = run(*again, "--from", second, "--expect", ends[2]["commitment"], "--json")
        self.assertEqual(third.returncode, 0, third.stderr)
        self.assertEqual(json.loads(third.stdout), {"step": 15, "commitment": ends[2]["commitment"], "agrees": True})
        model = self.folder / "lazy.onnx"
        lazy = run(*again[:-1], "4", "--from", second, "--expect", ends[2]["commitment"], "--model-out", model)
        self.assertEqual(lazy.returncode, 2)
        self.assertIn("another commitment was expected", lazy.stderr)
        self.assertFalse(model.exists(), "nobody should come to use a model that was not expected")
        changed = self.folder / "seed.json"
        changed.write_text(json.dumps({**JOB, "recipe": {**JOB["recipe"], "seed": 6}}))
        other = run("replay", *self.few, "--job", changed, "--take", "5", "--from", second)
        self.assertEqual(other.returncode, 2)
        self.assertIn("of another recipe", other.stderr)
        damaged = self.folder / "damaged-segment"
        content = bytearray((self.segments / "segment-000002").read_bytes())
        content[len(content) // 2] ^= 1
        damaged.write_bytes(content)
        self.assertIn("is damaged", run(*again, "--from", damaged).stderr)

    def test_a_state_gives_the_model_that_training_wrote(self):
        """Also where training ended early: then the best is written, which is not the last."""
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        recipe = self.folder / "early.json"
        recipe.write_text('{"epochs": 40, "optimiser": {"rate": 0.02}, "validation": {"patience": 2, "by": "loss"}}')
        job = [*self.few_job, "--recipe", recipe]
        out, segments = self.folder / "early.onnx", self.folder / "early"
        said = self.train(*job, "--out", out, "--segment", "20", "--segments", segments)
        self.assertEqual(said["ended"], "early")
        self.assertLess(said["best"]["step"], said["steps"])
        last = sorted(segments.iterdir())[-1]
        model = self.folder / "reached/model.onnx"
        again = run("replay", *job, "--from", last, "--take", "0", "--expect", said["commitment"], "--model-out", model,
                    "--sandbox", "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads(again.stdout), {"step": said["steps"], "commitment": said["commitment"], "agrees": True,
                                                    "model": str(model), "model_id": said["model_id"]})
        self.assertEqual(model.read_bytes(), out.read_bytes())

    def test_no_step_at_all_gives_what_is_there_already(self):
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        start = run("replay", *self.few_job, "--epochs", "2", "--take", "0", "--model-out", self.folder / "start.onnx", "--json")
        self.assertEqual(start.returncode, 0, start.stderr)
        self.assertEqual(json.loads(start.stdout)["step"], 0)
        # Two threads in a sandbox get as far; no other test starts them there.
        still = self.train(*self.few_job[:-1], "2", "--steps", "1", "--rate", "0", "--sandbox", "--out",
                           self.folder / "still/still.onnx")
        self.assertEqual(json.loads(start.stdout)["model_id"], still["model_id"])

    def test_a_job_file_says_what_the_command_line_says(self):
        said = self.train(*self.few, "--job", self.job_file, "--out", self.folder / "job.onnx")
        self.assertEqual(said["commitment"], self.by_words["commitment"])
        both = run("train", *self.few, "--job", self.job_file, "--out", self.folder / "both.onnx", "--head-only")
        self.assertEqual(both.returncode, 1, both.stderr)
        self.assertIn("--head-only excludes --job", both.stderr)
        # The help says of every word whether it may stand beside a job file, in one start of the program.
        told = run("train", "--help").stdout
        beside = {line.split()[0] for line in told.splitlines() if line.startswith("  --") and "Excludes: --job" not in line}
        words = {line.split()[0] for line in told.splitlines() if line.startswith("  --")} - beside
        self.assertLessEqual({word for word in WORDS if word.startswith("--")} | {"--recipe", "--labels", "--steps"}, words)
        self.assertLessEqual({"--data", "--validation", "--teacher", "--out", "--segments", "--sandbox"}, beside)
        for change, status, why in (({"threads": 2}, 2, "of a training with 1 threads"),
                                    ({"samples": {"labels": "labels.idx"}}, 4, "there is no item labels.idx")):
            changed = self.folder / "changed.json"
            changed.write_text(json.dumps({**JOB, **change}))
            # What lies where the program runs is none of the samples.
            (self.folder / "labels.idx").write_bytes((self.folder / "train-labels-idx1-ubyte").read_bytes())
            done = run("replay", *self.few, "--job", changed, "--from", self.segments / "segment-000001", "--take", "1",
                       cwd=self.folder)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(why, done.stderr)

    def test_ends_when_it_is_told_to(self):
        stopped = self.train(*self.few_job, "--epochs", "2", "--stop-after", "5", "--out", self.folder / "five.onnx")
        self.assertEqual((stopped["ended"], stopped["steps"]), ("stopped", 5))
        timed = self.train(*self.few_job, "--epochs", "100000", "--seconds", "1", "--out", self.folder / "second.onnx")
        self.assertEqual(timed["ended"], "out_of_time")
        self.assertLess(timed["seconds"], 60)

    def test_takes_samples_through_a_pipe_and_writes_none_of_them(self):
        """Rows of a licensed table: they come as a stream of items and leave no file."""
        rows = "".join(f"{i % 2},{i % 2 + (i % 7) / 10},{(i % 5) / 10}\n" for i in range(200))
        table = ("label,a,b\n" + rows).encode()
        name = b"rows.csv"
        stream = b"MLRITEM1" + b"\1" + struct.pack(">H", len(name)) + name + struct.pack(">Q", len(table)) + table + b"\0"
        model = self.folder / "logistic.onnx"
        model.write_bytes(logistic(2, 2))
        plain = self.folder / "rows.csv"
        plain.write_bytes(table)
        options = ["--threads", "1", "--epochs", "20", "--rate", "0.05", "--json"]
        by_file = run("train", model, "--data", plain, "--out", self.folder / "by_file.onnx", *options)
        self.assertEqual(by_file.returncode, 0, by_file.stderr)
        plain.unlink()
        before = set(self.folder.iterdir())
        by_pipe = subprocess.run([BIN / "millrace-trainer", "train", model, "--data", "-", "--out",
                                  self.folder / "by_pipe.onnx", *options], input=stream, capture_output=True, timeout=120)
        self.assertEqual(by_pipe.returncode, 0, by_pipe.stderr)
        self.assertLess(json.loads(by_file.stdout)["loss"], 0.5)
        self.assertEqual(json.loads(by_pipe.stdout)["model_id"], json.loads(by_file.stdout)["model_id"])
        self.assertEqual(set(self.folder.iterdir()) - before, {self.folder / "by_pipe.onnx"})
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        job = self.folder / "rows.json"
        job.write_text('{"version": 1, "recipe": {"epochs": 20, "optimiser": {"rate": 0.05}}}')
        reached = self.folder / "by_replay/model.onnx"
        done = subprocess.run([BIN / "millrace-trainer", "replay", model, "--data", "-", "--job", job, "--take", "1000",
                               "--sandbox", "--expect", json.loads(by_file.stdout)["commitment"], "--model-out", reached],
                              input=stream, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(reached.read_bytes(), (self.folder / "by_pipe.onnx").read_bytes())
        cut = subprocess.run([BIN / "millrace-trainer", "train", model, "--data", "-", "--out", self.folder / "cut.onnx",
                              *options], input=stream[:-20], capture_output=True, timeout=120)
        self.assertEqual(cut.returncode, 2, cut.stderr)

    def test_trains_in_a_sandbox_as_outside(self):
        # The leak checker of a checked build looks into the process as a debugger does, which is refused.
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        made = self.folder / "made"
        held = self.train(*self.few, *WORDS, "--sandbox", "--out", made / "held.onnx", "--checkpoint", made / "held.ck",
                          "--segment", "5", "--segments", made / "segments", "--log", made / "held.log")
        self.assertEqual(held["commitment"], self.by_words["commitment"])
        free = {path.name: path.read_bytes() for path in self.segments.iterdir()}
        self.assertEqual({path.name: path.read_bytes() for path in (made / "segments").iterdir()}, free)
        shared = run("train", *self.few_job, "--epochs", "1", "--out", self.folder / "beside.onnx", "--sandbox")
        self.assertEqual(shared.returncode, 4, shared.stderr)
        self.assertIn("folders of its own", shared.stderr)

    def test_says_what_is_wrong_and_writes_nothing(self):
        """One of each place where it is found; what else a recipe can have wrong is in the unit tests."""
        out = self.folder / "none.onnx"
        recipe = self.folder / "recipe.json"
        cases = [
            (["--recipe", recipe], '{"loss": {"kind": "huber"}}', 2, "this loss is one of numbers"),
            (["--memory", "1"], "{}", 2, "bytes more than"),
            (["--teacher", self.folder / "model.onnx"], "{}", 2, "'loss.distillation' is 0"),
            (["--recipe", self.folder / "nowhere"], "{}", 4, "nowhere cannot be opened"),
        ]
        for arguments, text, status, words in cases:
            recipe.write_text(text)
            done = run("train", *self.few_job, "--out", out, *arguments)
            self.assertEqual(done.returncode, status, (arguments, done.stderr))
            self.assertIn(words, done.stderr)
            self.assertFalse(out.exists())
        out.write_bytes(b"mine")
        self.assertEqual(run("train", *self.few_job, "--out", out).returncode, 4)
        self.assertEqual(out.read_bytes(), b"mine")


def logistic(features, classes):
    """y = x.w + b as ONNX, opset 17, written field by field: `w` and `b` are zeros."""
    def field(number, kind, content):
        key = bytes([number << 3 | kind])
        return key + (varint(content) if kind == 0 else varint(len(content)) + content)

    def varint(value):
        out = b""
        while value > 127:
            out, value = out + bytes([value & 127 | 128]), value >> 7
        return out + bytes([value])

    def tensor(name, dims):
        count = 1
        for size in dims:
            count *= size
        return (b"".join(field(1, 0, size) for size in dims) + field(2, 0, 1) + field(8, 2, name) +
                field(9, 2, struct.pack(f"<{count}f", *[0] * count)))

    def value(name, width):
        shape = field(1, 2, field(2, 2, b"n")) + field(1, 2, field(1, 0, width))
        return field(1, 2, name) + field(2, 2, field(1, 2, field(1, 0, 1) + field(2, 2, shape)))

    node = b"".join(field(1, 2, each) for each in (b"x", b"w", b"b")) + field(2, 2, b"y") + field(4, 2, b"Gemm")
    graph = (field(1, 2, node) + field(2, 2, b"logistic") + field(5, 2, tensor(b"w", (features, classes))) +
             field(5, 2, tensor(b"b", (classes,))) + field(11, 2, value(b"x", features)) +
             field(12, 2, value(b"y", classes)))
    return field(1, 0, 8) + field(8, 2, field(2, 0, 17)) + field(7, 2, graph)


if __name__ == "__main__":
    unittest.main()
