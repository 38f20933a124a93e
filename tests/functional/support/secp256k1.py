"""ECDSA over secp256k1, as far as a test's peer needs it: slow, and leaking its secrets by time. Never for real keys."""
import functools
import hashlib
import hmac

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(k, point=G):
    result = None
    while k:
        if k & 1:
            result = _add(result, point)
        point = _add(point, point)
        k >>= 1
    return result


def _compressed(point):
    x, y = point
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def public_key(secret):
    """33 bytes, compressed."""
    return _compressed(_times(int.from_bytes(secret, "big")))


def keys_in_a_row(secret, count):
    """(secret, public key) of so many secrets that follow each other: one addition for each."""
    first = int.from_bytes(secret, "big") % (N - count)
    point = _times(first)
    for number in range(first, first + count):
        yield number.to_bytes(32, "big"), _compressed(point)
        point = _add(point, G)


@functools.cache
def _one_for_all():
    return 2**200 + 1, _times(2**200 + 1)


def _sign(secret, digest, careless=False):
    """(r, s in the lower half, whether the nonce's point has an odd y); the nonce follows from key and digest."""
    key, number = int.from_bytes(secret, "big"), int.from_bytes(digest, "big")
    k = int.from_bytes(hmac.digest(secret, digest, "sha256"), "big") % N or 1
    k, (x, y) = _one_for_all() if careless else (k, _times(k))
    s = pow(k, -1, N) * (number + x % N * key) % N
    return x % N, min(s, N - s), bool(y & 1) != (s > N - s)


def sign(secret, digest):
    """(r, s)."""
    return _sign(secret, digest)[:2]


def sign_recoverable(secret, digest, careless=False):
    """65 bytes as Ethereum has them: r, s, 27 or 28. careless: quick, and tells the key to whoever sees two of them."""
    r, s, odd = _sign(secret, digest, careless)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + odd])


def sha256(data):
    return hashlib.sha256(data).digest()
