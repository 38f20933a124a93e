"""A disk that takes no more: the node stops taking work, says why, and loses nothing."""
import contextlib
import pathlib
import resource
import shutil
import subprocess
import unittest

from support import processes
from support.load import Load
from support.paid_node import PaidNode


class Disk(unittest.TestCase):
    def stops_and_loses_nothing(self, node, folder, fail, heal):
        load = Load(node, folder / "load")
        load.run(1)
        with load.launch() as running:
            processes.wait_until(lambda: len(load.told()[0]) > 5, "the load is under way")
            fail()
            load.end(running, 90)
        status, why = processes.wait_until(lambda: (a := node.get("/healthz"))[0] == 503 and a, "the node says that it halted")
        self.assertEqual(why["status"], "halted")
        self.assertTrue(why["why"])
        self.assertEqual(node.get("/v1/status")[0], 200, "it stays up to be read")
        self.assertEqual(node.get("/v2/health/ready")[0], 503)
        final, paid, alone = load.check()
        self.assertGreater(final, 5)
        self.assertGreater(paid, 5)
        node.program.stop()
        heal()
        node.start()
        load.run(1)
        self.assertGreater(load.check()[0], final, "it works again")
        self.assertEqual(node.program.stop(), 0)
        node.verify()

    def test_a_disk_that_refuses_every_write(self):
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            def fail():
                resource.prlimit(node.program.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            self.stops_and_loses_nothing(node, pathlib.Path(folder), fail, lambda: None)

    def test_a_disk_that_is_full(self):
        with processes.temporary_home() as folder:
            disk = pathlib.Path(folder) / "disk"
            disk.mkdir()
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m,mode=700", "none", disk], capture_output=True)
            if mounted.returncode != 0:
                self.skipTest("this user may not mount a small disk")
            try:
                node = PaidNode(pathlib.Path(folder) / "wallet")
                shutil.move(node.home, disk / "node")
                node.home = disk / "node"
                filler = disk / "filler"

                def fill():
                    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                        while True:
                            file.write(bytes(65536))

                def heal():
                    with node.launch("full") as program:
                        processes.wait_until(lambda: not program.running(), "it does not start on a full disk")
                        self.assertIn("disk is full", program.log().splitlines()[-1])
                        self.assertEqual(program.stop(), 4)
                    filler.unlink()
                with node:
                    self.stops_and_loses_nothing(node, pathlib.Path(folder), fill, heal)
            finally:
                subprocess.run(["umount", disk], check=True)


if __name__ == "__main__":
    unittest.main()
