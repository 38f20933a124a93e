"""Disks that are full, fail, lose power or come back from the past."""
import os
import pathlib
import shutil
import subprocess
import time

import sandbox
from support import processes
from trial import Skip, fault, say


def others_go_on(trial, broken):
    trial.wait_for_finality([m for m in trial.network.members if m is not broken], 60)


def ends_or_halts(member, seconds=60):
    """The node takes no more work: its program ended, or says why it halted."""
    def over():
        if not member.running():
            return "its program ended"
        try:
            status, why = member.get("/healthz", 3)
        except OSError:
            return None
        return status == 503 and f"halted: {why['why']}"
    return processes.wait_until(over, f"{member.name} takes no more work", seconds)


@fault(3, needs=("mkfs.ext4", "mount"))
def a_power_cut_loses_nothing_that_was_synced(trial):
    if not trial.in_sandbox or not pathlib.Path("/dev/loop-control").exists():
        raise Skip("no loop devices here")
    network = trial.begin(start=False)
    victim = network.validators[0]
    image, mounted = trial.folder / "power.img", trial.folder / "power"
    with open(image, "wb") as file:
        file.truncate(512 << 20)
    sandbox.call("mkfs.ext4", "-q", "-O", "^has_journal" if trial.chance.random() < 0.3 else "has_journal", image)
    mounted.mkdir()
    # Nothing but what the node syncs reaches the image in the time of this test.
    mount = ["mount", "-o", "loop,commit=300"]
    if sandbox.call(*mount, image, mounted, check=False).returncode != 0:
        raise Skip("this user may not mount a loop device")
    try:
        shutil.move(victim.home, mounted / "home")
        victim.home = mounted / "home"
        victim.home.chmod(0o700)
        sandbox.call("sync", "-f", mounted)
        network.start()
        trial.calm()
        cuts, end = 0, time.monotonic() + trial.seconds
        while cuts == 0 or time.monotonic() < end:
            time.sleep(trial.chance.uniform(0.5, 3.0))
            victim.pause()
            shutil.copyfile(image, trial.folder / "cut.img")  # what the disk has at this moment
            victim.kill()
            sandbox.call("umount", mounted)
            os.replace(trial.folder / "cut.img", image)
            subprocess.run(["e2fsck", "-fy", image], capture_output=True)
            sandbox.call(*mount, image, mounted)
            victim.start()
            trial.recovers()
            cuts += 1
        say(f"{cuts} power cuts")
        trial.audit()
    finally:
        if victim.running():
            victim.kill()
        sandbox.call("umount", "-l", mounted, check=False)


@fault(7, selected=25)
def a_full_disk_stops_one_node_which_says_why_and_recovers(trial):
    network = trial.begin(start=False)
    victim = network.validators[0]
    disk = trial.small_disk(victim)
    network.start()
    trial.calm()
    disk.fill()
    say(ends_or_halts(victim))
    others_go_on(trial, victim)
    if victim.running():
        victim.kill()
    disk.empty()
    victim.start()
    trial.recovers()
    trial.audit()


@fault(8, selected=30, needs=("strace",))
def a_failing_disk_ends_the_node_before_it_says_more(trial):
    network = trial.begin()
    victim = network.validators[0]
    tries = [("fdatasync", "EIO", n) for n in (1, 2, 3, 7)] + [("pwrite64", "ENOSPC", 1), ("write", "ENOSPC", 40)]
    end, done = time.monotonic() + trial.seconds, 0
    for call, error, when in tries:
        if done and time.monotonic() > end:
            break
        log = trial.folder / "strace.log"
        with open(log, "wb") as out:
            tracer = subprocess.Popen(["strace", "-f", "-qq", "-p", str(victim.program.pid), "-e", f"trace={call}", "-e",
                                       f"inject={call}:error={error}:when={when}+", "-o", "/dev/null"], stderr=out)
        try:
            time.sleep(1)
            if tracer.poll() is not None:
                raise Skip(f"strace may not attach: {log.read_text().strip()[-200:]}")
            say(f"{call} {error} from the {when}. on: {ends_or_halts(victim)}")
        finally:
            tracer.terminate()
            tracer.wait()
        others_go_on(trial, victim)
        if victim.running():
            victim.kill()
        victim.start()
        trial.recovers()
        done += 1
    trial.audit()


def damages(home, chance):
    """(name, what to do to the stopped node's data)"""
    data = home / "data"

    def log_file():
        return max((data / "log").iterdir(), key=lambda file: file.stat().st_size)

    def store(pattern):
        found = sorted((data / "store/db").glob(pattern))
        assert found, f"no {pattern} in the store"
        return found[-1]

    def flip(file, at):
        content = bytearray(file.read_bytes())
        content[at % len(content)] ^= 1 << chance.randrange(8)
        file.write_bytes(content)

    def truncate(file, size):
        os.truncate(file, size)
    yield "a bit of the log's beginning", lambda: flip(log_file(), chance.randrange(64))
    yield "a bit of the log's middle", lambda: flip(log_file(), chance.randrange(1 << 16))
    yield "the log cut short", lambda: truncate(log_file(), chance.randrange(1, 4096))
    yield "the log gone", lambda: shutil.rmtree(data / "log")
    yield "CURRENT gone", lambda: (data / "store/db/CURRENT").unlink()
    yield "MANIFEST cut short", lambda: truncate(store("MANIFEST-*"), 100)
    yield "a bit of a table", lambda: flip(store("*.sst"), chance.randrange(1 << 20))
    yield "a bit of the store's own log", lambda: (f := store("*.log")).stat().st_size and flip(f, 1 << 10)


@fault(9)
def damaged_files_are_noticed_and_never_voted_from(trial):
    network = trial.begin()
    victim = network.validators[0]
    kept = trial.folder / "kept"
    victim.stop()
    victim.start()  # the store makes tables of its log as it opens
    victim.stop()
    shutil.copytree(victim.home / "data", kept)
    victim.start()
    for name, damage in damages(victim.home, trial.chance):
        if victim.running():
            victim.kill()
        shutil.rmtree(victim.home / "data")
        shutil.copytree(kept, victim.home / "data")  # also an old backup: its votes are long forgotten
        damage()
        say(f"{name}: {comes_up_or_says_why(victim)}")
        others_go_on(trial, victim)
    if victim.running():
        victim.kill()
    other = network.validators[1]
    other.kill()
    shutil.rmtree(victim.home / "data")
    shutil.copytree(other.home / "data", victim.home / "data")  # somebody else's data with our keys
    other.start()
    say(f"swapped folders: {comes_up_or_says_why(victim)}")
    others_go_on(trial, victim)
    if victim.running():
        victim.kill()
    trial.audit([m for m in network.members if m is not victim])


def comes_up_or_says_why(member):
    """Started on doubtful data it serves, or ends with one clear line. Whether it voted wrongly, the audit sees."""
    member.launch()
    try:
        processes.wait_until(lambda: not member.running() or member.healthy(), "it decides", 60)
    except AssertionError:
        return "it waits"
    if member.running():
        status, told = member.get("/v1/consensus")
        return "it runs" + (", silenced" if status == 200 and told.get("silenced") else "")
    lines = [line for line in member.log().splitlines() if line.startswith("millraced: ")]
    assert lines, f"it ended without a word:\n{member.log()[-2000:]}"
    return lines[-1]
