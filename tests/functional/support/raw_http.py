"""Bytes to a port and bytes back, for requests that no HTTP library would send."""
import re
import socket


def exchange(port, raw, seconds=10.0, pieces=None):
    """Sends raw, or each of pieces, and reads until the peer closes or is silent for so long.

    Returns (what came, whether the peer closed)."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        received = b""
        try:
            for piece in pieces or [raw]:
                connection.sendall(piece)
            while data := connection.recv(65536):
                received += data
        except TimeoutError:
            return received, False
        except (ConnectionResetError, BrokenPipeError):
            return received, True  # it closed while we were still sending: allowed, and what came counts
        return received, True


def statuses(received):
    """The status of each answer on the wire."""
    return [int(status) for status in re.findall(rb"(?:^|\r\n|\})HTTP/1\.1 (\d{3})", received)]
