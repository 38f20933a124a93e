"""How the node's program behaves as a process: starts, refuses to start, stops, dies and comes back."""
import os
import signal
import unittest

from support import bad_requests, processes, raw_http
from support.node import BIN, Node


class NodeProcess(unittest.TestCase):
    def test_stops_cleanly_when_asked_to(self):
        with Node() as node:
            self.assertEqual(node.program.stop(), 0)

    def refused(self, node):
        """Starts a second program; its log, once it ended on its own with an error."""
        with node.launch("second") as second:
            processes.wait_until(lambda: not second.running(), "the second program ends")
            self.assertNotIn(second.stop(), (0, -9, -11, -6))
            return second.log()

    def test_a_second_one_in_the_same_home_says_why_it_does_not_start(self):
        with Node() as node:
            self.assertIn("lock", self.refused(node))
            self.assertEqual(node.get("/healthz")[0], 200)

    def test_a_port_in_use_is_named(self):
        with Node() as node, Node() as other:
            other.program.stop()
            other.configure(http={"port": node.port})
            self.assertIn(str(node.port), self.refused(other))

    def test_comes_back_after_a_kill_with_every_block(self):
        with Node() as node:
            for _ in range(3):
                height = int(node.get("/v1/status")[1]["height"])
                node.program.kill()
                node.start()
                self.assertGreaterEqual(int(node.get("/v1/status")[1]["height"]), height)
            node.program.stop()
            node.verify()

    def leaves_a_core(self, folder, words, is_ready):
        """Whether a program that may leave a core does so when it is aborted."""
        started = os.posix_spawn("/bin/sh", ["sh", "-c", 'cd "$0" && ulimit -c unlimited && exec "$@"', str(folder), *map(str, words)],
                                 {**os.environ, "ASAN_OPTIONS": "disable_coredump=0:detect_leaks=0"})
        try:
            processes.wait_until(is_ready, "the program is ready")
            os.kill(started, signal.SIGABRT)
        except BaseException:
            os.kill(started, signal.SIGKILL)
            raise
        finally:
            _, status = os.waitpid(started, 0)
        self.assertEqual(os.WTERMSIG(status), signal.SIGABRT)
        return os.WCOREDUMP(status)

    def test_its_keys_are_in_no_core(self):
        with Node() as node:
            node.program.stop()
            marker = node.folder / "marker"
            if not self.leaves_a_core(node.folder, ["sh", "-c", f"touch {marker}; while :; do sleep 1; done"], marker.exists):
                self.skipTest("this machine keeps no cores")
            self.assertFalse(self.leaves_a_core(node.folder, [BIN / "millraced", "run", "--home", node.home],
                                                lambda: processes.listens(node.port)))


class BadRequests(unittest.TestCase):
    def test_what_two_programs_could_read_in_two_ways_is_refused_and_the_connection_closed(self):
        with Node() as node:
            plain, _ = raw_http.exchange(node.port, bad_requests.GET + b"\r\n" + bad_requests.FOLLOWED_BY, 1)
            self.assertEqual(raw_http.statuses(plain), [200, 200], "good requests are both answered")
            for name, raw, allowed in bad_requests.AMBIGUOUS:
                with self.subTest(name):
                    answer, closed = raw_http.exchange(node.port, raw + bad_requests.FOLLOWED_BY)
                    answered = raw_http.statuses(answer)
                    self.assertEqual(len(answered), 1)
                    self.assertIn(answered[0], allowed)
                    self.assertTrue(closed)
            self.assertEqual(node.get("/healthz")[0], 200)

    def test_too_much_is_refused_and_the_node_goes_on(self):
        with Node() as node:
            for name, raw, allowed in bad_requests.TOO_MUCH:
                with self.subTest(name):
                    answer, _ = raw_http.exchange(node.port, raw, 3)
                    self.assertTrue(raw_http.statuses(answer), "no answer")
                    self.assertIn(raw_http.statuses(answer)[0], allowed)
            self.assertEqual(node.get("/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
