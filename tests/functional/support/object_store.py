"""A real S3-compatible store (npm: s3rver, with aws4 looking at signatures) that a test starts, hurts and ends."""
import json
import os
import pathlib
import secrets

from support import npm, processes

BUCKET = "sealed"
REGION = "eu-central-7"
ACCESS_KEY = "S3RVER"


class ObjectStore:
    """One bucket of a store on this machine; its objects are files."""

    def __init__(self, folder, tls=False):
        self.folder = pathlib.Path(folder)
        self.secret = "secret-" + secrets.token_hex(16)
        self.port = processes.free_port()
        self.trouble_file = self.folder / "trouble.json"
        self.certificate = None
        if tls:
            self.certificate, self.key = self.folder / "store.crt", self.folder / "store.key"
            processes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                           "-keyout", self.key, "-out", self.certificate, "-subj", "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1"],
                          self.folder)
        self.program = None

    def start(self):
        home = npm.install(os.environ.get("MILLRACE_BUILD", "build/dev"), "bucket")
        self.program = processes.Program(["node", home / "server.mjs"], self.folder, "object_store", {
            "PORT": str(self.port), "DIRECTORY": str(self.folder / "objects"), "BUCKET": BUCKET, "REGION": REGION, "SECRET": self.secret,
            "TROUBLE": str(self.trouble_file),
            **({"TLS_KEY": str(self.key), "TLS_CERT": str(self.certificate)} if self.certificate else {})})
        self.program.ready(lambda: "ready" in self.program.log().splitlines()[-1:] or processes.listens(self.port))
        return self

    def stop(self):
        if self.program:
            self.program.kill()
            self.program = None

    def config(self, home, prefix="nodes/one", secret=None):
        """The section blobs.bucket of a node's configuration; puts the secret into its home."""
        file = pathlib.Path(home) / "keys/bucket.secret"
        file.write_text((secret or self.secret) + "\n")
        file.chmod(0o600)
        return {"url": f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}", "name": BUCKET, "region": REGION,
                "prefix": prefix, "accessKey": ACCESS_KEY, "pathStyle": True,
                **({"authorities": str(self.certificate)} if self.certificate else {})}

    def objects(self):
        """The files of all objects, in the order of their keys."""
        return sorted((self.folder / "objects" / BUCKET).rglob("*._S3rver_object"))

    def trouble(self, **told):
        """What becomes of requests from now on (server.mjs); nothing said: they are served."""
        if told:
            fresh = self.trouble_file.with_suffix(".new")
            fresh.write_text(json.dumps(told))
            fresh.rename(self.trouble_file)
        else:
            self.trouble_file.unlink(missing_ok=True)
