// What a note says of a batch that comes is read whatever it is, and what is read says the same
// again.
#include "node/board/batch_news.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/base/hex.hpp"

using ledger::to_hex0x;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto news = node::parse_batch_news(ledger::as_text({data, size}));
    if (!news) return 0;
    ledger::ensure(news->bytes != 0, "a batch has bytes");
    auto text = R"({"root":")" + to_hex0x(news->root.view()) + R"(","bytes":")" +
                std::to_string(news->bytes) + '"';
    if (news->manifest) text += R"(,"manifest":")" + to_hex0x(news->manifest->view()) + '"';
    const auto again = node::parse_batch_news(text + "}");
    ledger::ensure(again && again->root == news->root && again->bytes == news->bytes &&
                       again->manifest == news->manifest,
                   "it says the same again");
    return 0;
}
