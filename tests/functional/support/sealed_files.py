"""What a seller who cheats does to a sealed batch: junk in a chunk, and a root that commits to it."""
import hashlib
import json

CHUNK = 32 * 1024 + 16


def tree_root(leaves):
    """RFC 6962, over leaves that are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def spoil(batch, index):
    """Makes a chunk of a sealed batch junk, and commits to that."""
    sealed = bytearray((batch / "batch.sealed").read_bytes())
    chunk = sealed[index * CHUNK:(index + 1) * CHUNK]
    chunk[0] ^= 1
    sealed[index * CHUNK:(index + 1) * CHUNK] = chunk
    table = bytearray((batch / "batch.leaves").read_bytes())
    table[index * 64 + 32:index * 64 + 64] = hashlib.sha256(chunk).digest()
    leaves = [hashlib.sha256(b"\0" + i.to_bytes(8, "big") + table[i * 64:i * 64 + 64]).digest()
              for i in range(len(table) // 64)]
    manifest = json.loads((batch / "batch.json").read_text())
    manifest["root"] = "0x" + tree_root(leaves).hex()
    for name, data in (("batch.sealed", sealed), ("batch.leaves", table), ("batch.json", json.dumps(manifest).encode())):
        (batch / name).write_bytes(data)
