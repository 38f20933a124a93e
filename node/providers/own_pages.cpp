#include "node/providers/own_pages.hpp"

#include <algorithm>
#include <bit>

namespace node {

using namespace ledger;

namespace {

constexpr std::uint32_t most_bits = std::bit_width(PageLimits::pages) - 1;
static_assert(std::uint32_t{1} << most_bits == PageLimits::pages && most_bits <= 8);

std::vector<std::vector<KeptBatch>> split(const std::vector<KeptBatch>& batches, unsigned bits)
{
    std::vector<std::vector<KeptBatch>> pages(std::size_t{1} << bits);
    for (const auto& batch : batches) pages[batch.root.bytes[0] >> (8 - bits)].push_back(batch);
    return pages;
}

}  // namespace

std::vector<std::vector<KeptBatch>> split_into_pages(const std::vector<KeptBatch>& batches)
{
    const auto fits = [](const auto& page) { return page.size() <= PageLimits::batches; };
    for (unsigned bits = 0; bits <= most_bits; ++bits) {
        auto pages = split(batches, bits);
        if (std::ranges::all_of(pages, fits)) return pages;
    }
    auto pages = split(batches, most_bits);
    for (auto& page : pages) {
        if (fits(page)) continue;
        std::ranges::stable_partition(page, [](const KeptBatch& one) { return one.copies != 0; });
        page.resize(PageLimits::batches);
        std::ranges::sort(page, {}, &KeptBatch::root);
    }
    return pages;
}

std::vector<ProviderPage> OwnPages::due(const std::vector<KeptBatch>& batches, bool mirrors,
                                        TimeMs now)
{
    auto contents = split_into_pages(batches);
    const bool all = contents.size() != said_.size() || mirrors != mirrors_;
    said_.resize(contents.size());
    mirrors_ = mirrors;
    std::vector<ProviderPage> pages;
    for (std::size_t i = 0; i < contents.size(); ++i) {
        auto& said = said_[i];
        // A clock that was set back must not silence us.
        const bool is_old =
            now.value >= said.at_ms + self_.announce_s * 1'000 || now.value < said.at_ms;
        if (!all && !is_old && said.batches == contents[i]) continue;
        said = {std::move(contents[i]), now.value};
        sequence_ = std::max(sequence_ + 1, now.value);
        ProviderPage page;
        page.url = self_.url;
        page.sequence = sequence_;
        page.expires_s = now.value / 1'000 + 3 * self_.announce_s;
        page.page = static_cast<std::uint32_t>(i);
        page.pages = static_cast<std::uint32_t>(said_.size());
        page.mirrors = mirrors;
        page.batches = said.batches;
        pages.push_back(make_page(self_.key, self_.genesis, std::move(page)));
    }
    return pages;
}

}  // namespace node
