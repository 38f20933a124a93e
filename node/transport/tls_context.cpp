#include "node/transport/tls_context.hpp"

#include "ledger/base/ensure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <string_view>

namespace node {
namespace {

using ledger::ByteView;
using ledger::ensure;

constexpr std::string_view protocol = "millrace/1";
/// In the form of RFC 7301: each name behind its length.
constexpr std::string_view protocol_list = "\x0amillrace/1";

int judgement_slot()
{
    static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
}

ledger::Result<ledger::PublicKey, CertificateFault> judge(X509_STORE_CTX* chain, const Clock& clock)
{
    const auto* shown = X509_STORE_CTX_get0_untrusted(chain);
    auto* certificate = X509_STORE_CTX_get0_cert(chain);
    if (shown == nullptr || certificate == nullptr) return CertificateFault::missing;
    if (sk_X509_num(shown) != 1) return CertificateFault::more_than_one;
    std::uint8_t* out = nullptr;
    const int size = i2d_X509(certificate, &out);
    if (size <= 0) return CertificateFault::malformed;
    const auto peer = check_peer_certificate({out, static_cast<std::size_t>(size)}, clock.wall());
    OPENSSL_free(out);
    return peer;
}

/// Takes the place of OpenSSL's chain building, which has nothing to build on here.
int verify(X509_STORE_CTX* chain, void* clock)
{
    auto* stream =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* judgement = static_cast<TlsJudgement*>(SSL_get_ex_data(stream, judgement_slot()));
    if (judgement == nullptr) return 0;
    const auto peer = judge(chain, *static_cast<const Clock*>(clock));
    if (!peer)
        judgement->fault = peer.error();
    else if (judgement->expected && *judgement->expected != *peer)
        judgement->fault = CertificateFault::unexpected_peer;
    else
        judgement->peer = *peer;
    const bool good = judgement->peer.has_value() && !judgement->fault;
    X509_STORE_CTX_set_error(chain, good ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return good ? 1 : 0;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*)
{
    unsigned char* found = nullptr;
    const auto ours = ledger::as_bytes(protocol_list);
    if (SSL_select_next_proto(&found, chosen_size, ours.data(), static_cast<unsigned>(ours.size()),
                              offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

void set_rules(SSL_CTX* context, const Clock& clock)
{
    bool good = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1;
    good &= SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
    good &= SSL_CTX_set_ciphersuites(context,
                                     "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:"
                                     "TLS_AES_256_GCM_SHA384") == 1;
    good &= SSL_CTX_set1_groups_list(context, "X25519") == 1;
    good &= SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256") == 1;
    good &= SSL_CTX_set1_client_sigalgs_list(context, "ECDSA+SHA256") == 1;
    SSL_CTX_set_options(context,
                        SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    good &= SSL_CTX_set_num_tickets(context, 0) == 1;
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    good &= SSL_CTX_set_max_early_data(context, 0) == 1;
    good &= SSL_CTX_set_recv_max_early_data(context, 0) == 1;
    SSL_CTX_set_max_cert_list(context, 2 * CertificateLimits::bytes);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // OpenSSL hands the argument back as it got it; we only read through it.
    SSL_CTX_set_cert_verify_callback(context, verify, const_cast<Clock*>(&clock));
    const auto ours = ledger::as_bytes(protocol_list);
    good &= SSL_CTX_set_alpn_protos(context, ours.data(), static_cast<unsigned>(ours.size())) == 0;
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    ensure(good, "OpenSSL knows what TLS 1.3 needs");
}

void use(SSL_CTX* context, const PeerCertificate& certificate)
{
    const auto der = ByteView{certificate.certificate};
    const auto key = certificate.private_key.view();
    ensure(SSL_CTX_use_certificate_ASN1(context, static_cast<int>(der.size()), der.data()) == 1 &&
               SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, context, key.data(),
                                           static_cast<long>(key.size())) == 1,
           "our own certificate fits its key");
}

}  // namespace

TlsContext::TlsContext(const ledger::SecretKey& peer_key, const Clock& clock)
    : TlsContext{make_peer_certificate(peer_key, clock.wall()), clock}
{
}

TlsContext::TlsContext(const PeerCertificate& certificate, const Clock& clock)
    : context_{boost::asio::ssl::context::tls}
{
    set_rules(context_.native_handle(), clock);
    use(context_.native_handle(), certificate);
    const auto life = std::chrono::milliseconds{CertificateLimits::valid_after} / 4;
    renew_at_ = {clock.wall().value + static_cast<std::uint64_t>(life.count())};
}

void TlsContext::watch(SSL* stream, TlsJudgement& judgement)
{
    ensure(SSL_set_ex_data(stream, judgement_slot(), &judgement) == 1, "a stream takes a pointer");
}

bool TlsContext::speaks_our_protocol(SSL* stream)
{
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream, &chosen, &size);
    return ledger::as_text({chosen, size}) == protocol;
}

DropReason TlsContext::why(const boost::system::error_code& error, const TlsJudgement& judgement)
{
    if (judgement.fault) return reason_of(*judgement.fault);
    if (error.category() != boost::asio::error::get_ssl_category())
        return DropReason::closed_by_peer;
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    switch (reason) {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return reason_of(CertificateFault::missing);
        case SSL_R_EXCESSIVE_MESSAGE_SIZE:
            return reason_of(CertificateFault::too_large);
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return DropReason::tls_version;
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_BAD_RECORD_TYPE:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_RECORD_LENGTH_MISMATCH:
            return DropReason::tls_not_tls;
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return DropReason::tls_protocol;
        case SSL_R_NO_SHARED_GROUPS:
        case SSL_R_NO_SUITABLE_GROUPS:
        case SSL_R_NO_SUITABLE_KEY_SHARE:
        case SSL_R_NO_SHARED_CIPHER:
        case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
        case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
            return DropReason::tls_parameters;
        default:
            break;
    }
    return reason > SSL_AD_REASON_OFFSET ? DropReason::refused_by_peer : DropReason::tls_failed;
}

}  // namespace node
