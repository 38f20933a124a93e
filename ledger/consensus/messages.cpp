#include "ledger/consensus/messages.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

#include <array>

namespace ledger::consensus {
namespace {

using Limits = MessageLimits;

constexpr std::array<std::size_t, std::variant_size_v<Message>> limits{
    Limits::vote_bytes,    Limits::propose_bytes,  Limits::certificate_bytes,
    Limits::status_bytes,  Limits::request_bytes,  Limits::certs_bytes,
    Limits::request_bytes, Limits::blocks_bytes,   Limits::request_bytes,
    Limits::blocks_bytes,  Limits::evidence_bytes, Limits::epoch_proof_bytes};

bool fits(const Certificate& certificate)
{
    return certificate.bitmap.size() <= SetLimits::validators / 8 &&
           certificate.signatures.size() <= SetLimits::validators;
}

bool fits(const std::vector<Certificate>& certificates)
{
    for (const auto& certificate : certificates)
        if (!fits(certificate)) return false;
    return true;
}

bool fits(const std::optional<Certificate>& certificate)
{
    return !certificate || fits(*certificate);
}

bool fits(const Justification& justification)
{
    return justification.skipped.size() <= Limits::skipped_views && fits(justification.parent) &&
           fits(justification.skipped);
}

bool fits(const std::optional<Justification>& justification)
{
    return !justification || fits(*justification);
}

bool fits(const BlockBody& body)
{
    if (body.size() > BlockLimits::transactions) return false;
    std::size_t bytes = 0;
    for (const auto& transaction : body) bytes += transaction.size();
    return bytes <= BlockLimits::body_bytes;
}

bool fits(const BlockData& block)
{
    return block.header.version == 1 && fits(block.justification) && fits(block.body);
}

struct Fits {
    bool operator()(const Vote&) const { return true; }
    bool operator()(const Propose& propose) const
    {
        return propose.header.version == 1 && fits(propose.justification) &&
               propose.wire_ids.size() <= BlockLimits::transactions;
    }
    bool operator()(const Certificate& certificate) const { return fits(certificate); }
    bool operator()(const Status& status) const { return fits(status.finalized); }
    bool operator()(const GetCerts&) const { return true; }
    bool operator()(const Certs& certs) const { return fits(certs.certificates); }
    bool operator()(const GetBlocks&) const { return true; }
    bool operator()(const Blocks& blocks) const
    {
        for (const auto& block : blocks.blocks)
            if (!fits(block)) return false;
        return !blocks.blocks.empty() && blocks.path.size() <= Limits::path_headers &&
               fits(blocks.finalized);
    }
    bool operator()(const GetBody&) const { return true; }
    bool operator()(const Body& body) const { return fits(body.block); }
    bool operator()(const Evidence& evidence) const
    {
        return evidence.votes.size() <= 2 && evidence.proposals.size() <= 2 &&
               fits(evidence.justification);
    }
    bool operator()(const EpochProof& proof) const
    {
        return !proof.path.empty() && proof.path.size() <= Limits::path_headers &&
               proof.next.size() <= SetLimits::validators && fits(proof.finalized);
    }
};

template <std::size_t I = 0>
Result<Message> decode_as(std::size_t index, ByteView bytes)
{
    if constexpr (I == std::variant_size_v<Message>) {
        return Error{ErrorKind::invalid, "unknown message type"};
    } else {
        if (index != I) return decode_as<I + 1>(index, bytes);
        auto value = codec::decode<std::variant_alternative_t<I, Message>>(bytes);
        if (!value) return value.error();
        if (!Fits{}(*value)) return Error{ErrorKind::full, "a message holds too many or too large"};
        return Message{std::move(*value)};
    }
}

}  // namespace

std::uint8_t type_of(const Message& message)
{
    return static_cast<std::uint8_t>(message.index() + 1);
}

std::size_t message_limit(std::uint8_t type)
{
    return type == 0 || type > limits.size() ? 0 : limits[type - 1];
}

Bytes encode_message(const Message& message)
{
    return std::visit([](const auto& value) { return codec::encode(value); }, message);
}

Result<Message> decode_message(std::uint8_t type, ByteView bytes)
{
    if (message_limit(type) == 0) return Error{ErrorKind::invalid, "unknown message type"};
    if (bytes.size() > message_limit(type)) return Error{ErrorKind::full, "message too long"};
    return decode_as(type - 1u, bytes);
}

Bytes encode_justification(const Justification& justification)
{
    return codec::encode(justification);
}

Hash justification_hash(const Justification& justification)
{
    return tagged_sha256("millrace/just", encode_justification(justification));
}

}  // namespace ledger::consensus
