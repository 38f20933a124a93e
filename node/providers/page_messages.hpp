#pragma once

#include "node/providers/provider_book.hpp"

namespace node {

/// Asks a peer for its pages behind `after`; without it from the first on.
struct GetProviders {
    std::optional<PageCursor> after;
    friend bool operator==(const GetProviders&, const GetProviders&) = default;
};
MILLRACE_DESCRIBE(GetProviders, (after))

/// The answer: pages in order, and whether they are the last.
struct ProviderPages {
    std::optional<PageCursor> after;  ///< as in the question
    bool is_last{};
    std::vector<ProviderPage> pages;
    friend bool operator==(const ProviderPages&, const ProviderPages&) = default;
};
MILLRACE_DESCRIBE(ProviderPages, (after, is_last, pages))

/// Bytes of the pages in one answer; with what is around them it fits its message.
inline constexpr std::size_t answer_page_bytes = 60 * 1024;

ledger::Bytes encode(const GetProviders&);
ledger::Result<GetProviders> decode_get_providers(ledger::ByteView);
ledger::Bytes encode(const ProviderPages&);
/// Error invalid, also unless the pages ascend from behind `after` and there is one where more are
/// to come; the pages themselves are not checked.
ledger::Result<ProviderPages> decode_provider_pages(ledger::ByteView);

}  // namespace node
