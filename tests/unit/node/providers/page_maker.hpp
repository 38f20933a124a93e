#pragma once

#include "ledger/crypto/random.hpp"
#include "node/providers/provider_page.hpp"

namespace node {

inline constexpr ledger::TimeMs page_time{1'800'000'000'000};
inline constexpr std::uint64_t page_time_s = page_time.value / 1'000;

inline ledger::BlockId page_genesis(std::uint8_t mark = 1)
{
    ledger::BlockId id;
    id.bytes.fill(mark);
    return id;
}

/// A root whose first byte is `first`, and different for each `rest`.
inline ledger::Hash page_root(std::uint8_t first, std::uint64_t rest = 0)
{
    ledger::Hash root;
    root.bytes[0] = first;
    for (std::size_t i = 0; i < 8; ++i)
        root.bytes[31 - i] = static_cast<std::uint8_t>(rest >> (8 * i));
    return root;
}

/// One who signs pages.
struct PageMaker {
    explicit PageMaker(std::uint64_t seed)
    {
        ledger::SeededRandom random{seed};
        secret = ledger::SecretKey::generate(random);
    }
    ledger::PublicKey key() const { return ledger::public_key(*secret); }

    /// The only page of this provider; signed `ms` after `page_time`.
    ProviderPage page(std::vector<KeptBatch> batches, std::uint64_t ms = 0) const
    {
        ProviderPage page;
        page.key = key();
        page.url = "http://192.0.2.1:8700";
        page.sequence = page_time.value + ms;
        page.expires_s = (page_time.value + ms) / 1'000 + 3'600;
        page.pages = 1;
        page.batches = std::move(batches);
        return page;
    }
    ProviderPage sign(ProviderPage page, std::uint8_t genesis = 1) const
    {
        return make_page(*secret, page_genesis(genesis), std::move(page));
    }

    std::optional<ledger::SecretKey> secret;
};

}  // namespace node
