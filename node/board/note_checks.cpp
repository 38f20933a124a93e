#include "node/board/note_checks.hpp"

#include "market/lease_queries.hpp"
#include "market/rules/text.hpp"

namespace node {

using namespace ledger;

std::optional<NoteRefusal> check_order(const market::View& view, const market::GpuOrderId& order,
                                       TimeMs now)
{
    if (!view.has<market::GpuOrderRecord>(order)) return NoteRefusal::not_found;
    if (market::is_over(view, order, now.value)) return NoteRefusal::order_over;
    return {};
}

Result<SignedNote, NoteRefusal> check_note(const market::Network& network, const market::View& view,
                                           market::LeaseNote note, const Signature& signature,
                                           TimeMs now)
{
    if (const auto refusal = check_order(view, note.order, now)) return *refusal;
    if (note.topic.size() > market::LeaseNoteLimits::topic || !market::valid_name(note.topic))
        return NoteRefusal::invalid;
    if (note.body.size() > market::LeaseNoteLimits::body) return NoteRefusal::body_too_large;
    const auto apart =
        note.sent_ms > now.value ? note.sent_ms - now.value : now.value - note.sent_ms;
    if (apart > static_cast<std::uint64_t>(note_clock_skew.count())) return NoteRefusal::wrong_time;
    const auto from = market::sender_of(network, note, signature);
    if (!from) return NoteRefusal::wrong_signature;
    if (!market::is_party(view, note.order, *from)) return NoteRefusal::not_a_party;
    if (note.topic == batch_topic && !side_of(view, note.order, *from))
        return NoteRefusal::not_a_party;
    return SignedNote{std::move(note), *from, signature};
}

std::optional<BatchSide> side_of(const market::View& view, const market::GpuOrderId& id,
                                 const Address& who)
{
    const auto order = view.find<market::GpuOrderRecord>(id);
    if (!order) return {};
    if (order->tenant == who) return BatchSide::tenant;
    const auto lease = view.find<market::Lease>(order->lease);
    if (lease && lease->provider == who) return BatchSide::provider;
    return {};
}

}  // namespace node
