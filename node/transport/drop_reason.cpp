#include "node/transport/drop_reason.hpp"

#include <array>
#include <string>

namespace node {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(DropReason::certificate)> names = {
    "stopped",
    "closed_by_peer",
    "refused_by_peer",
    "replaced",
    "duplicate",
    "feeler_done",
    "evicted",
    "score",
    "banned",
    "backing_off",
    "no_slot",
    "too_many_pending",
    "too_many_handshakes",
    "connect_failed",
    "handshake_timeout",
    "tls_not_tls",
    "tls_version",
    "tls_protocol",
    "tls_parameters",
    "tls_failed",
    "frame_unknown_kind",
    "frame_unexpected_kind",
    "frame_empty",
    "frame_too_large",
    "frame_too_slow",
    "message_malformed",
    "message_unasked",
    "ping_timeout",
    "reads_too_slowly",
    "write_overflow",
    "flood",
    "inbound_memory",
    "hello_malformed",
    "hello_other_version",
    "hello_other_chain",
    "hello_other_genesis",
    "hello_self_connection",
    "hello_same_key",
};

DropReason after(DropReason first, int index)
{
    return static_cast<DropReason>(static_cast<int>(first) + index);
}

}  // namespace

std::string_view name_of(DropReason reason)
{
    static const auto of_certificates = [] {
        std::array<std::string, static_cast<std::size_t>(CertificateFault::count)> made;
        for (std::size_t i = 0; i < made.size(); ++i)
            made[i] = "certificate_" + std::string{name_of(static_cast<CertificateFault>(i))};
        return made;
    }();
    const auto index = static_cast<std::size_t>(reason);
    if (index < names.size()) return names[index];
    if (index < drop_reasons) return of_certificates[index - names.size()];
    return "?";
}

DropReason reason_of(CertificateFault fault)
{
    return after(DropReason::certificate, static_cast<int>(fault));
}

DropReason reason_of(FrameFault fault)
{
    return after(DropReason::frame_unknown_kind, static_cast<int>(fault));
}

DropReason reason_of(HelloFault fault)
{
    return after(DropReason::hello_malformed, static_cast<int>(fault));
}

DropReason reason_of(Admission admission)
{
    switch (admission) {
        case Admission::banned:
            return DropReason::banned;
        case Admission::backing_off:
            return DropReason::backing_off;
        default:
            return DropReason::no_slot;
    }
}

DropReason reason_of(HandshakeGate::Verdict verdict)
{
    return verdict == HandshakeGate::Verdict::too_fast ? DropReason::too_many_handshakes
                                                       : DropReason::too_many_pending;
}

}  // namespace node
