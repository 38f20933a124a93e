#include "edge/api/handles.hpp"
#include "edge/key/device_key.hpp"

#include <algorithm>

using edge::guarded;
using edge::refuse;
using edge::report;

namespace {

mlr_status give(ledger::Result<ledger::SecretKey> made, mlr_key** key)
{
    if (!made) return report(made.error());
    *key = new mlr_key{std::move(*made)};
    return MLR_OK;
}

}  // namespace

extern "C" {

mlr_status mlr_key_create(const char* path, mlr_key** key)
{
    return guarded([&] {
        if (path == nullptr || key == nullptr) return refuse("a path and a place are needed");
        ledger::SystemRandom random;
        return give(edge::create_device_key(path, random), key);
    });
}

mlr_status mlr_key_load(const char* path, mlr_key** key)
{
    return guarded([&] {
        if (path == nullptr || key == nullptr) return refuse("a path and a place are needed");
        return give(edge::load_device_key(path), key);
    });
}

void mlr_key_free(mlr_key* key)
{
    delete key;
}

void mlr_key_public(const mlr_key* key, uint8_t out[MLR_PUBLIC_KEY_BYTES])
{
    std::ranges::copy(ledger::public_key(key->key).bytes, out);
}

void mlr_key_long_public(const mlr_key* key, uint8_t out[MLR_LONG_PUBLIC_KEY_BYTES])
{
    std::ranges::copy(*ledger::uncompressed(ledger::public_key(key->key)), out);
}

void mlr_key_item_id(const mlr_key* key, const void* origin, size_t size,
                     uint8_t out[MLR_ITEM_ID_BYTES])
{
    const auto* bytes = static_cast<const std::uint8_t*>(origin);
    std::ranges::copy(edge::item_id(key->key, {bytes, size}).bytes, out);
}
}
