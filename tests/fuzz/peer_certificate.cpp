// What a peer shows as its certificate: any bytes are judged, twice alike.
#include "node/transport/peer_certificate.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView bytes{data, size};
    const ledger::TimeMs now{1'790'000'000'000};
    const auto peer = node::check_peer_certificate(bytes, now);
    ledger::ensure(peer == node::check_peer_certificate(bytes, now), "a verdict is a function");
    if (peer)
        ledger::ensure(ledger::parse_public_key(peer->view()).has_value(), "a key is a point");
    const auto signer = node::check_signed_key(bytes, ledger::as_bytes("spki"));
    ledger::ensure(!signer || bytes.size() > 100, "a signature has its length");
    return 0;
}
