"""Claims as a host would sign them, honest or not: EIP-712 by hand, with the host's key."""
from support import secp256k1

BATCH_SETTLEMENT = "4020074e9dF2ce1deE5A9C1b5c3f541D02a10003"
_ROUNDS = (0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, 0x808B, 0x80000001, 0x8000000080008081, 0x8000000000008009, 0x8A,
           0x88, 0x80008009, 0x8000000A, 0x8000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002,
           0x8000000000000080, 0x800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008)


def _turn(lane, bits):
    bits %= 64
    return (lane << bits | lane >> (64 - bits)) & (2**64 - 1)


def _permute(a):
    for constant in _ROUNDS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[x - 1] ^ _turn(c[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        x, y, lane = 1, 0, a[1][0]
        b[0][0] = a[0][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            b[x][y], lane = _turn(lane, (t + 1) * (t + 2) // 2), a[x][y]
        a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak(data):
    """Keccak-256 as Ethereum uses it: with the padding from before SHA-3."""
    data += b"\x01" + bytes(135 - len(data) % 136)
    data = data[:-1] + bytes([data[-1] | 0x80])
    a = [[0] * 5 for _ in range(5)]
    for at in range(0, len(data), 136):
        for i in range(17):
            a[i % 5][i // 5] ^= int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
        a = _permute(a)
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def _word(number):
    return int(number).to_bytes(32, "big")


def channels_domain(chain_id):
    kind = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    return keccak(kind + keccak(b"x402 Batch Settlement") + keccak(b"1") + _word(chain_id) + _word(int(BATCH_SETTLEMENT, 16)))


def claim_digest(chain_id, entries):
    """entries: (channel id as hex, ceiling, total claimed)."""
    entry_type = b"ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)"
    hashed = b"".join(keccak(keccak(entry_type) + bytes.fromhex(channel.removeprefix("0x")) + _word(ceiling) + _word(total))
                      for channel, ceiling, total in entries)
    batch = keccak(keccak(b"ClaimBatch(ClaimEntry[] claims)" + entry_type) + keccak(hashed))
    return keccak(b"\x19\x01" + channels_domain(chain_id) + batch)


def claim(secret, chain_id, channel, config, receipt, total, claimed=0):
    """The message ChannelClaim of one row that rests on the voucher of a stored receipt; `claimed` is settled already."""
    ceiling = receipt["voucherMax"]
    signature = secp256k1.sign_recoverable(secret, claim_digest(chain_id, [(channel, ceiling, total)]))
    uses = [{"ver": receipt["receipt"]["ver"], "amount": str(total - claimed)}]
    return {"type": "ChannelClaim", "claimSignature": "0x" + signature.hex(),
            "rows": [{"config": config, "maxClaimable": ceiling, "voucherSignature": receipt["voucherSignature"],
                      "totalClaimed": str(total), "uses": uses}]}
