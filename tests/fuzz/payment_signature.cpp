// PAYMENT-SIGNATURE of strangers: the input is tried as the header and as the JSON inside it.
#include "ledger/base/ensure.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/x402_wire.hpp"

namespace {

void check(std::string_view header)
{
    const auto payment = node::x402::decode_payment(header);
    if (payment) {
        ledger::ensure(header.size() <= node::x402::WireLimits::header_bytes, "bounded");
        ledger::ensure(!payment->payment_id || node::x402::valid_payment_id(*payment->payment_id),
                       "an identifier has its form");
        return;
    }
    ledger::ensure(payment.error().status == 400 || payment.error().status == 402,
                   "refused as the caller's fault");
    ledger::ensure(!payment.error().reason.empty(), "with a reason");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView bytes{data, size};
    check(ledger::as_text(bytes));
    check(node::to_base64(bytes));
    if (const auto read = node::from_base64(ledger::as_text(bytes)))
        ledger::ensure(node::to_base64(*read) == ledger::as_text(bytes), "one value, one spelling");
    return 0;
}
