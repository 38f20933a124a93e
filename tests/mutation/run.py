#!/usr/bin/env python3
"""Breaks one rule at a time in a copy of the tree, and sees the test named for it fail.

    ./dev mutation [ID...|all|rest] [--write] [--find]
"""
import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/mutation"
WORK = ROOT / "build/mutation"
TREE = WORK / "tree"
BEGIN, END = "<!-- begin: ./dev mutation all --write -->\n", "<!-- end -->\n"
TEST_SECONDS = 60


class Wrong(Exception):
    """The list or the machine is wrong, rather than a test missing."""


def read_list():
    with open(HERE / "mutants.toml", "rb") as file:
        data = tomllib.load(file)
    return [dict(each, id=name) for name, each in data.items()]


def check_list(mutants):
    """What can rot without anybody noticing, cheaply: run by ctest."""
    wrong = []
    if len(mutants) < 30:
        wrong.append(f"only {len(mutants)} mutants")
    sources = "\n".join(p.read_text() for p in (ROOT / "tests/unit").rglob("*_test.cpp"))
    known = {f"{a}.{b}" for a, b in re.findall(r"^TEST(?:_F)?\((\w+), *(\w+)\)", sources, re.M)}
    for mutant in mutants:
        name = mutant["id"]
        missing = {"file", "rule", "breaks", "old", "new", "target", "test"} - mutant.keys()
        if missing:
            wrong.append(f"{name}: lacks {', '.join(sorted(missing))}")
            continue
        path = ROOT / mutant["file"]
        found = path.read_text().count(mutant["old"]) if path.is_file() else 0
        if found != 1:
            wrong.append(f"{name}: the old text is {found} times in {mutant['file']}, not once")
        if mutant["old"] == mutant["new"]:
            wrong.append(f"{name}: changes nothing")
        if mutant["test"] not in known:
            wrong.append(f"{name}: there is no test {mutant['test']}")
    table = (HERE / "README.md").read_text()
    for mutant in mutants:
        row = f"| `{mutant['id']}` |"
        if row not in table:
            wrong.append(f"{mutant['id']}: not in README.md; ./dev mutation all --write")
        elif f"`{mutant['test']}`" not in table.split(row)[1].split("\n")[0]:
            wrong.append(f"{mutant['id']}: README.md names another test")
    return wrong


def put(path, content):
    """Writes only what differs, so that the build notices nothing else."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def copy_tree():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                           check=True, capture_output=True).stdout.decode().split("\0")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for name in wanted:
        put(TREE / name, (ROOT / name).read_bytes())
        shutil.copymode(ROOT / name, TREE / name)
    for path in TREE.rglob("*"):
        name = path.relative_to(TREE)
        if name.parts[0] not in ("build", ".cache") and path.is_file() and str(name) not in wanted:
            path.unlink()
    if not (TREE / ".cache").exists():
        (TREE / ".cache").symlink_to((ROOT / ".cache").resolve())


def run(command, log, seconds=None):
    """Exit status; None when it took too long."""
    with open(WORK / log, "w") as out:
        try:
            return subprocess.run(command, cwd=TREE, stdout=out, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, timeout=seconds).returncode
        except subprocess.TimeoutExpired:
            return None


def build(targets, jobs):
    if not (TREE / "build/quick/build.ninja").exists():
        if run(["cmake", "--preset", "quick"], "configure.log") != 0:
            raise Wrong(f"cmake failed (all of it in {WORK}/configure.log)")
    return run(["cmake", "--build", "build/quick", "--parallel", jobs, "--target", *targets],
               "build.log") == 0


def test(target, names):
    """Exit status, and what every test that ran came to."""
    report = WORK / "tests.json"
    report.unlink(missing_ok=True)
    status = run([f"build/quick/bin/{target}", f"--gtest_filter={':'.join(names)}",
                  f"--gtest_output=json:{report}"], "test.log", TEST_SECONDS)
    results = {}
    if report.exists():
        for suite in json.loads(report.read_text())["testsuites"]:
            for each in suite["testsuite"]:
                results[f"{suite['name']}.{each['name']}"] = not each.get("failures")
    return status, results


def model(arguments):
    return run(["build/quick/bin/consensus_model", *arguments.split()], "model.log", TEST_SECONDS)


def targets_of(mutant):
    return [mutant["target"]] + (["consensus_model"] if "model" in mutant else [])


def prove_unbroken(mutants, jobs):
    """A test that fails anyway, or never runs, catches nothing."""
    targets = sorted({target for mutant in mutants for target in targets_of(mutant)})
    if not build(targets, jobs):
        raise Wrong(f"the unbroken tree does not build (all of it in {WORK}/build.log)")
    for target in sorted({mutant["target"] for mutant in mutants}):
        names = sorted({m["test"] for m in mutants if m["target"] == target} - {"?"})
        status, results = test(target, names)
        for name in names:
            if name not in results:
                raise Wrong(f"{target} has no test {name}")
            if not results[name]:
                raise Wrong(f"{name} fails on the unbroken tree (see {WORK}/test.log)")
        if status != 0:
            raise Wrong(f"{target} ends with {status} on the unbroken tree")
    for arguments in sorted({m["model"] for m in mutants if "model" in m}):
        if (status := model(arguments)) != 0:
            raise Wrong(f"consensus_model {arguments} ends with {status} on the unbroken tree")


def how_it_ended(status):
    if status is None:
        return "caught: hangs"
    if status == 0:
        return "SURVIVED"
    return "caught" if status == 1 else "caught: crashes"


def try_one(mutant, jobs, find):
    path = TREE / mutant["file"]
    sound = path.read_text()
    if sound.count(mutant["old"]) != 1:
        raise Wrong(f"{mutant['id']}: the old text is not there exactly once")
    path.write_text(sound.replace(mutant["old"], mutant["new"]))
    try:
        if not build(targets_of(mutant), jobs):
            shutil.copy(WORK / "build.log", WORK / f"{mutant['id']}.log")
            return f"DOES NOT COMPILE (see {WORK}/{mutant['id']}.log)", []
        failed = []
        if find:
            status, results = test(mutant["target"], ["*"])
            failed = sorted(name for name, good in results.items() if not good)
            if not results and status != 0:
                failed = [f"(the binary: {how_it_ended(status)})"]
        if mutant["test"] != "?":
            status, _ = test(mutant["target"], [mutant["test"]])
        elif not find:
            raise Wrong(f"{mutant['id']}: no test yet; --find looks for one")
        result = how_it_ended(status)
        if "model" in mutant and result != "SURVIVED":
            by_model = how_it_ended(model(mutant["model"]))
            shutil.copy(WORK / "model.log", WORK / f"{mutant['id']}.model.log")
            result += "; SURVIVED the model" if by_model == "SURVIVED" else "; by the model too"
        return result, failed
    finally:
        path.write_text(sound)


def digest_of(mutant):
    """Of all that a result depends on, but for the rest of the tree."""
    text = json.dumps(mutant, sort_keys=True) + (ROOT / mutant["file"]).read_text()
    return hashlib.sha256(text.encode()).hexdigest()


def read_results(mutants):
    """What earlier runs have found out about the mutants as they stand now."""
    if not (WORK / "results.json").exists():
        return {}
    kept = json.loads((WORK / "results.json").read_text())
    return {m["id"]: kept[m["id"]]["result"] for m in mutants
            if kept.get(m["id"], {}).get("digest") == digest_of(m)}


def keep_results(mutants, results):
    kept = {m["id"]: {"digest": digest_of(m), "result": results[m["id"]]}
            for m in mutants if m["id"] in results}
    (WORK / "results.json").write_text(json.dumps(kept, indent=1))


def write_table(mutants, results):
    text = (HERE / "README.md").read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    lines = ["| mutant | rule | what is broken | caught by | result |\n",
             "| --- | --- | --- | --- | --- |\n"]
    for mutant in mutants:
        by = f"`{mutant['test']}`" + (f", `./dev model {mutant['model']}`"
                                      if "model" in mutant else "")
        lines.append(f"| `{mutant['id']}` | {mutant['rule']} | {mutant['breaks']} | {by} "
                     f"| {results[mutant['id']]} |\n")
    (HERE / "README.md").write_text(before + BEGIN + "".join(lines) + END + after)


def main():
    parser = argparse.ArgumentParser(prog="./dev mutation", description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="*", metavar="ID", help="which mutants; all of them; the rest, which nobody has tried as they are now")
    parser.add_argument("--write", action="store_true",
                        help="put the results of all into tests/mutation/README.md")
    parser.add_argument("--find", action="store_true",
                        help="run the whole test binary as well, and name every test that fails")
    parser.add_argument("--check", action="store_true", help="look at the list, break nothing")
    options = parser.parse_args()
    mutants = read_list()

    if options.check:
        wrong = check_list(mutants)
        for line in wrong:
            print(line)
        return 1 if wrong else 0
    if not options.ids:
        for mutant in mutants:
            print(f"{mutant['id']:28} {mutant['rule']:12} {mutant['breaks']}")
        return 0
    known = {mutant["id"] for mutant in mutants}
    for name in options.ids:
        if name not in known | {"all", "rest"}:
            parser.error(f"no mutant '{name}'")
    results = read_results(mutants)
    chosen = [m for m in mutants if "all" in options.ids or m["id"] in options.ids
              or ("rest" in options.ids and m["id"] not in results)]

    WORK.mkdir(parents=True, exist_ok=True)
    jobs = os.environ.get("JOBS") or str(os.cpu_count() or 1)
    with open(WORK / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Wrong("another run is using build/mutation") from None
        copy_tree()
        print("the unbroken tree", flush=True)
        prove_unbroken(chosen, jobs)
        for mutant in chosen:
            began = time.monotonic()
            results[mutant["id"]], failed = try_one(mutant, jobs, options.find)
            keep_results(mutants, results)
            print(f"{mutant['id']:28} {results[mutant['id']]:28} {mutant['test']}"
                  f"  {time.monotonic() - began:.0f} s", flush=True)
            for name in failed:
                print(f"    {name}", flush=True)
    names = [mutant["id"] for mutant in chosen]
    bad = [name for name in names
           if not results[name].startswith("caught") or "SURVIVED" in results[name]]
    print(f"{len(names) - len(bad)} of {len(names)} caught")
    for name in bad:
        print(f"    {name}: {results[name]}")
    if options.write:
        if lacking := known - results.keys():
            raise Wrong(f"--write needs the results of all: {' '.join(sorted(lacking))}")
        write_table(mutants, results)
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        sys.exit(f"./dev mutation: {wrong}")
