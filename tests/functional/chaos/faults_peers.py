"""Strangers who connect: slow, malformed, from another network, or simply too many."""
import contextlib
import secrets
import socket
import statistics
import threading
import time

from support import peer as peers
from support.peer import Identity, Peer, frame
from trial import PATIENCE, fault, say


def address_of(member):
    return member.peer_address[0], int(member.peer_address[1])


def http_address(member):
    host, port = member.url.split("//")[1].split(":")
    return host, int(port)


def closes(stream, seconds):
    """Whether the other side hangs up."""
    stream.settimeout(seconds)
    with contextlib.suppress(ConnectionError):
        try:
            while stream.recv(65536):
                pass
        except TimeoutError:
            return False
    return True


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


@fault(12)
def slow_strangers_cost_nobody_else_anything(trial):
    network = trial.begin(followers=0)
    target = network.validators[0]
    streams = []
    for _ in range(8):  # half a handshake, half a request
        for address, first in ((address_of(target), b"\x16\x03\x01"), (http_address(target), b"GET /v1/sta")):
            stream = socket.create_connection(address, timeout=10)
            stream.sendall(first)
            streams.append(stream)
    with contextlib.suppress(OSError):  # one byte a second; who hung up is counted below
        for _ in range(min(20, int(trial.seconds / 3))):
            for stream in streams:
                with contextlib.suppress(OSError):
                    stream.sendall(b"\x01")
            time.sleep(1)
    trial.wait_for_finality(network.members, 30 * PATIENCE)
    with Peer(address_of(target), Identity(trial.folder)) as lazy:  # asks, and never reads
        assert lazy.greet(target.status())
        lazy.stream.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                lazy.stream.sendall(frame(peers.PING, bytes(8)))
        trial.wait_for_finality(network.members, 30 * PATIENCE)
    closed = sum(closes(stream, 40) for stream in streams)
    assert closed == len(streams), f"{len(streams) - closed} slow connections are still open"
    trial.recovers()
    trial.audit()


@fault(13, selected=20)
def malformed_bytes_end_the_connection_with_a_name(trial):
    network = trial.begin(followers=0)
    target = network.validators[0]
    address, status = address_of(target), target.status()
    for name, raw in (("garbage before TLS", secrets.token_bytes(512)),
                      ("HTTP to the TLS port", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                      ("a TLS record of 64 KiB", b"\x16\x03\x01\xff\xff" + bytes(64))):
        with socket.create_connection(address, timeout=10) as stream:
            stream.sendall(raw)
            assert closes(stream, 20), f"{name}: not hung up on"
    for name, identity in (("no certificate", None), ("a certificate signed for another", Identity(trial.folder, lie=True))):
        with contextlib.suppress(OSError), Peer(address, identity) as stranger:
            assert stranger.greet(status) is None, name
    for name, wanted, raw in (
            ("4 GiB", "frame_too_large", frame(peers.INVENTORY, b"", 0xFFFFFFFF)),
            ("a vote of a mebibyte", "frame_too_large", frame(peers.VOTE, b"", 1 << 20)),
            ("nothing", "frame_empty", frame(peers.STATUS, b"")),
            ("no such channel", "frame_unknown_kind", frame((9, 1), b"x")),
            ("no such type", "frame_unknown_kind", frame((1, 99), b"x")),
            ("a second Hello", "message_unasked",
             frame(peers.HELLO, peers.hello(int(status["chainId"]), status["genesisId"])))):
        with Peer(address, Identity(trial.folder)) as stranger:
            assert stranger.greet(status), name
            stranger.send(raw)
            reason = stranger.ended(20)
            assert reason is not None, f"{name}: not hung up on"
            say(f"{name}: {reason or 'closed'}")
            assert not reason or wanted in reason, f"{name}: {reason}, wanted {wanted}"
        time.sleep(0.2)  # handshakes are rationed
    trial.recovers()
    trial.audit()


@fault(16)
def what_belongs_elsewhere_is_refused(trial):
    network = trial.begin(followers=0)
    one, two = network.validators[:2]
    status = one.status()
    for name, wanted, said in (
            ("another chain", "hello_other_chain", peers.hello(int(status["chainId"]) + 1, status["genesisId"])),
            ("another genesis", "hello_other_genesis", peers.hello(int(status["chainId"]), "11" * 32)),
            ("another version", "hello_other_version", peers.hello(int(status["chainId"]), status["genesisId"], 99))):
        with Peer(address_of(one), Identity(trial.folder)) as stranger:
            stranger.send(frame(peers.HELLO, said))
            reason = stranger.ended(20)
            assert reason is not None and (not reason or wanted in reason), f"{name}: {reason}"
            say(f"{name}: {reason or 'closed'}")
        time.sleep(0.2)
    with Peer(address_of(one), Identity(trial.folder)) as listener:  # what one says, to another, twice, later
        assert listener.greet(status)
        heard, end = [], time.monotonic() + 5
        while time.monotonic() < end and (got := listener.read()):
            heard.append(got)
    say(f"{len(heard)} frames replayed")
    for member in (two, one):
        with contextlib.suppress(OSError), Peer(address_of(member), Identity(trial.folder)) as stranger:
            assert stranger.greet(status)
            for kind, payload in heard[:200] * 2:
                if kind[0] != 0 and not stranger.send(frame(kind, payload)):
                    break
        time.sleep(1)
    trial.recovers()
    trial.audit()


def flood(trial, member, make):
    """One peer sends what `make` makes as fast as it can, and comes back when it is thrown out, until it is stopped."""
    over = threading.Event()
    sent = [0, 0]

    def run():
        status = member.status()
        while not over.is_set():
            try:
                with Peer(address_of(member), Identity(trial.folder)) as stranger:
                    if not stranger.greet(status):
                        time.sleep(0.3)
                        continue
                    sent[1] += 1
                    while not over.is_set() and stranger.send(make()):
                        sent[0] += 1
            except OSError:
                time.sleep(0.3)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def stop():
        over.set()
        thread.join(60)
        return sent
    return stop


@fault(17)
def floods_leave_honest_transfers_under_three_times_their_time(trial):
    network = trial.begin(followers=0)
    target = network.validators[0]
    loader = network.loaders[network.validators[1].name]
    time.sleep(5)
    before = percentile(loader.times()[-200:], 0.99)
    say(f"honest p99 {before * 1000:.0f} ms, p50 {statistics.median(loader.times()[-200:]) * 1000:.0f} ms")
    random_bytes = secrets.token_bytes
    kinds = {
        "inventories": lambda: frame(peers.INVENTORY, (32).to_bytes(4, "big") + random_bytes(32 * 32)),
        "transactions": lambda: frame(peers.TRANSACTION, random_bytes(400)),
        "questions for blocks": lambda: frame(peers.GET_BLOCKS, random_bytes(16)),
        "statuses": lambda: frame(peers.STATUS, random_bytes(200)),
        "votes": lambda: frame(peers.VOTE, random_bytes(120)),
    }
    for name, make in kinds.items():
        known = len(loader.times())
        stop = flood(trial, target, make)
        time.sleep(max(4.0, trial.seconds / len(kinds)))
        frames, connections = stop()
        times = loader.times()[known:]
        assert times, f"nothing became final while {name} came"
        after = percentile(times, 0.99)
        say(f"{name}: {frames} frames on {connections} connections, honest p99 {after * 1000:.0f} ms")
        assert after < 3 * max(before, 0.05) * PATIENCE, f"{name}: p99 {after * 1000:.0f} ms, was {before * 1000:.0f}"
    storm = []
    with contextlib.suppress(OSError):
        for _ in range(300):
            storm.append(socket.create_connection(address_of(target), timeout=5))
    trial.wait_for_finality(network.members, 30 * PATIENCE)
    for stream in storm:
        stream.close()
    trial.recovers()
    trial.audit()
