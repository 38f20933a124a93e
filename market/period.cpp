#include "market/period.hpp"

namespace market {

// Days to year and month in the proleptic Gregorian calendar, with years beginning in March
// (Howard Hinnant, "chrono-compatible low-level date algorithms").
std::uint32_t period_of(TimeMs time)
{
    const std::uint64_t days = time.value / 86'400'000 + 719'468;
    const std::uint64_t era = days / 146'097;
    const std::uint64_t day_of_era = days % 146'097;
    const std::uint64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t march_month = (5 * day_of_year + 2) / 153;
    const std::uint64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    const std::uint64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return static_cast<std::uint32_t>(year * 100 + month);
}

void add_earned(State& state, const Context& context, const Address& account, Amount amount)
{
    const EarnedKey key{account, period_of(context.now)};
    auto earned = state.get<Earned>(key);
    earned.amount = earned.amount + amount;
    ++earned.settlements;
    state.put(key, earned);
}

}  // namespace market
