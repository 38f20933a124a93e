// A keystore file that is read must be readable again from what it says, and nothing in it may
// cost more than the limits allow.
#include "ledger/base/ensure.hpp"
#include "wallet/keys/keystore_file.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = wallet::parse_keystore(ledger::as_text({data, size}));
    if (!file) {
        ledger::ensure(!file.error().detail.empty(), "a refusal says why");
        return 0;
    }
    ledger::ensure(file->counter.size() == 16, "AES has blocks of 16 bytes");
    ledger::ensure(!file->ciphertext.empty() && file->ciphertext.size() <= 32, "a key is short");
    const ledger::KdfLimits small{.pbkdf2_iterations = 100,
                                  .scrypt_memory_bytes = 1 << 16,
                                  .scrypt_work = 1 << 9,
                                  .output_bytes = 64};
    const auto key = wallet::decrypt_key(*file, "fuzz", small);
    ledger::ensure(key || !key.error().detail.empty(), "a refusal says why");
    return 0;
}
