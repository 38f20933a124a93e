#include "node/transport/peer_certificate.hpp"

#include "ledger/base/ensure.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <ctime>
#include <memory>

namespace node {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::ensure;
using Fault = CertificateFault;

template <auto Release>
struct Free {
    template <class T>
    void operator()(T* owned) const
    {
        Release(owned);
    }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Object = std::unique_ptr<ASN1_OBJECT, Free<ASN1_OBJECT_free>>;
using Octets = std::unique_ptr<ASN1_OCTET_STRING, Free<ASN1_OCTET_STRING_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Name = std::unique_ptr<X509_NAME, Free<X509_NAME_free>>;

/// The allocated part of libp2p's arc; OpenSSL knows no name for it.
const ASN1_OBJECT* signed_key_id()
{
    static const Object made{OBJ_txt2obj("1.3.6.1.4.1.53594.1.1", 1)};
    ensure(made != nullptr, "the identifier of the extension is well formed");
    return made.get();
}

template <class T, class Encode>
Bytes der_of(T* object, Encode encode)
{
    std::uint8_t* out = nullptr;
    const int size = encode(object, &out);
    ensure(size > 0, "OpenSSL encodes what it holds");
    Bytes bytes{out, out + size};
    OPENSSL_clear_free(out, static_cast<std::size_t>(size));
    return bytes;
}

Bytes spki_of(const X509* certificate)
{
    return der_of(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY);
}

std::time_t seconds(ledger::TimeMs time)
{
    return static_cast<std::time_t>(time.value / 1000);
}

bool is_p256(const EVP_PKEY* key)
{
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
    char group[64] = {};
    std::size_t size = 0;
    return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
           OBJ_txt2nid(group) == NID_X9_62_prime256v1;
}

/// The one extension we know; others may be there unless they are critical.
ledger::Result<ByteView, Fault> find_signed_key(const X509* certificate)
{
    const ASN1_OCTET_STRING* found = nullptr;
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        auto* extension = X509_get_ext(certificate, i);
        if (OBJ_cmp(X509_EXTENSION_get_object(extension), signed_key_id()) == 0) {
            if (found != nullptr) return Fault::extension_repeated;
            found = X509_EXTENSION_get_data(extension);
        } else if (X509_EXTENSION_get_critical(extension) != 0) {
            return Fault::unknown_critical_extension;
        }
    }
    if (found == nullptr) return Fault::extension_missing;
    return ByteView{ASN1_STRING_get0_data(found),
                    static_cast<std::size_t>(ASN1_STRING_length(found))};
}

ledger::Result<void, Fault> check_times(const X509* certificate, ledger::TimeMs now)
{
    auto time = seconds(now);
    const int after_start = X509_cmp_time(X509_get0_notBefore(certificate), &time);
    const int before_end = X509_cmp_time(X509_get0_notAfter(certificate), &time);
    if (after_start == 0 || before_end == 0) return Fault::malformed;
    if (after_start > 0) return Fault::not_yet_valid;
    if (before_end < 0) return Fault::expired;
    return {};
}

Certificate parse(ByteView der)
{
    const auto* at = der.data();
    Certificate parsed{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
    if (parsed && at != der.data() + der.size()) parsed.reset();
    return parsed;
}

}  // namespace

PeerCertificate make_peer_certificate(const ledger::SecretKey& peer_key, ledger::TimeMs now)
{
    const Key key{EVP_EC_gen("P-256")};
    const Certificate made{X509_new()};
    ensure(key && made, "OpenSSL makes a key and a certificate");
    auto* certificate = made.get();

    std::uint8_t serial[8];
    ensure(RAND_bytes(serial, sizeof serial) == 1, "there is randomness for a serial number");
    std::uint64_t number = 0;
    std::memcpy(&number, serial, sizeof number);
    constexpr auto second = [](std::chrono::seconds from) { return from.count(); };
    auto time = seconds(now);
    bool good = X509_set_version(certificate, X509_VERSION_3) == 1;
    good &= ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) == 1;
    good &= X509_time_adj_ex(X509_getm_notBefore(certificate), 0,
                             -second(CertificateLimits::valid_before), &time) != nullptr;
    good &= X509_time_adj_ex(X509_getm_notAfter(certificate), 0,
                             second(CertificateLimits::valid_after), &time) != nullptr;
    const Name name{X509_NAME_new()};
    const std::uint8_t common_name[] = "millrace peer";
    good &= X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, common_name,
                                       sizeof common_name - 1, -1, 0) == 1;
    good &= X509_set_subject_name(certificate, name.get()) == 1;
    good &= X509_set_issuer_name(certificate, name.get()) == 1;
    good &= X509_set_pubkey(certificate, key.get()) == 1;
    ensure(good, "OpenSSL fills a certificate");

    const auto signed_key = make_signed_key(peer_key, spki_of(certificate));
    const Octets value{ASN1_OCTET_STRING_new()};
    good = ASN1_OCTET_STRING_set(value.get(), signed_key.data(),
                                 static_cast<int>(signed_key.size())) == 1;
    const Extension extension{
        X509_EXTENSION_create_by_OBJ(nullptr, signed_key_id(), 0, value.get())};
    good &= X509_add_ext(certificate, extension.get(), -1) == 1;
    good &= X509_sign(certificate, key.get(), EVP_sha256()) > 0;
    ensure(good, "OpenSSL signs a certificate");

    auto secret = der_of(key.get(), i2d_PrivateKey);
    PeerCertificate result{der_of(certificate, i2d_X509), ledger::SecretBytes::copy_of(secret)};
    ledger::wipe(secret);
    return result;
}

ledger::Result<ledger::PublicKey, CertificateFault> check_peer_certificate(ByteView der,
                                                                           ledger::TimeMs now)
{
    if (der.size() > CertificateLimits::bytes) return Fault::too_large;
    const auto parsed = parse(der);
    const auto* certificate = parsed.get();
    if (certificate == nullptr || X509_get_version(certificate) != X509_VERSION_3)
        return Fault::malformed;
    const ASN1_BIT_STRING *issuer_id = nullptr, *subject_id = nullptr;
    X509_get0_uids(certificate, &issuer_id, &subject_id);
    if (issuer_id != nullptr || subject_id != nullptr) return Fault::unique_ids;
    if (const auto good = check_times(certificate, now); !good) return good.error();
    const auto signed_key = find_signed_key(certificate);
    if (!signed_key) return signed_key.error();

    // Signatures last: they cost most.
    auto* key = X509_get0_pubkey(certificate);
    if (!is_p256(key)) return Fault::certificate_key_not_p256;
    const auto peer = check_signed_key(*signed_key, spki_of(certificate));
    if (!peer) return peer;
    if (X509_get_signature_nid(certificate) != NID_ecdsa_with_SHA256 ||
        X509_verify(parsed.get(), key) != 1)
        return Fault::bad_self_signature;
    return peer;
}

}  // namespace node
