"""Looks for bytes where they must not be: in the memory of a program, in its files, on its connections."""
import socket
import threading

LARGEST = 1 << 32  # what checks of addresses reserve is longer, and not there


def in_memory(pid, secrets):
    """Those of `secrets` that stand in the memory of a running program; None where one may not look."""
    found = set()
    longest = max(map(len, secrets))
    try:
        with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                fields = line.split()
                begin, end = (int(place, 16) for place in fields[0].split("-"))
                if not fields[1].startswith("rw") or end - begin > LARGEST or line.rstrip().endswith("[vvar]"):
                    continue
                before = b""
                while begin < end:
                    try:
                        memory.seek(begin)
                        piece = memory.read(min(end - begin, 1 << 24))
                    except OSError:
                        break  # given back in the meantime
                    if not piece:
                        break
                    found |= {secret for secret in secrets if secret in before + piece}
                    before = piece[-longest:]
                    begin += len(piece)
    except PermissionError:
        return None
    return found


def in_files(folder, secrets):
    """[(path, secret)] of plain files below a folder."""
    return [(path, secret) for path in sorted(folder.rglob("*")) if path.is_file()
            for data in [path.read_bytes()] for secret in secrets if secret in data]


class Wiretap:
    """Passes connections on to a port of this machine and keeps all that went over them. Use in a with statement."""

    def __init__(self, port):
        self.target = port
        self.heard = bytearray()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 10)
            except OSError:
                near.close()
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                with self._lock:
                    self.heard += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def has(self, secrets):
        with self._lock:
            return {secret for secret in secrets if secret in self.heard}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
