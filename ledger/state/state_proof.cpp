#include "ledger/state/state_proof.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_path.hpp"

namespace ledger {
namespace {

/// Whether both begin with the same `count` bits.
bool same_bits(const Hash& a, const Hash& b, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        if (bit_of(a, i) != bit_of(b, i)) return false;
    }
    return true;
}

Error bad_proof(const char* why)
{
    return {ErrorKind::invalid, std::string{"state proof: "} + why};
}

}  // namespace

const Hash& empty_state_root()
{
    static const Hash root = tagged_sha256("millrace/jmt/empty", {});
    return root;
}

Hash state_leaf_hash(const Hash& key_hash, const Hash& value_hash)
{
    static const TaggedHasher tagged{"millrace/jmt/leaf"};
    return tagged(key_hash.view(), value_hash.view());
}

Hash state_node_hash(const Hash& left, const Hash& right)
{
    static const TaggedHasher tagged{"millrace/jmt/node"};
    return tagged(left.view(), right.view());
}

bool verify(const Hash& root, ByteView state_key, std::optional<ByteView> value,
            const StateProof& proof)
{
    const auto depth = proof.siblings.size();
    if (depth > StateProof::max_siblings) return false;
    if (value.has_value() != (proof.end == StateProof::End::key)) return false;
    // An empty tree shows that a key is absent in one way only, and never that one is there.
    if (root == empty_state_root()) return proof.end == StateProof::End::nothing && depth == 0;

    const Hash key_hash = sha256(state_key);
    Hash hash = empty_state_root();
    if (proof.end == StateProof::End::key) {
        hash = state_leaf_hash(key_hash, sha256(*value));
    } else if (proof.end == StateProof::End::other) {
        if (proof.other_key_hash == key_hash) return false;
        if (!same_bits(proof.other_key_hash, key_hash, depth)) return false;
        hash = state_leaf_hash(proof.other_key_hash, proof.other_value_hash);
    }
    for (std::size_t i = 0; i < depth; ++i) {
        const Hash& sibling = proof.siblings[i];
        hash = bit_of(key_hash, depth - 1 - i) ? state_node_hash(sibling, hash)
                                               : state_node_hash(hash, sibling);
    }
    return hash == root;
}

Bytes encode(const StateProof& proof)
{
    Bytes out;
    out.push_back(static_cast<std::uint8_t>(proof.end));
    if (proof.end == StateProof::End::other) {
        append(out, proof.other_key_hash.view());
        append(out, proof.other_value_hash.view());
    }
    append_big_endian(out, static_cast<std::uint32_t>(proof.siblings.size()));
    for (const auto& sibling : proof.siblings) append(out, sibling.view());
    return out;
}

Result<StateProof> decode_state_proof(ByteView bytes)
{
    if (bytes.empty() || bytes[0] > 2) return bad_proof("unknown end");
    StateProof proof;
    proof.end = static_cast<StateProof::End>(bytes[0]);
    bytes = bytes.subspan(1);
    if (proof.end == StateProof::End::other) {
        if (bytes.size() < 2 * Hash::size) return bad_proof("cut short");
        proof.other_key_hash = Hash::of(bytes.first(Hash::size));
        proof.other_value_hash = Hash::of(bytes.subspan(Hash::size, Hash::size));
        bytes = bytes.subspan(2 * Hash::size);
    }
    if (bytes.size() < 4) return bad_proof("cut short");
    const auto count = read_big_endian<std::uint32_t>(bytes);
    bytes = bytes.subspan(4);
    if (count > StateProof::max_siblings) return bad_proof("too many siblings");
    if (bytes.size() != count * Hash::size) return bad_proof("wrong length");
    proof.siblings.reserve(count);
    for (; !bytes.empty(); bytes = bytes.subspan(Hash::size)) {
        proof.siblings.push_back(Hash::of(bytes.first(Hash::size)));
    }
    return proof;
}

}  // namespace ledger
