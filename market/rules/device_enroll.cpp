#include "market/rules/data_rules.hpp"
#include "market/rules/lasting.hpp"

namespace market {
namespace {

Verdict check_owner(const View& view, const DatasetId& id, const Address& sender)
{
    if (!view.has<DatasetRecord>(id)) return Rejection::unknown_dataset;
    if (view.get<Dataset>(id).owner != sender) return Rejection::not_the_owner;
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const DeviceEnroll& message)
{
    if (const auto good = check_owner(state, message.dataset, context.sender); !good) return good;
    if (message.device.is_zero()) return Rejection::key_is_zero;
    if (message.contributor.is_zero()) return Rejection::recipient_is_zero;
    if (message.contributor != context.sender &&
        !state.get<DatasetRecord>(message.dataset).registered.open)
        return Rejection::dataset_closed;
    const DeviceKey key{message.dataset, message.device};
    const auto before = state.find<Device>(key);
    if (before && before->revoked_ms == 0) return Rejection::device_enrolled;

    auto device = before.value_or(Device{});
    device.contributor = message.contributor;
    device.shares_rule = message.shares_rule;
    device.daily_shares = message.daily_shares;
    device.enrolled_ms = context.now_ms();
    device.revoked_ms = 0;
    if (const auto put = put_lasting(state, context, key, device); !put) return put;
    context.emit(EventKind::admitted, message.device, {}, ledger::retag<Hash>(message.dataset));
    return {};
}

Verdict apply(State& state, const Context& context, const DeviceRevoke& message)
{
    if (const auto good = check_owner(state, message.dataset, context.sender); !good) return good;
    const DeviceKey key{message.dataset, message.device};
    auto device = state.find<Device>(key);
    if (!device) return Rejection::unknown_device;
    if (device->revoked_ms != 0) return Rejection::device_revoked;

    device->revoked_ms = context.now_ms();
    state.put(key, *device);
    context.emit(EventKind::changed, message.device, {}, ledger::retag<Hash>(message.dataset));
    return {};
}

}  // namespace market
