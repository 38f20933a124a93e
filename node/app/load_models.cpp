#include "node/app/load_models.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/state/state.hpp"
#include "node/app/load_remote.hpp"
#include "node/app/loaded_version.hpp"
#include "node/app/model_files.hpp"
#include "node/app/pool_settings.hpp"
#include "node/env/files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

constexpr std::size_t model_bytes = std::size_t{2} << 30;

Error wrong(const ModelConfig& model, const std::string& what)
{
    return {ErrorKind::invalid, "model " + model.name + ": " + what};
}

Result<std::shared_ptr<const ServedVersion>> load_version(const ModelConfig& config,
                                                          const VersionFile& version,
                                                          const ServedModel* present,
                                                          inference::Engine& engine,
                                                          const inference::LoadOptions& options)
{
    const auto bytes = read_file(version.path, model_bytes);
    if (!bytes)
        return wrong(config, "cannot read " + version.path.string() + ": " + bytes.error().detail);
    auto origin = to_hex0x(sha256(*bytes).view()) + loading_settings(config);
    if (auto same = loaded_before(present, version.ver, origin)) return same;
    auto pool = inference::ModelPool::open(engine, *bytes, pool_options(config), options);
    if (!pool)
        return Error{pool.error().kind, "model " + config.name + ": " + version.path.string() +
                                            ": " + pool.error().detail};
    auto served = std::make_shared<ServedVersion>();
    served->ver = version.ver;
    served->content_id = retag<market::ContentId>((*pool)->summary().content_id);
    served->labels = config.labels;
    served->origin = std::move(origin);
    served->pool = std::move(*pool);
    spdlog::info("loaded {} version {}: {}", config.name, version.ver.value,
                 description(served->pool->stats().loading, config));
    return std::shared_ptr<const ServedVersion>{std::move(served)};
}

Result<void> check_registered(const ModelConfig& config, const market::ModelId& model,
                              const ServedVersion& served, const market::View& view)
{
    const auto record = view.find<market::VersionRecord>({model, served.ver});
    if (!record) {
        spdlog::warn("model {} version {} is not on the ledger yet: calls get 503 until it is",
                     config.name, served.ver.value);
        return {};
    }
    if (record->version.content_id != served.content_id)
        return wrong(config, "the file of version " + std::to_string(served.ver.value) +
                                 " is not what the ledger has registered");
    return {};
}

/// How calls are spread; every version named for that must be there.
Result<void> set_choice(ServedModel& model, const ModelConfig& config)
{
    const auto missing = [&](std::uint32_t ver) {
        return !model.versions.contains(market::Version{ver});
    };
    for (const auto& part : config.canary) {
        if (missing(part.version))
            return wrong(config,
                         "canary version " + std::to_string(part.version) + " is not served");
        model.canary.push_back({market::Version{part.version}, part.weight});
    }
    model.cache = config.cache;
    if (config.shadow.version == 0) return {};
    if (missing(config.shadow.version))
        return wrong(config,
                     "shadow version " + std::to_string(config.shadow.version) + " is not served");
    model.shadow = {market::Version{config.shadow.version}, config.shadow.percent,
                    static_cast<double>(config.shadow.tolerance_millionths) / 1e6};
    return {};
}

}  // namespace

Result<std::optional<market::ModelId>> model_of(const ModelConfig& config)
{
    using Maybe = std::optional<market::ModelId>;
    if (config.model.empty()) return Maybe{};
    if (const auto slash = config.model.find('/'); slash != std::string::npos) {
        const auto owner = parse_address(config.model.substr(0, slash));
        if (!owner) return wrong(config, "the owner before the slash is not an address");
        return Maybe{market::model_id(*owner, config.model.substr(slash + 1))};
    }
    const auto id = id_from_hex<market::ModelId>(config.model);
    if (!id) return wrong(config, "model is 0x and 64 hex digits, or OWNER/NAME");
    return Maybe{*id};
}

Tiers tiers_of(const ModelConfig& config)
{
    Tiers tiers;
    tiers.free = {config.free.calls, std::chrono::seconds{config.free.period_s}};
    tiers.subscription = {config.subscription.calls,
                          std::chrono::seconds{config.subscription.period_s},
                          config.subscription.price};
    return tiers;
}

inference::ModelLimits model_limits(const HostConfig& host)
{
    inference::ModelLimits limits;
    limits.operators = {host.operators.begin(), host.operators.end()};
    return limits;
}

ModelSource::ModelSource(fs::path home, const BlockStore& store, OpenEngine open_engine,
                         std::shared_ptr<inference::ModelMemory> memory,
                         inference::ModelLimits limits)
    : home_{std::move(home)},
      store_{store},
      open_engine_{std::move(open_engine)},
      memory_{std::move(memory)},
      limits_{std::move(limits)}
{
}

Result<inference::Engine*> ModelSource::engine() const
{
    const std::lock_guard lock{opening_};
    if (!engine_) {
        auto opened = open_engine_();
        if (!opened)
            return Error{opened.error().kind, "inference engine: " + opened.error().detail};
        engine_ = std::move(*opened);
    }
    return engine_.get();
}

WantedModel ModelSource::wanted(const ModelConfig& config) const
{
    return {config.name,
            [this, config](const ServedModel* present) { return load(config, present); },
            std::chrono::seconds{config.idle_s}};
}

std::vector<WantedModel> ModelSource::wanted(const HostConfig& host) const
{
    std::vector<WantedModel> all;
    for (const auto& model : host.models)
        if (model.backend.kind != "openai") all.push_back(wanted(model));  // see load_openai.hpp
    return all;
}

Result<Versions> ModelSource::load_files(const ModelConfig& config, const ServedModel* present,
                                         const std::optional<market::ModelId>& model,
                                         const market::View& view) const
{
    auto engine = this->engine();
    if (!engine) return engine.error();
    const auto files = version_files(home_, config);
    if (!files) return files.error();
    auto options = load_options(config, memory_);
    options.limits = limits_;
    Versions versions;
    for (const auto& file : *files) {
        auto served = load_version(config, file, present, **engine, options);
        if (!served) return served.error();
        if (model)
            if (const auto good = check_registered(config, *model, **served, view); !good)
                return good.error();
        versions.emplace(file.ver, std::move(*served));
    }
    return versions;
}

Result<ServedModel> ModelSource::load(const ModelConfig& config, const ServedModel* present) const
{
    const auto snapshot = store_.snapshot();
    if (!snapshot) return snapshot.error();
    const market::View view{**snapshot};
    if (config.backend.kind == "openai")
        return wrong(config, "a model of OpenAI's calls is there from start to end of the node");
    auto id = model_of(config);
    if (!id) return id.error();
    ServedModel model{config.name, *id, config.alias};
    // A name that stood for another model: nothing of that is served under this one.
    if (present && present->model != model.model) present = nullptr;
    auto versions = config.backend.kind == "onnx"
                        ? load_files(config, present, model.model, view)
                        : load_remote(home_, config, present, model.model, view);
    if (!versions) return versions.error();
    model.versions = std::move(*versions);
    model.tiers = tiers_of(config);
    if (const auto good = set_choice(model, config); !good) return good.error();
    return model;
}

Result<ModelConfig> changed_model(const ModelConfig& present, std::string_view json)
{
    const auto parsed = codec::parse_json(json, {1 << 18, 8});
    if (!parsed) return invalid("'config': " + parsed.error().detail);
    auto changed = codec::from_json_over(present, *parsed);
    if (!changed) return invalid("'config': " + changed.error().detail);
    if (changed->name != present.name) return invalid("'config': the name cannot change");
    // Else whoever may load models could have any private file sent to any server.
    if (codec::to_json(changed->backend) != codec::to_json(present.backend))
        return invalid("'config': the backend is set in the configuration's file alone");
    for (const auto& text : changed->files) {
        const fs::path path = text.substr(text.find('=') + 1);
        const bool leaves =
            path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
        const bool is_new =
            std::find(present.files.begin(), present.files.end(), text) == present.files.end();
        if (leaves && is_new) return invalid("'config': files are named within the node's home");
    }
    Config whole;
    whole.host.models = {*changed};
    if (const auto good = check_config(whole); !good) return good.error();
    return changed;
}

std::vector<market::AliasTarget> alias_targets(const BlockStore& store,
                                               const market::ModelId& model,
                                               const std::string& alias)
{
    const auto snapshot = store.snapshot();
    if (!snapshot) return {};
    const market::View view{**snapshot};
    const auto found = view.find<market::Alias>({model, alias});
    if (!found) return {};
    auto targets = found->targets;
    std::stable_sort(targets.begin(), targets.end(),
                     [](const auto& a, const auto& b) { return a.weight > b.weight; });
    std::erase_if(targets, [&](const auto& target) {
        const auto record = view.find<market::VersionRecord>({model, target.ver});
        return !record || record->yanked_ms != 0;
    });
    return targets;
}

}  // namespace node
