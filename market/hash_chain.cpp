#include "market/hash_chain.hpp"

namespace market {

ChainHasher::ChainHasher(const ChannelId& channel)
{
    static const Hash tag = ledger::sha256(ledger::as_bytes("millrace/chain/v1"));
    prefix_.update(tag.view());
    prefix_.update(channel.view());
}

Hash ChainHasher::down(Hash link, std::uint64_t steps) const
{
    for (; steps > 0; --steps) {
        auto hasher = prefix_;
        hasher.update(link.view());
        link = hasher.finish();
    }
    return link;
}

std::vector<Hash> make_links(const ChannelId& channel, const Hash& seed, std::uint32_t length)
{
    const ChainHasher hasher{channel};
    std::vector<Hash> links(length + 1);
    links[length] = seed;
    for (auto i = length; i > 0; --i) links[i - 1] = hasher.down(links[i], 1);
    return links;
}

std::uint64_t links_for(Amount amount, Amount unit)
{
    return amount.micros() / unit.micros() + (amount.micros() % unit.micros() != 0 ? 1 : 0);
}

bool well_formed(const ChainTerms& chain)
{
    return chain.length >= 1 && chain.length <= ChainLimits::length && !chain.unit.is_zero() &&
           worth(chain, chain.length);
}

std::optional<Amount> worth(const ChainTerms& chain, std::uint32_t index)
{
    const auto links = chain.unit.times(index);
    return links ? chain.base.plus(*links) : std::nullopt;
}

}  // namespace market
