#pragma once

#include "market/state/money.hpp"

#include <limits>

namespace market {

/// Writes an entry that is history and stays for good. What it adds to the bytes already under
/// its key locks the sender's deposit; refuses when the balance does not cover that.
template <class Record>
Verdict put_lasting(State& state, const Context& context, const typename Record::Key& key,
                    const Record& record)
{
    const auto before = state.template find<Record>(key);
    const std::size_t was = before ? entry_bytes<Record>(key, *before) : 0;
    const std::size_t is = entry_bytes<Record>(key, record);
    if (is > was) {
        const auto locked = lock_deposit(state, context, context.sender, is - was);
        if (!locked) return locked.error();
    }
    state.put(key, record);
    return {};
}

/// Seconds of a message as milliseconds; the latest time there is when that does not fit.
inline std::uint64_t to_ms(std::uint64_t seconds)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    return seconds > most / 1000 ? most : seconds * 1000;
}

/// A sum of times, or the latest time there is.
inline std::uint64_t later(std::uint64_t ms, std::uint64_t by_ms)
{
    const auto sum = ms + by_ms;
    return sum < ms ? std::numeric_limits<std::uint64_t>::max() : sum;
}

}  // namespace market
