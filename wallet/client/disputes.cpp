#include "wallet/client/disputes.hpp"

#include "market/pricing.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace wallet {
namespace {

using ledger::Amount;
using market::DisputeKind;

/// Asks for each sheet once.
class Sheets {
public:
    explicit Sheets(const FindSheet& find) : find_{find} {}

    /// What these units cost by the sheet that the receipt names: nothing where there is no such.
    Amount price(const market::UsageReceipt& receipt)
    {
        const Key key{receipt.model, receipt.ver, receipt.sheet};
        auto known = known_.find(key);
        if (known == known_.end())
            known = known_.emplace(key, find_(receipt.model, receipt.ver, receipt.sheet)).first;
        return known->second ? market::charge(*known->second, receipt.units) : Amount{};
    }

private:
    using Key = std::tuple<market::ModelId, market::Version, ledger::Hash>;
    const FindSheet& find_;
    std::map<Key, std::optional<market::PriceSheet>> known_;
};

}  // namespace

std::optional<DisputeCase> find_case(const market::Channel& channel,
                                     const std::vector<SignedReceipt>& receipts,
                                     const FindSheet& find_sheet)
{
    if (!channel.pending) return {};
    const auto& pending = *channel.pending;
    Sheets sheets{find_sheet};
    std::optional<DisputeCase> best;
    const auto consider = [&](DisputeKind kind, const SignedReceipt& receipt, Amount over) {
        if (!over.is_zero() && (!best || over > best->over)) best = {kind, receipt, over};
    };
    for (const auto& one : receipts) {
        // Calls paid by links are recorded without a signature of their own: they prove nothing.
        if (one.signature == ledger::Signature{}) continue;
        const auto& receipt = one.receipt;
        if (receipt.max_claimable == pending.voucher_max)
            consider(DisputeKind::claim, one,
                     pending.total.minus(receipt.charged_cumulative).value_or(Amount{}));
        const auto before = receipt.charged_cumulative.minus(receipt.charged);
        if (!before || *before < channel.total_claimed ||
            receipt.charged_cumulative > pending.total)
            continue;
        consider(DisputeKind::charge, one,
                 receipt.charged.minus(sheets.price(receipt)).value_or(Amount{}));
    }
    return best;
}

Amount above_receipts(const market::Channel& channel, const std::vector<SignedReceipt>& receipts)
{
    if (!channel.pending) return {};
    Amount charged;
    for (const auto& one : receipts) charged = std::max(charged, one.receipt.charged_cumulative);
    return channel.pending->total.minus(charged).value_or(Amount{});
}

}  // namespace wallet
