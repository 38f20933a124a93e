"""A node that never comes to answer: what a line looks like over which a batch takes hours."""
import http.server
import threading


class SlowNode:
    """Use in a with statement. Takes what it is sent and keeps whoever sent it waiting until `let_go`, then answers 503."""

    def __enter__(self):
        self.asked = threading.Event()
        self.answers = threading.Event()
        self.requests = 0
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                node.requests += 1
                node.asked.set()
                node.answers.wait(120)
                try:
                    self.send_response(503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # the device was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def let_go(self):
        self.answers.set()

    def __exit__(self, *_):
        self.let_go()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
