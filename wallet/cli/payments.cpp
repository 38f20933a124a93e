#include "wallet/cli/payments.hpp"

#include "ledger/base/hex.hpp"

#include <chrono>
#include <thread>

namespace wallet::cli {

PaidClient make_paid_client(const Session& session, const ledger::SecretKey& key)
{
    return PaidClient{{session.client(), session.network(), key,
                       must(ChannelFolder::open(session.home())), session.random(),
                       [] {
                           const auto now = std::chrono::system_clock::now().time_since_epoch();
                           return static_cast<std::uint64_t>(
                               std::chrono::duration_cast<std::chrono::seconds>(now).count());
                       },
                       [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
                       [&session](const std::string& line) { session.note(line); }}};
}

market::ChannelId channel_id_of(const std::string& text)
{
    const auto id = ledger::id_from_hex<market::ChannelId>(text);
    if (!id) fail(Fault::usage, text + " is no channel id: 0x and 64 hex digits");
    return *id;
}

market::Channel channel_on_ledger(const Session& session, const market::ChannelId& id)
{
    auto channel = session.record<market::Channel>(id);
    if (!channel)
        fail(Fault::not_found, "the ledger has no channel " + ledger::to_hex0x(id.view()));
    return std::move(*channel);
}

}  // namespace wallet::cli
