#include "node/app/trusted_checkpoint.hpp"

#include "node/env/files.hpp"

namespace node {

using namespace ledger;

Result<std::optional<light::TrustedCheckpoint>> read_trusted_checkpoint(
    const Home& home, const Config& config, const market::Network& network)
{
    const auto& name = config.consensus.trusted_checkpoint;
    if (name.empty()) return std::optional<light::TrustedCheckpoint>{};
    const auto path = home.folder / name;
    const auto bytes = read_file(path, light::CheckpointLimits::json_bytes);
    if (!bytes) return bytes.error();
    auto read = light::parse_checkpoint(as_text(*bytes));
    if (!read) return Error{read.error().kind, path.string() + ": " + read.error().detail};
    if (read->chain_id != network.genesis.chain_id || read->genesis_id != network.genesis_id)
        return Error{ErrorKind::invalid, path.string() + ": a checkpoint of another network"};
    return std::optional{std::move(*read)};
}

consensus::TrustedAnchor anchor_of(const light::TrustedCheckpoint& checkpoint)
{
    return {checkpoint.epoch, checkpoint.anchor.height, block_id(checkpoint.anchor)};
}

}  // namespace node
