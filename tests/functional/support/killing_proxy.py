"""Stands between a wallet and its node, and kills the wallet at a transaction that a test chooses."""
import json
import urllib.error
import urllib.request

from support.scripted_http import Fault, ScriptedServer


class KillingProxy(ScriptedServer):
    """Passes everything on to the node at `target`. `program` is whom it kills; use in a with statement."""

    BEFORE, AFTER = "before", "after"  # it has come to the node; it is final, and the wallet was not told

    def __init__(self, target):
        self.target = target
        self.program = None
        self._next = None  # (BEFORE or AFTER, type of message)
        self._rehearsed = None
        super().__init__(self._pass)

    def kill_at(self, when, message):
        self._next = (when, message)

    def waits(self):
        """Whether what was chosen has not come yet."""
        return self._next is not None

    def _pass(self, method, path, headers, body):
        chosen = None
        if path == "/v1/simulate":  # the wallet does that before each transaction
            self._rehearsed = json.loads(body)["message"]["type"]
        elif method == "POST" and path.startswith("/v1/transactions"):
            message, self._rehearsed = self._rehearsed, None
            if self._next and self._next[1] == message:
                chosen, self._next = self._next[0], None
        if chosen == self.BEFORE:
            self._kill()
        answer = self._ask(method, path, headers, body)
        if chosen == self.AFTER:
            self._kill()
        return answer

    def _kill(self):
        self.program.kill()
        raise Fault

    def _ask(self, method, path, headers, body):
        content = {"Content-Type": headers["Content-Type"]} if "Content-Type" in headers else {}
        request = urllib.request.Request(self.target + path, body if method == "POST" else None, content, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.status, {"Content-Type": answer.headers["Content-Type"]}, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, {"Content-Type": refused.headers["Content-Type"]}, refused.read()
