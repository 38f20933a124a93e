#include "ledger/chain/certificate.hpp"

#include "ledger/chain/certificate_signers.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/secp256k1.hpp"

namespace ledger {
namespace {

std::uint64_t total_power(const ValidatorSet& set)
{
    std::uint64_t sum = 0;
    for (const auto& validator : set) sum += validator.power;
    return sum;
}

}  // namespace

std::uint64_t quorum(const ValidatorSet& set)
{
    const auto whole = total_power(set);
    return whole - (whole - 1) / 3;  // equals floor(2W/3) + 1 for every W
}

Hash valset_hash(const ValidatorSet& set)
{
    return tagged_sha256("millrace/valset", codec::encode(set));
}

Hash vote_digest(const VoteSubject& subject)
{
    return tagged_sha256("millrace/vote", codec::encode(subject));
}

Bytes encode_certificate(const Certificate& certificate)
{
    return codec::encode(certificate);
}

Result<Certificate> decode_certificate(ByteView bytes)
{
    if (bytes.size() > 16 * 1024) return Error{ErrorKind::full, "certificate too long"};
    return codec::decode<Certificate>(bytes);
}

Result<std::vector<std::size_t>> signers(const Certificate& certificate, const ValidatorSet& set)
{
    const auto wrong = [](const char* what) { return Error{ErrorKind::invalid, what}; };
    if (set.empty()) return wrong("no validators");
    if (certificate.bitmap.size() != (set.size() + 7) / 8) return wrong("bitmap of another size");

    std::vector<std::size_t> voters;
    for (std::size_t bit = 0; bit < certificate.bitmap.size() * 8; ++bit) {
        if ((certificate.bitmap[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
        if (bit >= set.size()) return wrong("padding bits must be zero");
        voters.push_back(bit);
    }
    if (voters.size() != certificate.signatures.size())
        return wrong("as many signatures as bits are needed");

    std::uint64_t power = 0;
    for (const auto voter : voters) power += set[voter].power;
    if (power < quorum(set)) return wrong("power below the quorum");
    return voters;
}

Result<void> verify(const Certificate& certificate, ChainId chain_id, const BlockId& anchor,
                    const ValidatorSet& set)
{
    const auto voters = signers(certificate, set);
    if (!voters) return voters.error();
    const auto digest = vote_digest(
        {chain_id, certificate.epoch, anchor, certificate.kind, certificate.view, certificate.id});
    for (std::size_t i = 0; i < voters->size(); ++i)
        if (!schnorr_verify(set[(*voters)[i]].consensus_key, digest, certificate.signatures[i]))
            return Error{ErrorKind::invalid, "a vote's signature does not verify"};
    return {};
}

}  // namespace ledger
