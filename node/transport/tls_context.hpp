#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "node/env/clock.hpp"
#include "node/transport/drop_reason.hpp"
#include "node/transport/peer_certificate.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <optional>

namespace node {

/// What the two certificates of a handshake said; lives beside its stream.
struct TlsJudgement {
    std::optional<ledger::PublicKey> expected = {};  ///< whom we dialled
    std::optional<ledger::PublicKey> peer = {};      ///< who showed up
    std::optional<CertificateFault> fault = {};
};

/// TLS as peers speak it, both sides: version 1.3 only, X25519, ECDSA P-256 certificates of
/// `peer_certificate.hpp` from both, ALPN "millrace/1", no tickets, no resumption, no early
/// data, no server name. One thread.
class TlsContext {
public:
    /// Makes a throw-away certificate valid from the clock's present on. `clock` must outlive it.
    TlsContext(const ledger::SecretKey& peer_key, const Clock& clock);
    /// The same with a given certificate.
    TlsContext(const PeerCertificate& certificate, const Clock& clock);

    boost::asio::ssl::context& context() { return context_; }
    /// When to make another: long before the certificate ends.
    ledger::TimeMs renew_at() const { return renew_at_; }

    /// Before the handshake. `judgement` must outlive the stream.
    static void watch(SSL* stream, TlsJudgement& judgement);
    /// Both sides agreed on our protocol.
    static bool speaks_our_protocol(SSL* stream);
    /// Why a handshake, or reading right after it, failed.
    static DropReason why(const boost::system::error_code& error, const TlsJudgement& judgement);

private:
    boost::asio::ssl::context context_;
    ledger::TimeMs renew_at_;
};

}  // namespace node
