// What peers say about who keeps which batch: one encoding or a refusal, and a book that knows no
// more than it was told.
#include "node/providers/page_messages.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView bytes{data, size};
    const ledger::TimeMs now{1'800'000'000'000};
    node::ProviderBook book{{}};
    const auto learn = [&](const node::ProviderPage& page) {
        const auto good = node::check_page(page, {}, now);
        // A page that only its signature speaks against is what a stranger can make.
        if (!good && good.error() != node::PageFault::bad_signature) return;
        if (book.learn(page, now) != node::Learnt::fresh) return;
        ledger::ensure(!book.is_news(page), "what is known is no news");
        for (const auto& batch : page.batches) {
            const auto keepers = book.keepers_of(batch.root, now);
            ledger::ensure(
                std::ranges::count(keepers, page.key, &node::ProviderBook::Keeper::key) == 1,
                "who has a batch is named once");
            const auto wanted = book.wanted(batch.root, now);
            ledger::ensure(!wanted || wanted->copies <= node::PageLimits::copies,
                           "copies are bounded");
        }
    };
    if (const auto page = node::decode_page(bytes)) {
        ledger::ensure(std::ranges::equal(node::encode_page(*page), bytes),
                       "a page has one encoding");
        learn(*page);
    }
    if (const auto question = node::decode_get_providers(bytes))
        ledger::ensure(std::ranges::equal(node::encode(*question), bytes),
                       "a question has one encoding");
    if (const auto answer = node::decode_provider_pages(bytes)) {
        ledger::ensure(std::ranges::equal(node::encode(*answer), bytes),
                       "an answer has one encoding");
        for (const auto& page : answer->pages) learn(page);
        ledger::ensure(book.batches() <= size, "no more is known than was said");
    }
    book.drop_expired({now.value + 86'400'000});
    ledger::ensure(book.providers() == 0 && book.batches() == 0, "all of it expires");
    return 0;
}
