#include "wallet/sealed/read_items.hpp"

#include "ledger/crypto/secret.hpp"
#include "ledger/sealing/opener.hpp"

namespace wallet {

using ledger::sealing::ItemReader;
using ledger::sealing::Opener;

ledger::Result<void> read_items(BatchFolder& batch, const ledger::SecretKey& key,
                                ItemReader::Handler handler,
                                const std::function<void(std::uint64_t)>& progress)
{
    const auto& manifest = batch.manifest();
    const auto opener = Opener::make(key, manifest.dataset, manifest.summary(), batch.leaves());
    if (!opener) return opener.error();
    ItemReader reader{std::move(handler)};
    std::uint64_t done = 0;
    for (std::uint64_t i = 0; i < manifest.chunks; ++i) {
        const auto sealed = batch.read(i);
        if (!sealed) return sealed.error();
        auto plain = opener->open(i, *sealed);
        if (!plain)
            return ledger::invalid("chunk " + std::to_string(i) + ": " +
                                   std::string{ledger::sealing::describe(plain.error())});
        const auto read = reader.read(*plain);
        ledger::wipe(*plain);
        if (!read) return read;
        progress(done += sealed->size());
    }
    return reader.finish();
}

}  // namespace wallet
