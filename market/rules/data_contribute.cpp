#include "ledger/sealing/batch_key.hpp"
#include "market/accumulator.hpp"
#include "market/contribution.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/lasting.hpp"
#include "market/signing.hpp"

namespace market {
namespace {

static_assert(WrappedKey::size == ledger::sealing::wrap_bytes);

Verdict check_form(const DataContribute& message)
{
    if (message.wraps.empty() || message.wraps.size() > DataLimits::wraps)
        return Rejection::too_many_entries;
    if (message.batch == 0 || !ledger::sealing::check_sizes(message.chunks, message.bytes))
        return Rejection::malformed_batch;
    if (!ledger::parse_public_key(message.point.view())) return Rejection::malformed_key;
    if (message.shares == 0) return Rejection::no_shares;
    return {};
}

/// Counts the shares to the device's day.
Verdict use_quota(Device& device, const Context& context, const DataContribute& message)
{
    const auto text_bytes = message.bytes - message.chunks * ledger::sealing::tag_bytes;
    if (device.shares_rule == SharesRule::bytes && message.shares > text_bytes)
        return Rejection::shares_above_the_bytes;
    const auto used = device.day == context.today() ? device.used_shares : 0;
    if (used > device.daily_shares || message.shares > device.daily_shares - used)
        return Rejection::shares_above_the_quota;
    device.day = context.today();
    device.used_shares = used + message.shares;
    ++device.batches;
    return {};
}

/// What the contributor's shares have earned is written down first, so that the new ones have no
/// part in it.
Verdict add_shares(State& state, const Context& context, const DatasetId& id,
                   const Address& contributor, std::uint64_t shares)
{
    auto dataset = state.get<Dataset>(id);
    if (shares > ~std::uint64_t{0} - dataset.total_shares) return Rejection::shares_too_many;
    const ContributionKey key{id, contributor};
    auto contribution = state.get<Contribution>(key);
    const auto earned = earned_between(contribution.drawn, dataset.per_share, contribution.shares);
    contribution.owed = contribution.owed + earned;
    contribution.drawn = dataset.per_share;
    contribution.shares += shares;
    dataset.total_shares += shares;
    if (const auto put = put_lasting(state, context, key, contribution); !put) return put;
    state.put(id, dataset);
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const DataContribute& message)
{
    if (!state.has<DatasetRecord>(message.dataset)) return Rejection::unknown_dataset;
    const DeviceKey device_key{message.dataset, message.device};
    auto device = state.find<Device>(device_key);
    if (!device) return Rejection::unknown_device;
    if (device->revoked_ms != 0) return Rejection::device_revoked;
    if (context.sender != device->contributor &&
        context.sender != state.get<Dataset>(message.dataset).owner)
        return Rejection::not_a_party;
    if (const auto good = check_form(message); !good) return good;
    const BatchKey key{message.dataset, {message.device, message.batch}};
    if (state.has<Batch>(key)) return Rejection::batch_used;
    const BatchPointKey point{message.dataset, message.point};
    if (state.has<BatchPoint>(point)) return Rejection::batch_key_used;
    if (const auto used = use_quota(*device, context, message); !used) return used;
    if (!signed_by(message.device, contribution_digest(context.network, message),
                   message.device_signature))
        return Rejection::wrong_signature;

    const Batch batch{device->contributor, message.point,  message.root,        message.chunks,
                      message.bytes,       message.shares, message.schema_hash, message.meta_hash,
                      message.wraps,       context.height, context.now_ms()};
    if (const auto put = put_lasting(state, context, key, batch); !put) return put;
    if (const auto put = put_lasting(state, context, point, BatchPoint{key.batch}); !put)
        return put;
    if (const auto added =
            add_shares(state, context, message.dataset, device->contributor, message.shares);
        !added)
        return added;
    state.put(device_key, *device);
    state.put({}, AwaitedBeacon{context.height});
    context.emit(EventKind::contributed, device->contributor, {},
                 ledger::retag<Hash>(message.dataset));
    return {};
}

}  // namespace market
