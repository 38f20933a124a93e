"""What a fault needs of the machine: a network for each node, wires that fail, small disks. All of it lives in name
spaces of this process, so that nothing outlives it and two runs do not meet."""
import os
import pathlib
import shutil
import subprocess
import sys

ENTERED = "MILLRACE_CHAOS_SANDBOX"


def enter():
    """Starts this program again in network and mount name spaces of its own, where that is allowed. Returns whether
    it runs in them."""
    if os.environ.get(ENTERED) == "yes":
        call("ip", "link", "set", "lo", "up")
    if os.environ.get(ENTERED):
        return os.environ[ENTERED] == "yes"
    spaces = ["--net", "--mount", "--propagation", "private"]
    for options in (spaces, ["--user", "--map-root-user", *spaces]):
        if shutil.which("unshare") and shutil.which("ip") and subprocess.run(["unshare", *options, "true"], capture_output=True).returncode == 0:
            os.environ[ENTERED] = "yes"
            os.execvp("unshare", ["unshare", *options, sys.executable, "-B", *sys.argv])
    os.environ[ENTERED] = "no"
    return False


def call(*arguments, check=True):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done


class Wires:
    """Each node of a network in a name space of its own, on a bridge; a second wire leads to the tests."""

    def __init__(self, network):
        self.network = network
        pathlib.Path("/run/netns").mkdir(exist_ok=True)
        call("mount", "-t", "tmpfs", "none", "/run/netns")
        self._bridges = set()
        self._bridge("br0")
        addresses = {}
        for i, member in enumerate(network.members):
            space, inside = f"n{i}", f"10.77.0.{i + 1}"
            call("ip", "netns", "add", space)
            call("ip", "link", "add", f"peer{i}", "type", "veth", "peer", "name", "peers", "netns", space)
            call("ip", "link", "set", f"peer{i}", "master", "br0", "up")
            call("ip", "link", "add", f"test{i}", "type", "veth", "peer", "name", "tests", "netns", space)
            call("ip", "addr", "add", f"10.78.{i}.1/30", "dev", f"test{i}")
            call("ip", "link", "set", f"test{i}", "up")
            for words in (["addr", "add", f"{inside}/24", "dev", "peers"], ["addr", "add", f"10.78.{i}.2/30", "dev", "tests"],
                          ["link", "set", "peers", "up"], ["link", "set", "tests", "up"], ["link", "set", "lo", "up"],
                          ["route", "add", "default", "via", f"10.78.{i}.1"]):
                call("ip", "-n", space, *words)
            addresses[":".join(member.peer_address)] = f"{inside}:{member.peer_address[1]}"
            member.space, member.wire, member.before = space, f"peer{i}", ["ip", "netns", "exec", space]
            member.url = f"http://10.78.{i}.2:{member.url.rsplit(':', 1)[1]}"
        for member in network.members:
            text = (member.home / "config.json").read_text()
            for old, new in addresses.items():
                text = text.replace(old, new)
            (member.home / "config.json").write_text(text)
            member.configure(http={"address": "0.0.0.0"}, peers={"address": "0.0.0.0"})
            # The tests' own peers come in by their wire.
            member.peer_address = [member.url.split("//")[1].rsplit(":", 1)[0], member.peer_address[1]]

    def _bridge(self, name):
        if name not in self._bridges:
            call("ip", "link", "add", name, "type", "bridge")
            call("ip", "link", "set", name, "up")
            self._bridges.add(name)

    def part(self, *groups):
        """Members of different groups no longer hear each other; nothing tells them so."""
        for i, group in enumerate(groups):
            self._bridge(f"br{i}")
            for member in group:
                call("ip", "link", "set", member.wire, "master", f"br{i}")

    def heal(self):
        self.part(self.network.members)

    def mute(self, member, on):
        """What the member sends to peers is lost; what they send arrives."""
        for i, other in enumerate(self.network.members):
            if other is not member:
                call("ip", "-n", member.space, "route", "add" if on else "del", "blackhole", f"10.77.0.{i + 1}/32")

    def netem(self, member, *words):
        """What the member sends to peers is treated so (tc-netem(8)); nothing: as it was. False: this kernel cannot."""
        call("tc", "-n", member.space, "qdisc", "del", "dev", "peers", "root", check=False)
        if not words:
            return True
        return call("tc", "-n", member.space, "qdisc", "add", "dev", "peers", "root", "netem", *words, check=False).returncode == 0

    def end(self):
        for i, _ in enumerate(self.network.members):
            call("ip", "link", "del", f"peer{i}", check=False)
            call("ip", "link", "del", f"test{i}", check=False)
            call("ip", "netns", "del", f"n{i}", check=False)
        for bridge in self._bridges:
            call("ip", "link", "del", bridge, check=False)
        call("umount", "/run/netns", check=False)


class SmallDisk:
    """A disk of its own for a home: `size` as tmpfs takes it. Use before the node starts."""

    def __init__(self, member, folder, size="400m"):
        self.path = pathlib.Path(folder) / f"disk-{member.name}"
        self.path.mkdir()
        call("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", self.path)
        shutil.move(member.home, self.path / "home")
        member.home = self.path / "home"
        self.filler = self.path / "filler"

    def fill(self):
        try:
            with open(self.filler, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
        except OSError:
            pass

    def empty(self):
        self.filler.unlink(missing_ok=True)

    def read_only(self, on):
        call("mount", "-o", f"remount,{'ro' if on else 'rw'}", self.path)

    def end(self):
        call("umount", "-l", self.path, check=False)
