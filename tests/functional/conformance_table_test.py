"""docs/conformance.md: every test named there exists, and every row names one."""
import pathlib
import re
import unittest

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


if __name__ == "__main__":
    unittest.main()
