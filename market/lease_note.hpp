#pragma once

#include "ledger/codec/describe.hpp"
#include "market/network.hpp"

#include <optional>
#include <string>

/// What the parties to an order of GPU time say to each other beside the ledger (docs/leases.md):
/// signed, and put up on the board of the node that the order names. A board never reads a body.
namespace market {

struct LeaseNote {
    GpuOrderId order;
    std::string topic;        ///< a name; a board keeps the newest notes of each
    std::uint64_t sent_ms{};  ///< the sender's clock; rises with each note of a sender and topic
    std::string body;         ///< JSON, at most LeaseNoteLimits::body bytes
    friend bool operator==(const LeaseNote&, const LeaseNote&) = default;
};
MILLRACE_DESCRIBE(LeaseNote, (order, topic, sent_ms, body))

struct LeaseNoteLimits {
    static constexpr std::size_t topic = 32;        ///< bytes
    static constexpr std::size_t body = 16 * 1024;  ///< bytes
};

/// EIP-712 in the domain "Millrace Lease".
Hash note_digest(const Network&, const LeaseNote&);

/// Whose signature it is; empty when it is nobody's.
std::optional<Address> sender_of(const Network&, const LeaseNote&, const Signature&);

}  // namespace market
