#include "tests/support/forged_certificate.hpp"

#include "ledger/base/ensure.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace node {
namespace {

using ledger::Bytes;

template <class T, class Encode>
Bytes der_of(T* object, Encode encode)
{
    std::uint8_t* out = nullptr;
    const int size = encode(object, &out);
    ledger::ensure(size > 0, "OpenSSL encodes what it holds");
    Bytes bytes{out, out + size};
    OPENSSL_free(out);
    return bytes;
}

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Key make_key(const std::string& curve)
{
    return {EVP_EC_gen(curve.c_str()), EVP_PKEY_free};
}

void add_extension(X509* certificate, const char* id, bool critical, const Bytes& value)
{
    auto* octets = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(octets, value.data(), static_cast<int>(value.size()));
    auto* object = OBJ_txt2obj(id, 1);
    auto* extension = X509_EXTENSION_create_by_OBJ(nullptr, object, critical ? 1 : 0, octets);
    ledger::ensure(X509_add_ext(certificate, extension, -1) == 1, "an extension is added");
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(octets);
}

}  // namespace

PeerCertificate forge_certificate(const ledger::SecretKey& peer_key, ledger::TimeMs now,
                                  const Forgery& forgery)
{
    const auto key = make_key(forgery.curve), other = make_key(forgery.curve);
    auto* certificate = X509_new();
    auto time = static_cast<time_t>(now.value / 1000);
    X509_set_version(certificate, forgery.version_1 ? X509_VERSION_1 : X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_time_adj_ex(X509_getm_notBefore(certificate), 0, forgery.not_before.count(), &time);
    X509_time_adj_ex(X509_getm_notAfter(certificate), 0, forgery.not_after.count(), &time);
    X509_set_pubkey(certificate, (forgery.signed_for_another_key ? other : key).get());
    auto spki = der_of(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY);
    X509_set_pubkey(certificate, key.get());
    auto signed_key = make_signed_key(peer_key, spki);
    if (forgery.change_signed_key) forgery.change_signed_key(signed_key);
    for (unsigned i = 0; i < forgery.signed_key_extensions; ++i)
        add_extension(certificate, "1.3.6.1.4.1.53594.1.1", forgery.critical, signed_key);
    if (forgery.unknown_extension)
        add_extension(certificate, "1.3.6.1.4.1.53594.9.9", forgery.unknown_is_critical, {5, 0});
    if (forgery.padding != 0)
        add_extension(certificate, "1.3.6.1.4.1.53594.9.8", false, Bytes(forgery.padding, 1));
    ledger::ensure(X509_sign(certificate, (forgery.wrong_self_signature ? other : key).get(),
                             EVP_sha256()) > 0,
                   "a certificate is signed");
    PeerCertificate made{der_of(certificate, i2d_X509),
                         ledger::SecretBytes::copy_of(der_of(key.get(), i2d_PrivateKey))};
    X509_free(certificate);
    return made;
}

}  // namespace node
