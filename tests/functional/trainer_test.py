"""The trainer as people call it: help, exit statuses, a model that is checked."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["MILLRACE_BIN"] + "/millrace-trainer"
DIGITS = os.environ["MILLRACE_BIN"] + "/millrace-demo-digits"


def trainer(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120)


class TrainerTest(unittest.TestCase):
    def test_explains_itself(self):
        done = trainer("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("conform", done.stdout)
        self.assertIn("Exit status", done.stdout)
        self.assertIn("test_data_set_", trainer("conform", "--help").stdout)

    def test_wrong_usage_ends_with_1(self):
        self.assertEqual(trainer().returncode, 1)
        self.assertEqual(trainer("bake").returncode, 1)
        self.assertEqual(trainer("check").returncode, 1)
        self.assertEqual(trainer("conform", "/tmp", "--rtol", "-1").returncode, 1)

    def test_what_cannot_be_read_ends_with_4(self):
        done = trainer("check", "/nowhere/model.onnx")
        self.assertEqual(done.returncode, 4)
        self.assertIn("/nowhere/model.onnx cannot be opened", done.stderr)

    def test_checks_the_model_of_the_demo(self):
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder) / "digits.onnx"
            subprocess.run([DIGITS, "--samples", "100", "--held-out", "100", "--epochs", "1", "--out", model],
                           check=True, capture_output=True, timeout=120)
            done = trainer("check", model, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)
            self.assertTrue(report["supported"])
            self.assertEqual(len(report["trainable"]), 4)
            (pathlib.Path(folder) / "cut.onnx").write_bytes(model.read_bytes()[:100])
            self.assertEqual(trainer("check", pathlib.Path(folder) / "cut.onnx").returncode, 2)

    def test_measures_what_a_machine_offers(self):
        done = trainer("device", "--threads", "1", "--seconds", "1", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        offer = json.loads(done.stdout)
        self.assertEqual(set(offer), {"device", "memoryMib", "count", "driver", "gflops", "bandwidthMbs", "archClass",
                                      "deterministic", "threads"})
        for name in ("memoryMib", "count", "gflops", "bandwidthMbs", "threads"):
            self.assertIsInstance(offer[name], int)
            self.assertGreater(offer[name], 0, name)
        # As the ledger bounds what an offer says.
        self.assertTrue(0 < len(offer["device"].encode()) <= 64 and offer["device"].isprintable())
        self.assertTrue(len(offer["driver"].encode()) <= 64 and offer["driver"].isprintable())
        self.assertIn("libtorch", offer["driver"])
        self.assertRegex(offer["archClass"], r"^cpu-[a-z0-9.\-_]{1,28}$")
        self.assertIs(offer["deterministic"], True)
        text = trainer("device", "--threads", "1", "--seconds", "1")
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn(offer["archClass"], text.stdout)
        self.assertIn(offer["device"], text.stdout)
        self.assertEqual(trainer("device", "--seconds", "0").returncode, 1)
        self.assertEqual(trainer("device", "--threads", "0").returncode, 1)


if __name__ == "__main__":
    unittest.main()
