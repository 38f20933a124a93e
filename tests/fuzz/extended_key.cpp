// Base58Check has one text for each key: what is read is written as it was. The input is tried as
// a text, and as the bytes of a key under a right checksum, which chance would never find.
#include "wallet/keys/extended_key.hpp"
#include "ledger/base/ensure.hpp"
#include "wallet/keys/base58.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

void check(std::string_view text)
{
    const auto key = wallet::parse_extended_key(text);
    if (!key) return;
    std::string again;
    if (const auto* open = std::get_if<wallet::ExtendedPublicKey>(&*key))
        again = wallet::to_text(*open);
    else
        again = ledger::as_text(wallet::to_text(std::get<wallet::ExtendedKey>(*key)).view());
    ledger::ensure(again == text, "a key has one text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    check(ledger::as_text({data, size}));
    if (size <= 200) check(ledger::as_text(wallet::to_base58check({data, size}).view()));
    return 0;
}
