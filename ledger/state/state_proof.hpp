#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// The hashes of the state tree and proofs under a state root. Pure, from any thread; enough for
/// a light client, which has no tree.
///
/// The tree is binary over the bits of SHA-256(state key), most significant first. A subtree with
/// no key hashes to `empty_state_root`, one with a single key to that key's leaf hash however deep
/// it stands, any other to `state_node_hash` of its halves.
namespace ledger {

/// The root of a state without keys, and the hash of every empty place: tagged SHA-256 of nothing
/// under `millrace/jmt/empty`. Not zeros, so that a root nobody has filled in proves nothing.
const Hash& empty_state_root();
/// Tagged SHA-256 of both under `millrace/jmt/leaf`; each is the SHA-256 of the key or the value.
Hash state_leaf_hash(const Hash& key_hash, const Hash& value_hash);
/// Tagged SHA-256 of both under `millrace/jmt/node`; `left` has the keys whose next bit is 0.
Hash state_node_hash(const Hash& left, const Hash& right);

/// What a key's place in the tree holds, and the hashes that lead from there to the root.
struct StateProof {
    static constexpr std::size_t max_siblings = 256;
    /// Where the walk from the root along the key's bits ends.
    enum class End : std::uint8_t {
        key = 0,      ///< at the key itself: it is there
        other = 1,    ///< at the only other key that begins with the same bits: it is not there
        nothing = 2,  ///< at an empty place: it is not there
    };
    End end = End::nothing;
    /// Hashes of the other key and its value; zero unless `end` is `other`.
    Hash other_key_hash{};
    Hash other_value_hash{};
    /// From the leaf to the root, one for each bit walked.
    std::vector<Hash> siblings;

    friend bool operator==(const StateProof&, const StateProof&) = default;
};

/// Whether `proof` shows that under `root` the key has exactly `value`, or no value at all
/// (nullopt). False for whatever does not fit; never fails otherwise, whoever made the proof.
bool verify(const Hash& root, ByteView state_key, std::optional<ByteView> value,
            const StateProof& proof);

/// u8 end; both other hashes when `end` is `other`; u32 count and the siblings.
Bytes encode(const StateProof& proof);
/// `invalid` unless the bytes are what `encode` gives for some proof.
Result<StateProof> decode_state_proof(ByteView bytes);

}  // namespace ledger
