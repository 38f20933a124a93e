"""A wide area in user space, for kernels without netem: every connection between nodes goes through a relay that holds
bytes back. Lost and reordered packets are what TCP makes of them: a stall."""
import asyncio
import json
import random
import threading

CHUNK = 16 * 1024


class WideArea:
    """Between the members of a network on loopback, which have not started yet. All may be changed at any time."""

    def __init__(self, network, seed):
        self.delay = self.jitter = self.stall = 0.0  # seconds
        self.stalled = 0.0  # part of the chunks that stall
        self.rate = None  # bytes a second of each direction
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        for member in network.members:
            path = member.home / "config.json"
            config = json.loads(path.read_text())
            config["peers"]["fixed"] = [self._relayed(peer) for peer in config["peers"]["fixed"]]
            config["peers"]["advertised"] = []
            path.write_text(json.dumps(config, indent=2))

    def _relayed(self, peer):
        key, address = peer.split("@")
        host, port = address.rsplit(":", 1)
        listening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(lambda r, w: self._serve(r, w, host, int(port)), "127.0.0.1", 0), self._loop)
        return f"{key}@127.0.0.1:{listening.result(10).sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer, host, port):
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader, writer):
        waiting = asyncio.Queue(64)  # a bound on what is under way

        async def deliver():
            while (item := await waiting.get()) is not None:
                at, data = item
                await asyncio.sleep(max(0.0, at - self._loop.time()))
                writer.write(data)
                await writer.drain()
        delivery = asyncio.ensure_future(deliver())
        try:
            free = 0.0
            while data := await reader.read(CHUNK):
                now = self._loop.time()
                at = now + self.delay + self._chance.uniform(-self.jitter, self.jitter)
                if self._chance.random() < self.stalled:
                    at += self.stall
                if self.rate:
                    free = max(free, now) + len(data) / self.rate
                    at = max(at, free)
                await waiting.put((at, data))
        except OSError:
            pass
        finally:
            await waiting.put(None)
            try:
                await delivery
            except OSError:
                pass
            writer.close()

    def calm(self):
        self.delay = self.jitter = self.stall = self.stalled = 0.0
        self.rate = None

    def end(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
