"""docs/conformance.md and docs/metrics.md: every test named there exists, every metric the node shows stands there."""
import pathlib
import re
import unittest

from support.node import Node

ROOT = pathlib.Path(__file__).resolve().parents[2]


def python_tests():
    """file.Class.test and file.Class of every functional test."""
    found = set()
    for file in (ROOT / "tests/functional").glob("*_test.py"):
        name = None
        for line in file.read_text().splitlines():
            if match := re.match(r"class (\w+)", line):
                name = f"{file.stem}.{match[1]}"
                found.add(name)
            elif (match := re.match(r"    def (test_\w+)", line)) and name:
                found.add(f"{name}.{match[1]}")
    return found


def cpp_tests():
    """Suite.Name of every GoogleTest."""
    found = set()
    for file in (ROOT / "tests").rglob("*_test.cpp"):
        found |= {f"{suite}.{name}" for suite, name in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", file.read_text())}
    return found


class Table(unittest.TestCase):
    def test_every_test_it_names_exists(self):
        text = (ROOT / "docs/conformance.md").read_text()
        cells = [row.split("|")[-2] for row in text.splitlines() if row.startswith("|")]
        named = [name.strip() for cell in cells for name in cell.split(",") if re.search(r"\.\w", name)]
        self.assertGreater(len(named), 80)
        known, cpp = python_tests(), cpp_tests()
        for name in named:
            with self.subTest(name):
                self.assertIn(name.removeprefix("F:"), known if name.startswith("F:") else cpp)

    def test_every_row_names_one(self):
        for row in (ROOT / "docs/conformance.md").read_text().splitlines():
            if row.startswith("| ") and not row.startswith(("| ---", "| endpoint", "| member", "| status", "| trap", "| attack")):
                with self.subTest(row):
                    self.assertRegex(row.split("|")[-2], r"\.\w")


class MetricNames(unittest.TestCase):
    def test_every_family_that_a_node_shows_is_documented_and_has_help(self):
        documented = set(re.findall(r"`((?:millrace|nv)_\w+)", (ROOT / "docs/metrics.md").read_text()))
        patterns = [name for name in documented if name.endswith("_")]
        with Node() as node:
            text = node.get("/metrics")[1]
        families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
        self.assertGreater(len(families), 20)
        for name, kind in families.items():
            with self.subTest(name):
                self.assertIn(name, helps)
                self.assertTrue(name in documented or any(name.startswith(pattern) for pattern in patterns), "it is not in docs/metrics.md")
                if name.startswith("millrace_"):
                    self.assertEqual(name.endswith("_total"), kind == "counter")


if __name__ == "__main__":
    unittest.main()
