"""The journal of payments damaged or lost: verify names what is wrong, and no node begins anew by itself."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import unittest

from support import processes
from support.node import BIN
from support.paid_node import PaidNode

MARK_BYTES = 29  # of the log's mark at a clean end: damage there reads as the end of a killed node


def used(path):
    """How much of a file is there before the zeros at its end."""
    return len(path.read_bytes().rstrip(b"\0"))


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x04]))


class JournalDamage(unittest.TestCase):
    @contextlib.contextmanager
    def paid_node(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            yield node

    @staticmethod
    def journal(node):
        return node.home / "data" / "journal"

    def call(self, node):
        node.wallet("infer", "digits", "--input", node.request_file, account="caller")

    def command(self, node, *words, status=0):
        """(standard output, standard error) of millraced on a node that is off."""
        done = subprocess.run([BIN / "millraced", words[0], "--home", node.home, *words[1:]], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def report(self, node):
        return json.loads(self.command(node, "verify", "--json")[0])

    def refused(self, node, name):
        """What a node says that does not start because of its journal."""
        with node.launch(name) as program:
            processes.wait_until(lambda: not program.running(), "the program ends")
            said = program.log()
            self.assertEqual(program.stop(), 3, said)
        last = said.splitlines()[-1]
        self.assertIn("millraced recover --accept-journal-loss", last)
        return last

    def newest_segment(self, node):
        return max((self.journal(node) / "log").glob("log-*"))

    def test_a_flipped_byte_in_any_file_is_named_by_verify(self):
        with self.paid_node() as node:
            self.call(node)
            self.call(node)
            self.assertEqual(node.program.stop(), 0)
            found = self.report(node)["journal"]
            self.assertEqual((found["channels"], found["receipts"], found["calls"], found["tornBytes"]), (1, 2, 2, 0))
            whole = node.folder / "whole"
            shutil.copytree(self.journal(node), whole)
            tried = set()
            for file in sorted(path for part in ("db", "log") for path in (whole / part).iterdir()):
                kind = next((kind for kind in ("MANIFEST", "CURRENT", ".sst", ".blob", "log-") if kind in file.name), None)
                if kind is None or not file.stat().st_size:
                    continue  # RocksDB's own notes, from which nothing is read
                tried.add(kind)
                end = used(file) - (MARK_BYTES if kind == "log-" else 0)
                for offset in (0, end // 3, end // 2, end - 1):
                    shutil.rmtree(self.journal(node))
                    shutil.copytree(whole, self.journal(node))
                    flip(self.journal(node) / file.relative_to(whole), offset)
                    said = self.command(node, "verify", status=3)[1]
                    self.assertIn(file.name, said, f"{file} at {offset}")
            self.assertLessEqual({"MANIFEST", "CURRENT", ".sst", "log-"}, tried)
            shutil.rmtree(self.journal(node))
            shutil.copytree(whole, self.journal(node))
            self.assertEqual(self.report(node)["journal"], found, "verify changed nothing")

    def test_a_missing_journal_is_refused_until_its_owner_takes_the_loss(self):
        with self.paid_node() as node:
            self.call(node)
            self.assertEqual(node.program.stop(), 0)
            shutil.rmtree(self.journal(node))
            self.assertIn("is missing", self.refused(node, "refused"))
            self.assertFalse(self.journal(node).exists(), "nothing began")
            self.assertIn("journal is missing", self.command(node, "verify", status=3)[1])
            self.assertIn("--accept-journal-loss", self.command(node, "recover", status=2)[1])
            lost = json.loads(self.command(node, "recover", "--accept-journal-loss", "--json")[0])
            self.assertEqual(lost, {"keptEntries": 0, "aside": ""})
            node.start(name="again")
            self.call(node)
            self.assertEqual(node.program.stop(), 0)
            self.assertEqual(self.report(node)["journal"]["receipts"], 1)
            self.assertIn("nothing to recover", self.command(node, "recover", "--accept-journal-loss", status=2)[1])

    def test_a_missing_log_of_a_killed_node_is_refused_and_what_was_in_files_is_kept(self):
        with self.paid_node() as node:
            self.call(node)
            self.assertEqual(node.program.stop(), 0)
            node.start(name="killed")
            self.call(node)
            node.program.kill()
            self.assertEqual(self.report(node)["journal"]["receipts"], 2)
            for segment in (self.journal(node) / "log").iterdir():
                segment.unlink()
            self.assertIn("log is missing", self.refused(node, "refused"))
            lost = json.loads(self.command(node, "recover", "--accept-journal-loss", "--json")[0])
            self.assertGreater(lost["keptEntries"], 0)
            self.assertTrue(pathlib.Path(lost["aside"]).is_dir())
            self.assertEqual(self.report(node)["journal"]["receipts"], 1)
            node.start(name="again")

    def test_a_missing_log_of_a_node_that_never_flushed_is_refused(self):
        with self.paid_node() as node:
            self.call(node)
            node.program.kill()
            for segment in (self.journal(node) / "log").iterdir():
                segment.unlink()
            self.assertIn("log is missing", self.refused(node, "refused"))

    def test_a_torn_end_is_cut_off_and_told(self):
        with self.paid_node() as node:
            self.call(node)
            node.program.kill()
            segment = self.newest_segment(node)
            flip(segment, used(segment) - 1)
            report = self.report(node)
            self.assertGreater(report["journal"]["tornBytes"], MARK_BYTES)
            self.assertTrue(any("the next start cuts them off" in what for what in report["notChecked"]), report)
            node.start(name="cut")
            told = [line for line in node.program.log().splitlines() if "were cut off" in line]
            self.assertEqual(len(told), 1, told)
            self.assertIn(f"{report['journal']['tornBytes']} bytes", told[0])


if __name__ == "__main__":
    unittest.main()
