#pragma once

#include "market/network.hpp"
#include "market/state/data_records.hpp"
#include "market/state/lease_records.hpp"
#include "market/state/state.hpp"

#include <optional>

/// Who checks which part of a lease (market.md 8): drawn by ids of blocks that nobody could know
/// when what they decide about was fixed.
namespace market {

struct LeaseLimits {
    static constexpr std::uint32_t samples = 32;  ///< segments of a lease that are executed again
    static constexpr std::uint32_t planted = 64;  ///< decoys of an order
    static constexpr std::uint32_t bids = 16;     ///< that wait for one order
    static constexpr std::size_t path = 64;       ///< hashes from a leaf to a root
    static constexpr std::size_t endpoint = 512;  ///< bytes
    static constexpr std::uint64_t longest_s = 90 * 24 * 3600;  ///< until something expires
    /// Verifiers of one class that can be drawn, and with those on their way out: a draw reads
    /// them all.
    static constexpr std::size_t verifiers = 128;
    static constexpr std::size_t verifier_records = 256;
};

/// H(s || id of the block that holds the close || lease); empty until that id is known, which the
/// next block does.
std::optional<Hash> verify_beacon(const View&, const LeaseId&, const Lease&, const Hash& secret);

/// H(id of the block that holds the report || lease || segment), likewise.
std::optional<Hash> jury_beacon(const View&, const LeaseId&, const LeaseDispute&);

/// `count` segments below `segments`, each once; all of them when there are no more.
std::vector<std::uint64_t> draw_segments(const Hash& beacon, std::uint64_t segments,
                                         std::uint32_t count);

/// Somebody who can be drawn, and by what weight.
struct Candidate {
    Address account;
    Amount stake;
};

/// Verifiers of a class that had joined before the block `at` and not left before it, with a whole
/// stake; without those named. What somebody does once a beacon is known changes nothing in this.
std::vector<Candidate> candidates(const View&, const Network&, const std::string& arch_class,
                                  Height at, const std::vector<Address>& without);

/// One of them by stake, for the purpose named by `tag` and number; nobody when there is none.
std::optional<std::size_t> draw_one(const Hash& beacon, std::string_view tag, std::uint32_t number,
                                    const std::vector<Candidate>&);

/// Up to `count` of them, each once.
std::vector<Address> draw_jury(const Hash& beacon, std::vector<Candidate>, std::uint32_t count);

}  // namespace market
