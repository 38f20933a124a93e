#include "ledger/crypto/hkdf.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/sha256.hpp"

#include <algorithm>

namespace ledger {

SecretBytes hkdf_sha256_extract(ByteView salt, ByteView secret)
{
    Bytes made = hmac_sha256(salt, secret);
    auto key = SecretBytes::copy_of(made);
    wipe(made);
    return key;
}

SecretBytes hkdf_sha256_expand(ByteView pseudorandom_key, ByteView info, std::size_t length)
{
    ensure(length <= 255 * Hash::size, "HKDF gives at most 255 blocks");
    SecretBytes key{length};
    Bytes block;
    Bytes previous;
    std::uint8_t counter = 0;
    for (std::size_t done = 0; done < length; done += Hash::size) {
        block = previous;
        append(block, info);
        block.push_back(++counter);
        wipe(previous);
        previous = hmac_sha256(pseudorandom_key, block);
        wipe(block);
        std::copy_n(previous.begin(), std::min(Hash::size, length - done),
                    key.mutable_view().begin() + static_cast<std::ptrdiff_t>(done));
    }
    wipe(previous);
    return key;
}

SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t length)
{
    return hkdf_sha256_expand(hkdf_sha256_extract(salt, secret).view(), info, length);
}

}  // namespace ledger
