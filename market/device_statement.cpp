#include "market/device_statement.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"
#include "market/contribution.hpp"

#include <algorithm>

namespace market {

/// Integers are decimals in text there: devices and their tools are of every kind.
struct DeviceStatement {
    Hash network;
    DatasetId dataset;
    std::string batch;
    ledger::PublicKey point;
    Hash root;
    std::string chunks;
    std::string bytes;
    std::string shares;
    Hash schema;
    Hash meta;
    std::vector<WrappedKey> wraps;
    ledger::PublicKey device;
    Signature signature;
};
MILLRACE_DESCRIBE(DeviceStatement, (network, dataset, batch, point, root, chunks, bytes, shares,
                                    schema, meta, wraps, device, signature))

ledger::Result<DataContribute> read_statement(const Network& network, const nlohmann::json& json)
{
    const auto said = ledger::codec::from_json<DeviceStatement>(json);
    if (!said) return said.error();
    if (said->network != ledger::retag<Hash>(network.genesis_id))
        return ledger::invalid("the contribution is of another network");
    DataContribute made;
    made.dataset = said->dataset;
    made.point = said->point;
    made.root = said->root;
    made.schema_hash = said->schema;
    made.meta_hash = said->meta;
    made.wraps = said->wraps;
    made.device_signature = said->signature;
    for (const auto& [text, to] : {std::pair{&said->batch, &made.batch},
                                   {&said->chunks, &made.chunks},
                                   {&said->bytes, &made.bytes},
                                   {&said->shares, &made.shares}}) {
        const auto number = ledger::codec::parse_decimal(*text);
        if (!number) return ledger::invalid("a number of the contribution is none");
        *to = *number;
    }
    const auto digest = contribution_digest(network, made);
    const auto device = ledger::recover(digest, said->signature);
    if (!device || ledger::recover_key(digest, said->signature) != said->device)
        return ledger::invalid("the contribution is not signed by the device that it names");
    made.device = *device;
    return made;
}

bool fits(const DataContribute& message, const ledger::sealing::BatchSummary& batch,
          const std::vector<Bytes>& wraps)
{
    const auto same = [](const WrappedKey& key, const Bytes& wrap) {
        return std::ranges::equal(key.bytes, wrap);
    };
    return message.point == batch.point && message.root == batch.root &&
           message.chunks == batch.chunks && message.bytes == batch.bytes &&
           std::ranges::equal(message.wraps, wraps, same);
}

}  // namespace market
