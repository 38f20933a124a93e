"""Requests that two programs could read in two ways, or that want too much. Each: (name, bytes, allowed statuses).

Every one must be answered once at most and its connection closed, whatever follows it on the wire: the request that is
appended to each must never be answered. POST goes to a route that reads its body without payment."""

FOLLOWED_BY = b"GET /healthz?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


def _post(fields, body=b""):
    return POST + fields + b"\r\n" + body


LENGTHS = [(f"Content-Length is {value!r}", _post(b"Content-Length: " + value + b"\r\n", b"{}"), {400}) for value in (
    b"", b"+2", b"-2", b"0x2", b"2 ", b"2 2", b"2,2", b"2, 3", b"2;", b"1e1", b"\x002", b"99999999999999999999",
    b"18446744073709551618", b"\xef\xbc\x92")
    if value != b"2 "]  # blanks around a value are allowed

ENCODINGS = [(f"Transfer-Encoding is {value!r}", _post(b"Transfer-Encoding: " + value + b"\r\n", b"0\r\n\r\n"), {400, 501})
             for value in (b"", b"identity", b"gzip", b"xchunked", b"chunkedx", b"chunked, identity", b"identity, chunked",
                           b"chunked, chunked", b"\"chunked\"", b"chunked;a=b", b"\x0bchunked", b"chunked\x00")]

FRAMING = [
    ("length and chunked", _post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400}),
    ("chunked and length", _post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"), {400}),
    ("two lengths that differ", _post(b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{} "), {400}),
    ("two lengths alike", _post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), {400}),
    ("two lengths in other letters", _post(b"Content-Length: 2\r\ncontent-length: 3\r\n", b"{} "), {400}),
    ("a length of nothing and one of two", _post(b"Content-Length: 0\r\nContent-Length: 2\r\n", b"{}"), {400}),
    ("an encoding in other letters and a length", _post(b"TRANSFER-ENCODING: Chunked\r\nContent-Length: 3\r\n", b"0\r\n\r\n"), {400}),
    ("a folded length", _post(b"Content-Length:\r\n\t2\r\n", b"{}"), {400}),
    ("a length behind a bare line feed", _post(b"X: a\nContent-Length: 2\r\n", b"{}"), {400}),
    ("two encodings", _post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400}),
    ("a hidden second encoding", _post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", b"0\r\n\r\n"), {400, 501}),
    ("a space before the colon", _post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), {400}),
    ("a space before length's colon", _post(b"Content-Length : 2\r\n", b"{}"), {400}),
    ("a folded encoding", _post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), {400}),
    ("a tab before a name", _post(b"\tContent-Length: 2\r\n", b"{}"), {400}),
    ("chunked on HTTP/1.0", _post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"), {400}),
]

CHUNKS = [(f"chunks {body[:20]!r}", _post(b"Transfer-Encoding: chunked\r\n", body), {400}) for body in (
    b"0x2\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"+2\r\n{}\r\n0\r\n\r\n", b" 2\r\n{}\r\n0\r\n\r\n",
    b"2 \r\n{}\r\n0\r\n\r\n", b"\r\n2\r\n{}\r\n0\r\n\r\n", b"g\r\n{}\r\n0\r\n\r\n", b"2\n{}\r\n0\r\n\r\n",
    b"2\r\n{}0\r\n\r\n", b"2\r\n{}\n0\r\n\r\n", b"2\r\n{}X\r\n0\r\n\r\n", b"2\r\r\n{}\r\n0\r\n\r\n",
    b"2;a\rb\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nContent-Length: 5 5\n\r\n", b"2;\x00\r\n{}\r\n0\r\n\r\n")] + [
    ("a chunk size beyond 64 bits", _post(b"Transfer-Encoding: chunked\r\n", b"10000000000000002\r\n{}\r\n0\r\n\r\n"), {400, 413}),
    ("an endless chunk extension", _post(b"Transfer-Encoding: chunked\r\n", b"2;" + b"a" * 70000 + b"\r\n{}\r\n0\r\n\r\n"), {400, 431, 413}),
]

LINES = [
    ("bare line feeds", GET.replace(b"\r\n", b"\n") + b"\n", {400}),
    ("a bare line feed in the head", b"GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", {400}),
    ("a bare carriage return", b"GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", {400}),
    ("a zero byte in a value", GET + b"X: a\x00b\r\n\r\n", {400}),
    ("a zero byte in a name", GET + b"X\x00: a\r\n\r\n", {400}),
    ("a folded line", GET + b"X: a\r\n b\r\n\r\n", {400}),
    ("no colon", GET + b"X\r\n\r\n", {400}),
    ("an empty name", GET + b": a\r\n\r\n", {400}),
    ("a blank in a name", GET + b"X Y: a\r\n\r\n", {400}),
    ("two spaces in the request line", b"GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("a tab in the request line", b"GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("a space after the version", b"GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n", {400}),
    ("no version", b"GET /healthz\r\nHost: a\r\n\r\n", {400, 505}),
    ("version in lower case", b"GET /healthz http/1.1\r\nHost: a\r\n\r\n", {400}),
    ("version 1.10", b"GET /healthz HTTP/1.10\r\nHost: a\r\n\r\n", {400, 505}),
    ("version 9.9", b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n", {400, 505}),
    ("a control character in the target", b"GET /health\x01z HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("a space before the method", b" GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("no target", b"GET HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", {400}),
    ("two Hosts", GET + b"Host: b\r\n\r\n", {400}),
    ("a Host with a blank", b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", {400}),
    ("a Host that is a path", b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", {400}),
    ("an absolute target of another host", b"GET http://b/healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("a TLS greeting", bytes.fromhex("16030100a5010000a10303") + bytes(160), {400}),
    ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
]

TOO_MUCH = [
    ("a long field", GET + b"X: " + b"a" * 17000 + b"\r\n\r\n", {431}),
    ("a long target", b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {431, 414}),
    ("many fields", GET + b"X: a\r\n" * 1000 + b"\r\n", {431}),
    ("a huge body announced", _post(b"Content-Length: 1000000000000\r\n", b"{"), {413}),
    ("deep JSON", _post(b"Content-Length: 200000\r\n", b"[" * 200000), {400, 413}),
]

AMBIGUOUS = LENGTHS + ENCODINGS + FRAMING + CHUNKS + LINES
