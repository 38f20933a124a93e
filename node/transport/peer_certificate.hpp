#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"
#include "node/transport/signed_key.hpp"

#include <chrono>
#include <cstddef>

/// Certificates of peers after libp2p/specs tls/tls.md: a throw-away ECDSA P-256 key, signed by
/// itself, with the peer's secp256k1 key in an extension. OpenSSL's X.509 stays in the source.
namespace node {

struct CertificateLimits {
    static constexpr std::size_t bytes = 4 * 1024;
    /// Of our own; strangers choose theirs.
    static constexpr std::chrono::hours valid_before{24};
    static constexpr std::chrono::hours valid_after{30 * 24};
};

struct PeerCertificate {
    ledger::Bytes certificate;        ///< DER
    ledger::SecretBytes private_key;  ///< DER of the throw-away key, SEC 1
};

/// A new key and certificate, valid from a day before `now` to 30 days after it.
PeerCertificate make_peer_certificate(const ledger::SecretKey& peer_key, ledger::TimeMs now);

/// Whose certificate it is, when all rules of the specification hold at `now`: exactly these
/// bytes are one certificate, no critical extension but ours, the validity period, the
/// self-signature, the peer's signature. Proof of the throw-away key itself is TLS's part.
ledger::Result<ledger::PublicKey, CertificateFault> check_peer_certificate(
    ledger::ByteView certificate, ledger::TimeMs now);

}  // namespace node
