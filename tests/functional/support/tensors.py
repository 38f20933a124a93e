"""Elements of every type of the Open Inference Protocol, and requests with binary tensors."""
import json
import struct

LENGTH = "Inference-Header-Content-Length"

# For each type: elements as JSON has them, and the same in binary.
VALUES = {
    "BOOL": ([True, False], b"\x01\x00"),
    "UINT8": ([0, 255], bytes([0, 255])),
    "UINT16": ([0, 65535], struct.pack("<2H", 0, 65535)),
    "UINT32": ([0, 2**32 - 1], struct.pack("<2I", 0, 2**32 - 1)),
    "UINT64": ([2**53 + 1, 2**64 - 1], struct.pack("<2Q", 2**53 + 1, 2**64 - 1)),
    "INT8": ([-128, 127], struct.pack("<2b", -128, 127)),
    "INT16": ([-(2**15), 2**15 - 1], struct.pack("<2h", -(2**15), 2**15 - 1)),
    "INT32": ([-(2**31), 2**31 - 1], struct.pack("<2i", -(2**31), 2**31 - 1)),
    "INT64": ([-(2**63), 2**53 + 1], struct.pack("<2q", -(2**63), 2**53 + 1)),
    "FP16": (None, struct.pack("<2e", 1.5, -0.25)),
    "BF16": (None, b"\xc0\x3f\x80\xbe"),
    "FP32": ([1.5, -0.1], struct.pack("<2f", 1.5, -0.1)),
    "FP64": ([1.5, -0.1], struct.pack("<2d", 1.5, -0.1)),
    "BYTES": (["a \u00e9", ""], struct.pack("<I", 4) + "a \u00e9".encode() + struct.pack("<I", 0)),
}
HALVES = ("FP16", "BF16")


def described(name, kind, **more):
    return {"name": f"{name}_{kind.lower()}", "datatype": kind, "shape": [2], **more}


def binary(document, *tensors):
    """(body, headers) of a request with binary tensors behind its JSON."""
    text = json.dumps(document).encode()
    return text + b"".join(tensors), {LENGTH: str(len(text)), "Content-Type": "application/octet-stream"}
