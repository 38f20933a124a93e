#include "node/providers/provider_page.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "node/upstream/server_url.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

Hash digest_of(const ProviderPage& page, const BlockId& genesis)
{
    static const TaggedHasher hasher{"millrace/provider-page/v1"};
    codec::Writer writer;
    writer.put(genesis);
    writer.put(page.key);
    writer.put(page.url);
    writer.put(page.sequence);
    writer.put(page.expires_s);
    writer.put(page.page);
    writer.put(page.pages);
    writer.put(page.mirrors);
    writer.put(page.batches);
    return hasher(writer.take());
}

Result<void, PageFault> check_batches(const std::vector<KeptBatch>& batches, std::uint64_t now_s)
{
    if (batches.size() > PageLimits::batches) return PageFault::too_many_batches;
    // Ascending without repeats: one encoding for one set.
    const auto is_unordered = [](const KeptBatch& a, const KeptBatch& b) {
        return a.root >= b.root;
    };
    if (std::ranges::adjacent_find(batches, is_unordered) != batches.end())
        return PageFault::unordered_batches;
    for (const auto& batch : batches) {
        if (batch.copies > PageLimits::copies || (batch.copies == 0) != (batch.until_s == 0))
            return PageFault::bad_copies;
        if (batch.until_s > now_s &&
            batch.until_s - now_s > PageLimits::wanted_s + PageLimits::skew_s)
            return PageFault::wanted_too_long;
    }
    return {};
}

}  // namespace

std::string_view name_of(PageFault fault)
{
    switch (fault) {
        case PageFault::bad_url:
            return "bad_url";
        case PageFault::bad_number:
            return "bad_number";
        case PageFault::too_many_batches:
            return "too_many_batches";
        case PageFault::unordered_batches:
            return "unordered_batches";
        case PageFault::bad_copies:
            return "bad_copies";
        case PageFault::expired:
            return "expired";
        case PageFault::lives_too_long:
            return "lives_too_long";
        case PageFault::wanted_too_long:
            return "wanted_too_long";
        case PageFault::from_the_future:
            return "from_the_future";
        case PageFault::bad_signature:
            return "bad_signature";
    }
    return "?";
}

bool is_of_time(PageFault fault)
{
    return fault == PageFault::expired || fault == PageFault::lives_too_long ||
           fault == PageFault::wanted_too_long || fault == PageFault::from_the_future;
}

bool is_provider_url(std::string_view url)
{
    if (url.size() > PageLimits::url_bytes || url.ends_with('/')) return false;
    const auto parsed = parse_server_url(url);
    return parsed && parsed->base.empty();
}

ProviderPage make_page(const SecretKey& key, const BlockId& genesis, ProviderPage page)
{
    page.key = public_key(key);
    page.signature = sign(key, digest_of(page, genesis));
    return page;
}

Result<void, PageFault> check_page(const ProviderPage& page, const BlockId& genesis, TimeMs now)
{
    const auto now_s = now.value / 1'000;
    if (!is_provider_url(page.url)) return PageFault::bad_url;
    if (page.pages == 0 || page.pages > PageLimits::pages || page.page >= page.pages)
        return PageFault::bad_number;
    if (const auto good = check_batches(page.batches, now_s); !good) return good;
    if (page.expires_s <= now_s) return PageFault::expired;
    if (page.expires_s - now_s > PageLimits::lifetime_s + PageLimits::skew_s)
        return PageFault::lives_too_long;
    if (page.sequence > now.value && page.sequence - now.value > PageLimits::skew_s * 1'000)
        return PageFault::from_the_future;
    if (recover_key(digest_of(page, genesis), page.signature) != page.key)
        return PageFault::bad_signature;
    return {};
}

Bytes encode_page(const ProviderPage& page)
{
    return codec::encode(page);
}

Result<ProviderPage> decode_page(ByteView bytes)
{
    return codec::decode<ProviderPage>(bytes);
}

}  // namespace node
