"""Packages of npm that tests use, pinned by a package-lock.json, installed once into the build folder."""
import fcntl
import hashlib
import pathlib
import shutil
import subprocess

FOLDERS = pathlib.Path(__file__).resolve().parent.parent


def install(build, name):
    """Puts the programs of the folder `name` here and what its lock file pins into build/name; quick when it is there already."""
    home = pathlib.Path(build) / name
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for source in (FOLDERS / name).iterdir():
            shutil.copy(source, home / source.name)
        wanted = hashlib.sha256((home / "package-lock.json").read_bytes()).hexdigest()
        stamp = home / "stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True, timeout=300)
            stamp.write_text(wanted)
    return home
