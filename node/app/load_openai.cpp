#include "node/app/load_openai.hpp"

#include "ledger/codec/json.hpp"
#include "node/app/load_models.hpp"
#include "node/app/load_remote.hpp"

#include <spdlog/spdlog.h>

namespace node {
namespace {

using namespace ledger;

Result<OpenAiModel> open_model(const std::filesystem::path& home, const ModelConfig& config,
                               const market::View& view)
{
    OpenAiModel model;
    model.name = config.name;
    model.remote = config.backend.model.empty() ? config.name : config.backend.model;
    auto id = model_of(config);
    if (!id) return id.error();
    model.model = *id;
    if (!config.files.empty()) {
        const auto number = codec::parse_decimal(config.files.front());
        if (config.files.size() != 1 || !number || *number == 0 || *number > 0xffffffff)
            return invalid("model " + config.name + ": files is the one version that is served");
        model.ver = {static_cast<std::uint32_t>(*number)};
    }
    model.tiers = tiers_of(config);
    const auto upstream = open_upstream(home, config.backend);
    if (!upstream) return invalid("model " + config.name + ": " + upstream.error().detail);
    inference::BackendOptions watch;
    watch.ready_path = "/models";
    watch.only_200_is_ready = false;  // not every such server has it
    watch.probe_every = std::chrono::milliseconds{config.backend.probe_ms};
    model.backend = std::make_shared<inference::Backend>(*upstream, std::move(watch));
    model.threads = std::make_shared<CallThreads>(config.backend.connections, config.queue);
    if (model.model && !view.find<market::VersionRecord>({*model.model, model.ver}))
        spdlog::warn("model {} version {} is not on the ledger yet: calls get 503 until it is",
                     config.name, model.ver.value);
    return model;
}

}  // namespace

Result<void> load_openai(const std::filesystem::path& home, const HostConfig& host,
                         const BlockStore& store, OpenAiModels& models)
{
    const auto snapshot = store.snapshot();
    if (!snapshot) return snapshot.error();
    const market::View view{**snapshot};
    for (const auto& config : host.models) {
        if (config.backend.kind != "openai") continue;
        auto model = open_model(home, config, view);
        if (!model) return model.error();
        spdlog::warn("serving {} version {} as another server runs it: its content is unverified",
                     config.name, model->ver.value);
        if (!models.add(std::move(*model)))
            return invalid("model " + config.name + ": the name stands twice");
    }
    return {};
}

}  // namespace node
