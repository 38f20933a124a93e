#include "wallet/cli/price_options.hpp"

#include "ledger/codec/describe.hpp"
#include "ledger/codec/json.hpp"
#include "market/pricing.hpp"

namespace wallet::cli {

namespace {

market::PricePart part_of(const std::string& text)
{
    const auto equals = text.find('=');
    const auto colon = text.find(':');
    if (equals == std::string::npos || colon == std::string::npos || colon < equals)
        fail(Fault::usage, "--price-also is UNIT=TOKENS:MAX_UNITS, as in token_out=0.00002:4096");
    const auto unit = ledger::codec::enum_from_name<market::Unit>(text.substr(0, equals));
    const auto units = ledger::codec::parse_decimal(text.substr(colon + 1));
    if (!unit || !units) fail(Fault::usage, "--price-also: no such unit, or no number: " + text);
    const auto each = amount_of(text.substr(equals + 1, colon - equals - 1), "--price-also");
    return {*unit, each.micros(), 1, *units};
}

}  // namespace

void PriceOptions::add_to(CLI::App& app, const std::string& group)
{
    const auto add = [&](const char* name, auto& to, const char* help) {
        auto* option = app.add_option(name, to, help);
        return group.empty() ? option : option->group(group);
    };
    add("--price", price, "tokens for each unit");
    add("--price-unit", unit, "what is counted")
        ->check(
            CLI::IsMember({"call", "row", "token_in", "token_out", "byte_in", "byte_out", "ms"}))
        ->capture_default_str();
    add("--max-units", max_units, "most units of a call that cost (call: 1; else 64)");
    add("--price-also", also, "UNIT=TOKENS:MAX_UNITS, another unit; may be repeated");
    add("--base", base, "tokens for each call besides");
    add("--min-price", least, "least price of a call (0.000001)");
    add("--cap", most, "most that a call can cost");
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
    for (const auto& text : also) sheet.parts.push_back(part_of(text));
    std::optional<ledger::Amount> top = sheet.base;
    for (const auto& part : sheet.parts) {
        const auto whole = ledger::Amount::micros(part.num).times(part.max_units);
        top = top && whole ? top->plus(*whole) : std::nullopt;
    }
    if (!top) fail(Fault::usage, "the price of --max-units is out of range");
    sheet.cap = most.empty() ? std::max(*top, sheet.min) : amount_of(most, "--cap");
    const auto good = market::check_sheet(sheet, sheet.asset);
    if (!good) fail(Fault::usage, "the price: " + in_words(good.error()));
    return sheet;
}

}  // namespace wallet::cli
