#include "market/ids.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

namespace market {
namespace {

Hash named(std::string_view label, const Address& owner, std::string_view name)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes(label));
    hasher.update(owner.view());
    hasher.update(ledger::as_bytes(name));
    return hasher.finish();
}

}  // namespace

ModelId model_id(const Address& owner, std::string_view name)
{
    return ledger::retag<ModelId>(named("millrace/model/v1", owner, name));
}

DatasetId dataset_id(const Address& owner, std::string_view name)
{
    return ledger::retag<DatasetId>(named("millrace/dataset/v1", owner, name));
}

Address split_address(const ModelId& model, Version ver, const Address& host)
{
    ledger::codec::Writer writer;
    writer.raw(ledger::as_bytes("millrace/split/v1"));
    writer.put(model);
    writer.put(ver);
    writer.put(host);
    return Address::of(ledger::keccak256(writer.take()).view().subspan(12));
}

}  // namespace market
