#pragma once

#include "ledger/consensus/messages.hpp"
#include "node/transport/channels.hpp"

#include <optional>

/// The frames in which the consensus core's messages and lists of transactions travel.
namespace node {

MessageKind kind_of(const ledger::consensus::Message&);
/// Empty when frames of this kind hold no message of the core.
bool is_consensus(MessageKind);
/// `invalid` or `full` when the payload is not the one encoding of such a message.
ledger::Result<ledger::consensus::Message> decode_consensus(MessageKind, ledger::ByteView payload);

/// Ids of transactions: u32 count and the ids, at most 1,000.
ledger::Bytes encode_ids(const std::vector<ledger::WireId>&);
ledger::Result<std::vector<ledger::WireId>> decode_ids(ledger::ByteView payload);

}  // namespace node
