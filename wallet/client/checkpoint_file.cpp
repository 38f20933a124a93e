#include "wallet/client/checkpoint_file.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/client/known_network.hpp"
#include "wallet/keys/private_files.hpp"

namespace wallet {

namespace codec = ledger::codec;

Outcome<KeptCheckpoint> first_checkpoint(const market::Network& network)
{
    const auto block_0 = genesis_block(network.genesis);
    if (!block_0) return failure_of(block_0.error());
    auto made = ledger::light::genesis_checkpoint(network.genesis, *block_0);
    if (!made) return failure_of(made.error());
    return KeptCheckpoint{std::move(*made), network.genesis.time_ms};
}

bool is_too_old(const ledger::Genesis& genesis, const KeptCheckpoint& kept, ledger::TimeMs now)
{
    if (genesis.validators.admission == ledger::Admission::authority) return false;
    if (now <= kept.seen_ms) return false;
    return (now.value - kept.seen_ms.value) / 1'000 >= genesis.params.unbonding_s;
}

CheckpointFile::CheckpointFile(const std::filesystem::path& home, const ledger::BlockId& genesis_id)
    : path_{home / "networks" / ledger::to_hex0x(genesis_id.view()) / "checkpoint.json"}
{
}

Outcome<std::optional<KeptCheckpoint>> CheckpointFile::load() const
{
    constexpr auto most = ledger::light::CheckpointLimits::json_bytes;
    const auto text = read_private_file(path_, most);
    if (!text && text.error().kind == ledger::ErrorKind::not_found)
        return std::optional<KeptCheckpoint>{};
    if (!text) return failure_of(text.error());
    const auto json = codec::parse_json(*text, {most, 8});
    auto kept = json ? codec::from_json<KeptCheckpoint>(*json)
                     : ledger::Result<KeptCheckpoint>{json.error()};
    if (kept)
        if (const auto done = check(kept->trusted); !done) kept = done.error();
    if (!kept)
        return Failure{Fault::failed, path_.string() + " is damaged (" + kept.error().detail +
                                          "); remove it to begin with the genesis again"};
    return std::optional{std::move(*kept)};
}

Outcome<void> CheckpointFile::replace(const KeptCheckpoint& kept) const
{
    for (const auto& folder : {path_.parent_path().parent_path(), path_.parent_path()})
        if (const auto done = make_private_folder(folder); !done) return failure_of(done.error());
    return replace_private_file(path_, codec::to_json(kept).dump(2) + "\n");
}

Outcome<void> CheckpointFile::advance(const KeptCheckpoint& kept) const
{
    const auto there = load();
    if (!there) return there.error();
    if (*there) {
        const auto& old = **there;
        if (old.trusted.epoch > kept.trusted.epoch) return {};
        if (old.trusted.epoch == kept.trusted.epoch && old.seen_ms >= kept.seen_ms) return {};
    }
    return replace(kept);
}

}  // namespace wallet
