#include "node/transport/channels.hpp"

#include <algorithm>
#include <array>

namespace node {
namespace {

constexpr std::uint32_t kib = 1024, mib = 1024 * kib;
using W = WriteClass;
using R = RateClass;

constexpr std::array<MessageRule, 29> rules = {{
    {message::hello, "hello", 1, 256, W::consensus, R::control},
    {message::ping, "ping", 8, 8, W::consensus, R::control},
    {message::pong, "pong", 8, 8, W::consensus, R::control},
    {message::goodbye, "goodbye", 1, 64, W::consensus, R::control},
    {message::vote, "vote", 1, 256, W::consensus, R::votes},
    {message::certificate, "certificate", 1, 16 * kib, W::consensus, R::certificates},
    {message::proposal, "proposal", 1, 8 * mib, W::consensus, R::proposals},
    {message::status, "status", 1, 32 * kib, W::consensus, R::status},
    {message::get_certificates, "get_certificates", 1, 256, W::consensus, R::requests},
    {message::evidence, "evidence", 1, 128 * kib, W::consensus, R::status},
    {message::certificates, "certificates", 1, 512 * kib, W::consensus, R::answers},
    {message::epoch_proof, "epoch_proof", 1, 1 * mib, W::blocks, R::answers},
    {message::get_blocks, "get_blocks", 1, 256, W::blocks, R::requests},
    {message::blocks, "blocks", 1, 10 * mib, W::blocks, R::answers},
    {message::get_body, "get_body", 1, 256, W::blocks, R::requests},
    {message::body, "body", 1, 10 * mib, W::blocks, R::answers},
    {message::get_snapshot, "get_snapshot", 1, 256, W::blocks, R::requests},
    {message::snapshot, "snapshot", 1, 256 * kib, W::blocks, R::answers},
    {message::get_snapshot_chunk, "get_snapshot_chunk", 1, 256, W::blocks, R::requests},
    {message::snapshot_chunk, "snapshot_chunk", 1, 5 * mib / 2, W::blocks, R::answers},
    {message::inventory, "inventory", 1, 32 * kib, W::transactions, R::inventory},
    {message::get_transactions, "get_transactions", 1, 32 * kib, W::transactions, R::requests},
    {message::transaction, "transaction", 1, 64 * kib, W::transactions, R::transactions},
    {message::missing_transactions, "missing_transactions", 1, 32 * kib, W::transactions,
     R::inventory},
    {message::get_addresses, "get_addresses", 1, 8, W::transactions, R::requests},
    {message::addresses, "addresses", 1, 32 * kib, W::transactions, R::inventory},
    {message::provider_page, "provider_page", 1, 32 * kib, W::transactions, R::inventory},
    {message::get_providers, "get_providers", 1, 128, W::transactions, R::requests},
    {message::providers, "providers", 1, 64 * kib, W::transactions, R::answers},
}};

}  // namespace

std::span<const MessageRule> message_rules()
{
    return rules;
}

const MessageRule* rule_of(MessageKind kind)
{
    const auto* const found = std::lower_bound(
        rules.begin(), rules.end(), kind,
        [](const MessageRule& rule, const MessageKind& wanted) { return rule.kind < wanted; });
    return found != rules.end() && found->kind == kind ? found : nullptr;
}

}  // namespace node
