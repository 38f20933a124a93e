#include "node/app/load_models.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/state/state.hpp"
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

struct VersionFile {
    market::Version ver{1};
    fs::path path;
};

Result<VersionFile> version_file(const ModelConfig& config, const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos) return VersionFile{market::Version{1}, text};
    const auto number = codec::parse_decimal(text.substr(0, equals));
    if (!number || *number == 0 || *number > 0xffffffff)
        return wrong(config, "files are VERSION=PATH with a version from 1");
    return VersionFile{market::Version{static_cast<std::uint32_t>(*number)},
                       text.substr(equals + 1)};
}

Result<ServedVersion> load(const fs::path& home, const ModelConfig& config,
                           const VersionFile& version, inference::Engine& engine,
                           const std::shared_ptr<inference::ModelMemory>& memory)
{
    const auto path = version.path.is_absolute() ? version.path : home / version.path;
    const auto bytes = read_file(path, model_bytes);
    if (!bytes) return wrong(config, "cannot read " + path.string() + ": " + bytes.error().detail);
    auto pool = inference::ModelPool::open(engine, *bytes, pool_options(config),
                                           load_options(config, memory));
    if (!pool) return wrong(config, path.string() + ": " + pool.error().detail);
    ServedVersion served;
    served.ver = version.ver;
    served.content_id = retag<market::ContentId>((*pool)->summary().content_id);
    served.labels = config.labels;
    served.pool = std::move(*pool);
    return served;
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

}  // namespace

Result<void> load_models(const fs::path& home, const HostConfig& host, inference::Engine& engine,
                         const BlockStore& store, Catalog& catalog)
{
    const auto snapshot = store.snapshot();
    if (!snapshot) return snapshot.error();
    const market::View view{**snapshot};
    const auto memory = model_memory(host);
    for (const auto& config : host.models) {
        ServedModel model;
        model.name = config.name;
        model.alias = config.alias;
        auto id = model_of(config);
        if (!id) return id.error();
        model.model = *id;
        for (const auto& text : config.files) {
            const auto version = version_file(config, text);
            if (!version) return version.error();
            auto served = load(home, config, *version, engine, memory);
            if (!served) return served.error();
            if (model.model)
                if (const auto good = check_registered(config, *model.model, *served, view); !good)
                    return good;
            const auto ver = served->ver;
            const auto facts = description(served->pool->stats().loading, config);
            if (!model.versions.emplace(ver, std::move(*served)).second)
                return wrong(config, "version " + std::to_string(ver.value) + " stands twice");
            spdlog::info("serving {} version {}: {}", config.name, ver.value, facts);
        }
        if (!catalog.add(std::move(model))) return wrong(config, "the name stands twice");
    }
    return {};
}

std::vector<market::Version> alias_targets(const BlockStore& store, const market::ModelId& model,
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
    std::vector<market::Version> versions;
    for (const auto& target : targets) {
        const auto record = view.find<market::VersionRecord>({model, target.ver});
        if (record && record->yanked_ms == 0) versions.push_back(target.ver);
    }
    return versions;
}

}  // namespace node
