"""Somebody who wants to be all that a node hears."""
import contextlib

from support import processes
from support import peer as peers
from support.peer import Identity, Peer, frame
from support.teller import MOST, Teller, made_up, message
from trial import PATIENCE, fault, say

ATTACKERS, SLOTS = 10, 8


def key_of(network, member):
    return next(facts["peerKey"] for facts in network.facts["nodes"] if facts["name"] == member.name).removeprefix("0x")


def fixed(network, member):
    return f"{key_of(network, member)}@{':'.join(member.peer_address)}"


def peers_of(member):
    """What each peer is to the node, by key."""
    return {peer["key"].removeprefix("0x"): peer["use"] for peer in member.get("/v1/peers")[1]["peers"]}


def alarmed(member):
    """By the API and by the metric alike."""
    said, metrics = member.get("/v1/peers")[1]["eclipseAlarm"], member.get("/metrics")[1]
    return said and "millrace_peer_eclipse_alarm 1" in metrics


def greet(stack, trial, member, source, identity):
    """A connection to the node that comes from the address `source`."""
    host, port = member.peer_address
    stranger = stack.enter_context(Peer((host, int(port)), identity, source=source))
    assert stranger.greet(trial.network.validators[0].status()), f"{source} was not let in"
    return stranger


@fault(15)
def who_knows_a_thousand_false_addresses_returns_to_its_old_peers_and_says_when_it_has_none(trial):
    """A follower that hears of the chain from two others only. Ten attackers in as many netgroups take every other
    slot of it and tell it of a thousand peers that are not; it restarts, with no fixed peer to rely on."""
    network = trial.begin(validators=1, followers=3, start=False)
    validator, (victim, *honest) = network.validators[0], network.followers
    for i, member in enumerate(network.members):  # each in a netgroup of its own; only the honest say where they are
        member.peer_address = [f"127.0.{i}.1" if member is validator else f"127.{i}.0.1", member.peer_address[1]]
        told = [":".join(member.peer_address)] if member in honest else []
        member.configure(peers={"address": member.peer_address[0], "advertised": told,
                                "fixed": [fixed(network, validator)] if member in honest else []})
    network.start([validator, *honest], 60 * PATIENCE)
    status = validator.status()
    with contextlib.ExitStack() as stack:
        records = []
        for member in honest:
            with contextlib.ExitStack() as visit:
                said = greet(visit, trial, member, "127.0.0.1", Identity(trial.folder)).read_kind(peers.ADDRESSES)
            assert said and said[:4] == bytes([0, 0, 0, 1]), "it does not say where it is"
            records.append(said[4:])
        seed = stack.enter_context(Teller(trial.folder, status, records))
        seed.may_tell.set()
        victim.configure(peers={"fixed": [seed.fixed]})
        victim.start(60 * PATIENCE)
        anchors = [key_of(network, member) for member in honest]

        def has_anchors():
            return all(peers_of(victim).get(key) == "full" for key in anchors)
        processes.wait_until(has_anchors, "it dials those that its seed told it of", 60 * PATIENCE)
        # Nobody else transfers: on a busy machine bodies of others that come late would count against the honest two.
        network.load([victim])
        trial.wait_for_finality([victim], 60 * PATIENCE)
        trial.idle = 1.0

        said = made_up(SLOTS * MOST, status["genesisId"], trial.chance)
        attackers = stack.enter_context(contextlib.ExitStack())
        tellers = [attackers.enter_context(Teller(trial.folder, status, said[i * MOST % len(said):][:MOST], f"127.{100 + i}.0.1"))
                   for i in range(ATTACKERS)]
        for teller in tellers:
            with contextlib.ExitStack() as visit:
                stranger = greet(visit, trial, victim, teller.address[0], teller.identity)
                stranger.send(message([teller.own_record()]) + frame(peers.PING, bytes(8)))
                assert stranger.read_kind(peers.PONG) is not None, "hung up on"
        processes.wait_until(lambda: sum(t.asked for t in tellers) >= SLOTS, "attackers have all other slots", 120 * PATIENCE)
        for teller in tellers:
            teller.may_tell.set()
        processes.wait_until(lambda: sum(t.told for t in tellers) >= SLOTS, "it has heard of all the addresses", 60 * PATIENCE)
        say(f"{SLOTS * MOST} made-up addresses told; restart")

        assert victim.stop(60 * PATIENCE) == 0
        victim.configure(peers={"fixed": []})
        victim.start(60 * PATIENCE)
        processes.wait_until(has_anchors, "it returns to its anchors", 60 * PATIENCE)
        processes.wait_until(lambda: list(peers_of(victim).values()).count("full") == SLOTS, "attackers have the rest", 120 * PATIENCE)
        assert has_anchors(), "attackers pushed an anchor out"
        trial.wait_for_finality([victim], 60 * PATIENCE)
        assert not alarmed(victim), "an alarm with peers in ten netgroups"

        say("its anchors gone, strangers of one netgroup come")
        for member in honest:
            assert member.stop(60 * PATIENCE) == 0
        attackers.close()
        for i in (1, 2):
            greet(stack, trial, victim, f"127.66.0.{i}", Identity(trial.folder))
        processes.wait_until(lambda: alarmed(victim), "it says that all its peers are in one netgroup", 30)

        assert victim.stop(60 * PATIENCE) == 0
    victim.configure(peers={"fixed": [fixed(network, member) for member in honest]})
    network.start([*honest, victim], 60 * PATIENCE)
    trial.recovers([victim])
    assert not alarmed(victim), "the alarm outlives its cause"
    trial.audit()
