#pragma once

#include "wallet/client/http_client.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace load {

/// Ways in which a caller's request goes wrong on its way. None reads an answer for good: who pays
/// has to ask again, and must not pay twice for it.
class Faults {
public:
    /// `rate`: of a hundred requests so many go wrong first. The same seed does the same again.
    Faults(wallet::NodeUrl url, std::uint64_t seed, unsigned rate)
        : url_{std::move(url)}, random_{seed}, rate_{rate}
    {
    }

    /// Maybe sends the request in a bad way; how often it did so far stands in `count`.
    void before(const wallet::HttpRequest& request);
    std::uint64_t count() const { return count_; }

private:
    enum class Kind { lost, reset, half, slow, twice, late, read_slowly };
    static constexpr unsigned kinds = 7;

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    void pause(std::uint64_t most_ms);
    void send(Kind kind, const wallet::HttpRequest& request);

    wallet::NodeUrl url_;
    std::mt19937_64 random_;
    unsigned rate_;
    std::uint64_t count_ = 0;
};

}  // namespace load
