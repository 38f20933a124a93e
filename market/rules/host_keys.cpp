#include "market/rules/host_rules.hpp"
#include "market/rules/lasting.hpp"

#include <vector>

namespace market {
namespace {

bool holds(const Context& context, const HostKeyRecord& record)
{
    return record.retired_ms == 0 ||
           context.now_ms() < later(record.retired_ms, 2 * to_ms(context.params().w_disp_s));
}

/// Drops what holds no more and returns its deposit; channels of such a key only refund, and for
/// that the channel's own terms suffice. Returns how many keys are left.
std::size_t forget_keys(State& state, const Context& context, Host& host)
{
    std::size_t left = 0;
    std::vector<std::pair<HostKeyId, HostKeyRecord>> gone;
    state.scan<HostKeyRecord>(context.sender.view(), [&](const auto& id, const auto& record) {
        if (holds(context, record))
            ++left;
        else
            gone.emplace_back(id, record);
        return true;
    });
    for (const auto& [id, record] : gone) {
        const auto deposit = *context.params().byte_deposit.times(entry_bytes(id, record));
        unlock_deposit(state, context.sender, deposit);
        host.locked = host.locked - deposit;
        state.erase<HostKeyRecord>(id);
    }
    return left;
}

}  // namespace

bool key_active(const View& view, const Address& host, const Address& key)
{
    const auto record = view.find<HostKeyRecord>({host, key});
    return record && record->retired_ms == 0;
}

bool key_holds(const View& view, const Context& context, const Address& host, const Address& key)
{
    const auto record = view.find<HostKeyRecord>({host, key});
    return record && holds(context, *record);
}

bool key_was_active(const View& view, const Address& host, const Address& key,
                    std::uint64_t opened_ms)
{
    const auto record = view.find<HostKeyRecord>({host, key});
    // A key that retired in the block of the deposit did so after it.
    return record && record->added_ms <= opened_ms &&
           (record->retired_ms == 0 || record->retired_ms >= opened_ms);
}

Verdict add_host_key(State& state, const Context& context, const Address& key)
{
    if (key.is_zero()) return Rejection::key_is_zero;
    if (key_active(state, context.sender, key)) return Rejection::key_already_active;
    auto host = state.get<Host>(context.sender);
    const auto keys = forget_keys(state, context, host);

    const HostKeyId id{context.sender, key};
    auto record = state.find<HostKeyRecord>(id);
    if (record) {
        // A channel opens only while its key is active, so none was opened in between.
        record->retired_ms = 0;
    } else {
        if (keys >= HostLimits::keys) return Rejection::too_many_entries;
        record = HostKeyRecord{context.now_ms(), 0};
        const auto deposit = lock_deposit(state, context, context.sender, entry_bytes(id, *record));
        if (!deposit) return deposit.error();
        host.locked = host.locked + *deposit;
    }
    state.put(id, *record);
    state.put(context.sender, host);
    return {};
}

Verdict apply(State& state, const Context& context, const HostKey& message)
{
    if (!state.has<Host>(context.sender)) return Rejection::not_a_host;
    if (message.change == KeyChange::add) {
        if (const auto added = add_host_key(state, context, message.key); !added) return added;
    } else {
        const HostKeyId id{context.sender, message.key};
        auto record = state.find<HostKeyRecord>(id);
        if (!record || record->retired_ms != 0) return Rejection::key_not_active;
        std::size_t active = 0;
        state.scan<HostKeyRecord>(context.sender.view(), [&](const auto&, const auto& other) {
            active += other.retired_ms == 0 ? 1 : 0;
            return active < 2;
        });
        if (active < 2) return Rejection::last_key;
        record->retired_ms = context.now_ms();
        state.put(id, *record);
    }
    context.emit(EventKind::changed, context.sender);
    return {};
}

}  // namespace market
