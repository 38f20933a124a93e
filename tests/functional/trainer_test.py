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


if __name__ == "__main__":
    unittest.main()
