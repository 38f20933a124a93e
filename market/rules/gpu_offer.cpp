#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/text.hpp"

namespace market {

Verdict check_expiry(const Context& context, std::uint64_t expires)
{
    if (expires <= context.now_s() || expires - context.now_s() > LeaseLimits::longest_s)
        return Rejection::expiry_out_of_bounds;
    return {};
}

Verdict apply(State& state, const Context& context, const GpuOffer& message)
{
    const auto& device = message.device;
    for (const auto* text : {&device.model, &device.driver, &device.region})
        if (!valid_text(*text, TextLimits::name)) return Rejection::malformed_text;
    const auto& profile = message.profile;
    if (device.model.empty() || device.count == 0 || device.memory_mib == 0 ||
        !valid_name(profile.arch_class) || profile.tolerance.value > PartsPerMillion::whole ||
        profile.deterministic != (profile.tolerance.value == 0))
        return Rejection::malformed_profile;
    if (message.rate.is_zero()) return Rejection::amount_is_zero;
    if (message.min_s < context.params().lease.interval_s || message.max_s < message.min_s)
        return Rejection::window_out_of_bounds;
    if (const auto good = check_expiry(context, message.expires); !good) return good;

    const auto id = ledger::retag<GpuOfferId>(context.tx);
    const GpuOfferRecord record{message, context.sender, GpuOfferStatus::listed, context.now_ms(),
                                0};
    if (const auto put = put_lasting(state, context, id, record); !put) return put;
    context.emit(EventKind::offered, context.sender, message.rate, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
