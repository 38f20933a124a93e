// Words that are read spell the same bytes again, whatever blanks and cases they came in.
#include "wallet/keys/mnemonic.hpp"
#include "ledger/base/ensure.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto words = wallet::parse_mnemonic(ledger::as_text({data, size}));
    if (!words) return 0;
    const auto again = wallet::Mnemonic::from_entropy(words->entropy());
    ledger::ensure(again.text() == words->text(), "entropy and words say the same");
    const auto read = wallet::parse_mnemonic(words->text());
    ledger::ensure(read && read->text() == words->text(), "words are read as they are written");
    return 0;
}
