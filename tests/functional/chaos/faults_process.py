"""Processes that die, stop, starve and come back."""
import contextlib
import os
import resource
import socket
import subprocess
import sys
import time

from support import processes
from trial import fault, say


@fault(1, selected=25)
def kill_9_of_one_node_after_the_other_loses_nothing(trial):
    network = trial.begin()
    end, kills = time.monotonic() + trial.seconds, 0
    while time.monotonic() < end:
        member = trial.chance.choice(network.members)
        time.sleep(trial.chance.uniform(0.2, min(5.0, trial.seconds / 8)))
        member.kill()
        if kills % 3 == 2:  # and once more while it comes up
            member.launch()
            time.sleep(trial.chance.uniform(0.0, 0.5))
            member.kill()
        member.start()
        kills += 1
    say(f"{kills} kills")
    trial.recovers()
    trial.audit()


@fault(2, selected=15)
def kill_9_of_all_nodes_at_once_loses_nothing(trial):
    network = trial.begin()
    end, kills = time.monotonic() + trial.seconds, 0
    while kills == 0 or time.monotonic() < end:
        time.sleep(trial.chance.uniform(0.5, 3.0))
        for member in trial.chance.sample(network.members, len(network.members)):
            member.kill()
        network.start()
        trial.recovers()
        kills += 1
    say(f"{kills} times all")
    trial.audit(verify=len(network.members))


@fault(4, selected=20)
def stopped_nodes_delay_and_never_fork(trial):
    network = trial.begin()
    one, two = network.validators[:2]
    pause = min(20.0, trial.seconds / 4)
    one.pause()
    others = [m for m in network.members if m is not one]
    took = trial.wait_for_finality(others, 60)
    say(f"with one of four stopped: final after {took:.1f} s")
    time.sleep(pause)
    two.pause()
    trial.stands_still([m for m in others if m is not two], pause)
    one.go_on()
    two.go_on()
    trial.recovers()
    trial.audit()


@fault(18)
def starved_of_descriptors_and_of_processors_the_network_goes_on(trial):
    network = trial.begin()
    poor = network.validators[-1]
    kept = resource.prlimit(poor.program.pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{poor.program.pid}/fd"))
    resource.prlimit(poor.program.pid, resource.RLIMIT_NOFILE, (used + 8, kept[1]))
    host, port = poor.url.split("//")[1].split(":")
    with contextlib.ExitStack() as held:
        for _ in range(64):
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_connection((host, int(port)), timeout=2))
        trial.wait_for_finality([m for m in network.members if m is not poor], 60)
    resource.prlimit(poor.program.pid, resource.RLIMIT_NOFILE, kept)
    trial.recovers()
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * os.cpu_count())]
    try:
        trial.wait_for_finality(network.members, 120)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    trial.recovers()
    trial.audit()


@fault(19, selected=25)
def a_rolling_restart_loses_nothing_and_stops_nobody(trial):
    network = trial.begin()
    for member in network.members:
        others = [m for m in network.members if m is not member]
        status = member.stop()
        assert status == 0, f"{member.name} ended with {status}"
        trial.wait_for_finality(others, 60)
        member.start()
        processes.wait_until(lambda m=member: m.head() and m.head()[0] > 0, "it has blocks", 60)
    trial.recovers()
    trial.audit()
