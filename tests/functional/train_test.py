"""Trains by the command line: a model that learns, interruptions that lose nothing, segments that can be done again."""
import json
import os
import signal
import struct
import subprocess
import time
import unittest

from support.trainer_case import BIN, TrainerCase, run


class TrainTest(TrainerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digits("--samples", "100", "--held-out", "100", "--epochs", "1", "--out", cls.folder / "model.onnx")

    def trained(self, *arguments, status=0):
        done = run("train", *self.job, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_learns_digits_that_it_has_not_seen(self):
        out, log = self.folder / "digits.onnx", self.folder / "digits.log"
        said = json.loads(self.trained("--epochs", "6", "--out", out, "--log", log, "--json").stdout)
        self.assertEqual(said["ended"], "finished")
        self.assertEqual(said["steps"], 6 * 32)
        epochs = [json.loads(line) for line in log.read_text().splitlines() if "epoch" in line]
        self.assertEqual([each["epoch"] for each in epochs], [1, 2, 3, 4, 5, 6])
        self.assertGreater(max(each["held_out"]["accuracy"] for each in epochs), 0.93)
        checked = run("check", out, "--json")
        self.assertEqual(checked.returncode, 0)
        self.assertEqual(out.stat().st_mode & 0o777, 0o644)

    def test_an_interrupted_training_goes_on_to_the_same_bits(self):
        straight = json.loads(self.trained("--epochs", "6", "--out", self.folder / "straight.onnx", "--json").stdout)
        out, checkpoint = self.folder / "broken.onnx", self.folder / "broken.checkpoint"
        command = [BIN / "millrace-trainer", "train", *self.job, "--epochs", "6", "--out", out, "--resume",
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
        self.assertEqual(said["commitment"], straight["commitment"])
        self.assertEqual(said["model_id"], straight["model_id"])
        self.assertEqual(out.read_bytes(), (self.folder / "straight.onnx").read_bytes())

    def test_a_segment_can_be_done_again_and_a_wrong_one_is_found(self):
        log, segments = self.folder / "segments.log", self.folder / "segments"
        self.trained("--epochs", "2", "--out", self.folder / "s.onnx", "--segment", "20", "--segments", segments, "--log",
                     log, "--quiet")
        ends = [json.loads(line) for line in log.read_text().splitlines() if "segment" in line]
        self.assertEqual([(each["segment"], each["step"]) for each in ends], [(0, 20), (1, 40), (2, 60), (3, 64)])
        again = ["replay", *self.job, "--epochs", "2", "--take", "20"]
        first = run(*again, "--expect", ends[0]["commitment"])
        self.assertEqual(first.returncode, 0, first.stderr)
        third = run(*again, "--from", segments / "segment-000001", "--expect", ends[2]["commitment"], "--json")
        self.assertEqual(third.returncode, 0, third.stderr)
        self.assertEqual(json.loads(third.stdout), {"step": 60, "commitment": ends[2]["commitment"], "agrees": True})
        lazy = run("replay", *self.job, "--epochs", "2", "--take", "19", "--from", segments / "segment-000001", "--expect",
                   ends[2]["commitment"])
        self.assertEqual(lazy.returncode, 2)
        other = run(*again, "--from", segments / "segment-000001", "--seed", "5")
        self.assertEqual(other.returncode, 2)
        self.assertIn("of another recipe", other.stderr)
        damaged = segments / "segment-000002"
        content = bytearray(damaged.read_bytes())
        content[len(content) // 2] ^= 1
        damaged.write_bytes(content)
        self.assertIn("is damaged", run(*again, "--from", damaged).stderr)

    def test_a_state_gives_the_model_that_training_wrote(self):
        """Also where training ended early: then the best is written, which is not the last."""
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        recipe = self.folder / "early.json"
        recipe.write_text('{"epochs": 40, "optimiser": {"rate": 0.02}, "validation": {"patience": 2, "by": "loss"}}')
        job = [*self.job, "--recipe", recipe]
        out, log, segments = self.folder / "early.onnx", self.folder / "early.log", self.folder / "early"
        done = run("train", *job, "--out", out, "--segment", "20", "--segments", segments, "--log", log, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
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
        model.unlink()
        other = run("replay", *job, "--from", last, "--take", "0", "--expect", "0x" + "ab" * 32, "--model-out", model)
        self.assertEqual(other.returncode, 2, other.stderr)
        self.assertIn("another commitment was expected", other.stderr)
        self.assertFalse(model.exists(), "nobody should come to use a model that was not expected")

    def test_no_step_at_all_gives_what_is_there_already(self):
        start = run("replay", *self.job, "--epochs", "2", "--take", "0", "--model-out", self.folder / "start.onnx", "--json")
        self.assertEqual(start.returncode, 0, start.stderr)
        self.assertEqual(json.loads(start.stdout)["step"], 0)
        self.assertEqual(json.loads(run("replay", *self.job, "--epochs", "2", "--take", "0", "--json").stdout)["commitment"],
                         json.loads(start.stdout)["commitment"])
        still = json.loads(self.trained("--steps", "1", "--rate", "0", "--out", self.folder / "still.onnx", "--json").stdout)
        self.assertEqual(json.loads(start.stdout)["model_id"], still["model_id"])

    def test_a_job_file_says_what_the_command_line_says(self):
        images = self.folder / "train-images-idx3-ubyte"
        model = self.folder / "model.onnx"
        job = self.folder / "job.json"
        job.write_text(json.dumps({
            "version": 1, "recipe": {"epochs": 2, "batch": 32, "seed": 5, "optimiser": {"rate": 0.002}}, "threads": 1,
            "samples": {"kind": "idx", "classes": [str(i) for i in range(10)], "scale": 0.004}, "test": "10%", "splitSeed": 3,
            "headOnly": True}))
        words = ["--epochs", "2", "--batch", "32", "--seed", "5", "--rate", "0.002", "--threads", "1", "--kind", "idx",
                 "--classes", "0,1,2,3,4,5,6,7,8,9", "--scale", "0.004", "--test", "10%", "--split-seed", "3", "--head-only"]
        segments = self.folder / "of_job"
        by_file = run("train", model, "--data", images, "--job", job, "--out", self.folder / "job.onnx", "--json", "--segment",
                      "50", "--segments", segments)
        self.assertEqual(by_file.returncode, 0, by_file.stderr)
        by_words = run("train", model, "--data", images, *words, "--out", self.folder / "words.onnx", "--json")
        self.assertEqual(by_words.returncode, 0, by_words.stderr)
        said = json.loads(by_file.stdout)
        self.assertEqual(said["commitment"], json.loads(by_words.stdout)["commitment"])
        last = sorted(segments.iterdir())[-2]
        again = run("replay", model, "--data", images, "--job", job, "--from", last, "--take", "50", "--expect",
                    said["commitment"])
        self.assertEqual(again.returncode, 0, again.stderr)
        # One of each kind: every start of the program takes seconds in a checked build.
        for word in (["--recipe", job], ["--threads", "1"], ["--epochs", "1"], ["--head-only"], ["--labels", "x"],
                     ["--test", "1"]):
            both = run("train", model, "--data", images, "--job", job, "--out", self.folder / "both.onnx", *word)
            self.assertEqual(both.returncode, 1, word)
            self.assertIn(word[0] + " excludes --job", both.stderr)
        other = json.loads(job.read_text())
        for change, status, why in (({"threads": 2}, 2, "of a training with 1 threads"),
                                    ({"recipe": {"epochs": "two"}}, 2, "the recipe's 'epochs' is not a whole number"),
                                    ({"out": "x"}, 2, "the job's 'out' is not known"),
                                    ({"samples": {"labels": "/etc/passwd"}}, 2, "'samples.labels' is not the name"),
                                    ({"samples": {"labels": "labels.idx"}}, 4, "there is no item labels.idx")):
            changed = self.folder / "changed.json"
            changed.write_text(json.dumps({**other, **change}))
            # What lies where the program runs is none of the samples.
            (self.folder / "labels.idx").write_bytes((self.folder / "train-labels-idx1-ubyte").read_bytes())
            done = run("replay", model, "--data", images, "--job", changed, "--from", last, "--take", "1", cwd=self.folder)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(why, done.stderr)
        self.assertEqual(run("train", model, "--data", images, "--job", self.folder / "nowhere", "--out", "x").returncode, 4)

    def test_ends_when_it_is_told_to(self):
        stopped = json.loads(self.trained("--epochs", "2", "--stop-after", "5", "--out", self.folder / "five.onnx",
                                          "--json").stdout)
        self.assertEqual((stopped["ended"], stopped["steps"]), ("stopped", 5))
        timed = json.loads(self.trained("--epochs", "100000", "--seconds", "1", "--out", self.folder / "second.onnx",
                                        "--json").stdout)
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
        options = ["--epochs", "1", "--json", "--checkpoint"]
        free = json.loads(self.trained("--out", self.folder / "free.onnx", *options, self.folder / "free.ck").stdout)
        made = self.folder / "made"
        held = json.loads(self.trained("--sandbox", "--out", made / "held.onnx", *options, made / "held.ck", "--segment",
                                       "10", "--segments", made / "segments", "--log", made / "held.log").stdout)
        self.assertEqual(held["commitment"], free["commitment"])
        self.assertEqual(len(list((made / "segments").iterdir())), 4)
        again = run("replay", *self.job, "--epochs", "1", "--take", "10", "--from", made / "segments" / "segment-000000",
                    "--sandbox", "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        two = run("train", *self.job[:-1], "2", "--epochs", "1", "--out", self.folder / "two/two.onnx", "--sandbox")
        self.assertEqual(two.returncode, 0, two.stderr)
        shared = run("train", *self.job, "--epochs", "1", "--out", self.folder / "beside.onnx", "--sandbox")
        self.assertEqual(shared.returncode, 4, shared.stderr)
        self.assertIn("folders of its own", shared.stderr)

    def test_says_what_is_wrong_and_writes_nothing(self):
        out = self.folder / "none.onnx"
        recipe = self.folder / "recipe.json"
        cases = [
            (["--recipe", recipe], '{"loss": {"kind": "hinge"}}', 2, "'loss.kind' is none of"),
            (["--recipe", recipe], '{"loss": {"kind": "huber"}}', 2, "this loss is one of numbers"),
            (["--recipe", recipe], '{"tensors": {"train": ["x*"]}}', 2, "no tensor is left to train"),
            (["--memory", "1"], "{}", 2, "bytes more than"),
            (["--rate", "-1"], "{}", 2, "'optimiser.rate' is not from"),
            (["--teacher", self.folder / "model.onnx"], "{}", 2, "'loss.distillation' is 0"),
            (["--recipe", self.folder / "nowhere"], "{}", 4, "nowhere cannot be opened"),
            (["--threads", "0"], "{}", 1, "--threads"),
        ]
        for arguments, text, status, words in cases:
            recipe.write_text(text)
            done = run("train", *self.job, "--out", out, *arguments)
            self.assertEqual(done.returncode, status, (arguments, done.stderr))
            self.assertIn(words, done.stderr)
            self.assertFalse(out.exists())
        out.write_bytes(b"mine")
        self.assertEqual(run("train", *self.job, "--out", out).returncode, 4)
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
