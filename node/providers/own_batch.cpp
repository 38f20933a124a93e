#include "node/providers/own_batch.hpp"

#include "ledger/codec/json.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr std::string_view prefix = "mirror-";
constexpr std::uint64_t day_s = 24 * 3'600;
constexpr std::uint64_t wanted_days = 30;

}  // namespace

std::string holder_name(const MirrorHold& hold)
{
    return std::string{prefix} + std::to_string(hold.hours) + "-" + std::to_string(hold.copies);
}

std::optional<MirrorHold> mirror_hold(std::string_view holder)
{
    if (!is_mirror_holder(holder)) return {};
    holder.remove_prefix(prefix.size());
    const auto dash = holder.find('-');
    if (dash == std::string_view::npos) return {};
    const auto hours = codec::parse_decimal(holder.substr(0, dash));
    const auto copies = codec::parse_decimal(holder.substr(dash + 1));
    // What no clock will ever show would be kept for ever.
    if (!hours || !copies || *hours > 0xffff'ffff || *copies == 0 || *copies > PageLimits::copies)
        return {};
    return MirrorHold{*hours, static_cast<std::uint8_t>(*copies)};
}

bool is_mirror_holder(std::string_view holder)
{
    return holder.starts_with(prefix);
}

std::vector<KeptBatch> kept_batches(const OwnBatches& own, std::uint8_t copies, TimeMs now)
{
    const auto now_s = now.value / 1'000;
    std::vector<KeptBatch> kept;
    for (const auto& [root, batch] : own) {
        if (!batch.complete) continue;
        if (batch.operators && copies != 0)
            kept.push_back({root, copies, (now_s / day_s + 1 + wanted_days) * day_s});
        else if (batch.hold && batch.hold->until_s() > now_s)
            kept.push_back({root, batch.hold->copies, batch.hold->until_s()});
        else
            kept.push_back({root, 0, 0});
    }
    return kept;
}

}  // namespace node
