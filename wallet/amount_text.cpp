#include "wallet/amount_text.hpp"

#include <algorithm>

namespace wallet {
namespace {

constexpr std::size_t places = 6;
constexpr std::uint64_t unit = 1'000'000;

}  // namespace

std::optional<std::uint64_t> parse_millionths(std::string_view text)
{
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto rest = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    const auto digits = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (whole.empty() || !digits(whole) || !digits(rest) || rest.size() > places) return {};
    if (point != std::string_view::npos && rest.empty()) return {};
    auto amount = ledger::Amount{};
    std::string all{whole};
    all += rest;
    all.append(places - rest.size(), '0');
    for (const char c : all) {
        const auto more = amount.times(10);
        const auto sum =
            more ? more->plus(ledger::Amount::micros(static_cast<std::uint64_t>(c - '0')))
                 : std::nullopt;
        if (!sum) return {};
        amount = *sum;
    }
    return amount.micros();
}

std::optional<ledger::Amount> parse_tokens(std::string_view text)
{
    const auto micros = parse_millionths(text);
    if (!micros) return {};
    return ledger::Amount::micros(*micros);
}

std::string to_tokens(ledger::Amount amount)
{
    auto text = std::to_string(amount.micros() / unit);
    const auto rest = amount.micros() % unit;
    if (rest == 0) return text;
    auto tail = std::to_string(rest);
    text += "." + std::string(places - tail.size(), '0') + tail;
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

}  // namespace wallet
