#pragma once

#include "node/serving/inference_routes.hpp"

namespace node {

/// What a call of this model is paid for: the named version, the alias's targets that are loaded
/// here, or else the newest version. `unavailable` when the ledger knows no price for it.
ledger::Result<PaidResource> paid_resource(const ServingParts&, const ServedModel&,
                                           const ServedVersion* version, std::string path);

/// Runs a served model for a payer. Lives for one request.
class PaidModel final : public PaidRunner {
public:
    PaidModel(const ServingParts& parts, const ServedModel& model, const ServedVersion* version)
        : parts_{parts}, model_{model}, version_{version}
    {
    }

    std::size_t body_limit() const override { return parts_.limits.protocol.body_bytes; }
    asio::awaitable<RunResult> run(Exchange&, std::optional<market::Version> only,
                                   const ledger::Bytes& body, Clock::Steady deadline) override;

private:
    const ServingParts& parts_;
    const ServedModel& model_;
    const ServedVersion* version_;
};

}  // namespace node
