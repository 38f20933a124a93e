"""ONNX files written byte by byte: y = x + c for one FP32, so that what answered can be told by its answer."""
import struct


def _number(value):
    made = bytearray()
    while value > 0x7f:
        made.append(value & 0x7f | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _field(number, value):
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    value = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(value)) + value


def _float(name):
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, _field(1, _field(1, 1)))))


def adder(constant):
    """The file's bytes."""
    graph = _field(1, _field(1, "x") + _field(1, "c") + _field(2, "y") + _field(4, "Add"))
    graph += _field(2, "adder")
    graph += _field(5, _field(1, 1) + _field(2, 1) + _field(8, "c") + _field(9, struct.pack("<f", constant)))
    graph += _field(11, _float("x")) + _field(12, _float("y"))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 17))


def request(x):
    return {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [x]}]}


def answer(response):
    return response["outputs"][0]["data"][0]
