"""What tests of several workers share: a model to train, and programs in the background."""
import json
import os
import pathlib
import subprocess

from support import processes
from support.trainer_case import BIN, TRAINER, TrainerCase, run

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Leaks are looked for by ptrace, which a sandbox forbids.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


def stat_of(process):
    """Parent, state and processor time of a process; none where it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[1]), fields[0], int(fields[11]) + int(fields[12])
    except (FileNotFoundError, ProcessLookupError):
        return None


def has_ended(process):
    return (stat_of(process) or (0, "Z"))[1] == "Z"


def children_of(parent):
    """The workers that a trainer has started, by rank."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or (stat_of(entry.name) or (0, ""))[0] != parent:
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"--link" in words:
            found[int(words[len(words) - 1 - words[::-1].index(b"--rank") + 1])] = int(entry.name)
    return found


def wait_until(condition, what="what was waited for"):
    return processes.wait_until(condition, what, 240, 0.01)


class WorkersCase(TrainerCase):
    """400 digits and a small convolutional model, which workers train in steps of 50 samples: 8 an epoch."""

    DRAWN, HELD_OUT = 400, 100

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # With batch normalisation, whose statistics are each shard's own.
        subprocess.run([BIN / "millrace", "model", "new", "--kind", "cnn", "--input", "1,28,28", "--outputs", "10", "--channels",
                        "4", "--batch-norm", cls.folder / "model.onnx"], check=True, capture_output=True, timeout=120)
        recipe = {"batch": 50, "clip": {"norm": 1}, "loss": {"balanced": True}, "augment": {"shift": 0.05},
                  "optimiser": {"rate": 0.01}}
        (cls.folder / "recipe.json").write_text(json.dumps(recipe))
        cls.job += ["--recipe", cls.folder / "recipe.json"]

    def trained(self, *arguments, status=0):
        done = run("train", *self.job, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def started(self, *arguments):
        """A training in the background, which ends with the test."""
        program = subprocess.Popen([TRAINER, "train", *map(str, [*self.job, *arguments])], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, program)
        return program

    @staticmethod
    def end(program):
        if program.poll() is None:
            program.kill()
        program.communicate()

    def ended(self, program, status=0):
        output, error = program.communicate(timeout=300)
        self.assertEqual(program.returncode, status, error)
        return output, error

    def segments_in(self, log):
        return [json.loads(line) for line in log.read_text().splitlines() if '"segment"' in line]
