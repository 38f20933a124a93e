"""Models that want something of the node that serves them. Each: (name, bytes, what the refusal says)."""
from support import onnx_file as onnx
from support.onnx_file import FLOAT, INT64, STRING, attribute, field, fields, node, tensor, value

X, Y = value("x", FLOAT, (1,)), value("y", FLOAT, (1,))
IDENTITY = node("Identity", ["x"], ["y"])
ADD = node("Add", ["x", "w"], ["y"])


def with_weight(weight, more=b""):
    return onnx.model(onnx.graph([ADD], [X], [Y], [weight], more=more))


def of(nodes, **rest):
    return onnx.model(onnx.graph(nodes, [X], [Y]), **rest)


def outside(path):
    """A weight whose numbers are in another file."""
    return with_weight(tensor("w", FLOAT, [1], more=field(13, field(1, "location") + field(2, path)) + field(14, 1)))


def nested(depth):
    """A graph in a node in a graph in a node, so deep."""
    inner = [node("Identity", ["x"], [f"v{depth}"])]
    for level in range(depth):
        branch = onnx.graph(inner, [], [value(f"v{depth - level}", FLOAT, (1,))], name=f"g{level}")
        inner = [node("If", ["c"], [f"v{depth - level - 1}"],
                      [attribute("then_branch", 5, field(6, branch)), attribute("else_branch", 5, field(6, branch))])]
    return of(inner)


def deep_type(depth):
    kind = field(1, field(1, FLOAT))
    for _ in range(depth):
        kind = field(4, field(1, kind))
    return onnx.model(onnx.graph([IDENTITY], [X], [field(1, "y") + field(2, kind)]))


def grown(elements):
    """A sparse weight of so many elements in a few bytes."""
    sparse = field(1, tensor("s", FLOAT, [0], b"")) + field(2, tensor("i", INT64, [0], b"")) + field(3, elements)
    return onnx.model(onnx.graph([IDENTITY], [X], [Y], more=field(15, sparse)))


GOOD = of([IDENTITY])

BOMBS = [
    ("a weight in another file", outside("weights.bin"), "keeps its data in another file"),
    ("a weight in a file above the folder", outside("../../keys/host.key"), "keeps its data in another file"),
    ("a weight in a file by its whole path", outside("/etc/passwd"), "keeps its data in another file"),
    ("a constant in another file", of([node("Constant", [], ["y"], [attribute("value", 4, field(5, tensor(
        "c", FLOAT, [1], more=field(13, field(1, "location") + field(2, "a")) + field(14, 1))))])]), "another file"),
    ("an operator set of its own", of([IDENTITY], domains=[("com.evil", 1)]), "com.evil"),
    ("an operator of a set that is not imported", of([node("Gelu", ["x"], ["y"], domain="com.microsoft")]), "com.microsoft"),
    ("an operator that there is not", of([node("Exec", ["x"], ["y"])]), "operator 'Exec'"),
    ("an operator that this node does not allow", of([node("Softplus", ["x"], ["y"])]), "operator 'Softplus' is not among those"),
    ("a function of its own", of([IDENTITY], more=field(25, field(1, "f"))), "functions"),
    ("training", of([IDENTITY], more=field(20, b"")), "training"),
    ("an operator set of the future", onnx.model(onnx.graph([IDENTITY], [X], [Y]), opset=99), "version 99"),
    ("no operator set", onnx.model(onnx.graph([IDENTITY], [X], [Y]), opset=0), "version 0"),
    ("more nodes than allowed", of([IDENTITY] * 20_001), "20000 nodes"),
    ("half a million empty nodes", of([b""] * 500_000), "messages"),
    ("graphs nested deep", nested(6), "control flow nests deeper"),
    ("types nested deep", deep_type(60), "nest deeper"),
    ("a weight that is larger than memory", with_weight(tensor("w", FLOAT, [1 << 32, 1 << 32])), "shape"),
    ("a weight whose size wraps around", with_weight(tensor("w", FLOAT, [1 << 62, 4, 1], bytes(4))), "shape"),
    ("a weight with a size below zero", with_weight(tensor("w", FLOAT, [-1], bytes(4))), "shape"),
    ("a weight with less data than its shape", with_weight(tensor("w", FLOAT, [1000], bytes(4))), "needs 4000"),
    ("a sparse weight of a million million elements", grown(10**12), "sparse"),
    ("two weights of one name", onnx.model(onnx.graph([ADD], [X], [Y], [tensor("w", FLOAT, [1], bytes(4))] * 2)), "two initializers"),
    ("a value that is written twice", of([IDENTITY, IDENTITY]), "checker"),
    ("a value that needs itself", of([node("Add", ["x", "y"], ["y"])]), "checker"),
    ("a weight of another type than its numbers", with_weight(tensor("w", FLOAT, [1], more=field(7, 1))), "another type"),
    ("a type that there is not", with_weight(tensor("w", 99, [1], bytes(4))), "type 99"),
    ("an input of negative size", onnx.model(onnx.graph([IDENTITY], [value("x", FLOAT, (-2,))], [Y])), "negative size"),
    ("an output that is a list", deep_type(1), "not a tensor"),
    ("a string of two megabytes", with_weight(tensor("w", STRING, [1], more=field(6, b"s" * (2 << 20)))), "2097152 bytes"),
    ("a name of five kilobytes", of([IDENTITY + field(3, "n" * 5000)]), "5000 bytes"),
    ("a length that points out of the file", b"\x3a\xff\xff\xff\xff\x0f", "protobuf"),
    ("no model", b"MZ\x90\x00 not a model", "protobuf"),
    ("nothing", b"", "empty"),
]
