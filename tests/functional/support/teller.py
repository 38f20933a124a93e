"""What peers say about where peers are: signed records, true or made up, and a peer that tells them to whoever asks."""
import ipaddress
import struct
import threading
import time

from support import secp256k1
from support.liar import Liar
from support.peer import ADDRESSES, GET_ADDRESSES, HELLO, PING, PONG, frame

TAG = secp256k1.sha256(b"millrace/peer-record/v1")
MOST = 128  # records in one answer


def record(secret, key, genesis, addresses, careless=False):
    """Of one peer at (host, port)s, signed for the network with that genesis."""
    places = sorted(b"\0" * 10 + b"\xff\xff" + ipaddress.IPv4Address(host).packed + struct.pack(">H", port) for host, port in addresses)
    now = int(time.time())
    said = key + struct.pack(">I", len(places)) + b"".join(places) + struct.pack(">QQ", now, now + 13 * 24 * 3600)
    digest = secp256k1.sha256(TAG + TAG + bytes.fromhex(genesis.removeprefix("0x")) + said)
    return said + secp256k1.sign_recoverable(secret, digest, careless)


def made_up(count, genesis, chance):
    """Records of peers that do not exist, in as many netgroups as there are on loopback."""
    return [record(secret, key, genesis, [(f"127.{2 + i % 250}.{i // 250}.1", chance.randrange(1024, 9000))], careless=True)
            for i, (secret, key) in enumerate(secp256k1.keys_in_a_row(chance.randbytes(32), count))]


def message(records):
    return frame(ADDRESSES, struct.pack(">I", len(records)) + b"".join(records))


class Teller(Liar):
    """Listens as a peer that behaves, knows no blocks, and tells `records` once `may_tell` is set."""

    def __init__(self, folder, status, records, host="127.0.0.1"):
        self.records = records
        self.may_tell = threading.Event()
        self.asked = self.told = 0  # told: what the other side has surely read
        super().__init__(folder, status, 0, host)

    def own_record(self):
        return record(self.identity.secret, self.identity.key, self._status["genesisId"], [self.address])

    def _lie(self, kind, payload):
        if kind == GET_ADDRESSES:
            self.asked += 1
            self.may_tell.wait(30)
            return [message(self.records), frame(PING, bytes(8))]
        if kind == PONG:
            self.told += 1
        return super()._lie(kind, payload) if kind in (HELLO, PING) else []
