"""A peer that answers every question with something wrong: random blocks, false heights, damaged chunks."""
import contextlib
import random
import socket
import ssl
import struct
import threading

from support import processes
from support.peer import HELLO, PING, PONG, STATUS, Identity, frame, hello

# Questions and the kind of their answers.
ANSWERS = {(1, 5): (1, 2), (1, 7): (1, 8), (2, 1): (2, 2), (2, 3): (2, 4), (2, 5): (2, 6), (2, 7): (2, 8), (3, 2): (3, 3)}


class Liar:
    """Listens on a port of loopback as a peer of the network that `status` describes; use in a with statement."""

    def __init__(self, folder, status, seed, host="127.0.0.1"):
        self._status = status
        self._chance = random.Random(seed)
        self.identity = Identity(folder)
        self.port = processes.free_port()
        self.address = host, self.port
        self.fixed = f"{self.identity.key.hex()}@{host}:{self.port}"
        self.greeted = self.answers = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.num_tickets = 0
        self._context.set_ecdh_curve("X25519")
        self._context.set_alpn_protocols(["millrace/1"])
        self._context.load_cert_chain(self.identity.certificate_file, self.identity.key_file)
        self._listener = socket.create_server(self.address)
        self._streams = []
        self._over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._over:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            with self._context.wrap_socket(connection, server_side=True) as stream:
                self._streams.append(stream)
                while not self._over:
                    length, *kind = struct.unpack(">IBB", self._take(stream, 6))
                    payload = self._take(stream, length)
                    for answer in self._lie(tuple(kind), payload):
                        stream.sendall(answer)
        except (OSError, EOFError):
            return

    def _lie(self, kind, payload):
        if kind == HELLO:
            self.greeted += 1
            return [frame(HELLO, hello(int(self._status["chainId"]), self._status["genesisId"]))]
        if kind == PING:
            return [frame(PONG, payload)]
        if kind == STATUS:  # theirs, but for a few bits
            damaged = bytearray(payload)
            for _ in range(3):
                damaged[self._chance.randrange(len(damaged))] ^= 1 << self._chance.randrange(8)
            return [frame(STATUS, bytes(damaged))]
        if kind in ANSWERS:
            self.answers += 1
            return [frame(ANSWERS[kind], self._chance.randbytes(self._chance.randrange(1, 2000)))]
        return []

    @staticmethod
    def _take(stream, size):
        taken = b""
        while len(taken) < size:
            more = stream.recv(size - len(taken))
            if not more:
                raise EOFError
            taken += more
        return taken

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._over = True
        self._listener.close()
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
