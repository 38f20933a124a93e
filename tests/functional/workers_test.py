"""Several workers train together: the same bits as one process that does it again, also when workers are lost."""
import json
import os
import pathlib
import signal
import struct
import subprocess
import time
import unittest

from support.trainer_case import TRAINER, run
from support.workers_case import WorkersCase, children_of, has_ended, stat_of, wait_until


class WorkersTest(WorkersCase):
    def test_workers_compute_the_bits_that_one_process_computes_for_them(self):
        commitments = []
        for workers in (2, 3):
            name = f"bits{workers}"
            log, segments = self.folder / f"{name}.log", self.folder / name
            words = ["--epochs", "2", "--workers", workers]
            first = self.trained(*words, "--out", self.folder / f"{name}.onnx", "--segment", "6", "--segments", segments,
                                 "--log", log, "--json")
            again = self.trained(*words, "--out", self.folder / f"{name}-again.onnx", "--json")
            self.assertEqual(first["commitment"], again["commitment"])
            self.assertEqual((self.folder / f"{name}.onnx").read_bytes(), (self.folder / f"{name}-again.onnx").read_bytes())
            self.assertEqual(first["workers"], str(workers))
            self.assertGreater(first["samples_per_second"], 0)
            self.assertNotIn("lost", first)
            whole = run("replay", *self.job, "--epochs", "2", "--workers", workers, "--take", "16", "--model-out",
                        self.folder / f"{name}-replayed.onnx", "--json")
            self.assertEqual(whole.returncode, 0, whole.stderr)
            self.assertEqual(json.loads(whole.stdout)["commitment"], first["commitment"])
            self.assertEqual(json.loads(whole.stdout)["model_id"], first["model_id"])
            # A segment by itself: the state that it begins with says how many there were.
            ends = self.segments_in(log)
            self.assertEqual([(each["step"], each["workers"]) for each in ends],
                             [(6, str(workers)), (12, str(workers)), (16, str(workers))])
            segment = run("replay", *self.job, "--epochs", "2", "--from", segments / "segment-000000", "--take", "6",
                          "--expect", ends[1]["commitment"], "--json")
            self.assertEqual(segment.returncode, 0, segment.stderr)
            self.assertEqual(json.loads(segment.stdout), {"step": 12, "commitment": ends[1]["commitment"], "agrees": True,
                                                          "workers": str(workers)})
            commitments.append(first["commitment"])
        lazy = run("replay", *self.job, "--epochs", "2", "--from", segments / "segment-000000", "--take", "5", "--expect",
                   ends[1]["commitment"])
        self.assertEqual(lazy.returncode, 2, "no number of workers makes up for a step")
        self.assertNotEqual(*commitments)

    def lose_one(self, how, lost, *arguments):
        """Trains with three, loses one after its first segments, and gives what was said."""
        name = f"{how}-{lost}"
        self.name = self.folder / name
        log, segments = self.folder / f"{name}.log", self.folder / f"{name}.segments"
        program = self.started("--epochs", "8", "--workers", "3", "--out", f"{self.name}.onnx", "--segment", "8", "--segments",
                               segments, "--log", log, "--checkpoint", f"{self.name}.checkpoint", "--json", *arguments)
        wait_until(lambda: (segments / "segment-000001").exists())
        worker = children_of(program.pid)[lost]
        os.kill(worker, getattr(signal, how))
        output, error = self.ended(program)
        self.assertIsNone(stat_of(worker), "nobody is left behind")
        said = json.loads(output)
        self.assertEqual(said["ended"], "finished")
        self.assertEqual(said["steps"], 64)
        self.assertEqual(len(said["lost"]), 1, error)
        self.assertEqual(said["lost"][0]["worker"], lost)
        self.assertEqual(said["lost"][0]["left"], 2)
        back_to = said["lost"][0]["back_to"]
        self.assertGreaterEqual(back_to, 16)
        self.assertEqual(back_to % 8, 0, "at the end of a segment")
        self.assertEqual(said["workers"], f"3,2@{back_to}")
        self.assertIn(f"worker {lost} {said['lost'][0]['why']}", error)
        # Whoever does the segment again tries fewer where more do not agree.
        last = {each["segment"]: each for each in self.segments_in(log)}
        after = back_to // 8
        again = run("replay", *self.job, "--epochs", "8", "--from", segments / f"segment-{after - 1:06}", "--take", "8",
                    "--expect", last[after]["commitment"], "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads(again.stdout)["workers"], f"3,2@{back_to}")
        return said

    def test_the_rest_go_on_when_one_is_killed(self):
        said = self.lose_one("SIGKILL", 1)
        self.assertEqual(said["lost"][0]["why"], "is gone")
        # Who took which steps is known to whoever does all of it again.
        whole = run("replay", *self.job, "--epochs", "8", "--workers", said["workers"], "--take", "64", "--expect",
                    said["commitment"])
        self.assertEqual(whole.returncode, 0, whole.stderr)

    def test_another_writes_when_the_first_is_killed(self):
        said = self.lose_one("SIGKILL", 0)
        self.assertEqual(said["model"], f"{self.name}.onnx")
        self.assertEqual(run("check", f"{self.name}.onnx").returncode, 0)

    def test_one_that_hangs_is_dropped_in_time(self):
        said = self.lose_one("SIGSTOP", 2, "--silence", "15")
        self.assertEqual(said["lost"][0]["why"], "says nothing")

    def test_all_killed_go_on_from_the_checkpoint_to_the_same_bits(self):
        straight = self.trained("--epochs", "8", "--workers", "2", "--out", self.folder / "straight.onnx", "--json")
        out, checkpoint = self.folder / "broken.onnx", self.folder / "broken.checkpoint"
        words = ["--epochs", "8", "--workers", "2", "--out", out, "--checkpoint", checkpoint, "--every", "5", "--resume", "--json"]
        program = self.started(*words)
        wait_until(checkpoint.exists)
        workers = children_of(program.pid)
        self.assertEqual(sorted(workers), [0, 1])
        for each in workers.values():
            os.kill(each, signal.SIGKILL)
        _, error = self.ended(program, status=5)
        self.assertIn("all workers were lost", error)
        # The program that leads them is killed: none of its workers stays.
        before = checkpoint.stat().st_mtime_ns
        program = self.started(*words)
        wait_until(lambda: checkpoint.stat().st_mtime_ns > before)
        workers = children_of(program.pid)
        program.kill()
        program.communicate()
        for each in workers.values():
            wait_until(lambda each=each: has_ended(each))
        # Ctrl-C, as the program alone hears it.
        before = checkpoint.stat().st_mtime_ns
        program = self.started(*words)
        wait_until(lambda: checkpoint.stat().st_mtime_ns > before)
        program.send_signal(signal.SIGINT)
        output, error = program.communicate(timeout=120)
        self.assertIn(program.returncode, (0, 130), error)
        if program.returncode == 130:
            self.assertIn("--resume goes on", error)
            self.assertEqual(json.loads(output)["ended"], "interrupted")
            fewer = run("train", *self.job, "--epochs", "8", "--out", out, "--checkpoint", checkpoint, "--resume")
            self.assertEqual(fewer.returncode, 2)
            self.assertIn("by 2 workers, other numbers would come out with one: say --workers 2", fewer.stderr)
        said = self.trained(*words)
        self.assertEqual(said["commitment"], straight["commitment"])
        self.assertEqual(said["workers"], "2")
        self.assertEqual(out.read_bytes(), (self.folder / "straight.onnx").read_bytes())

    def test_they_are_in_the_sandbox_and_a_job_file_says_how_many_there_are(self):
        job = self.folder / "job.json"
        job.write_text(json.dumps({"version": 1, "recipe": {"epochs": 1, "batch": 50}, "workers": 2,
                                   "samples": {"kind": "idx", "classes": [str(i) for i in range(10)]}}))
        model, data = self.folder / "model.onnx", self.folder / "train-images-idx3-ubyte"
        out = self.folder / "boxed/model.onnx"
        program = subprocess.Popen([TRAINER, "train", model, "--job", job, "--data", data, "--sandbox", "--out", out, "--json",
                                    "--checkpoint", self.folder / "boxed/state", "--every", "3", "--silence", "15"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, program)
        wait_until((self.folder / "boxed/state").exists)
        workers = children_of(program.pid)
        self.assertEqual(sorted(workers), [0, 1])
        for each in workers.values():
            status = pathlib.Path(f"/proc/{each}/status").read_text()
            self.assertIn("Seccomp:\t2", status, "computing and reading samples happens behind a filter")
            self.assertIn("NoNewPrivs:\t1", status)
        # The program that leads stands still, as when its time is not paid for: so do all, and nobody is lost by it.
        program.send_signal(signal.SIGSTOP)
        time.sleep(17)
        program.send_signal(signal.SIGCONT)
        said = json.loads(self.ended(program)[0])
        self.assertEqual(said["workers"], "2")
        self.assertNotIn("lost", said)
        again = run("replay", model, "--job", job, "--data", data, "--take", said["steps"], "--expect", said["commitment"],
                    "--sandbox", "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads(again.stdout)["workers"], "2")

    def test_samples_that_come_through_a_pipe_come_to_all(self):
        job = self.folder / "piped.json"
        job.write_text(json.dumps({"version": 1, "recipe": {"epochs": 2, "batch": 50, "validation": {"share": 0}}, "workers": 3,
                                   "samples": {"kind": "idx", "classes": [str(i) for i in range(10)]}}))
        model = self.folder / "model.onnx"
        items = b"MLRITEM1"
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
            content = (self.folder / name).read_bytes()
            items += struct.pack(">BH", 1, len(name)) + name.encode() + struct.pack(">Q", len(content)) + content
        items += b"\0"
        outputs = []
        for words in (["--data", "-"], ["--data", self.folder / "train-images-idx3-ubyte"]):
            done = subprocess.run([TRAINER, "train", model, "--job", job, *words, "--out", self.folder / "piped.onnx", "--force",
                                   "--json"], input=items, capture_output=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            outputs.append(json.loads(done.stdout))
        self.assertEqual(outputs[0]["commitment"], outputs[1]["commitment"])
        self.assertEqual(outputs[0]["workers"], "3")

    def test_workers_that_are_started_here_share_the_memory(self):
        words = ["--epochs", "1", "--batch", "400", "--workers", "4", "--force", "--out", self.folder / "shared.onnx"]
        much = run("train", *self.job, *words, "--memory", "4")
        self.assertEqual(much.returncode, 2, much.stderr)
        self.assertIn("they may hold 1048576", much.stderr)
        enough = run("train", *self.job, *words, "--memory", "1600")
        self.assertEqual(enough.returncode, 0, enough.stderr)

    def test_wrong_words_are_named(self):
        out = ["--out", self.folder / "wrong.onnx"]
        socket = ["--rendezvous", self.folder / "wrong.socket"]

        def wrong(status, text, *words):
            done = run("train", *self.job, *out, *words)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(text, done.stderr)

        wrong(1, "--rank 3 is none of 3 workers, which are 0 to 2", "--workers", "3", "--rank", "3", *socket)
        wrong(1, "--rank and --rendezvous go with --workers 2 or more", "--rank", "0", *socket)
        wrong(1, "--rank goes with --rendezvous", "--rank", "0", "--workers", "2")
        wrong(1, "--rendezvous requires --rank", "--workers", "2", *socket)
        wrong(1, "--workers: Value 65 not in range 1 to 64", "--workers", "65")
        wrong(1, "--workers: Value 0 not in range 1 to 64", "--workers", "0")
        wrong(1, "'localhost:1' is neither ADDRESS:PORT", "--workers", "2", "--rank", "0", "--rendezvous", "localhost:1")
        wrong(1, "others than this machine could come there; --open-network lets them", "--workers", "2", "--rank", "0",
              "--rendezvous", "0.0.0.0:17412")
        wrong(2, "a batch of 3 samples has none for each of 4 workers", "--workers", "4", "--batch", "3")
        wrong(5, "worker 0 is not there", "--workers", "2", "--rank", "1", "--join", "1", *socket)
        wrong(5, "these workers did not come: 1", "--workers", "2", "--rank", "0", "--join", "3", *socket)
        # One that reads other numbers says why, once.
        done = run("train", self.folder / "recipe.json", *self.job[1:], *out, "--workers", "3")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("recipe.json"), 1, done.stderr)
        text = run("replay", *self.job, "--take", "1", "--workers", "3,2")
        self.assertEqual(text.returncode, 2)
        self.assertIn("'3,2' is no number of workers from 1 to 64", text.stderr)


if __name__ == "__main__":
    unittest.main()
