"""Wires that are cut, slow or one-way, and peers that lie about the chain."""
import shutil
import time

from relay import WideArea
from support import processes
from support.liar import Liar
from trial import Skip, fault, say


@fault(5, selected=45, needs=("wires",))
def partitions_stop_the_smaller_part_and_heal(trial):
    network = trial.begin(wires=True)
    a, b, c, d = network.validators
    rest = network.followers
    cut = min(60.0, trial.seconds / 6)

    say("halves")
    trial.wires.part([a, b], [c, d, *rest])
    trial.stands_still(network.members, cut)
    trial.wires.heal()
    trial.recovers(cut=cut + 1)

    say("one alone")
    trial.wires.part([a], [b, c, d, *rest])
    trial.wait_for_finality([b, c, d], 60)
    trial.stands_still([a], cut)
    trial.wires.heal()
    trial.recovers(cut=cut + 1)

    say("one heard by nobody, hearing all")
    trial.wires.mute(b, True)
    trial.wait_for_finality([a, c, d], 60)
    time.sleep(cut)
    trial.wires.mute(b, False)
    trial.recovers(cut=cut + 1)

    say("flapping each 3 s")
    end = time.monotonic() + cut
    while time.monotonic() < end:
        trial.wires.part([a, b, c], [d, *rest])
        time.sleep(3)
        trial.wires.heal()
        time.sleep(3)
    trial.recovers(cut=3)
    trial.audit()


@fault(6)
def a_bad_wide_area_is_slow_and_nothing_worse(trial):
    network = trial.begin(start=False)
    area = WideArea(network, trial.chance.random())
    trial.at_end(area.end)
    network.start()
    trial.calm()
    for name, change in (("300 ms, give or take 100, 5 % lost", {"delay": 0.3, "jitter": 0.1, "stalled": 0.05, "stall": 0.6}),
                         ("50 ms, a quarter out of order", {"delay": 0.05, "stalled": 0.25, "stall": 0.1}),
                         ("1 Mbit a second", {"delay": 0.02, "rate": 125_000})):
        area.calm()
        for what, value in change.items():
            setattr(area, what, value)
        took = trial.wait_for_finality(network.members, 120)
        say(f"{name}: final after {took:.1f} s")
        time.sleep(trial.seconds / 6)
        trial.wait_for_finality(network.members, 120)
    area.calm()
    trial.recovers(cut=5)
    trial.audit()


@fault(6, needs=("wires", "tc"))
def packets_lost_and_reordered_are_no_worse(trial):
    network = trial.begin(wires=True)
    for words in (["delay", "300ms", "100ms", "loss", "5%"], ["delay", "50ms", "30ms", "reorder", "25%", "50%"],
                  ["rate", "1mbit"]):
        for member in network.members:
            if not trial.wires.netem(member, *words):
                raise Skip("this kernel has no netem")
        took = trial.wait_for_finality(network.members, 120)
        say(f"{' '.join(words)}: final after {took:.1f} s")
        time.sleep(trial.seconds / 6)
        trial.wait_for_finality(network.members, 120)
    for member in network.members:
        trial.wires.netem(member)
    trial.recovers(cut=5)
    trial.audit()


def newest_snapshot(member):
    """Height of the newest one that the node offers; 0 without one."""
    offers = member.get("/v1/snapshots")[1]["items"]
    return int(offers[0]["height"]) if offers else 0


def wait_for_snapshot(member, height):
    processes.wait_until(lambda: newest_snapshot(member) >= height, f"a snapshot from block {height} on", 120)


def catch_up_beside_liars(trial, **consensus):
    """A new follower that knows two liars and one honest node gets the honest chain."""
    network = trial.begin(followers=1, start=False, consensus=consensus, snapshots={"everyBlocks": 8})
    late = network.followers[0]
    network.start(network.validators)
    network.load(network.validators)
    trial.wait_for_finality(network.validators, 60)
    time.sleep(min(10.0, trial.seconds / 4))
    if consensus:
        wait_for_snapshot(network.validators[0], 1)
    status = network.validators[0].status()
    with Liar(trial.folder, status, trial.chance.random()) as one, Liar(trial.folder, status, trial.chance.random()) as two:
        honest = f"{network.facts['nodes'][0]['peerKey'].removeprefix('0x')}@{network.facts['nodes'][0]['peers']}"
        late.configure(peers={"fixed": [one.fixed, two.fixed, honest]})
        late.start()
        network.load([late])
        trial.wait_for_finality([late], 120)
        say(f"{one.answers + two.answers} lies told")
        assert one.greeted + two.greeted > 0, "the node never met a liar"
    if consensus:
        assert "the ledger begins with the snapshot of block" in late.log(), "it did not begin with a snapshot"
    trial.idle = 1.0
    trial.audit()


@fault(23)
def sync_among_liars_gets_the_honest_chain(trial):
    catch_up_beside_liars(trial)


@fault(24)
def snapshots_from_liars_are_not_believed(trial):
    catch_up_beside_liars(trial, sync="snapshot")


@fault(24)
def a_corrupted_snapshot_is_refused_and_one_that_is_well_taken(trial):
    """All that have a snapshot have it damaged on disk: nobody's is believed, and each is named. Then one has it well."""
    network = trial.begin(followers=1, start=False, snapshots={"everyBlocks": 8})
    late = network.followers[0]
    network.start(network.validators)
    network.load(network.validators)
    for member in network.validators:
        wait_for_snapshot(member, 8)
    network.end_load()
    network.loaders.clear()
    network.same_head(network.validators)
    time.sleep(2)  # the last one is written
    whole = {}
    for member in network.validators:
        for chunk in (member.home / "data/snapshots").glob("*/chunk-*"):
            damaged = bytearray(chunk.read_bytes())
            whole[chunk] = bytes(damaged)
            damaged[trial.chance.randrange(len(damaged))] ^= 1 << trial.chance.randrange(8)
            chunk.write_bytes(damaged)
    late.configure(consensus={"sync": "snapshot"})
    late.launch()

    def refused():
        try:
            return late.get("/v1/status", 5)[1]["snapshotSync"]["refutedPeers"]
        except OSError:
            return 0
    processes.wait_until(lambda: refused() == len(network.validators), "every provider of a damaged chunk is refused", 120)
    assert late.log().count("misbehaves: snapshot chunk 0") == len(network.validators), late.log()[-3000:]
    assert late.get("/healthz")[0] == 503 and not (late.home / "data/store").exists()
    late.kill()
    for chunk, bytes_ in whole.items():
        if chunk.is_relative_to(network.validators[0].home):
            chunk.write_bytes(bytes_)
    late.start()
    assert "the ledger begins with the snapshot of block" in late.log()
    network.load()
    trial.wait_for_finality(network.members, 60)
    trial.idle = 1.0
    trial.audit()


@fault(20)
def who_comes_late_begins_with_a_snapshot_of_a_later_epoch(trial):
    network = trial.begin(followers=2, snapshots={"everyBlocks": 8})
    new, late = network.followers
    late.stop()
    shutil.rmtree(late.home / "data")
    wallet = trial.wallet(new)
    wallet("validator", "join", "--node-home", str(new.home), "--stake", "1000", account=new.name)
    epoch = processes.wait_until(lambda: (e := new.get("/v1/consensus")[1]["epoch"]) and e, "the next epoch", 90)
    wait_for_snapshot(network.validators[0], network.validators[0].head()[0] + 1)
    late.configure(consensus={"sync": "snapshot"})
    late.start()
    assert "the ledger begins with the snapshot of block" in late.log()
    assert late.get("/v1/consensus")[1]["epoch"] >= epoch
    assert len(late.get("/v1/proof/epoch/0")[1]["seals"]) >= epoch, "the seals that it came by are not kept"
    trial.recovers()
    trial.audit()


@fault(20)
def an_epoch_changes_with_a_validator_down_and_who_comes_late_follows(trial):
    network = trial.begin(followers=2)
    new, late = network.followers
    down = network.validators[-1]
    late.stop()
    down.kill()
    others = [m for m in network.members if m.running()]
    trial.wait_for_finality(others, 60)
    wallet = trial.wallet(new)
    wallet("validator", "join", "--node-home", str(new.home), "--stake", "1000", account=new.name)
    epoch = processes.wait_until(lambda: (e := new.get("/v1/consensus")[1]["epoch"]) and e, "the next epoch", 90)
    processes.wait_until(lambda: new.get("/v1/consensus")[1]["isValidator"], "the new validator votes", 60)
    say(f"epoch {epoch} with a new validator")
    down.start()
    late.start()
    for member in (down, late):
        processes.wait_until(lambda m=member: m.get("/v1/consensus")[1]["epoch"] >= epoch, "it knows the epoch", 90)
    trial.recovers()
    trial.audit()
