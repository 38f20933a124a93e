#pragma once

#include "inference/engine.hpp"
#include "ledger/store/block_store.hpp"
#include "market/state/state.hpp"
#include "node/app/config.hpp"
#include "node/serving/model_keeper.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace node {

/// The ledger's id of a configured model; empty: it is not there and free.
ledger::Result<std::optional<market::ModelId>> model_of(const ModelConfig&);

/// What the configuration gives away and sells ahead.
Tiers tiers_of(const ModelConfig&);

/// What a model file may be, as far as the operator says so.
inference::ModelLimits model_limits(const HostConfig&);

/// Makes what a keeper loads of what the configuration says. Every file is read and checked; one
/// whose content is not what the ledger has registered for that version is refused: a receipt must
/// name what ran. A version made from the same bytes in the same way is taken over.
/// Any thread; the referred-to outlive it and every model made by it.
class ModelSource {
public:
    /// `open_engine` is called once, when the first model is loaded.
    using OpenEngine = std::function<ledger::Result<std::shared_ptr<inference::Engine>>()>;
    /// `memory` is what all models may hold together, old and new ones during a swap too.
    ModelSource(std::filesystem::path home, const ledger::BlockStore& store, OpenEngine open_engine,
                std::shared_ptr<inference::ModelMemory> memory, inference::ModelLimits limits = {});

    WantedModel wanted(const ModelConfig& config) const;
    std::vector<WantedModel> wanted(const HostConfig& host) const;

private:
    ledger::Result<ServedModel> load(const ModelConfig&, const ServedModel* present) const;
    ledger::Result<Versions> load_files(const ModelConfig&, const ServedModel* present,
                                        const std::optional<market::ModelId>&,
                                        const market::View&) const;
    ledger::Result<inference::Engine*> engine() const;

    const std::filesystem::path home_;
    const ledger::BlockStore& store_;
    const OpenEngine open_engine_;
    const std::shared_ptr<inference::ModelMemory> memory_;
    const inference::ModelLimits limits_;
    mutable std::mutex opening_;
    mutable std::shared_ptr<inference::Engine> engine_;
};

/// `present` (of this name) with what `json`, an object of members of a model, says otherwise.
/// Paths in it must be within the home; the name cannot change.
ledger::Result<ModelConfig> changed_model(const ModelConfig& present, std::string_view json);

/// Targets of an alias that are in service at the tip, the likeliest first.
std::vector<market::AliasTarget> alias_targets(const ledger::BlockStore&, const market::ModelId&,
                                               const std::string& alias);

}  // namespace node
