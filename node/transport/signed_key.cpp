#include "node/transport/signed_key.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace node {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using Fault = CertificateFault;

constexpr std::string_view prefix = "libp2p-tls-handshake:";
constexpr std::uint8_t sequence_tag = 0x30, octets_tag = 0x04, integer_tag = 0x02;
/// Field 1, varint; field 2, bytes.
constexpr std::uint8_t type_field = 0x08, data_field = 0x12;
enum KeyType : std::uint8_t { rsa = 0, ed25519 = 1, secp256k1 = 2, ecdsa = 3 };

/// Reads DER elements with lengths below 2^16 in their shortest form; nothing here is longer.
class Der {
public:
    explicit Der(ByteView in) : in_{in} {}

    std::optional<ByteView> element(std::uint8_t tag)
    {
        if (in_.size() < 2 || in_[0] != tag) return {};
        std::size_t length = in_[1], head = 2;
        if (length >= 0x80) {
            const std::size_t more = length - 0x80;
            if (more == 0 || more > 2 || in_.size() < 2 + more) return {};
            length = 0;
            for (std::size_t i = 0; i < more; ++i) length = length << 8 | in_[2 + i];
            if (length < (more == 1 ? 0x80u : 0x100u)) return {};
            head += more;
        }
        if (in_.size() - head < length) return {};
        const auto content = in_.subspan(head, length);
        in_ = in_.subspan(head + length);
        return content;
    }
    bool at_end() const { return in_.empty(); }

private:
    ByteView in_;
};

void put(Bytes& to, std::uint8_t tag, ByteView content)
{
    to.push_back(tag);
    if (content.size() >= 0x100) {
        to.push_back(0x82);
        to.push_back(static_cast<std::uint8_t>(content.size() >> 8));
    } else if (content.size() >= 0x80) {
        to.push_back(0x81);
    }
    to.push_back(static_cast<std::uint8_t>(content.size()));
    ledger::append(to, content);
}

void put_integer(Bytes& to, ByteView number)
{
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    Bytes content;
    if (number[0] >= 0x80) content.push_back(0);
    ledger::append(content, number);
    put(to, integer_tag, content);
}

/// A positive DER integer of at most 32 bytes into `to`, padded on the left.
bool take_integer(Der& from, std::span<std::uint8_t> to)
{
    const auto content = from.element(integer_tag);
    if (!content || content->empty()) return false;
    auto number = *content;
    if (number[0] >= 0x80) return false;
    if (number[0] == 0) {
        if (number.size() == 1 || number[1] < 0x80) return false;
        number = number.subspan(1);
    }
    if (number.size() > to.size()) return false;
    std::copy(number.begin(), number.end(), to.end() - static_cast<std::ptrdiff_t>(number.size()));
    return true;
}

ledger::Hash digest_of(ByteView spki)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes(prefix));
    hasher.update(spki);
    return hasher.finish();
}

ledger::Result<ledger::PublicKey, Fault> take_peer_key(ByteView protobuf)
{
    if (protobuf.size() < 4 || protobuf[0] != type_field || protobuf[2] != data_field)
        return Fault::extension_malformed;
    switch (protobuf[1]) {
        case secp256k1:
            break;
        case rsa:
            return Fault::peer_key_rsa;
        case ed25519:
            return Fault::peer_key_ed25519;
        case ecdsa:
            return Fault::peer_key_ecdsa;
        default:
            return Fault::peer_key_unknown;
    }
    const auto data = protobuf.subspan(4);
    if (data.size() != protobuf[3]) return Fault::extension_malformed;
    if (data.size() != ledger::PublicKey::size) return Fault::peer_key_invalid;
    const auto key = ledger::parse_public_key(data);
    if (!key) return Fault::peer_key_invalid;
    return *key;
}

}  // namespace

std::string_view name_of(CertificateFault fault)
{
    constexpr std::array<std::string_view, static_cast<std::size_t>(Fault::count)> names = {
        "missing",
        "more_than_one",
        "too_large",
        "malformed",
        "unique_ids",
        "not_yet_valid",
        "expired",
        "certificate_key_not_p256",
        "unknown_critical_extension",
        "extension_missing",
        "extension_repeated",
        "extension_malformed",
        "peer_key_rsa",
        "peer_key_ed25519",
        "peer_key_ecdsa",
        "peer_key_unknown",
        "peer_key_invalid",
        "bad_self_signature",
        "bad_peer_signature",
        "unexpected_peer",
    };
    const auto index = static_cast<std::size_t>(fault);
    return index < names.size() ? names[index] : "?";
}

Bytes make_signed_key(const ledger::SecretKey& key, ByteView spki)
{
    const auto peer = ledger::public_key(key);
    Bytes protobuf{type_field, secp256k1, data_field, ledger::PublicKey::size};
    ledger::append(protobuf, peer.view());

    const auto made = ledger::sign(key, digest_of(spki));
    Bytes numbers, signature, inner, whole;
    put_integer(numbers, made.view().subspan(0, 32));
    put_integer(numbers, made.view().subspan(32, 32));
    put(signature, sequence_tag, numbers);

    put(inner, octets_tag, protobuf);
    put(inner, octets_tag, signature);
    put(whole, sequence_tag, inner);
    return whole;
}

ledger::Result<ledger::PublicKey, CertificateFault> check_signed_key(ByteView signed_key,
                                                                     ByteView spki)
{
    Der outer{signed_key};
    const auto inner = outer.element(sequence_tag);
    if (!inner || !outer.at_end()) return Fault::extension_malformed;
    Der fields{*inner};
    const auto protobuf = fields.element(octets_tag);
    const auto signature = fields.element(octets_tag);
    if (!protobuf || !signature || !fields.at_end()) return Fault::extension_malformed;
    const auto key = take_peer_key(*protobuf);
    if (!key) return key;

    Der pair{*signature};
    const auto numbers = pair.element(sequence_tag);
    if (!numbers || !pair.at_end()) return Fault::bad_peer_signature;
    Der both{*numbers};
    ledger::Signature made;
    const std::span<std::uint8_t> bytes{made.bytes};
    if (!take_integer(both, bytes.subspan(0, 32)) || !take_integer(both, bytes.subspan(32, 32)) ||
        !both.at_end())
        return Fault::bad_peer_signature;
    // libsecp256k1 recovers the signer; which of the two candidates it is, DER does not say.
    const auto digest = digest_of(spki);
    for (const auto v : {std::uint8_t{27}, std::uint8_t{28}}) {
        made.bytes[64] = v;
        if (ledger::recover_key(digest, made) == *key) return *key;
    }
    return Fault::bad_peer_signature;
}

}  // namespace node
