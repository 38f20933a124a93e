#pragma once

#include "node/serving/inference_routes.hpp"

#include <memory>

namespace node {

/// What a call of this model is paid for: the named version, the alias's targets that are loaded
/// here, the one whose turn it is first, or else the newest version; behind them versions that
/// are leaving, or that the alias has left, which the caller may have been offered. `unavailable`
/// when the ledger knows no price for it.
ledger::Result<PaidResource> paid_resource(const ServingParts&, const ServedModel&,
                                           const ServedVersion* version, std::string path);

/// Runs a served model for a payer. Lives for one request.
class PaidModel final : public PaidRunner {
public:
    /// `resource`: what the call is paid for, of this model and version.
    PaidModel(const ServingParts& parts, const ServedModel& model, const ServedVersion* version,
              const PaidResource& resource);

    std::size_t body_limit() const override { return limits_.protocol.body_bytes; }
    std::optional<HttpError> admit(Exchange&, const ledger::Address& payer) override;
    std::optional<Response> unfit(Exchange&, const ledger::Bytes& body) override;
    asio::awaitable<RunResult> run(Exchange&, Run order, const ledger::Bytes& body,
                                   Clock::Steady deadline) override;

private:
    const ServingParts& parts_;
    const ServingLimits limits_;
    const ServedModel& model_;
    const ServedVersion* version_;
    /// What a call that names no version may run: what was offered, however the alias turns
    /// meanwhile. Only that has a price here.
    std::vector<market::Version> offered_;
    CallerLimits::Permit permit_;
};

}  // namespace node
