#include "ledger/light/checkpoint.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/consensus/checks.hpp"

namespace ledger::light {
namespace {

Error wrong(const char* what)
{
    return {ErrorKind::invalid, std::string{"checkpoint: "} + what};
}

Result<TrustedCheckpoint> checked(Result<TrustedCheckpoint> read)
{
    if (!read) return read;
    if (const auto done = check(*read); !done) return done.error();
    return read;
}

}  // namespace

Result<void> check(const TrustedCheckpoint& checkpoint)
{
    const auto& anchor = checkpoint.anchor;
    if (anchor.version != 1) return wrong("unknown header version");
    if (anchor.chain_id != checkpoint.chain_id) return wrong("the anchor is of another chain");
    if (!consensus::is_valid_set(checkpoint.validators)) return wrong("no set that could go on");
    const auto hash = valset_hash(checkpoint.validators);
    if (checkpoint.epoch == 0) {
        if (block_id(anchor) != checkpoint.genesis_id || anchor.height.value != 0)
            return wrong("epoch 0 begins with the genesis block");
        if (hash != anchor.valset_hash) return wrong("not the validators that the anchor names");
        return {};
    }
    if (anchor.kind != BlockKind::sealing || anchor.epoch != checkpoint.epoch - 1)
        return wrong("the anchor does not seal the epoch before");
    if (hash != anchor.next_valset_hash) return wrong("not the validators that the anchor names");
    return {};
}

Result<TrustedCheckpoint> genesis_checkpoint(const Genesis& genesis, const Header& block_0)
{
    if (block_0.just_hash != document_hash(genesis))
        return wrong("the block is not that of the genesis document");
    TrustedCheckpoint made{genesis.chain_id, block_id(block_0), 0, block_0, genesis.validators.set};
    if (const auto done = check(made); !done) return done.error();
    return made;
}

Bytes encode_checkpoint(const TrustedCheckpoint& checkpoint)
{
    return codec::encode(checkpoint);
}

Result<TrustedCheckpoint> decode_checkpoint(ByteView bytes)
{
    if (bytes.size() > CheckpointLimits::bytes)
        return Error{ErrorKind::full, "checkpoint: too long"};
    return checked(codec::decode<TrustedCheckpoint>(bytes));
}

std::string checkpoint_json(const TrustedCheckpoint& checkpoint, int indent)
{
    return codec::to_json(checkpoint).dump(indent) + "\n";
}

Result<TrustedCheckpoint> parse_checkpoint(std::string_view json_text)
{
    const auto json =
        codec::parse_json(json_text, {.bytes = CheckpointLimits::json_bytes, .depth = 8});
    if (!json) return json.error();
    return checked(codec::from_json<TrustedCheckpoint>(*json));
}

}  // namespace ledger::light
