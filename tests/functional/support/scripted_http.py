"""An HTTP server whose answers a test makes up, faults included."""
import http.server
import socket
import struct
import threading


class Fault(Exception):
    """Raised by an answer: the connection is reset."""


class ScriptedServer:
    """On a free port of loopback. `answer(method, path, headers, body)` gives (status, headers, body), where body may be
    bytes or an iterator of pieces that are sent as they come. Use in a with statement; `port` keeps it where it was."""

    def __init__(self, answer, port=0):
        self.requests = []
        self.gone = threading.Semaphore(0)  # released when a caller hung up before the end
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                try:
                    status, headers, content = answer(self.command, self.path, self.headers, body)
                    self._send(status, headers, content)
                except Fault:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                except OSError:
                    outer.gone.release()
                    self.close_connection = True

            def _send(self, status, headers, content):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if isinstance(content, bytes):
                    if "Content-Length" not in headers:
                        self.send_header("Content-Length", str(len(content)))
                    elif int(headers["Content-Length"]) != len(content):
                        self.close_connection = True
                    self.end_headers()
                    self.wfile.write(content)
                    return
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in content:
                    self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")

            do_GET = do_POST = _serve

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                outer.gone.release()

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def count(self, path):
        return sum(1 for request in self.requests if request[1] == path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()
