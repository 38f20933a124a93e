#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace node {

/// What a frame belongs to; each has message types of its own.
enum class Channel : std::uint8_t {
    control,
    consensus,
    blocks,
    transactions,
    addresses,
    providers  ///< only to peers whose Hello has feature::providers
};

/// A connection's three write queues; an earlier one always goes first.
enum class WriteClass : std::uint8_t { consensus, blocks, transactions, count };

/// Frames of a kind share a token bucket for each peer.
enum class RateClass : std::uint8_t {
    control,
    votes,
    certificates,
    proposals,
    status,
    requests,  ///< what makes us look things up
    answers,   ///< what we asked for
    inventory,
    transactions,
    count
};

/// A channel and a type on it: what the two bytes of a frame's head say.
struct MessageKind {
    Channel channel{};
    std::uint8_t type{};
    friend constexpr auto operator<=>(const MessageKind&, const MessageKind&) = default;
};

/// Everything peers say to each other, with what bounds it (ledger.md, consensus.md 2 and 12).
namespace message {
inline constexpr MessageKind hello{Channel::control, 1};
inline constexpr MessageKind ping{Channel::control, 2};
inline constexpr MessageKind pong{Channel::control, 3};
inline constexpr MessageKind goodbye{Channel::control, 4};  ///< a reason; the sender closes
inline constexpr MessageKind vote{Channel::consensus, 1};
inline constexpr MessageKind certificate{Channel::consensus, 2};
inline constexpr MessageKind proposal{Channel::consensus, 3};
inline constexpr MessageKind status{Channel::consensus, 4};
inline constexpr MessageKind get_certificates{Channel::consensus, 5};
inline constexpr MessageKind evidence{Channel::consensus, 6};
inline constexpr MessageKind certificates{Channel::consensus, 7};
inline constexpr MessageKind epoch_proof{Channel::consensus, 8};
inline constexpr MessageKind get_blocks{Channel::blocks, 1};
inline constexpr MessageKind blocks{Channel::blocks, 2};
inline constexpr MessageKind get_body{Channel::blocks, 3};
inline constexpr MessageKind body{Channel::blocks, 4};
inline constexpr MessageKind get_snapshot{Channel::blocks, 5};
inline constexpr MessageKind snapshot{Channel::blocks, 6};
inline constexpr MessageKind get_snapshot_chunk{Channel::blocks, 7};
inline constexpr MessageKind snapshot_chunk{Channel::blocks, 8};
inline constexpr MessageKind inventory{Channel::transactions, 1};
inline constexpr MessageKind get_transactions{Channel::transactions, 2};
inline constexpr MessageKind transaction{Channel::transactions, 3};
inline constexpr MessageKind missing_transactions{Channel::transactions, 4};
inline constexpr MessageKind get_addresses{Channel::addresses, 1};
inline constexpr MessageKind addresses{Channel::addresses, 2};
inline constexpr MessageKind provider_page{Channel::providers, 1};
inline constexpr MessageKind get_providers{Channel::providers, 2};
inline constexpr MessageKind providers{Channel::providers, 3};
}  // namespace message

struct MessageRule {
    MessageKind kind;
    std::string_view name;
    std::uint32_t least;  ///< bytes of payload; never zero
    std::uint32_t most;   ///< bytes of payload, checked before memory is taken
    WriteClass write;
    RateClass rate;
};

/// All of them, ascending by kind.
std::span<const MessageRule> message_rules();
/// Null for a kind that does not exist.
const MessageRule* rule_of(MessageKind);

}  // namespace node
