#include "node/upstream/credentials.hpp"

#include "node/env/files.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace node {
namespace {

using ledger::ByteView;

constexpr std::size_t longest = 8 * 1024;

bool is_blank(std::uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

ByteView trimmed(ByteView text)
{
    while (!text.empty() && is_blank(text.front())) text = text.subspan(1);
    while (!text.empty() && is_blank(text.back())) text = text.first(text.size() - 1);
    return text;
}

bool is_header_name(const std::string& name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

ledger::Result<Credentials> made_of(ByteView secret, const std::string& header)
{
    secret = trimmed(secret);
    if (secret.empty() || secret.size() > longest ||
        std::ranges::any_of(secret, [](std::uint8_t c) { return c < 0x20 || c >= 0x7f; }))
        return ledger::invalid("the credentials are empty, too long or not one line of text");
    const std::string_view prefix = header == "Authorization" ? "Bearer " : "";
    Credentials made{header, ledger::SecretBytes{prefix.size() + secret.size()}};
    const auto to = made.value.mutable_view();
    std::memcpy(to.data(), prefix.data(), prefix.size());
    std::memcpy(to.data() + prefix.size(), secret.data(), secret.size());
    return made;
}

}  // namespace

ledger::Result<Credentials> read_credentials(const std::filesystem::path& file,
                                             const std::string& variable, const std::string& header)
{
    if (!is_header_name(header))
        return ledger::invalid("the credentials' header is no name of a header");
    if (!file.empty()) {
        if (const auto good = check_private(file); !good) return good.error();
        auto bytes = read_file(file, longest);
        if (!bytes) return bytes.error();
        auto made = made_of(*bytes, header);
        ledger::wipe(*bytes);
        return made;
    }
    if (variable.empty()) return Credentials{header, {}};
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) return ledger::invalid("the environment has no " + variable);
    return made_of(ledger::as_bytes(std::string_view{value}), header);
}

}  // namespace node
