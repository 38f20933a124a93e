// Bodies that strangers post to /verify and /settle.
#include "node/facilitator/facilitator_request.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto request =
        node::decode_facilitator_request(ledger::as_text(ledger::ByteView{data, size}));
    if (!request) {
        ledger::ensure(request.error().status == 400 || request.error().status == 402,
                       "refused as the caller's fault");
        ledger::ensure(!request.error().reason.empty(), "with a reason");
        return 0;
    }
    ledger::ensure(size <= node::FacilitatorLimits::body_bytes, "bounded");
    if (const auto* claim = std::get_if<node::ClaimAction>(&request->payment))
        ledger::ensure(claim->rows.size() <= node::FacilitatorLimits::claims, "few claims");
    return 0;
}
