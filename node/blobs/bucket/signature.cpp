#include "node/blobs/bucket/signature.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>

namespace node::signature {

using namespace ledger;

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

Bytes hmac(ByteView key, std::string_view text)
{
    return hmac_sha256(key, as_bytes(text));
}

std::string names_of(const Request& request)
{
    std::string names;
    for (const auto& [name, value] : request.headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

/// What is signed of a request, in one form for everybody.
std::string canonical(const Request& request)
{
    auto text = request.method + "\n" + request.path + "\n" + request.query + "\n";
    for (const auto& [name, value] : request.headers) text.append(name + ":" + value + "\n");
    return text + "\n" + names_of(request) + "\n" + to_hex(request.body_hash.view());
}

/// A key for one day, region and service.
Bytes key_of(const Signer& signer, std::string_view day)
{
    constexpr std::string_view prefix = "AWS4";
    SecretBytes first{prefix.size() + signer.secret.size()};
    std::memcpy(first.mutable_view().data(), prefix.data(), prefix.size());
    std::ranges::copy(signer.secret.view(), first.mutable_view().data() + prefix.size());
    auto key = hmac(first.view(), day);
    for (const auto& next : {signer.region, signer.service, std::string{"aws4_request"}}) {
        auto derived = hmac(key, next);
        wipe(key);
        key = std::move(derived);
    }
    return key;
}

}  // namespace

std::string date_text(TimeMs time)
{
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds{time.value}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss hour{floor<seconds>(at - day)};
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       hour.hours().count(), hour.minutes().count(), hour.seconds().count());
}

std::string authorization(const Signer& signer, const Request& request, std::string_view date)
{
    const auto day = date.substr(0, 8);
    const auto scope = fmt::format("{}/{}/{}/aws4_request", day, signer.region, signer.service);
    const auto digest = sha256(as_bytes(canonical(request)));
    const auto signed_text =
        fmt::format("{}\n{}\n{}\n{}", algorithm, date, scope, to_hex(digest.view()));
    auto key = key_of(signer, day);
    const auto made = hmac(key, signed_text);
    wipe(key);
    return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                       signer.access_key, scope, names_of(request), to_hex(made));
}

std::string encoded(std::string_view text)
{
    std::string made;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                              c == '~';
        if (is_plain)
            made += c;
        else
            made += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return made;
}

}  // namespace node::signature
