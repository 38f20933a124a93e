"""Who keeps which batch, told among real nodes: copies are made, made again when their keeper is killed, and found without being named."""
import json
import time
import unittest
import urllib.request

from support import processes
from support.batch_case import BatchCase, metric
from support.network import Network

ANNOUNCE_S = 10  # pages live three times as long


class Providers(BatchCase):
    def put_on(self, member):
        return self.millrace("--node", member.url, "data", "put", self.folder / "batch",
                             "--token-file", member.home / "keys/operator.token")

    @staticmethod
    def has(member, root):
        status, told = member.get(f"/v1/batches/{root}")
        return status == 200 and told["complete"]

    @staticmethod
    def providers(member, root):
        """(copies wanted, addresses) as this node knows them."""
        status, told = member.get(f"/v1/batches/{root}/providers")
        assert status == 200, told
        return told["copies"], sorted(item["url"] for item in told["items"])

    def copies(self, members, root, count, seconds):
        """Waits until so many of these have the batch, and looks whether it stays so; those who have it."""
        def enough():
            here = [member for member in members if self.has(member, root)]
            return here if len(here) >= count else None
        processes.wait_until(enough, f"{count} of {[m.name for m in members]} have the batch", seconds)
        time.sleep(ANNOUNCE_S)
        here = [member for member in members if self.has(member, root)]
        self.assertEqual(len(here), count, [member.log()[-2000:] for member in here])
        return here

    def test_a_copy_is_made_and_made_again_and_is_found_by_who_knows_no_address(self):
        sealed, source = self.seal(4)
        root = sealed["root"]
        with Network(self.folder, validators=3, followers=1) as network:
            origin, *mirrors = network.members
            for member in network.members:
                member.configure(blobs={"url": member.url, "announceS": ANNOUNCE_S, "mirror": member is not origin,
                                        "copies": 2 if member is origin else 0})
            network.start()
            self.put_on(origin)
            [first] = self.copies(mirrors, root, 1, 60)
            keepers = sorted([origin.url, first.url])
            for member in network.members:
                processes.wait_until(lambda: self.providers(member, root) == (2, keepers),
                                     f"{member.name} knows both", 30)
            self.assertEqual(metric(first, "millrace_batches_mirrored"), 1)
            self.assertEqual(metric(first, "millrace_providers"), 4)

            first.kill()
            others = [member for member in mirrors if member is not first]
            [second] = self.copies(others, root, 1, 120)
            self.assertEqual(metric(second, "millrace_batches_lacking_copies"), 0)
            [last] = [member for member in others if member is not second]
            processes.wait_until(lambda: self.providers(last, root) == (2, sorted([origin.url, second.url])),
                                 "the dead one is forgotten", 60)

            fetched = self.millrace("--node", last.url, "data", "fetch", root, "--to", self.folder / "fetched")
            came = {provider["url"] for provider in fetched["batches"][0]["providers"] if provider["bytes"]}
            self.assertTrue(came and came <= {origin.url, second.url}, fetched)
            self.open(self.folder / "fetched" / root, source)

            # A mirror that comes back has what it had, and the one who made up for it keeps it until it is not wanted.
            first.start()
            self.assertTrue(self.has(first, root))
            processes.wait_until(lambda: len(self.providers(last, root)[1]) == 3, "three say that they have it", 60)

            token = (last.home / "keys/operator.token").read_text().strip()
            status, answer = self.post(last, f"/v1/batches/{root}/fetch", token)
            self.assertEqual((status, answer["state"]), (202, "running"))
            processes.wait_until(lambda: self.has(last, root), "the operator's own fetch finds the providers", 60)

    @staticmethod
    def post(member, path, token):
        request = urllib.request.Request(member.url + path, data=b"{}", method="POST",
                                         headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())


if __name__ == "__main__":
    unittest.main()
