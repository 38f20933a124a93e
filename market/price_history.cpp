#include "market/price_history.hpp"

#include "ledger/codec/eip712.hpp"

namespace market {

Hash sheet_hash(const PriceSheet& sheet)
{
    return ledger::eip712::struct_hash(sheet);
}

std::optional<PriceSheet> sheet_at(const View& view, const VersionKey& key, std::uint64_t time_ms)
{
    const auto version = view.find<VersionRecord>(key);
    if (!version || time_ms < version->registered_ms) return {};
    auto sheet = version->version.price_sheet;
    // The times ascend: find the last change that has come.
    std::uint32_t low = 0;
    std::uint32_t high = version->prices;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        auto change = view.get<PriceRecord>({key.model, key.ver, middle});
        if (change.from_ms <= time_ms) {
            sheet = std::move(change.sheet);
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return sheet;
}

std::optional<PriceSheet> sheet_by_hash(const View& view, const VersionKey& key, const Hash& hash)
{
    const auto version = view.find<VersionRecord>(key);
    if (!version) return {};
    if (sheet_hash(version->version.price_sheet) == hash) return version->version.price_sheet;
    for (auto index = version->prices; index-- > 0;) {
        auto change = view.get<PriceRecord>({key.model, key.ver, index});
        if (sheet_hash(change.sheet) == hash) return std::move(change.sheet);
    }
    return {};
}

}  // namespace market
