"""The stock x402 client (npm), installed once into the build folder, as tests and people drive it."""
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "x402"


def install(build):
    """Puts the driver and what package-lock.json pins into build/x402; quick when it is there already."""
    home = pathlib.Path(build) / "x402"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for source in SOURCES.iterdir():
            shutil.copy(source, home / source.name)
        wanted = hashlib.sha256((home / "package-lock.json").read_bytes()).hexdigest()
        stamp = home / "stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True, timeout=300)
            stamp.write_text(wanted)
    return home


def drive(home, url, key, asset, chain, body, scenarios=(), rpc=None, seconds=240.0, shop=None):
    """Runs scenarios (all of a node by default) against a node; {name: result}, each with `passed`. `shop`: what those
    at a shop want of the environment."""
    node = {"URL": url, "KEY": key, "ASSET": asset, "CHAIN": str(chain), "BODY": body, **({"RPC": rpc} if rpc else {}), **(shop or {})}
    done = subprocess.run(["node", "run.mjs", *scenarios], cwd=home, env={**os.environ, **node},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not results:
        raise AssertionError(f"the driver said nothing (exit {done.returncode}):\n{done.stderr[-4000:]}")
    return {result["scenario"]: result for result in results}
