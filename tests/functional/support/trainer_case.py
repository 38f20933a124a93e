"""What tests of the trainer's command line share: the program, and digits to train on."""
import pathlib
import subprocess
import tempfile
import unittest

from support.node import BIN

TRAINER = BIN / "millrace-trainer"


def run(*arguments, **options):
    return subprocess.run([TRAINER, *map(str, arguments)], capture_output=True, text=True, timeout=300, **options)


class TrainerCase(unittest.TestCase):
    """DRAWN digits to train on, HELD_OUT to measure on, in `folder`; a test's class says what `job` trains."""

    DRAWN, HELD_OUT = 2000, 500

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.top.name)
        cls.digits("--samples", str(cls.DRAWN), "--held-out", str(cls.HELD_OUT), "--dataset", cls.folder)
        cls.job = [cls.folder / "model.onnx", "--data", cls.folder / "train-images-idx3-ubyte", "--validation",
                   cls.folder / "t10k-images-idx3-ubyte", "--threads", "1"]

    @classmethod
    def tearDownClass(cls):
        cls.top.cleanup()

    @staticmethod
    def digits(*words):
        subprocess.run([BIN / "millrace-demo-digits", *words], check=True, capture_output=True, timeout=120)
