"""ONNX files written byte by byte, so that tests need no library and can write what none would."""

UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, UINT32, UINT64, BFLOAT16 = 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16
FLOAT = 1
# Names of the Open Inference Protocol.
TYPES = {"BOOL": BOOL, "UINT8": UINT8, "UINT16": UINT16, "UINT32": UINT32, "UINT64": UINT64, "INT8": INT8, "INT16": INT16,
         "INT32": INT32, "INT64": INT64, "FP16": FLOAT16, "BF16": BFLOAT16, "FP32": FLOAT, "FP64": DOUBLE, "BYTES": STRING}


def varint(number):
    number &= 2**64 - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """A protobuf field: an int, or bytes or text with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(number, values):
    return b"".join(field(number, value) for value in values)


def tensor(name, kind, dims, raw=None, more=b""):
    return fields(1, dims) + field(2, kind) + field(8, name) + (b"" if raw is None else field(9, raw)) + more


def attribute(name, kind, value):
    """kind: the number of AttributeProto.type; value: the encoded field that holds it."""
    return field(1, name) + field(20, kind) + value


def node(op, inputs, outputs, attributes=(), domain=""):
    return fields(1, inputs) + fields(2, outputs) + field(4, op) + fields(5, attributes) + (field(7, domain) if domain else b"")


def value(name, kind, dims):
    """A tensor at the graph's border; a dimension is a number, or a name where it is open."""
    shape = b"".join(field(1, field(1, dim) if isinstance(dim, int) else field(2, dim)) for dim in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def graph(nodes, inputs, outputs, initializers=(), name="g", more=b""):
    return fields(1, nodes) + field(2, name) + fields(5, initializers) + fields(11, inputs) + fields(12, outputs) + more


def model(graph_bytes, opset=13, domains=(), more=b""):
    """domains: more operator sets as (domain, version)."""
    imports = field(8, field(2, opset)) + b"".join(field(8, field(1, name) + field(2, version)) for name, version in domains)
    return field(1, 8) + field(2, "millrace tests") + field(7, graph_bytes) + imports + more


def echo(types=tuple(TYPES), dims=("n",)):
    """A model that gives back what it gets: input `in_fp32` as `out_fp32`, for each type."""
    names = [(name.lower(), TYPES[name]) for name in types]
    return model(graph([node("Identity", [f"in_{name}"], [f"out_{name}"]) for name, _ in names],
                       [value(f"in_{name}", kind, dims) for name, kind in names],
                       [value(f"out_{name}", kind, dims) for name, kind in names]))


def scores(classes=4):
    """FP32 [n, classes] given back as `scores`, and the largest of each row as `best`."""
    axes = attribute("axes", 7, field(8, 1))
    return model(graph([node("Identity", ["x"], ["scores"]), node("ReduceMax", ["x"], ["best"], [axes, attribute("keepdims", 2, field(3, 0))])],
                       [value("x", FLOAT, ("n", classes))],
                       [value("scores", FLOAT, ("n", classes)), value("best", FLOAT, ("n",))]))


def slow(rounds, size=256):
    """A float [1] through a loop of so many matrix products: a run that takes its time."""
    body = graph([node("Identity", ["keep_in"], ["keep_out"]), node("MatMul", ["a_in", "a_in"], ["a_square"]),
                  node("Clip", ["a_square", "low", "high"], ["a_out"])],
                 [value("step", INT64, ()), value("keep_in", BOOL, ()), value("a_in", FLOAT, (size, size))],
                 [value("keep_out", BOOL, ()), value("a_out", FLOAT, (size, size))], name="body")
    number = (rounds).to_bytes(8, "little")
    return model(graph(
        [node("Expand", ["x", "shape"], ["a"]), node("Loop", ["rounds", "", "a"], ["b"], [attribute("body", 5, field(6, body))]),
         node("ReduceMax", ["b"], ["y"], [attribute("keepdims", 2, field(3, 0))])],
        [value("x", FLOAT, (1,))], [value("y", FLOAT, ())],
        [tensor("rounds", INT64, [], number), tensor("shape", INT64, [2], size.to_bytes(8, "little") * 2),
         tensor("low", FLOAT, [], bytes(4)), tensor("high", FLOAT, [], b"\x00\x00\x80\x3f")]))


def identities(tensors):
    """A model of one Identity node for each (input, output, datatype, shape); -1 is a size that the caller chooses."""
    def border(which):
        return [value(each[which], TYPES[each[2]], ["n" if size < 0 else size for size in each[3]]) for each in tensors]
    return model(graph([node("Identity", [each[0]], [each[1]]) for each in tensors], border(0), border(1)), opset=17)
