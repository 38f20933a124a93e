#include "wallet/keys/extended_key.hpp"

#include "ledger/crypto/hash.hpp"
#include "wallet/keys/base58.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wallet {
namespace {

using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::PublicKey;
using ledger::Result;
using ledger::SecretBytes;
using ledger::SecretKey;

constexpr std::uint32_t private_version = 0x0488ADE4;  // "xprv"
constexpr std::uint32_t public_version = 0x0488B21E;   // "xpub"
constexpr std::size_t serialized_bytes = 78;

void put_u32(std::span<std::uint8_t> to, std::uint32_t value)
{
    for (std::size_t i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t take_u32(ByteView from)
{
    return std::uint32_t{from[0]} << 24 | std::uint32_t{from[1]} << 16 |
           std::uint32_t{from[2]} << 8 | from[3];
}

std::uint32_t fingerprint(const PublicKey& key)
{
    return take_u32(ledger::ripemd160(ledger::sha256(key.view()).view()).view());
}

/// HMAC-SHA512 of 33 bytes of key and the index: the tweak for the child and its chain code.
SecretBytes stretch(ByteView chain_code, std::uint8_t first, ByteView key, std::uint32_t index)
{
    SecretBytes data{37};
    data.mutable_view()[0] = first;
    std::ranges::copy(key, data.mutable_view().begin() + 1);
    put_u32(data.mutable_view().subspan(33), index);
    auto made = ledger::hmac_sha512(chain_code, data.view());
    auto secret = SecretBytes::copy_of(made);
    ledger::wipe(made);
    return secret;
}

Error no_child()
{
    return invalid("no key has this index; take the next one");
}
Error too_deep()
{
    return {ErrorKind::full, "a tree of keys is at most 255 deep"};
}

/// Version, position, chain code, 33 bytes of key.
SecretBytes serialize(std::uint32_t version, const KeyPosition& position, ByteView chain_code,
                      std::uint8_t first, ByteView key)
{
    SecretBytes bytes{serialized_bytes};
    const auto out = bytes.mutable_view();
    put_u32(out, version);
    out[4] = position.depth;
    put_u32(out.subspan(5), position.parent_fingerprint);
    put_u32(out.subspan(9), position.index);
    std::ranges::copy(chain_code, out.begin() + 13);
    out[45] = first;
    std::ranges::copy(key, out.begin() + 46);
    return bytes;
}

}  // namespace

Result<ExtendedKey> master_key(ByteView seed)
{
    if (seed.size() < 16 || seed.size() > 64) return invalid("a seed has 16 to 64 bytes");
    auto made = ledger::hmac_sha512(ledger::as_bytes("Bitcoin seed"), seed);
    auto key = SecretKey::from_bytes(ByteView{made}.first(32));
    auto chain_code = SecretBytes::copy_of(ByteView{made}.subspan(32));
    ledger::wipe(made);
    if (!key) return invalid("this seed makes no key; take another");
    return ExtendedKey{std::move(*key), std::move(chain_code), {}};
}

ExtendedPublicKey without_secret(const ExtendedKey& key)
{
    return {ledger::public_key(key.key), ledger::Hash::of(key.chain_code.view()), key.position};
}

Result<ExtendedKey> child(const ExtendedKey& parent, std::uint32_t index)
{
    if (parent.position.depth == 255) return too_deep();
    const auto open = ledger::public_key(parent.key);
    const auto made =
        index >= hardened
            ? stretch(parent.chain_code.view(), 0, parent.key.view(), index)
            : stretch(parent.chain_code.view(), open.bytes[0], open.view().subspan(1), index);
    auto key = ledger::tweak_add(parent.key, made.view().first(32));
    if (!key) return no_child();
    const auto depth = static_cast<std::uint8_t>(parent.position.depth + 1);
    return ExtendedKey{std::move(*key),
                       SecretBytes::copy_of(made.view().subspan(32)),
                       {depth, fingerprint(open), index}};
}

Result<ExtendedPublicKey> child(const ExtendedPublicKey& parent, std::uint32_t index)
{
    if (index >= hardened) return invalid("a hardened child needs the secret key");
    if (parent.position.depth == 255) return too_deep();
    const auto made =
        stretch(parent.chain_code.view(), parent.key.bytes[0], parent.key.view().subspan(1), index);
    const auto key = ledger::tweak_add(parent.key, made.view().first(32));
    if (!key) return no_child();
    const auto depth = static_cast<std::uint8_t>(parent.position.depth + 1);
    return ExtendedPublicKey{
        *key, ledger::Hash::of(made.view().subspan(32)), {depth, fingerprint(parent.key), index}};
}

Result<std::vector<std::uint32_t>> parse_path(std::string_view text)
{
    if (!text.starts_with('m')) return invalid("a path starts with m");
    text.remove_prefix(1);
    std::vector<std::uint32_t> path;
    while (!text.empty()) {
        if (path.size() == 255) return invalid("a path has at most 255 steps");
        if (text.front() != '/') return invalid("the steps of a path are separated by /");
        text.remove_prefix(1);
        std::uint32_t index = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
        if (problem != std::errc{} || index >= hardened)
            return invalid("step " + std::to_string(path.size() + 1) +
                           " of the path is no number below 2^31");
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const bool marked =
            !text.empty() && std::string_view{"'hH"}.find(text.front()) != std::string_view::npos;
        if (marked) text.remove_prefix(1);
        path.push_back(marked ? index | hardened : index);
    }
    return path;
}

Result<ExtendedKey> derive(ExtendedKey from, const std::vector<std::uint32_t>& path)
{
    for (const std::uint32_t index : path) {
        auto next = child(from, index);
        if (!next) return next.error();
        from = std::move(*next);
    }
    return from;
}

std::vector<std::uint32_t> ethereum_path(std::uint32_t account)
{
    return {44 | hardened, 60 | hardened, 0 | hardened, 0, account};
}

SecretBytes to_text(const ExtendedKey& key)
{
    return to_base58check(
        serialize(private_version, key.position, key.chain_code.view(), 0, key.key.view()).view());
}

std::string to_text(const ExtendedPublicKey& key)
{
    const auto text = to_base58check(serialize(public_version, key.position, key.chain_code.view(),
                                               key.key.bytes[0], key.key.view().subspan(1))
                                         .view());
    return std::string{ledger::as_text(text.view())};
}

Result<std::variant<ExtendedKey, ExtendedPublicKey>> parse_extended_key(std::string_view text)
{
    const auto bytes = from_base58check(text, serialized_bytes);
    if (!bytes) return bytes.error();
    const auto view = bytes->view();
    const KeyPosition position{view[4], take_u32(view.subspan(5)), take_u32(view.subspan(9))};
    if (position.depth == 0 && position.parent_fingerprint != 0)
        return invalid("a master key has no parent, but this one names a fingerprint");
    if (position.depth == 0 && position.index != 0)
        return invalid("a master key is nobody's child, but this one has an index");
    const auto chain_code = view.subspan(13, 32);
    const auto key = view.subspan(45);
    switch (take_u32(view)) {
        case private_version: {
            if (key[0] != 0) return invalid("the secret key does not start with 00");
            auto secret = SecretKey::from_bytes(key.subspan(1));
            if (!secret) return secret.error();
            return ExtendedKey{std::move(*secret), SecretBytes::copy_of(chain_code), position};
        }
        case public_version: {
            const auto open = ledger::parse_public_key(key);
            if (!open) return open.error();
            return ExtendedPublicKey{*open, ledger::Hash::of(chain_code), position};
        }
        default:
            return invalid("this is neither an xprv nor an xpub");
    }
}

}  // namespace wallet
