#pragma once

#include "node/app/load_models.hpp"
#include "node/app/reload.hpp"
#include "node/serving/inference_routes.hpp"

namespace node {

/// The models of a running node and everything about them that can change while it runs: by the
/// operator's routes, or by the configuration read again.
class ModelHost {
public:
    /// The referred-to must outlive this. `read_again` may be empty.
    ModelHost(const std::filesystem::path& home, Config in_force, const ledger::BlockStore& store,
              const Clock& clock, ledger::SecretBytes token, ReadConfig read_again);
    /// As stop().
    ~ModelHost();

    /// Loads what the configuration names; the error names the first model that failed.
    ledger::Result<void> open();
    /// For the operator, on any thread: reads the configuration again and takes over what can be;
    /// a wrong one changes nothing. The outcome is logged.
    void reload();
    /// Lets models run out and closes them; for the end, when no more calls come.
    void stop();

    /// Lends its parts to the routes.
    void join(ServingParts& parts);
    const Catalog& catalog() const { return catalog_; }
    const OperatorGate& gate() const { return gate_; }
    /// POST /v1/operator/reload
    void add_reload_route(Router& router);

private:
    ledger::Result<ReloadReport> reload_now();
    ledger::Result<WantedModel> changed(const std::string& name, std::string_view json);
    void remember(const HostConfig& host);
    void take_limits();
    ServingLimits limits() const;

    const ReadConfig read_again_;
    Config in_force_;  ///< of the thread of jobs, once that runs
    ModelSource source_;
    mutable std::mutex mutex_;
    ServingLimits limits_;
    std::map<std::string, ModelConfig> known_;  ///< what a load without `config` goes by
    Catalog catalog_;
    ResponseCache cache_;
    CallerLimits callers_;
    OperatorGate gate_;
    ModelKeeper keeper_;
    std::unique_ptr<JobThread> jobs_;
};

}  // namespace node
