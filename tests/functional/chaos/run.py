"""Faults on networks of real processes.

    ./dev chaos                      what there is
    ./dev chaos NAME [--minutes M]   one fault: its number or the beginning of its name
    ./dev chaos all [--minutes M]    every one, M minutes in all
"""
import argparse
import os
import pathlib
import signal
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import sandbox  # noqa: E402
import trial  # noqa: E402
import faults_disk  # noqa: E402,F401
import faults_eclipse  # noqa: E402,F401
import faults_network  # noqa: E402,F401
import faults_operator  # noqa: E402,F401
import faults_peers  # noqa: E402,F401
import faults_process  # noqa: E402,F401

SKIPPED = 77  # as ctest wants it


def run(number, function, needs, seconds, seed, in_sandbox):
    """True: held; False: broken; None: skipped."""
    print(f"{number:2}  {function.__name__.replace('_', ' ')} (seed {seed})", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="millrace-chaos-", dir="/tmp") as folder:
        under_test, problem = trial.Trial(pathlib.Path(folder), seconds, seed, in_sandbox), None
        try:
            trial.check_needs(needs, in_sandbox)
            function(under_test)
        except trial.Skip as reason:
            print(f"    skipped: {reason}", flush=True)
            return None
        except (AssertionError, OSError) as error:
            problem = error
            traceback.print_exc()
        finally:
            under_test.end(problem)
    print(f"    {'BROKEN' if problem else 'held'} after {time.monotonic() - began:.0f} s", flush=True)
    if problem:
        print(f"    again: ./dev chaos {number} --seed {seed}", flush=True)
    return problem is None


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.split("\n\n")[0])
    parser.add_argument("name", nargs="?", help="number or beginning of a name; all; selected")
    parser.add_argument("--minutes", type=float, help="for all that is run together; default 1 for each")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    faults = sorted(trial.FAULTS, key=lambda entry: entry[0])
    if options.name is None:
        for number, function, selected, _ in faults:
            print(f"{number:2}  {function.__name__}{'  (in ./dev test)' if selected else ''}")
        return 0
    if options.name == "selected":
        chosen = [entry for entry in faults if entry[2]]
    else:
        wanted = options.name.replace(" ", "_")
        chosen = [entry for entry in faults if wanted in ("all", str(entry[0])) or entry[1].__name__.startswith(wanted)]
    if not chosen:
        parser.error(f"no fault {options.name!r}; without a name: all of them")
    in_sandbox = sandbox.enter()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the programs are ended too
    each = options.minutes * 60 / len(chosen) if options.minutes else None
    results = [run(number, function, needs, each or (selected if options.name == "selected" else 60), options.seed, in_sandbox)
               for number, function, selected, needs in chosen]
    print(f"{results.count(True)} held, {results.count(False)} broken, {results.count(None)} skipped")
    if False in results:
        return 1
    return 0 if True in results else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
