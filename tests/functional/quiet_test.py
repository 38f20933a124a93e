"""The node talks to nobody it was not told to, and leaves nothing outside its home."""
import pathlib
import re
import shutil
import subprocess
import unittest

from support import processes
from support.paid_node import PaidNode

LOCAL = re.compile(r'sa_family=AF_(UNIX|NETLINK|UNSPEC)|inet_addr\("127\.|"::1"')


class Quiet(unittest.TestCase):
    def test_nothing_is_sent_and_nothing_written_elsewhere(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            folder = pathlib.Path(folder)
            node.program.stop()
            empty = folder / "empty"
            empty.mkdir()
            places = {name: str(empty) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR")}
            trace = folder / "trace"
            traced = shutil.which("strace") is not None and subprocess.run(
                ["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0
            # The leak check cannot run under a tracer.
            # -D: the program is our child, not the tracer's.
            before = ["strace", "-D", "-f", "-e", "trace=connect,sendto,sendmsg", "-o", trace] if traced else []
            node.start(before=before, environment={**places, "ASAN_OPTIONS": "detect_leaks=0"})
            node.wallet("infer", "digits", "--input", node.request_file, account="caller")
            node.program.stop()
            self.assertEqual(list(empty.rglob("*")), [])
            if not traced:
                self.skipTest("no strace: only the files were looked at")
            # The answer to our own call stands in the trace: it does see what the node sends.
            processes.wait_until(lambda: '"HTTP/1.1 200 OK' in trace.read_text(), "the trace holds what was sent")
            elsewhere = [line for line in trace.read_text().splitlines() if "sa_family" in line and not LOCAL.search(line)]
            self.assertEqual(elsewhere, [])


if __name__ == "__main__":
    unittest.main()
