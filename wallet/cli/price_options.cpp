#include "wallet/cli/price_options.hpp"

#include "ledger/codec/describe.hpp"
#include "market/pricing.hpp"

namespace wallet::cli {

void PriceOptions::add_to(CLI::App& app)
{
    app.add_option("--price", price, "tokens for each unit")->required();
    app.add_option("--price-unit", unit, "what is counted")
        ->check(
            CLI::IsMember({"call", "row", "token_in", "token_out", "byte_in", "byte_out", "ms"}))
        ->capture_default_str();
    app.add_option("--max-units", max_units, "most units of a call that cost (call: 1; else 64)");
    app.add_option("--base", base, "tokens for each call besides");
    app.add_option("--min-price", least, "least price of a call (0.000001)");
    app.add_option("--cap", most, "most that a call can cost");
}

market::PriceSheet PriceOptions::sheet(const market::Network& network) const
{
    const auto each = amount_of(price, "--price");
    market::PriceSheet sheet;
    sheet.asset = network.genesis.asset.address;
    if (!base.empty()) sheet.base = amount_of(base, "--base");
    const auto counted = *ledger::codec::enum_from_name<market::Unit>(unit);
    const auto units = max_units != 0 ? max_units : counted == market::Unit::call ? 1 : 64;
    sheet.parts.push_back({counted, each.micros(), 1, units});
    sheet.min = least.empty() ? ledger::Amount::micros(1) : amount_of(least, "--min-price");
    const auto whole = each.times(units);
    const auto top = whole ? whole->plus(sheet.base) : std::nullopt;
    if (!top) fail(Fault::usage, "the price of --max-units is out of range");
    sheet.cap = most.empty() ? std::max(*top, sheet.min) : amount_of(most, "--cap");
    const auto good = market::check_sheet(sheet, sheet.asset);
    if (!good) fail(Fault::usage, "the price: " + in_words(good.error()));
    return sheet;
}

}  // namespace wallet::cli
