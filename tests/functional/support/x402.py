"""The stock x402 client (npm), installed once into the build folder, as tests and people drive it."""
import json
import os
import subprocess

from support import npm


def install(build):
    """The driver with what package-lock.json pins, in build/x402."""
    return npm.install(build, "x402")


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
