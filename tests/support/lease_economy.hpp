#pragma once

#include "tests/support/lease_world.hpp"

#include <random>

/// What faking the work of a lease comes to, by the rules themselves and at the parameters that a
/// network has by default: a provider fakes a part of the segments, verifiers and jurors are
/// honest, lazy or lying.
namespace market {

/// Parts of the verifiers, in hundredths; the rest is honest.
struct VerifierMix {
    const char* name;
    unsigned lazy = 0;   ///< repeat what the tenant shows, and in a jury what was committed to
    unsigned lying = 0;  ///< report something else, all of them the same
};

class LeaseEconomy {
public:
    static constexpr std::uint64_t segments = 100;
    static constexpr std::uint64_t planted = 10;            ///< decoys among them
    static constexpr std::uint64_t value = 100'000'000;     ///< V: what the whole lease pays
    static constexpr std::uint64_t report_fee = 2'000'000;  ///< what a segment costs, twice
    static constexpr std::size_t people = 24;               ///< verifiers

    explicit LeaseEconomy(std::uint64_t seed);

    /// Mean over `runs` leases of what a provider gains that fakes `percent` of the segments, in
    /// parts of V: what it was paid, less what it lost, plus what it saved. A segment that is not
    /// faked costs all that it pays, which is the most that faking can save.
    double provider_gain(unsigned percent, const VerifierMix&, std::size_t runs);

    /// Mean of what a verifier gains by a report, in parts of its fee: an honest one, whose work
    /// costs half of the fee, and a lazy one, who does nothing.
    double verifier_gain(bool lazy, std::size_t runs);

private:
    enum class Way { honest, lazy, lying };
    struct Played {
        double provider = 0;
        std::map<Address, double> verifiers;  ///< by those who were assigned something
        std::map<Address, unsigned> reports;
    };
    Played play(unsigned percent, const std::vector<Way>&);
    void settle(LeaseWorld&, const LeaseId&, const std::map<Address, Way>&);
    void judge(LeaseWorld&, const LeaseId&, const std::map<Address, Way>&);

    LeaseWorld ground_;
    GpuOfferId offer_;
    std::mt19937_64 random_;
};

}  // namespace market
