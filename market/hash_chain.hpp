#pragma once

#include "ledger/crypto/hash.hpp"
#include "market/messages/channel.hpp"

#include <optional>
#include <vector>

/// The hash chains of a channel (PayWord, Rivest and Shamir 1996): a link is a preimage of the one
/// before it, so that who knows link i knows all below it and none above.
namespace market {

struct ChainLimits {
    static constexpr std::uint32_t length = 4'096;             ///< links of a chain
    static constexpr std::uint64_t block_hashes = 1ULL << 18;  ///< links hashed in a block
    /// Links hashed for each further least fee: about what one signature costs to check.
    static constexpr std::uint64_t hashes_per_fee = 1'024;
};

/// The one-way step of a channel's chains: SHA-256(SHA-256("millrace/chain/v1") || channel ||
/// link). What stands before the link fills one block of SHA-256, which is hashed once: a step
/// costs one compression, and a link of one channel is none of another even where a payer uses a
/// seed twice.
class ChainHasher {
public:
    explicit ChainHasher(const ChannelId&);
    /// `link` hashed `steps` times.
    Hash down(Hash link, std::uint64_t steps) const;

private:
    ledger::Sha256 prefix_;
};

/// All links of a chain from its last one, the seed, down to its root: link i is element i.
std::vector<Hash> make_links(const ChannelId&, const Hash& seed, std::uint32_t length);

/// 1 to ChainLimits::length links of at least 1, of which the last is worth no more than fits.
bool well_formed(const ChainTerms&);

/// How many links cover `amount`, rounded up.
std::uint64_t links_for(Amount amount, Amount unit);

/// What link `index` is worth; empty when that does not fit.
std::optional<Amount> worth(const ChainTerms&, std::uint32_t index);

}  // namespace market
