#pragma once

#include "ledger/base/bytes.hpp"

#include <compare>
#include <cstdint>

namespace ledger {

/// A number with its own type, so that a height cannot be passed as a nonce.
template <class Tag, class Rep>
struct Named {
    using rep = Rep;
    Rep value{};
    friend constexpr auto operator<=>(const Named&, const Named&) = default;
};

using Height = Named<struct HeightTag, std::uint64_t>;
using Nonce = Named<struct NonceTag, std::uint64_t>;
/// Parallel sequences of one account, 0...255; nonces count within a lane.
using Lane = Named<struct LaneTag, std::uint32_t>;
/// EIP-155 chain id.
using ChainId = Named<struct ChainIdTag, std::uint64_t>;
/// Milliseconds since the Unix epoch, as a block says; never read from a clock in rules.
using TimeMs = Named<struct TimeMsTag, std::uint64_t>;

/// Plain digest of 32 bytes without a more precise meaning.
using Hash = FixedBytes<struct HashTag, 32>;
/// keccak256(public key)[12:], as in Ethereum; text form EIP-55.
using Address = FixedBytes<struct AddressTag, 20>;
/// id of a block: tagged SHA-256 of its header.
using BlockId = FixedBytes<struct BlockIdTag, 32>;
/// EIP-712 digest of a transaction: what people, receipts and wallets use.
using TxId = FixedBytes<struct TxIdTag, 32>;
/// Tagged SHA-256 of a transaction's whole encoding, signature included: what peers and blocks use.
using WireId = FixedBytes<struct WireIdTag, 32>;
/// r, s, v with v 27 or 28 and s in the lower half; recoverable ECDSA over secp256k1.
using Signature = FixedBytes<struct SignatureTag, 65>;
/// BIP-340 public key (x only) and signature: consensus votes and certificates.
using ConsensusKey = FixedBytes<struct ConsensusKeyTag, 32>;
using SchnorrSignature = FixedBytes<struct SchnorrSignatureTag, 64>;
/// Compressed secp256k1 public key.
using PublicKey = FixedBytes<struct PublicKeyTag, 33>;

}  // namespace ledger
