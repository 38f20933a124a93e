"""Shows every #include that points against the arrows in ARCHITECTURE.md."""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "ledger/base": {"ledger/base"},
    "ledger/crypto": {"ledger/base", "ledger/crypto"},
    "ledger/disk": {"ledger/base", "ledger/disk"},
    "ledger/codec": {"ledger/base", "ledger/crypto", "ledger/codec"},
    "ledger/state": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/state"},
    "ledger/chain": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/state", "ledger/chain"},
    "ledger/consensus": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/chain", "ledger/consensus"},
    "ledger/light": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/state", "ledger/chain", "ledger/consensus",
                     "ledger/light"},
    "ledger/sealing": {"ledger/base", "ledger/crypto", "ledger/sealing"},
    "ledger/transfer": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/sealing", "ledger/transfer"},
    "ledger/store": {"ledger"},
    "ledger/snapshot": {"ledger"},
    "web": {"ledger/base", "web"},
    "edge/upload": {"ledger/base", "ledger/crypto", "ledger/disk", "ledger/sealing", "web", "edge"},
    "edge/app": {"ledger/base", "ledger/crypto", "ledger/disk", "ledger/sealing", "web", "edge"},
    "edge": {"ledger/base", "ledger/crypto", "ledger/disk", "ledger/sealing", "edge"},
    "market": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/state", "ledger/chain", "ledger/consensus",
               "ledger/sealing", "market"},
    "inference": {"ledger/base", "ledger/crypto", "inference"},
    "samples": {"ledger/base", "ledger/codec", "ledger/sealing", "inference/model", "samples"},
    "evaluation": {"ledger/base", "ledger/crypto", "inference/model", "samples", "evaluation"},
    "training": {"ledger/base", "ledger/crypto", "ledger/disk", "inference/model", "samples", "training"},
    "wallet": {"ledger/base", "ledger/crypto", "ledger/codec", "ledger/disk", "ledger/state", "ledger/chain", "ledger/consensus",
               "ledger/light", "ledger/sealing", "ledger/transfer", "market", "inference",
               "samples", "evaluation", "web", "wallet"},
    "node": {"ledger", "market", "inference", "node"},
    "demo": {"demo"},
}
TOPS = {"ledger", "web", "edge", "market", "inference", "samples", "evaluation", "training", "wallet", "node", "demo", "tests", "bench"}
# Third-party headers, and the places that hide each of them.
ONLY_IN = {
    r"rocksdb/": ("ledger/store/rocks_",),
    r"secp256k1": ("ledger/crypto/",),
    r"cryptopp|crypto\+\+/": ("ledger/crypto/",),
    r"utf8proc": ("wallet/keys/",),
    r"openssl/": ("ledger/crypto/", "node/transport/peer_certificate", "node/transport/tls",
                  "tests/support/forged_certificate", "tests/support/openssl_secp256k1", "tests/support/tls_node",
                  "bench/load/data"),
    r"boost/asio/ssl": ("node/transport/", "node/upstream/", "web/", "tests/support/", "tests/unit/node/transport/"),
    r"onnxruntime": ("inference/onnx_engine", "bench/"),
    r"onnx/": ("inference/model/", "inference/architectures/", "training/graph/", "demo/", "tests/", "bench/"),
    r"ATen/|c10/|torch/": ("training/", "tests/unit/training/", "bench/"),
    r"seccomp\.h|linux/landlock": ("training/sandbox/",),
    r"simdjson": ("inference/protocol/", "node/payment/"),
    r"boost/math": ("evaluation/statistics/distributions",),
    r"CLI/": ("samples/arguments/", "wallet/cli/", "edge/app/", "node/app/", "training/app/", "bench/", "demo/", "tests/functional/", "tests/model/"),
    r"prometheus/": ("node/http/metrics", "node/app/"),
    r"png\.h|jpeglib\.h": ("samples/", "wallet/", "demo/", "tests/support/png_file", "tests/unit/samples/", "tests/unit/wallet/"),
    r"boost/asio|boost/beast": ("node/", "web/", "wallet/cli/", "tests/", "bench/"),
}


def wrong_includes(root):
    files = [f for top in sorted(TOPS) for f in sorted((root / top).rglob("*.[ch]pp"))]
    for file in files:
        name = file.relative_to(root).as_posix()
        home = max((m for m in MAY_INCLUDE if name.startswith(m + "/")), key=len, default=None)
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = re.match(r'\s*#include [<"]([^>"]+)', line)
            if not found:
                continue
            target = found[1]
            if home and target.split("/")[0] in TOPS and "/" in target:
                if not any(target.startswith(a + "/") for a in MAY_INCLUDE[home]):
                    yield f"{name}:{number}: {home} may not include {target}"
            for pattern, homes in ONLY_IN.items():
                if re.match(pattern, target) and not name.startswith(homes):
                    yield f"{name}:{number}: {target} belongs only in {', '.join(homes)}"


if __name__ == "__main__":
    wrong = list(wrong_includes(pathlib.Path(sys.argv[1])))
    print("\n".join(wrong) or "every arrow points the right way")
    sys.exit(bool(wrong))
