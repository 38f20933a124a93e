"""What an operator gets wrong is told in one line, and costs the others nothing."""
import json
import socket

from support import processes
from trial import fault, say


def refuses(member, *words):
    """The program does not start and says why."""
    with member.launch() as program:
        processes.wait_until(lambda: not program.running(), f"{member.name} ends", 60)
        line = [line for line in program.log().splitlines() if line.startswith("millraced: ")][-1]
        say(line)
        for word in words:
            assert word in line, f"{word!r} is not in {line!r}"
        assert program.stop() in (2, 3, 4)


@fault(25, selected=20)
def operators_errors_stop_one_node_and_are_told(trial):
    network = trial.begin(start=False, followers=0)
    victim = network.validators[0]
    disk = trial.small_disk(victim) if trial.in_sandbox else None
    network.start()
    trial.calm()
    victim.stop()
    others = network.validators[1:]
    trial.wait_for_finality(others, 60)

    genesis = victim.home / "genesis.json"
    kept = genesis.read_text()
    document = json.loads(kept)
    document["name"] = "another"
    genesis.write_text(json.dumps(document))
    refuses(victim, "genesis")
    genesis.write_text(kept)

    for name in ("validator.key", "peer.key"):
        key = victim.home / "keys" / name
        key.chmod(0o644)
        refuses(victim, name, "chmod 600")
        key.chmod(0o600)

    config = json.loads((victim.home / "config.json").read_text())
    with socket.create_server(("127.0.0.1", config["peers"]["port"])):
        refuses(victim)
    with socket.create_server(("127.0.0.1", config["http"]["port"])):
        refuses(victim)

    if disk:
        disk.read_only(True)
        refuses(victim)
        disk.read_only(False)
    trial.wait_for_finality(others, 60)
    victim.start()
    trial.recovers()
    trial.audit()
