#include "ledger/transfer/provider.hpp"

#include "ledger/transfer/batch_status.hpp"

namespace ledger::transfer {
namespace {

Result<Delivery, ProviderFault> delivered_status(const sealing::BatchSummary& batch, ByteView body)
{
    const auto status = parse_status(as_text(body), batch);
    if (!status) return ProviderFault::lied;
    auto ranges = ranges_of(*status);
    if (!ranges) return ProviderFault::lied;
    Delivery delivery;
    delivery.has_table = status->leaves == batch.chunks;
    delivery.has = std::move(*ranges);
    delivery.next = status->next;
    return delivery;
}

}  // namespace

Result<Delivery, ProviderFault> ask_over(const WebGet& get, const sealing::BatchSummary& batch,
                                         const Ask& ask, std::chrono::milliseconds patience,
                                         std::stop_token stop)
{
    WebCall call{{}, 0, patience, std::move(stop)};
    switch (ask.what) {
        case Ask::What::status:
            call.target = status_target(batch.root, ask.range.first);
            call.most_bytes = status_bytes;
            break;
        case Ask::What::leaves:
            call.target = table_target(batch.root, ask.range);
            call.most_bytes = ask.range.count * sealing::LeafTable::entry_bytes;
            break;
        case Ask::What::chunks:
            call.target = chunks_target(batch.root, ask.range);
            call.most_bytes = range_bytes(batch, ask.range);
    }
    auto reply = get(call);
    if (!reply) return reply.error();
    if (reply->status == 404) return ProviderFault::lacking;
    if (reply->status != 200) return ProviderFault::refused;
    if (reply->body.size() > call.most_bytes) return ProviderFault::flooded;
    if (ask.what == Ask::What::status) return delivered_status(batch, reply->body);
    if (reply->body.size() != call.most_bytes) return ProviderFault::lied;
    return Delivery{std::move(reply->body), false, {}, {}};
}

}  // namespace ledger::transfer
