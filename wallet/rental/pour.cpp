#include "wallet/rental/pour.hpp"

#include "ledger/crypto/secret.hpp"
#include "ledger/sealing/opener.hpp"

namespace wallet::rental {
namespace {

using ledger::Result;
using ledger::sealing::ItemReader;
using ledger::sealing::Opener;

Result<void> pour_one(KeyedBatch& batch, const Put& put)
{
    const auto& manifest = batch.folder.manifest();
    const auto opener =
        Opener::make(batch.key, manifest.dataset, manifest.summary(), batch.folder.leaves());
    if (!opener) return opener.error();
    ItemReader reader{{[&](const std::string& name, std::uint64_t size) {
                           return put(ledger::sealing::item_header(name, size));
                       },
                       put, [] { return Result<void>{}; }}};
    for (std::uint64_t i = 0; i < manifest.chunks; ++i) {
        const auto sealed = batch.folder.read(i);
        if (!sealed) return sealed.error();
        auto plain = opener->open(i, *sealed);
        if (!plain)
            return ledger::invalid("chunk " + std::to_string(i) + ": " +
                                   std::string{ledger::sealing::describe(plain.error())});
        const auto read = reader.read(*plain);
        ledger::wipe(*plain);
        if (!read) return read;
    }
    return reader.finish();
}

}  // namespace

Result<void> pour(std::vector<KeyedBatch>& batches, const Put& put)
{
    if (auto done = put(ledger::sealing::items_begin()); !done) return done;
    for (auto& batch : batches)
        if (auto done = pour_one(batch, put); !done) return done;
    return put(ledger::sealing::items_end());
}

}  // namespace wallet::rental
