#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/consensus/messages.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <vector>

/// What a node answers to those who do not trust it. Each has one canonical encoding and a JSON
/// form; what is read is within ProofLimits, and proves nothing yet: `LightClient` decides.
namespace ledger::light {

/// That a block is final: F of the block itself, or of a descendant in the same epoch with the
/// headers from one to the other, TAIL blocks among them.
struct Finality {
    Header header;
    std::vector<Header> descendants;         ///< oldest first; the last one has the certificate
    std::optional<Certificate> certificate;  ///< absent for the genesis block
    friend bool operator==(const Finality&, const Finality&) = default;
};
MILLRACE_DESCRIBE(Finality, (header, descendants, certificate))

/// What stood under a key of the state after a final block.
struct StateProofAt {
    Finality finality;
    Bytes key;
    std::optional<Bytes> value;  ///< absent: nothing stood there
    Bytes proof;                 ///< encoded StateProof of ledger/state
    friend bool operator==(const StateProofAt&, const StateProofAt&) = default;
};
MILLRACE_DESCRIBE(StateProofAt, (finality, key, value, proof))

/// What became of the `index`-th transaction of a final block, from 0.
struct ReceiptProof {
    Finality finality;
    std::uint32_t index{};
    std::uint32_t count{};  ///< transactions in the block
    Bytes receipt;          ///< as it is hashed into receipts_root
    std::vector<Hash> path;
    friend bool operator==(const ReceiptProof&, const ReceiptProof&) = default;
};
MILLRACE_DESCRIBE(ReceiptProof, (finality, index, count, receipt, path))

/// That a block of any epoch is an ancestor of a final one, by the history_root of that, or is
/// that block itself: then there is no path.
struct BlockProof {
    Finality newer;
    Header header;
    std::vector<Hash> path;
    friend bool operator==(const BlockProof&, const BlockProof&) = default;
};
MILLRACE_DESCRIBE(BlockProof, (newer, header, path))

/// How epochs ended, one after the other, oldest first.
struct EpochProofs {
    std::vector<consensus::EpochProof> seals;
    friend bool operator==(const EpochProofs&, const EpochProofs&) = default;
};
MILLRACE_DESCRIBE(EpochProofs, (seals))

struct ProofLimits {
    static constexpr std::size_t proof_bytes = 2 * 1024 * 1024;
    static constexpr std::size_t key_bytes = 1'024;
    static constexpr std::size_t headers = consensus::MessageLimits::path_headers;
    static constexpr std::size_t path_hashes = 64;
    static constexpr std::size_t seals = 128;
};

/// Canonical encodings. Reading checks the length before anything else; `full` when something is
/// too long, `invalid` when it is not the one encoding of such a proof.
template <class Proof>
Bytes encode_proof(const Proof&);
template <class Proof>
Result<Proof> decode_proof(ByteView);
/// The JSON form, for text that was read within bounds.
template <class Proof>
nlohmann::json proof_json(const Proof&);
template <class Proof>
Result<Proof> proof_from_json(const nlohmann::json&);

}  // namespace ledger::light
