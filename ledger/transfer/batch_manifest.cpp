#include "ledger/transfer/batch_manifest.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/sealing/batch_key.hpp"

#include <set>

namespace ledger::transfer {

std::string manifest_text(const BatchManifest& manifest)
{
    return codec::to_json(manifest).dump(2) + "\n";
}

Result<BatchManifest> parse_manifest(std::string_view text)
{
    const auto json = codec::parse_json(text, {manifest_bytes, 4});
    if (!json) return json.error();
    auto manifest = codec::from_json<BatchManifest>(*json);
    if (!manifest) return manifest.error();
    if (const auto fits = sealing::check_sizes(manifest->chunks, manifest->bytes); !fits)
        return fits.error();
    if (const auto point = parse_public_key(manifest->point.view()); !point) return point.error();
    if (manifest->wraps.empty() || manifest->wraps.size() > most_masters)
        return invalid("a batch is sealed to 1 to 16 masters");
    std::set<X25519PublicKey> masters;
    for (const auto& wrap : manifest->wraps)
        if (wrap.key.size() != sealing::wrap_bytes || !masters.insert(wrap.to).second)
            return invalid("a wrapped key has 80 bytes, and each master one");
    return manifest;
}

}  // namespace ledger::transfer
