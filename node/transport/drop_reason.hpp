#pragma once

#include "node/peers/peer_manager.hpp"
#include "node/transport/frame.hpp"
#include "node/transport/handshake_gate.hpp"
#include "node/transport/hello.hpp"
#include "node/transport/signed_key.hpp"

#include <cstddef>
#include <string_view>

namespace node {

/// Why a connection ended or never came to be; each is counted, and told to the peer where it
/// has shown who it is.
enum class DropReason {
    stopped,          ///< we shut down
    closed_by_peer,   ///< an orderly end, or a broken network
    refused_by_peer,  ///< its goodbye or its TLS alert came first
    replaced,         ///< another connection to the same peer stays
    duplicate,        ///< the same, seen from the new one
    feeler_done,      ///< it answered, which is all we wanted to know
    evicted,          ///< made room for another
    score,            ///< its score fell too far, or it was banned meanwhile
    banned,
    backing_off,
    no_slot,
    too_many_pending,     ///< handshakes
    too_many_handshakes,  ///< a second, of one /24 or /48
    connect_failed,
    handshake_timeout,  ///< TLS and Hello together
    tls_not_tls,        ///< HTTP, garbage
    tls_version,        ///< older than 1.3
    tls_protocol,       ///< another ALPN protocol, or none
    tls_parameters,     ///< no common group, cipher or signature algorithm
    tls_failed,
    frame_unknown_kind,
    frame_unexpected_kind,
    frame_empty,
    frame_too_large,
    frame_too_slow,
    message_malformed,  ///< control or addresses
    message_unasked,    ///< a second Hello, an answer to no question
    ping_timeout,
    reads_too_slowly,
    write_overflow,
    flood,           ///< overdrew its allowance twice over
    inbound_memory,  ///< no memory for its frame came free in time
    hello_malformed,
    hello_other_version,
    hello_other_chain,
    hello_other_genesis,
    hello_self_connection,
    hello_same_key,
    certificate,  ///< the first of CertificateFault
    count = certificate + static_cast<int>(CertificateFault::count)
};

inline constexpr std::size_t drop_reasons = static_cast<std::size_t>(DropReason::count);

/// As metrics and logs show it, such as "certificate_expired"; static.
std::string_view name_of(DropReason);

DropReason reason_of(CertificateFault);
DropReason reason_of(FrameFault);
DropReason reason_of(HelloFault);
/// Not for `taken` and `open`.
DropReason reason_of(Admission);
DropReason reason_of(HandshakeGate::Verdict);

}  // namespace node
