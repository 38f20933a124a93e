"""A node that serves models for nothing: what the protocol's tests need."""
import http.client
import json

from support.node import Node


class FreeNode(Node):
    """models: {name: bytes of an ONNX file, or {version: bytes}}; settings: {name: more members}. Use in a with statement."""

    def __init__(self, models, settings=None, host=None, **config):
        super().__init__()
        entries = []
        for name, versions in models.items():
            if isinstance(versions, bytes):
                versions = {1: versions}
            files = []
            for version, content in versions.items():
                (self.home / f"{name}-{version}.onnx").write_bytes(content)
                files.append(f"{version}={name}-{version}.onnx")
            entries.append({"name": name, "files": files, **(settings or {}).get(name, {})})
        self.configure(host={"models": entries, **(host or {})}, **config)

    def ask(self, method, path, body=None, headers=None, seconds=60):
        """(status, headers, body as bytes) of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def infer(self, model, body, headers=None, version=None):
        """(status, parsed JSON of the answer, the bytes behind it, headers)."""
        path = f"/v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"
        status, given, content = self.ask("POST", path, body, headers)
        length = int(given.get("Inference-Header-Content-Length", len(content)))
        return status, json.loads(content[:length]), content[length:], given
