"""A caller who pays by vouchers that it signs itself: the many calls for which a wallet started each time would be too slow."""
import base64
import http.client
import json
import secrets
import time
import types

from support import claims, secp256k1

_VOUCHER = claims.keccak(b"Voucher(bytes32 channelId,uint128 maxClaimableAmount)")


def voucher_digest(chain_id, channel, ceiling):
    """EIP-712: what the payer signs so that up to `ceiling` may be charged in all."""
    struct = claims.keccak(_VOUCHER + bytes.fromhex(channel.removeprefix("0x")) + ceiling.to_bytes(32, "big"))
    return claims.keccak(b"\x19\x01" + claims.channels_domain(chain_id) + struct)


def transfer_payment(required, secret, payer, chain_id):
    """The header that pays for one call by a transfer (scheme exact), signed for what a 402 offers."""
    offer = next(offer for offer in required["accepts"] if offer["scheme"] == "exact")
    word = lambda value: int(value, 16 if str(value).startswith("0x") else 10).to_bytes(32, "big")
    hashed = lambda text: claims.keccak(text.encode())
    domain = claims.keccak(hashed("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
                           + hashed(offer["extra"]["name"]) + hashed(offer["extra"]["version"]) + word(str(chain_id)) + word(offer["asset"]))
    authorization = {"from": payer, "to": offer["payTo"], "value": offer["amount"], "validAfter": "0",
                     "validBefore": str(int(time.time()) + 60), "nonce": "0x" + secrets.token_hex(32)}
    kind = "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    digest = claims.keccak(b"\x19\x01" + domain + claims.keccak(hashed(kind) + b"".join(map(word, authorization.values()))))
    return to_header({"x402Version": 2, "resource": required["resource"], "accepted": offer, "payload": {
        "signature": "0x" + secp256k1.sign_recoverable(secret, digest).hex(), "authorization": authorization}})


def from_header(value):
    return json.loads(base64.b64decode(value))


def to_header(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


class VoucherCaller:
    """One channel to the node's host, opened by the wallet, and one connection. One call at a time; callers on other
    channels may call meanwhile."""

    def __init__(self, node, path, account="caller", salt=0, tokens="20"):
        self._node, self._path = node, path
        self._secret = node.wallet.secret(account)
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        self.charged = 0
        status, headers, _ = self.ask(b"{}")
        assert status == 402, status
        required = from_header(headers["PAYMENT-REQUIRED"])
        self._offer = next(offer for offer in required["accepts"] if offer["scheme"] == "batch-settlement")
        self._resource = required["resource"]
        extra = self._offer["extra"]
        self.amount = int(self._offer["amount"])
        node.wallet("channel", "open", tokens, "--to", self._offer["payTo"], "--key", extra["receiverAuthorizer"], "--delay",
                    str(extra["withdrawDelay"]), "--salt", str(salt), account=account)
        self.channel, self._config = next(
            (one["id"], one["config"]) for one in node.get(f"/v1/channels?payer={node.accounts[account]}&limit=1000")[1]["items"]
            if one["config"]["receiver"].lower() == self._offer["payTo"] and int(one["config"]["salt"], 16) == salt)

    def ask(self, body, headers=None, path=None):
        """(status, headers, body as bytes) of one POST, as it is."""
        self._connection.request("POST", path or self._path, body, headers or {})
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def payment(self, payment_id=None):
        """The header that pays for the next call."""
        ceiling = self.charged + self.amount
        digest = voucher_digest(self._node.identity["chainId"], self.channel, ceiling)
        signature = "0x" + secp256k1.sign_recoverable(self._secret, digest).hex()
        payment = {"x402Version": 2, "resource": self._resource, "accepted": self._offer, "payload": {
            "type": "voucher", "channelConfig": self._config,
            "voucher": {"channelId": self.channel, "maxClaimableAmount": str(ceiling), "signature": signature}}}
        if payment_id:
            payment["extensions"] = {"payment-identifier": {"info": {"id": payment_id}}}
        return to_header(payment)

    def call(self, request, payment_id=None, payment=None, headers=None):
        """One paid call; `payment`: one that was used before, asked again. The answer has status, headers, the bytes sent and
        got, what they say as JSON, and the receipt where it was charged."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        status, given, content = self.ask(body, {"PAYMENT-SIGNATURE": payment or self.payment(payment_id), **(headers or {})})
        paid = from_header(given["PAYMENT-RESPONSE"]) if given["PAYMENT-RESPONSE"] else None
        if status == 200:
            self.charged = max(self.charged, int(paid["extra"]["channelState"]["chargedCumulativeAmount"]))
        length = int(given.get("Inference-Header-Content-Length", len(content)))
        return types.SimpleNamespace(status=status, headers=given, sent=body, content=content, told=json.loads(content[:length]),
                                     receipt=paid["extra"]["receipt"] if status == 200 else None)

    def close(self):
        self._connection.close()
