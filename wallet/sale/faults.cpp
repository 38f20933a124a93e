#include "wallet/sale/faults.hpp"

#include "ledger/crypto/secret.hpp"
#include "ledger/sealing/opener.hpp"

#include <string>

namespace wallet {
namespace {

using ledger::Result;
namespace sealing = ledger::sealing;
using Found = std::optional<market::DataDispute>;

market::DataDispute dispute_of(const sealing::LeafTable& leaves, std::uint64_t index)
{
    market::DataDispute made;
    const auto leaf = leaves.at(index);
    made.index = index;
    made.leaf = {leaf.key_hash, leaf.chunk_hash};
    made.path = leaves.path(index);
    return made;
}

}  // namespace

Result<Found> find_fault(BatchFolder& batch, const ledger::SecretKey& key,
                         const ledger::SecretKey& blind,
                         const std::function<void(std::uint64_t)>& progress)
{
    const auto& manifest = batch.manifest();
    const auto opener =
        sealing::Opener::make(key, manifest.dataset, manifest.summary(), batch.leaves());
    if (!opener) return opener.error();
    std::uint64_t read = 0;
    for (std::uint64_t i = 0; i < manifest.chunks; ++i) {
        auto sealed = batch.read(i);
        if (!sealed) return sealed.error();
        auto opened = opener->open(i, *sealed);
        progress(read += sealed->size());
        if (opened) {
            ledger::wipe(*opened);
            continue;
        }
        if (opened.error() == sealing::ChunkFault::other_bytes)
            return ledger::invalid("chunk " + std::to_string(i) +
                                   " is damaged here: fetch the batch again");
        auto dispute = dispute_of(batch.leaves(), i);
        if (opened.error() == sealing::ChunkFault::other_key) {
            dispute.kind = market::DataDisputeKind::key;
            dispute.secret = market::Scalar::of(blind.view());
        } else {
            dispute.kind = market::DataDisputeKind::chunk;
            dispute.secret = market::Scalar::of(opener->key_of(i).view());
            dispute.chunk = std::move(*sealed);
        }
        return Found{std::move(dispute)};
    }
    return Found{};
}

}  // namespace wallet
