#include "node/core/consensus_frames.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"

#include <array>

namespace node {

using namespace ledger;
namespace consensus = ledger::consensus;

namespace {

/// In the order of the message's alternatives.
constexpr std::array<MessageKind, std::variant_size_v<consensus::Message>> kinds{
    message::vote,       message::proposal,         message::certificate,
    message::status,     message::get_certificates, message::certificates,
    message::get_blocks, message::blocks,           message::get_body,
    message::body,       message::evidence,         message::epoch_proof};

constexpr std::size_t ids_in_a_frame = 1'000;

}  // namespace

MessageKind kind_of(const consensus::Message& message)
{
    return kinds[message.index()];
}

bool is_consensus(MessageKind kind)
{
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<consensus::Message> decode_consensus(MessageKind kind, ByteView payload)
{
    const auto* const at = std::find(kinds.begin(), kinds.end(), kind);
    ensure(at != kinds.end(), "only frames of the core are asked for here");
    return consensus::decode_message(static_cast<std::uint8_t>(at - kinds.begin() + 1), payload);
}

Bytes encode_ids(const std::vector<WireId>& ids)
{
    return codec::encode(ids);
}

Result<std::vector<WireId>> decode_ids(ByteView payload)
{
    auto ids = codec::decode<std::vector<WireId>>(payload);
    if (ids && ids->size() > ids_in_a_frame)
        return Error{ErrorKind::full, "more ids than a frame may hold"};
    return ids;
}

}  // namespace node
