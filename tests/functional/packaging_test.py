"""The unit and the container file name programs, options, settings and paths that there are."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from support import processes
from support.node import BIN, Node

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging/millraced.service"
CONTAINER = ROOT / "packaging/Dockerfile"
INSTALLED = "/usr/local/bin/millraced"


def unit_values(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


class Unit(unittest.TestCase):
    def test_its_commands_are_the_programs(self):
        with Node() as node:
            node.program.stop()
            commands = unit_values("ExecStartPre") + unit_values("ExecStart")
            self.assertEqual(len(commands), 2)
            for command in commands:
                program, *words = command.split()
                self.assertEqual(program, INSTALLED)
                words = [str(node.home) if word == unit_values("WorkingDirectory")[0] else word for word in words]
                if words[0] == "run":
                    with processes.Program([BIN / "millraced", *words], node.folder, "run") as started:
                        started.ready(lambda: node.get("/healthz")[0] == 200 if processes.listens(node.port) else False)
                        self.assertEqual(started.stop(60), 0)
                else:
                    processes.run([BIN / "millraced", *words], node.folder)

    def test_stopping_gets_the_time_that_draining_may_take(self):
        config = json.loads(processes.run([BIN / "millraced", "config", "--home", "/nowhere"], "/tmp"))
        answer_s, claims_s, closing_s = 5, 10, 20
        longest = config["http"]["drainMs"] / 1000 + config["host"]["runMs"] / 1000 + answer_s + claims_s + closing_s
        self.assertGreaterEqual(int(unit_values("TimeoutStopSec")[0]), longest)
        self.assertGreaterEqual(int(re.search(r"--stop-timeout (\d+)", CONTAINER.read_text())[1]), longest)

    def test_it_gives_as_many_files_as_the_configuration_wants(self):
        config = json.loads(processes.run([BIN / "millraced", "config", "--home", "/nowhere"], "/tmp"))
        self.assertGreaterEqual(int(unit_values("LimitNOFILE")[0]), config["http"]["connections"] + 1024)

    def test_the_codes_that_end_it_for_good_are_those_of_a_home_that_is_wrong(self):
        self.assertEqual(unit_values("RestartPreventExitStatus"), ["2 3"])
        with processes.Program([BIN / "millraced", "run", "--home", "/nowhere"], "/tmp", "millrace-packaging") as refused:
            processes.wait_until(lambda: not refused.running(), "it ends")
            self.assertEqual(refused.stop(), 2)
            refused.log_path.unlink()

    def test_systemd_understands_it(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd here")
        with processes.temporary_home() as folder:
            unit = pathlib.Path(folder) / "millraced.service"
            unit.write_text(UNIT.read_text().replace(INSTALLED, str(BIN / "millraced")))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
            said = [line for line in done.stderr.splitlines() if "millraced.service" in line or str(unit) in line]
            self.assertEqual(said, [], done.stderr)


class Container(unittest.TestCase):
    def test_its_settings_are_the_configurations(self):
        names = dict(re.findall(r"\b(MILLRACE_[A-Z_]+)=(\S+)", CONTAINER.read_text()))
        self.assertIn("MILLRACE_HTTP_ADDRESS", names)
        here = {"MILLRACE_NODE_HOME", "MILLRACE_ONNXRUNTIME"}  # not members of config.json
        config = json.loads(processes.run([BIN / "millraced", "config", "--home", "/nowhere"], "/tmp", env={**os.environ, **{
            name: value for name, value in names.items() if name not in here}}))
        for name, value in names.items():
            if name not in here:
                section, member = re.fullmatch(r"MILLRACE_([A-Z]+)_([A-Z]+)", name).groups()
                self.assertEqual(config[section.lower()][member.lower()], value)

    def test_what_it_exposes_and_asks_is_what_the_node_serves(self):
        config = json.loads(processes.run([BIN / "millraced", "config", "--home", "/nowhere"], "/tmp"))
        text = CONTAINER.read_text()
        self.assertIn(f"EXPOSE {config['http']['port']} {config['peers']['port']}", text)
        self.assertIn(f"http://127.0.0.1:{config['http']['port']}/v2/health/ready", text)
        self.assertRegex(text, r"(?m)^USER millrace$")
        with Node() as node:
            self.assertEqual(node.get("/v2/health/ready")[0], 200)

    def test_it_installs_the_libraries_that_the_programs_need(self):
        if not shutil.which("dpkg-query"):
            self.skipTest("this is no Debian")
        installed = re.search(r"apt-get install -y --no-install-recommends (.*?)&&", CONTAINER.read_text().rsplit("FROM ", 1)[1], re.DOTALL)[1]
        packages = set(installed.replace("\\", " ").split())
        needed = set()
        for program in ("millraced", "millrace"):
            needed |= set(re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", BIN / program], capture_output=True, text=True,
                                                                      check=True).stdout))
        of_base = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libasan8", "libubsan1", "libtsan2"}  # or of the checks in this build
        for library in sorted(needed):
            found = subprocess.run(["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True).stdout
            owners = {line.split(":")[0] for line in found.splitlines()}
            with self.subTest(library):
                self.assertTrue(owners & (packages | of_base), f"{owners} has {library}")


if __name__ == "__main__":
    unittest.main()
