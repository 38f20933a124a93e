#pragma once

#include "market/lease_queries.hpp"
#include "wallet/cli/rental/party.hpp"

namespace wallet::cli {

/// What a verifier does for one lease: it asks for what it needs, executes its segments again, the
/// lowest first, and says what it got; as a juror likewise. One thread.
class LeaseVerifier {
public:
    LeaseVerifier(const Party& party, const WorkOptions& work, const market::LeaseId& id);

    /// Does what is due of these duties; how many were done.
    std::size_t tick(const std::vector<market::Duty>& duties);

private:
    using Time = std::uint64_t;  ///< milliseconds since 1970

    bool report(std::uint64_t segment);
    bool sit(std::uint64_t segment);
    /// What a segment gives; zero once its input cannot be had in time; empty: not yet.
    std::optional<ledger::Hash> result_of(std::uint64_t segment, Time end_ms);
    std::optional<ledger::Hash> execute(std::uint64_t segment, Time end_ms);
    std::optional<std::filesystem::path> state_before(std::uint64_t segment);
    void ask_for(std::uint64_t segment);

    const Party& party_;
    const WorkOptions& work_;
    market::LeaseId id_;
    market::Lease lease_;
    market::GpuOrder order_;
    std::filesystem::path folder_;
    rental::Meeting meeting_;
    std::optional<rental::OpenJob> job_;
    std::set<std::uint64_t> asked_;
    std::map<std::uint64_t, ledger::Hash> results_;
    /// A verifier that says nothing pays for that, whoever's fault it is.
    Attempts attempt_;
};

}  // namespace wallet::cli
