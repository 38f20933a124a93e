#include "market/hash_chain.hpp"
#include "market/rules/sale_rules.hpp"

namespace market {
namespace {

/// A multiplication takes about as long as what one least fee pays for, an addition a quarter of
/// that, a chunk with its hashes as long as a multiplication.
constexpr std::uint64_t multiplication = ChainLimits::hashes_per_fee;

bool stands(const View& view, const SaleId& id, SaleStatus status)
{
    const auto sale = view.find<Sale>(id);
    return sale && sale->status == status;
}

std::uint64_t work(const View& view, const DataBuy& message)
{
    const auto terms = view.find<OfferTerms>(message.offer);
    if (!terms || message.points.size() != terms->offered.batches.size()) return 0;
    if (view.get<Offer>(message.offer).status != OfferStatus::listed) return 0;
    return message.points.size() * (multiplication / 4);
}

std::uint64_t work(const View& view, const DataRelease& message)
{
    if (!stands(view, message.sale, SaleStatus::funded)) return 0;
    if (message.t.size() != view.get<SaleKeys>(message.sale).points.size()) return 0;
    return message.t.size() * multiplication;
}

std::uint64_t work(const View& view, const DataDispute& message)
{
    return stands(view, message.sale, SaleStatus::released) ? multiplication : 0;
}

template <class M>
std::uint64_t work(const View&, const M&)
{
    return 0;
}

}  // namespace

std::uint64_t sale_work(const View& view, const Message& message)
{
    return std::visit([&](const auto& m) { return work(view, m); }, message);
}

std::uint64_t most_sale_work(const Message& message)
{
    if (const auto* buy = std::get_if<DataBuy>(&message))
        return buy->points.size() * (multiplication / 4);
    if (const auto* release = std::get_if<DataRelease>(&message))
        return release->t.size() * multiplication;
    return std::holds_alternative<DataDispute>(message) ? multiplication : 0;
}

}  // namespace market
