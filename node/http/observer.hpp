#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace node {

/// What became of the payment that a call was asked for, or came with.
enum class PaymentOutcome {
    none,     ///< nothing was to be paid
    asked,    ///< there was no payment: the answer says what the call costs
    paid,     ///< answered for a payment, a repeated call and a refund included
    refused,  ///< the payment was no good
    pending,  ///< the ledger had not settled it in time; nothing ran
    failed,   ///< the payment was good and the call failed: nothing was charged
    pass,     ///< answered for a pass that was paid for before
    granted,  ///< answered for nothing, within what the host gives away
};
std::string_view to_text(PaymentOutcome outcome);

/// One answered request, for logs and metrics. The views live during the call. No path, query or
/// header values: those carry vouchers and secrets.
struct AccessRecord {
    std::uint64_t id;
    std::string_view peer;    ///< address without the port
    std::string_view method;  ///< as sent; "-" when the head was refused
    std::string_view route;   ///< the pattern that matched, or "none"
    std::string_view model;   ///< name under which it is served here; empty: no such
    PaymentOutcome payment = PaymentOutcome::none;
    unsigned status;  ///< 499: the caller hung up before the answer
    std::uint64_t body_bytes_in;
    std::uint64_t bytes_out;         ///< head and body, as handed to the network
    std::chrono::microseconds time;  ///< from the whole head to the last byte of the answer
};

/// Told what the server does. Calls come from the io threads, many at a time.
class RequestObserver {
public:
    virtual ~RequestObserver() = default;
    virtual void answered(const AccessRecord& record) = 0;
    virtual void connection_opened() {}
    virtual void connection_closed() {}
    /// Over a connection limit.
    virtual void connection_refused() {}
    /// A handler threw or did not answer: a bug of ours. `what` says which.
    virtual void handler_failed(std::string_view route, std::string_view what)
    {
        static_cast<void>(route);
        static_cast<void>(what);
    }
};

}  // namespace node
