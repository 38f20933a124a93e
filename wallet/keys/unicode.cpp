#include "wallet/keys/unicode.hpp"

#include <utf8proc.h>

#include <cstdlib>

namespace wallet {

using ledger::Error;
using ledger::ErrorKind;
using ledger::SecretBytes;

ledger::Result<SecretBytes> nfkd(std::string_view text)
{
    if (text.size() > 4096) return Error{ErrorKind::full, "a passphrase has at most 4096 bytes"};
    if (text.empty()) return SecretBytes{};
    utf8proc_uint8_t* made = nullptr;
    const auto length = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &made,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT));
    if (length < 0) return Error{ErrorKind::invalid, "the passphrase is not UTF-8"};
    const std::span bytes{made, static_cast<std::size_t>(length)};
    auto normal = SecretBytes::copy_of(bytes);
    ledger::wipe(bytes);
    std::free(made);
    return normal;
}

}  // namespace wallet
