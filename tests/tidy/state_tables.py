"""Shows every two records of the state that have the same table: each would read the other's bytes as its own."""
import pathlib
import re
import sys


def tables(root):
    for file in sorted((root / "market").rglob("*.hpp")):
        for found in re.finditer(r"struct (\w+) \{\s+using Key = [^;]+;\s+static constexpr char table = '(.)';", file.read_text()):
            yield found[2], found[1]


if __name__ == "__main__":
    seen, wrong = {}, []
    for table, record in tables(pathlib.Path(sys.argv[1])):
        if table in seen:
            wrong.append(f"{record} and {seen[table]} both have the table {table!r}")
        seen[table] = record
    if len(seen) < 50:
        wrong.append(f"only {len(seen)} records found: this test no longer sees them")
    print("\n".join(wrong) or f"{len(seen)} tables, each of one record")
    sys.exit(bool(wrong))
