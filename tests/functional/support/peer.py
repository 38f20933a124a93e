"""A peer of the tests: TLS 1.3 with a libp2p certificate of its own, and frames as bytes, good or bad."""
import secrets
import socket
import ssl
import struct
import subprocess
import time

from support import secp256k1

HELLO, PING, PONG, GOODBYE = (0, 1), (0, 2), (0, 3), (0, 4)
VOTE, CERTIFICATE, PROPOSAL, STATUS, GET_CERTIFICATES = (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)
GET_BLOCKS, BLOCKS, GET_SNAPSHOT = (2, 1), (2, 2), (2, 5)
INVENTORY, GET_TRANSACTIONS, TRANSACTION = (3, 1), (3, 2), (3, 3)
GET_ADDRESSES, ADDRESSES = (4, 1), (4, 2)
EXTENSION = "1.3.6.1.4.1.53594.1.1"
VERSION = 1


def frame(kind, payload, length=None):
    """A frame; `length` lies about the payload's."""
    return struct.pack(">IBB", len(payload) if length is None else length, *kind) + payload


def hello(chain_id, genesis, version=VERSION, features=0):
    return struct.pack(">HQ", version, chain_id) + bytes.fromhex(genesis.removeprefix("0x")) + \
        struct.pack(">QQQ", 0, features, secrets.randbits(64))


def _der(tag, content):
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def _integer(number):
    return _der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


class Identity:
    """A peer key and the certificate that binds a TLS key to it."""

    def __init__(self, folder, lie=False):
        """lie: the signature is over another certificate's key."""
        self.secret = secrets.token_bytes(32)
        self.key = secp256k1.public_key(self.secret)
        name = self.key.hex()[:16]
        self.key_file, self.certificate_file = folder / f"{name}.key", folder / f"{name}.crt"
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key_file)
        spki = self._openssl("pkey", "-in", self.key_file, "-pubout", "-outform", "DER")
        digest = secp256k1.sha256(b"libp2p-tls-handshake:" + spki + (b"x" if lie else b""))
        r, s = secp256k1.sign(self.secret, digest)
        signature = _der(0x30, _integer(r) + _integer(s))
        signed = _der(0x30, _der(4, bytes([8, 2, 0x12, 33]) + self.key) + _der(4, signature))
        bare = folder / "bare.cnf"  # without the extensions that OpenSSL would add, of which one is critical
        bare.write_text("[req]\ndistinguished_name=name\n[name]\n")
        self._openssl("req", "-new", "-x509", "-config", bare, "-key", self.key_file, "-sha256", "-days", "2", "-subj", "/CN=peer",
                      "-addext", f"{EXTENSION}=DER:" + signed.hex(":"), "-out", self.certificate_file)

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')[-1000:]}")
        return done.stdout


class Peer:
    """A connection to a node's port for peers. Closed by the node is an empty read; use in a with statement."""

    def __init__(self, address, identity=None, protocol="millrace/1", seconds=15, source=None):
        """source: the address of ours that it comes from."""
        self.raw = socket.create_connection(address, timeout=seconds, source_address=(source, 0) if source else None)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if protocol:
            context.set_alpn_protocols([protocol])
        if identity:
            context.load_cert_chain(identity.certificate_file, identity.key_file)
        try:
            self.stream = context.wrap_socket(self.raw)
        except OSError:
            self.raw.close()
            raise
        self.buffer = b""

    def greet(self, status):
        """Our Hello for the network of /v1/status; the node's, or None when it hung up."""
        self.send(frame(HELLO, hello(int(status["chainId"]), status["genesisId"])))
        return self.read()

    def send(self, data):
        """False when the node is gone."""
        try:
            self.stream.sendall(data)
            return True
        except OSError:
            return False

    def read(self):
        """The next frame as (kind, payload), or None when the connection ended."""
        head = self._take(6)
        if head is None:
            return None
        length, channel, kind = struct.unpack(">IBB", head)
        payload = self._take(length)
        return None if payload is None else ((channel, kind), payload)

    def read_kind(self, kind, most=1000):
        """The payload of the next frame of that kind, past others; None when there is none."""
        for _ in range(most):
            got = self.read()
            if got is None or got[0] == kind:
                return got and got[1]
        return None

    def _take(self, size):
        while len(self.buffer) < size:
            try:
                more = self.stream.recv(65536)
            except (ssl.SSLError, ConnectionError):
                more = b""
            if not more:
                return None
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def ended(self, seconds=30):
        """Reads until the node hangs up; the reason in its goodbye, '' without one, None when it stays."""
        end, reason = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            self.stream.settimeout(max(0.1, end - time.monotonic()))
            try:
                got = self.read()
            except TimeoutError:
                return None
            if got is None:
                return reason
            if got[0] == GOODBYE:
                reason = got[1].decode(errors="replace").strip("\x00")
        return None

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
