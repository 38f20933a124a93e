#include "node/payment/view_ledger.hpp"

#include "market/price_history.hpp"

namespace node {

std::optional<market::Channel> ViewLedger::channel(const market::ChannelId& id) const
{
    const auto now = state();
    return market::View{*now}.find<market::Channel>(id);
}

ledger::Amount ViewLedger::balance(const ledger::Address& account) const
{
    const auto now = state();
    return market::View{*now}.get<market::Account>(account).balance;
}

std::optional<market::Split> ViewLedger::split(const ledger::Address& address) const
{
    const auto now = state();
    return market::View{*now}.find<market::Split>(address);
}

std::optional<market::Host> ViewLedger::host(const ledger::Address& account) const
{
    const auto now = state();
    return market::View{*now}.find<market::Host>(account);
}

std::optional<ledger::Hash> ViewLedger::spent_by(const ledger::Address& account,
                                                 const ledger::Hash& nonce) const
{
    const auto now = state();
    const auto spent = market::View{*now}.find<market::SpentNonce>({account, nonce});
    return spent ? std::optional{spent->digest} : std::nullopt;
}

std::optional<ledger::Hash> ViewLedger::permit_spent_by(const ledger::Address& account,
                                                        const ledger::Hash& nonce) const
{
    const auto now = state();
    const auto spent = market::View{*now}.find<market::SpentPermit>({account, nonce});
    return spent ? std::optional{spent->digest} : std::nullopt;
}

std::vector<DatedSheet> ViewLedger::sheets(const market::ModelId& model, market::Version ver) const
{
    const auto now = state();
    return sheets_in_force(market::View{*now}, {model, ver}, head().time).sheets;
}

SheetsInForce sheets_in_force(const market::View& view, const market::VersionKey& key,
                              ledger::TimeMs now)
{
    SheetsInForce found;
    const auto version = view.find<market::VersionRecord>(key);
    if (!version) return found;
    if (now.value < version->registered_ms) {
        found.until_ms = version->registered_ms;
        return found;
    }
    auto& sheets = found.sheets;
    const auto add = [&](const market::PriceSheet& sheet, std::uint64_t from_ms) {
        sheets.push_back({sheet, market::sheet_hash(sheet), from_ms});
    };
    // Changes ascend in time; those announced for later are at the end and few.
    for (auto index = version->prices; index-- > 0 && sheets.size() < 2;) {
        const auto change = view.get<market::PriceRecord>({key.model, key.ver, index});
        if (change.from_ms <= now.value)
            add(change.sheet, change.from_ms);
        else
            found.until_ms = change.from_ms;
    }
    if (sheets.size() < 2) add(version->version.price_sheet, version->registered_ms);
    return found;
}

}  // namespace node
