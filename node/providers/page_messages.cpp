#include "node/providers/page_messages.hpp"

#include "ledger/codec/binary.hpp"

namespace node {

using namespace ledger;

Bytes encode(const GetProviders& question)
{
    return codec::encode(question);
}

Result<GetProviders> decode_get_providers(ByteView bytes)
{
    return codec::decode<GetProviders>(bytes);
}

Bytes encode(const ProviderPages& answer)
{
    return codec::encode(answer);
}

Result<ProviderPages> decode_provider_pages(ByteView bytes)
{
    auto answer = codec::decode<ProviderPages>(bytes);
    if (!answer) return answer;
    if (!answer->is_last && answer->pages.empty()) return invalid("an answer without pages");
    auto last = answer->after;
    for (const auto& page : answer->pages) {
        const PageCursor at{page.key, page.page};
        if (last && at <= *last) return invalid("pages do not ascend");
        last = at;
    }
    return answer;
}

}  // namespace node
