#pragma once

#include "node/providers/provider_page.hpp"

namespace node {

/// Splits batches into the fewest of 1, 2, 4, 8, 16 pages by the first bits of their roots, so that
/// one batch more changes one page. What does not fit the last of these is left out, what nobody
/// wants copies of first. `batches` ascend.
std::vector<std::vector<KeptBatch>> split_into_pages(const std::vector<KeptBatch>& batches);

/// What a node says of itself: signs its pages when what they say has changed, and again before
/// they would expire. Pure; one thread.
class OwnPages {
public:
    struct Self {
        ledger::SecretKey key;
        ledger::BlockId genesis;
        std::string url;
        std::uint64_t announce_s{};  ///< pages are said again after this, and live three times it
    };
    explicit OwnPages(Self self) : self_{std::move(self)} {}

    /// The pages to be said now; none when all that was said still holds.
    std::vector<ProviderPage> due(const std::vector<KeptBatch>& batches, bool mirrors,
                                  ledger::TimeMs now);

private:
    struct Said {
        std::vector<KeptBatch> batches;
        std::uint64_t at_ms{};
    };

    const Self self_;
    std::vector<Said> said_;
    bool mirrors_ = false;
    std::uint64_t sequence_ = 0;
};

}  // namespace node
