#include "market/label_queries.hpp"

namespace market {

Page<LabelOrderEntry> list_label_orders(const View& view, const std::optional<DatasetId>& dataset,
                                        std::optional<std::uint64_t> open_at_ms, ByteView after,
                                        std::size_t limit)
{
    return page_of<LabelOrderEntry, LabelTerms>(
        view, {}, after, limit,
        [&](const LabelOrderId& id, const LabelTerms& terms) -> std::optional<LabelOrderEntry> {
            const auto seats = view.get<LabelSeats>(id);
            if (open_at_ms &&
                (seats.free == 0 || seats.agreed_ms == 0 || *open_at_ms >= terms.open_until_ms))
                return {};
            auto ordered = view.get<LabelOrdered>(id);
            if (dataset && ordered.ordered.dataset != *dataset) return {};
            return LabelOrderEntry{id, std::move(ordered), terms, seats};
        });
}

Page<LabelWorkEntry> list_label_work(const View& view, const std::optional<LabelOrderId>& order,
                                     const std::optional<Address>& annotator, ByteView after,
                                     std::size_t limit)
{
    const Bytes prefix = order ? Bytes(order->bytes.begin(), order->bytes.end()) : Bytes{};
    return page_of<LabelWorkEntry, LabelWork>(
        view, prefix, after, limit,
        [&](const LabelWorkKey& key, const LabelWork& work) -> std::optional<LabelWorkEntry> {
            if (annotator && key.annotator != *annotator) return {};
            return LabelWorkEntry{key, work};
        });
}

}  // namespace market
